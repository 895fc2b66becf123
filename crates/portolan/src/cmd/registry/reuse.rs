//! `portolan registry reuse`: a number that was given back is asked for, for another service.

use portolan_ports::site::{Fields, Record, Status, Step};

use super::desk::{Asked, at_desk};
use super::fields;
use crate::arguments::{Arguments, Reuse};
use crate::exit::Exit;
use crate::print::Output;

pub(super) fn run(arguments: &Arguments, reuse: &Reuse, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let usable = |record: &Record| {
            matches!(record.status, Status::Assigned | Status::Reserved)
                && record.fields.ports.is_some()
        };
        let record = match desk.record(&reuse.record, usable)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let old = &record.fields;
        // Whoever gave it back asks for it again, with the same place and people.
        let mut wanted = Fields {
            service_name: reuse.name.trim().to_owned(),
            ports: old.ports,
            transports: old.transports.clone(),
            assignee: old.assignee.clone(),
            contact: old.contact.clone(),
            scope: old.scope.clone(),
            ..Fields::default()
        };
        fields::set(&mut wanted, &reuse.fields);
        let step = Step::Reuse {
            fields: wanted.clone(),
            why_reserved: reuse.why_reserved.clone().unwrap_or_default(),
        };
        let asked = Asked {
            dry_run: reuse.dry_run,
            ..Asked::on(&record, &step, reuse.because.as_deref().unwrap_or_default())
        };
        desk.claim(&asked, &wanted)
    })
}
