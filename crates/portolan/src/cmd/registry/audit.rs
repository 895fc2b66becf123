//! `portolan registry audit`: who did what, when and why; and whether that trail is whole.

use anyhow::anyhow;
use portolan_ports::site::Record;
use portolan_store::audit::Audited;
use portolan_survey::assign::Registrar;
use portolan_survey::document::{TrailDocument, to_json};

use super::address::Address;
use super::desk::{Desk, at_desk};
use super::list;
use crate::arguments::{Arguments, Audit};
use crate::exit::{Exit, malformed};
use crate::print::{self, Output, grouped, one_line};

pub(super) fn run(arguments: &Arguments, audit: &Audit, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        if let Some(file) = &desk.site.file {
            return Err(malformed(anyhow!(
                "the site registry is the file {} ({}), whose history is that of the file; where it \
                 lies in git: git log {0}",
                file.display(),
                desk.chosen_by()
            )));
        }
        if audit.verify || audit.head.is_some() {
            return verify(desk, audit.head.as_deref());
        }
        let (records, before) = match &audit.record {
            None => (vec![None], Vec::new()),
            Some(typed) => match desk.record(typed, "", |_| false)? {
                Ok(record) => told(desk, typed, &record)?,
                Err(exit) => return Ok(exit),
            },
        };
        let read = |registrar: &mut Registrar| {
            let mut entries = Vec::new();
            for record in &records {
                entries.extend(registrar.audit(*record)?);
            }
            entries.sort_by_key(|entry| entry.number);
            Ok(entries)
        };
        let Some(entries) = desk.read(read)? else {
            return none(desk);
        };
        for older in &before {
            output.remark(&format!("{} had the number before", older.title()));
        }
        if arguments.json {
            output.line(&to_json(&TrailDocument::new(&entries), true)?)?;
        } else if entries.is_empty() {
            output.remark("nothing was done on the site registry yet");
        } else {
            output.write(print::site::trail(&entries, output).as_bytes())?;
        }
        Ok(Exit::Fine)
    })
}

/// Whose entries are told: the record's, and where it was named by its place, those of the records
/// that had the number before.
fn told(
    desk: &Desk<'_>,
    typed: &str,
    record: &Record,
) -> anyhow::Result<(Vec<Option<u64>>, Vec<Record>)> {
    let mut before = Vec::new();
    if let Ok(Address::Place(..)) = typed.parse() {
        let mut all = desk.records()?;
        let ids = list::before(&all, |other| other.id == record.id);
        all.retain(|other| ids.contains(&other.id));
        before = all;
    }
    let ids = before.iter().map(|older| older.id).chain([record.id]);
    Ok((ids.map(Some).collect(), before))
}

fn none(desk: &Desk<'_>) -> anyhow::Result<Exit> {
    desk.output.complain(
        "there is no site registry here; its first request makes it: portolan registry request",
    );
    Ok(Exit::BadNews)
}

fn verify(desk: &Desk<'_>, noted: Option<&str>) -> anyhow::Result<Exit> {
    let read = |registrar: &mut Registrar| {
        let entries = match noted {
            Some(_) => registrar.audit(None)?,
            None => Vec::new(),
        };
        Ok((registrar.verify()?, entries))
    };
    let Some((verified, entries)) = desk.read(read)? else {
        return none(desk);
    };
    let missing = noted.and_then(|noted| missing(noted, &entries));
    let faults = verified.faults.len() + usize::from(missing.is_some());
    let output = desk.output;
    if desk.arguments.json {
        let document = TrailDocument::new(&[]).verified(&verified, missing.as_deref());
        output.line(&to_json(&document, true)?)?;
    } else {
        output.write(print::site::verified(&verified, faults, output).as_bytes())?;
        if missing.is_none()
            && let Some(found) = noted.and_then(|noted| found(noted, &entries))
        {
            output.line(&found)?;
        }
    }
    for fault in &verified.faults {
        let what = match fault.number {
            0 => "the database".to_owned(),
            number => format!("entry {number}"),
        };
        output.complain(&format!("{what}: {}", one_line(&fault.because)));
    }
    if let Some(missing) = &missing {
        output.complain(missing);
    }
    Ok(match faults {
        0 => Exit::Fine,
        _ => Exit::BadNews,
    })
}

/// What is wrong where a hash that was noted down is none of the chain's.
fn missing(noted: &str, entries: &[Audited]) -> Option<String> {
    let known = entries.iter().any(|entry| entry.hash.starts_with(noted));
    (!known).then(|| {
        format!(
            "no entry has the hash {noted}: the trail was cut off or written anew since it was noted \
             down, or it is another registry's"
        )
    })
}

/// Which entry has the hash, and how many came after it.
fn found(noted: &str, entries: &[Audited]) -> Option<String> {
    let at = entries
        .iter()
        .position(|entry| entry.hash.starts_with(noted))?;
    let since = match entries.len() - at - 1 {
        0 => "the last one".to_owned(),
        1 => "and 1 came after it".to_owned(),
        n => format!("and {} came after it", grouped(n)),
    };
    let number = entries.get(at)?.number;
    Some(format!(
        "{} is entry {number}, {since}",
        print::site::short(noted)
    ))
}
