//! The audit trail as a table, and whether it is whole.

use portolan_store::audit::{Audited, Verified};

use crate::print::{Columns, Output, Tone, grouped, one_line};

/// So much of a hash is shown.
const SHOWN: usize = 12;

/// A line for each entry, the newest last.
pub(crate) fn trail(entries: &[Audited], output: &Output) -> String {
    let mut rows = Columns::new(["NO", "WHEN", "WHO", "STEP", "RECORD", "HASH", "BECAUSE"]);
    for entry in entries {
        let plain = |text: &str| (one_line(text), Tone::Plain);
        let when = entry.entry.at.trim_end_matches('Z').replace('T', " ");
        rows.push([
            plain(&entry.number.to_string()),
            plain(&when),
            plain(&entry.entry.by),
            (one_line(&entry.entry.step), Tone::Strong),
            plain(&entry.record.to_string()),
            (one_line(short(&entry.hash)), Tone::Faint),
            plain(&entry.entry.why),
        ]);
    }
    rows.text(0, output)
}

/// `1,204 entries, whole, head 3f9ac2e4b1d0`, or that it is not; the faults are told elsewhere.
pub(crate) fn verified(verified: &Verified, faults: usize, output: &Output) -> String {
    let entries = match verified.entries {
        1 => "1 entry".to_owned(),
        n => format!(
            "{} entries",
            grouped(usize::try_from(n).unwrap_or(usize::MAX))
        ),
    };
    let head = match verified.head.as_str() {
        "" => String::new(),
        head => format!(", head {}", one_line(head)),
    };
    let (tone, state) = match faults {
        0 => (Tone::Good, "whole".to_owned()),
        1 => (Tone::Bad, "not whole: 1 fault".to_owned()),
        n => (Tone::Bad, format!("not whole: {n} faults")),
    };
    format!("{entries}, {}{head}\n", output.paint(tone, &state))
}

/// The beginning of a hash.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..SHOWN).unwrap_or(hash)
}
