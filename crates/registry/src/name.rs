//! Service names: RFC 6335 §5.1's syntax, and the folding under which people look them up.

use std::cmp::Ordering;

/// What keeps a text from being a service name.
///
/// Source: RFC 6335 §5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NameError {
    /// Shorter than 1 or longer than 15 characters.
    #[error("not 1 to 15 characters long")]
    Length,
    /// Something other than ASCII letters, digits and hyphens.
    #[error("holds a character other than letters, digits and hyphens")]
    Character,
    /// No letter at all.
    #[error("holds no letter")]
    NoLetter,
    /// A hyphen at either end.
    #[error("begins or ends with a hyphen")]
    EdgeHyphen,
    /// Two hyphens side by side.
    #[error("holds two hyphens in a row")]
    DoubleHyphen,
}

/// Holds `name` against RFC 6335 §5.1; `Ok` where it is a valid service name.
pub fn check_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() || name.chars().count() > 15 {
        return Err(NameError::Length);
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(NameError::Character);
    }
    if !name.bytes().any(|b| b.is_ascii_alphabetic()) {
        return Err(NameError::NoLetter);
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(NameError::EdgeHyphen);
    }
    if name.contains("--") {
        return Err(NameError::DoubleHyphen);
    }
    Ok(())
}

/// The characters by which names are compared: lower case, without hyphens and underscores.
///
/// RFC 6335 §5.1 compares without regard to case; people leave out hyphens as well, and the
/// registry's legacy aliases differ in nothing else (§10.1).
pub fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars()
        .filter(|c| *c != '-' && *c != '_')
        .flat_map(char::to_lowercase)
}

/// Compares two names as [`folded`].
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    folded(a).cmp(folded(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_of_section_5_1() {
        for good in ["http", "www-http", "x11", "3com-tsmux", "a", "Z39-50"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", NameError::Length),
            ("sixteen-chars-ab", NameError::Length),
            ("914c/g", NameError::Character),
            ("edi_service", NameError::Character),
            ("123-4", NameError::NoLetter),
            ("-2", NameError::NoLetter),
            ("-a", NameError::EdgeHyphen),
            ("a-", NameError::EdgeHyphen),
            ("a--b", NameError::DoubleHyphen),
        ] {
            assert_eq!(check_name(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn case_and_hyphens_do_not_part_names() {
        assert_eq!(compare("WatchDogNT", "watchdog-nt"), Ordering::Equal);
        assert_eq!(compare("edi_service", "edi-service"), Ordering::Equal);
        assert_ne!(compare("http", "https"), Ordering::Equal);
    }
}
