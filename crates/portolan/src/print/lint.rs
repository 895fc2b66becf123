//! What lint found, as text: by rule, the gravest first.

use portolan_ports::site;
use portolan_registry::Registry;
use portolan_registry::lint::{Finding, RULES, Report, Rule, Severity};

use super::registry::grouped;
use super::{Columns, Output, Tone, one_line};

/// How many findings of a rule are shown without `--all`.
const FEW: usize = 10;

pub(crate) fn text(
    file: &str,
    registry: &Registry,
    report: &Report,
    all: bool,
    output: &Output,
) -> String {
    let mut text = String::new();
    by_severity(&mut text, RULES.iter(), report, all, output);
    let what = if file.is_empty() {
        format!("The registry of {}", registry.date())
    } else {
        one_line(file)
    };
    let counts = counts(report);
    let names = match report.names("5.1").len() {
        0 => String::new(),
        1 => "; 1 name breaks section 5.1".to_owned(),
        names => format!("; {} names break section 5.1", grouped(names)),
    };
    let rows = grouped(registry.len());
    let summary = format!("{what}, {rows} rows: {counts}{names}");
    text.push_str(&format!("{}\n", output.paint(Tone::Strong, &summary)));
    text
}

/// The same of a site registry's file with so many records.
pub(crate) fn of_site(
    file: &str,
    records: usize,
    report: &Report,
    all: bool,
    output: &Output,
) -> String {
    let mut text = String::new();
    let rules = site::file::RULES.iter().map(|rule| &rule.rule);
    by_severity(&mut text, rules, report, all, output);
    let (file, counts) = (one_line(file), counts(report));
    let summary = format!(
        "{file}, {} record{}: {counts}",
        grouped(records),
        plural(records)
    );
    text.push_str(&format!("{}\n", output.paint(Tone::Strong, &summary)));
    text
}

/// The gravest findings first.
fn by_severity<'r>(
    text: &mut String,
    rules: impl Iterator<Item = &'r Rule> + Clone,
    report: &Report,
    all: bool,
    output: &Output,
) {
    for severity in Severity::ALL {
        for rule in rules.clone().filter(|rule| rule.severity == severity) {
            let findings: Vec<&Finding> = report.of(rule).collect();
            if !findings.is_empty() {
                of_rule(text, rule, &findings, all, output);
            }
        }
    }
}

fn counts(report: &Report) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (report.count(severity), severity.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}{}", grouped(count), plural(count)))
        .collect();
    match counts.is_empty() {
        true => "keeps to every rule".to_owned(),
        false => counts.join(", "),
    }
}

fn of_rule(text: &mut String, rule: &Rule, findings: &[&Finding], all: bool, output: &Output) {
    let tone = match rule.severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Warning,
        Severity::Note => Tone::Faint,
    };
    let count = grouped(findings.len());
    text.push_str(&format!(
        "{} {} ({count}): {} [{}]\n",
        output.paint(tone, rule.severity.as_str()),
        output.paint(Tone::Strong, rule.id),
        rule.says,
        rule.source(),
    ));
    let shown = if all { findings.len() } else { FEW };
    let mut columns = Columns::new(["", "", ""]);
    for finding in findings.iter().take(shown) {
        let line = finding
            .line
            .map_or_else(String::new, |line| format!("line {line}"));
        columns.push([
            (line, Tone::Faint),
            (finding.place().to_string(), Tone::Plain),
            (one_line(&finding.what), Tone::Plain),
        ]);
    }
    text.push_str(&columns.text(2, output));
    if findings.len() > shown {
        let left = grouped(findings.len() - shown);
        text.push_str(&format!("  ... and {left} more; --all shows them\n"));
    }
    text.push_str(&format!("  To do: {}.\n\n", rule.advice));
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
