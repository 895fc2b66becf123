//! `portolan search`.

use portolan_registry::search::Facets;
use portolan_registry::{RangeKind, State};
use portolan_survey::document::{SearchDocument, to_json};
use portolan_survey::search::{Found, Searcher, substring};
use portolan_survey::site::SiteRegistry;

use crate::arguments::{Arguments, RangeName, Search, StateName};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print};

/// The most results that a person is shown unasked.
const MOST_AS_TEXT: usize = 20;

pub(crate) fn run(
    arguments: &Arguments,
    search_for: &Search,
    output: &Output,
) -> anyhow::Result<Exit> {
    let words = search_for.words.join(" ");
    let facets = facets(search_for);
    let most = match search_for.most {
        None if arguments.json => usize::MAX,
        None => MOST_AS_TEXT,
        Some(0) => usize::MAX,
        Some(most) => most,
    };
    input::with_sources(arguments, |sources| {
        let found: Found<'_> = if search_for.substring {
            substring(sources, &words, &facets, most)
        } else {
            Searcher::new(sources).search(&words, &facets, most)
        };
        if arguments.json {
            let gaps = sources.site.map(SiteRegistry::gaps).unwrap_or_default();
            let document = SearchDocument::new(&words, &found, sources.registry).unseen(&gaps);
            output.line(&to_json(&document, true)?)?;
        } else {
            output.write(print::search::text(&found, output).as_bytes())?;
        }
        if found.total > 0 {
            return Ok(Exit::Fine);
        }
        let date = sources.registry.date();
        let narrowed = if facets.is_empty() {
            ""
        } else {
            " and what it was narrowed to"
        };
        let site = match sources.site {
            Some(_) => ", nothing of this site's registry",
            None => "",
        };
        output.complain(&format!(
            "nothing in the registry of {date}{site} and no fact fits {words:?}{narrowed}; try fewer or other words"
        ));
        Ok(Exit::BadNews)
    })
}

fn facets(search_for: &Search) -> Facets {
    Facets {
        transport: search_for.transport,
        range: search_for.range.map(|range| match range {
            RangeName::System => RangeKind::System,
            RangeName::User => RangeKind::User,
            RangeName::Dynamic => RangeKind::Dynamic,
        }),
        state: search_for.port_state.map(|state| match state {
            StateName::Assigned => State::Assigned,
            StateName::Unassigned => State::Unassigned,
            StateName::Reserved => State::Reserved,
        }),
        reference: search_for.reference.clone(),
        assignee: search_for.assignee.clone(),
        year: search_for.year,
    }
}
