//! Whether a claim stands against the other records: numbers and names are given once.

use jiff::civil::Date;
use portolan_registry::one_line;

use crate::site::{Fields, Record, Refusal, Status};

/// What is claimed, and by which record.
#[derive(Clone, Copy, Debug)]
pub(in crate::site) struct Claim<'a> {
    /// What is claimed.
    pub(in crate::site) fields: &'a Fields,
    /// The record that claims it; 0 for a new one.
    pub(in crate::site) id: u64,
    /// How the claim stands: what is only kept back leaves its name to its assignee.
    pub(in crate::site) status: Status,
    /// The record whose number it reuses.
    pub(in crate::site) reuses: Option<u64>,
    /// The day.
    pub(in crate::site) today: Date,
}

impl Claim<'_> {
    /// Holds the claim against every other record. What only may be in the way is told; a refusal
    /// says what surely is.
    pub(in crate::site) fn against(&self, others: &[Record]) -> Result<Vec<String>, Refusal> {
        let mut remarks = Vec::new();
        for other in others.iter().filter(|other| self.is_rival(other)) {
            let surely = self.fields.scope.surely_meets(&other.fields.scope);
            let may = surely || self.fields.scope.may_meet(&other.fields.scope);
            let number = self.fields.shares_number(&other.fields) && !self.is_reuse_of(other);
            let name = self.fields.is_same_name(&other.fields);
            if surely && number {
                return Err(self.number_refused(other));
            }
            if surely && name {
                self.name_refused(other).map_or(Ok(()), Err)?;
                remarks.push(format!(
                    "the name is this assignee's already: {}",
                    whose(other)
                ));
            } else if may && number {
                remarks.push(format!(
                    "{} is taken in scope {} by {}: the two scopes may have a host in common",
                    self.fields.place(),
                    other.fields.scope,
                    whose(other)
                ));
            } else if may && name {
                remarks.push(format!(
                    "the name is used in scope {} by {}: the two scopes may have a host in common",
                    other.fields.scope,
                    whose(other)
                ));
            }
        }
        Ok(remarks)
    }

    fn is_rival(&self, other: &Record) -> bool {
        other.status.holds() && (self.id == 0 || other.id != self.id)
    }

    /// A reuse waits beside the record whose number it wants, whichever of the two is asked.
    fn is_reuse_of(&self, other: &Record) -> bool {
        let wanted = self.id != 0 && other.status.is_pending() && other.reuses == Some(self.id);
        let wants = self.status.is_pending() && other.id != 0 && self.reuses == Some(other.id);
        wanted || wants
    }

    fn number_refused(&self, other: &Record) -> Refusal {
        let own = self.fields.is_same_assignee(&other.fields);
        let place = other.fields.place();
        let holder = whose(other);
        if other.status == Status::Reserved {
            let because =
                format!("{place} is held back by {holder}, and reserved numbers are given last");
            let next = match own || other.fields.assignee.is_empty() {
                true => format!("use the number again: portolan registry reuse {}", other.id),
                false => format!(
                    "ask for another port, or say why none will do: portolan registry reuse {} --why-reserved TEXT",
                    other.id
                ),
            };
            return Refusal::rfc("8.2", because, next);
        }
        let same = self.fields.is_same_name(&other.fields);
        if !self.fields.shares_transport(&other.fields) {
            let because =
                format!("{place} is held by {holder}, and the number's other transports with it");
            return match own && same {
                true => Refusal::rfc(
                    "8.1",
                    because,
                    format!("add the transport: portolan registry modify {}", other.id),
                ),
                false => Refusal::rfc("7.2", because, self.other_port(other)),
            };
        }
        let because = format!("{place} is held by {holder}");
        match (own, same) {
            (true, true) => Refusal::rfc(
                "7.2",
                format!("{because}, for the same service"),
                format!("change that record: portolan registry modify {}", other.id),
            ),
            (true, false) => Refusal::rfc(
                "5",
                format!("{because}, and a number is not overloaded with a second name"),
                match other.status {
                    Status::Assigned => format!(
                        "use the number for the other service instead: portolan registry reuse {}",
                        other.id
                    ),
                    _ => "ask for another port".to_owned(),
                },
            ),
            (false, _) if other.status.is_pending() => Refusal::rfc(
                "8.1",
                format!("{because}, which came first"),
                self.other_port(other),
            ),
            (false, _) => Refusal::rfc("6", because, self.other_port(other)),
        }
    }

    /// The same name: its own assignee may have a record for the name alone beside one with a port,
    /// and may take up a name that it gave back. Whichever of the two is asked, the answer is the same.
    fn name_refused(&self, other: &Record) -> Option<Refusal> {
        let holder = whose(other);
        if !self.fields.is_same_assignee(&other.fields) {
            return Some(Refusal::rfc(
                "5.1",
                format!(
                    "the service name is held by {holder}, and names are compared without case"
                ),
                "choose another name",
            ));
        }
        if self.status == Status::Reserved || other.status == Status::Reserved {
            return None;
        }
        match (self.fields.ports, other.fields.ports) {
            (Some(_), None) | (None, Some(_)) => None,
            (Some(_), Some(_)) => Some(Refusal::rfc(
                "7.2",
                format!(
                    "the service has {} by {holder}, and a service gets one port",
                    other.fields.place()
                ),
                format!("use that one: portolan registry modify {}", other.id),
            )),
            (None, None) => Some(Refusal::rfc(
                "5.1",
                format!("the service name is held by {holder}"),
                format!("change that record: portolan registry modify {}", other.id),
            )),
        }
    }

    /// Another port; or, where a time is over, a word with whoever has it.
    fn other_port(&self, other: &Record) -> String {
        match (other.is_expired(self.today), other.fields.expires) {
            (true, Some(last)) => format!(
                "ask for another port, or ask them to give it back, as it expired on {last}: portolan registry deassign {}",
                other.id
            ),
            _ => "ask for another port".to_owned(),
        }
    }
}

/// `record 12 (billing-api), assigned to Payments`.
pub(in crate::site) fn whose(record: &Record) -> String {
    format!("{}, {}", record.title(), standing(record))
}

/// `record 12 (billing-api) is assigned to Payments`.
pub(in crate::site) fn whose_is(record: &Record) -> String {
    format!("{} is {}", record.title(), standing(record))
}

fn standing(record: &Record) -> String {
    let verb = match record.status {
        Status::Requested | Status::Questioned => "asked for by",
        Status::Assigned => "assigned to",
        Status::Reserved => "reserved for",
        Status::Declined | Status::Withdrawn | Status::Unassigned => "no longer wanted by",
    };
    match one_line(&record.fields.assignee).as_str() {
        "" => record.status.as_str().to_owned(),
        assignee => format!("{verb} {assignee}"),
    }
}
