//! What was proven on the wire, with the bytes that prove it.

use std::borrow::Cow;

use crate::session::TlsSession;

/// How far a listener was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The outcome.
    pub state: ProbeState,
    /// Why, where the state alone does not say: the reason for skipping, the last failure.
    pub why: Option<String>,
    /// The name of each first packet that was sent, in order; "listen" where none was.
    pub sent: Vec<Cow<'static, str>>,
}

impl Probe {
    /// A listener that was deliberately left alone.
    #[must_use]
    pub fn skipped(why: impl Into<String>) -> Self {
        Self {
            state: ProbeState::Skipped,
            why: Some(why.into()),
            sent: Vec::new(),
        }
    }
}

/// The outcome of asking. Refusal and silence are answers, not errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeState {
    /// A protocol's grammar was met.
    Proven,
    /// It took the connection and said nothing within the deadline.
    Silent,
    /// It refused or could not be reached.
    Refused,
    /// It was not asked; `why` says the reason.
    Skipped,
    /// It answered, or closed, and nothing was proven by that.
    Inconclusive,
}

impl ProbeState {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Silent => "silent",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// What answered, as far as its own bytes prove it. Never a guess from the port's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identification {
    /// The IANA service name of the innermost protocol, or its usual lower-case name.
    pub protocol: Cow<'static, str>,
    /// Whether it spoke inside TLS.
    pub tls: bool,
    /// Whether it offered to change to TLS on the same connection.
    pub starttls: bool,
    /// The product's key in the product table ("nginx", "python-http-server"), where it told.
    pub product: Option<Cow<'static, str>>,
    /// The product's version, as it told it; at most 64 printable bytes.
    pub version: Option<String>,
    /// The CPE 2.3 name, where product and version are known (NISTIR 7695).
    pub cpe: Option<String>,
    /// Whether it let us in without asking who we are; `None` where that was not observed.
    pub unauthenticated: Option<bool>,
    /// What TLS showed, in which it spoke or to which it changed.
    pub session: Option<Box<TlsSession>>,
    /// What else it told, one line each; raw: neutralise before showing.
    pub told: Vec<String>,
    /// How sure this is.
    pub certainty: Certainty,
    /// What proves it, strongest first; never empty for [`Certainty::Proven`].
    pub evidence: Vec<Evidence>,
}

/// How sure an identification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The protocol's grammar was met in full.
    Proven,
    /// It looks like it; a verdict never rests on this.
    Likely,
}

impl Certainty {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
        }
    }
}

/// One exchange and the rule that it met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The name of what was sent; `None` where the far end spoke first.
    pub sent: Option<Cow<'static, str>>,
    /// What came back, at most [`Evidence::MOST_BYTES`] of it, raw: neutralise before showing.
    pub received: Vec<u8>,
    /// The rule, in words that name its specification.
    pub rule: Cow<'static, str>,
}

impl Evidence {
    /// The most bytes of an answer that evidence keeps.
    pub const MOST_BYTES: usize = 512;
}

impl Identification {
    /// Whether the protocol's grammar was met in full.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.certainty == Certainty::Proven
    }

    /// What was spoken, as a person says it: "http", "http inside TLS".
    #[must_use]
    pub fn spoken(&self) -> String {
        if self.tls && self.protocol != "tls" {
            format!("{} inside TLS", self.protocol)
        } else {
            self.protocol.to_string()
        }
    }
}
