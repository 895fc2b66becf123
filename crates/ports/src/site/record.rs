//! One record of a site registry: a request, and what became of it.

use std::sync::Arc;

use jiff::civil::Date;
use portolan_registry::{Port, Transport, one_line};

use super::{Citation, Fields};

/// One record of a site registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1; 0 until it is kept. In a file, the line on which it begins.
    pub id: u64,
    /// The file in which it stands, as it was named; `None` of a record of the database.
    pub file: Option<Arc<str>>,
    /// How many steps were taken on it. A step is taken on the version that was read, or not at all.
    pub version: u64,
    /// Where it stands.
    pub status: Status,
    /// What it says.
    pub fields: Fields,
    /// Who filed the request: the login name.
    pub requested_by: String,
    /// When.
    pub requested: Date,
    /// When it was assigned (RFC 6335's registration date).
    pub assigned: Option<Date>,
    /// When the last step was taken on it.
    pub modified: Date,
    /// The last step's reason: why it was declined, what is asked of the requester.
    pub because: String,
    /// A revocation that was announced and whose notice runs.
    pub revocation: Option<Revocation>,
    /// The record whose number this one wants to reuse, or reuses (§8.3).
    pub reuses: Option<u64>,
}

/// A revocation that was announced (RFC 6335 §8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The day on which the notice was given.
    pub announced: Date,
    /// The first day on which it may take effect.
    pub effective: Date,
    /// Why.
    pub because: String,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Asked for, and waiting for a review.
    Requested,
    /// The reviewer asked something back.
    Questioned,
    /// Given.
    Assigned,
    /// Refused by a reviewer.
    Declined,
    /// Taken back by whoever asked.
    Withdrawn,
    /// Held back: de-assigned, revoked, or kept free on purpose.
    Reserved,
    /// Nobody's: only a remark on the number.
    Unassigned,
}

impl Status {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Questioned,
        Self::Assigned,
        Self::Declined,
        Self::Withdrawn,
        Self::Reserved,
        Self::Unassigned,
    ];

    /// The word in files, tables and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Questioned => "questioned",
            Self::Assigned => "assigned",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Reserved => "reserved",
            Self::Unassigned => "unassigned",
        }
    }

    /// Whether a record that stands so keeps its number and its name from others.
    #[must_use]
    pub const fn holds(self) -> bool {
        match self {
            Self::Requested | Self::Questioned | Self::Assigned | Self::Reserved => true,
            Self::Declined | Self::Withdrawn | Self::Unassigned => false,
        }
    }

    /// Whether it waits for somebody's answer.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Requested | Self::Questioned)
    }
}

impl Record {
    /// The same as it is kept: white space around texts gone, and transports in their order, each
    /// once.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        self.fields = self.fields.tidied();
        let because = self.revocation.as_mut().map(|r| &mut r.because);
        for text in [&mut self.requested_by, &mut self.because]
            .into_iter()
            .chain(because)
        {
            *text = text.trim().to_owned();
        }
        self
    }

    /// Whether it speaks of the port.
    #[must_use]
    pub fn covers(&self, port: Port) -> bool {
        self.fields.ports.is_some_and(|ports| ports.contains(port))
    }

    /// Whether it speaks of the port on this transport; one without transports speaks of all.
    #[must_use]
    pub fn covers_on(&self, port: Port, transport: Transport) -> bool {
        let own = &self.fields.transports;
        self.covers(port) && (own.is_empty() || own.contains(&transport))
    }

    /// Whether it was given for a time that is over.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.fields.expires.is_some_and(|last| last < today)
    }

    /// `8443/tcp`, `8443/tcp,udp`, `9000-9009`, or `no port`.
    #[must_use]
    pub fn place(&self) -> String {
        self.fields.place()
    }

    /// Where it is found.
    #[must_use]
    pub fn citation(&self) -> Citation {
        self.cite(self.id)
    }

    /// Where another record of the same registry is found, by its number.
    #[must_use]
    pub fn cite(&self, id: u64) -> Citation {
        match &self.file {
            None => Citation::Record(id),
            Some(file) => Citation::Line {
                file: Arc::clone(file),
                line: id,
            },
        }
    }

    /// `site registry, record 12`: how it is named as a source.
    #[must_use]
    pub fn source(&self) -> String {
        self.citation().source()
    }

    /// What it is called in a sentence: `record 12 (billing-api)`, `site.toml:12 (billing-api)`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.fields.service_name.as_str() {
            "" => self.citation().to_string(),
            name => format!("{} ({})", self.citation(), one_line(name)),
        }
    }
}
