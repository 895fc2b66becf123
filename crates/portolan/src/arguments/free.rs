//! What can be typed after `portolan free`.

use clap::Args;
use portolan_registry::Transport;

/// A port, and how hard to act for it.
#[derive(Debug, Args)]
pub(crate) struct Free {
    /// A port (8080, 8080/tcp), or one listener's address with it (127.0.0.1:8080, [::1]:53/udp).
    #[arg(value_name = "PORT")]
    pub(crate) port: String,
    /// Ask for the end: by the unit manager or the container's engine, else by SIGTERM. This is
    /// what happens without any of the three.
    #[arg(long, conflicts_with_all = ["kill", "close"])]
    pub(crate) stop: bool,
    /// The same, and SIGKILL for what is still there after the grace.
    #[arg(long, conflicts_with = "close")]
    pub(crate) kill: bool,
    /// Close the TCP socket alone; its program lives on. Linux, with CAP_NET_ADMIN.
    #[arg(long)]
    pub(crate) close: bool,
    /// Only listeners of this transport.
    #[arg(long, value_name = "TRANSPORT")]
    pub(crate) transport: Option<Transport>,
    /// How long a process has to end after it was asked to.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(crate) grace: u16,
    /// Do it without asking.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Only show what would be done.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Shown at the end of its help.
pub(crate) const FREE_EXAMPLES: &str = "\
Examples:
  portolan free 8080
  portolan free 8080/tcp --kill --grace 3 --yes
  sudo portolan free 127.0.0.1:5432 --close
  portolan free 8080 --dry-run --json

Exit codes: 0 nothing listens there (any more), 1 something is left alone or still listens, 2 nobody
said yes, or malformed usage, 3 not permitted, or it could not be seen who listens.";
