//! `portolan registry deassign`: a number is given back.

use portolan_ports::site::{Record, Status, Step};

use super::desk::{Asked, at_desk};
use super::last_word::{self, LastWord};
use crate::arguments::{Arguments, Deassign};
use crate::exit::Exit;
use crate::print::Output;

const WORDS: LastWord = LastWord {
    why: "Why is it given back?",
    kept: "it stays as the comment on the number, RFC 6335 section 8.2",
    needs_reason: true,
    sure: "Give it back? This cannot be undone.",
};

pub(super) fn run(
    arguments: &Arguments,
    deassign: &Deassign,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let assigned = |record: &Record| record.status == Status::Assigned;
        let record = match desk.record(&deassign.record, "deassign", assigned)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let because = deassign.because.as_deref().unwrap_or_default();
        let asked = Asked {
            dry_run: deassign.dry_run,
            ..Asked::on(&record, &Step::Deassign, because)
        };
        last_word::take(desk, &asked, WORDS)
    })
}
