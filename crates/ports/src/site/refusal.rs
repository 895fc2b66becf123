//! A refusal: what was not done, and which section of the RFC says so.

use std::fmt;

/// A step that is not taken. A value, not an error: the registry works as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What says so.
    pub section: Section,
    /// Why, as the end of a sentence.
    pub because: String,
    /// What to do instead, as an imperative; empty where there is nothing.
    pub next: String,
}

/// What a refusal rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// A section of RFC 6335: `8.1.1`.
    Rfc6335(&'static str),
    /// A section of RFC 7605.
    Rfc7605(&'static str),
    /// A rule of this site's own: its reviewers, its record as it stands now.
    Site,
}

impl Refusal {
    /// By a section of RFC 6335.
    pub(super) fn rfc(
        section: &'static str,
        because: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            section: Section::Rfc6335(section),
            because: because.into(),
            next: next.into(),
        }
    }

    /// By this site's own rules.
    pub(super) fn site(because: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            section: Section::Site,
            because: because.into(),
            next: next.into(),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rfc6335(number) => write!(f, "RFC 6335 section {number}"),
            Self::Rfc7605(number) => write!(f, "RFC 7605 section {number}"),
            Self::Site => f.write_str("this site's rules"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by {}: {}", self.section, self.because)?;
        match self.next.as_str() {
            "" => Ok(()),
            next => write!(f, "; {next}"),
        }
    }
}
