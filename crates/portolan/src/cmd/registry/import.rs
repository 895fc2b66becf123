//! `portolan registry import`: records of a file into the site registry, all of them or none.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;

use anyhow::{Context, anyhow};
use portolan_ports::site::file::{Reading, importable, lint};
use portolan_ports::site::{Record, Refusal, Section};
use portolan_registry::lint::{Report, Severity};
use portolan_survey::document::{ImportDocument, to_json};
use portolan_survey::import::read;

use super::desk::{Desk, at_desk};
use crate::arguments::{Arguments, Import};
use crate::exit::{Exit, malformed};
use crate::print::{Output, grouped, one_line};

pub(super) fn run(arguments: &Arguments, import: &Import, output: &Output) -> anyhow::Result<Exit> {
    let name = import.file.display().to_string();
    let file = File::open(&import.file).with_context(|| format!("cannot open {name}"))?;
    at_desk(arguments, output, |desk| {
        let records = read(&name, &file, desk.today).map_err(|error| {
            malformed(anyhow!("cannot import {}", one_line(&error.to_string())))
        })?;
        // As they are kept, so that what is there already is found again.
        let records = records.into_iter().map(Record::tidied).collect();
        let reading = Reading {
            records: importable(records),
            ..Reading::default()
        };
        let (registry, knowledge) = (desk.sources.registry, desk.sources.knowledge);
        let report = lint(&reading, registry, knowledge, desk.today);
        if let Some(exit) = broken(arguments, import, output, &name, &reading, &report)? {
            return Ok(exit);
        }
        let records = reading.records;
        let kept = desk.records()?;
        let (there, new) = apart(records, &kept);
        let lines: Vec<u64> = new.iter().map(|record| record.id).collect();
        let told: Vec<String> = new.iter().map(told).collect();
        let taken = match import.dry_run {
            true => desk.rehearse_import(&new, kept, &import.because),
            false => desk.import(new, &import.because),
        }?;
        let mut document = ImportDocument::new(&name, import.dry_run, there);
        let exit = match taken {
            Ok(decisions) => {
                document.taken(decisions.len());
                let remarks = decisions.iter().zip(&lines);
                let remarks = remarks.flat_map(|(decision, line)| {
                    decision
                        .remarks
                        .iter()
                        .map(|remark| (*line, remark.as_str()))
                });
                document.remarks(remarks);
                let odd = report.findings.iter().filter(|finding| {
                    // What the step itself remarks is not said twice.
                    let is_said = ["named-range", "why-missing"].contains(&finding.rule.id);
                    finding.rule.severity == Severity::Warning && !is_said
                });
                let odd = odd.filter_map(|finding| Some((finding.line?, finding.what.as_str())));
                document.remarks(odd.filter(|(line, _)| lines.contains(line)));
                Exit::Fine
            }
            Err((place, refusal)) => {
                let line = lines.get(place).copied().unwrap_or_default();
                let record = told.get(place).map_or("", String::as_str);
                complain(output, &name, line, record, &refusal);
                document.refused(line, &refusal);
                Exit::BadNews
            }
        };
        if arguments.json {
            output.line(&to_json(&document, true)?)?;
        } else if matches!(exit, Exit::Fine) {
            for remark in brief(&name, document.told()) {
                output.remark(&one_line(&remark));
            }
            let (imported, there) = (grouped(document.imported()), grouped(there));
            output.line(&match import.dry_run {
                true => format!("would import {imported}, already there {there}; nothing was kept"),
                false => format!("imported {imported}, already there {there}"),
            })?;
        }
        Ok(exit)
    })
}

fn complain(output: &Output, name: &str, line: u64, record: &str, refusal: &Refusal) {
    output.complain(&one_line(&format!(
        "cannot import {name}, line {line}, {record}: {refusal}; nothing was imported"
    )));
}

/// The most remarks that are told one by one.
const MOST_TOLD: usize = 20;

/// The first remarks, each with its line; of the others how many there are of each kind.
fn brief<'r>(name: &str, remarks: impl Iterator<Item = (u64, &'r str)>) -> Vec<String> {
    let mut told = Vec::new();
    let mut more: BTreeMap<String, usize> = BTreeMap::new();
    for (line, remark) in remarks {
        if told.len() < MOST_TOLD {
            told.push(format!("{name}, line {line}: {remark}"));
        } else {
            *more.entry(kind(remark)).or_default() += 1;
        }
    }
    let kinds = more.len();
    let counted = more.into_iter().take(MOST_TOLD);
    told.extend(counted.map(|(kind, count)| format!("{name}: {} more: {kind}", grouped(count))));
    if kinds > MOST_TOLD {
        let rest = grouped(kinds - MOST_TOLD);
        told.push(format!(
            "{name}: and {rest} more kinds; --json has them all"
        ));
    }
    told
}

/// A remark without what is only this record's: numbers, and what stands behind a colon or in
/// brackets.
fn kind(remark: &str) -> String {
    let said = remark.split(": ").next().unwrap_or(remark);
    let said = said.split(" (").next().unwrap_or(said);
    let words = said.split(' ').map(
        |word| match word.starts_with(|c: char| c.is_ascii_digit()) {
            true => "N",
            false => word,
        },
    );
    words.collect::<Vec<_>>().join(" ")
}

/// Refuses a file that breaks a rule by itself: lint and import say the same of it, with the line of
/// either record where two do not agree.
fn broken(
    arguments: &Arguments,
    import: &Import,
    output: &Output,
    name: &str,
    reading: &Reading,
    report: &Report,
) -> anyhow::Result<Option<Exit>> {
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.rule.severity == Severity::Error);
    let Some(first) = errors.min_by_key(|finding| finding.line) else {
        return Ok(None);
    };
    let line = first.line.unwrap_or_default();
    let refusal = Refusal {
        section: first.rule.section.map_or(Section::Site, Section::Rfc6335),
        because: first.what.clone(),
        next: first.rule.advice.to_owned(),
    };
    let record = reading.records.iter().find(|record| record.id == line);
    let record = record.map(told).unwrap_or_default();
    complain(output, name, line, &record, &refusal);
    if arguments.json {
        let mut document = ImportDocument::new(name, import.dry_run, 0);
        document.refused(line, &refusal);
        output.line(&to_json(&document, true)?)?;
    }
    Ok(Some(Exit::BadNews))
}

/// What a record of a file is called.
fn told(record: &Record) -> String {
    match record.fields.service_name.as_str() {
        "" => record.place(),
        name => format!("{name} {}", record.place()),
    }
}

/// How many records are kept already as they are in the file, and those that are not.
fn apart(records: Vec<Record>, kept: &[Record]) -> (usize, Vec<Record>) {
    let mut by_name: HashMap<&str, Vec<&Record>> = HashMap::new();
    for record in kept {
        by_name
            .entry(&record.fields.service_name)
            .or_default()
            .push(record);
    }
    let is_kept = |record: &Record| {
        let named = by_name.get(record.fields.service_name.as_str());
        named.is_some_and(|named| named.iter().any(|other| is_same(record, other)))
    };
    let all = records.len();
    let new: Vec<Record> = records
        .into_iter()
        .filter(|record| !is_kept(record))
        .collect();
    (all - new.len(), new)
}

/// Whether two records say the same, but for numbers, which a file has none of.
fn is_same(one: &Record, other: &Record) -> bool {
    one.fields == other.fields
        && one.status == other.status
        && one.requested_by == other.requested_by
        && one.requested == other.requested
        && one.assigned == other.assigned
        && one.modified == other.modified
        && one.because == other.because
        && one.revocation == other.revocation
}

impl Desk<'_> {
    /// What would come of an import beside the records that are kept.
    fn rehearse_import(
        &self,
        new: &[Record],
        kept: Vec<Record>,
        why: &str,
    ) -> anyhow::Result<Result<Vec<portolan_ports::site::Decision>, (usize, Refusal)>> {
        use portolan_ports::site::{Case, Step, decide};

        let mut index = Index::default();
        let mut next = kept.iter().map(|record| record.id).max().unwrap_or(0);
        for record in kept {
            index.add(record);
        }
        let procedure = self.site.procedure();
        let mut decisions = Vec::with_capacity(new.len());
        for (place, record) in new.iter().enumerate() {
            let others = index.beside(record);
            let step = Step::Import(Box::new(record.clone()));
            let case = Case {
                step: &step,
                by: self.by(),
                why,
                today: self.today,
                subject: None,
                version: None,
                others: &others,
                procedure: &procedure,
                registry: self.sources.registry,
            };
            match decide(&case) {
                Ok(decision) => {
                    for record in &decision.records {
                        next += 1;
                        index.add(Record {
                            id: next,
                            ..record.clone()
                        });
                    }
                    decisions.push(decision);
                }
                Err(refusal) => return Ok(Err((place, refusal))),
            }
        }
        Ok(Ok(decisions))
    }
}

/// Records by what they hold, for whoever comes next.
#[derive(Default)]
struct Index {
    records: Vec<Record>,
    by_port: BTreeMap<u16, Vec<usize>>,
    runs: Vec<usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Index {
    fn add(&mut self, record: Record) {
        let place = self.records.len();
        match record.fields.ports {
            Some(ports) if ports.is_single() => {
                self.by_port.entry(ports.first()).or_default().push(place);
            }
            Some(_) => self.runs.push(place),
            None => {}
        }
        if !record.fields.service_name.is_empty() {
            let name = record.fields.service_name.to_ascii_lowercase();
            self.by_name.entry(name).or_default().push(place);
        }
        self.records.push(record);
    }

    /// Those with a port or the name of this one.
    fn beside(&self, record: &Record) -> Vec<Record> {
        let mut places: Vec<usize> = Vec::new();
        if let Some(ports) = record.fields.ports {
            let range = self.by_port.range(ports.first()..=ports.last());
            places.extend(range.flat_map(|(_, places)| places));
            places.extend(self.runs.iter().filter(|place| {
                let run = self.records.get(**place).and_then(|run| run.fields.ports);
                run.is_some_and(|run| run.first() <= ports.last() && ports.first() <= run.last())
            }));
        }
        let name = record.fields.service_name.to_ascii_lowercase();
        places.extend(self.by_name.get(&name).into_iter().flatten());
        places.sort_unstable();
        places.dedup();
        let records = places
            .into_iter()
            .filter_map(|place| self.records.get(place));
        records.cloned().collect()
    }
}
