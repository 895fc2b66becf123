//! A record as it is kept: JSON, with everything that says nothing left out. This shape is the
//! database's own; it is not what commands print.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::civil::Date;
use portolan_ports::site::{Communication, Fields, Record, Revocation, Scope, Serves, Status};
use portolan_registry::{PortRange, Transport, one_line};
use serde::{Deserialize, Serialize};

type Text<'a> = Cow<'a, str>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'a> {
    id: u64,
    version: u64,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    service_name: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ports: Option<(u16, u16)>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    transports: Vec<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    assignee: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    contact: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    description: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    reference: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    communication: Vec<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_code: Option<u32>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    unauthorized_use: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    notes: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    why_not_dynamic: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    why_not_user: Text<'a>,
    #[serde(borrow)]
    scope: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    ticket: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    expires: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    program: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    user: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    unit: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    container: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    protocol: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    product: Option<Text<'a>>,
    #[serde(borrow)]
    requested_by: Text<'a>,
    #[serde(borrow)]
    requested: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    assigned: Option<Text<'a>>,
    #[serde(borrow)]
    modified: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    because: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    revocation: Option<Notice<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reuses: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice<'a> {
    #[serde(borrow)]
    announced: Text<'a>,
    #[serde(borrow)]
    effective: Text<'a>,
    #[serde(borrow)]
    because: Text<'a>,
}

/// The longest text that is kept of a record, in bytes: what the index reads.
pub(crate) const MOST: usize = 1 << 20;

/// The text that is kept of a record. It can be read again: what could not is refused here.
///
/// # Errors
/// Why it cannot be kept, as the end of a sentence.
pub(crate) fn write(record: &Record) -> Result<String, String> {
    let text = serde_json::to_string(&Content::of(record)).map_err(|error| error.to_string())?;
    if text.len() > MOST {
        return Err(format!(
            "it has {} bytes, and at most 1 MiB is kept of a record; shorten its texts",
            text.len()
        ));
    }
    match read(&text) {
        Ok(same) if same == *record => Ok(text),
        Ok(_) => Err("it would not be read again as it is".to_owned()),
        Err(because) => Err(because),
    }
}

/// The record that a text is of, by the strictest reading.
///
/// # Errors
/// Why it is none, as the end of a sentence.
pub(crate) fn read(text: &str) -> Result<Record, String> {
    let content: Content<'_> =
        serde_json::from_str(text).map_err(|error| one_line(&error.to_string()))?;
    content.record()
}

impl<'a> Content<'a> {
    fn of(record: &'a Record) -> Self {
        let fields = &record.fields;
        let text = |text: &'a str| Text::Borrowed(text);
        let maybe = |text: &'a Option<String>| text.as_deref().map(Text::Borrowed);
        let date = |date: Date| Text::Owned(date.to_string());
        Self {
            id: record.id,
            version: record.version,
            status: text(record.status.as_str()),
            service_name: text(&fields.service_name),
            ports: fields.ports.map(|ports| (ports.first(), ports.last())),
            transports: fields.transports.iter().map(|t| text(t.as_str())).collect(),
            assignee: text(&fields.assignee),
            contact: text(&fields.contact),
            description: text(&fields.description),
            reference: text(&fields.reference),
            communication: fields
                .communication
                .iter()
                .map(|c| text(c.as_str()))
                .collect(),
            service_code: fields.service_code,
            unauthorized_use: text(&fields.unauthorized_use),
            notes: text(&fields.notes),
            why_not_dynamic: text(&fields.why_not_dynamic),
            why_not_user: text(&fields.why_not_user),
            scope: Text::Owned(fields.scope.to_string()),
            ticket: text(&fields.ticket),
            expires: fields.expires.map(date),
            program: maybe(&fields.serves.program),
            user: maybe(&fields.serves.user),
            unit: maybe(&fields.serves.unit),
            container: maybe(&fields.serves.container),
            protocol: maybe(&fields.serves.protocol),
            product: maybe(&fields.serves.product),
            requested_by: text(&record.requested_by),
            requested: date(record.requested),
            assigned: record.assigned.map(date),
            modified: date(record.modified),
            because: text(&record.because),
            revocation: record.revocation.as_ref().map(|notice| Notice {
                announced: date(notice.announced),
                effective: date(notice.effective),
                because: text(&notice.because),
            }),
            reuses: record.reuses,
        }
    }

    fn record(self) -> Result<Record, String> {
        let own = |text: Option<Text<'_>>| text.map(Text::into_owned);
        Ok(Record {
            id: self.id,
            file: None,
            version: self.version,
            status: word("status", &Status::ALL, Status::as_str, &self.status)?,
            requested_by: self.requested_by.into_owned(),
            requested: date(&self.requested)?,
            assigned: self.assigned.as_deref().map(date).transpose()?,
            modified: date(&self.modified)?,
            because: self.because.into_owned(),
            revocation: self.revocation.map(Notice::revocation).transpose()?,
            reuses: self.reuses,
            fields: Fields {
                service_name: self.service_name.into_owned(),
                ports: self.ports.map(range).transpose()?,
                transports: words(
                    "transport",
                    &Transport::ALL,
                    Transport::as_str,
                    &self.transports,
                )?,
                assignee: self.assignee.into_owned(),
                contact: self.contact.into_owned(),
                description: self.description.into_owned(),
                reference: self.reference.into_owned(),
                communication: words(
                    "way of communication",
                    &Communication::ALL,
                    Communication::as_str,
                    &self.communication,
                )?,
                service_code: self.service_code,
                unauthorized_use: self.unauthorized_use.into_owned(),
                notes: self.notes.into_owned(),
                why_not_dynamic: self.why_not_dynamic.into_owned(),
                why_not_user: self.why_not_user.into_owned(),
                scope: Scope::from_str(&self.scope).map_err(|error| error.to_string())?,
                ticket: self.ticket.into_owned(),
                expires: self.expires.as_deref().map(date).transpose()?,
                serves: Serves {
                    program: own(self.program),
                    user: own(self.user),
                    unit: own(self.unit),
                    container: own(self.container),
                    protocol: own(self.protocol),
                    product: own(self.product),
                },
            },
        })
    }
}

impl Notice<'_> {
    fn revocation(self) -> Result<Revocation, String> {
        Ok(Revocation {
            announced: date(&self.announced)?,
            effective: date(&self.effective)?,
            because: self.because.into_owned(),
        })
    }
}

fn range((first, last): (u16, u16)) -> Result<PortRange, String> {
    PortRange::new(first, last).ok_or_else(|| format!("ports {first} to {last} run backwards"))
}

/// A date as it is written here, and in no other of ISO 8601's forms.
fn date(text: &str) -> Result<Date, String> {
    match text.parse::<Date>() {
        Ok(date) if date.to_string() == text => Ok(date),
        _ => Err(format!("{} is no date", quoted(text))),
    }
}

fn word<T: Copy>(
    noun: &str,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
    text: &str,
) -> Result<T, String> {
    let found = all.iter().copied().find(|one| as_str(*one) == text);
    found.ok_or_else(|| format!("{} is no {noun}", quoted(text)))
}

fn words<T: Copy>(
    noun: &str,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
    texts: &[Text<'_>],
) -> Result<Vec<T>, String> {
    texts
        .iter()
        .map(|text| word(noun, all, &as_str, text))
        .collect()
}

/// A piece of a text from outside, short and harmless.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("{:?}", one_line(&short))
}
