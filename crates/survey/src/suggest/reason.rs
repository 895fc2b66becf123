//! One reason for or against a port, with its source.

use std::fmt;

use portolan_registry::Transport;

/// A reason, as a sentence without a full stop.
///
/// Text and source may hold words from outside (rows, names of programs, rules): whoever shows them
/// makes them neutral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it speaks of.
    pub kind: Kind,
    /// Which way it points.
    pub side: Side,
    /// The reason.
    pub text: String,
    /// Who says so.
    pub source: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.text, self.source)
    }
}

/// Which way a [`Reason`] points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// One of these, and the port is not suggested.
    Against,
    /// What makes it quiet.
    For,
    /// Worth knowing, and neither.
    Aside,
}

/// What a [`Reason`] speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A registry row that names a service.
    Assigned,
    /// A registry row or rule that holds the number back.
    Reserved,
    /// A use without an assignment that was reported to IANA.
    UnauthorizedUse,
    /// The registry's Unassigned.
    Unassigned,
    /// A curated fact.
    Knowledge,
    /// A rule of this host's policy.
    Policy,
    /// What the site registry says of it.
    Site,
    /// A port that this system was told to keep for some program.
    SetAside,
    /// A range from which a kind of system takes ports on its own.
    SystemRange,
    /// The range from which this machine takes ports on its own.
    Ephemeral,
    /// The ports that browsers refuse.
    Browser,
    /// What the registry and the facts say of the ports beside it.
    NeighbourClaim,
    /// What the site registry says of the ports beside it.
    NeighbourSite,
    /// A listener on it.
    Listener,
    /// A container engine that passes it on.
    Publication,
    /// Another socket that uses it.
    Socket,
    /// What bind(2) said.
    Bind,
    /// Who may bind it.
    Privileged,
    /// Listeners beside it.
    NeighbourListener,
    /// What could not be seen.
    Unseen,
}

impl Kind {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Reserved => "reserved",
            Self::UnauthorizedUse => "unauthorized_use",
            Self::Unassigned => "unassigned",
            Self::Knowledge => "knowledge",
            Self::Policy => "policy",
            Self::Site => "site",
            Self::SetAside => "set_aside",
            Self::SystemRange => "system_range",
            Self::Ephemeral => "ephemeral",
            Self::Browser => "browser",
            Self::NeighbourClaim => "neighbour_claim",
            Self::NeighbourSite => "neighbour_site",
            Self::Listener => "listener",
            Self::Publication => "publication",
            Self::Socket => "socket",
            Self::Bind => "bind",
            Self::Privileged => "privileged",
            Self::NeighbourListener => "neighbour_listener",
            Self::Unseen => "unseen",
        }
    }

    /// What a reason of this kind makes of the ports that it speaks against, after their number.
    #[must_use]
    pub const fn makes_them(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Reserved => "reserved",
            Self::UnauthorizedUse => "used without an assignment",
            Self::Unassigned => "unassigned",
            Self::Knowledge => "known for something",
            Self::Policy => "named by this host's policy",
            Self::Site => "held in the site registry",
            Self::SetAside => "set aside by this system",
            Self::SystemRange => "in a range to avoid",
            Self::Ephemeral => "in this machine's range of source ports",
            Self::Browser => "refused by browsers",
            Self::NeighbourClaim => "beside a port that is assigned or known for something",
            Self::NeighbourSite => "beside a port that is held in the site registry",
            Self::Listener | Self::Publication | Self::Socket => "in use here",
            Self::Bind | Self::Privileged => "not to be bound here",
            Self::NeighbourListener => "beside a listener",
            Self::Unseen => "unseen",
        }
    }

    /// Whether somebody has the port, where it speaks against it; else it only lies badly.
    #[must_use]
    pub const fn takes(self) -> bool {
        !matches!(
            self,
            Self::SystemRange
                | Self::Ephemeral
                | Self::Browser
                | Self::NeighbourClaim
                | Self::NeighbourSite
                | Self::NeighbourListener
        )
    }
}

/// A list of reasons in the making.
#[derive(Debug, Default)]
pub(super) struct Reasons(pub(super) Vec<Reason>);

impl Reasons {
    pub(super) fn add(
        &mut self,
        side: Side,
        kind: Kind,
        text: impl Into<String>,
        source: impl Into<String>,
    ) {
        self.0.push(Reason {
            kind,
            side,
            text: text.into(),
            source: source.into(),
        });
    }

    /// The first reason against.
    pub(super) fn against(&self) -> Option<Kind> {
        let against = self.0.iter().find(|reason| reason.side == Side::Against);
        against.map(|reason| reason.kind)
    }
}

/// `tcp`, `tcp and udp`, `a, b and c`.
pub(super) fn list(words: &[impl AsRef<str>]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [front @ .., last] => {
            let front: Vec<&str> = front.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", front.join(", "), last.as_ref())
        }
    }
}

pub(super) fn transports(transports: &[Transport]) -> String {
    let words: Vec<&str> = transports.iter().map(|t| t.as_str()).collect();
    list(&words)
}
