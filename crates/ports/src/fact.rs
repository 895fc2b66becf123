//! One curated, cited statement about a port or range.

use portolan_registry::{PortRange, Transport};

/// One curated, cited statement about a port or range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact<'a> {
    /// The ports it speaks of.
    pub ports: PortRange,
    /// The transports it speaks of.
    pub transports: TransportSet,
    /// What sort of statement it is.
    pub kind: FactKind,
    /// Whether its source was opened and says it. What is not verified never sways a verdict.
    pub verified: bool,
    /// Of a contested port: whether it is among the uses that most people meet there, which are
    /// told first. An editor's choice, which sways no verdict.
    pub foremost: bool,
    /// The area it was filed under: `database`, `mail`, …
    pub area: &'a str,
    /// The statement, one sentence.
    pub text: &'a str,
    /// For uses: the protocol that would satisfy it, by IANA service name.
    pub protocol: Option<&'a str>,
    /// For uses: the only product that would satisfy it, by its key.
    pub product: Option<&'a str>,
    /// Where it was read: a web address.
    pub source: &'a str,
    /// That source's title.
    pub source_title: &'a str,
    /// The day on which the source was opened, `YYYY-MM-DD`.
    pub checked: Option<&'a str>,
    /// Why it contradicts the registry, where it does.
    pub disputes: Option<&'a str>,
}

/// The sort of a [`Fact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The registered use, as a person would say it.
    OfficialUse,
    /// A use that the registry does not know.
    UnofficialUse,
    /// What to beware of.
    Risk,
    /// Malicious software that used the port.
    Malware,
    /// What it was once used for.
    History,
}

impl FactKind {
    /// Every kind, in the order in which facts are shown.
    pub const ALL: [Self; 5] = [
        Self::OfficialUse,
        Self::UnofficialUse,
        Self::Risk,
        Self::Malware,
        Self::History,
    ];

    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfficialUse => "official_use",
            Self::UnofficialUse => "unofficial_use",
            Self::Risk => "risk",
            Self::Malware => "malware",
            Self::History => "history",
        }
    }

    /// Whether it states a use, registered or not.
    #[must_use]
    pub const fn is_use(self) -> bool {
        matches!(self, Self::OfficialUse | Self::UnofficialUse)
    }
}

impl<'a> Fact<'a> {
    /// Whether it speaks of `transport`.
    #[must_use]
    pub const fn covers(&self, transport: Transport) -> bool {
        self.transports.contains(transport)
    }

    /// The transports it speaks of.
    pub fn transports(&self) -> impl Iterator<Item = Transport> + use<> {
        self.transports.iter()
    }

    /// Whether it states a use, registered or not.
    #[must_use]
    pub const fn is_use(&self) -> bool {
        self.kind.is_use()
    }

    /// What it would take to satisfy it: the product where it names one, else the protocol; `None`
    /// for what only informs.
    #[must_use]
    pub fn claimant(&self) -> Option<&'a str> {
        self.product.or(self.protocol).filter(|_| self.is_use())
    }
}

/// Some of the four transports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransportSet {
    /// Bit n stands for the transport whose place in `Transport::ALL` is n.
    pub(crate) bits: u8,
}

impl TransportSet {
    /// Whether `transport` is one of them.
    #[must_use]
    pub const fn contains(self, transport: Transport) -> bool {
        self.bits & (1 << transport as u8) != 0
    }

    /// Whether the two have one in common.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Each of them, in the registry's order.
    pub fn iter(self) -> impl Iterator<Item = Transport> {
        Transport::ALL
            .into_iter()
            .filter(move |transport| self.contains(*transport))
    }
}

impl FromIterator<Transport> for TransportSet {
    fn from_iter<T: IntoIterator<Item = Transport>>(transports: T) -> Self {
        let bits = transports.into_iter().map(|t| 1 << t as u8);
        Self {
            bits: bits.fold(0, |all, bit| all | bit),
        }
    }
}
