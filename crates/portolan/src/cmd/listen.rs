//! `portolan listen`: listeners and owners; sends nothing.

use portolan_inspect::Options;
use portolan_survey::document::{ListenDocument, to_json};

use crate::arguments::{Arguments, Listen};
use crate::exit::Exit;
use crate::print::Output;
use crate::{clock, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    _listen: &Listen,
    output: &Output,
) -> anyhow::Result<Exit> {
    input::with_sources(arguments, |sources| {
        let observed_at = clock::now();
        let seen = portolan_inspect::listeners(&Options::default());
        let host = portolan_inspect::host_name();
        if arguments.json {
            let document = ListenDocument::new(&host, &seen, sources.registry, &observed_at);
            output.line(&to_json(&document, true)?)?;
        } else {
            let text = print::listen::text(&host, &seen, sources.registry, output);
            output.write(text.as_bytes())?;
        }
        Ok(Exit::Fine)
    })
}
