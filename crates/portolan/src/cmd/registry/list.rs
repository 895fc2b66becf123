//! `portolan registry list`: the records of the site registry, some or all.

use portolan_ports::site::{Record, Status};
use portolan_registry::PortRange;
use portolan_survey::document::{SiteDocument, to_json};

use super::address::Address;
use super::desk::at_desk;
use crate::arguments::{Arguments, List};
use crate::exit::Exit;
use crate::print::{self, Output, grouped};

pub(super) fn run(arguments: &Arguments, list: &List, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let all = desk.records()?;
        let today = desk.today;
        let mut fit: Vec<&Record> = all
            .iter()
            .filter(|record| list.filter.iter().all(|word| fits(record, word)))
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
        || !list.status.is_empty()
        || list.scope.is_some()
        || list.pending
        || list.expired
        || list.assignee.is_some()
}

/// A number is a port or a record's number; a range has one of the record's ports; anything else is
/// a place, or words.
fn fits(record: &Record, word: &str) -> bool {
    if let Ok(ports) = word.parse::<PortRange>() {
        let overlap = |own: PortRange| own.first() <= ports.last() && ports.first() <= own.last();
        let id = word.parse() == Ok(record.id);
        return id || record.fields.ports.is_some_and(overlap);
    }
    if let Ok(place @ Address::Place(..)) = word.parse::<Address>() {
        return place.means(record);
    }
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
