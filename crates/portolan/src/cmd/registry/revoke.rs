//! `portolan registry revoke`: that a number will be taken away is announced, done or called off.

use anyhow::anyhow;
use jiff::Span;
use portolan_ports::site::{Record, Status, Step};

use super::desk::{Asked, at_desk};
use super::last_word::{self, LastWord};
use crate::arguments::{Arguments, Revoke};
use crate::exit::{Exit, malformed};
use crate::print::Output;

const ANNOUNCED: LastWord = LastWord {
    why: "Why is it taken away?",
    kept: "whoever has it reads it; the comment on the number, RFC 6335 section 8.4",
    needs_reason: true,
    sure: "Announce it?",
};

const COMPLETED: LastWord = LastWord {
    why: "Why is it taken away now?",
    kept: "it stays in the audit trail; Enter leaves it out",
    needs_reason: false,
    sure: "Take it away? This cannot be undone.",
};

pub(super) fn run(arguments: &Arguments, revoke: &Revoke, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let assigned = |record: &Record| record.status == Status::Assigned;
        let named = match (revoke.complete, revoke.cancel) {
            (true, _) => "complete-revocation",
            (_, true) => "cancel-revocation",
            _ => "announce-revocation",
        };
        let record = match desk.record(&revoke.record, named, assigned)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let step = if revoke.complete {
            Step::CompleteRevocation
        } else if revoke.cancel {
            Step::CancelRevocation
        } else {
            // Fewer days than the site's own are refused by the procedures, with the day to name.
            let usual = desk.site.procedure().notice_days;
            let days = revoke.notice_days.unwrap_or(usual);
            let effective = desk.today.checked_add(Span::new().days(days));
            let effective = effective.map_err(|_| {
                malformed(anyhow!(
                    "no calendar has the day {days} days from now; give fewer with --notice-days"
                ))
            })?;
            Step::AnnounceRevocation { effective }
        };
        let because = revoke.because.as_deref().unwrap_or_default();
        let asked = Asked {
            dry_run: revoke.dry_run,
            ..Asked::on(&record, &step, because)
        };
        match step {
            // It can be announced again.
            Step::CancelRevocation => desk.take(&asked),
            Step::CompleteRevocation => last_word::take(desk, &asked, COMPLETED),
            _ => last_word::take(desk, &asked, ANNOUNCED),
        }
    })
}
