//! The procedures of the site registry, on records that are kept as the store keeps them.

mod properties;
mod refused;
mod taken;

use jiff::civil::{Date, date};
use portolan_ports::embedded;
use portolan_ports::site::{Case, Decision, Fields, Procedure, Record, Refusal, Step, decide};
use portolan_registry::{PortRange, Transport};

/// A site registry in memory.
struct Site {
    records: Vec<Record>,
    procedure: Procedure,
    today: Date,
    by: &'static str,
    why: &'static str,
}

impl Site {
    fn new() -> Self {
        Self {
            records: Vec::new(),
            procedure: Procedure::default(),
            today: date(2026, 11, 22),
            by: "ada",
            why: "",
        }
    }

    fn by(&mut self, by: &'static str) -> &mut Self {
        self.by = by;
        self
    }

    fn why(&mut self, why: &'static str) -> &mut Self {
        self.why = why;
        self
    }

    /// Takes a step on the version that is there, as whoever has just read it.
    fn step(&mut self, subject: Option<u64>, step: &Step) -> Result<Decision, Refusal> {
        let version = subject.and_then(|id| Some(self.get(id)?.version));
        self.step_on(subject, version, step)
    }

    /// Takes a step, and keeps what becomes of the records: numbers and versions are given here.
    fn step_on(
        &mut self,
        subject: Option<u64>,
        version: Option<u64>,
        step: &Step,
    ) -> Result<Decision, Refusal> {
        let others: Vec<Record> = self
            .records
            .iter()
            .filter(|record| Some(record.id) != subject)
            .cloned()
            .collect();
        let mut decision = decide(&Case {
            step,
            by: self.by,
            why: self.why,
            today: self.today,
            subject: subject.and_then(|id| self.get(id)),
            version,
            others: &others,
            procedure: &self.procedure,
            registry: embedded::registry(),
        })?;
        for record in &mut decision.records {
            let old = self.records.iter().position(|old| old.id == record.id);
            match old {
                Some(at) => assert_eq!(record.version, self.records[at].version, "{record:?}"),
                None => {
                    assert_eq!((record.id, record.version), (0, 0), "{record:?}");
                    record.id = self.records.len() as u64 + 1;
                }
            }
            record.version += 1;
            match old {
                Some(at) => self.records[at] = record.clone(),
                None => self.records.push(record.clone()),
            }
        }
        Ok(decision)
    }

    fn get(&self, id: u64) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }

    /// Files a request and has it approved; its number.
    fn assigned(&mut self, fields: Fields) -> u64 {
        let filed = self.step(None, &Step::Request(fields)).unwrap();
        let id = filed.records[0].id;
        if filed.records[0].status.is_pending() {
            self.step(Some(id), &approve()).unwrap();
        }
        id
    }
}

/// A whole request: `fields("billing-api", "8443/tcp,udp")`, or `""` for a name alone.
fn fields(name: &str, place: &str) -> Fields {
    let mut fields = Fields {
        service_name: name.into(),
        assignee: "Payments".into(),
        contact: "payments@example.org".into(),
        description: "The API of billing".into(),
        reference: "https://docs.example.org/billing".into(),
        ..Fields::default()
    };
    if let Some((ports, transports)) = place.split_once('/') {
        fields.ports = Some(ports.parse::<PortRange>().unwrap());
        fields.transports = transports
            .split(',')
            .map(|word| word.parse::<Transport>().unwrap())
            .collect();
        fields.why_not_dynamic = "clients have it in their configuration".into();
    }
    fields
}

fn reuse(fields: Fields) -> Step {
    Step::Reuse {
        fields,
        why_reserved: String::new(),
    }
}

fn approve() -> Step {
    Step::Approve {
        approval: String::new(),
    }
}
