//! `portolan registry update`: a newer registry, from IANA or from elsewhere.

use anyhow::anyhow;
use portolan_ports::embedded;
use portolan_survey::document::{UpdateDocument, to_json};
use portolan_survey::update::{self, Limits, Outcome, Proxies, Request, Source};

use crate::arguments::{Arguments, Update};
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress};
use crate::{clock, print, state};

pub(crate) fn run(arguments: &Arguments, wanted: &Update, output: &Output) -> anyhow::Result<Exit> {
    if arguments.registry.is_some() {
        return Err(malformed(anyhow!(
            "--registry does not go with an update, which takes its file by --from"
        )));
    }
    let source = match &wanted.from {
        None => Source::default(),
        Some(text) => Source::parse(text)
            .map_err(|refusal| malformed(anyhow!("cannot update the registry: {refusal}")))?,
    };
    let folder = state::folder(arguments).ok_or_else(|| {
        anyhow!("cannot update the registry: no folder to keep it in; name one with --state")
    })?;
    let today = clock::today();
    let request = Request {
        source,
        state: &folder,
        today: &today,
        allow_shrink: wanted.allow_shrink,
        proxies: Proxies::read(|name| std::env::var(name).ok()),
        limits: Limits::default(),
    };
    let mut progress = Progress::new("KiB fetched");
    let kib = |bytes: u64| usize::try_from(bytes >> 10).unwrap_or(usize::MAX);
    let done = update::update(&request, embedded::registry(), &mut |got, all| match all {
        Some(all) => progress.show(kib(got), kib(all)),
        None => progress.count(kib(got)),
    });
    progress.clear();
    let outcome = done.map_err(|error| match error.refusal.is_input() {
        true => malformed(error),
        false => error.into(),
    })?;
    if arguments.json {
        output.line(&to_json(&UpdateDocument::new(&outcome), true)?)?;
    } else {
        output.line(&print::update::text(&outcome))?;
    }
    if let Outcome::Updated(updated) = &outcome
        && updated.date < updated.before
    {
        output.complain(&format!(
            "the registry of {} is older than that of {}, which it replaces",
            updated.date, updated.before
        ));
    }
    Ok(Exit::Fine)
}
