//! Finding rows of both registries and facts by words, in one order.

mod site;

use portolan_ports::knowledge::{Fact, FactKind};
use portolan_ports::protocol::wire_form;
use portolan_ports::site::Record;
use portolan_registry::search::words::{Agreement, Collector, Field, Words};
use portolan_registry::search::{Facets, Index};
use portolan_registry::{Assignment, PortRange, Transport};

use crate::Sources;
use site::SiteSearcher;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found<'a> {
    /// The best answers, best first.
    pub answers: Vec<Answer<'a>>,
    /// How many rows and facts fit in all.
    pub total: usize,
}

/// A row of a registry or a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// A row.
    Row(Assignment<'a>),
    /// A record of the site registry, as the row of one of its transports.
    Site(&'a Record, Option<Transport>),
    /// A fact.
    Fact(Fact<'a>),
}

/// The registry and the facts made ready for searching.
///
/// Cost: some milliseconds to make; a search then takes well below one.
#[derive(Clone, Debug)]
pub struct Searcher<'a> {
    index: Index<'a>,
    facts: Vec<Fact<'a>>,
    words: Words,
    site: Option<SiteSearcher<'a>>,
}

impl<'a> Searcher<'a> {
    /// Reads every row and every fact.
    #[must_use]
    pub fn new(sources: &Sources<'a>) -> Self {
        let facts: Vec<Fact<'a>> = sources.knowledge.facts().collect();
        let mut collector = Collector::default();
        for (number, fact) in (0u32..).zip(&facts) {
            collector.add(number, Field::Name, fact.product.unwrap_or_default());
            collector.add(number, Field::Text, fact.text);
            collector.add(number, Field::Remark, fact.protocol.unwrap_or_default());
        }
        Self {
            index: Index::new(sources.registry, |row| known_of(row, &facts)),
            facts,
            words: collector.finish(),
            site: sources.site.map(SiteSearcher::new),
        }
    }

    /// Finds what fits every word of `query` and all facets; the best `most` of it.
    ///
    /// A fact that states a registered use speaks for the rows it is about: "remote desktop"
    /// finds ms-wbt-server, whose row says neither word.
    #[must_use]
    pub fn search(&self, query: &str, facets: &Facets, most: usize) -> Found<'a> {
        let rows = self.index.search(query, facets, most);
        let mut total = rows.total;
        let mut scored: Vec<(u32, Answer<'a>)> = rows
            .best
            .iter()
            .map(|hit| (hit.score, Answer::Row(hit.assignment)))
            .collect();
        if !facets.speak_of_rows() {
            let facts = self.facts_that_fit(query, facets);
            total += facts.len();
            for (score, fact) in &facts {
                total += self.speak_for(*score, fact, &mut scored);
            }
            scored.extend(
                facts
                    .into_iter()
                    .map(|(score, fact)| (score, Answer::Fact(fact))),
            );
        }
        if let Some(site) = &self.site {
            let known = |word: &str| self.index.has_literally(word);
            let found = site.search(query, facets, known);
            total += found.len();
            let rows = found.into_iter();
            // Among equals the site's come first.
            scored.splice(0..0, rows.map(|(score, r, t)| (score, Answer::Site(r, t))));
        }
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.truncate(most);
        Found {
            answers: scored.into_iter().map(|(_, answer)| answer).collect(),
            total,
        }
    }

    /// Puts the rows that a fact on their registered use names before it; how many are new.
    fn speak_for(&self, score: u32, fact: &Fact<'a>, scored: &mut Vec<(u32, Answer<'a>)>) -> usize {
        let named =
            |row: &Assignment<'a>| row.is_named() && Some(row.service_name()) == fact.protocol;
        if fact.kind != FactKind::OfficialUse {
            return 0;
        }
        let rows = self.index.at(fact.ports);
        let mut new = 0;
        for row in rows.filter(|row| named(row) && row.transport.is_none_or(|t| fact.covers(t))) {
            let answer = Answer::Row(row);
            match scored.iter_mut().find(|(_, known)| *known == answer) {
                Some((own, _)) => *own = score.max(*own),
                None => {
                    scored.push((score, answer));
                    new += 1;
                }
            }
        }
        new
    }

    fn facts_that_fit(&self, query: &str, facets: &Facets) -> Vec<(u32, Fact<'a>)> {
        let mut sums: Vec<Option<u32>> = vec![Some(0); self.facts.len()];
        let mut asked = 0;
        for word in query.split_whitespace() {
            let folded: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
            let folded = folded.to_lowercase();
            if folded.is_empty() {
                continue;
            }
            asked += 1;
            let mut own = vec![0; self.facts.len()];
            if let Ok(ports) = word.trim_start_matches(':').parse::<PortRange>() {
                for (worth, fact) in own.iter_mut().zip(&self.facts) {
                    let about =
                        fact.ports.contains(ports.first()) && fact.ports.contains(ports.last());
                    *worth = if about { 60 } else { 0 };
                }
            }
            self.words
                .fit(&folded, Agreement::Literal, &mut |fact, worth| {
                    let best = &mut own[fact as usize];
                    *best = worth.max(*best);
                });
            for (sum, worth) in sums.iter_mut().zip(own) {
                *sum = sum.filter(|_| worth > 0).map(|sum| sum + worth);
            }
        }
        if asked == 0 {
            return Vec::new();
        }
        sums.iter()
            .zip(&self.facts)
            .filter(|(_, fact)| facets.hold_ports(Some(fact.ports), |t| fact.covers(t)))
            .filter_map(|(sum, fact)| Some(((*sum)? + worth_of(fact), *fact)))
            .collect()
    }
}

/// As IANA's own page searches: the rows that hold `text` in any column, the site registry's first,
/// each registry in its order.
#[must_use]
pub fn substring<'a>(sources: &Sources<'a>, text: &str, facets: &Facets, most: usize) -> Found<'a> {
    let of_site = sources.site.map(|site| site::substring(site, text, facets));
    let of_site = of_site.unwrap_or_default();
    let mut rows = portolan_registry::search::substring(sources.registry, text);
    rows.retain(|row| facets.hold(row));
    let total = of_site.len() + rows.len();
    let of_site = of_site.into_iter().map(|(r, t)| Answer::Site(r, t));
    let of_iana = rows.into_iter().map(Answer::Row);
    Found {
        answers: of_site.chain(of_iana).take(most).collect(),
        total,
    }
}

/// A use answers a question better than a warning does, and one port better than a range.
fn worth_of(fact: &Fact<'_>) -> u32 {
    let kind = match fact.kind {
        FactKind::OfficialUse | FactKind::UnofficialUse => 30,
        FactKind::Risk => 10,
        FactKind::Malware | FactKind::History => 0,
    };
    kind + if fact.ports.is_single() { 10 } else { 0 }
}

/// What is known of a row beyond the registry: that its protocol can be proven on the wire, and
/// that a fact names it as what the port is used for.
fn known_of(row: &Assignment<'_>, facts: &[Fact<'_>]) -> u32 {
    let Some(ports) = row.ports.filter(|_| row.is_named()) else {
        return 0;
    };
    let wire = wire_form(row.service_name()).is_some();
    let about = |fact: &&Fact<'_>| {
        fact.verified
            && fact.kind == FactKind::OfficialUse
            && fact.protocol == Some(row.service_name())
            && ports.contains(fact.ports.first())
            && row.transport.is_none_or(|t: Transport| fact.covers(t))
    };
    let used = wire && facts.iter().any(|fact| about(&fact));
    u32::from(wire) * 10 + u32::from(used) * 6
}
