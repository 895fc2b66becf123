//! What a request collides with, and what else whoever asks or decides should know.

use portolan_survey::suggest::reason::{Reason, Side};

use crate::print::columns::words;
use crate::print::{Output, Tone, one_line};

/// Each with its source; nothing where there is nothing to say.
pub(crate) fn conflicts(reasons: &[Reason], output: &Output) -> String {
    let mut text = String::new();
    for (weight, title, tone) in [
        (Weight::Taken, "What conflicts", Tone::Bad),
        (Weight::Placed, "What else speaks against it", Tone::Warning),
        (Weight::Aside, "Worth knowing", Tone::Strong),
    ] {
        let lines: String = reasons
            .iter()
            .filter(|reason| weight_of(reason) == Some(weight))
            .map(|reason| {
                let source = format!("[{}]", one_line(&reason.source));
                let line = format!("{} {source}", one_line(&reason.text));
                painted(&line, line.len() - source.len(), output)
            })
            .collect();
        if !lines.is_empty() {
            text.push_str(&format!("{}\n{lines}", output.paint(tone, title)));
        }
    }
    text
}

/// A line behind two spaces, broken between words, faint from this byte on.
fn painted(line: &str, faint: usize, output: &Output) -> String {
    let width = output.width().unwrap_or(usize::MAX);
    let mut text = String::new();
    let mut begins = 0;
    for (place, part) in words(line, width, 2).into_iter().enumerate() {
        let indent = if place == 0 { "  " } else { "    " };
        let plain = faint.saturating_sub(begins).min(part.len());
        let (said, source) = part.split_at(plain);
        let source = match source {
            "" => String::new(),
            source => output.paint(Tone::Faint, source),
        };
        text.push_str(&format!("{indent}{said}{source}\n"));
        // One space stands between two parts.
        begins += part.len() + 1;
    }
    text
}

/// How much a reason weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// Somebody has the port, or it cannot be had.
    Taken,
    /// It lies badly.
    Placed,
    /// Neither.
    Aside,
}

const fn weight_of(reason: &Reason) -> Option<Weight> {
    match reason.side {
        Side::Against if reason.kind.takes() => Some(Weight::Taken),
        Side::Against => Some(Weight::Placed),
        Side::Aside => Some(Weight::Aside),
        Side::For => None,
    }
}
