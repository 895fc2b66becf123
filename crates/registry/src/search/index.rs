//! A registry made ready for searching.

use super::Facets;
use super::merit::merits;
use super::words::{Agreement, Collector, Field, Words};
use crate::{Assignment, Column, PortRange, Registry};

/// A row and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The row.
    pub assignment: Assignment<'a>,
    /// Higher fits better; comparable within one search alone.
    pub score: u32,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits<'a> {
    /// The best rows, best first. Equal ones stand in the registry's order.
    pub best: Vec<Hit<'a>>,
    /// How many rows fit in all.
    pub total: usize,
}

/// A registry made ready for searching, in memory.
///
/// Cost: some milliseconds to make; a search then takes well below one.
#[derive(Clone, Debug)]
pub struct Index<'a> {
    rows: Vec<Assignment<'a>>,
    words: Words,
    merits: Vec<u32>,
}

impl<'a> Index<'a> {
    /// Reads every row. `known` adds to a row's merit what the caller knows beyond the registry,
    /// in the unit of scores, where a name that fits is worth 100.
    #[must_use]
    pub fn new(registry: &'a Registry, known: impl Fn(&Assignment<'a>) -> u32) -> Self {
        let rows: Vec<Assignment<'a>> = registry.rows().collect();
        let mut collector = Collector::default();
        for (number, row) in (0u32..).zip(&rows) {
            let mut add = |field, column| collector.add(number, field, row.cell(column));
            add(Field::Name, Column::ServiceName);
            add(Field::Text, Column::Description);
            add(Field::Remark, Column::Assignee);
            if row.cell(Column::Contact) != row.cell(Column::Assignee) {
                add(Field::Remark, Column::Contact);
            }
            add(Field::Remark, Column::Reference);
            add(Field::Remark, Column::UnauthorizedUse);
            add(Field::Remark, Column::AssignmentNotes);
            collector.add_initials(number, row.description());
        }
        let words = collector.finish();
        let mut merits = merits(&rows, &words);
        for (merit, row) in merits.iter_mut().zip(&rows) {
            *merit += known(row);
        }
        Self {
            rows,
            words,
            merits,
        }
    }

    /// Finds the rows that fit every word of `query` and all facets; the best `most` of them.
    ///
    /// A number or range means the rows whose ports *contain* it. A word that fits nowhere as
    /// typed may have slips of the finger in it, and where no row fits all words as typed, any
    /// may. Without words, all rows that the facets hold, in the registry's order.
    #[must_use]
    pub fn search(&self, query: &str, facets: &Facets, most: usize) -> Hits<'a> {
        let wanted: Vec<Wanted> = query.split_whitespace().filter_map(Wanted::new).collect();
        if wanted.is_empty() && (facets.is_empty() || !query.trim().is_empty()) {
            return Hits::default();
        }
        let mut scores = self.score(&wanted, Agreement::Literal);
        if scores.iter().all(|score| *score == 0) {
            scores = self.score(&wanted, Agreement::Slips);
        }
        let mut found: Vec<(u32, usize)> = scores
            .into_iter()
            .enumerate()
            .filter(|(row, score)| *score > 0 && facets.hold(&self.rows[*row]))
            .map(|(row, score)| (score, row))
            .collect();
        let total = found.len();
        let best_first = |(score, row): &(u32, usize)| (std::cmp::Reverse(*score), *row);
        if most < total {
            found.select_nth_unstable_by_key(most, best_first);
            found.truncate(most);
        }
        found.sort_unstable_by_key(best_first);
        let best = found
            .into_iter()
            .map(|(score, row)| Hit {
                assignment: self.rows[row],
                score,
            })
            .collect();
        Hits { best, total }
    }

    /// Whether the word stands somewhere as typed: whole, as a beginning, or as a part of a name.
    #[must_use]
    pub fn has_literally(&self, word: &str) -> bool {
        let mut any = false;
        if let Some(wanted) = Wanted::new(word) {
            let mut found = |_, _| any = true;
            self.words
                .fit(&wanted.folded, Agreement::Literal, &mut found);
        }
        any
    }

    /// The rows that have exactly these ports.
    pub fn at(&self, ports: PortRange) -> impl Iterator<Item = Assignment<'a>> {
        let rows = self.rows.iter().copied();
        rows.filter(move |row| row.ports == Some(ports))
    }

    /// For every row its score, 0 where it does not fit all words.
    fn score(&self, wanted: &[Wanted], agreement: Agreement) -> Vec<u32> {
        if wanted.is_empty() {
            return vec![1; self.rows.len()];
        }
        let mut sums = vec![0; self.rows.len()];
        let mut own = vec![0; self.rows.len()];
        for (at, word) in wanted.iter().enumerate() {
            own.fill(0);
            let any = self.score_word(word, Agreement::Literal, &mut own);
            if !any || agreement == Agreement::Slips {
                self.score_word(word, Agreement::Slips, &mut own);
            }
            for (sum, score) in sums.iter_mut().zip(&own) {
                *sum = match score {
                    0 => 0,
                    _ if at > 0 && *sum == 0 => 0,
                    score => *sum + score,
                };
            }
        }
        if wanted.len() > 1 {
            // "name server" is nameserver.
            let joined: String = wanted.iter().map(|word| word.folded.as_str()).collect();
            for (row, field) in self.words.holding(&joined) {
                if *field == Field::Name {
                    let sum = &mut sums[*row as usize];
                    *sum = (*sum).max(wanted.len() as u32 * 100);
                }
            }
        }
        for (row, sum) in sums.iter_mut().enumerate().filter(|(_, sum)| **sum > 0) {
            *sum += self.merits[row] + self.closeness(row, wanted.len());
        }
        sums
    }

    /// Raises the rows that one word fits; whether there is one.
    fn score_word(&self, word: &Wanted, agreement: Agreement, scores: &mut [u32]) -> bool {
        let mut any = false;
        let mut raise = |row: u32, worth: u32| {
            any = true;
            let score = &mut scores[row as usize];
            *score = worth.max(*score);
        };
        if let (Some(ports), Agreement::Literal) = (word.ports, agreement) {
            for (number, row) in (0u32..).zip(&self.rows) {
                let Some(own) = row.ports else { continue };
                if own == ports {
                    raise(number, 300);
                } else if own.first() <= ports.first() && ports.last() <= own.last() {
                    raise(number, 200);
                }
            }
        }
        self.words.fit(&word.folded, agreement, &mut raise);
        any
    }

    /// A description of few words that are nearly all asked for says the same as the query.
    fn closeness(&self, row: usize, asked: usize) -> u32 {
        let description = self.rows[row].description();
        let length = description.split_whitespace().count().max(1);
        (12 * asked.min(length) / length) as u32
    }
}

/// One word of a query.
struct Wanted {
    folded: String,
    ports: Option<PortRange>,
}

impl Wanted {
    fn new(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        let folded: String = letters.flat_map(char::to_lowercase).collect();
        (!folded.is_empty()).then(|| Self {
            folded,
            ports: text.trim_start_matches(':').parse().ok(),
        })
    }
}
