//! `portolan registry report-use`: that somebody uses a number without an assignment is noted.

use portolan_ports::site::{Fields, Record, Status, Step};
use portolan_registry::PortRange;

use super::address::Address;
use super::desk::{Asked, at_desk};
use crate::arguments::{Arguments, ReportUse};
use crate::exit::{Exit, malformed};
use crate::print::Output;

pub(super) fn run(
    arguments: &Arguments,
    report: &ReportUse,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
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
            return desk.take(&Asked::new(&step, because));
        }
        let record = match desk.record(&report.place, speaks)? {
            Ok(record) => record,
            Err(exit) => return Ok(exit),
        };
        let step = Step::ReportUse(Fields::default());
        // Reports only add to each other: whichever came first, the other is as true.
        desk.take(&Asked {
            version: None,
            ..Asked::on(&record, &step, because)
        })
    })
}
