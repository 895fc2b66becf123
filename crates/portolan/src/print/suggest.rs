//! Quiet ports with their reasons, and what speaks for and against one, as text.

use portolan_registry::{Port, RangeKind};
use portolan_survey::suggest::reason::{Reason, Side};
use portolan_survey::suggest::{Checked, Criteria, Filing, Ruling, Suggested, Suggestion};

use super::{Output, Tone, one_line, site};

/// Each port with its reasons.
pub(crate) fn suggested(suggested: &Suggested, criteria: &Criteria, output: &Output) -> String {
    let mut text = String::new();
    for suggestion in &suggested.suggestions {
        text.push_str(&one(suggestion, criteria, output));
    }
    text
}

fn one(suggestion: &Suggestion, criteria: &Criteria, output: &Output) -> String {
    let port = output.paint(Tone::Strong, &suggestion.port.to_string());
    let lines = suggestion.because.iter().map(|reason| line(reason, output));
    let lines: String = lines.collect();
    format!("{port} ({})\n{lines}", words(criteria))
}

fn words(criteria: &Criteria) -> String {
    let words: Vec<&str> = criteria.transports.iter().map(|t| t.as_str()).collect();
    words.join(", ")
}

/// What became of asking for one name's number; nothing where it was refused.
pub(crate) fn filing(filing: &Filing, criteria: &Criteria, output: &Output) -> String {
    match filing {
        Filing::Filed {
            suggestion,
            record,
            remarks,
        } => {
            let mut text = one(suggestion, criteria, output);
            text.push_str(&site::headline(record, output));
            for remark in remarks {
                text.push_str(&format!("Note: {}\n", one_line(remark)));
            }
            text.push_str(&format!("Next: {}.\n", site::next(record, record.modified)));
            text
        }
        Filing::Before { port, record } => {
            let port = output.paint(Tone::Strong, &port.to_string());
            let place = format!("{port} ({})\n", words(criteria));
            format!("{place}{}", site::headline(record, output))
        }
        Filing::Refused(_) | Filing::NoneLeft(_) => String::new(),
    }
}

/// The same as a line: the name and its number.
pub(crate) fn filing_line(name: &str, filing: &Filing) -> String {
    match number(filing) {
        Some(port) => format!("{} {port}\n", one_line(name)),
        None => String::new(),
    }
}

/// The number alone. Of many, an empty line for a name without one: lines stay beside their names.
pub(crate) fn bare_filing(filing: &Filing, many: bool) -> String {
    match number(filing) {
        Some(port) => format!("{port}\n"),
        None if many => "\n".to_owned(),
        None => String::new(),
    }
}

fn number(filing: &Filing) -> Option<Port> {
    match filing {
        Filing::Filed { suggestion, .. } => Some(suggestion.port),
        Filing::Before { port, .. } => Some(*port),
        Filing::Refused(_) | Filing::NoneLeft(_) => None,
    }
}

/// What is to be done about so many records that wait.
pub(crate) fn waiting(count: usize) -> String {
    let records = if count == 1 {
        "record waits"
    } else {
        "records wait"
    };
    format!(
        "{count} {records} for a review, and may be completed until then: portolan registry list --pending"
    )
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
