//! Port numbers: single ones, ranges of them, and the three ranges that RFC 6335 draws.

use std::fmt;
use std::str::FromStr;

/// A port number. Every 16-bit value is one; RFC 6335 §6 gives each a range.
pub type Port = u16;

/// Which of the three ranges of RFC 6335 §6 a port lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RangeKind {
    /// 0-1023, assigned by IETF Review or IESG Approval.
    System,
    /// 1024-49151, assigned by those or Expert Review.
    User,
    /// 49152-65535, never assigned.
    Dynamic,
}

impl RangeKind {
    /// The range that holds `port`.
    #[must_use]
    pub const fn of(port: Port) -> Self {
        match port {
            0..=1023 => Self::System,
            1024..=49151 => Self::User,
            49152..=65535 => Self::Dynamic,
        }
    }

    /// The lower-case word of RFC 6335.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Dynamic => "dynamic",
        }
    }

    /// The range's bounds.
    #[must_use]
    pub const fn bounds(self) -> PortRange {
        match self {
            Self::System => PortRange {
                first: 0,
                last: 1023,
            },
            Self::User => PortRange {
                first: 1024,
                last: 49151,
            },
            Self::Dynamic => PortRange {
                first: 49152,
                last: 65535,
            },
        }
    }
}

/// One port or an unbroken run of them, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: Port,
    last: Port,
}

impl PortRange {
    /// Every port there is.
    pub const ALL: Self = Self {
        first: 0,
        last: u16::MAX,
    };

    /// A run from `first` to `last`; `None` where it would run backwards.
    #[must_use]
    pub const fn new(first: Port, last: Port) -> Option<Self> {
        if first <= last {
            Some(Self { first, last })
        } else {
            None
        }
    }

    /// A run of one.
    #[must_use]
    pub const fn single(port: Port) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// The lowest port.
    #[must_use]
    pub const fn first(self) -> Port {
        self.first
    }

    /// The highest port.
    #[must_use]
    pub const fn last(self) -> Port {
        self.last
    }

    /// Whether it holds one port only.
    #[must_use]
    pub const fn is_single(self) -> bool {
        self.first == self.last
    }

    /// Whether `port` lies inside.
    #[must_use]
    pub const fn contains(self, port: Port) -> bool {
        self.first <= port && port <= self.last
    }

    /// Every port, lowest first.
    pub fn ports(self) -> impl Iterator<Item = Port> {
        self.first..=self.last
    }

    /// How many ports it holds: 1 to 65,536.
    #[must_use]
    pub const fn count(self) -> u32 {
        (self.last - self.first) as u32 + 1
    }
}

impl fmt::Display for PortRange {
    /// As the registry writes it: `4444` or `717-728`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

/// Why a text is no port and no range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Neither digits nor two runs of digits with a hyphen between.
    #[error("not a port number")]
    NotANumber,
    /// More than 65535.
    #[error("beyond 65535, the highest port")]
    TooHigh,
    /// The end lies before the start.
    #[error("the range runs backwards")]
    Backwards,
}

impl FromStr for PortRange {
    type Err = PortError;

    /// Reads `4444` or `717-728`: digits only, no signs and no spaces.
    fn from_str(text: &str) -> Result<Self, PortError> {
        match text.split_once('-') {
            None => parse(text).map(Self::single),
            Some((first, last)) => {
                Self::new(parse(first)?, parse(last)?).ok_or(PortError::Backwards)
            }
        }
    }
}

fn parse(digits: &str) -> Result<Port, PortError> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PortError::NotANumber);
    }
    digits.parse().map_err(|_| PortError::TooHigh)
}
