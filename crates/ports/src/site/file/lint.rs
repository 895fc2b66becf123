//! Holding a site registry's file to RFC 6335: everything that a file can show.

pub(super) mod against;
pub(super) mod code;
pub(super) mod day;
pub(super) mod field;
pub(super) mod name;
pub(super) mod number;

use jiff::civil::Date;
use portolan_registry::Registry;
use portolan_registry::lint::{Finding, Report};

use super::read::Reading;
use super::rule::RULES;
use crate::knowledge::Knowledge;
use crate::site::{Record, Status};

/// What the checks look at.
pub(super) struct Sheet<'a> {
    pub(super) records: &'a [Record],
    pub(super) registry: &'a Registry,
    pub(super) knowledge: Knowledge<'a>,
    pub(super) today: Date,
    pub(super) met: against::Met,
}

impl Sheet<'_> {
    /// What `wrong` says of each record.
    fn each(&self, wrong: impl Fn(&Record) -> Option<String>) -> Vec<(usize, String)> {
        let numbered = self.records.iter().enumerate();
        let said = numbered.filter_map(|(place, record)| Some((place, wrong(record)?)));
        said.collect()
    }

    /// The same of what is assigned.
    fn each_assigned(&self, wrong: impl Fn(&Record) -> Option<String>) -> Vec<(usize, String)> {
        self.each(|record| {
            (record.status == Status::Assigned)
                .then(|| wrong(record))
                .flatten()
        })
    }

    /// The same of what is assigned or asked for.
    fn each_wanted(&self, wrong: impl Fn(&Record) -> Option<String>) -> Vec<(usize, String)> {
        self.each(|record| is_wanted(record).then(|| wrong(record)).flatten())
    }
}

fn is_wanted(record: &Record) -> bool {
    record.status == Status::Assigned || record.status.is_pending()
}

/// Holds what was read of a file to every rule, in [`RULES`]'s order and within a rule in the
/// file's. Where two records do not agree, the finding is the later one's.
///
/// Cost: a few passes over the records, and one look-up in the registry for each.
#[must_use]
pub fn lint(
    reading: &Reading,
    registry: &Registry,
    knowledge: Knowledge<'_>,
    today: Date,
) -> Report {
    let records = &reading.records;
    let sheet = Sheet {
        records,
        registry,
        knowledge,
        today,
        met: against::Met::new(records, today),
    };
    let mut findings = Vec::new();
    for site_rule in &RULES {
        let rule = &site_rule.rule;
        if rule.id == "form" {
            findings.extend(reading.mistakes.iter().map(|mistake| Finding {
                rule,
                line: Some(u64::from(mistake.origin.line)),
                ports: None,
                transport: None,
                service_name: String::new(),
                what: mistake.what.clone(),
            }));
        }
        for (place, what) in (site_rule.check)(&sheet) {
            let Some(record) = records.get(place) else {
                continue;
            };
            findings.push(Finding {
                rule,
                line: Some(record.id),
                ports: record.fields.ports,
                transport: match record.fields.transports.as_slice() {
                    [one] => Some(*one),
                    _ => None,
                },
                service_name: record.fields.service_name.clone(),
                what,
            });
        }
    }
    Report { findings }
}
