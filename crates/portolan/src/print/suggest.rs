//! Quiet ports with their reasons, and what speaks for and against one, as text.

use portolan_registry::RangeKind;
use portolan_survey::suggest::reason::{Reason, Side};
use portolan_survey::suggest::{Checked, Criteria, Ruling, Suggested};

use super::{Output, Tone, one_line};

/// Each port with its reasons.
pub(crate) fn suggested(suggested: &Suggested, criteria: &Criteria, output: &Output) -> String {
    let words: Vec<&str> = criteria.transports.iter().map(|t| t.as_str()).collect();
    let mut text = String::new();
    for suggestion in &suggested.suggestions {
        let port = output.paint(Tone::Strong, &suggestion.port.to_string());
        text.push_str(&format!("{port} ({})\n", words.join(", ")));
        for reason in &suggestion.because {
            text.push_str(&line(reason, output));
        }
    }
    text
}

/// The numbers alone.
pub(crate) fn bare(suggested: &Suggested) -> String {
    let suggestions = suggested.suggestions.iter();
    suggestions.map(|s| format!("{}\n", s.port)).collect()
}

/// The ruling, then every reason by its side.
pub(crate) fn checked(checked: &Checked, output: &Output) -> String {
    let port = checked.port;
    let against = checked.on(Side::Against).count();
    let more = match against.saturating_sub(1) {
        0 => String::new(),
        1 => "; 1 more reason against it below".to_owned(),
        n => format!("; {n} more reasons against it below"),
    };
    let why = checked.headline().map(|reason| one_line(&reason.text));
    let why = why.unwrap_or_default();
    let (tone, ruling) = match checked.ruling() {
        Ruling::Quiet => (
            Tone::Good,
            format!("{port} is quiet: nothing speaks against it"),
        ),
        Ruling::NotQuiet => (Tone::Warning, format!("{port} is not quiet: {why}{more}")),
        Ruling::Taken => (Tone::Bad, format!("{port} is taken: {why}{more}")),
    };
    let mut text = format!("{}\n", output.paint(tone, &ruling));
    for (side, title) in [
        (Side::Against, "Against it"),
        (Side::For, "For it"),
        (Side::Aside, "Besides"),
    ] {
        let lines: String = checked
            .on(side)
            .map(|reason| line(reason, output))
            .collect();
        if !lines.is_empty() {
            text.push_str(&format!("{}\n{lines}", output.paint(Tone::Strong, title)));
        }
    }
    if against > 0 {
        let range = match RangeKind::of(port) {
            RangeKind::Dynamic => " --range dynamic",
            RangeKind::System | RangeKind::User => "",
        };
        text.push_str(&format!(
            "A quiet one: portolan suggest --near {port}{range}\n"
        ));
    }
    text
}

fn line(reason: &Reason, output: &Output) -> String {
    let source = format!("[{}]", one_line(&reason.source));
    format!(
        "  {} {}\n",
        one_line(&reason.text),
        output.paint(Tone::Faint, &source)
    )
}
