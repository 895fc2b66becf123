//! The JSON documents, once, for every way of showing them.
//!
//! Keys are stable snake_case and may grow in number, never change in meaning under the same
//! `schema`. Each has a JSON Schema under `docs/schema/`.

mod annotate;
mod answer;
mod around;
mod change;
mod check;
mod diff;
pub mod export;
mod free;
mod history;
mod import;
mod lint;
mod listener;
mod lookup;
mod map;
mod people;
mod registry;
mod session;
mod site;
mod suggest;
mod sweep;
mod text;
mod update;

use serde::Serialize;

pub use annotate::{AnnotateDocument, AnnotatedLine};
pub use answer::{IdentificationDocument, IdentifiedDocument, ProbeDocument};
pub use change::{FollowDocument, ListenerChangeDocument};
pub use check::CheckDocument;
pub use diff::{ChangeDocument, DiffDocument};
pub use free::FreeDocument;
pub use history::HistoryDocument;
pub use import::ImportDocument;
pub use lint::LintDocument;
pub use listener::{
    FindingDocument, GapCount, GapDocument, JudgedDocument, ListenerDocument, OwnerDocument,
    PublicationDocument, SocketDocument, moment,
};
pub use lookup::{AssignmentDocument, FactDocument, PortDocument};
pub use map::MapDocument;
pub use people::PersonDocument;
pub use site::{RecordDocument, SiteDocument, StepDocument, TrailDocument};
pub use suggest::SuggestDocument;
pub use sweep::{OpenLine, SweepDocument, SweptHostLine};
pub use text::to_json;
pub use update::UpdateDocument;

use crate::identify::Identified;
use crate::lookup::Lookup;
use crate::search::{Answer, Found};
use crate::selection::Selection;
use crate::survey::Survey;
use portolan_ports::{Gap, Publication};
use portolan_registry::{Registry, Statistics};

/// Which registry an answer rests on.
#[derive(Debug, Serialize)]
pub struct RegistryDocument<'a> {
    /// How new it is.
    pub date: &'a str,
    /// How many rows it has.
    pub rows: usize,
}

impl<'a> RegistryDocument<'a> {
    /// The registry's date and size.
    #[must_use]
    pub fn new(registry: &'a Registry) -> Self {
        Self {
            date: registry.date(),
            rows: registry.len(),
        }
    }
}

/// `portolan --json`.
#[derive(Debug, Serialize)]
pub struct SurveyDocument<'a> {
    schema: &'static str,
    host: &'a str,
    observed_at: &'a str,
    registry: RegistryDocument<'a>,
    listeners: Vec<JudgedDocument<'a>>,
    publications: Vec<PublicationDocument<'a>>,
    gaps: Vec<GapCount>,
}

impl<'a> SurveyDocument<'a> {
    /// `observed_at` is RFC 3339.
    #[must_use]
    pub fn new(survey: &'a Survey<'a>, registry: &'a Registry, observed_at: &'a str) -> Self {
        let own = survey
            .listeners
            .iter()
            .filter_map(|j| j.listener.owner_gap.as_ref());
        Self {
            schema: "portolan.survey/1",
            host: &survey.host,
            observed_at,
            registry: RegistryDocument::new(registry),
            listeners: survey.listeners.iter().map(JudgedDocument::new).collect(),
            publications: publications(&survey.publications),
            gaps: GapCount::count(own.chain(&survey.gaps)),
        }
    }
}

/// `portolan listen --json`.
#[derive(Debug, Serialize)]
pub struct ListenDocument<'a> {
    schema: &'static str,
    host: &'a str,
    observed_at: &'a str,
    registry: RegistryDocument<'a>,
    filters: Vec<&'a str>,
    undecided: usize,
    listeners: Vec<ListenerDocument<'a>>,
    publications: Vec<PublicationDocument<'a>>,
    gaps: Vec<GapCount>,
}

impl<'a> ListenDocument<'a> {
    /// The same, saying that `seen` is what a selection left, and how many listeners it could not
    /// decide.
    #[must_use]
    pub fn selected(self, selection: &'a Selection, undecided: usize) -> Self {
        Self {
            filters: selection.words().collect(),
            undecided,
            ..self
        }
    }

    /// `observed_at` is RFC 3339.
    #[must_use]
    pub fn new(
        host: &'a str,
        seen: &'a portolan_inspect::Snapshot,
        sources: &crate::Sources<'a>,
        observed_at: &'a str,
    ) -> Self {
        let registry = sources.registry;
        let own = seen.listeners.iter().filter_map(|l| l.owner_gap.as_ref());
        Self {
            schema: "portolan.listen/1",
            host,
            observed_at,
            registry: RegistryDocument::new(registry),
            filters: Vec::new(),
            undecided: 0,
            listeners: seen
                .listeners
                .iter()
                .map(|l| {
                    ListenerDocument::new(l, registry.standing(l.port, l.transport))
                        .with_site(sources.assigned(l.port, l.transport))
                })
                .collect(),
            publications: publications(&seen.publications),
            gaps: GapCount::count(own.chain(&seen.gaps).chain(&unread(sources))),
        }
    }
}

/// What of the site registry could not be read.
fn unread(sources: &crate::Sources<'_>) -> Vec<Gap> {
    sources
        .site
        .map(crate::site::SiteRegistry::gaps)
        .unwrap_or_default()
}

fn publications(publications: &[Publication]) -> Vec<PublicationDocument<'_>> {
    publications.iter().map(PublicationDocument::new).collect()
}

/// `portolan identify --json`.
#[derive(Debug, Serialize)]
pub struct IdentifyDocument<'a> {
    schema: &'static str,
    targets: Vec<IdentifiedDocument<'a>>,
}

impl<'a> IdentifyDocument<'a> {
    /// One entry for each target, in the order given.
    #[must_use]
    pub fn new(identified: &'a [Identified]) -> Self {
        Self {
            schema: "portolan.identify/1",
            targets: identified.iter().map(IdentifiedDocument::new).collect(),
        }
    }
}

/// `portolan QUERY… --json`.
#[derive(Debug, Serialize)]
pub struct LookupDocument<'a> {
    schema: &'static str,
    query: String,
    registry: RegistryDocument<'a>,
    knowledge_date: &'a str,
    ports: Vec<PortDocument<'a>>,
    without_port: Vec<AssignmentDocument<'a>>,
    on_other_hosts: Vec<AssignmentDocument<'a>>,
    site_elsewhere: u64,
    people: Vec<PersonDocument<'a>>,
    unknown: Vec<UnknownName<'a>>,
    gaps: Vec<GapCount>,
}

/// A name that nothing is known of.
#[derive(Debug, Serialize)]
pub struct UnknownName<'a> {
    name: String,
    nearest: Vec<&'a str>,
}

impl<'a> LookupDocument<'a> {
    /// `queries` as typed; ports in the order of the queries. People's mail addresses are told
    /// with `mail` alone.
    #[must_use]
    pub fn new(
        queries: &[String],
        found: &'a Lookup<'a>,
        sources: &crate::Sources<'a>,
        mail: bool,
    ) -> Self {
        let answers = || queries.iter().zip(&found.answers);
        let mut walk = lookup::NeighbourWalk::new(sources.registry);
        Self {
            schema: "portolan.lookup/1",
            query: queries.join(" "),
            registry: RegistryDocument::new(sources.registry),
            knowledge_date: sources.knowledge.date(),
            ports: answers()
                .flat_map(|(_, a)| &a.ports)
                .map(|port| PortDocument::new(port, sources.knowledge.date(), &mut walk))
                .collect(),
            without_port: answers()
                .flat_map(|(_, a)| {
                    let of_site = a.site.iter().filter(|record| record.fields.ports.is_none());
                    let of_site = of_site.flat_map(|record| lookup::rows_of(record));
                    of_site.chain(a.portless.iter().map(AssignmentDocument::new))
                })
                .collect(),
            on_other_hosts: answers()
                .flat_map(|(_, a)| a.on_other_hosts())
                .flat_map(lookup::rows_of)
                .collect(),
            site_elsewhere: answers().map(|(_, a)| a.site_elsewhere).sum(),
            people: people::referenced(&found.answers, sources.registry, mail),
            unknown: answers()
                .filter(|(_, a)| !a.is_known())
                .map(|(name, a)| UnknownName {
                    name: name.clone(),
                    nearest: a.nearest.iter().map(AsRef::as_ref).collect(),
                })
                .collect(),
            gaps: GapCount::count(found.gaps.iter()),
        }
    }
}

/// `portolan search --json`.
#[derive(Debug, Serialize)]
pub struct SearchDocument<'a> {
    schema: &'static str,
    query: &'a str,
    registry: RegistryDocument<'a>,
    total: usize,
    results: Vec<SearchResult<'a>>,
    gaps: Vec<GapCount>,
}

/// A registry row or a fact.
#[derive(Debug, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum SearchResult<'a> {
    /// A row of the registry.
    Assignment(Box<AssignmentDocument<'a>>),
    /// A curated fact.
    Fact(FactDocument<'a>),
}

impl<'a> SearchDocument<'a> {
    /// The answers, best first.
    #[must_use]
    pub fn new(query: &'a str, found: &Found<'a>, registry: &'a Registry) -> Self {
        let results = found.answers.iter().map(|answer| match answer {
            Answer::Row(row) => SearchResult::Assignment(Box::new(AssignmentDocument::new(row))),
            Answer::Site(record, transport) => {
                SearchResult::Assignment(Box::new(AssignmentDocument::of_site(record, *transport)))
            }
            Answer::Fact(fact) => SearchResult::Fact(FactDocument::new(fact)),
        });
        Self {
            schema: "portolan.search/1",
            query,
            registry: RegistryDocument::new(registry),
            total: found.total,
            results: results.collect(),
            gaps: Vec::new(),
        }
    }

    /// The same, saying what could not be searched.
    #[must_use]
    pub fn unseen(self, gaps: &[Gap]) -> Self {
        Self {
            gaps: GapCount::count(gaps.iter()),
            ..self
        }
    }
}

/// `portolan registry stats --json`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct StatisticsDocument<'a>(registry::StatisticsBody<'a>);

impl<'a> StatisticsDocument<'a> {
    /// Counts over a registry, with the rows that a newer source changed.
    #[must_use]
    pub fn new(registry: &'a Registry, counted: &'a Statistics) -> Self {
        Self(registry::StatisticsBody::new(registry, counted))
    }
}
