//! Reading the TOML form. Every mistake names its place and what to write instead.

use std::collections::HashMap;
use std::sync::Arc;

use portolan_registry::PortRange;

use super::entry::Entry;
use super::kin;
use crate::policy::Mistake;
use crate::policy::read::source::Source;
use crate::policy::read::{sorted, value};
use crate::site::{Record, Status};

/// The largest file that is read, in bytes.
pub const MOST_BYTES: usize = 64 << 20;

/// The most records of a file.
pub const MOST_RECORDS: usize = 1_000_000;

/// The most mistakes that are told of one file.
pub const MOST_MISTAKES: usize = 1_000;

/// What was read of a file.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The records without a mistake, in the file's order, each with the file's name. A record's
    /// number is the line on which it begins: it changes with the file, and is for pointing alone.
    pub records: Vec<Record>,
    /// The mistakes in all others, in the file's order; no more than [`MOST_MISTAKES`].
    pub mistakes: Vec<Mistake>,
}

impl Reading {
    /// The records of a file without a mistake.
    ///
    /// # Errors
    /// The first mistake.
    pub fn whole(self) -> Result<Vec<Record>, Mistake> {
        match self.mistakes.into_iter().next() {
            None => Ok(self.records),
            Some(mistake) => Err(mistake),
        }
    }
}

/// The records of a file in the order in which they can be taken over: a request for a number that
/// another record of the file has comes after that one, which it waits beside.
#[must_use]
pub fn importable(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by_key(|record| record.status.is_pending() && record.reuses.is_some());
    records
}

/// Reads a file, called `file` in what is said of it.
///
/// Cost: the file as a tree in memory, then one pass.
///
/// # Errors
/// Why it is no TOML file at all. What is wrong within one is in the [`Reading`].
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading, Mistake> {
    let too_many = "the file is larger than 64 MiB; split it";
    let source = Source::of_bytes(file, bytes, MOST_BYTES, too_many)?;
    let document = source.table()?;
    let mut reader = Reader::new(source, file);
    for (key, value) in sorted(document.get_ref()) {
        let at = key.span().start;
        match key.get_ref().as_ref() {
            "assignment" => reader.assignments(value),
            other => {
                let what = format!(
                    "there is no key {:?} here; write [[assignment]] and below it its keys",
                    value::excerpt(other)
                );
                reader.wrong(at, what);
            }
        }
    }
    Ok(reader.finish())
}

struct Reader<'t> {
    source: Source<'t>,
    file: Arc<str>,
    reading: Reading,
    /// Where each record begins, and whom it says it reuses, by its place in the file.
    seen: Vec<(usize, Option<(String, usize)>)>,
    /// The record that holds this name and these ports, by both.
    held: HashMap<(String, Option<PortRange>), Vec<usize>>,
}

impl<'t> Reader<'t> {
    fn new(source: Source<'t>, file: &str) -> Self {
        Self {
            source,
            file: file.into(),
            reading: Reading::default(),
            seen: Vec::new(),
            held: HashMap::new(),
        }
    }

    fn wrong(&mut self, at: usize, what: impl Into<String>) {
        if self.reading.mistakes.len() < MOST_MISTAKES {
            self.reading.mistakes.push(self.source.mistake(at, what));
        }
    }

    fn assignments(&mut self, value: &value::Value<'_>) {
        let Some(entries) = value.get_ref().as_array() else {
            let found = value::kind(value.get_ref());
            let what = format!(
                "assignment is {found}; write [[assignment]] above each record, in double brackets"
            );
            return self.wrong(value.span().start, what);
        };
        for entry in entries {
            let at = entry.span().start;
            if self.seen.len() >= MOST_RECORDS {
                let what = format!("more than {MOST_RECORDS} records; split the file");
                return self.wrong(at, what);
            }
            let Some(table) = entry.get_ref().as_table() else {
                let found = value::kind(entry.get_ref());
                self.wrong(
                    at,
                    format!("a record is {found}; write [[assignment]] above each"),
                );
                continue;
            };
            let read = Entry::read(&self.source, at, table);
            match read {
                Ok(entry) => self.keep(at, entry),
                Err(mistakes) => {
                    let room = MOST_MISTAKES.saturating_sub(self.reading.mistakes.len());
                    self.reading
                        .mistakes
                        .extend(mistakes.into_iter().take(room));
                }
            }
        }
    }

    /// Keeps a record, unless the same stands in the file already.
    fn keep(&mut self, at: usize, entry: Entry) {
        let Entry { mut record, reuses } = entry;
        record.file = Some(Arc::clone(&self.file));
        let fields = &record.fields;
        let live = record.status.holds() && record.status != Status::Reserved;
        if live && reuses.is_none() {
            let key = (fields.service_name.to_ascii_lowercase(), fields.ports);
            let own = self.reading.records.len();
            let held = self.held.entry(key).or_default();
            let same = held
                .iter()
                .filter_map(|index| self.reading.records.get(*index));
            let first = same.into_iter().find(|other| {
                let (one, other) = (fields, &other.fields);
                one.scope.is_same(&other.scope) && one.transports == other.transports
            });
            if let Some(first) = first.map(Record::citation) {
                let what = format!(
                    "the same assignment stands at {first} already; take one of the two out"
                );
                return self.wrong(at, what);
            }
            held.push(own);
        }
        self.seen.push((at, reuses));
        self.reading.records.push(record);
    }

    fn finish(mut self) -> Reading {
        let seen = std::mem::take(&mut self.seen);
        let finder = kin::Finder::new(&self.reading.records);
        let mut found = Vec::new();
        for (index, (_, reuses)) in seen.iter().enumerate() {
            if let Some((called, at)) = reuses {
                found.push((index, called, *at, finder.find(index, called)));
            }
        }
        for (index, called, at, target) in found {
            match target {
                Some(target) => {
                    if let Some(record) = self.reading.records.get_mut(index) {
                        record.reuses = Some(target);
                    }
                }
                None => {
                    let called = value::excerpt(called);
                    let what = format!(
                        "no other record here is called {called:?}; name the one that is reused, or leave the line out"
                    );
                    self.wrong(at, what);
                }
            }
        }
        let Reading { mistakes, .. } = &mut self.reading;
        mistakes.sort_by_key(|mistake| (mistake.origin.line, mistake.origin.column));
        self.reading
    }
}
