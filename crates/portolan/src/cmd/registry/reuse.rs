//! `portolan registry reuse`: a number that was given back is asked for, for another service.

use anyhow::anyhow;
use portolan_ports::site::{Fields, Record, Status, Step};
use portolan_registry::Transport;

use super::desk::{Asked, at_desk};
use super::last_word::TO_BE_SAID;
use super::request::is_somebody_there;
use super::{fields, interview};
use crate::arguments::{Arguments, Reuse};
use crate::exit::{Exit, malformed};
use crate::print::Output;

pub(super) fn run(arguments: &Arguments, reuse: &Reuse, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let usable = |record: &Record| {
            matches!(record.status, Status::Assigned | Status::Reserved)
                && record.fields.ports.is_some()
        };
        let record = match desk.record(&reuse.record, "reuse", usable)? {
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
        let step = |fields: Fields| Step::Reuse {
            fields,
            why_reserved: reuse.why_reserved.clone().unwrap_or_default(),
        };
        let because = reuse.because.as_deref().unwrap_or_default();
        if !fields::is_complete(&wanted) && is_somebody_there(arguments) {
            let (given, dry_run) = (&reuse.fields, reuse.dry_run);
            let whole = step(completed(&wanted));
            let tried = Asked {
                dry_run: true,
                ..Asked::on(&record, &whole, because)
            };
            if desk.rehearse(&tried)?.is_err() {
                return desk.take(&tried);
            }
            let reused = interview::Reused {
                record: &record,
                why_reserved: reuse.why_reserved.as_deref().unwrap_or_default(),
            };
            let asked = interview::interview(desk, given, Some(reused), wanted, because, dry_run)?;
            let Some(asked) = asked else {
                return Err(malformed(anyhow!("nothing was filed: you did not say yes")));
            };
            return desk.take(&Asked {
                dry_run,
                ..Asked::on(&record, &step(asked), because)
            });
        }
        let step = step(wanted.clone());
        let asked = Asked {
            dry_run: reuse.dry_run,
            ..Asked::on(&record, &step, because)
        };
        desk.claim(&asked, &wanted)
    })
}

/// As if all that will be asked had been answered: what is refused even then need not be asked.
fn completed(wanted: &Fields) -> Fields {
    let mut whole = wanted.clone();
    for text in [
        &mut whole.description,
        &mut whole.reference,
        &mut whole.assignee,
        &mut whole.contact,
        &mut whole.why_not_dynamic,
        &mut whole.why_not_user,
    ] {
        if text.is_empty() {
            TO_BE_SAID.clone_into(text);
        }
    }
    if whole.transports.contains(&Transport::Dccp) {
        whole.service_code = whole.service_code.or(Some(0));
    }
    whole
}
