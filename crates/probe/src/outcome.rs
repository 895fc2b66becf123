//! What came of asking one address.

use std::time::Duration;

use portolan_ports::{Identification, Probe};

/// The answer for one [`Request`](crate::Request).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the port did when it was dialled.
    pub state: State,
    /// What was sent, and what came of it.
    pub probe: Probe,
    /// What was proven; `None` where nothing was.
    pub identification: Option<Identification>,
    /// From the first dial to the answer.
    pub elapsed: Duration,
}

impl Outcome {
    /// Of what was not dialled, for the reason in `probe`.
    #[must_use]
    pub fn unasked(probe: Probe) -> Self {
        Self {
            state: State::Silent,
            probe,
            identification: None,
            elapsed: Duration::ZERO,
        }
    }
}

/// What a port did when it was dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It took a connection.
    Open,
    /// It refused one, or nothing is there.
    Closed,
    /// It did neither in time, or was not dialled.
    Silent,
}

impl State {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Silent => "silent",
        }
    }
}
