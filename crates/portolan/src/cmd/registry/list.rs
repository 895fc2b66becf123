//! `portolan registry list`: the records of the site registry, some or all.

use anyhow::anyhow;
use portolan_ports::site::{Record, Status};
use portolan_registry::{PortRange, Transport};
use portolan_survey::document::{SiteDocument, to_json};

use super::address::Address;
use super::desk::at_desk;
use crate::arguments::{Arguments, List};
use crate::exit::{Exit, malformed};
use crate::print::{self, Output, grouped, one_line};

pub(super) fn run(arguments: &Arguments, list: &List, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let all = desk.records()?;
        let words: anyhow::Result<Vec<Word>> = list
            .filter
            .iter()
            .map(|word| Word::read(word, &all))
            .collect();
        let words = words?;
        let today = desk.today;
        let mut fit: Vec<&Record> = all
            .iter()
            .filter(|record| words.iter().all(|word| word.fits(record)))
            .filter(|record| {
                let has = |transport| record.fields.transports.contains(transport);
                list.transport.is_empty() || list.transport.iter().any(has)
            })
            .filter(|record| list.status.is_empty() || list.status.contains(&record.status))
            .filter(|record| !list.pending || record.status.is_pending())
            .filter(|record| !list.expired || record.status.holds() && record.is_expired(today))
            .filter(|record| {
                list.scope
                    .as_ref()
                    .is_none_or(|scope| record.fields.scope.is_same(scope))
            })
            .filter(|record| {
                let holds = |text: &String| contains(&record.fields.assignee, text);
                list.assignee.as_ref().is_none_or(holds)
            })
            .collect();
        // A queue is worked off from its front: who waited longest; else ports are what is sought.
        fit.sort_by_key(|record| match list.pending {
            true => (
                Some(u16::from(record.status == Status::Questioned)),
                record.id,
            ),
            false => (
                record.fields.ports.map(PortRange::first).or(Some(u16::MAX)),
                record.id,
            ),
        });
        if arguments.json {
            let records = fit.iter().copied();
            let document = SiteDocument::new(&list.filter, records, all.len(), today);
            output.line(&to_json(&document, true)?)?;
        } else if list.long {
            let cards: Vec<String> = fit
                .iter()
                .map(|record| print::site::card(record, today, output))
                .collect();
            output.write(cards.join("\n").as_bytes())?;
        } else if !fit.is_empty() {
            output.write(print::site::table(fit.iter().copied(), today, output).as_bytes())?;
        }
        if !fit.is_empty() {
            return Ok(Exit::Fine);
        }
        if all.is_empty() {
            output.remark(
                "the site registry has no records yet; file one: portolan registry request",
            );
            return Ok(match is_narrowed(list) {
                true => Exit::BadNews,
                false => Exit::Fine,
            });
        }
        let n = match all.len() {
            1 => "the one record".to_owned(),
            n => format!("the {} records", grouped(n)),
        };
        output.complain(&match list.pending {
            true => format!("none of {n} waits for a review"),
            false => format!("none of {n} fits"),
        });
        Ok(Exit::BadNews)
    })
}

fn is_narrowed(list: &List) -> bool {
    !list.filter.is_empty()
        || !list.transport.is_empty()
        || !list.status.is_empty()
        || list.scope.is_some()
        || list.pending
        || list.expired
        || list.assignee.is_some()
}

/// One word of what is sought.
enum Word<'w> {
    /// A number is a port or a record's number; a range has one of the record's ports. What had the
    /// number before is meant too, by its number.
    Ports(PortRange, Option<u64>, Vec<u64>),
    /// A record's number, beyond all ports.
    Id(u64),
    /// A port with its transport, or without; and what had it before.
    Place(Address, Vec<u64>),
    /// Any number on this transport.
    Transport(Transport),
    /// Words of its texts.
    Text(&'w str),
}

impl<'w> Word<'w> {
    /// # Errors
    /// What looks like a port or a range, and is none.
    fn read(word: &'w str, all: &[Record]) -> anyhow::Result<Self> {
        let wrong = |because: &str| Err(malformed(anyhow!("{}: {because}", one_line(word))));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_port = digits(word);
        let is_range = word
            .split_once('-')
            .is_some_and(|(first, last)| digits(first) && digits(last));
        match word.parse::<PortRange>() {
            Ok(ports) if is_port || is_range => {
                let overlap =
                    |own: PortRange| own.first() <= ports.last() && ports.first() <= own.last();
                let holds = |record: &Record| record.fields.ports.is_some_and(overlap);
                let before = before(all, holds);
                return Ok(Self::Ports(ports, word.parse().ok(), before));
            }
            Err(error) if is_range => return wrong(&error.to_string()),
            _ => {}
        }
        if let Some(id) = word.parse().ok().filter(|_| is_port) {
            return match all.iter().any(|record| record.id == id) {
                true => Ok(Self::Id(id)),
                false => wrong("no port, which are 0 to 65535, and no record's number"),
            };
        }
        if let Ok(transport) = word.parse() {
            return Ok(Self::Transport(transport));
        }
        match word.parse::<Address>() {
            Ok(Address::Place(0, _)) => {
                wrong("port 0 is Reserved, and nobody's (RFC 6335 section 6)")
            }
            Ok(place @ Address::Place(..)) => {
                let before = before(all, |record| place.means(record));
                Ok(Self::Place(place, before))
            }
            _ if word.starts_with(':') => wrong("no place; write it as :8443 or 8443/tcp"),
            _ => Ok(Self::Text(word)),
        }
    }

    fn fits(&self, record: &Record) -> bool {
        match self {
            Self::Ports(ports, id, before) => {
                let overlap =
                    |own: PortRange| own.first() <= ports.last() && ports.first() <= own.last();
                *id == Some(record.id)
                    || record.fields.ports.is_some_and(overlap)
                    || before.contains(&record.id)
            }
            Self::Id(id) => record.id == *id,
            Self::Place(place, before) => place.means(record) || before.contains(&record.id),
            Self::Transport(transport) => record.fields.transports.contains(transport),
            Self::Text(word) => has_word(record, word),
        }
    }
}

/// The records that had the number of one of these before it was used again.
pub(super) fn before(all: &[Record], holds: impl Fn(&Record) -> bool) -> Vec<u64> {
    let mut before: Vec<u64> = Vec::new();
    let reused = all.iter().filter(|record| holds(record));
    let mut next: Vec<u64> = reused.filter_map(|record| record.reuses).collect();
    while let Some(id) = next.pop() {
        // A file may name itself, or go round.
        if !before.contains(&id) {
            before.push(id);
            let older = all.iter().find(|record| record.id == id);
            next.extend(older.and_then(|record| record.reuses));
        }
    }
    before
}

fn has_word(record: &Record, word: &str) -> bool {
    let fields = &record.fields;
    let texts = [
        &fields.service_name,
        &fields.description,
        &fields.assignee,
        &fields.contact,
        &fields.ticket,
        &fields.notes,
        &record.requested_by,
    ];
    texts.iter().any(|text| contains(text, word))
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
