//! The site registry as text: a record as a card, records as a table, what a request collides with,
//! what happens next, the audit trail.

mod card;
mod conflict;
mod next;
mod table;
mod trail;

pub(crate) use card::card;
pub(crate) use conflict::conflicts;
pub(crate) use next::next;
pub(crate) use table::table;
pub(crate) use trail::{short, trail, verified};

use super::{Output, Tone, one_line};
use portolan_ports::site::{Record, Status};

/// A status in its colour.
const fn tone(status: Status) -> Tone {
    match status {
        Status::Assigned => Tone::Good,
        Status::Requested | Status::Questioned => Tone::Warning,
        Status::Declined | Status::Reserved => Tone::Bad,
        Status::Withdrawn | Status::Unassigned => Tone::Faint,
    }
}

/// `Record 12: billing-api, 8443/tcp, requested`.
pub(crate) fn headline(record: &Record, output: &Output) -> String {
    let title = match record.id {
        0 => "To be filed".to_owned(),
        id => format!("Record {id}"),
    };
    let name = match record.fields.service_name.as_str() {
        "" => String::new(),
        name => format!("{}, ", one_line(name)),
    };
    format!(
        "{}: {name}{}, {}\n",
        output.paint(Tone::Strong, &title),
        record.place(),
        output.paint(tone(record.status), record.status.as_str())
    )
}
