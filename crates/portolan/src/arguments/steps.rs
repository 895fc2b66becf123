//! What can be typed for the steps on a record that need little more than its name.

use clap::Args;

/// A request that is taken back.
#[derive(Debug, Args)]
pub(crate) struct Withdraw {
    /// The request: its record's number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// Why, for the audit trail.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
}

/// A number that is given back.
#[derive(Debug, Args)]
pub(crate) struct Deassign {
    /// The record: its number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// Why; it stays as the comment on the number.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
}

/// A number that is taken away, after a notice.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("way"))]
pub(crate) struct Revoke {
    /// The record: its number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// Why; asked of the announcement.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
    /// How long the announcement runs, where that is longer than [site] notice-days.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(..=3650), group = "way")]
    pub(crate) notice_days: Option<u16>,
    /// Take it away now that the notice has run.
    #[arg(long, group = "way")]
    pub(crate) complete: bool,
    /// Let it be.
    #[arg(long, group = "way")]
    pub(crate) cancel: bool,
}

/// A use of a number without an assignment.
#[derive(Debug, Args)]
pub(crate) struct ReportUse {
    /// What is used: a place (8443/tcp), or the number or name of the record that has it.
    #[arg(value_name = "PLACE")]
    pub(crate) place: String,
    /// Who uses it, for what, and how that is known.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
}

/// What RFC 6335 section 8.5 does not permit.
#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// The record: its number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// Who was to have it.
    #[arg(value_name = "ASSIGNEE")]
    pub(crate) assignee: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
}

/// Shown at the end of the help of each.
pub(crate) const WITHDRAW_EXAMPLES: &str = "\
Example:
  portolan registry withdraw 12 --because 'another port was found'

Exit codes: 0 withdrawn, 1 refused, 2 malformed usage, 3 the registry cannot be written.";

/// The same.
pub(crate) const DEASSIGN_EXAMPLES: &str = "\
Example:
  portolan registry deassign billing-api --because 'switched off in May'

The number becomes Reserved, and is the last to be given out again (RFC 6335 section 8.2); the name
stays. portolan registry reuse gives it to another service: to one of the same assignee at any time,
to another's with --why-reserved, as the last resort.

Exit codes: 0 given back, 1 refused, 2 malformed usage, 3 the registry cannot be written.";

/// The same.
pub(crate) const REVOKE_EXAMPLES: &str = "\
Examples:
  portolan registry revoke 12 --because 'nothing has listened there for two years'
  portolan registry revoke 12 --cancel --because 'it is in use after all'
  portolan registry revoke 12 --complete

A revocation is announced, and takes effect at the earliest when its notice has run (RFC 6335
section 8.4): 28 days, or what [site] notice-days says.

Exit codes: 0 done, 1 refused, 2 malformed usage, 3 the registry cannot be written.";

/// The same.
pub(crate) const REPORT_USE_EXAMPLES: &str = "\
Examples:
  portolan registry report-use 8500/tcp --because 'a test server of the search team, on build7'
  portolan registry report-use billing-api --because 'the old gateway still listens there'

Exit codes: 0 noted, 1 refused, 2 malformed usage, 3 the registry cannot be written.";
