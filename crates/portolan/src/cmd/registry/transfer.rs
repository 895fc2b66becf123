//! `portolan registry transfer`: always refused, and says what to do instead.

use portolan_ports::site::{Refusal, Section};
use portolan_survey::document::{StepDocument, to_json};

use super::desk::at_desk;
use crate::arguments::{Arguments, Transfer};
use crate::exit::Exit;
use crate::print::{Output, one_line};

pub(super) fn run(
    arguments: &Arguments,
    transfer: &Transfer,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let record = match desk.record(&transfer.record, "transfer", |_| false)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let id = record.id;
        let refusal = Refusal {
            section: Section::Rfc6335("8.5"),
            because: "assignments are not transferred: who has a number is part of what was \
                      reviewed"
                .to_owned(),
            next: format!(
                "whoever has it gives it back (portolan registry deassign {id} --because TEXT), and \
                 the other asks for a port of its own (portolan registry request)"
            ),
        };
        if arguments.json {
            let document = StepDocument::new("transfer", false, &[]);
            let document = document.on(&record, desk.today).refused(&refusal, &[]);
            output.line(&to_json(&document, true)?)?;
        }
        output.complain(&one_line(&refusal.to_string()));
        Ok(Exit::BadNews)
    })
}
