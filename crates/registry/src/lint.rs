//! Holding a registry to RFC 6335: every rule that a file can show, each a named check.
//!
//! A rule is a row of [`RULES`]; what it looks for stands in the file of its subject below
//! `lint/`. There is no list of known exceptions: what IANA's own file breaks is reported too.
//! What a file cannot show (who asked, why, what review there was) has no rule.

mod alias;
mod code;
mod date;
mod field;
mod name;
mod range;
mod row;
mod rule;
mod sharing;
mod sheet;

use std::collections::BTreeSet;
use std::io::Read;

pub use rule::{RULES, Rule, Severity};
use sheet::Sheet;

use crate::{Place, PortRange, Registry, Transport, csv, read};

/// One place where a registry breaks a rule.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The line on which the row begins, counted from 1; `None` where the source has no lines.
    pub line: Option<u64>,
    /// The row's ports; `None` for a name without one.
    pub ports: Option<PortRange>,
    /// The row's transport.
    pub transport: Option<Transport>,
    /// The row's service name; empty for a row without one.
    pub service_name: String,
    /// What is wrong there, in half a sentence.
    pub what: String,
}

impl Finding {
    /// Where in the port space it is, as the registry's columns spell it.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place::new(self.ports, self.transport)
    }
}

/// Everything that was found, in [`RULES`]'s order and within a rule in the file's.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings have this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let of_severity = |finding: &&Finding| finding.rule.severity == severity;
        self.findings.iter().filter(of_severity).count()
    }

    /// The findings of one rule.
    pub fn of<'a>(&'a self, rule: &'a Rule) -> impl Iterator<Item = &'a Finding> + Clone {
        self.findings.iter().filter(|f| f.rule.id == rule.id)
    }

    /// The distinct service names that break a rule of `section`, as "5.1".
    #[must_use]
    pub fn names(&self, section: &str) -> BTreeSet<&str> {
        self.findings
            .iter()
            .filter(|f| f.rule.section == Some(section) && !f.service_name.is_empty())
            .map(|f| f.service_name.as_str())
            .collect()
    }

    /// The same with findings of rules that `wanted` takes alone.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&Rule) -> bool) -> Self {
        self.findings.retain(|finding| wanted(finding.rule));
        self
    }
}

/// A registry in any published form, with the line on which each row begins.
///
/// # Errors
/// The first thing that is not as IANA's form has it, with line and column. A port beyond 65535
/// or an unknown transport is such an error and no finding.
pub fn read(input: impl Read) -> Result<(Registry, Vec<u64>), read::Error> {
    let bytes = read::bytes(input)?;
    let lines = lines(&bytes).map_err(read::Error::Csv)?;
    Ok((Registry::from_bytes(bytes)?, lines))
}

/// Where rows begin: in XML every `<record`, else every row of the CSV form.
fn lines(bytes: &[u8]) -> Result<Vec<u64>, csv::Error> {
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if unmarked.trim_ascii_start().first() != Some(&b'<') {
        let mut lines = Vec::new();
        let mut reader = csv::Reader::new(bytes)?;
        while let Some((_, line)) = reader.next_row()? {
            lines.push(line);
        }
        return Ok(lines);
    }
    let begins = |line: &[u8]| {
        let tag = line.trim_ascii_start().strip_prefix(b"<record");
        tag.and_then(<[u8]>::first)
            .is_some_and(|b| matches!(b, b' ' | b'>' | b'\t'))
    };
    let numbered = (1..).zip(bytes.split(|b| *b == b'\n'));
    Ok(numbered
        .filter(|(_, line)| begins(line))
        .map(|(number, _)| number)
        .collect())
}

/// Holds every row to every rule.
///
/// `lines` has the line of each row, as [`read`] gives them; where it is shorter, findings have
/// no line. Rows of a newer, poorer source are not blamed for columns that it does not have.
/// Rules on what is absent (gaps) are held against a file only where it covers most of 0-49151:
/// an excerpt is no broken registry.
///
/// Where two rows do not agree, the finding is the later one's.
///
/// Cost: some passes over all rows; about 30 ms for IANA's 14,500.
#[must_use]
pub fn lint(registry: &Registry, lines: &[u64]) -> Report {
    let sheet = Sheet::new(registry);
    let mut findings = Vec::new();
    for rule in &RULES {
        let mut faults = (rule.check)(&sheet);
        faults.sort_by_key(|fault| fault.row);
        for fault in faults {
            let row = sheet.rows.get(fault.row);
            findings.push(Finding {
                rule,
                line: lines.get(fault.row).copied(),
                ports: fault.ports.or_else(|| row.and_then(|r| r.ports)),
                transport: row
                    .and_then(|r| r.transport)
                    .filter(|_| fault.ports.is_none()),
                service_name: row
                    .filter(|_| fault.ports.is_none())
                    .map_or_else(String::new, |r| r.service_name().to_owned()),
                what: fault.what,
            });
        }
    }
    Report { findings }
}
