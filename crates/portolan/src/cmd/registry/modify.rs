//! `portolan registry modify`: some fields of a record are set anew.

use anyhow::anyhow;
use portolan_ports::site::{Record, Status, Step};

use super::desk::{Asked, at_desk};
use super::request::is_somebody_there;
use super::{amend, fields};
use crate::arguments::{Arguments, Modify};
use crate::exit::{Exit, malformed};
use crate::print::Output;

pub(super) fn run(arguments: &Arguments, modify: &Modify, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let changeable =
            |record: &Record| record.status.is_pending() || record.status == Status::Assigned;
        let record = match desk.record(&modify.record, "modify", changeable)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let mut wanted = record.fields.clone();
        if let Some(name) = &modify.name {
            name.trim().clone_into(&mut wanted.service_name);
        }
        fields::set(&mut wanted, &modify.fields);
        fields::clear(&mut wanted, modify.clear);
        // An answer to a reviewer's question may be words alone.
        let answers = record.status == Status::Questioned && modify.because.is_some();
        let mut because = modify.because.clone().unwrap_or_default();
        if wanted == record.fields && !answers {
            if modify.named().is_empty() && is_somebody_there(arguments) {
                match amend::amend(desk, &record, &because, modify.dry_run)? {
                    Some((fields, why)) => (wanted, because) = (fields, why),
                    None => return Err(malformed(anyhow!("nothing was changed"))),
                }
            } else {
                return Err(unchanged(&record, modify));
            }
        }
        let moved = wanted.ports != record.fields.ports
            || wanted.transports != record.fields.transports
            || wanted.scope != record.fields.scope;
        let step = Step::Modify(Box::new(wanted.clone()));
        let asked = Asked::on(&record, &step, &because);
        let asked = Asked {
            version: modify.version.or(asked.version),
            dry_run: modify.dry_run,
            ..asked
        };
        match moved {
            true => desk.claim(&asked, &wanted),
            false => desk.take(&asked),
        }
    })
}

/// Says why nothing would change.
fn unchanged(record: &Record, modify: &Modify) -> anyhow::Error {
    let id = record.id;
    let mut said = match modify.named().as_slice() {
        [] => format!(
            "nothing of record {id} would change: name a field, as --contact or --no-expires"
        ),
        [field] => format!("nothing of record {id} would change: its {field} is that already"),
        fields => format!(
            "nothing of record {id} would change: {} are that already",
            fields.join(", ")
        ),
    };
    if record.status == Status::Questioned {
        said.push_str("; to answer the question alone, --because ANSWER is enough");
    }
    malformed(anyhow!(said))
}
