//! The rows of a registry, laid out as the checks want them.

use std::collections::HashMap;

use crate::{Assignment, Origin, PortRange, RangeKind, Registry};

/// How many rows on its ports a row is held against. IANA's file has less than ten; a file with
/// a million rows on one port must not take a million times a million steps.
pub(super) const MOST_NEIGHBOURS: usize = 256;

/// All rows in the file's order, and what several checks ask of them.
pub(super) struct Sheet<'a> {
    pub(super) rows: Vec<Assignment<'a>>,
    /// Rows with ports, by first port, then in the file's order.
    pub(super) by_port: Vec<(PortRange, usize)>,
    /// Named rows by lower-case name: RFC 6335 §5.1 compares without regard to case.
    pub(super) by_name: HashMap<String, Vec<usize>>,
}

/// A broken rule: the row, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) row: usize,
    /// Ports that no row is to blame for.
    pub(super) ports: Option<PortRange>,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn new(row: usize, what: impl Into<String>) -> Self {
        Self {
            row,
            ports: None,
            what: what.into(),
        }
    }
}

impl<'a> Sheet<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        let rows: Vec<Assignment<'a>> = registry.rows().collect();
        let mut by_port = Vec::new();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, row) in rows.iter().enumerate() {
            if let Some(ports) = row.ports {
                by_port.push((ports, number));
            }
            if row.is_named() {
                let name = row.service_name().to_ascii_lowercase();
                by_name.entry(name).or_default().push(number);
            }
        }
        by_port.sort_by_key(|(ports, number)| (ports.first(), *number));
        Self {
            rows,
            by_port,
            by_name,
        }
    }

    /// One fault for each row of which `wrong` tells one.
    pub(super) fn each(&self, wrong: impl Fn(&Assignment<'a>) -> Option<String>) -> Vec<Fault> {
        (0..)
            .zip(&self.rows)
            .filter_map(|(number, row)| Some(Fault::new(number, wrong(row)?)))
            .collect()
    }

    /// The same for rows with a service name.
    pub(super) fn each_named(
        &self,
        wrong: impl Fn(&Assignment<'a>) -> Option<String>,
    ) -> Vec<Fault> {
        self.each(|row| row.is_named().then(|| wrong(row)).flatten())
    }

    /// The same for rows with a service name that had all columns to fill.
    pub(super) fn each_told(
        &self,
        wrong: impl Fn(&Assignment<'a>) -> Option<String>,
    ) -> Vec<Fault> {
        self.each_named(|row| (row.origin == Origin::File).then(|| wrong(row)).flatten())
    }

    /// Every pair of rows that share a port on a transport, earlier row first.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let on_one_transport = |a: usize, b: usize| {
            let (a, b) = (self.rows[a].transport, self.rows[b].transport);
            a.is_none() || b.is_none() || a == b
        };
        self.by_port
            .iter()
            .enumerate()
            .flat_map(move |(at, (ports, number))| {
                self.by_port[at + 1..]
                    .iter()
                    .take_while(|(later, _)| later.first() <= ports.last())
                    .take(MOST_NEIGHBOURS)
                    .map(|(_, other)| (*number.min(other), *number.max(other)))
            })
            .filter(move |(a, b)| on_one_transport(*a, *b))
    }

    /// Runs of System and User ports that no row speaks of; nothing for an excerpt.
    pub(super) fn gaps(&self) -> Vec<(PortRange, usize)> {
        let last = RangeKind::User.bounds().last();
        let mut gaps = Vec::new();
        let mut next = 0u32;
        let mut after = 0;
        for (ports, number) in &self.by_port {
            let first = u32::from(ports.first()).min(u32::from(last) + 1);
            if first > next {
                gaps.push((next, first - 1, *number));
            }
            next = next.max(u32::from(ports.last()) + 1);
            after = *number;
        }
        if next <= u32::from(last) {
            gaps.push((next, u32::from(last), after));
        }
        let missing: u32 = gaps.iter().map(|(first, last, _)| last - first + 1).sum();
        if missing > u32::from(last) / 2 {
            return Vec::new();
        }
        gaps.into_iter()
            .filter_map(|(first, last, number)| {
                let ports = PortRange::new(first.try_into().ok()?, last.try_into().ok()?)?;
                Some((ports, number))
            })
            .collect()
    }
}

/// A text in quotation marks for a message, cut at 60 characters.
pub(super) fn quoted(text: &str) -> String {
    if text.chars().count() <= 60 {
        return format!("{text:?}");
    }
    let cut: String = text.chars().take(60).collect();
    format!("{cut:?}...")
}
