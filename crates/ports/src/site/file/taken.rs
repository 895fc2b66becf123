//! Rows as records: such as stand side by side and differ in their transports alone become one.

use jiff::civil::Date;
use portolan_registry::{Assignment, Column, Transport, check_name};

use super::entry::{communication, status_named};
use super::kin;
use super::note;
use super::row::formerly;
use crate::site::{Communication, Fields, Record, Revocation, Status};

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
