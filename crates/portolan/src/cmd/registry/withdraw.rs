//! `portolan registry withdraw`: a request is taken back.

use portolan_ports::site::{Record, Step};

use super::desk::{Asked, at_desk};
use super::last_word::{self, LastWord};
use crate::arguments::{Arguments, Withdraw};
use crate::exit::Exit;
use crate::print::Output;

const WORDS: LastWord = LastWord {
    why: "Why is it taken back?",
    kept: "it stays in the audit trail; Enter leaves it out",
    needs_reason: false,
    sure: "Take it back? This cannot be undone.",
};

pub(super) fn run(
    arguments: &Arguments,
    withdraw: &Withdraw,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let waits = |record: &Record| record.status.is_pending();
        let record = match desk.record(&withdraw.record, "withdraw", waits)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let because = withdraw.because.as_deref().unwrap_or_default();
        let asked = Asked {
            dry_run: withdraw.dry_run,
            ..Asked::on(&record, &Step::Withdraw, because)
        };
        last_word::take(desk, &asked, WORDS)
    })
}
