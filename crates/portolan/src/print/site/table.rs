//! Records as a table.

use jiff::civil::Date;
use portolan_ports::site::Record;

use super::tone;
use crate::print::{Columns, Output, Tone, one_line};

/// A line for each record, as they stand today.
pub(crate) fn table<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    today: Date,
    output: &Output,
) -> String {
    let mut rows = Columns::new([
        "ID",
        "PORT",
        "NAME",
        "STATUS",
        "SCOPE",
        "ASSIGNEE",
        "SINCE",
        "DESCRIPTION",
    ]);
    for record in records {
        let plain = |text: &str| (one_line(text), Tone::Plain);
        let place = match record.fields.ports {
            Some(_) => record.place(),
            None => "-".to_owned(),
        };
        let name = match record.fields.service_name.as_str() {
            "" => "-",
            name => name,
        };
        rows.push([
            plain(&record.id.to_string()),
            (place, Tone::Strong),
            plain(name),
            (status(record, today), tone(record.status)),
            plain(&record.fields.scope.to_string()),
            plain(&record.fields.assignee),
            plain(&record.modified.to_string()),
            plain(&record.fields.description),
        ]);
    }
    rows.text(0, output)
}

/// The status, with what it hides: a notice that runs, a last day that is over.
fn status(record: &Record, today: Date) -> String {
    let mut words = vec![record.status.as_str()];
    if record.revocation.is_some() {
        words.push("being revoked");
    }
    if record.is_expired(today) {
        words.push("expired");
    }
    words.join(", ")
}
