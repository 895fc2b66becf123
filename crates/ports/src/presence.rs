//! What a port is doing on this machine, listener or not.

/// What a port is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// Something waits for others there.
    Listening,
    /// Sockets have it as their local or remote port, and none listens: the near end of a mount
    /// is not a listener.
    InUse,
    /// The host's policy requires a listener, and none is there.
    Missing,
    /// Nothing has it.
    Vacant,
    /// It could not be looked at.
    Unseen,
}

impl Presence {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listening => "listening",
            Self::InUse => "in_use",
            Self::Missing => "missing",
            Self::Vacant => "vacant",
            Self::Unseen => "unseen",
        }
    }
}
