//! `bench`: measures portolan beside the programs people use today and writes BENCHMARKS.md.

pub(crate) mod build;
mod contender;
mod knowledge;
mod listing;
mod lookup;
mod machine;
mod owner;
mod page;
mod peer;
mod registry;
mod sample;
mod site;
mod stand;
mod survey;
mod sweep;
mod target;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::{clock, tree};
use target::Target;

/// How often everything runs; a quick look takes a seventh of it.
#[derive(Clone, Copy, Debug)]
struct Rounds {
    lookup: usize,
    knowledge: usize,
    listing: usize,
    listing_loaded: usize,
    survey: usize,
    sweep: usize,
    registry: usize,
    site: usize,
}

const FULL: Rounds = Rounds {
    lookup: 301,
    knowledge: 101,
    listing: 41,
    listing_loaded: 15,
    survey: 15,
    sweep: 9,
    registry: 15,
    site: 101,
};
const QUICK: Rounds = Rounds {
    lookup: 41,
    knowledge: 15,
    listing: 7,
    listing_loaded: 3,
    survey: 3,
    sweep: 3,
    registry: 3,
    site: 15,
};

/// The names of the page's parts.
const SECTIONS: [&str; 7] = [
    "lookup",
    "knowledge",
    "site",
    "listing",
    "survey",
    "sweep",
    "registry",
];

/// A part of the page, and the targets it speaks of.
struct Section {
    text: String,
    targets: Vec<Target>,
}

/// Measures everything and writes the page.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut rounds = FULL;
    let mut output = tree::root().join("BENCHMARKS.md");
    let mut portolan: Option<PathBuf> = None;
    let mut only: Option<String> = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("quick") => rounds = QUICK,
            Arg::Long("output") => output = arguments.value()?.into(),
            Arg::Long("portolan") => portolan = Some(arguments.value()?.into()),
            Arg::Long("only") => only = Some(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }

    if let Some(only) = &only {
        ensure!(
            SECTIONS.contains(&only.as_str()),
            "there is no section {only:?}; there are {}",
            SECTIONS.join(", ")
        );
    }
    let wanted = |section: &str| only.as_deref().is_none_or(|only| only == section);

    for peer in peer::missing() {
        println!(
            "missing peer: {}; to have it measured: {}",
            peer.program,
            peer.remedy()
        );
    }
    let (bare, folder) = build::bare()?;
    let portolan = match portolan {
        Some(file) => file,
        None => build::portolan()?,
    };
    let read_speed = wanted("registry").then(build::read_speed).transpose()?;
    ensure!(
        sample::is_precise(&bare)?,
        "this kernel counts CPU time by ticks only, so short commands cannot be measured; use another machine"
    );

    let (sections, took) = clock::timed(|| -> Result<Vec<Section>> {
        // First, because a child's largest resident set is never less than this program's own so far.
        let survey = wanted("survey")
            .then(|| survey::section(&portolan, &bare, rounds.survey))
            .transpose()?;
        let lookup = wanted("lookup")
            .then(|| lookup::section(&portolan, &bare, rounds.lookup))
            .transpose()?;
        let knowledge = wanted("knowledge")
            .then(|| knowledge::section(&portolan, rounds.knowledge))
            .transpose()?;
        let site = wanted("site")
            .then(|| site::section(&portolan, rounds.site))
            .transpose()?;
        let listing = wanted("listing")
            .then(|| listing::section(&portolan, &rounds))
            .transpose()?;
        let sweep = wanted("sweep")
            .then(|| sweep::section(&portolan, rounds.sweep))
            .transpose()?;
        let registry = read_speed
            .map(|read_speed| registry::section(&read_speed, rounds.registry))
            .transpose()?;
        let sections = [lookup, knowledge, site, listing, survey, sweep, registry];
        Ok(sections.into_iter().flatten().collect())
    });
    let sections = sections?;
    drop(folder);

    let targets: Vec<&Target> = sections
        .iter()
        .flat_map(|section| &section.targets)
        .collect();
    let mut text = page::opening(&machine::describe(), &peer::versions(&portolan), took);
    text.push_str(&target::table(&targets));
    for section in &sections {
        text.push_str(&section.text);
    }
    fs::write(&output, text).with_context(|| format!("cannot write {}", output.display()))?;

    for target in &targets {
        println!("{target}");
    }
    println!("written: {}", output.display());
    Ok(())
}
