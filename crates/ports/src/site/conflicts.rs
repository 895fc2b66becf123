//! Records that are kept, held against each other: what no step leaves behind.

use std::collections::HashMap;

use jiff::civil::Date;

use super::procedure::collision::Claim;
use super::{Record, Scope};

/// What several records may hold only one of: a port or a name, in a scope.
#[derive(Clone, PartialEq, Eq, Hash)]
enum What {
    Port(u16),
    Name(String),
}

/// Records that may not both hold what they hold: of each pair, the number of the later one and why,
/// as the end of a sentence. A record is told of once.
///
/// Two are in conflict where neither could be asked for beside the other.
///
/// Cost: a few look-ups for each record; runs of ports are held against every record.
#[must_use]
pub fn conflicts(records: &[Record]) -> Vec<(u64, String)> {
    let mut held = Held::default();
    let mut found = Vec::new();
    for record in records.iter().filter(|record| record.status.holds()) {
        let mut others = held.beside(record);
        if let Some(because) = others.find_map(|other| conflict(record, other)) {
            found.push((record.id, because));
        }
        drop(others);
        held.add(record);
    }
    found
}

fn conflict(record: &Record, other: &Record) -> Option<String> {
    let refused = |record: &Record, other: &Record| {
        let claim = Claim {
            fields: &record.fields,
            id: record.id,
            status: record.status,
            reuses: record.reuses,
            // Only the advice goes by the day.
            today: Date::MIN,
        };
        claim.against(std::slice::from_ref(other)).err()
    };
    refused(other, record)?;
    refused(record, other).map(|refusal| refusal.because)
}

/// The records so far, by what they hold where.
#[derive(Default)]
struct Held<'r> {
    everywhere: HashMap<What, Vec<&'r Record>>,
    scoped: HashMap<(What, String), Vec<&'r Record>>,
    runs: Vec<&'r Record>,
    all: Vec<&'r Record>,
}

impl<'r> Held<'r> {
    fn add(&mut self, record: &'r Record) {
        for what in whats(record) {
            self.everywhere
                .entry(what.clone())
                .or_default()
                .push(record);
            let place = (what, scope(record));
            self.scoped.entry(place).or_default().push(record);
        }
        if is_run(record) {
            self.runs.push(record);
        }
        self.all.push(record);
    }

    /// Those whose scope surely meets the record's, and that may hold the same; and others.
    fn beside<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'r Record> + 'a {
        let own = whats(record).into_iter().flat_map(move |what| {
            let lists = match record.fields.scope {
                Scope::All => [self.everywhere.get(&what), None],
                _ => [
                    self.scoped.get(&(what.clone(), scope(record))),
                    self.scoped.get(&(what, String::new())),
                ],
            };
            lists.into_iter().flatten().flatten()
        });
        let before = is_run(record).then_some(&self.all).into_iter().flatten();
        own.chain(&self.runs).chain(before).copied()
    }
}

fn is_run(record: &Record) -> bool {
    record.fields.ports.is_some_and(|ports| !ports.is_single())
}

fn whats(record: &Record) -> Vec<What> {
    let ports = record.fields.ports.filter(|ports| ports.is_single());
    let name = &record.fields.service_name;
    let name = (!name.is_empty()).then(|| What::Name(name.to_ascii_lowercase()));
    ports
        .map(|ports| What::Port(ports.first()))
        .into_iter()
        .chain(name)
        .collect()
}

/// Scopes that surely meet have the same one, or one is for all hosts, whose is empty.
fn scope(record: &Record) -> String {
    match &record.fields.scope {
        Scope::All => String::new(),
        Scope::Group(name) => format!("g{}", name.to_ascii_lowercase()),
        Scope::Host(name) => {
            let first = name.split('.').next().unwrap_or_default();
            format!("h{}", first.to_ascii_lowercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use portolan_registry::{PortRange, Transport};

    use super::*;
    use crate::site::{Fields, Status};

    const TODAY: Date = date(2026, 3, 14);

    fn record(id: u64, ports: (u16, u16), scope: &str) -> Record {
        Record {
            id,
            file: None,
            version: 1,
            status: Status::Assigned,
            fields: Fields {
                service_name: format!("service-{id}"),
                ports: PortRange::new(ports.0, ports.1),
                transports: vec![Transport::Tcp],
                assignee: "Payments".to_owned(),
                scope: scope.parse().expect("a scope"),
                ..Fields::default()
            },
            requested_by: "ada".to_owned(),
            requested: TODAY,
            assigned: Some(TODAY),
            modified: TODAY,
            because: String::new(),
            revocation: None,
            reuses: None,
        }
    }

    /// Against holding every pair against each other.
    #[test]
    fn what_surely_meets_is_found_and_nothing_else() {
        let scopes = [
            "all",
            "group:web",
            "group:WEB",
            "group:h1",
            "host:h1",
            "host:H1.a",
            "host:h1.b",
            "host:h2",
        ];
        let places = [(9151, 9151), (9150, 9160), (80, 80)];
        for one in scopes {
            for other in scopes {
                for (a, b) in places.iter().flat_map(|a| places.map(|b| (*a, b))) {
                    let records = [record(1, a, one), record(2, b, other)];
                    let meets = records[0]
                        .fields
                        .scope
                        .surely_meets(&records[1].fields.scope);
                    let shares = a.0 <= b.1 && b.0 <= a.1;
                    let found = conflicts(&records);
                    assert_eq!(found.len(), usize::from(meets && shares), "{records:?}");
                }
            }
        }
    }

    #[test]
    fn a_reuse_and_what_holds_nothing_are_in_nobodys_way() {
        let mut records = vec![
            record(1, (9151, 9151), "all"),
            record(2, (9151, 9151), "all"),
        ];
        let found = conflicts(&records);
        let because = "9151/tcp is held by record 1 (service-1), assigned to Payments, and a number is not overloaded with a second name";
        assert_eq!(found, [(2, because.to_owned())]);
        // Until it is decided on.
        records[1].reuses = Some(1);
        records[1].status = Status::Requested;
        assert_eq!(conflicts(&records), []);
        records[1].reuses = None;
        records[1].status = Status::Assigned;
        records[0].status = Status::Unassigned;
        assert_eq!(conflicts(&records), []);
    }

    #[test]
    fn a_name_is_held_once_on_a_host() {
        let mut records = vec![
            record(1, (1001, 1001), "host:h1"),
            record(2, (1002, 1002), "host:h1"),
        ];
        records[1].fields.service_name = "SERVICE-1".to_owned();
        assert_eq!(conflicts(&records).len(), 1);
        // The name alone, beside the same service with a port: its own assignee may have that.
        records[0].fields.ports = None;
        assert_eq!(conflicts(&records), []);
        records[1].fields.assignee = "Others".to_owned();
        assert_eq!(conflicts(&records).len(), 1);
    }
}
