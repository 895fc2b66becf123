//! Holding what was seen against the site registry. Records of one port are alternatives; what was
//! not seen, or is not said, is never called broken.

use std::cmp::Reverse;

use portolan_registry::{Port, Transport};

use super::{Citation, Record, Serves, Status};
use crate::expectation::Expectation;
use crate::identification::Identification;
use crate::listener::Listener;
use crate::owner::{Container, Owner, Unit};
use crate::policy::{Expected, Standing, owners, proven};
use crate::protocol::{Relation, relate, wire_form};
use crate::verdict::Observation;

/// How a listener stands to the records that assign its port on its transport and whose time is not
/// over. Each reason is the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling<'a> {
    /// None does.
    Silent,
    /// This one does, and the listener is its service; by what that is known.
    Kept(&'a Record, String),
    /// None is kept, and this one is nearest; why.
    Broken(&'a Record, Breach),
    /// None is kept as far as was seen, and this one might be; what was not seen.
    Unseen(&'a Record, String),
    /// None is kept, and this one does not say by what its service is known.
    Undecided(&'a Record, String),
}

/// In which way a listener is not the service that its port is assigned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What differs, as the end of a sentence.
    pub because: String,
    /// Whether what answered proves it; else it rests on who holds the socket.
    pub on_the_wire: bool,
}

/// Holds a listener against the site's records. Total. They speak of this host's addresses: of a
/// listener in another network namespace they say nothing. Where the day is not known, no
/// assignment's time is over.
#[must_use]
pub fn ruling<'a>(expectation: &Expectation<'a>, seen: &Observation<'_>) -> Ruling<'a> {
    if seen.listener.namespace.is_some() {
        return Ruling::Silent;
    }
    let today = seen.surroundings.today();
    let is_valid = |record: &&Record| today.is_none_or(|today| !record.is_expired(today));
    let mut open = None;
    let mut broken = None;
    for record in expectation.assigned_by_site().filter(is_valid) {
        let executable = expectation
            .executables
            .iter()
            .find(|(id, _)| *id == record.id);
        let executable = executable.map(|(_, path)| path.as_str());
        match record.judge(executable, seen) {
            kept @ Ruling::Kept(..) => return kept,
            unseen @ (Ruling::Unseen(..) | Ruling::Undecided(..)) => open = open.or(Some(unseen)),
            differs => broken = broken.or(Some(differs)),
        }
    }
    open.or(broken).unwrap_or(Ruling::Silent)
}

/// Those of the records that assign the port on this very transport, the narrowest scope first, then
/// by number. Whether their time is over is not looked at.
pub fn assigned<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    port: Port,
    transport: Transport,
) -> Vec<&'a Record> {
    let own =
        |record: &&Record| record.status == Status::Assigned && record.covers_on(port, transport);
    let mut records: Vec<&Record> = records.into_iter().filter(own).collect();
    records.sort_by_key(|record| (Reverse(&record.fields.scope), record.id));
    records
}

/// `the site registry assigns 8443/tcp to billing-api`: how a sentence about a record begins.
pub(crate) fn assigns(record: &Record, listener: &Listener) -> String {
    let place = format!("{}/{}", listener.port, listener.transport);
    match record.fields.service_name.as_str() {
        "" => format!("the site registry assigns {place} without a service name"),
        name => format!("the site registry assigns {place} to {name}"),
    }
}

impl Record {
    /// Holds a listener against this record alone; never silent.
    fn judge<'a>(&'a self, executable: Option<&str>, seen: &Observation<'_>) -> Ruling<'a> {
        let serves = &self.fields.serves;
        if serves.is_empty() {
            return self.judge_by_name(seen);
        }
        let by_owner = Expected {
            program: serves.program.clone(),
            executable: executable.map(str::to_owned),
            user: serves.user.clone(),
            unit: serves.unit.clone(),
            container: serves.container.clone(),
            ..Expected::default()
        };
        let by_wire = Expected {
            protocol: serves.protocol.clone(),
            product: serves.product.clone(),
            ..Expected::default()
        };
        match (by_owner.judge(seen), by_wire.judge(seen)) {
            (Standing::Broken(mut clauses), Standing::Broken(more)) => {
                clauses.extend(more);
                self.broken(&clauses, true)
            }
            (_, Standing::Broken(clauses)) => self.broken(&clauses, true),
            (Standing::Broken(clauses), _) => self.broken(&clauses, false),
            (Standing::Unseen(why), Standing::Unseen(more)) => {
                Ruling::Unseen(self, format!("{why}; {more}"))
            }
            (Standing::Unseen(why), _) | (_, Standing::Unseen(why)) => Ruling::Unseen(self, why),
            (Standing::Kept, Standing::Kept) => Ruling::Kept(self, said(serves)),
        }
    }

    /// Where nothing is said by which the service is known, its name has to do: that of a program, a
    /// unit or a container, or of what is spoken. Only a name whose form on the wire is known can be
    /// contradicted: a site calls its services as it likes, and `billing-db` may well be a PostgreSQL.
    fn judge_by_name<'a>(&'a self, seen: &Observation<'_>) -> Ruling<'a> {
        let name = self.fields.service_name.to_ascii_lowercase();
        if let Some(answer) = proven(seen).filter(|_| !name.is_empty()) {
            match spoken(answer, &name) {
                Relation::Satisfied => {
                    return Ruling::Kept(self, format!("{} answers", answer.spoken()));
                }
                Relation::Contradicted(why) if wire_form(&name).is_some() => {
                    return self.broken(&[why], true);
                }
                Relation::Contradicted(_) | Relation::Undecided(_) => {}
            }
        }
        if let Some(said) = called(seen.listener, &name) {
            return Ruling::Kept(self, said);
        }
        let by_program = Expected {
            program: Some(name),
            ..Expected::default()
        };
        if let Standing::Unseen(why) = by_program.judge(seen) {
            return Ruling::Unseen(self, why);
        }
        let holder = owners(seen.listener).next();
        let holder = holder.map_or("what listens there", |owner| &owner.program);
        let how = match self.citation() {
            Citation::Record(id) => format!("portolan registry modify {id} --program NAME"),
            written @ Citation::Line { .. } => format!("program = \"NAME\" below {written}"),
        };
        let because = format!(
            "nothing says by what it is known, so whether {holder} is it stays open; to say it: {how}"
        );
        Ruling::Undecided(self, because)
    }

    fn broken(&self, clauses: &[String], on_the_wire: bool) -> Ruling<'_> {
        let because = clauses.join("; ");
        Ruling::Broken(
            self,
            Breach {
                because,
                on_the_wire,
            },
        )
    }
}

/// How what answered stands to a service of this name; a protocol that no registry has is meant by
/// its own.
fn spoken(answer: &Identification, name: &str) -> Relation {
    match wire_form(name).is_none() && answer.protocol == name {
        true => Relation::Satisfied,
        false => relate(answer, name),
    }
}

/// Everything that was said and is so: `its program is billing-api, its user is billing`.
fn said(serves: &Serves) -> String {
    let words = [
        ("program", &serves.program),
        ("user", &serves.user),
        ("unit", &serves.unit),
        ("container", &serves.container),
        ("protocol", &serves.protocol),
        ("product", &serves.product),
    ];
    let said = words
        .into_iter()
        .filter_map(|(what, name)| Some(format!("its {what} is {}", name.as_ref()?)));
    said.collect::<Vec<_>>().join(", ")
}

/// What of the listener has this name, as the end of a sentence; every owner has to have it.
fn called(listener: &Listener, name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    if let Some(unit) = listener
        .socket_unit
        .as_ref()
        .filter(|unit| is_unit(unit, name))
    {
        return Some(format!("its unit is {unit}"));
    }
    let published = listener.published.as_ref().map(|to| &to.container);
    if let Some(container) = published.filter(|container| is_container(container, name)) {
        return Some(format!("its container is {container}"));
    }
    let mut said = owners(listener).map(|owner| owner_called(owner, name));
    let first = said.next()??;
    said.all(|said| said.is_some()).then_some(first)
}

fn owner_called(owner: &Owner, name: &str) -> Option<String> {
    if owner.program.eq_ignore_ascii_case(name) {
        return Some(format!("its program is {}", owner.program));
    }
    if let Some(unit) = owner.unit.as_ref().filter(|unit| is_unit(unit, name)) {
        return Some(format!("its unit is {unit}"));
    }
    let container = owner.container.as_ref()?;
    is_container(container, name).then(|| format!("its container is {container}"))
}

/// The names under which a process may be called as a service: its program's and its unit's, the
/// latter without suffix and, of an instance, the template's.
pub fn names(owner: &Owner) -> impl Iterator<Item = &str> {
    let unit = owner.unit.as_ref().map(stem);
    let template = unit.and_then(|stem| Some(stem.split_once('@')?.0));
    std::iter::once(&*owner.program).chain(unit).chain(template)
}

fn stem(unit: &Unit) -> &str {
    unit.0.rsplit_once('.').map_or(&*unit.0, |(stem, _)| stem)
}

/// `billing-api.service`, or an instance of it, `billing-api@eu.service`: systemd.unit(5).
fn is_unit(unit: &Unit, name: &str) -> bool {
    let stem = stem(unit);
    let template = stem.split('@').next().unwrap_or_default();
    stem.eq_ignore_ascii_case(name) || template.eq_ignore_ascii_case(name)
}

fn is_container(container: &Container, name: &str) -> bool {
    let own = container.name.as_deref();
    own.is_some_and(|own| own.eq_ignore_ascii_case(name))
}
