//! `bench`: measures portolan beside the programs people use today and writes BENCHMARKS.md.

pub(crate) mod build;
mod contender;
mod listing;
mod lookup;
mod machine;
mod owner;
mod page;
mod peer;
mod registry;
mod sample;
mod stand;
mod survey;
mod sweep;
mod target;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser};

use crate::{clock, tree};
use target::Target;

/// How often everything runs; a quick look takes a seventh of it.
#[derive(Clone, Copy, Debug)]
struct Rounds {
    lookup: usize,
    listing: usize,
    listing_loaded: usize,
    survey: usize,
    sweep: usize,
    registry: usize,
}

const FULL: Rounds = Rounds {
    lookup: 301,
    listing: 41,
    listing_loaded: 15,
    survey: 15,
    sweep: 9,
    registry: 15,
};
const QUICK: Rounds = Rounds {
    lookup: 41,
    listing: 7,
    listing_loaded: 3,
    survey: 3,
    sweep: 3,
    registry: 3,
};

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
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("quick") => rounds = QUICK,
            Arg::Long("output") => output = arguments.value()?.into(),
            Arg::Long("portolan") => portolan = Some(arguments.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }

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
    let read_speed = build::read_speed()?;
    ensure!(
        sample::is_precise(&bare)?,
        "this kernel counts CPU time by ticks only, so short commands cannot be measured; use another machine"
    );

    let (sections, took) = clock::timed(|| -> Result<Vec<Section>> {
        // First, because a child's largest resident set is never less than this program's own so far.
        let survey = survey::section(&portolan, &bare, rounds.survey)?;
        Ok(vec![
            lookup::section(&portolan, &bare, rounds.lookup)?,
            listing::section(&portolan, &rounds)?,
            survey,
            sweep::section(&portolan, rounds.sweep)?,
            registry::section(&read_speed, rounds.registry)?,
        ])
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
