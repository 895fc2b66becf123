//! Who asks for numbers: a quiet port for each name, filed with the site registry.

use std::collections::HashMap;

use portolan_inspect::OwnerSearch;
use portolan_ports::Gap;
use portolan_ports::site::{
    Decision, Fields, Record, Refusal as Refused, Scope, Section, Status, Step,
};
use portolan_registry::{Port, PortRange, RangeKind, Transport};
use portolan_store::{About, Error};

use super::here::{Sight, around_all};
use super::holders::{Held, Holders};
use super::name;
use super::paper::Paper;
use super::reason::Kind;
use super::{Criteria, Order, Refusal, Suggestion, Wish};
use crate::Sources;
use crate::assign::{Outcome, Registrar, Signature};

/// After so many names this machine is looked at anew; every port is bound anew whatever the look
/// said.
const LOOK_LASTS: usize = 256;

/// The most ports that may go to others while one name is tried: at the next run there may be
/// fewer who ask.
const MOST_LOST: usize = 1024;

/// Asks for the first quiet port of each name.
///
/// What is written of a port is asked for once, whatever the number of names.
#[derive(Debug)]
pub struct Applicant<'a> {
    sources: &'a Sources<'a>,
    registrar: &'a mut Registrar,
    paper: Paper<'a>,
    /// What each port has against it in writing, the site registry aside; `None` where it was not
    /// asked yet.
    written: Vec<Option<Option<Kind>>>,
    /// The records with a name, under it in lower case.
    named: HashMap<String, Vec<Record>>,
    ports: PortRange,
    scope: Scope,
    sight: Sight,
    names: usize,
}

/// What came of asking for one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filing {
    /// It is filed.
    Filed {
        /// The port, and why it is quiet.
        suggestion: Suggestion,
        /// The record as it stands now.
        record: Box<Record>,
        /// What whoever asks should know.
        remarks: Vec<String>,
    },
    /// Whoever asks has a number for this name already; nothing was changed.
    Before {
        /// The number.
        port: Port,
        /// Its record.
        record: Box<Record>,
    },
    /// It was refused; nothing was changed.
    Refused(Refused),
    /// No port is left; nothing was changed.
    NoneLeft(Refusal),
}

/// What came of one port.
enum Attempt {
    /// That is the answer.
    Done(Box<Filing>),
    /// This is in the way; [`Kind::Site`] where somebody else was given it meanwhile.
    Not(Kind),
}

impl<'a> Applicant<'a> {
    /// Whoever asks for ports of `ports` in `scope`; of the Dynamic range none is given (RFC 6335
    /// §8.1.2).
    ///
    /// Cost: reads every record, and looks at this machine's sockets.
    ///
    /// # Errors
    /// [`Error`].
    pub fn new(
        sources: &'a Sources<'a>,
        criteria: &'a Criteria,
        ports: PortRange,
        scope: Scope,
        registrar: &'a mut Registrar,
    ) -> Result<Self, Error> {
        let highest = RangeKind::User.bounds().last();
        let ports = PortRange::new(ports.first(), ports.last().min(highest)).unwrap_or(ports);
        let mut paper = Paper::new(sources, criteria);
        let records = registrar.records()?;
        let mut named: HashMap<String, Vec<Record>> = HashMap::new();
        for record in records.iter().filter(|record| record.status.holds()) {
            let name = record.fields.service_name.to_ascii_lowercase();
            named.entry(name).or_default().push(record.clone());
        }
        paper.holders = Holders::Everywhere(Box::new(Held::new(records, scope.clone())));
        Ok(Self {
            sources,
            registrar,
            paper,
            written: vec![None; usize::from(Port::MAX) + 1],
            named,
            ports,
            scope,
            sight: Sight::look(&[around_all(ports)], OwnerSearch::None),
            names: 0,
        })
    }

    /// Files a request for the first quiet port of a name. Where somebody else gets it first, the
    /// next one is tried. `fields` say all but port, transports and scope.
    ///
    /// Cost: a transaction, most of which is waiting for the disk; little else after the first name.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed for this name then.
    pub fn apply(&mut self, fields: &Fields, signature: &Signature) -> Result<Filing, Error> {
        let name = &fields.service_name;
        if let Err(refused) = name::check(name) {
            return Ok(Filing::Refused(refused));
        }
        if RangeKind::of(self.ports.first()) == RangeKind::Dynamic {
            return Ok(Filing::Refused(Refused {
                section: Section::Rfc6335("8.1.2"),
                because: format!(
                    "{} lies in the Dynamic range, of which nobody is given a port",
                    self.ports
                ),
                next: "ask for one of --range user".to_owned(),
            }));
        }
        let known = self.named.get(&name.to_ascii_lowercase());
        if let Some(filing) = known.and_then(|known| self.before(known, fields, signature)) {
            return Ok(filing);
        }
        if self.names > 0 && self.names.is_multiple_of(LOOK_LASTS) {
            self.sight = Sight::look(&[around_all(self.ports)], OwnerSearch::None);
        }
        self.names += 1;
        let wish = Wish {
            order: Order::named(name),
            ports: self.ports,
            count: 1,
        };
        let fields = Fields {
            transports: self.paper.transports().to_vec(),
            scope: self.scope.clone(),
            ..fields.clone()
        };
        self.first(&wish, &fields, signature)
    }

    /// What could not be seen.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let local = self.paper.criteria().local.gaps.iter();
        local.chain(&self.sight.gaps).cloned().collect()
    }

    fn first(
        &mut self,
        wish: &Wish,
        fields: &Fields,
        signature: &Signature,
    ) -> Result<Filing, Error> {
        let mut refusal = Refusal::new(wish);
        let (mut crowded, mut lost) = (Vec::new(), 0);
        let ports = wish.order.ports().filter(|port| wish.ports.contains(*port));
        for port in ports {
            match self.against(port) {
                Some(Kind::NeighbourSite) => crowded.push(port),
                Some(kind) => refusal.count(kind),
                None => match self.attempt(port, fields, signature)? {
                    Attempt::Done(filing) => return Ok(*filing),
                    Attempt::Not(kind) => {
                        refusal.count(kind);
                        lost += usize::from(kind == Kind::Site);
                    }
                },
            }
            if lost == MOST_LOST {
                break;
            }
        }
        for port in crowded {
            match self.attempt(port, fields, signature)? {
                Attempt::Done(filing) => return Ok(*filing),
                Attempt::Not(kind) => refusal.count(kind),
            }
        }
        Ok(Filing::NoneLeft(refusal.after(0)))
    }

    /// Files a request for a port against which nothing is written.
    fn attempt(
        &mut self,
        port: Port,
        fields: &Fields,
        signature: &Signature,
    ) -> Result<Attempt, Error> {
        match Suggestion::of(port, &self.paper, &self.sight) {
            Ok(suggestion) => self.file(suggestion, fields, signature),
            Err(kind) => Ok(Attempt::Not(kind)),
        }
    }

    /// The first reason against a port; what does not change is asked once.
    fn against(&mut self, port: Port) -> Option<Kind> {
        let written = &mut self.written[usize::from(port)];
        let written = *written.get_or_insert_with(|| self.paper.written(port));
        written.or_else(|| self.paper.held(port))
    }

    /// Files a request for this port. What is decided on is what the store holds now, whatever was
    /// known when the port was chosen.
    fn file(
        &mut self,
        suggestion: Suggestion,
        fields: &Fields,
        signature: &Signature,
    ) -> Result<Attempt, Error> {
        let ports = PortRange::single(suggestion.port);
        let step = Step::Draft(Fields {
            ports: Some(ports),
            ..fields.clone()
        });
        let mut doubted = false;
        loop {
            let taken = self
                .registrar
                .step(self.sources, None, None, &step, signature)?;
            let refused = match taken {
                Outcome::Taken(decision) => {
                    self.learn(&decision.records);
                    return Ok(Attempt::done(filed(suggestion, decision)));
                }
                Outcome::Refused(refused) => refused,
            };
            let found = self.registrar.find(&About {
                name: Some(fields.service_name.clone()),
                ports: Some(ports),
                ..About::default()
            })?;
            let same = |record: &&Record| {
                let own = &record.fields.service_name;
                own.eq_ignore_ascii_case(&fields.service_name)
            };
            let named: Vec<Record> = found.iter().filter(same).cloned().collect();
            let answer = self.before(&named, fields, signature);
            let holds = |record: &Record| record.status.holds() && record.covers(suggestion.port);
            let gone = found.iter().any(holds);
            self.learn(&found);
            match answer {
                Some(filing) => return Ok(Attempt::done(filing)),
                None if gone => return Ok(Attempt::Not(Kind::Site)),
                // Whoever had it may have let go of it in between.
                None if !doubted => doubted = true,
                None => return Ok(Attempt::done(Filing::Refused(refused))),
            }
        }
    }

    fn learn(&mut self, records: &[Record]) {
        for record in records {
            if let Holders::Everywhere(held) = &mut self.paper.holders {
                held.add(record.clone());
            }
            let name = record.fields.service_name.to_ascii_lowercase();
            let known = self.named.entry(name).or_default();
            known.retain(|known| known.id != record.id);
            if record.status.holds() {
                known.push(record.clone());
            }
        }
    }

    /// The answer where one of these, which have the name, has a number for it already: the same
    /// number for the same person or assignee, as a service gets one (RFC 6335 §7.2), and a refusal
    /// for others. A name alone, or one that was given back, is left to the procedures.
    fn before(&self, named: &[Record], fields: &Fields, signature: &Signature) -> Option<Filing> {
        let record = named.iter().find(|record| {
            let has = record.status.is_pending() || record.status == Status::Assigned;
            has && record.fields.ports.is_some() && self.scope.surely_meets(&record.fields.scope)
        })?;
        let ports = record.fields.ports?;
        let assignee = |fields: &Fields| fields.assignee.trim().to_lowercase();
        let wanted = assignee(fields);
        let own = assignee(&record.fields);
        let same_assignee = !wanted.is_empty() && wanted == own;
        // Whoever asks for somebody else is somebody else.
        let other_assignee = !wanted.is_empty() && !own.is_empty() && wanted != own;
        let covers = |t: &Transport| record.covers_on(ports.first(), *t);
        let (title, place) = (record.title(), record.place());
        let refused = if other_assignee {
            Refused {
                section: Section::Rfc6335("5.1"),
                because: format!(
                    "{title} has {place} for that name, and its assignee is {}",
                    record.fields.assignee.trim()
                ),
                next: "choose another name".to_owned(),
            }
        } else if !same_assignee && record.requested_by != signature.by {
            Refused {
                section: Section::Rfc6335("5.1"),
                because: format!(
                    "{title} has {place} for that name, asked for by {}",
                    record.requested_by
                ),
                next: "choose another name".to_owned(),
            }
        } else if !ports.is_single() || !self.paper.transports().iter().all(covers) {
            Refused {
                section: Section::Rfc6335("7.2"),
                because: format!("{title} has {place} for that name, and a service gets one port"),
                next: format!(
                    "ask for what it lacks with portolan registry modify {}",
                    record.id
                ),
            }
        } else {
            return Some(Filing::Before {
                port: ports.first(),
                record: Box::new(record.clone()),
            });
        };
        Some(Filing::Refused(refused))
    }
}

impl Attempt {
    fn done(filing: Filing) -> Self {
        Self::Done(Box::new(filing))
    }
}

/// What a decision made of the request: the record that the step was taken on comes first.
fn filed(suggestion: Suggestion, decision: Decision) -> Filing {
    match decision.records.into_iter().next() {
        Some(record) => {
            // What was decided before it had a number.
            let command = "portolan registry modify";
            let numbered = |remark: String| match remark.ends_with(command) {
                true => format!("{remark} {}", record.id),
                false => remark,
            };
            Filing::Filed {
                remarks: decision.remarks.into_iter().map(numbered).collect(),
                suggestion,
                record: Box::new(record),
            }
        }
        None => Filing::Refused(Refused {
            section: Section::Site,
            because: "the registry kept nothing of the request".to_owned(),
            next: String::new(),
        }),
    }
}
