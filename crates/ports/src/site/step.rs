//! What may be asked of a site registry.

use jiff::civil::Date;

use super::{Fields, Record};

/// A step of RFC 6335's procedures. Who takes it and why stand beside it, in the
/// [`Case`](super::Case).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask for a name, or a name and a port (§8.1).
    Request(Fields),
    /// Ask for what is known so far; what is missing has to come before the review.
    Draft(Fields),
    /// Give what was asked for.
    Approve {
        /// Who decided, where the RFC asks for more than one expert (§8.1.2): the body, in words.
        approval: String,
    },
    /// Refuse it.
    Decline,
    /// Ask the requester for more.
    Ask,
    /// Set the fields anew: of a request any, of an assignment what may change (§8.6). Reports of a
    /// use and dated notes that are left out stay. More transports or more hosts are claimed only by
    /// a reviewer, or by anybody where User ports are first come, first served; fewer hosts, or
    /// others, by nobody.
    Modify(Box<Fields>),
    /// Take a request back.
    Withdraw,
    /// Give a number back (§8.2).
    Deassign,
    /// Ask for a number that was given back, or is given back with this, for another service (§8.3):
    /// two records, the old and the new; once it is approved, the new and the old without the number.
    /// Ports and transports that are not said are the old record's.
    Reuse(Fields),
    /// Announce that a number will be taken away (§8.4): a reviewer's step, as the next two are.
    AnnounceRevocation {
        /// The first day on which it may take effect.
        effective: Date,
    },
    /// Take it away, once the notice has run.
    CompleteRevocation,
    /// Let it be.
    CancelRevocation,
    /// Report that somebody uses a number without an assignment; `Fields` tell which number, where
    /// there is no record of it yet, and what was seen (`unauthorized_use`), unless the reason does.
    ReportUse(Fields),
    /// Take a record over from a file, as it stands there. What is assigned or Reserved there takes a
    /// reviewer. [`Record::reuses`] is a number of the file's, and only kept where it is found anew.
    Import(Box<Record>),
}

impl Step {
    /// The word under which the audit trail keeps it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Draft(_) => "draft",
            Self::Approve { .. } => "approve",
            Self::Decline => "decline",
            Self::Ask => "ask",
            Self::Modify(_) => "modify",
            Self::Withdraw => "withdraw",
            Self::Deassign => "deassign",
            Self::Reuse(_) => "reuse",
            Self::AnnounceRevocation { .. } => "announce-revocation",
            Self::CompleteRevocation => "complete-revocation",
            Self::CancelRevocation => "cancel-revocation",
            Self::ReportUse(_) => "report-use",
            Self::Import(_) => "import",
        }
    }
}
