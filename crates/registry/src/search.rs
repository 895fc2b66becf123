//! Finding rows by what a person types: a port, a name, a few words, a word spelled wrong.

use crate::name::folded;
use crate::{Assignment, Column, PortRange, Registry};

/// A row and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The row.
    pub assignment: Assignment<'a>,
    /// Higher fits better; comparable within one search alone.
    pub score: u32,
}

/// How closely a word has to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agreement {
    /// Letter for letter, or as a beginning or part of a word.
    Literal,
    /// One slip of the finger in four letters or more, two in eight or more.
    Slips,
}

/// Finds the rows that fit every word of `query`, best first.
///
/// A number or range means the rows whose ports *contain* it. Slips of the finger are forgiven
/// only where nothing fits as typed. Equal fits stand in the registry's order.
///
/// Cost: one pass over all rows, some milliseconds.
#[must_use]
pub fn search<'a>(registry: &'a Registry, query: &str) -> Vec<Hit<'a>> {
    let words: Vec<Word> = query.split_whitespace().map(Word::new).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let literal = pass(registry, &words, Agreement::Literal);
    if literal.is_empty() {
        pass(registry, &words, Agreement::Slips)
    } else {
        literal
    }
}

/// The service names nearest to a misspelt one, nearest first; at most `most`.
#[must_use]
pub fn nearest<'a>(registry: &'a Registry, service_name: &str, most: usize) -> Vec<&'a str> {
    let wanted: String = folded(service_name).collect();
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
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

struct Word {
    lower: String,
    folded: String,
    ports: Option<PortRange>,
}

impl Word {
    fn new(text: &str) -> Self {
        Self {
            lower: text.to_lowercase(),
            folded: folded(text).collect(),
            ports: text.parse().ok(),
        }
    }

    /// How well the row fits this word; 0 not at all.
    fn score(&self, row: &Assignment<'_>, agreement: Agreement) -> u32 {
        let by_port = self.ports.zip(row.ports).map_or(0, |(wanted, own)| {
            let inside = own.first() <= wanted.first() && wanted.last() <= own.last();
            if !inside {
                0
            } else if own == wanted {
                120
            } else {
                60
            }
        });
        let texts = [
            (Column::Description, 30),
            (Column::Assignee, 12),
            (Column::Contact, 10),
            (Column::Reference, 10),
            (Column::UnauthorizedUse, 8),
            (Column::AssignmentNotes, 8),
        ];
        let told = match agreement {
            Agreement::Literal => texts.len(),
            // A slip in a person's name finds strangers.
            Agreement::Slips => 1,
        };
        texts
            .into_iter()
            .take(told)
            .map(|(column, weight)| self.in_text(row.cell(column), weight, agreement))
            .chain([by_port, self.in_name(row.service_name(), agreement)])
            .max()
            .unwrap_or(0)
    }

    fn in_name(&self, name: &str, agreement: Agreement) -> u32 {
        if name.is_empty() || self.folded.is_empty() {
            return 0;
        }
        let name: String = folded(name).collect();
        match agreement {
            Agreement::Literal if name == self.folded => 100,
            Agreement::Literal if name.starts_with(&self.folded) => 60,
            Agreement::Literal if name.contains(&self.folded) => 40,
            Agreement::Literal => 0,
            Agreement::Slips => match beginning_slips(&self.folded, &name) {
                Some((0 | 1, true)) => 50,
                Some((0 | 1, false)) => 40,
                Some(_) => 35,
                None => 0,
            },
        }
    }

    fn in_text(&self, text: &str, weight: u32, agreement: Agreement) -> u32 {
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words
            .map(|word| {
                let word = word.to_lowercase();
                match agreement {
                    Agreement::Literal if word == self.lower => weight,
                    Agreement::Literal if word.starts_with(&self.lower) => weight * 2 / 3,
                    Agreement::Literal => 0,
                    Agreement::Slips => slips(&self.lower, &word).map_or(0, |_| weight / 2),
                }
            })
            .max()
            .unwrap_or(0)
    }
}

fn pass<'a>(registry: &'a Registry, words: &[Word], agreement: Agreement) -> Vec<Hit<'a>> {
    let score = |row: &Assignment<'_>| {
        words
            .iter()
            .try_fold(0, |sum, word| match word.score(row, agreement) {
                0 => None,
                score => Some(sum + score),
            })
    };
    let mut hits: Vec<Hit<'a>> = registry
        .rows()
        .filter_map(|assignment| {
            Some(Hit {
                assignment,
                score: score(&assignment)?,
            })
        })
        .collect();
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
    hits
}

/// The slips between two words, where they are few enough for their length.
fn slips(a: &str, b: &str) -> Option<usize> {
    let allowed = match a.chars().count() {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    slips_within(a, b, allowed)
}

/// The slips between a word and a name or its beginning, and whether it is the whole name.
fn beginning_slips(word: &str, name: &str) -> Option<(usize, bool)> {
    if let Some(slips) = slips(word, name) {
        return Some((slips, true));
    }
    let length = word.chars().count();
    let beginning: String = name.chars().take(length).collect();
    slips(word, &beginning)
        .filter(|slips| *slips <= 1)
        .map(|slips| (slips, false))
}

fn slips_within(a: &str, b: &str, allowed: usize) -> Option<usize> {
    if a.chars().count().abs_diff(b.chars().count()) > allowed {
        return None;
    }
    Some(strsim::osa_distance(a, b)).filter(|slips| *slips <= allowed)
}
