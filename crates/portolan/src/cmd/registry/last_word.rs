//! What is asked at a terminal before a step that cannot be undone: why, and whether it is meant.

use anyhow::anyhow;

use super::desk::{Asked, Desk};
use super::question::Asking;
use super::request::is_somebody_there;
use crate::exit::{Exit, malformed};
use crate::print;

/// The questions before a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastWord {
    /// Why it is taken.
    pub(super) why: &'static str,
    /// What becomes of the answer.
    pub(super) kept: &'static str,
    /// Whether there has to be one.
    pub(super) needs_reason: bool,
    /// Whether it is meant.
    pub(super) sure: &'static str,
}

/// Stands in for the reason while it is not said yet.
pub(super) const TO_BE_SAID: &str = "to be said";

/// Takes the step; where a person sits at a terminal and gave no reason, after having asked. What
/// would be refused is refused before anything is asked, and a dry run is asked for its reason alone.
pub(super) fn take(desk: &Desk<'_>, asked: &Asked<'_>, words: LastWord) -> anyhow::Result<Exit> {
    if !asked.why.is_empty() || !is_somebody_there(desk.arguments) {
        return desk.take(asked);
    }
    let tried = Asked {
        why: TO_BE_SAID,
        dry_run: true,
        ..*asked
    };
    if desk.rehearse(&tried)?.is_err() {
        return desk.take(&tried);
    }
    let mut asking = Asking::at_terminal("nothing was done", desk.output);
    if let Some(record) = asked.subject {
        asking.show(&print::site::headline(record, desk.output))?;
    }
    let why = match words.needs_reason {
        true => asking.text(words.why, words.kept, "")?,
        false => asking.optional(words.why, words.kept, "")?,
    };
    if !asked.dry_run && !asking.confirm(words.sure)? {
        return Err(malformed(anyhow!("nothing was done: you did not say yes")));
    }
    desk.take(&Asked {
        why: &why,
        ..*asked
    })
}
