//! Curated, cited statements about ports: what really uses them, what to beware of.

use portolan_registry::{Port, PortRange, Transport};

/// A set of facts, ordered by port.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
    text: &'a str,
}

/// One curated, cited statement about a port or range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact<'a> {
    /// The ports it speaks of.
    pub ports: PortRange,
    transports: &'a str,
    /// What sort of statement it is.
    pub kind: FactKind,
    /// Whether its source was opened and says it. What is not verified never sways a verdict.
    pub verified: bool,
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
    const ALL: [Self; 5] = [
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
}

impl<'a> Knowledge<'a> {
    /// Facts in the form that the build script writes: the newest day on which a source was opened
    /// on the first line, then a fact on each, ordered by first port.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text }
    }

    fn lines(self) -> impl Iterator<Item = &'a str> {
        self.text.lines().skip(1)
    }

    /// Every fact.
    pub fn facts(self) -> impl Iterator<Item = Fact<'a>> {
        self.lines().filter_map(Fact::read)
    }

    /// Every fact about a port, on any transport. Cost: one pass over all lines' beginnings.
    pub fn about(self, port: Port) -> impl Iterator<Item = Fact<'a>> {
        self.lines()
            .filter_map(|line| Some((bounds(line)?, line)))
            .take_while(move |(ports, _)| ports.first() <= port)
            .filter(move |(ports, _)| ports.contains(port))
            .filter_map(|(_, line)| Fact::read(line))
    }

    /// The day on which a source was last opened: how fresh "nothing on record" is.
    #[must_use]
    pub fn date(self) -> &'a str {
        self.text.lines().next().unwrap_or_default()
    }
}

fn bounds(line: &str) -> Option<PortRange> {
    let mut fields = line.splitn(3, '\u{1f}');
    PortRange::new(fields.next()?.parse().ok()?, fields.next()?.parse().ok()?)
}

impl<'a> Fact<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let ports = bounds(line)?;
        let mut fields = line.split('\u{1f}').skip(2);
        let mut field = || fields.next();
        Some(Self {
            ports,
            transports: field()?,
            kind: {
                let kind = field()?;
                FactKind::ALL.into_iter().find(|k| k.as_str() == kind)?
            },
            verified: field()? == "true",
            text: field()?,
            protocol: field().filter(|f| !f.is_empty()),
            product: field().filter(|f| !f.is_empty()),
            source: field()?,
            source_title: field()?,
            checked: field().filter(|f| !f.is_empty()),
            disputes: field().filter(|f| !f.is_empty()),
        })
    }

    /// Whether it speaks of `transport`.
    #[must_use]
    pub fn covers(&self, transport: Transport) -> bool {
        self.transports().any(|own| own == transport)
    }

    /// The transports it speaks of.
    pub fn transports(&self) -> impl Iterator<Item = Transport> + use<'a> {
        self.transports
            .split('+')
            .filter_map(|word| word.parse().ok())
    }

    /// Whether it states a use, registered or not.
    #[must_use]
    pub const fn is_use(&self) -> bool {
        matches!(self.kind, FactKind::OfficialUse | FactKind::UnofficialUse)
    }
}
