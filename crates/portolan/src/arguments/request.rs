//! What can be typed to ask the site registry for something: request, reuse, modify.

use clap::Args;

use super::fields::{ClearArguments, FieldArguments};

/// A request for a name, or a name and a port.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The service name: up to 15 letters, digits and hyphens (RFC 6335 section 5.1).
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) fields: FieldArguments,
    /// Why it is asked for, for the audit trail.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
    /// Only tell what would come of it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// A request for a number that was given back, for another service.
#[derive(Debug, Args)]
pub(crate) struct Reuse {
    /// Whose number is to be reused: a record's number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// The new service name; the old one is kept (RFC 6335 section 8.3).
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Why no number that nobody had will do; asked where another assignee gave this one back, or had
    /// it taken away (RFC 6335 section 8.2).
    #[arg(long, value_name = "TEXT")]
    pub(crate) why_reserved: Option<String>,
    #[command(flatten)]
    pub(crate) fields: FieldArguments,
    /// Why, for the audit trail.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
    /// Only tell what would come of it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Some fields of a record, set anew.
#[derive(Debug, Args)]
pub(crate) struct Modify {
    /// The record: its number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// Another service name; only of a request.
    #[arg(long, value_name = "NAME", help_heading = "What is asked for")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) fields: FieldArguments,
    #[command(flatten)]
    pub(crate) clear: ClearArguments,
    /// Why, for the audit trail.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
    /// Only where the record is still of this version; else of the version that is read now.
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u64>,
    /// Only tell what would come of it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Shown at the end of its help.
pub(crate) const REQUEST_EXAMPLES: &str = "\
Examples:
  portolan registry request
  portolan registry request billing-api --port 8455 --transport tcp \\
    --assignee Payments --contact payments@example.net --description 'Billing API' \\
    --reference https://wiki.example.net/billing \\
    --why-not-dynamic 'firewalls between sites open it by number'
  portolan registry request billing-api --port 8455 --dry-run --json
  portolan registry request night-sync --transport tcp --description 'Nightly copy' \\
    --reference https://wiki.example.net/sync

At a terminal what is missing is asked, one question at a time; Ctrl-C files nothing. --assignee and
--contact have defaults in [site] of the configuration.

Exit codes: 0 filed, 1 refused, and the section that says so is named, 2 malformed usage, or nobody
said yes, 3 the registry cannot be written.";

/// Shown at the end of its help.
pub(crate) const REUSE_EXAMPLES: &str = "\
Example:
  portolan registry reuse 8455/tcp ledger-api --description 'Ledger API' \\
    --reference https://wiki.example.net/ledger --why-not-dynamic 'firewalls open it by number'

The port and the transports are the record's, unless told otherwise. What is assigned stays its
assignee's (section 8.5); what was given back or taken away is given to another assignee last, with
--why-reserved (section 8.2), and always by a review.

Exit codes: 0 filed, 1 refused, 2 malformed usage, 3 the registry cannot be written.";

/// Shown at the end of its help.
pub(crate) const MODIFY_EXAMPLES: &str = "\
Examples:
  portolan registry modify 12 --contact ops@example.net --because 'the team was renamed'
  portolan registry modify billing-api --no-expires --ticket OPS-77
  portolan registry modify billing-api --transport tcp,udp

Only what is given changes. Another assignee is a transfer, which RFC 6335 section 8.5 does not
permit.

Exit codes: 0 changed, 1 refused, 2 malformed usage, 3 the registry cannot be written.";
