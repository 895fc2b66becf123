//! `portolan check`: this machine against its policy.

use portolan_ports::policy::Policy;
use portolan_survey::check::{Check, check};
use portolan_survey::document::{CheckDocument, to_json};

use crate::arguments::{self, Arguments};
use crate::configuration::Configuration;
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress};
use crate::{clock, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    arguments::Check {}: &arguments::Check,
    output: &Output,
) -> anyhow::Result<Exit> {
    input::with_configuration(arguments, |sources, configuration| {
        if *sources.policy == *Policy::none() {
            return Err(malformed(nothing_to_hold_to(configuration)));
        }
        let asking = input::asking(configuration, false);
        let observed_at = clock::now();
        let mut progress = Progress::new("asked");
        let found = check(sources, &asking, &mut |done, all| progress.show(done, all));
        progress.clear();
        if arguments.json {
            let files = &configuration.files;
            let document = CheckDocument::new(&found, files, sources.registry, &observed_at);
            output.line(&to_json(&document, true)?)?;
        } else {
            output.write(print::check::text(&found, output).as_bytes())?;
        }
        Ok(exit(&found))
    })
}

fn exit(found: &Check) -> Exit {
    if found.is_violated() {
        Exit::BadNews
    } else if found.unseen.is_empty() {
        Exit::Fine
    } else {
        Exit::CouldNot
    }
}

fn nothing_to_hold_to(configuration: &Configuration) -> anyhow::Error {
    let looked = match configuration.files.as_slice() {
        [] => format!("there is no file at {}", Configuration::usual_places()),
        files => format!("no rule stands in {}", files.join(" or ")),
    };
    anyhow::anyhow!(
        "there is no policy to check against: {looked}; for one that is true now: portolan check --learn > portolan.toml"
    )
}
