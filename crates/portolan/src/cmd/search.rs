//! `portolan search`.

use portolan_survey::document::{SearchDocument, to_json};
use portolan_survey::search::search;

use crate::arguments::{Arguments, Search};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print};

pub(crate) fn run(
    arguments: &Arguments,
    search_for: &Search,
    output: &Output,
) -> anyhow::Result<Exit> {
    let words = search_for.words.join(" ");
    input::with_sources(arguments, |sources| {
        let found = search(sources, &words);
        let nothing = found.rows.is_empty() && found.facts.is_empty();
        if arguments.json {
            output.line(&to_json(
                &SearchDocument::new(&words, &found, sources.registry),
                true,
            )?)?;
        } else {
            output.write(print::search::text(&found, search_for.most, output).as_bytes())?;
        }
        if nothing {
            output.complain(&format!(
                "nothing in the registry of {} and no fact fits {words:?}; try fewer or other words",
                sources.registry.date()
            ));
        }
        Ok(if nothing { Exit::BadNews } else { Exit::Fine })
    })
}
