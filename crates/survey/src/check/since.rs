//! A check beside an earlier one: what is new, what was known and still stands, what is gone.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read};
use std::net::IpAddr;

use portolan_ports::Listener;
use portolan_registry::{PortError, PortRange, Transport, UnknownTransport};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use super::{Check, UnseenRule, Violation, ViolationKind};

/// The form of document that is read here.
const SCHEMA: &str = "portolan.check/1";

/// What makes two findings the same one: never a pid, a time or a severity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    rule: String,
    /// `None` for what could not be judged.
    kind: Option<ViolationKind>,
    transport: Option<Transport>,
    ports: PortRange,
    address: Option<IpAddr>,
    programs: BTreeSet<String>,
    /// The record of the site registry, where it rests on one.
    record: Option<u64>,
}

impl Identity {
    /// That of a violation.
    #[must_use]
    pub fn of_violation(violation: &Violation) -> Self {
        let Violation {
            rule,
            kind,
            ports,
            transport,
            listener,
            ..
        } = violation;
        Self {
            record: violation.origin.record(),
            ..Self::new(rule, Some(*kind), *transport, *ports, listener.as_ref())
        }
    }

    /// That of a rule that could not be judged.
    #[must_use]
    pub fn of_unseen(unseen: &UnseenRule) -> Self {
        let UnseenRule {
            rule,
            ports,
            transport,
            listener,
            ..
        } = unseen;
        Self {
            record: unseen.origin.record(),
            ..Self::new(rule, None, *transport, *ports, listener.as_ref())
        }
    }

    fn new(
        rule: &str,
        kind: Option<ViolationKind>,
        transport: Option<Transport>,
        ports: PortRange,
        listener: Option<&Listener>,
    ) -> Self {
        let owners = listener.into_iter().flat_map(|found| &found.owners);
        Self {
            rule: rule.to_owned(),
            kind,
            transport,
            ports,
            address: listener.map(|found| found.address),
            programs: owners.map(|owner| owner.program.clone()).collect(),
            record: None,
        }
    }

    /// A short text that is the same wherever the identity is: SHA-256, in hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let kind = self.kind.map_or("unseen", ViolationKind::as_str);
        let transport = self.transport.map_or("", Transport::as_str);
        let address = self.address.map(|a| a.to_string()).unwrap_or_default();
        let ports = self.ports.to_string();
        let mut hash = Sha256::new();
        let fields = [&*self.rule, kind, transport, &ports, &address];
        let programs = self.programs.iter().map(String::as_str);
        let record = self.record.map(|record| record.to_string());
        // Each with its length before it, or two neighbours could be mistaken for two others.
        for field in fields.into_iter().chain(programs).chain(record.as_deref()) {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        format!("{:x}", hash.finalize())
    }
}

/// What an earlier check found.
#[derive(Clone, Debug)]
pub struct Earlier {
    host: String,
    observed_at: String,
    found: HashSet<Identity>,
}

/// Why a document is of no use as an earlier check; the end of a sentence about it.
#[derive(Debug, thiserror::Error)]
pub enum EarlierError {
    /// It could not be read.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// It is longer than [`Earlier::MOST_BYTES`].
    #[error("it is larger than {} MiB, which no check document is", Earlier::MOST_BYTES >> 20)]
    TooLarge,
    /// It is no JSON text (RFC 8259).
    #[error(
        "it is not JSON (line {line}, column {column}); give what `portolan check --json` wrote"
    )]
    NotJson {
        /// Where it stops being JSON, from 1.
        line: usize,
        /// The byte in that line, from 1.
        column: usize,
    },
    /// It is JSON that says of itself no schema.
    #[error("it is JSON, but no check document; give what `portolan check --json` wrote")]
    NoSchema,
    /// It is something else.
    #[error(
        "it is a document of the form \"{0}\", not \"{SCHEMA}\"; give what `portolan check --json` wrote"
    )]
    OtherSchema(String),
    /// It says that it is a check document and has not the form of one.
    #[error(
        "it says that it is a {SCHEMA} document, but line {line}, column {column} is not as one has it"
    )]
    Malformed {
        /// Where, from 1.
        line: usize,
        /// The byte in that line, from 1.
        column: usize,
    },
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// What is read of a check document; everything else in it may be anything. What that check knew
/// from a still earlier one is in it too, and counts like the rest.
#[derive(Deserialize)]
struct Written {
    host: String,
    observed_at: String,
    violations: Vec<WrittenFinding<Kind>>,
    unseen: Vec<WrittenFinding<Option<IgnoredAny>>>,
}

#[derive(Deserialize)]
struct WrittenFinding<K> {
    rule: String,
    kind: K,
    transport: Option<Word>,
    port: WrittenPorts,
    address: Option<IpAddr>,
    listener: Option<WrittenListener>,
    /// Only where it rests on one.
    #[serde(default)]
    record: Option<u64>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Kind(ViolationKind);

impl TryFrom<String> for Kind {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let mut kinds = ViolationKind::ALL.into_iter();
        let kind = kinds.find(|kind| kind.as_str() == word);
        kind.map(Self).ok_or("not a kind of violation")
    }
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Word(Transport);

impl TryFrom<String> for Word {
    type Error = UnknownTransport;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse().map(Self)
    }
}

#[derive(Deserialize)]
#[serde(try_from = "NumberOrRange")]
struct WrittenPorts(PortRange);

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrRange {
    Number(u16),
    Range(String),
}

impl TryFrom<NumberOrRange> for WrittenPorts {
    type Error = PortError;

    fn try_from(written: NumberOrRange) -> Result<Self, Self::Error> {
        match written {
            NumberOrRange::Number(port) => Ok(Self(PortRange::single(port))),
            NumberOrRange::Range(text) => text.parse().map(Self),
        }
    }
}

#[derive(Deserialize)]
struct WrittenListener {
    address: IpAddr,
    owners: Vec<WrittenOwner>,
}

#[derive(Deserialize)]
struct WrittenOwner {
    program: String,
}

impl Earlier {
    /// The longest document that is read.
    pub const MOST_BYTES: u64 = 64 << 20;

    /// Reads the document of an earlier `portolan check --json`. What stands in it may be hostile.
    ///
    /// # Errors
    /// Where it cannot be read, is too long, or is no such document.
    pub fn read(from: impl Read) -> Result<Self, EarlierError> {
        let mut bytes = Vec::new();
        let mut bounded = from.take(Self::MOST_BYTES + 1);
        bounded
            .read_to_end(&mut bytes)
            .map_err(EarlierError::Unreadable)?;
        if bytes.len() as u64 > Self::MOST_BYTES {
            return Err(EarlierError::TooLarge);
        }
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, EarlierError> {
        let place = |error: &serde_json::Error| (error.line(), error.column());
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
            let (line, column) = place(&error);
            return Err(EarlierError::NotJson { line, column });
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|_| EarlierError::NoSchema)?;
        if head.schema != SCHEMA {
            let shown: String = head.schema.chars().take(40).collect();
            let shown = portolan_registry::one_line(&shown);
            return Err(EarlierError::OtherSchema(shown));
        }
        let written: Written = serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = place(&error);
            EarlierError::Malformed { line, column }
        })?;
        let violations = written.violations.into_iter();
        let unseen = written.unseen.into_iter();
        let found = violations
            .map(|found| {
                let kind = found.kind.0;
                found.identity(Some(kind))
            })
            .chain(unseen.map(|found| found.identity(None)))
            .collect();
        Ok(Self {
            host: written.host,
            observed_at: written.observed_at,
            found,
        })
    }

    /// The machine that was checked; hostile text.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// When, as the document says; hostile text.
    #[must_use]
    pub fn observed_at(&self) -> &str {
        &self.observed_at
    }

    /// Whether it had found this violation already.
    #[must_use]
    pub fn knows_violation(&self, violation: &Violation) -> bool {
        self.found.contains(&Identity::of_violation(violation))
    }

    /// Whether it could not judge this rule there either.
    #[must_use]
    pub fn knows_unseen(&self, unseen: &UnseenRule) -> bool {
        self.found.contains(&Identity::of_unseen(unseen))
    }
}

impl<K> WrittenFinding<K> {
    fn identity(self, kind: Option<ViolationKind>) -> Identity {
        let at = self.listener.as_ref().map(|listener| listener.address);
        let owners = self.listener.into_iter().flat_map(|found| found.owners);
        Identity {
            rule: self.rule,
            kind,
            transport: self.transport.map(|word| word.0),
            ports: self.port.0,
            address: at.or(self.address),
            programs: owners.map(|owner| owner.program).collect(),
            record: self.record,
        }
    }
}

/// A check beside an earlier one.
#[derive(Clone, Debug)]
pub struct Since {
    /// The check without what the earlier one had found already.
    pub new: Check,
    /// The check with that alone: it stands, and is no news.
    pub known: Check,
    /// How much of what the earlier check found is gone since.
    pub gone: usize,
}

/// Parts what a check found into what is new and what an earlier one had found already.
#[must_use]
pub fn since(check: &Check, earlier: &Earlier) -> Since {
    let found = check.violations.iter().map(Identity::of_violation);
    let now: HashSet<Identity> = found
        .chain(check.unseen.iter().map(Identity::of_unseen))
        .collect();
    let (mut new, mut known) = (check.clone(), check.clone());
    new.violations.retain(|v| !earlier.knows_violation(v));
    new.unseen.retain(|u| !earlier.knows_unseen(u));
    known.violations.retain(|v| earlier.knows_violation(v));
    known.unseen.retain(|u| earlier.knows_unseen(u));
    Since {
        new,
        known,
        gone: earlier.found.difference(&now).count(),
    }
}

#[cfg(test)]
mod tests;
