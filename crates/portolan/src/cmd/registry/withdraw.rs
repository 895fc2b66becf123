//! `portolan registry withdraw`: a request is taken back.

use portolan_ports::site::{Record, Step};

use super::desk::{Asked, at_desk};
use crate::arguments::{Arguments, Withdraw};
use crate::exit::Exit;
use crate::print::Output;

pub(super) fn run(
    arguments: &Arguments,
    withdraw: &Withdraw,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let waits = |record: &Record| record.status.is_pending();
        let record = match desk.record(&withdraw.record, waits)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let because = withdraw.because.as_deref().unwrap_or_default();
        desk.take(&Asked::on(&record, &Step::Withdraw, because))
    })
}
