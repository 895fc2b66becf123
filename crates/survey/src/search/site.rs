//! Finding records of the site registry.

use portolan_ports::site::{Record, Status};
use portolan_registry::search::Facets;
use portolan_registry::search::words::{Agreement, Collector, Field, Words};
use portolan_registry::{PortRange, State, Transport};

use crate::site::SiteRegistry;

/// What a record in force is worth beside how well it fits: as much as the best row of IANA's, so
/// that of equal fit the site's comes first.
const IN_FORCE: u32 = 96;

/// What it is worth where it only asks for a number, or holds one back.
const HELD: u32 = 64;

/// A record as the row of one of its transports.
pub(super) type Row<'a> = (&'a Record, Option<Transport>);

/// The records made ready for searching.
///
/// Cost: reads all of them.
#[derive(Clone, Debug)]
pub(super) struct SiteSearcher<'a> {
    records: &'a [Record],
    words: Words,
}

impl<'a> SiteSearcher<'a> {
    pub(super) fn new(site: &'a SiteRegistry) -> Self {
        let records = site.records();
        let mut collector = Collector::default();
        for (number, record) in (0u32..).zip(records) {
            let fields = &record.fields;
            let mut add = |field, text| collector.add(number, field, text);
            add(Field::Name, &fields.service_name);
            add(Field::Text, &fields.description);
            add(Field::Remark, &fields.assignee);
            add(Field::Remark, &fields.contact);
            add(Field::Remark, &fields.reference);
            add(Field::Remark, &fields.notes);
            add(Field::Remark, &fields.ticket);
            add(Field::Remark, &fields.unauthorized_use);
            collector.add_initials(number, &fields.description);
        }
        Self {
            records,
            words: collector.finish(),
        }
    }

    /// Every row that fits all words of `query` and all facets, with its score, the best first. A
    /// word that no record has and that nobody else has either, by `known`, may have slips of the
    /// finger in it.
    pub(super) fn search(
        &self,
        query: &str,
        facets: &Facets,
        known: impl Fn(&str) -> bool,
    ) -> Vec<(u32, &'a Record, Option<Transport>)> {
        let words = || query.split_whitespace().map(|word| (word, folded(word)));
        let asked = words().filter(|(_, folded)| !folded.is_empty()).count();
        if asked == 0 && (facets.is_empty() || !query.trim().is_empty()) {
            return Vec::new();
        }
        let mut sums: Vec<Option<u32>> = vec![Some(0); self.records.len()];
        for (word, folded) in words().filter(|(_, folded)| !folded.is_empty()) {
            let mut own = vec![0; self.records.len()];
            let mut any = self.fit_ports(word, &mut own);
            any |= self.fit_word(&folded, Agreement::Literal, &mut own);
            if !any && !known(word) {
                self.fit_word(&folded, Agreement::Slips, &mut own);
            }
            for (sum, worth) in sums.iter_mut().zip(own) {
                *sum = sum.filter(|_| worth > 0).map(|sum| sum + worth);
            }
        }
        let fitting = sums.into_iter().zip(self.records);
        let mut found: Vec<_> = fitting
            .filter_map(|(sum, record)| Some((sum? + worth_of(record), record)))
            .flat_map(|(score, record)| rows(record).map(move |(r, t)| (score, r, t)))
            .filter(|(_, record, transport)| holds(facets, record, *transport))
            .collect();
        found.sort_by_key(|(score, record, _)| (std::cmp::Reverse(*score), record.id));
        found
    }

    /// As in IANA's registry: exactly these ports fit best, then those that hold them.
    fn fit_ports(&self, word: &str, own: &mut [u32]) -> bool {
        let Ok(ports) = word.trim_start_matches(':').parse::<PortRange>() else {
            return false;
        };
        let mut any = false;
        for (worth, record) in own.iter_mut().zip(self.records) {
            let Some(held) = record.fields.ports else {
                continue;
            };
            let within = held.first() <= ports.first() && ports.last() <= held.last();
            *worth = match (held == ports, within) {
                (true, _) => 300,
                (_, true) => 200,
                _ => continue,
            };
            any = true;
        }
        any
    }

    fn fit_word(&self, folded: &str, agreement: Agreement, own: &mut [u32]) -> bool {
        let mut any = false;
        self.words.fit(folded, agreement, &mut |record, worth| {
            let best = &mut own[record as usize];
            *best = worth.max(*best);
            any = true;
        });
        any
    }
}

/// The records that hold `text` in any column, by number.
pub(super) fn substring<'a>(site: &'a SiteRegistry, text: &str, facets: &Facets) -> Vec<Row<'a>> {
    let wanted = text.to_lowercase();
    let records = site.records().iter();
    let found = records.flat_map(rows).filter(|(record, transport)| {
        columns(record, *transport)
            .iter()
            .any(|column| column.to_lowercase().contains(&wanted))
    });
    found.filter(|(r, t)| holds(facets, r, *t)).collect()
}

/// One for each of its transports.
fn rows(record: &Record) -> impl Iterator<Item = Row<'_>> {
    let own = record.fields.transports.iter();
    let any = record.fields.transports.is_empty().then_some(None);
    let transports = own.map(|transport| Some(*transport)).chain(any);
    transports.map(move |transport| (record, transport))
}

fn columns(record: &Record, transport: Option<Transport>) -> [String; 14] {
    let fields = &record.fields;
    let text = |told: Option<String>| told.unwrap_or_default();
    [
        fields.service_name.clone(),
        text(fields.ports.map(|ports| ports.to_string())),
        text(transport.map(|transport| transport.to_string())),
        fields.description.clone(),
        fields.assignee.clone(),
        fields.contact.clone(),
        text(record.assigned.map(|day| day.to_string())),
        record.modified.to_string(),
        fields.reference.clone(),
        text(fields.service_code.map(|code| code.to_string())),
        fields.unauthorized_use.clone(),
        fields.notes.clone(),
        fields.ticket.clone(),
        fields.scope.to_string(),
    ]
}

/// Whether the facets hold the row. A request that waits for its review, or came to nothing, is in
/// none of the three states.
fn holds(facets: &Facets, record: &Record, transport: Option<Transport>) -> bool {
    let fields = &record.fields;
    let state = match record.status {
        Status::Assigned => Some(State::Assigned),
        Status::Reserved => Some(State::Reserved),
        Status::Unassigned => Some(State::Unassigned),
        Status::Requested | Status::Questioned | Status::Declined | Status::Withdrawn => None,
    };
    let spaced = |text: &str| text.to_lowercase().replace('_', " ");
    let assignee = |wanted: &String| spaced(&fields.assignee).contains(&spaced(wanted));
    let reference = |wanted: &String| {
        let wanted = wanted.trim_matches(['[', ']']).replace(' ', "");
        let own = fields.reference.split(['[', ']']);
        own.map(|own| own.replace(' ', ""))
            .any(|own| own.eq_ignore_ascii_case(&wanted))
    };
    let year = |wanted: u16| {
        let days = [record.assigned, Some(record.modified)];
        let mut years = days.into_iter().flatten().map(jiff::civil::Date::year);
        years.any(|year| u16::try_from(year) == Ok(wanted))
    };
    facets.hold_ports(fields.ports, |t| transport.is_none_or(|own| own == t))
        && facets.state.is_none_or(|wanted| state == Some(wanted))
        && facets.assignee.as_ref().is_none_or(assignee)
        && facets.reference.as_ref().is_none_or(reference)
        && facets.year.is_none_or(year)
}

fn worth_of(record: &Record) -> u32 {
    match record.status {
        Status::Assigned => IN_FORCE,
        Status::Reserved | Status::Requested | Status::Questioned => HELD,
        Status::Unassigned | Status::Declined | Status::Withdrawn => 0,
    }
}

fn folded(word: &str) -> String {
    let letters = word.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
