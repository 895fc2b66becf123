//! How a check ends: how much breaks the policy, and what could not be judged.

use std::collections::BTreeSet;

use portolan_ports::site::Citation;
use portolan_ports::{Gap, Severity, Why};
use portolan_survey::check::Check;
use portolan_survey::check::since::{Earlier, Since};

use crate::print::{Output, Tone, one_line};

/// "3 rules, 12 listeners: 1 violation, 1 rule could not be judged (run as root to see it)".
pub(super) fn of(check: &Check, output: &Output) -> String {
    let counts = Counts::of(check);
    let parts = counts.parts(check, output);
    let (tone, said) = match (counts.violations, parts.is_empty()) {
        (_, true) => (Tone::Good, all_is_well(check).to_owned()),
        (0, false) => (Tone::Warning, parts.join(", ")),
        (_, false) => (Tone::Bad, parts.join(", ")),
    };
    let whole = output.paint(tone, &format!("{}: {said}", looked_at(check)));
    format!("{whole}{}", undecided(check))
}

/// "3 rules, 12 listeners: nothing new since WHEN; 5 known violations stand, 1 gone", and the rules
/// that still could not be judged on a line of their own.
pub(super) fn since(since: &Since, earlier: &Earlier, output: &Output) -> String {
    let (new, known) = (Counts::of(&since.new), Counts::of(&since.known));
    let when = one_line(earlier.observed_at());
    let parts = new.parts(&since.new, output);
    let news = match parts.is_empty() {
        true => format!(": nothing new since {when}"),
        false => format!(", new since {when}: {}", parts.join(", ")),
    };
    let mut rest = Vec::new();
    for (number, what) in [(known.violations, "violation"), (known.notes, "note")] {
        match number {
            0 => {}
            1 => rest.push(format!("1 known {what} stands")),
            _ => rest.push(format!("{number} known {what}s stand")),
        }
    }
    let is_well = since.new.is_clean() && since.known.is_clean();
    if is_well {
        rest.push(all_is_well(&since.new).to_owned());
    }
    rest.push(format!("{} gone", since.gone));
    let tone = match (new.violations, is_well) {
        (0, true) => Tone::Good,
        (0, false) => Tone::Warning,
        _ => Tone::Bad,
    };
    let whole = format!("{}{news}; {}", looked_at(&since.new), rest.join(", "));
    let mut text = output.paint(tone, &whole);
    text.push_str(&undecided(&since.new));
    if !known.unseen.is_empty() {
        let rules: Vec<String> = known.unseen.iter().map(|rule| one_line(rule)).collect();
        let still = format!(
            "{} still could not be judged{}: {}",
            count(rules.len(), "rule"),
            known.hint(&since.known, output),
            rules.join(", ")
        );
        text.push('\n');
        text.push_str(&output.paint(Tone::Warning, &still));
    }
    text
}

/// The assignments that could not be judged, as a line of its own: no fault of what listens.
fn undecided(check: &Check) -> String {
    let Some((one, more)) = check.undecided.split_first() else {
        return String::new();
    };
    let also = match more {
        [] => String::new(),
        more => format!("; the same goes for {}", cited(more)),
    };
    let how = match one {
        Citation::Record(number) => format!("portolan registry modify {number} --program NAME"),
        Citation::Line { .. } => format!("program = \"NAME\" below {one}"),
    };
    format!(
        "\n{} could not be judged: {how} makes it so{also}",
        count(check.undecided.len(), "assignment")
    )
}

/// `record 2, record 3 and 7 more`.
fn cited(records: &[Citation]) -> String {
    let named: Vec<String> = records.iter().take(8).map(Citation::to_string).collect();
    match records.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn all_is_well(check: &Check) -> &'static str {
    match (check.assignments, check.rules.is_empty()) {
        _ if !check.undecided.is_empty() => "nothing departs from what is asked for",
        (None, _) => "everything is as the policy wants it",
        (Some(_), true) => "everything is as the site registry has it",
        (Some(_), false) => "everything is as the policy and the site registry want it",
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn looked_at(check: &Check) -> String {
    let rules = count(check.rules.len(), "rule");
    let assignments = check.assignments;
    let assignments = assignments.map(|number| format!(", {}", count(number, "assignment")));
    let listeners = count(check.listeners, "listener");
    format!("{rules}{}, {listeners}", assignments.unwrap_or_default())
}

struct Counts<'a> {
    /// Those that ask for a person.
    violations: usize,
    notes: usize,
    /// The rules that could not be judged, each once.
    unseen: BTreeSet<&'a str>,
}

impl<'a> Counts<'a> {
    fn of(check: &'a Check) -> Self {
        let violations = check.violations.iter();
        let notes = violations.filter(|found| found.severity == Severity::Note);
        let notes = notes.count();
        Self {
            violations: check.violations.len() - notes,
            notes,
            unseen: check.unseen.iter().map(|u| u.rule.as_str()).collect(),
        }
    }

    /// What there is of each, in words.
    fn parts(&self, check: &Check, output: &Output) -> Vec<String> {
        let mut parts = Vec::new();
        if self.violations > 0 {
            parts.push(count(self.violations, "violation"));
        }
        if self.notes > 0 {
            parts.push(count(self.notes, "note"));
        }
        if !self.unseen.is_empty() {
            parts.push(format!(
                "{} could not be judged{}",
                count(self.unseen.len(), "rule"),
                self.hint(check, output)
            ));
        }
        parts
    }

    /// What to do about rules that could not be judged, where root would have seen more.
    fn hint(&self, check: &Check, output: &Output) -> &'static str {
        if output.is_root() || !for_lack_of_permission(check) {
            return "";
        }
        match self.unseen.len() {
            1 => " (run as root to see it)",
            _ => " (run as root to see them)",
        }
    }
}

/// Whether root would have seen more of what could not be judged.
fn for_lack_of_permission(check: &Check) -> bool {
    let denied = |gap: &Gap| gap.why == Why::Permission;
    check.unseen.iter().any(|found| match &found.listener {
        Some(listener) => listener.owner_gap.as_ref().is_some_and(denied),
        None => check.gaps.iter().any(denied),
    })
}
