//! Dated lines: what the procedures add to notes and reports. No person writes or removes one, and
//! the oldest make room for the newest.

use std::collections::HashSet;

use jiff::civil::Date;

use super::text::LOG;
use crate::site::{Fields, Refusal};

/// What stands first where older lines had to make room.
pub(super) const OLDER: &str = "older notes: see the audit trail";
/// What of a log a person may fill, in bytes: the rest is the procedures'.
const WRITTEN: usize = LOG / 2;

/// Adds a line with its date to notes. The audit trail has every version of a record, so that the
/// oldest dated lines may make room.
pub(super) fn add(log: &mut String, today: Date, text: &str) {
    append(log, today, text);
    bound(log);
}

/// Adds a line with its date, without making room.
pub(super) fn append(log: &mut String, today: Date, text: &str) {
    if !log.is_empty() {
        log.push('\n');
    }
    log.push_str(&format!("{today}: {text}"));
}

/// Makes room in notes: the oldest dated line goes first, then the first line, the last never. Linear
/// in the text.
pub(super) fn bound(log: &mut String) {
    if log.len() <= LOG {
        return;
    }
    let mut lines: Vec<Option<&str>> = log.lines().filter(|l| *l != OLDER).map(Some).collect();
    let mut size = OLDER.len() + lines.iter().flatten().map(|l| l.len() + 1).sum::<usize>();
    let last = lines.len().saturating_sub(1);
    for only_dated in [true, false] {
        for line in &mut lines[..last] {
            if size > LOG
                && let Some(text) = *line
                && (!only_dated || is_dated(text))
            {
                size -= text.len() + 1;
                *line = None;
            }
        }
    }
    let kept: Vec<&str> = [OLDER]
        .into_iter()
        .chain(lines.into_iter().flatten())
        .collect();
    *log = kept.join("\n");
}

/// Holds what a person wrote into the logs, beside what was there: no line that reads as one of the
/// procedures', and no more of one's own than there is room for. What was there already is no fault.
pub(super) fn check_written(old: &Fields, new: &Fields) -> Result<(), Refusal> {
    let logs = [
        (
            "unauthorized-use",
            &old.unauthorized_use,
            &new.unauthorized_use,
        ),
        ("notes", &old.notes, &new.notes),
    ];
    for (name, old, new) in logs {
        let there: HashSet<&str> = old.lines().collect();
        let is_new = |line: &&str| !there.contains(line);
        if let Some(line) = new.lines().filter(|l| seems_dated(l)).find(is_new) {
            let shown: String = line.chars().take(40).collect();
            return Err(Refusal::site(
                format!(
                    "{name} has the line \"{}\", and lines of that form are the procedures' own",
                    portolan_registry::one_line(&shown)
                ),
                "write what happened first, and the day behind it",
            ));
        }
        let own = |text: &str| {
            text.lines()
                .filter(|l| !is_kept(l))
                .map(|l| l.len() + 1)
                .sum()
        };
        let (before, now): (usize, usize) = (own(old), own(new));
        if now > WRITTEN && now > before {
            return Err(Refusal::site(
                format!("{name} has {now} bytes, and may have {WRITTEN}"),
                "shorten it",
            ));
        }
    }
    Ok(())
}

/// `text`, or `text: why` where something was said.
pub(super) fn with_reason(text: String, why: &str) -> String {
    match why.trim() {
        "" => text,
        why => format!("{text}: {why}"),
    }
}

/// The new text with every line of the old that `stays` and that it leaves out, before it. The second
/// is whether there was one.
pub(super) fn merged(old: &str, new: &str, stays: impl Fn(&str) -> bool) -> (String, bool) {
    let there: HashSet<&str> = new.lines().collect();
    let left_out: Vec<&str> = old
        .lines()
        .filter(|line| stays(line) && !there.contains(line))
        .collect();
    let any = !left_out.is_empty();
    let lines: Vec<&str> = left_out.into_iter().chain(new.lines()).collect();
    match any {
        true => (lines.join("\n"), true),
        false => (new.to_owned(), false),
    }
}

/// Whether a line is the procedures': dated, or the one on those that made room.
pub(super) fn is_kept(line: &str) -> bool {
    line == OLDER || is_dated(line)
}

/// Whether a line begins with a date, as [`add`] writes it.
fn is_dated(line: &str) -> bool {
    let date = line.split_once(": ").map(|(date, _)| date);
    date.is_some_and(|date| date.len() == 10 && date.parse::<Date>().is_ok())
}

/// Whether a person would take a line for one of the procedures', whatever blanks, brackets or
/// strokes stand around the date.
fn seems_dated(line: &str) -> bool {
    let colon = [':', '\u{ff1a}', '\u{2236}', '\u{a789}'];
    let Some((date, _)) = line.split_once(colon) else {
        return false;
    };
    let mut runs = date
        .split(|c: char| !c.is_numeric())
        .filter(|run| !run.is_empty());
    let mut run = || runs.next().map_or(0, |run| run.chars().count());
    let is_date = run() == 4 && (1..=2).contains(&run()) && (1..=2).contains(&run());
    let is_date = is_date && !date.chars().any(char::is_alphabetic);
    is_date || line.trim().to_lowercase().starts_with(OLDER)
}
