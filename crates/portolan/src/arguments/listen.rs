//! What can be typed to list listeners.

use clap::{Args, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Filters (all must fit; of values with commas any; ! or not: turns one round; * is any text):
  8080  8000-8999  port:PORTS   transport:tcp          address:127.0.0.0/8
  scope:any|interface|loopback  interface:eth0         namespace:own|NAME
  program:nginx                 exe:/usr/sbin/*        pid:123
  user:www-data                 unit:nginx             container:web*
  pod:NAME                      package:nginx*         group:yes
  gap:permission|kernel|any

Examples:
  portolan listen
  portolan listen scope:any not:port:22
  sudo portolan listen user:www-data,nginx --columns port,address,program,started
  portolan listen transport:tcp --sort -queue --columns port,queue,drops,program
  portolan listen 8000-8999 --json
  portolan listen --csv --columns all > listeners.csv
  portolan listen --columns help
  portolan listen --follow scope:any --exec 'logger -t portolan opened'

Exit codes: 0 fine, 1 nothing fits, 2 malformed usage, 3 nothing fits and owners are hidden that a
filter speaks of.";

/// Which listeners, how to look, and how to show them.
#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// Only listeners that fit: a port, a range, or KEY:VALUE.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// The columns of the table or CSV, with commas; "all", or "help" to read what there is.
    #[arg(long, value_name = "COLUMNS", conflicts_with = "json")]
    pub(crate) columns: Option<String>,
    /// Sort by these columns, with commas; a hyphen before one turns its order round.
    #[arg(long, value_name = "COLUMNS", allow_hyphen_values = true)]
    pub(crate) sort: Option<String>,
    /// Print comma-separated values: a line for each listener and owner.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Leave out the line of column names.
    #[arg(long, conflicts_with = "json")]
    pub(crate) no_header: bool,
    /// Table: a line for each owner, and not for each listener.
    #[arg(long, conflicts_with = "json")]
    pub(crate) all_owners: bool,
    /// Tell each owner's working folder, start, parents and package too.
    #[arg(long, conflicts_with = "no_owners")]
    pub(crate) details: bool,
    /// Look for owners only where the sockets were made; some may lack, and the answer says so.
    #[arg(long, conflicts_with_all = ["no_owners", "way"])]
    pub(crate) fast: bool,
    /// Do not look for owners at all.
    #[arg(long, conflicts_with = "way")]
    pub(crate) no_owners: bool,
    /// How to look for owners.
    #[arg(
        long,
        value_name = "WAY",
        default_value = "auto",
        hide_default_value = true
    )]
    pub(crate) way: Way,
    /// Only the own network namespace; others are not entered.
    #[arg(long)]
    pub(crate) own_namespace: bool,
    /// Say on standard error how it was looked.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) follow: super::Follow,
}

/// How to look for owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Whichever costs least here.
    Auto,
    /// Through /proc alone.
    Scan,
    /// By a BPF iterator in the kernel alone.
    Iterator,
}
