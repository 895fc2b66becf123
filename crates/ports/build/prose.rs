//! Whether a text is one sentence, as a person would write it.

/// The fewest characters of a statement; what is shorter says nothing.
const FEWEST: usize = 12;

/// One sentence of at most `most` characters, with its full stop, that quotes no address.
pub(super) fn sentence(key: &str, text: &str, most: usize) -> Result<(), String> {
    label(key, text)?;
    let length = text.chars().count();
    if !(FEWEST..=most).contains(&length) {
        return Err(format!(
            "{key}: {length} characters long, not {FEWEST} to {most}"
        ));
    }
    if !text.ends_with('.') || text.ends_with("..") {
        return Err(format!("{key}: ends without a full stop"));
    }
    if text.contains("://") || text.contains("www.") {
        return Err(format!(
            "{key}: quotes an address; that belongs into source"
        ));
    }
    if let Some(second) = second_sentence(text) {
        return Err(format!(
            "{key}: more than one sentence; another begins at {second:?}"
        ));
    }
    Ok(())
}

/// A text that can be shown on one line: not empty, without control characters or stray blanks.
pub(super) fn label(key: &str, text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err(format!("{key}: empty"));
    }
    if text.contains(char::is_control) {
        return Err(format!("{key}: holds a control character"));
    }
    if text.trim() != text || text.contains("  ") {
        return Err(format!("{key}: a blank too many"));
    }
    Ok(())
}

/// What may stand before a full stop without ending the sentence.
const ABBREVIATIONS: [&str; 8] = ["e.g", "i.e", "etc", "vs", "cf", "Inc", "Ltd", "St"];

/// The first word after a full stop, an exclamation or a question mark that begins a sentence.
fn second_sentence(text: &str) -> Option<&str> {
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let next = words.peek()?;
        let closed = word.trim_end_matches([')', '"', '\'']);
        let ends = closed.ends_with(['.', '!', '?']);
        let abbreviated = ABBREVIATIONS.contains(&closed.trim_end_matches('.'));
        if ends && !abbreviated && next.starts_with(char::is_uppercase) {
            return Some(next);
        }
    }
    None
}
