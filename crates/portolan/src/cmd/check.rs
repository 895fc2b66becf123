//! `portolan check`: this machine against its policy and the site registry.

use std::fs::File;
use std::path::Path;

use portolan_inspect::Options;
use portolan_ports::policy::Policy;
use portolan_survey::Sources;
use portolan_survey::check::learn::{About, learn};
use portolan_survey::check::since::{Earlier, since};
use portolan_survey::check::{Check, check};
use portolan_survey::document::{CheckDocument, to_json};

use crate::arguments::{self, Arguments};
use crate::configuration::Configuration;
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress, one_line};
use crate::{clock, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    wanted: &arguments::Check,
    output: &Output,
) -> anyhow::Result<Exit> {
    if wanted.learn {
        return input::with_sources(arguments, |sources| {
            output.write(learned(sources, output).as_bytes())?;
            Ok(Exit::Fine)
        });
    }
    let earlier = wanted.since.as_deref().map(earlier).transpose()?;
    input::with_configuration(arguments, |sources, configuration| {
        if *sources.policy == *Policy::none() && sources.site.is_none() {
            return Err(malformed(nothing_to_hold_to(configuration)));
        }
        if let Some(earlier) = &earlier {
            same_machine(earlier)?;
        }
        let asking = input::asking(configuration, false);
        let observed_at = clock::now();
        let mut progress = Progress::new("asked");
        let found = check(sources, &asking, &mut |done, all| progress.show(done, all));
        progress.clear();
        let new = earlier
            .as_ref()
            .map(|earlier| (since(&found, earlier), earlier));
        let told = new.as_ref().map_or(&found, |(since, _)| &since.new);
        if wanted.junit {
            let mut xml = Vec::new();
            print::check::junit::write(&found, earlier.as_ref(), &observed_at, &mut xml)?;
            output.write(&xml)?;
        } else if wanted.sarif {
            let base = std::env::current_dir().unwrap_or_default();
            output.line(&print::check::sarif::document(
                &found,
                earlier.as_ref(),
                &observed_at,
                &base,
            )?)?;
        } else if arguments.json {
            let files = &configuration.files;
            let document = match &new {
                Some((new, earlier)) => {
                    CheckDocument::since(&found, (new, earlier), files, sources, &observed_at)
                }
                None => CheckDocument::new(&found, files, sources, &observed_at),
            };
            output.line(&to_json(&document, true)?)?;
        } else {
            let text = match &new {
                Some((since, earlier)) => print::check::since(since, earlier, output),
                None => print::check::text(&found, output),
            };
            output.write(text.as_bytes())?;
        }
        Ok(exit(told, &found))
    })
}

/// A policy of what listens now.
fn learned(sources: &Sources<'_>, output: &Output) -> String {
    let about = About {
        host: &portolan_inspect::host_name(),
        observed_at: &clock::now(),
        by_root: output.is_root(),
    };
    let seen = portolan_inspect::listeners(&Options::default());
    learn(&seen, sources, &portolan_inspect::local_ranges(), &about)
}

fn earlier(path: &Path) -> anyhow::Result<Earlier> {
    // A pipeline must not take a baseline that is not there for a rule that could not be judged.
    let file = File::open(path).map_err(|error| {
        malformed(anyhow::anyhow!(
            "cannot open the earlier check {}: {error}; make one with: portolan check --json",
            path.display()
        ))
    })?;
    Earlier::read(file).map_err(|error| {
        let what = format!("cannot read {} as an earlier check", path.display());
        malformed(anyhow::Error::new(error).context(what))
    })
}

/// What was found on another machine says nothing of what is new on this one.
fn same_machine(earlier: &Earlier) -> anyhow::Result<()> {
    let (then, now) = (earlier.host(), portolan_inspect::host_name());
    if then == now {
        return Ok(());
    }
    Err(malformed(anyhow::anyhow!(
        "cannot compare: the earlier check is of {}, and this machine is {}; name one of this machine",
        one_line(then),
        one_line(&now)
    )))
}

/// What is told decides, but that a rule could not be judged is never fine, known or not.
fn exit(told: &Check, found: &Check) -> Exit {
    if told.is_violated() {
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
