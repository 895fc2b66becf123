//! `knowledge`: what the facts of `data/knowledge` are worth: counts, draws for a person to check,
//! and where the sources lie.
//!
//! It reads the facts as the program carries them, so they have passed the build's checks, and
//! opens no source: that is for whoever reads the draw.

mod count;
mod draw;
mod link;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt};
use portolan_ports::embedded;
use portolan_ports::knowledge::Fact;

/// Prints what was asked for; counts, without anything.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut drawn: Option<usize> = None;
    let mut seed = 0;
    let mut links = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("draw") => drawn = Some(arguments.value()?.parse()?),
            Arg::Long("seed") => seed = arguments.value()?.parse()?,
            Arg::Long("links") => links = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let knowledge = embedded::knowledge();
    let facts: Vec<Fact<'_>> = knowledge.facts().collect();
    if let Some(drawn) = drawn {
        print!("{}", draw::text(&facts, drawn, seed));
    }
    if links {
        print!("{}", link::text(&facts));
    }
    if drawn.is_none() && !links {
        print!("{}", count::text(knowledge));
    }
    Ok(())
}
