//! Records as rows of a registry; [`super::taken`] makes records of them again.
//!
//! A row has one transport, so a record becomes a row for each, side by side. What IANA's columns
//! lack stands in the notes, see [`super::note`].

use std::collections::HashMap;

use jiff::civil::Date;
use portolan_registry::{Assignment, Column, Origin, PortRange, Transport, check_name};

use super::kin;
use super::note::{self, Lines};
use crate::site::{Record, Scope, Status};

/// A row that owns its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    cells: [String; 10],
    ports: Option<PortRange>,
    transport: Option<Transport>,
}

impl Row {
    /// The row as the registry's forms take it.
    #[must_use]
    pub fn view(&self) -> Assignment<'_> {
        let cells = self.cells.each_ref().map(String::as_str);
        Assignment::new(cells, self.ports, self.transport, Origin::Site)
    }

    /// The longest cell that is taken anywhere has 65,535 bytes; the column of a longer one.
    #[must_use]
    pub fn too_long(&self) -> Option<Column> {
        let mut cells = Column::ALL.into_iter().zip(&self.cells);
        let long = cells.find(|(_, cell)| cell.len() > usize::from(u16::MAX))?;
        Some(long.0)
    }
}

/// The rows of these records, in the order of [`super::sorted`], each with the place of its record
/// in `records`.
///
/// Shape: an assigned record has its name and description; a reserved one is a row as IANA has
///        them, without a name, called "Reserved"; a request is Reserved, and what was declined or
///        withdrawn Unassigned, so that no reader takes them for an assignment.
#[must_use]
pub fn rows(records: &[Record]) -> Vec<(usize, Row)> {
    let by_id: HashMap<u64, &Record> = records.iter().map(|record| (record.id, record)).collect();
    let place: HashMap<*const Record, usize> = records
        .iter()
        .enumerate()
        .map(|(at, record)| (std::ptr::from_ref(record), at))
        .collect();
    let mut rows = Vec::with_capacity(records.len());
    for record in super::sorted(records) {
        let at = place
            .get(&std::ptr::from_ref(record))
            .copied()
            .unwrap_or_default();
        let reused = record.reuses.and_then(|id| by_id.get(&id).copied());
        let reused = reused.filter(|reused| kin::says(reused));
        let cells = cells(record, reused);
        let transports: Vec<Option<Transport>> = match record.fields.transports.as_slice() {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        let has_dccp = transports.contains(&Some(Transport::Dccp));
        for transport in transports {
            let mut cells = cells.clone();
            // The code is DCCP's (RFC 5595); where the record has no DCCP it is not lost.
            if has_dccp && transport != Some(Transport::Dccp) {
                cells[Column::ServiceCode as usize].clear();
            }
            let ports = record.fields.ports;
            rows.push((
                at,
                Row {
                    cells,
                    ports,
                    transport,
                },
            ));
        }
    }
    rows
}

/// What the columns of one row hold, before its transport is known.
fn cells(record: &Record, reused: Option<&Record>) -> [String; 10] {
    let fields = &record.fields;
    let serves = &fields.serves;
    let mut lines = Lines::default();
    let notes_fit = note::is_plain(&fields.notes) && !fields.notes.split('\n').any(is_line);
    if notes_fit {
        lines.line(&fields.notes);
    }
    let is_assigned = record.status == Status::Assigned;
    let named = is_assigned && check_name(&fields.service_name).is_ok();
    match record.status {
        Status::Assigned if named => {}
        Status::Reserved | Status::Unassigned => {}
        status => lines.put("Status", status.as_str()),
    }
    let given_back = record.status == Status::Reserved && record.assigned.is_some();
    if given_back && !fields.service_name.is_empty() {
        let name = note::escaped(&fields.service_name);
        lines.line(&format!(
            "De-registered {}, previously {name}.",
            record.modified
        ));
    } else if !named {
        lines.put("Service name", &fields.service_name);
    }
    let assignee = bracketed(&mut lines, "Assignee", &fields.assignee);
    let contact = bracketed(&mut lines, "Contact", &fields.contact);
    let state = match record.status {
        Status::Declined | Status::Withdrawn | Status::Unassigned => "Unassigned",
        _ => "Reserved",
    };
    let description = match named {
        true => cell(&mut lines, "Description", &fields.description),
        false => {
            lines.put("Description", &fields.description);
            state.to_owned()
        }
    };
    let reference = bracketed(&mut lines, "Reference", &fields.reference);
    let ways: Vec<&str> = fields
        .communication
        .iter()
        .map(|way| way.as_str())
        .collect();
    lines.put("Communication", &ways.join(", "));
    let unauthorized = cell(&mut lines, "Unauthorized use", &fields.unauthorized_use);
    if !notes_fit {
        lines.put("Notes", &fields.notes);
    }
    lines.put("Why not Dynamic", &fields.why_not_dynamic);
    lines.put("Why not User", &fields.why_not_user);
    if fields.scope != Scope::All {
        lines.put("Scope", &fields.scope.to_string());
    }
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    lines.put("Ticket", &fields.ticket);
    lines.put("Expires", &day(fields.expires));
    for (key, value) in [
        ("Program", &serves.program),
        ("User", &serves.user),
        ("Unit", &serves.unit),
        ("Container", &serves.container),
        ("Protocol", &serves.protocol),
        ("Product", &serves.product),
    ] {
        lines.put(key, value.as_deref().unwrap_or_default());
    }
    if record.assigned != Some(record.requested) {
        lines.put("Requested", &record.requested.to_string());
    }
    lines.put("Requested by", &record.requested_by);
    lines.put("Because", &record.because);
    if let Some(revocation) = &record.revocation {
        lines.put("Revocation announced", &revocation.announced.to_string());
        lines.put("Revocation effective", &revocation.effective.to_string());
        lines.put("Revocation because", &revocation.because);
    }
    lines.put("Reuses", &reused.map(kin::called).unwrap_or_default());
    let name = if named {
        fields.service_name.clone()
    } else {
        String::new()
    };
    let code = fields
        .service_code
        .map_or_else(String::new, |code| code.to_string());
    [
        name,
        description,
        assignee,
        contact,
        day(record.assigned),
        record.modified.to_string(),
        reference,
        code,
        unauthorized,
        lines.0,
    ]
}

/// Whether a line of somebody's notes would be taken for one of ours.
fn is_line(line: &str) -> bool {
    note::read(line).is_some() || formerly(line).is_some()
}

/// The name in `De-registered 2026-11-22, previously NAME.`
pub(super) fn formerly(line: &str) -> Option<String> {
    let (day, name) = line
        .strip_prefix("De-registered ")?
        .split_once(", previously ")?;
    day.parse::<Date>().ok()?;
    note::unescaped(name.strip_suffix('.')?)
}

/// A text in its own column where it comes back from there as it is, else in a line.
fn cell(lines: &mut Lines, key: &str, text: &str) -> String {
    if text.is_empty() || note::is_plain(text) {
        return text.to_owned();
    }
    lines.put(key, text);
    portolan_registry::one_line(text)
}

/// The same in brackets, as IANA writes people and references.
fn bracketed(lines: &mut Lines, key: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    if note::is_plain_line(text) && !text.contains(['[', ']']) {
        return format!("[{text}]");
    }
    lines.put(key, text);
    let shown = portolan_registry::one_line(text);
    format!("[{}]", shown.replace('[', "(").replace(']', ")"))
}
