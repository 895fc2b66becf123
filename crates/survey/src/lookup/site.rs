//! What the site registry makes of a port of this host, and of a name.

use std::fmt;

use portolan_ports::site::{Here, Record, Status};
use portolan_registry::{Port, State, Transport};

use super::PortAnswer;
use crate::Sources;

/// What the site registry makes of a port on one transport, with the record that says so. It
/// outranks IANA's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteClaim<'a> {
    /// The record assigns it.
    Assigned(&'a Record),
    /// The record holds it back.
    Reserved(&'a Record),
    /// The record has the number on another transport: RFC 6335 §7.2 holds it back on this one.
    OtherTransport(&'a Record),
}

impl<'a> SiteClaim<'a> {
    /// What these records, all of them valid on this host, make of a port on a transport.
    #[must_use]
    pub fn of(
        records: impl Iterator<Item = &'a Record> + Clone,
        port: Port,
        transport: Transport,
    ) -> Option<Self> {
        let on = |status: Status| {
            let mut own = records.clone();
            own.find(|r| r.status == status && r.covers_on(port, transport))
        };
        let given =
            |r: &&Record| matches!(r.status, Status::Assigned | Status::Reserved) && r.covers(port);
        let assigned = on(Status::Assigned).map(Self::Assigned);
        let reserved = || on(Status::Reserved).map(Self::Reserved);
        let elsewhere = || records.clone().find(given).map(Self::OtherTransport);
        assigned.or_else(reserved).or_else(elsewhere)
    }

    /// The state that it gives the port.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Assigned(_) => State::Assigned,
            Self::Reserved(_) | Self::OtherTransport(_) => State::Reserved,
        }
    }

    /// The record that says so.
    #[must_use]
    pub const fn record(self) -> &'a Record {
        match self {
            Self::Assigned(record) | Self::Reserved(record) | Self::OtherTransport(record) => {
                record
            }
        }
    }
}

impl fmt::Display for SiteClaim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.record();
        let source = record.source();
        match self {
            Self::Assigned(record) => {
                let name = record.fields.service_name.as_str();
                write!(f, "{source} names {name}")
            }
            Self::Reserved(_) => {
                write!(f, "{source} holds the number back")
            }
            Self::OtherTransport(record) => write!(
                f,
                "{source} has {}, and RFC 6335 section 7.2 holds the number back \
                 on the others",
                record.place()
            ),
        }
    }
}

impl<'a> PortAnswer<'a> {
    /// The site registry's records that speak of it on this transport.
    pub fn site_on(&self, transport: Transport) -> impl Iterator<Item = &'a Record> {
        let records = self.site.iter().copied();
        records.filter(move |record| record.covers_on(self.port, transport))
    }

    /// What the site registry makes of it on this transport: an assignment outranks what is held
    /// back, and either what follows from another transport. `None` where it says nothing, or where
    /// somebody only asks for the number.
    #[must_use]
    pub fn site_claim(&self, transport: Transport) -> Option<SiteClaim<'a>> {
        SiteClaim::of(self.site.iter().copied(), self.port, transport)
    }
}

/// Whether a look-up tells of it: a request that came to nothing is told by
/// `portolan registry list` alone.
pub(super) const fn is_told(record: &Record) -> bool {
    !matches!(record.status, Status::Declined | Status::Withdrawn)
}

/// The records that are told of a port: those that assign it first, then those that hold it back,
/// then requests, then remarks.
///
/// Cost: one question to the site registry; nothing without one.
pub(super) fn of_port<'a>(sources: &Sources<'a>, port: Port) -> Vec<&'a Record> {
    let records = sources.site_records(port).iter();
    let mut told: Vec<&Record> = records.filter(|record| is_told(record)).collect();
    // Stable: of one rank they stay as the site registry has them, the narrowest scope first.
    told.sort_by_key(|record| rank(record.status));
    told
}

/// The records with a service name that are told, on any host.
pub(super) fn named<'a>(
    sources: &Sources<'a>,
    name: &str,
    transport: Option<Transport>,
) -> Vec<&'a Record> {
    let Some(site) = sources.site else {
        return Vec::new();
    };
    let covers = |record: &Record, transport: Transport| {
        let own = &record.fields.transports;
        own.is_empty() || own.contains(&transport)
    };
    let named = site.named(name).iter();
    let asked = |record: &&Record| transport.is_none_or(|t| covers(record, t));
    let told = named.filter(|record| is_told(record)).filter(asked);
    let mut told: Vec<&Record> = told.collect();
    told.sort_by_key(|record| (rank(record.status), record.id));
    told
}

/// Whether the record is valid on this host.
pub(super) fn is_here(record: &Record, here: Option<&Here>) -> bool {
    here.is_some_and(|here| here.is_in(&record.fields.scope))
}

const fn rank(status: Status) -> u8 {
    match status {
        Status::Assigned => 0,
        Status::Reserved => 1,
        Status::Questioned | Status::Requested => 2,
        Status::Unassigned | Status::Declined | Status::Withdrawn => 3,
    }
}
