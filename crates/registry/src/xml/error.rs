//! Why a text is not IANA's XML form, and where.

use std::fmt;

use super::{MOST_DEPTH, MOST_PEOPLE};
use crate::PortError;
use crate::csv::MOST_ROWS;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

impl Spot {
    /// The place of a byte in a text, or in bytes that are none.
    #[must_use]
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = &text[..offset.min(text.len())];
        let start = memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1);
        Self {
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: String::from_utf8_lossy(&before[start..]).chars().count() + 1,
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why an XML file is not a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not XML.
    #[error("{at}: {why}")]
    Syntax {
        /// Where.
        at: Spot,
        /// What is wrong.
        why: String,
    },
    /// It ends too early.
    #[error("{at}: the file ends inside <{element}>; it was cut off, get it again")]
    Truncated {
        /// Where it ends.
        at: Spot,
        /// The element that was not closed.
        element: String,
    },
    /// It is not UTF-8.
    #[error("{at}: not UTF-8")]
    Encoding {
        /// Where.
        at: Spot,
    },
    /// It is a page for people.
    #[error("{at}: this is an HTML page, not a registry")]
    Html {
        /// Where.
        at: Spot,
    },
    /// Another kind of document.
    #[error("{at}: the document is a <{found}>, where IANA's is a <registry>")]
    Root {
        /// Where.
        at: Spot,
        /// Its outermost element; cut at 40 characters.
        found: String,
    },
    /// A document type declaration, which may define entities that expand without end.
    #[error("{at}: a document type declaration; a registry has none")]
    DocumentType {
        /// Where.
        at: Spot,
    },
    /// A reference to an entity that XML itself does not define.
    #[error("{at}: \"&{found};\" is none of XML's own entities")]
    Entity {
        /// Where.
        at: Spot,
        /// Its name; cut at 40 characters.
        found: String,
    },
    /// A character that no XML may hold.
    #[error("{at}: the control character {byte:#04x}, which XML does not allow")]
    Control {
        /// Where.
        at: Spot,
        /// The byte.
        byte: u8,
    },
    /// Text where only elements stand.
    #[error("{at}: text inside <{inside}>, where only elements stand: {found:?}")]
    StrayText {
        /// Where.
        at: Spot,
        /// The element around it.
        inside: &'static str,
        /// The text; cut at 40 characters.
        found: String,
    },
    /// An element or attribute that the registry does not have at this place.
    #[error("{at}: {found} is not known inside <{inside}>")]
    Unknown {
        /// Where.
        at: Spot,
        /// The element or attribute; cut at 40 characters.
        found: String,
        /// The element around it.
        inside: &'static str,
    },
    /// An element or attribute that stands once, for the second time.
    #[error("{at}: a second {found} in one <{inside}>")]
    Twice {
        /// Where.
        at: Spot,
        /// What.
        found: &'static str,
        /// The element around it.
        inside: &'static str,
    },
    /// A text that is too long.
    #[error("{at}: the text of <{element}> is longer than the 65,535 bytes that are taken")]
    TooLong {
        /// Where it begins.
        at: Spot,
        /// The element.
        element: &'static str,
    },
    /// Elements inside elements without end.
    #[error("{at}: more than {MOST_DEPTH} elements lie in each other")]
    TooDeep {
        /// Where.
        at: Spot,
    },
    /// A `<number>` that is neither a port nor a range.
    #[error("{at}: <number> says {found:?}: {why}")]
    Port {
        /// Where the record begins.
        at: Spot,
        /// The text; cut at 40 characters.
        found: String,
        /// What is wrong with it.
        why: PortError,
    },
    /// A `<protocol>` that the registry does not have.
    #[error("{at}: <protocol> says {found:?}, which is none of tcp, udp, sctp, dccp")]
    Transport {
        /// Where the record begins.
        at: Spot,
        /// The text; cut at 40 characters.
        found: String,
    },
    /// No records at all.
    #[error("the <registry> has no <record>")]
    Empty,
    /// More records than [`MOST_ROWS`], or more people than [`MOST_PEOPLE`].
    #[error(
        "more than {MOST_ROWS} records or {MOST_PEOPLE} people; a registry has about 14,500 and 5,600"
    )]
    TooMany,
}
