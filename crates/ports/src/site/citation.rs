//! Where a record is found.

use std::fmt;
use std::sync::Arc;

use portolan_registry::one_line;

/// Where a record of a site registry is found, for whoever looks it up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Citation {
    /// In the database, under this number.
    Record(u64),
    /// In a file.
    Line {
        /// The file, as it was named.
        file: Arc<str>,
        /// The line on which the record begins, from 1.
        line: u64,
    },
}

impl Citation {
    /// The number of a record of the database.
    #[must_use]
    pub const fn record(&self) -> Option<u64> {
        match self {
            Self::Record(number) => Some(*number),
            Self::Line { .. } => None,
        }
    }

    /// The file and the line of a record of a file.
    #[must_use]
    pub fn line(&self) -> Option<(&str, u64)> {
        match self {
            Self::Record(_) => None,
            Self::Line { file, line } => Some((file, *line)),
        }
    }

    /// `site registry, record 12`, `site registry, site.toml:12`: how it is named as a source.
    #[must_use]
    pub fn source(&self) -> String {
        format!("site registry, {self}")
    }
}

impl fmt::Display for Citation {
    /// `record 12`, `site.toml:12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(number) => write!(f, "record {number}"),
            Self::Line { file, line } => write!(f, "{}:{line}", one_line(file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_where_the_record_really_stands() {
        let kept = Citation::Record(12);
        assert_eq!(kept.to_string(), "record 12");
        assert_eq!(kept.source(), "site registry, record 12");
        assert_eq!((kept.record(), kept.line()), (Some(12), None));
        let written = Citation::Line {
            file: "site.toml".into(),
            line: 12,
        };
        assert_eq!(written.to_string(), "site.toml:12");
        assert_eq!(written.source(), "site registry, site.toml:12");
        let place = Some(("site.toml", 12));
        assert_eq!((written.record(), written.line()), (None, place));
    }

    #[test]
    fn a_hostile_file_name_steers_nothing() {
        let written = Citation::Line {
            file: "a\u{1b}[2J\n.toml".into(),
            line: 3,
        };
        let said = written.to_string();
        assert!(!said.chars().any(char::is_control), "{said:?}");
        assert!(said.ends_with(".toml:3"), "{said:?}");
    }
}
