//! `portolan top`: listeners and their owners, live.

use crate::arguments::{Arguments, TICK, Top};
use crate::exit::{Exit, malformed};
use crate::input;
use crate::print::Output;
use crate::top::screen;

pub(crate) fn run(arguments: &Arguments, top: &Top, output: &Output) -> anyhow::Result<Exit> {
    if arguments.json {
        let hint = "top draws on a terminal; for JSON: portolan listen --follow --json";
        return Err(malformed(anyhow::anyhow!(hint)));
    }
    input::with_sources(arguments, |sources| {
        let tick = top.tick.unwrap_or(TICK);
        screen::run(tick, &top.filters, sources.registry, output)?;
        Ok(Exit::Fine)
    })
}
