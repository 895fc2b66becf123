//! What a request collides with, and what else whoever asks or decides should know.

use portolan_survey::suggest::reason::{Reason, Side};

use crate::print::{Output, Tone, one_line};

/// Each with its source; nothing where there is nothing to say.
pub(crate) fn conflicts(reasons: &[Reason], output: &Output) -> String {
    let mut text = String::new();
    for (side, title, tone) in [
        (Side::Against, "What conflicts", Tone::Bad),
        (Side::Aside, "Worth knowing", Tone::Strong),
    ] {
        let lines: String = reasons
            .iter()
            .filter(|reason| reason.side == side)
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
