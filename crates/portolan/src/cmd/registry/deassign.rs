//! `portolan registry deassign`: a number is given back.

use portolan_ports::site::{Record, Status, Step};

use super::desk::{Asked, at_desk};
use crate::arguments::{Arguments, Deassign};
use crate::exit::Exit;
use crate::print::Output;

pub(super) fn run(
    arguments: &Arguments,
    deassign: &Deassign,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let assigned = |record: &Record| record.status == Status::Assigned;
        let record = match desk.record(&deassign.record, assigned)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let because = deassign.because.as_deref().unwrap_or_default();
        desk.take(&Asked::on(&record, &Step::Deassign, because))
    })
}
