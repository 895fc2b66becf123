//! JUnit XML, as CI systems read it: one test case for each rule of the policy, one for the site
//! registry where there is one, and one for each listener of which no rule speaks.
//!
//! Nobody owns the format. What is written here keeps to what Ant's `junit` task writes and to
//! `junit-10.xsd` of Jenkins' xunit plugin, which is the strictest that is published. A broken rule
//! is a `failure`, one that could not be judged an `error`; a note passes, as it does by the exit
//! code. Beside an earlier check a rule that is broken as it was then is `skipped`: it fails no
//! build, and nobody takes it for mended. Jenkins keeps only the first of several failures in one test case, so everything about a
//! rule is in one.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use portolan_survey::check::since::Earlier;
use portolan_survey::check::{Basis, Check, SITE_REGISTRY, UnseenRule, Violation, ViolationKind};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::subject::{gap, state, subject};
use crate::print::one_line;

/// The name of the suite, and the class of every test case.
const SUITE: &str = "portolan.check";

/// Writes the document of everything that a check found, beside an earlier one where there is one.
/// `observed_at` is in RFC 3339, in UTC.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(
    check: &Check,
    earlier: Option<&Earlier>,
    observed_at: &str,
    out: impl Write,
) -> io::Result<()> {
    let cases = cases(check, earlier);
    let tests = cases.len().to_string();
    let failures = cases.iter().filter(|case| case.fails()).count().to_string();
    let errors = cases.iter().filter(|case| case.errs()).count().to_string();
    let skipped = cases.iter().filter(|case| case.is_skipped()).count();
    let skipped = skipped.to_string();
    let counts = [
        ("name", SUITE),
        ("tests", &*tests),
        ("failures", &*failures),
        ("errors", &*errors),
    ];
    // Ant's form has no zone, and strict readers refuse one.
    let timestamp = text(observed_at.trim_end_matches('Z'));
    let host = text(&check.host);
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attributes(counts)
        .write_inner_content(|writer| {
            writer
                .create_element("testsuite")
                .with_attributes(counts)
                .with_attributes([
                    ("skipped", &*skipped),
                    ("timestamp", &*timestamp),
                    ("hostname", &*host),
                ])
                .write_inner_content(|writer| suite(writer, check, &cases))?;
            Ok(())
        })?;
    let mut out = writer.into_inner();
    out.write_all(b"\n")
}

fn suite(writer: &mut Writer<impl Write>, check: &Check, cases: &[Case<'_>]) -> io::Result<()> {
    let listeners = check.listeners.to_string();
    let rules = check.rules.len().to_string();
    let assignments = check.assignments.map(|count| count.to_string());
    writer
        .create_element("properties")
        .write_inner_content(|writer| {
            let assignments = assignments.as_ref().map(|count| ("assignments", count));
            let pairs = [("listeners", &listeners), ("rules", &rules)];
            for pair in pairs.into_iter().chain(assignments) {
                writer
                    .create_element("property")
                    .with_attributes([("name", pair.0), ("value", pair.1)])
                    .write_empty()?;
            }
            Ok(())
        })?;
    let mut taken = HashSet::new();
    for case in cases {
        case.write(writer, &mut taken)?;
    }
    if !check.gaps.is_empty() {
        let gaps: Vec<String> = check.gaps.iter().map(gap).collect();
        let told = format!("could not be seen: {}", gaps.join("\ncould not be seen: "));
        writer
            .create_element("system-err")
            .write_text_content(BytesText::new(&lines(&told)))?;
    }
    Ok(())
}

/// One test case: a rule, or a listener of which none speaks.
struct Case<'a> {
    name: String,
    earlier: Option<&'a Earlier>,
    violations: Vec<&'a Violation>,
    unseen: Vec<&'a UnseenRule>,
}

/// Every rule in the order in which it was read, then what belongs to none.
fn cases<'a>(check: &'a Check, earlier: Option<&'a Earlier>) -> Vec<Case<'a>> {
    let own = check.rules.iter().map(|(name, _)| Case::of(name, earlier));
    let mut cases: Vec<Case<'a>> = own.collect();
    let rules = check.rules.iter().enumerate();
    let places: HashMap<&str, usize> = rules.map(|(at, (name, _))| (&**name, at)).collect();
    // One for all of the site registry: a report without any test case is refused by some readers,
    // and no rule need stand beside it.
    let site = check.assignments.map(|_| {
        cases.push(Case::of(SITE_REGISTRY, earlier));
        cases.len() - 1
    });
    // A rule may be called as the site registry is.
    let place = |rule: &str, basis: &Basis| match basis {
        Basis::Rule(_) => places.get(rule).copied(),
        Basis::Site(_) => site,
    };
    for violation in &check.violations {
        let own = violation.kind == ViolationKind::Unlisted;
        let known = place(&violation.rule, &violation.origin).filter(|_| !own);
        if let Some(place) = known {
            cases[place].violations.push(violation);
            continue;
        }
        let Violation {
            ports, transport, ..
        } = violation;
        let about = subject(*ports, *transport, violation.listener.as_ref());
        let mut case = Case::of(&format!("{}: {about}", violation.rule), earlier);
        case.violations.push(violation);
        cases.push(case);
    }
    for unseen in &check.unseen {
        if let Some(place) = place(&unseen.rule, &unseen.origin) {
            cases[place].unseen.push(unseen);
            continue;
        }
        let about = subject(unseen.ports, unseen.transport, unseen.listener.as_ref());
        let mut case = Case::of(&format!("{}: {about}", unseen.rule), earlier);
        case.unseen.push(unseen);
        cases.push(case);
    }
    cases
}

impl<'a> Case<'a> {
    fn of(name: &str, earlier: Option<&'a Earlier>) -> Self {
        Self {
            name: text(name),
            earlier,
            violations: Vec::new(),
            unseen: Vec::new(),
        }
    }

    fn is_known(&self, violation: &Violation) -> bool {
        self.earlier
            .is_some_and(|earlier| earlier.knows_violation(violation))
    }

    /// The gravest that breaks the policy and is new. A note breaks nothing, and is only told.
    fn broken(&self) -> Option<&'a Violation> {
        let mut violations = self.violations.iter().copied();
        violations.find(|found| found.severity.needs_attention() && !self.is_known(found))
    }

    fn fails(&self) -> bool {
        self.broken().is_some()
    }

    fn errs(&self) -> bool {
        !self.fails() && !self.unseen.is_empty()
    }

    /// Whether it is broken as it was in the earlier check, and in no other way.
    fn is_skipped(&self) -> bool {
        let mut violations = self.violations.iter();
        let stands = violations.any(|violation| violation.severity.needs_attention());
        stands && !self.fails() && !self.errs()
    }

    /// Everything about it, a line each: what is new first, the gravest first.
    fn found(&self) -> Vec<String> {
        let since = self.earlier.map_or("", Earlier::observed_at);
        let (mut found, mut known) = (Vec::new(), Vec::new());
        let mut tell = |is_known: bool, said: String| match is_known {
            true => known.push(format!("known since {}: {said}", one_line(since))),
            false => found.push(said),
        };
        for violation in &self.violations {
            tell(self.is_known(violation), broken(violation));
        }
        for unseen in &self.unseen {
            let earlier = self.earlier;
            let is_known = earlier.is_some_and(|earlier| earlier.knows_unseen(unseen));
            tell(is_known, not_judged(unseen));
        }
        found.append(&mut known);
        found
    }

    fn write(
        &self,
        writer: &mut Writer<impl Write>,
        taken: &mut HashSet<String>,
    ) -> io::Result<()> {
        // A CI system follows a test by its name: two of one name would be one test.
        let mut name = self.name.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{} ({number})", self.name);
        }
        let case = writer
            .create_element("testcase")
            .with_attributes([("classname", SUITE), ("name", &*name)]);
        let found = self.found();
        let Some(first) = found.first() else {
            case.write_empty()?;
            return Ok(());
        };
        let message = match found.len() {
            1 => first.clone(),
            several => format!("{first}; and {} more", several - 1),
        };
        let told = lines(&format!("{}\n{}", found.join("\n"), self.places()));
        let element = match (self.fails(), self.errs(), self.is_skipped()) {
            (true, ..) => "failure",
            (_, true, _) => "error",
            (.., true) => "skipped",
            _ => "system-out",
        };
        let kind = self.broken().map_or("unseen", |found| found.kind.as_str());
        let message = text(&message);
        case.write_inner_content(|writer| {
            let mut element = writer.create_element(element);
            if self.fails() || self.errs() {
                element = element.with_attribute(("type", kind));
            }
            if self.fails() || self.errs() || self.is_skipped() {
                element = element.with_attribute(("message", &*message));
            }
            element.write_text_content(BytesText::new(&told))?;
            Ok(())
        })?;
        Ok(())
    }

    /// Whether it is of the policy; else it is the site registry's.
    fn rests_on_a_rule(&self) -> bool {
        let violations = self.violations.iter().map(|violation| &violation.origin);
        let unseen = self.unseen.iter().map(|unseen| &unseen.origin);
        violations
            .chain(unseen)
            .any(|basis| basis.origin().is_some())
    }

    /// Where the rules behind it are written, and which records there are, each once.
    fn places(&self) -> String {
        let violations = self.violations.iter().map(|violation| &violation.origin);
        let unseen = self.unseen.iter().map(|unseen| &unseen.origin);
        let mut places: Vec<String> = Vec::new();
        for origin in violations.chain(unseen) {
            let place = match origin {
                Basis::Rule(origin) => format!("{origin}:{}", origin.column),
                Basis::Site(_) => origin.to_string(),
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let rule = match self.rests_on_a_rule() {
            true => "rule at ",
            false => "",
        };
        format!("{rule}{}", one_line(&places.join(", ")))
    }
}

fn broken(violation: &Violation) -> String {
    let Violation {
        ports, transport, ..
    } = violation;
    let about = subject(*ports, *transport, violation.listener.as_ref());
    let (state, severity) = (state(violation.kind), violation.severity.as_str());
    let because = one_line(&violation.because);
    format!("{about} {state}: {because} ({severity})")
}

fn not_judged(unseen: &UnseenRule) -> String {
    let about = subject(unseen.ports, unseen.transport, unseen.listener.as_ref());
    format!("{about} could not be judged: {}", one_line(&unseen.because))
}

/// A foreign word on one line, of characters that XML 1.0 section 2.2 allows and that steer nothing.
fn text(word: &str) -> String {
    allowed(&one_line(word))
}

/// The same of several lines, each of which is harmless already.
fn lines(text: &str) -> String {
    allowed(text)
}

/// Writes out what no XML 1.0 document may hold, not even as a reference (section 2.2).
fn allowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out
}

#[cfg(test)]
mod tests;
