//! `portolan registry report-use`: that somebody uses a number without an assignment is noted.

use anyhow::anyhow;
use portolan_ports::site::{Fields, Record, Status, Step};
use portolan_registry::PortRange;

use super::address::Address;
use super::desk::{Asked, at_desk};
use super::last_word::{self, LastWord};
use crate::arguments::{Arguments, ReportUse};
use crate::exit::{Exit, malformed};
use crate::print::{Output, one_line};

const WORDS: LastWord = LastWord {
    why: "Who uses it, for what, and how is that known?",
    kept: "it stays on the record, with the day",
    needs_reason: true,
    sure: "Note it? Notes are not taken back.",
};

pub(super) fn run(
    arguments: &Arguments,
    report: &ReportUse,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        if let Ok(ports) = report.place.parse::<PortRange>()
            && !ports.is_single()
        {
            let place = one_line(&report.place);
            return Err(malformed(anyhow!(
                "{place} is not one port; report each for itself, as {}/tcp",
                ports.first()
            )));
        }
        let address: Address = report.place.parse().map_err(malformed)?;
        let because = report.because.as_deref().unwrap_or_default();
        let speaks = |record: &Record| record.status.holds() || record.status == Status::Unassigned;
        let place = match &address {
            Address::Place(port, transport) => Some((*port, *transport)),
            Address::Id(_) | Address::Name(_) => None,
        };
        // A number of which there is no record gets one, which is a remark and holds nothing.
        if let Some((port, transport)) = place
            && !desk
                .records_of(&address)?
                .iter()
                .any(|record| address.means(record) && speaks(record))
        {
            let step = Step::ReportUse(Fields {
                ports: Some(PortRange::single(port)),
                transports: transport.into_iter().collect(),
                ..Fields::default()
            });
            let asked = Asked {
                dry_run: report.dry_run,
                ..Asked::new(&step, because)
            };
            return last_word::take(desk, &asked, WORDS);
        }
        let record = match desk.record(&report.place, "report-use", speaks)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let step = Step::ReportUse(Fields::default());
        // Reports only add to each other: whichever came first, the other is as true.
        let asked = Asked {
            version: None,
            dry_run: report.dry_run,
            ..Asked::on(&record, &step, because)
        };
        last_word::take(desk, &asked, WORDS)
    })
}
