//! Dated lines: what the procedures add to notes and reports, and never take away.

use jiff::civil::Date;

/// Adds a line with its date.
pub(super) fn add(log: &mut String, today: Date, text: &str) {
    if !log.is_empty() {
        log.push('\n');
    }
    log.push_str(&format!("{today}: {text}"));
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
    let is_there = |line: &str| new.lines().any(|other| other == line);
    let left_out: Vec<&str> = old
        .lines()
        .filter(|line| stays(line) && !is_there(line))
        .collect();
    let any = !left_out.is_empty();
    let lines: Vec<&str> = left_out.into_iter().chain(new.lines()).collect();
    match any {
        true => (lines.join("\n"), true),
        false => (new.to_owned(), false),
    }
}

/// Whether a line begins with a date, as [`add`] writes it.
pub(super) fn is_dated(line: &str) -> bool {
    let date = line.split_once(": ").map(|(date, _)| date);
    date.is_some_and(|date| date.parse::<Date>().is_ok())
}
