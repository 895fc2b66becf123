//! The questions of a request: what was not given is asked, each answer is held against the
//! procedures and the other records at once, and nothing is filed before somebody said yes.

use std::io::{BufRead, Write};

use portolan_ports::site::{Fields, Record, Scope, Step};
use portolan_ports::system::System;
use portolan_registry::{Port, PortRange, RangeKind, Transport};
use portolan_survey::suggest::reason::Side;
use portolan_survey::suggest::{Criteria, Order, Wish, suggest};

use super::desk::{Asked, Desk};
use super::fields::sorted;
use super::question::Asking;
use crate::arguments::{FieldArguments, communication_named, date, port, service_code};
use crate::print;
use crate::print::one_line;

/// An interview that goes on.
struct Interview<'d, R, W> {
    desk: &'d Desk<'d>,
    given: &'d FieldArguments,
    because: &'d str,
    /// Whose number is asked for, where it is to be used again.
    reused: Option<&'d Record>,
    wanted: Fields,
    asking: Asking<R, W>,
}

/// Asks for what was not given; the request, once somebody said to file it, `None` where nobody did.
/// A dry run files nothing, and is not asked about.
pub(super) fn interview(
    desk: &Desk<'_>,
    given: &FieldArguments,
    reused: Option<&Record>,
    wanted: Fields,
    because: &str,
    dry_run: bool,
) -> anyhow::Result<Option<Fields>> {
    let mut interview = Interview {
        desk,
        given,
        because,
        reused,
        wanted,
        asking: Asking::at_terminal("nothing was filed", desk.output),
    };
    interview.asking.say(&format!(
        "A request to the site registry, filed by {}. Enter takes what stands in brackets; Ctrl-C \
         files nothing.",
        desk.by()
    ))?;
    interview.place()?;
    interview.texts()?;
    interview.rest()?;
    if dry_run || interview.is_confirmed()? {
        return Ok(Some(interview.wanted));
    }
    Ok(None)
}

impl<R: BufRead, W: Write> Interview<'_, R, W> {
    /// Asks, and takes the answer into the request unless that would be refused with it.
    fn field<T>(
        &mut self,
        question: &str,
        why: &str,
        proposal: &str,
        read: impl Fn(&str) -> Result<T, String>,
        set: impl Fn(&mut Fields, T),
    ) -> anyhow::Result<()> {
        let Self {
            desk,
            because,
            wanted,
            reused,
            asking,
            ..
        } = self;
        let mut failed = None;
        let taken = asking.ask(question, why, proposal, |answer| {
            let mut so_far = wanted.clone();
            set(&mut so_far, read(answer)?);
            match refusal(desk, &so_far, because, *reused) {
                Ok(None) => Ok(so_far),
                Ok(Some(refusal)) => Err(refusal),
                Err(error) => {
                    failed = Some(error);
                    Ok(so_far)
                }
            }
        })?;
        *wanted = taken;
        failed.map_or(Ok(()), Err)
    }

    /// Hosts, name, transports and port.
    fn place(&mut self) -> anyhow::Result<()> {
        if self.given.scope.is_none() && self.reused.is_none() {
            let read = |answer: &str| {
                answer.parse::<Scope>().map_err(|_| {
                    format!(
                        "{answer:?} says no hosts: write all, group:NAME or host:NAME; the service's \
                         name is asked next"
                    )
                })
            };
            self.field(
                "On which hosts? all, group:NAME or host:NAME",
                "a number that is taken on one host may be free on the others",
                "all",
                read,
                |fields, scope| fields.scope = scope,
            )?;
        }
        if self.wanted.service_name.is_empty() {
            self.field(
                "Service name?",
                "what look-ups and files call it: 1 to 15 letters, digits and hyphens, RFC 6335 \
                 section 5.1",
                "",
                |answer| match answer {
                    "" => Err("a request needs a name".to_owned()),
                    name => Ok(name.to_owned()),
                },
                |fields, name| fields.service_name = name,
            )?;
        } else if let Some(refusal) = refusal(self.desk, &self.wanted, self.because, self.reused)? {
            self.asking.say(&format!("! {refusal}"))?;
        }
        if self.wanted.transports.is_empty() {
            self.field(
                "Over which transports? tcp, udp, sctp, dccp",
                "only what it uses; a port stays reserved on the others, RFC 6335 section 7.2",
                "tcp",
                transports,
                |fields, transports| fields.transports = transports,
            )?;
        }
        let is_dccp = self.wanted.transports.contains(&Transport::Dccp);
        if is_dccp && self.wanted.service_code.is_none() {
            self.field(
                "Service code?",
                "asked of DCCP alone: 32 bits, in decimal or as 0x…",
                "",
                |answer| service_code(answer).map_err(str::to_owned),
                |fields, code| fields.service_code = Some(code),
            )?;
        }
        if self.wanted.ports.is_none() {
            self.port()?;
        }
        Ok(())
    }

    fn port(&mut self) -> anyhow::Result<()> {
        let mut proposal = String::new();
        loop {
            let answer = self.asking.ask(
                "Port? a number, \"suggest\" for a quiet one, \"none\" for a name alone",
                "a User port, 1024-49151, and only where others have to know the number beforehand",
                &proposal,
                |answer| match answer.to_ascii_lowercase().as_str() {
                    "suggest" | "?" => Ok(Wanted::Suggestion),
                    "none" => Ok(Wanted::None),
                    number => port(number).map(Wanted::Port),
                },
            )?;
            let number = match answer {
                Wanted::None => return Ok(()),
                Wanted::Suggestion => {
                    match self.quiet() {
                        Ok(quiet) => {
                            self.asking.say(&format!(
                                "{quiet} is quiet: nothing that is written down or seen here speaks \
                                 against it"
                            ))?;
                            proposal = quiet.to_string();
                        }
                        Err(why) => self.asking.say(&format!("! {why}"))?,
                    }
                    continue;
                }
                Wanted::Port(number) => number,
            };
            let mut so_far = self.wanted.clone();
            so_far.ports = Some(PortRange::single(number));
            if let Some(refusal) = refusal(self.desk, &so_far, self.because, self.reused)? {
                self.asking.say(&format!("! {refusal}"))?;
                continue;
            }
            let found = self.desk.conflicts(&so_far, None);
            let against = found.iter().any(|reason| reason.side == Side::Against);
            let told = print::site::conflicts(&found, self.desk.output);
            if !told.is_empty() {
                self.asking.show(&told)?;
            }
            if !against || self.asking.confirm("Ask for it all the same?")? {
                self.wanted = so_far;
                return Ok(());
            }
        }
    }

    /// A port that nothing speaks against, in the order that the name sets.
    fn quiet(&self) -> Result<Port, String> {
        let ours = |transport: &&Transport| matches!(transport, Transport::Tcp | Transport::Udp);
        let criteria = Criteria {
            transports: self
                .wanted
                .transports
                .iter()
                .filter(ours)
                .copied()
                .collect(),
            avoid: vec![System::Linux, System::Kubernetes],
            local: portolan_inspect::local_ranges(),
        };
        let wish = Wish {
            order: Order::named(&self.wanted.service_name),
            ports: RangeKind::User.bounds(),
            count: 1,
        };
        let suggested = suggest(&self.desk.sources, &criteria, &wish);
        let first = suggested.suggestions.first().map(|one| one.port);
        first.ok_or_else(|| {
            let refused = suggested.refused.map(|refused| refused.to_string());
            refused.unwrap_or_else(|| "no port is quiet".to_owned())
        })
    }

    /// The texts that every request has.
    fn texts(&mut self) -> anyhow::Result<()> {
        let port = self.wanted.ports.map(PortRange::first);
        let is_system = port.is_some_and(|port| RangeKind::of(port) == RangeKind::System);
        let given = self.given;
        // A default of the configuration is proposed; what was typed is not asked again.
        for (typed, asked, question, why, own) in [
            (
                given.description.is_some(),
                true,
                "What is the service?",
                "one line that tells it from others",
                (|fields| &mut fields.description) as fn(&mut Fields) -> &mut String,
            ),
            (
                given.reference.is_some(),
                true,
                "Where is its protocol or application described?",
                "an address or a document, for whoever meets it in five years",
                |fields| &mut fields.reference,
            ),
            (
                given.assignee.is_some(),
                true,
                "Which organisation or team is it for?",
                "who has it is who may give it back; it is not transferred, RFC 6335 section 8.5",
                |fields| &mut fields.assignee,
            ),
            (
                given.contact.is_some(),
                true,
                "Who speaks for it?",
                "a name and a mail address that outlive a change of staff",
                |fields| &mut fields.contact,
            ),
            (
                given.why_not_dynamic.is_some(),
                port.is_some(),
                "Why will no Dynamic port do (49152-65535, looked up at run time)?",
                "asked of every request for a port, RFC 6335 section 8.1.1",
                |fields| &mut fields.why_not_dynamic,
            ),
            (
                given.why_not_user.is_some(),
                is_system,
                "Why will no User port do (1024-49151)?",
                "asked of every request for a System port, RFC 6335 section 8.1.1",
                |fields| &mut fields.why_not_user,
            ),
        ] {
            if typed || !asked {
                continue;
            }
            let proposal = own(&mut self.wanted).clone();
            let read = |answer: &str| match answer {
                "" => Err("an answer is needed here".to_owned()),
                answer => Ok(answer.to_owned()),
            };
            self.field(question, why, &proposal, read, |fields, text| {
                *own(fields) = text;
            })?;
        }
        Ok(())
    }

    /// What may be left out.
    fn rest(&mut self) -> anyhow::Result<()> {
        if self.given.communication.is_empty() {
            self.field(
                "Does it speak to many at once? none, broadcast, multicast, anycast",
                "the reference has to say how, RFC 6335 section 8.1.1",
                "none",
                |answer| {
                    let words = || answer.split([',', ' ']).filter(|word| !word.is_empty());
                    if words().all(|word| word.eq_ignore_ascii_case("none")) {
                        return Ok(Vec::new());
                    }
                    let ways: Option<Vec<_>> = words().map(communication_named).collect();
                    ways.map(|ways| sorted(&ways))
                        .ok_or_else(|| "write none, or some of the three, with commas".to_owned())
                },
                |fields, ways| fields.communication = ways,
            )?;
        }
        if self.given.ticket.is_none() {
            self.field(
                "Ticket, where the request is talked about?",
                "may be left empty",
                "",
                |answer| Ok(answer.to_owned()),
                |fields, ticket| fields.ticket = ticket,
            )?;
        }
        if self.given.expires.is_none() {
            self.field(
                "Last day on which it is needed?",
                "as 2030-12-31; an end makes sure that somebody looks at it again",
                "never",
                |answer| match answer {
                    "never" => Ok(None),
                    day => date(day).map(Some).map_err(str::to_owned),
                },
                |fields, day| fields.expires = day,
            )?;
        }
        Ok(())
    }

    /// Shows what would be filed, and asks for the last word.
    fn is_confirmed(&mut self) -> anyhow::Result<bool> {
        let step = match self.reused {
            Some(_) => Step::Reuse {
                fields: self.wanted.clone(),
                why_reserved: String::new(),
            },
            None => Step::Request(self.wanted.clone()),
        };
        let asked = match self.reused {
            Some(record) => Asked::on(record, &step, self.because),
            None => Asked::new(&step, self.because),
        };
        let decision = match self.desk.rehearse(&asked)? {
            Ok(decision) => decision,
            // It is refused when it is filed, and says so then.
            Err(_) => return Ok(true),
        };
        self.asking.say("")?;
        // Of a reuse the new record is the one that was not there yet.
        for record in decision.records.iter().filter(|record| record.id == 0) {
            let card = print::site::card(record, self.desk.today, self.desk.output);
            self.asking.show(&card)?;
        }
        for remark in &decision.remarks {
            self.asking.say(&format!("Note: {}.", one_line(remark)))?;
        }
        self.asking.confirm("File it?")
    }
}

enum Wanted {
    Port(Port),
    Suggestion,
    None,
}

pub(super) fn transports(answer: &str) -> Result<Vec<Transport>, String> {
    let words = answer.split([',', ' ']).filter(|word| !word.is_empty());
    let transports: Result<Vec<Transport>, _> = words.map(str::parse).collect();
    match transports {
        Ok(transports) if !transports.is_empty() => Ok(sorted(&transports)),
        _ => Err("write some of tcp, udp, sctp and dccp, with commas".to_owned()),
    }
}

/// Why what is said so far would be refused; what is not said yet is no reason.
fn refusal(
    desk: &Desk<'_>,
    so_far: &Fields,
    because: &str,
    reused: Option<&Record>,
) -> anyhow::Result<Option<String>> {
    let mut so_far = so_far.clone();
    if reused.is_some() {
        // Its own number was held against the procedures before the first question.
        so_far.ports = None;
    }
    let step = Step::Draft(so_far.clone());
    let asked = Asked::new(&step, because);
    let refused = match (so_far.service_name.is_empty(), so_far.ports) {
        (true, None) => return Ok(None),
        _ => desk.rehearse(&asked)?.err(),
    };
    Ok(refused.map(|refusal| one_line(&refusal.to_string())))
}
