//! `portolan registry modify`: some fields of a record are set anew.

use anyhow::anyhow;
use portolan_ports::site::{Record, Status, Step};

use super::desk::{Asked, at_desk};
use super::fields;
use crate::arguments::{Arguments, Modify};
use crate::exit::{Exit, malformed};
use crate::print::{self, Output};

pub(super) fn run(arguments: &Arguments, modify: &Modify, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let changeable =
            |record: &Record| record.status.is_pending() || record.status == Status::Assigned;
        let record = match desk.record(&modify.record, changeable)? {
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
        if wanted == record.fields && !answers {
            return Err(malformed(anyhow!(
                "nothing of record {} would change: name a field, as --contact or --no-expires",
                record.id
            )));
        }
        let moved = wanted.ports != record.fields.ports
            || wanted.transports != record.fields.transports
            || wanted.scope != record.fields.scope;
        let found = match moved {
            true => desk.conflicts(&wanted, Some(record.id)),
            false => Vec::new(),
        };
        if !arguments.json {
            output.write(print::site::conflicts(&found, output).as_bytes())?;
        }
        let step = Step::Modify(Box::new(wanted));
        let asked = Asked::on(
            &record,
            &step,
            modify.because.as_deref().unwrap_or_default(),
        );
        desk.take(&Asked {
            version: modify.version.or(asked.version),
            dry_run: modify.dry_run,
            conflicts: &found,
            ..asked
        })
    })
}
