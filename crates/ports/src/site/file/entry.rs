//! One `[[assignment]]`: every mistake in it, or its record.

use jiff::civil::Date;
use portolan_registry::{PortRange, Transport, check_name};
use toml::de::{DeTable, DeValue};

use super::{KEYS, MOST_TEXT};
use crate::policy::Mistake;
use crate::policy::read::sorted;
use crate::policy::read::source::Source;
use crate::policy::read::value::{self, Value, excerpt, kind, nearest};
use crate::site::{Communication, Fields, Record, Revocation, Scope, Status};

/// A record as it was read.
pub(super) struct Entry {
    /// Its number is its line.
    pub(super) record: Record,
    /// What the record is called whose number it reuses, and where that is said.
    pub(super) reuses: Option<(String, usize)>,
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    fields: Fields,
    status: Option<Status>,
    registered: Option<Date>,
    modified: Option<Date>,
    requested: Option<Date>,
    requested_by: String,
    because: String,
    announced: Option<Date>,
    effective: Option<Date>,
    revocation_because: String,
    reuses: Option<(String, usize)>,
}

impl Entry {
    /// Reads the table of the entry that begins at `at`.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(super) fn read(
        source: &Source<'_>,
        at: usize,
        table: &DeTable<'_>,
    ) -> Result<Self, Vec<Mistake>> {
        let origin = source.origin(at);
        let mut draft = Draft::default();
        let mut mistakes = Vec::new();
        for (key, value) in sorted(table) {
            let word = key.get_ref().as_ref();
            let read = draft.set(source, word, value).unwrap_or_else(|| {
                let what = format!(
                    "there is no key {:?} in [[assignment]]; {}",
                    excerpt(word),
                    nearest(word, &KEYS)
                );
                Err(source.mistake(key.span().start, what))
            });
            mistakes.extend(read.err());
        }
        // What is missing is told only where what is there was understood.
        if mistakes.is_empty() {
            match draft.finish(u64::from(origin.line)) {
                Ok(entry) => return Ok(entry),
                Err(what) => mistakes.push(Mistake {
                    origin,
                    what: what.to_owned(),
                }),
            }
        }
        Err(mistakes)
    }
}

impl Draft {
    /// Sets what `key` says; `None` where there is no such key.
    fn set(
        &mut self,
        source: &Source<'_>,
        key: &str,
        value: &Value<'_>,
    ) -> Option<Result<(), Mistake>> {
        let Self { fields, .. } = self;
        let serves = &mut fields.serves;
        let set = |into: &mut String| text(source, key, value).map(|text| *into = text);
        let some = |into: &mut Option<String>| text(source, key, value).map(|t| *into = Some(t));
        let day = |into: &mut Option<Date>| date(source, key, value).map(|day| *into = Some(day));
        Some(match key {
            "service-name" => name(source, value).map(|name| fields.service_name = name),
            "port" => ports(source, value).map(|ports| fields.ports = Some(ports)),
            "transport" => words(
                source,
                key,
                value,
                |word| word.parse().ok(),
                &Transport::ALL,
            )
            .map(|transports| fields.transports = transports),
            "status" => status(source, value).map(|status| self.status = Some(status)),
            "assignee" => set(&mut fields.assignee),
            "contact" => set(&mut fields.contact),
            "description" => set(&mut fields.description),
            "reference" => set(&mut fields.reference),
            "communication" => words(source, key, value, communication, &Communication::ALL)
                .map(|ways| fields.communication = ways),
            "service-code" => code(source, value).map(|code| fields.service_code = Some(code)),
            "unauthorized-use" => set(&mut fields.unauthorized_use),
            "notes" => set(&mut fields.notes),
            "why-not-dynamic" => set(&mut fields.why_not_dynamic),
            "why-not-user" => set(&mut fields.why_not_user),
            "scope" => scope(source, value).map(|scope| fields.scope = scope),
            "ticket" => set(&mut fields.ticket),
            "expires" => day(&mut fields.expires),
            "program" => some(&mut serves.program),
            "user" => some(&mut serves.user),
            "unit" => some(&mut serves.unit),
            "container" => some(&mut serves.container),
            "protocol" => some(&mut serves.protocol),
            "product" => some(&mut serves.product),
            "registered" => day(&mut self.registered),
            "modified" => day(&mut self.modified),
            "requested" => day(&mut self.requested),
            "requested-by" => set(&mut self.requested_by),
            "because" => set(&mut self.because),
            "revocation-announced" => day(&mut self.announced),
            "revocation-effective" => day(&mut self.effective),
            "revocation-because" => set(&mut self.revocation_because),
            "reuses" => {
                text(source, key, value).map(|text| self.reuses = Some((text, value.span().start)))
            }
            _ => return None,
        })
    }

    /// The record with the number `id`.
    ///
    /// # Errors
    /// What it lacks, without which it says nothing; what an assignment has to have besides, lint
    /// tells.
    fn finish(self, id: u64) -> Result<Entry, &'static str> {
        let Self { fields, .. } = self;
        if fields.service_name.is_empty() && fields.ports.is_none() {
            return Err(
                "this [[assignment]] has neither service-name nor port; write at least one",
            );
        }
        let requested = self.requested.or(self.registered).ok_or(
            "this [[assignment]] has no date; write registered = 2026-11-22, the day on which it was assigned, or requested = …",
        )?;
        let revocation = match (self.announced, self.effective) {
            (Some(announced), Some(effective)) => Some(Revocation {
                announced,
                effective,
                because: self.revocation_because,
            }),
            (None, None) if self.revocation_because.is_empty() => None,
            _ => {
                return Err(
                    "a revocation has revocation-announced and revocation-effective; write both, or neither",
                );
            }
        };
        let record = Record {
            id,
            file: None,
            version: 0,
            status: self.status.unwrap_or(Status::Assigned),
            fields,
            requested_by: self.requested_by,
            requested,
            assigned: self.registered,
            modified: self.modified.or(self.registered).unwrap_or(requested),
            because: self.because,
            revocation,
            reuses: None,
        };
        let reuses = self.reuses;
        Ok(Entry { record, reuses })
    }
}

fn wrong<T>(source: &Source<'_>, value: &Value<'_>, what: String) -> Result<T, Mistake> {
    Err(source.mistake(value.span().start, what))
}

fn text(source: &Source<'_>, key: &str, value: &Value<'_>) -> Result<String, Mistake> {
    let text = value::text(source, key, value)?;
    if text.len() > MOST_TEXT {
        let bytes = text.len();
        let what = format!(
            "{key} has {bytes} bytes, and {MOST_TEXT} are the most; keep the rest in a document, and name it as reference"
        );
        return wrong(source, value, what);
    }
    Ok(text.to_owned())
}

fn name(source: &Source<'_>, value: &Value<'_>) -> Result<String, Mistake> {
    let name = value::text(source, "service-name", value)?;
    match check_name(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(why) => {
            let shown = excerpt(name);
            let what = format!(
                "{shown:?} is no service name: {why} (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens"
            );
            wrong(source, value, what)
        }
    }
}

fn ports(source: &Source<'_>, value: &Value<'_>) -> Result<PortRange, Mistake> {
    match value::ports(source, "port", value)? {
        (ports, None) => Ok(ports),
        (ports, Some(transport)) => {
            let said = match ports.is_single() {
                true => ports.to_string(),
                false => format!("{:?}", ports.to_string()),
            };
            let what = format!(
                "port has a transport in it; write port = {said} and transport = {:?}",
                transport.as_str()
            );
            wrong(source, value, what)
        }
    }
}

/// A word, or an array of words, each of them once; in the order of `all`.
fn words<T: Word>(
    source: &Source<'_>,
    key: &str,
    value: &Value<'_>,
    parse: impl Fn(&str) -> Option<T>,
    all: &[T],
) -> Result<Vec<T>, Mistake> {
    let known = || {
        let words: Vec<&str> = all.iter().map(|word| word.word()).collect();
        words.join(", ")
    };
    let one = |value: &Value<'_>| -> Result<T, Mistake> {
        let word = value::text(source, key, value)?;
        match parse(word) {
            Some(parsed) => Ok(parsed),
            None => {
                let what = format!("{:?} is no {key}; there are {}", excerpt(word), known());
                wrong(source, value, what)
            }
        }
    };
    let DeValue::Array(entries) = value.get_ref() else {
        return one(value).map(|word| vec![word]);
    };
    let mut read = Vec::new();
    for entry in entries {
        let word = one(entry)?;
        if read.contains(&word) {
            let what = format!("{:?} stands here twice; take one out", word.word());
            return wrong(source, entry, what);
        }
        read.push(word);
    }
    if read.is_empty() {
        let what = format!(
            "{key} is empty; there are {}, or leave the line out",
            known()
        );
        return wrong(source, value, what);
    }
    let ordered = all.iter().copied().filter(|word| read.contains(word));
    Ok(ordered.collect())
}

/// A value that has a word in the file.
trait Word: Copy + PartialEq {
    fn word(&self) -> &'static str;
}

impl Word for Transport {
    fn word(&self) -> &'static str {
        self.as_str()
    }
}

impl Word for Communication {
    fn word(&self) -> &'static str {
        self.as_str()
    }
}

pub(super) fn communication(word: &str) -> Option<Communication> {
    let mut all = Communication::ALL.into_iter();
    all.find(|way| way.as_str().eq_ignore_ascii_case(word))
}

pub(super) fn status_named(word: &str) -> Option<Status> {
    let mut all = Status::ALL.into_iter();
    all.find(|status| status.as_str().eq_ignore_ascii_case(word))
}

fn status(source: &Source<'_>, value: &Value<'_>) -> Result<Status, Mistake> {
    let word = value::text(source, "status", value)?;
    match status_named(word) {
        Some(status) => Ok(status),
        None => {
            let known = Status::ALL.map(Status::as_str);
            let what = format!(
                "{:?} is no status; {}",
                excerpt(word),
                nearest(word, &known)
            );
            wrong(source, value, what)
        }
    }
}

fn scope(source: &Source<'_>, value: &Value<'_>) -> Result<Scope, Mistake> {
    let word = value::text(source, "scope", value)?;
    word.parse().or_else(|_| {
        let what = format!(
            "{:?} is no scope; write \"all\", \"group:NAME\" or \"host:NAME\"",
            excerpt(word)
        );
        wrong(source, value, what)
    })
}

fn code(source: &Source<'_>, value: &Value<'_>) -> Result<u32, Mistake> {
    let DeValue::Integer(number) = value.get_ref() else {
        let found = kind(value.get_ref());
        let what = format!("service-code is {found}; write a number, without quotation marks");
        return wrong(source, value, what);
    };
    let code = i64::from_str_radix(number.as_str(), number.radix());
    match code.ok().map(u32::try_from) {
        Some(Ok(code)) => Ok(code),
        _ => {
            let shown = excerpt(&number.to_string());
            let what =
                format!("{shown} is no service code, which has 32 bits; write 1 to 4294967294");
            wrong(source, value, what)
        }
    }
}

fn date(source: &Source<'_>, key: &str, value: &Value<'_>) -> Result<Date, Mistake> {
    let what = match value.get_ref() {
        DeValue::Datetime(moment) if moment.time.is_none() => {
            let day = moment.date.and_then(|day| {
                let year = i16::try_from(day.year).ok()?;
                let (month, day) = (i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?);
                Date::new(year, month, day).ok()
            });
            match day {
                Some(day) => return Ok(day),
                None => format!("{key} is no day of the calendar; write one as 2026-11-22"),
            }
        }
        DeValue::Datetime(_) => format!("{key} has a time; write the day alone: 2026-11-22"),
        other => format!(
            "{key} is {}; write a day without quotation marks: 2026-11-22",
            kind(other)
        ),
    };
    wrong(source, value, what)
}
