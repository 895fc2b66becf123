//! The forms that a registry is written in: one file each, all with the verb [`csv::write`] has.
//!
//! A form takes an [`Extract`] and an output, and streams: it holds no more than a row at a time,
//! but for `/etc/services`, which gathers the names of each port. JSON and JSON Lines are
//! documents and live where all documents do, above this crate; so does the table of all forms.

pub mod csv;
pub mod html;
pub mod markdown;
pub mod services;
pub mod text;
pub mod xml;

use std::io;

use crate::xml::Document;
use crate::{Assignment, Origin, Port, PortRange, Registry, Transport};

/// What every form is: it writes the extract's rows to the output.
pub type Write = fn(&Extract<'_>, &mut dyn io::Write) -> io::Result<()>;

/// The registry's name, as IANA titles it.
pub const TITLE: &str = "Service Name and Transport Protocol Port Number Registry";

/// What an organisation's own is called.
pub const SITE_TITLE: &str = "Site Registry of Service Names and Port Numbers";

/// Which rows of a registry are wanted. Everything empty means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Rows with a port in one of these; a row without a port has none.
    pub ports: Vec<PortRange>,
    /// Rows that speak of one of these.
    pub transports: Vec<Transport>,
    /// Rows of this origin.
    pub origin: Option<Origin>,
}

impl Selection {
    /// Whether the row is wanted.
    ///
    /// A row with a port and no transport speaks of all transports; one with neither of none.
    #[must_use]
    pub fn takes(&self, row: &Assignment<'_>) -> bool {
        let overlaps = |own: PortRange| {
            let apart = |w: &PortRange| own.last() < w.first() || w.last() < own.first();
            self.ports.iter().any(|wanted| !apart(wanted))
        };
        let covers = |wanted: &Transport| match row.transport {
            Some(own) => own == *wanted,
            None => row.ports.is_some(),
        };
        (self.ports.is_empty() || row.ports.is_some_and(overlaps))
            && (self.transports.is_empty() || self.transports.iter().any(covers))
            && self.origin.is_none_or(|wanted| row.origin == wanted)
    }

    /// Whether a port out of a row's range is wanted.
    #[must_use]
    pub fn takes_port(&self, port: Port) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|wanted| wanted.contains(port))
    }

    /// The wanted ones among the transports that the row speaks of.
    pub fn transports_of(&self, row: &Assignment<'_>) -> impl Iterator<Item = Transport> {
        let own = row.transport;
        Transport::ALL.into_iter().filter(move |t| {
            own.is_none_or(|own| own == *t)
                && (self.transports.is_empty() || self.transports.contains(t))
        })
    }
}

/// The rows of a registry that are to be written.
#[derive(Clone, Debug)]
pub struct Extract<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// Which of its rows.
    pub selection: Selection,
    /// The XML document that the registry was read from, cut to these rows, where there is one.
    pub document: Option<&'a Document<'a>>,
}

impl<'a> Extract<'a> {
    /// The whole registry.
    #[must_use]
    pub fn whole(registry: &'a Registry) -> Self {
        Self {
            registry,
            selection: Selection::default(),
            document: None,
        }
    }

    /// The rows, in the file's order.
    pub fn rows(&self) -> impl Iterator<Item = Assignment<'a>> + Clone {
        let rows = self.registry.rows();
        rows.filter(|row| self.selection.takes(row))
    }

    /// Whether the rows are an organisation's own.
    #[must_use]
    pub fn is_site(&self) -> bool {
        let mut rows = self.registry.rows();
        rows.next().is_some_and(|row| row.origin == Origin::Site)
    }

    /// What stands above the rows in forms for people.
    fn title(&self) -> &'static str {
        if self.is_site() { SITE_TITLE } else { TITLE }
    }

    /// How new the registry is, how many rows follow, and whether any of them is a poor one: the
    /// lines that stand above the table in forms for people.
    fn preface(&self) -> Preface<'a> {
        let (mut rows, mut newer) = (0, 0);
        for row in self.rows() {
            rows += 1;
            newer += usize::from(row.origin == Origin::Newer);
        }
        Preface {
            date: self.registry.date(),
            rows,
            newer,
        }
    }
}

/// What is said of an extract before its rows.
#[derive(Clone, Copy, Debug)]
struct Preface<'a> {
    date: &'a str,
    rows: usize,
    newer: usize,
}

impl Preface<'_> {
    /// A sentence on the rows that a newer, poorer source changed; `None` where there are none.
    fn remark(&self) -> Option<String> {
        match self.newer {
            0 => None,
            1 => Some(
                "1 row is from a newer source that tells names and descriptions alone.".to_owned(),
            ),
            newer => Some(format!(
                "{newer} rows are from a newer source that tells names and descriptions alone."
            )),
        }
    }
}
