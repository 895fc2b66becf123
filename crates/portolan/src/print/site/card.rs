//! One record in full: a line for each field that is said.

use jiff::civil::Date;
use portolan_ports::site::Record;

use super::headline;
use crate::print::{Columns, Output, Tone, one_line};

/// The record, as it stands today.
pub(crate) fn card(record: &Record, today: Date, output: &Output) -> String {
    let mut rows = Columns::new(["", ""]);
    for (label, text) in lines(record, today) {
        rows.push([
            (label.to_owned(), Tone::Faint),
            (one_line(&text), Tone::Plain),
        ]);
    }
    headline(record, output) + &rows.text(2, output)
}

fn lines(record: &Record, today: Date) -> Vec<(&'static str, String)> {
    let fields = &record.fields;
    let serves = &fields.serves;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let ways: Vec<&str> = fields
        .communication
        .iter()
        .map(|way| way.as_str())
        .collect();
    let expires = fields.expires.map(|day| match record.is_expired(today) {
        true => format!("{day}, which is over"),
        false => day.to_string(),
    });
    let revocation = record.revocation.as_ref().map(|revocation| {
        format!(
            "announced {}, may take effect from {}: {}",
            revocation.announced, revocation.effective, revocation.because
        )
    });
    let id = |id: &u64| format!("record {id}");
    let mut lines: Vec<(&'static str, Option<String>)> = vec![
        ("description", text(&fields.description)),
        ("assignee", text(&fields.assignee)),
        ("contact", text(&fields.contact)),
        ("reference", text(&fields.reference)),
        ("speaks to many", text(&ways.join(", "))),
        (
            "service code",
            fields.service_code.map(|code| format!("{code:#010x}")),
        ),
        ("why not dynamic", text(&fields.why_not_dynamic)),
        ("why not user", text(&fields.why_not_user)),
        ("valid on", Some(fields.scope.to_string())),
        ("ticket", text(&fields.ticket)),
        ("expires", expires),
        ("program", serves.program.clone()),
        ("user", serves.user.clone()),
        ("unit", serves.unit.clone()),
        ("container", serves.container.clone()),
        ("protocol", serves.protocol.clone()),
        ("product", serves.product.clone()),
        ("reuses", record.reuses.as_ref().map(id)),
        ("revocation", revocation),
    ];
    lines.extend(fields.notes.lines().map(|note| ("notes", text(note))));
    let reports = fields.unauthorized_use.lines();
    lines.extend(reports.map(|report| ("used without", text(report))));
    lines.push((
        "requested",
        Some(match record.requested_by.as_str() {
            "" => record.requested.to_string(),
            by => format!("{} by {by}", record.requested),
        }),
    ));
    lines.push(("assigned", record.assigned.map(|day| day.to_string())));
    let last = match record.because.as_str() {
        "" => record.modified.to_string(),
        because => format!("{}: {because}", record.modified),
    };
    lines.push(("last step", Some(last)));
    lines.push((
        "version",
        Some(record.version.to_string()).filter(|_| record.id != 0 && record.version != 0),
    ));
    let said = lines.into_iter();
    said.filter_map(|(label, text)| Some((label, text?)))
        .collect()
}
