//! What an update did, as text.

use std::cmp::Ordering;

use portolan_survey::update::Outcome;

use super::one_line;
use super::registry::grouped;

pub(crate) fn text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NothingNew { date } => {
            format!(
                "Nothing new: the registry of {} stays in force",
                one_line(date)
            )
        }
        Outcome::Updated(updated) => format!(
            "Registry of {}: {} rows, {} added, {} removed, {} changed since that of {}; {}",
            one_line(&updated.date),
            grouped(updated.rows),
            grouped(updated.changes.added),
            grouped(updated.changes.removed),
            grouped(updated.changes.changed),
            one_line(&updated.before),
            errors(updated.errors, updated.errors_before),
        ),
    }
}

/// "lint finds 12 errors, 3 more than before".
fn errors(now: usize, before: usize) -> String {
    let found = match now {
        0 => "lint finds no errors".to_owned(),
        1 => "lint finds 1 error".to_owned(),
        _ => format!("lint finds {} errors", grouped(now)),
    };
    let than = match now.cmp(&before) {
        Ordering::Equal => "as before".to_owned(),
        Ordering::Less => format!("{} fewer than before", grouped(before - now)),
        Ordering::Greater => format!("{} more than before", grouped(now - before)),
    };
    format!("{found}, {than}")
}

#[cfg(test)]
mod tests {
    use super::errors;

    #[test]
    fn errors_are_counted_in_words() {
        assert_eq!(errors(0, 0), "lint finds no errors, as before");
        assert_eq!(
            errors(1, 1200),
            "lint finds 1 error, 1,199 fewer than before"
        );
        assert_eq!(errors(3, 1), "lint finds 3 errors, 2 more than before");
    }
}
