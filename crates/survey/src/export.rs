//! The forms that `portolan registry export` can write: one table, which the command line reads.

use portolan_registry::export::{Write, csv, html, markdown, services, text, xml};

use crate::document::export::{json, json_lines};

/// One form.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub says: &'static str,
    /// Writes it.
    pub write: Write,
}

impl Form {
    /// The form of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.name == name)
    }
}

/// Every form. A new one is a file with the verb `write`, and a row here.
pub const FORMS: &[Form] = &[
    Form {
        name: "csv",
        says: "IANA's CSV form, twelve columns, byte for byte",
        write: csv::write,
    },
    Form {
        name: "xml",
        says: "IANA's XML form; what was read as XML comes back whole",
        write: xml::write,
    },
    Form {
        name: "html",
        says: "one page that needs nothing else: sortable, accessible, each row with an anchor",
        write: html::write,
    },
    Form {
        name: "text",
        says: "plain text in columns of fixed width",
        write: text::write,
    },
    Form {
        name: "json",
        says: "one JSON document",
        write: json,
    },
    Form {
        name: "jsonl",
        says: "JSON Lines, one row a line",
        write: json_lines,
    },
    Form {
        name: "services",
        says: "/etc/services, as getent and getservbyname read it",
        write: services::write,
    },
    Form {
        name: "markdown",
        says: "a table in GitHub Flavored Markdown",
        write: markdown::write,
    },
];
