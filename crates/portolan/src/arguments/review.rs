//! What can be typed to decide a request.

use clap::Args;

/// A decision on a request, or without one the request itself.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("decision"))]
pub(crate) struct Review {
    /// The request: its record's number, its name, or its place (8443/tcp).
    #[arg(value_name = "RECORD")]
    pub(crate) record: String,
    /// Give what is asked for.
    #[arg(long, group = "decision")]
    pub(crate) approve: bool,
    /// Refuse it; say why with --because.
    #[arg(long, group = "decision")]
    pub(crate) decline: bool,
    /// Ask the requester for more; say what with --because.
    #[arg(long, group = "decision")]
    pub(crate) ask: bool,
    /// Why, or what is asked.
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
    /// Who decided, where RFC 6335 section 8.1.2 asks for more than one expert: the body, in words.
    #[arg(long, value_name = "BODY", conflicts_with_all = ["decline", "ask"])]
    pub(crate) approval: Option<String>,
    /// Decide the request as it stood in this version; else as it is shown now.
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u64>,
}

/// Shown at the end of its help.
pub(crate) const REVIEW_EXAMPLES: &str = "\
Examples:
  portolan registry list --pending
  portolan registry review 12
  portolan registry review billing-api --approve --because 'the design was reviewed'
  portolan registry review 8455/tcp --ask --because 'which firewalls?'
  portolan registry review 13 --approve --approval 'network board, 2026-11-20'

The request is shown with what conflicts; at a terminal the decision is then asked for. Of two who
decide at the same moment one is told what happened meanwhile.

Exit codes: 0 decided, 1 refused, 2 malformed usage, or nothing was decided, 3 the registry cannot
be written.";
