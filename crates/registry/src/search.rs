//! Finding rows by what a person types: a port, a name, a few words, a word spelled wrong.
//!
//! [`Index`] answers as a person expects; [`substring`] as IANA's own page does.

mod facet;
mod index;
mod merit;
pub mod words;

pub use facet::{Facets, year_of};
pub use index::{Hit, Hits, Index};

use crate::name::folded;
use crate::{Assignment, Column, Registry};

/// Every row that holds `text` in any column, in the file's order, upper and lower case alike.
///
/// Source: what IANA's page does with `?search=`: no word, no number, only text, so that
/// `44324-44443` is found for `4444` and port 44325 is not.
/// Cost: one pass over all text, some milliseconds.
#[must_use]
pub fn substring<'a>(registry: &'a Registry, text: &str) -> Vec<Assignment<'a>> {
    let wanted = text.to_lowercase();
    let finder = memchr::memmem::Finder::new(wanted.as_bytes());
    let mut lower = String::new();
    let mut holds = |text: &str| {
        lower.clear();
        if text.is_ascii() {
            lower.push_str(text);
            lower.make_ascii_lowercase();
        } else {
            lower.push_str(&text.to_lowercase());
        }
        finder.find(lower.as_bytes()).is_some()
    };
    let rows = registry.rows();
    rows.filter(|row| {
        Column::ALL.iter().any(|column| holds(row.cell(*column)))
            || holds(&row.port_text())
            || row.transport.is_some_and(|t| holds(t.as_str()))
    })
    .collect()
}

/// The service names nearest to a misspelt one, nearest first; at most `most`.
#[must_use]
pub fn nearest<'a>(registry: &'a Registry, service_name: &str, most: usize) -> Vec<&'a str> {
    let wanted: String = folded(service_name).collect();
    let allowed = most_slips(&wanted);
    let mut near: Vec<(usize, &str)> = registry
        .service_names()
        .filter_map(|name| {
            let own: String = folded(name).collect();
            let slips = slips_within(&wanted, &own, allowed)?;
            Some((slips, name))
        })
        .collect();
    near.sort();
    near.dedup_by(|a, b| folded(a.1).eq(folded(b.1)));
    near.into_iter().take(most).map(|(_, name)| name).collect()
}

/// How many slips of the finger a name may have to be near another: one in three letters, up to three.
#[must_use]
pub fn most_slips(wanted: &str) -> usize {
    (wanted.chars().count() / 3).clamp(1, 3)
}

fn slips_within(a: &str, b: &str, allowed: usize) -> Option<usize> {
    if a.chars().count().abs_diff(b.chars().count()) > allowed {
        return None;
    }
    Some(strsim::osa_distance(a, b)).filter(|slips| *slips <= allowed)
}
