//! Finding registry rows and facts by words.

use portolan_ports::knowledge::Fact;
use portolan_registry::search::{Hit, search as search_registry};

use crate::Sources;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Registry rows, best first.
    pub rows: Vec<Hit<'a>>,
    /// Facts that hold every word, by port.
    pub facts: Vec<Fact<'a>>,
}

/// Finds what fits every word: over names, descriptions, assignees and notes with slips forgiven,
/// and over the facts as typed.
#[must_use]
pub fn search<'a>(sources: &Sources<'a>, words: &str) -> Found<'a> {
    let lower: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let holds_all = |fact: &Fact<'_>| {
        let product = fact.product.unwrap_or_default();
        let text = format!("{} {} {product}", fact.ports, fact.text).to_lowercase();
        lower.iter().all(|word| text.contains(word.as_str()))
    };
    Found {
        rows: search_registry(sources.registry, words),
        facts: sources.knowledge.facts().filter(holds_all).collect(),
    }
}
