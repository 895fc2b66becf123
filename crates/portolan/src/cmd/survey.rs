//! `portolan`: survey this machine. The main job.

use portolan_survey::document::{SurveyDocument, to_json};
use portolan_survey::survey::survey;

use crate::arguments::Arguments;
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress};
use crate::{clock, input, print};

pub(crate) fn run(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    let flags = &arguments.look_up;
    let of_look_ups = [
        (flags.no_live, "--no-live"),
        (flags.probe, "--probe"),
        (flags.mail, "--mail"),
    ];
    if let Some((_, flag)) = of_look_ups.iter().find(|(given, _)| *given) {
        let hint = "a look-up; name a port, a range or a service: portolan 4444";
        return Err(malformed(anyhow::anyhow!("{flag} belongs to {hint}")));
    }
    input::with_configuration(arguments, |sources, configuration| {
        let asking = input::asking(configuration, flags.passive);
        let observed_at = clock::now();
        let mut progress = Progress::new("asked");
        let survey = survey(sources, &asking, &mut |done, all| progress.show(done, all));
        progress.clear();
        if arguments.json {
            let document = SurveyDocument::new(&survey, sources.registry, &observed_at);
            output.line(&to_json(&document, true)?)?;
        } else {
            let text = print::survey::text(&survey, sources, flags.passive, output);
            output.line(&text)?;
        }
        Ok(Exit::Fine)
    })
}
