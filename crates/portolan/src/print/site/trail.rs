//! The audit trail as a table, and whether it is whole.

use portolan_store::audit::{Audited, Verified};

use crate::print::columns::{GAP, cut, width_of};
use crate::print::{Columns, Output, Tone, grouped, one_line};

/// The width of a day and a time.
const WHEN: usize = "2026-11-20 10:00:00".len();

/// So much of a hash is shown.
const SHOWN: usize = 12;

/// What a reason needs to be read beside the other columns.
const READABLE: usize = 20;

/// The widest that a name is where the terminal has an end.
const FAIR: usize = 24;

/// A line for each entry, the newest last; where the terminal is too narrow for that, two or more.
pub(crate) fn trail(entries: &[Audited], output: &Output) -> String {
    if let Some(width) = output.width() {
        let of = |text: fn(&Audited) -> &str| {
            let widths = entries.iter().map(|entry| width_of(text(entry)));
            widths.max().unwrap_or(0)
        };
        let names = of(|entry| &entry.entry.by) + of(|entry| &entry.entry.step);
        // Numbers and the gaps between the columns.
        let others = "12345".len() + WHEN + "RECORD".len() + SHOWN + 6 * GAP;
        if names + others + READABLE > width {
            return narrow(entries, output);
        }
    }
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

/// Each entry in lines of its own: when, who and its hash, then what and why.
fn narrow(entries: &[Audited], output: &Output) -> String {
    let mut text = String::new();
    for entry in entries {
        let when = entry.entry.at.trim_end_matches('Z').replace('T', " ");
        let by = cut(&one_line(&entry.entry.by), FAIR);
        let hash = one_line(short(&entry.hash));
        let number = output.paint(Tone::Strong, &entry.number.to_string());
        let hash = output.paint(Tone::Faint, &hash);
        text.push_str(&format!("{number}  {}  {hash}  {by}\n", one_line(&when)));
        let because = match entry.entry.why.as_str() {
            "" => String::new(),
            why => format!(": {}", one_line(why)),
        };
        let step = one_line(&entry.entry.step);
        let said = format!("  {step}, record {}{because}\n", entry.record);
        text.push_str(&output.folded(&said));
    }
    text
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
        n => (Tone::Bad, format!("not whole: {} faults", grouped(n))),
    };
    format!("{entries}, {}{head}\n", output.paint(tone, &state))
}

/// The beginning of a hash.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..SHOWN).unwrap_or(hash)
}
