//! A site registry as a file: TOML that lives in git, and the rows of a registry's other forms.
//! `docs/site-file.md` tells the form.
//!
//! In reading order: [`read`] and [`write`] (TOML), [`rows`] and [`Taken`] (rows and back),
//! [`lint()`] (what a file can break of RFC 6335).

mod entry;
mod kin;
mod lint;
mod note;
mod read;
mod row;
mod rule;
mod taken;
mod write;

pub use lint::lint;
pub use read::{MOST_BYTES, MOST_MISTAKES, MOST_RECORDS, Reading, importable, read};
pub use row::{Row, rows};
pub use rule::{RULES, SiteRule};
pub use taken::Taken;
pub use write::{sorted, write};

/// The longest text of a record in a file, in bytes: what the procedures allow the longest one, whose
/// notes they keep adding to.
pub const MOST_TEXT: usize = 64 << 10;

/// The keys of an `[[assignment]]`, in the order in which they are written.
pub const KEYS: [&str; 32] = [
    "service-name",
    "port",
    "transport",
    "status",
    "assignee",
    "contact",
    "description",
    "reference",
    "communication",
    "service-code",
    "unauthorized-use",
    "notes",
    "why-not-dynamic",
    "why-not-user",
    "scope",
    "ticket",
    "expires",
    "program",
    "user",
    "unit",
    "container",
    "protocol",
    "product",
    "registered",
    "modified",
    "requested",
    "requested-by",
    "because",
    "revocation-announced",
    "revocation-effective",
    "revocation-because",
    "reuses",
];
