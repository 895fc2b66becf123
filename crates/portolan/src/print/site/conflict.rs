//! What a request collides with, and what else whoever asks or decides should know.

use portolan_survey::suggest::reason::{Reason, Side};

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
                format!(
                    "  {} {}\n",
                    one_line(&reason.text),
                    output.paint(Tone::Faint, &source)
                )
            })
            .collect();
        if !lines.is_empty() {
            text.push_str(&format!("{}\n{lines}", output.paint(tone, title)));
        }
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
