//! How long each judged query takes once the index is there: `cargo run --release -p
//! portolan-survey --example query_speed`.
//!
//! Prints the time to make the index, then the median and the slowest of all queries, each at its
//! best of nine.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement holds a clock and speaks"
)]

use std::time::Instant;

use portolan_registry::search::Facets;
use portolan_survey::Sources;
use portolan_survey::search::Searcher;

fn main() {
    let start = Instant::now();
    let searcher = Searcher::new(&Sources::embedded());
    println!("index: {:?}", start.elapsed());
    let best = |query: &str| {
        let once = |_| {
            let start = Instant::now();
            let found = searcher.search(query, &Facets::default(), 20);
            (start.elapsed(), found.total)
        };
        (0..9).map(once).min().unwrap_or_default()
    };
    let lines = include_str!("../tests/queries.tsv").lines();
    let queries = lines
        .filter_map(|line| line.split_once('\t'))
        .map(|(query, _)| query);
    let mut times: Vec<_> = queries.map(|query| (best(query).0, query)).collect();
    times.sort();
    if let (Some(middle), Some(slowest)) = (times.get(times.len() / 2), times.last()) {
        println!(
            "{} queries: median {:?}, slowest {:?}",
            times.len(),
            middle.0,
            slowest
        );
    }
}
