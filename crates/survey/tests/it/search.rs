//! Searches as people make them, and the answers that they want.

use portolan_registry::search::Facets;
use portolan_survey::Sources;
use portolan_survey::search::{Answer, Searcher};

const QUERIES: &str = include_str!("../queries.tsv");

/// The judged queries: what is typed, and the answers that would do.
fn judged() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    QUERIES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (query, answers) = line.split_once('\t').unwrap();
            (query, answers.split(' ').collect())
        })
}

fn is_wanted(answer: &Answer<'_>, wanted: &[&str]) -> bool {
    let (name, ports) = match answer {
        Answer::Row(row) => (row.service_name(), row.ports),
        Answer::Site(record, _) => (&*record.fields.service_name, record.fields.ports),
        Answer::Fact(fact) => ("", Some(fact.ports)),
    };
    wanted.iter().any(|wanted| match wanted.parse() {
        Ok(port) => ports.is_some_and(|ports| ports.contains(port)),
        Err(_) => name == *wanted,
    })
}

fn shown(answer: Option<&Answer<'_>>) -> String {
    match answer {
        None => "nothing".to_owned(),
        Some(Answer::Row(row)) => format!("{row:?}"),
        Some(Answer::Site(record, _)) => format!("site: {record:?}"),
        Some(Answer::Fact(fact)) => format!("{}: {}", fact.ports, fact.text),
    }
}

#[test]
fn the_wanted_answer_comes_first() {
    let searcher = Searcher::new(&Sources::embedded());
    let mut sum = 0.0;
    let mut misses = Vec::new();
    for (query, wanted) in judged() {
        let found = searcher.search(query, &Facets::default(), 100);
        let rank = found
            .answers
            .iter()
            .position(|answer| is_wanted(answer, &wanted))
            .map(|at| at + 1);
        sum += rank.map_or(0.0, |rank| 1.0 / rank as f64);
        if rank != Some(1) {
            let first = shown(found.answers.first());
            misses.push(format!("{query:?}: {wanted:?} at {rank:?}, first {first}"));
        }
    }
    let count = judged().count();
    let mean = sum / count as f64;
    assert!(count >= 60, "{count} queries");
    let misses = misses.join("\n");
    assert!(
        mean >= 0.9,
        "mean reciprocal rank {mean:.3} of {count} queries\n{misses}"
    );
    // Shown with --nocapture by a run that wants to see what is left.
    eprintln!("mean reciprocal rank {mean:.3} of {count} queries\n{misses}");
}
