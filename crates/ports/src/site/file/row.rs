//! Records as rows of a registry, and rows as records.
//!
//! A row has one transport, so a record becomes a row for each, side by side, and such rows become
//! one record again. What IANA's columns lack stands in the notes, see [`super::note`].

use std::collections::HashMap;

use jiff::civil::Date;
use portolan_registry::{Assignment, Column, Origin, PortRange, Transport, check_name};

use super::entry::{communication, status_named};
use super::kin;
use super::note::{self, Lines};
use crate::site::{Communication, Fields, Record, Revocation, Scope, Status};

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
fn formerly(line: &str) -> Option<String> {
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

/// What is in brackets alone; a text without them, or with several, as it is.
fn unbracketed(cell: &str) -> String {
    let inner = cell
        .strip_prefix('[')
        .and_then(|cell| cell.strip_suffix(']'));
    let inner = inner.filter(|inner| !inner.contains(['[', ']']));
    inner.unwrap_or(cell).to_owned()
}

/// Takes rows, one after the other, and makes records of them.
#[derive(Debug, Default)]
pub struct Taken {
    records: Vec<Record>,
    reuses: Vec<(usize, String)>,
    undated: Option<Date>,
}

impl Taken {
    /// Nothing taken yet. A row that does not say when it was asked for has `undated` as that day;
    /// without one such a row is refused.
    #[must_use]
    pub fn new(undated: Option<Date>) -> Self {
        Self {
            undated,
            ..Self::default()
        }
    }

    /// Takes the next row. `at` becomes the number of a record that begins with it: its line.
    ///
    /// # Errors
    /// Why it is no record, as half a sentence.
    pub fn take(&mut self, row: &Assignment<'_>, at: u64) -> Result<(), String> {
        let (record, reuses) = record(row, at, self.undated)?;
        let of_last = self
            .reuses
            .last()
            .filter(|(index, _)| index + 1 == self.records.len());
        let same = of_last.map(|(_, name)| name) == reuses.as_ref();
        if let Some(last) = self.records.last_mut().filter(|_| same)
            && is_continued(last, &record)
        {
            last.fields.transports.extend(record.fields.transports);
            last.fields.service_code = last.fields.service_code.or(record.fields.service_code);
            return Ok(());
        }
        if let Some(name) = reuses {
            self.reuses.push((self.records.len(), name));
        }
        self.records.push(record);
        Ok(())
    }

    /// The records, and whom each reuses.
    ///
    /// # Errors
    /// The number of a record that reuses one that is not there, and why it cannot be taken.
    pub fn records(mut self) -> Result<Vec<Record>, (u64, String)> {
        let finder = kin::Finder::new(&self.records);
        let mut found = Vec::new();
        for (index, name) in &self.reuses {
            let Some(target) = finder.find(*index, name) else {
                let at = self.records.get(*index).map_or(0, |record| record.id);
                let why = format!("it reuses {name:?}, which has no row with its port");
                return Err((at, why));
            };
            found.push((*index, target));
        }
        for (index, target) in found {
            if let Some(record) = self.records.get_mut(index) {
                record.reuses = Some(target);
            }
        }
        Ok(self.records)
    }
}

/// Whether the next row is the same record on a further transport.
fn is_continued(last: &Record, next: &Record) -> bool {
    let (Some(before), [own]) = (
        last.fields.transports.last(),
        next.fields.transports.as_slice(),
    ) else {
        return false;
    };
    let code = last.fields.service_code == next.fields.service_code
        || (*own == Transport::Dccp && last.fields.service_code.is_none());
    before < own && code && {
        let alike = |record: &Record| Record {
            id: 0,
            fields: Fields {
                transports: Vec::new(),
                service_code: None,
                ..record.fields.clone()
            },
            ..record.clone()
        };
        alike(last) == alike(next)
    }
}

/// The record that a row tells of on its transport, and what the one is called that it reuses.
fn record(
    row: &Assignment<'_>,
    at: u64,
    undated: Option<Date>,
) -> Result<(Record, Option<String>), String> {
    let cell = |column| row.cell(column);
    let registered = day("registration date", cell(Column::RegistrationDate))?;
    let modified = day("modification date", cell(Column::ModificationDate))?;
    let mut read = Read {
        status: match row.is_named() {
            true => Status::Assigned,
            false => state(row.description())?,
        },
        fields: Fields {
            service_name: row.service_name().to_owned(),
            ports: row.ports,
            transports: row.transport.into_iter().collect(),
            assignee: unbracketed(cell(Column::Assignee)),
            contact: unbracketed(cell(Column::Contact)),
            reference: unbracketed(cell(Column::Reference)),
            unauthorized_use: row.unauthorized_use().to_owned(),
            service_code: code(cell(Column::ServiceCode))?,
            ..Fields::default()
        },
        ..Read::default()
    };
    if row.is_named() {
        read.fields.description = row.description().to_owned();
    }
    let mut notes: Vec<&str> = Vec::new();
    for line in row.notes().split('\n') {
        if let Some((key, value)) = note::read(line) {
            read.set(key, value)?;
        } else if let (false, Some(name)) = (row.is_named(), formerly(line)) {
            read.fields.service_name = name;
        } else if !line.is_empty() {
            notes.push(line);
        }
    }
    if !notes.is_empty() {
        read.fields.notes = notes.join("\n");
    }
    let Read { fields, .. } = &read;
    if fields.service_name.is_empty() && fields.ports.is_none() {
        return Err("it has neither a service name nor a port".to_owned());
    }
    if row.is_named()
        && let Err(why) = check_name(&fields.service_name)
    {
        return Err(format!(
            "its service name is none: {why} (RFC 6335 section 5.1)"
        ));
    }
    let requested = read.requested.or(registered).or(undated);
    let requested = requested.ok_or("it has no date: neither a registration date nor a line \"Requested: 2026-11-22.\" in its notes")?;
    let revocation = match (read.announced, read.effective) {
        (Some(announced), Some(effective)) => Some(Revocation {
            announced,
            effective,
            because: read.revocation_because,
        }),
        (None, None) => None,
        _ => {
            return Err(
                "its notes have half a revocation; it is announced and effective".to_owned(),
            );
        }
    };
    let record = Record {
        id: at,
        file: None,
        version: 0,
        status: read.status,
        fields: read.fields,
        requested_by: read.requested_by,
        requested,
        assigned: registered,
        modified: modified.or(registered).unwrap_or(requested),
        because: read.because,
        revocation,
        reuses: None,
    };
    Ok((record, read.reuses))
}

/// What a row says, before it is a record.
struct Read {
    status: Status,
    fields: Fields,
    requested: Option<Date>,
    requested_by: String,
    because: String,
    announced: Option<Date>,
    effective: Option<Date>,
    revocation_because: String,
    reuses: Option<String>,
}

impl Default for Read {
    fn default() -> Self {
        Self {
            status: Status::Assigned,
            fields: Fields::default(),
            requested: None,
            requested_by: String::new(),
            because: String::new(),
            announced: None,
            effective: None,
            revocation_because: String::new(),
            reuses: None,
        }
    }
}

impl Read {
    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        let Self { fields, .. } = self;
        let serves = &mut fields.serves;
        match key {
            "Status" => {
                self.status = status_named(&value).ok_or_else(|| unfit(key, &value))?;
            }
            "Service name" => fields.service_name = value,
            "Assignee" => fields.assignee = value,
            "Contact" => fields.contact = value,
            "Description" => fields.description = value,
            "Reference" => fields.reference = value,
            "Communication" => {
                let ways: Option<Vec<Communication>> =
                    value.split(", ").map(communication).collect();
                fields.communication = ways.ok_or_else(|| unfit(key, &value))?;
            }
            "Unauthorized use" => fields.unauthorized_use = value,
            "Notes" => fields.notes = value,
            "Why not Dynamic" => fields.why_not_dynamic = value,
            "Why not User" => fields.why_not_user = value,
            "Scope" => fields.scope = value.parse().map_err(|_| unfit(key, &value))?,
            "Ticket" => fields.ticket = value,
            "Expires" => fields.expires = day(key, &value)?,
            "Program" => serves.program = Some(value),
            "User" => serves.user = Some(value),
            "Unit" => serves.unit = Some(value),
            "Container" => serves.container = Some(value),
            "Protocol" => serves.protocol = Some(value),
            "Product" => serves.product = Some(value),
            "Requested" => self.requested = day(key, &value)?,
            "Requested by" => self.requested_by = value,
            "Because" => self.because = value,
            "Revocation announced" => self.announced = day(key, &value)?,
            "Revocation effective" => self.effective = day(key, &value)?,
            "Revocation because" => self.revocation_because = value,
            "Reuses" => self.reuses = Some(value),
            _ => {}
        }
        Ok(())
    }
}

fn unfit(key: &str, value: &str) -> String {
    let shown: String = value.chars().take(40).collect();
    format!("its {key:?} says {shown:?}, which is none")
}

/// A day as rows have them; `None` for an empty cell.
fn day(what: &str, text: &str) -> Result<Option<Date>, String> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            format!("its {what} is {shown:?}; write a day as 2026-11-22")
        }),
    }
}

fn code(text: &str) -> Result<Option<u32>, String> {
    match text {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| unfit("Service Code", text)),
    }
}

/// What a row without a name says of its port.
fn state(description: &str) -> Result<Status, String> {
    let begins = |word: &str| {
        let head = description.trim_start_matches('(').get(..word.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    match (begins("reserved"), begins("unassigned")) {
        (true, _) => Ok(Status::Reserved),
        (_, true) => Ok(Status::Unassigned),
        _ => Err("it has no service name, and says neither Reserved nor Unassigned".to_owned()),
    }
}
