//! `portolan top`: listeners and their owners, live.

use crate::arguments::{Arguments, TICK, Top};
use crate::exit::{Exit, malformed};
use crate::input;
use crate::print::Output;

pub(crate) fn run(arguments: &Arguments, top: &Top, output: &Output) -> anyhow::Result<Exit> {
    if arguments.json {
        let hint = "top draws on a terminal; for JSON: portolan listen --follow --json";
        return Err(malformed(anyhow::anyhow!(hint)));
    }
    #[cfg(unix)]
    return input::with_sources(arguments, |sources| {
        let tick = top.tick.unwrap_or(TICK);
        crate::top::screen::run(tick, &top.filters, sources, output)?;
        Ok(Exit::Fine)
    });
    #[cfg(not(unix))]
    anyhow::bail!(
        "cannot show listeners live: nobody has taught Portolan this system's terminal; for a list: portolan listen"
    );
}
