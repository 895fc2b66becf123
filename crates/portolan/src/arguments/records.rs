//! What can be typed to read the site registry: list and audit.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use portolan_ports::site::{Scope, Status};
use portolan_registry::Transport;

use super::fields::transport;

/// Which records are listed.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only records that fit all of these: a port (8443, 8443/tcp), a range (8000-8999), a transport
    /// (tcp), a service name, or words of description, assignee, contact, ticket and notes.
    #[arg(value_name = "FILTER")]
    pub(crate) filter: Vec<String>,
    /// Only those on one of these transports, with commas: tcp, udp, sctp, dccp.
    #[arg(long, value_name = "TRANSPORT", value_delimiter = ',', value_parser = transport)]
    pub(crate) transport: Vec<Transport>,
    /// Only those that stand so, with commas: requested, questioned, assigned, declined, withdrawn,
    /// reserved, unassigned.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status(), hide_possible_values = true)]
    pub(crate) status: Vec<Status>,
    /// Only those that are valid for exactly these hosts: all, group:NAME or host:NAME.
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,
    /// Only those that wait for somebody: the reviewer's queue.
    #[arg(long, conflicts_with = "status")]
    pub(crate) pending: bool,
    /// Only those whose last day is over.
    #[arg(long)]
    pub(crate) expired: bool,
    /// Only those whose assignee holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) assignee: Option<String>,
    /// Show each in full.
    #[arg(long, conflicts_with = "json")]
    pub(crate) long: bool,
}

/// Which part of the trail is shown.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Only what was done to this record: its number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD", conflicts_with_all = ["verify", "head"])]
    pub(crate) record: Option<String>,
    /// Compute the whole chain of hashes anew, and hold every record against it.
    #[arg(long)]
    pub(crate) verify: bool,
    /// The same; and this hash, which was noted down earlier, has to be one of the chain's: so a
    /// trail that was cut off at its end is found.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub(crate) head: Option<String>,
}

fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::as_str)).try_map(|word| {
        let mut all = Status::ALL.into_iter();
        all.find(|status| status.as_str() == word)
            .ok_or("not a status")
    })
}

/// A hash, or as much of its beginning as is shown.
fn hash(text: &str) -> Result<String, &'static str> {
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match digits && (12..=64).contains(&text.len()) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("write the hash as it was shown: 12 to 64 hexadecimal digits"),
    }
}

/// Shown at the end of its help.
pub(crate) const LIST_EXAMPLES: &str = "\
Examples:
  portolan registry list
  portolan registry list --pending
  portolan registry list 8000-8999 --status assigned,reserved
  portolan registry list billing --long
  portolan registry list --expired --json

Exit codes: 0 listed, 1 no record fits, 2 malformed usage, 3 the registry cannot be read.";

/// Shown at the end of its help.
pub(crate) const AUDIT_EXAMPLES: &str = "\
Examples:
  portolan registry audit
  portolan registry audit billing-api
  portolan registry audit --verify
  portolan registry audit --head 3f9ac2e4b1d0

Exit codes: 0 shown, or the chain is whole, 1 it is not, or no such record, 2 malformed usage,
3 the registry cannot be read.";
