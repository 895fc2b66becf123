//! `portolan registry review`: a request is shown with what conflicts, and decided.

use anyhow::{Context, anyhow};
use portolan_ports::site::{Record, Step};
use portolan_survey::document::{StepDocument, to_json};
use portolan_survey::suggest::reason::Reason;

use super::desk::{Asked, Desk, at_desk};
use super::last_word::TO_BE_SAID;
use super::question::Asking;
use super::request::is_somebody_there;
use crate::arguments::{Arguments, Review};
use crate::exit::{Exit, malformed};
use crate::print::{self, Output};

pub(super) fn run(arguments: &Arguments, review: &Review, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let waits = |record: &Record| record.status.is_pending();
        let record = match desk.record(&review.record, "review", waits)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let because = review.because.as_deref().unwrap_or_default();
        let version = review.version.or(Some(record.version));
        if let Some(step) = decision(review) {
            let needs_words = matches!(step, Step::Decline | Step::Ask);
            if needs_words && because.is_empty() && is_somebody_there(arguments) {
                return in_words(desk, &record, &step, version);
            }
            let asked = Asked {
                version,
                ..Asked::on(&record, &step, because)
            };
            // A decision that is refused is not about the request: it need not be shown.
            return match desk.rehearse(&asked)? {
                Ok(_) => desk.take(&Asked {
                    conflicts: &show(desk, &record)?,
                    ..asked
                }),
                Err(_) => desk.take(&asked),
            };
        }
        let found = show(desk, &record)?;
        if !record.status.is_pending() || !is_somebody_there(arguments) {
            if arguments.json {
                let document = StepDocument::new("review", false, &found);
                let document = document.on(&record, desk.today);
                output.line(&to_json(&document, true)?)?;
            }
            return Err(undecided(&record));
        }
        let (step, because) = ask(desk, &record, because)?;
        desk.take(&Asked {
            version,
            conflicts: &found,
            ..Asked::on(&record, &step, &because)
        })
    })
}

/// Asks for the words that a decision needs, once it is known that it can be taken.
fn in_words(
    desk: &Desk<'_>,
    record: &Record,
    step: &Step,
    version: Option<u64>,
) -> anyhow::Result<Exit> {
    let tried = Asked {
        version,
        dry_run: true,
        ..Asked::on(record, step, TO_BE_SAID)
    };
    if desk.rehearse(&tried)?.is_err() {
        return desk.take(&tried);
    }
    let found = show(desk, record)?;
    let mut asking = Asking::at_terminal("nothing was decided", desk.output);
    let question = match step {
        Step::Ask => ASKED,
        _ => DECLINED,
    };
    let because = asking.text(question, "whoever asked reads it", "")?;
    desk.take(&Asked {
        version,
        conflicts: &found,
        ..Asked::on(record, step, &because)
    })
}

const ASKED: &str = "What do you ask?";
const DECLINED: &str = "Why is it declined?";

/// Shows the request with what conflicts.
fn show(desk: &Desk<'_>, record: &Record) -> anyhow::Result<Vec<Reason>> {
    let found = desk.conflicts(&record.fields, Some(record.id));
    if !desk.arguments.json {
        let card = print::site::card(record, desk.today, desk.output);
        let text = card + &print::site::conflicts(&found, desk.output);
        let written = desk.output.write(text.as_bytes());
        written.context("nothing was decided: the request cannot be shown")?;
    }
    Ok(found)
}

fn decision(review: &Review) -> Option<Step> {
    if review.approve {
        let approval = review.approval.clone().unwrap_or_default();
        return Some(Step::Approve { approval });
    }
    let decline = review.decline.then_some(Step::Decline);
    decline.or_else(|| review.ask.then_some(Step::Ask))
}

fn undecided(record: &Record) -> anyhow::Error {
    let id = record.id;
    malformed(match record.status.is_pending() {
        true => anyhow!(
            "nothing was decided on record {id}: say --approve, --decline or --ask, the latter two \
             with --because"
        ),
        false => anyhow!(
            "there is nothing to decide on record {id}, which is {}; what waits: portolan registry \
             list --pending",
            record.status.as_str()
        ),
    })
}

/// Asks for the decision, and for what it needs.
fn ask(desk: &Desk<'_>, record: &Record, because: &str) -> anyhow::Result<(Step, String)> {
    let mut asking = Asking::at_terminal("nothing was decided", desk.output);
    asking.say(&format!(
        "You decide as {}. Ctrl-C decides nothing.",
        desk.by()
    ))?;
    let word = asking.ask(
        "approve, decline or ask?",
        "approve assigns it; decline ends the request; ask sends it back with your question",
        "",
        |word| match word.to_ascii_lowercase().as_str() {
            "approve" | "a" => Ok("approve"),
            "decline" | "d" => Ok("decline"),
            "ask" | "?" => Ok("ask"),
            _ => Err("write approve, decline or ask".to_owned()),
        },
    )?;
    let mut step = match word {
        "approve" => Step::Approve {
            approval: String::new(),
        },
        "decline" => Step::Decline,
        _ => Step::Ask,
    };
    if let Step::Approve { .. } = step {
        // Whether it takes more than an expert is the procedures' to say.
        let refused = desk.rehearse(&Asked::on(record, &step, because))?.err();
        if refused.is_some_and(|refusal| refusal.section.to_string().ends_with(" 8.1.2")) {
            let approval = asking.text(
                "Which body approved it?",
                "a System port takes more than an expert (RFC 6335 section 8.1.2)",
                "",
            )?;
            step = Step::Approve { approval };
        }
    }
    let because = match (because.is_empty(), word) {
        (false, _) => because.to_owned(),
        (true, "approve") => asking.optional("Why?", "it stays in the audit trail", "")?,
        (true, "ask") => asking.text(ASKED, "whoever asked reads it", "")?,
        (true, _) => asking.text(DECLINED, "whoever asked reads it", "")?,
    };
    Ok((step, because))
}
