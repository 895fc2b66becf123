//! IANA's XML form: records, people, typed references, notes.
//!
//! In reading order: what a file says ([`Document`], [`Record`], [`Prose`]), the [`Reader`] that
//! gives it piece by piece, the way from a record to a row of the CSV form, and the writer.
//! Nothing is expanded but XML's five entities and character references; a document type
//! declaration is refused, and so is everything beyond the bounds below.

mod cell;
mod decode;
mod document;
mod error;
mod fragment;
mod of_registry;
mod prose;
mod reader;
mod record;
mod table;
mod word;
mod write;

pub use document::{Document, Footnote, Note, PersonEntry};
pub use error::{Error, Spot};
pub use prose::{Inline, Prose, Xref, XrefKind};
pub use reader::{Item, Reader, Unknown};
pub use record::Record;
pub(crate) use table::table;

/// The longest text of one element that is taken, in bytes.
pub const MOST_TEXT_BYTES: usize = u16::MAX as usize;

/// The most people that are taken; IANA's file has about 5,600.
pub const MOST_PEOPLE: usize = 1_000_000;

/// How deep elements may lie in each other; IANA's lie four deep.
pub const MOST_DEPTH: usize = 32;

/// The names of the elements' one namespace.
const NAMESPACE: &str = "http://www.iana.org/assignments";
