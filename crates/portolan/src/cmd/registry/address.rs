//! How a person names a record: `12`, `billing-api`, `8443/tcp`, `:8443`.

use std::str::FromStr;

use portolan_ports::site::Record;
use portolan_registry::{Port, PortRange, Transport, one_line};
use portolan_store::About;

use crate::print::grouped;

/// What was typed for a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// Its number.
    Id(u64),
    /// Its name.
    Name(String),
    /// Its port, and where one was given the transport.
    Place(Port, Option<Transport>),
}

/// Why a text names no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no record: write its number (12), its name (billing-api) or its place (8443/tcp, :8443)"
)]
pub(super) struct AddressError(String);

/// Why no record was chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unchosen {
    /// None has it; and what to do then.
    #[error("the site registry has no record {0}; {1}")]
    Unknown(String, String),
    /// More than one has it.
    #[error("{address} names several records: {records}; give a number")]
    Several {
        /// What was typed.
        address: String,
        /// What they are.
        records: String,
    },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(one_line(text));
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Id).map_err(|_| wrong());
        }
        if let Some(port) = text.strip_prefix(':').filter(|port| !port.contains('/')) {
            return port
                .parse()
                .map(|port| Self::Place(port, None))
                .map_err(|_| wrong());
        }
        if let Some((port, transport)) = text.split_once('/') {
            let port = port.strip_prefix(':').unwrap_or(port);
            let place = port.parse().ok().zip(transport.parse().ok());
            let place = place.map(|(port, transport)| Self::Place(port, Some(transport)));
            return place.ok_or_else(wrong);
        }
        let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match !text.is_empty() && text.len() <= 64 && text.bytes().all(name) {
            true => Ok(Self::Name(text.to_owned())),
            false => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Place(port, None) => write!(f, "for port {port}"),
            Self::Place(port, Some(transport)) => write!(f, "for {port}/{transport}"),
        }
    }
}

impl Address {
    /// The same as what a sentence begins with.
    fn as_subject(&self) -> String {
        match self {
            Self::Id(id) => format!("record {id}"),
            Self::Name(name) => format!("the name {name:?}"),
            Self::Place(port, None) => format!("port {port}"),
            Self::Place(port, Some(transport)) => format!("port {port}/{transport}"),
        }
    }

    /// What to ask the store for.
    pub(super) fn about(&self) -> About {
        match self {
            Self::Id(id) => About {
                record: Some(*id),
                ..About::default()
            },
            Self::Name(name) => About {
                name: Some(name.clone()),
                ..About::default()
            },
            Self::Place(port, _) => About {
                ports: Some(PortRange::single(*port)),
                ..About::default()
            },
        }
    }

    /// Whether it means this record.
    pub(super) fn means(&self, record: &Record) -> bool {
        match self {
            Self::Id(id) => record.id == *id,
            Self::Name(name) => record.fields.service_name.eq_ignore_ascii_case(name),
            Self::Place(port, None) => record.covers(*port),
            Self::Place(port, Some(transport)) => record.covers_on(*port, *transport),
        }
    }

    /// The one of these that it means.
    pub(super) fn choose(
        &self,
        mut found: Vec<Record>,
        prefers: impl Fn(&Record) -> bool,
    ) -> Result<Record, Unchosen> {
        found.retain(|record| self.means(record));
        if found.iter().any(&prefers) {
            found.retain(|record| prefers(record));
        } else if found.iter().any(|record| record.status.holds()) {
            found.retain(|record| record.status.holds());
        }
        if found.len() > 1 {
            let records = found.iter().take(MOST_NAMED).map(|record| {
                let (id, status) = (record.id, record.status.as_str());
                format!(
                    "{id} ({}, {status}, {})",
                    record.place(),
                    record.fields.scope
                )
            });
            let mut records: Vec<String> = records.collect();
            if let Some(more) = found.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
                records.push(format!("and {} more", grouped(more)));
            }
            return Err(Unchosen::Several {
                address: self.as_subject(),
                records: records.join(", "),
            });
        }
        let none = || {
            let what = match self {
                Self::Id(id) if Port::try_from(*id).is_ok() => {
                    format!("{id} (a port is written :{id})")
                }
                _ => self.to_string(),
            };
            Unchosen::Unknown(what, "try: portolan registry list".to_owned())
        };
        found.pop().ok_or_else(none)
    }
}

/// The most records that are named one by one.
const MOST_NAMED: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_named_in_three_ways() {
        let read = |text: &str| text.parse::<Address>();
        assert_eq!(read("12"), Ok(Address::Id(12)));
        assert_eq!(read("billing-api"), Ok(Address::Name("billing-api".into())));
        assert_eq!(
            read("8443/tcp"),
            Ok(Address::Place(8443, Some(Transport::Tcp)))
        );
        assert_eq!(
            read(":8443/udp"),
            Ok(Address::Place(8443, Some(Transport::Udp)))
        );
        assert_eq!(read(":8443"), Ok(Address::Place(8443, None)));
        for text in [
            "",
            ":",
            "a b",
            "8443/xyz",
            "70000/tcp",
            ":99999",
            "99999999999999999999999",
            "\u{1b}[2J",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
