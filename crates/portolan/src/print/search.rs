//! What a search found, as text.

use portolan_ports::site::{Scope, Status};
use portolan_survey::search::{Answer, Found};

use super::{Columns, Output, Tone, one_line};

/// One line for each answer, best first. What a fact says of a port stands where a row has its
/// description, with the sort of fact in brackets.
pub(crate) fn text(found: &Found<'_>, output: &Output) -> String {
    let mut columns = Columns::new(["PORT", "SERVICE NAME", "DESCRIPTION"]);
    for answer in &found.answers {
        columns.push(match answer {
            Answer::Row(row) => [
                (row.place().to_string(), Tone::Strong),
                match row.service_name() {
                    "" => ("-".to_owned(), Tone::Plain),
                    name => (one_line(name), Tone::Plain),
                },
                (one_line(row.description()), Tone::Plain),
            ],
            Answer::Site(record, transport) => {
                let fields = &record.fields;
                let place = match (fields.ports, transport) {
                    (Some(ports), Some(transport)) => format!("{ports}/{transport}"),
                    (Some(ports), None) => ports.to_string(),
                    (None, Some(transport)) => format!("no port/{transport}"),
                    (None, None) => "no port".to_owned(),
                };
                let status = match record.status {
                    Status::Assigned => String::new(),
                    status => format!(", {}", status.as_str()),
                };
                let name = match fields.service_name.as_str() {
                    "" => "-",
                    name => name,
                };
                let scope = match &fields.scope {
                    Scope::All => String::new(),
                    scope => format!(", {scope} alone"),
                };
                let said = match fields.description.as_str() {
                    "" => String::new(),
                    said => format!("{said} "),
                };
                let record = format!("{said}[this site, {}{scope}]", record.citation());
                [
                    (place, Tone::Strong),
                    (one_line(&format!("{name} (site{status})")), Tone::Plain),
                    (one_line(&record), Tone::Plain),
                ]
            }
            Answer::Fact(fact) => {
                let kind = format!("({})", fact.kind.as_str().replace('_', " "));
                [
                    (fact.ports.to_string(), Tone::Strong),
                    (kind, Tone::Faint),
                    (one_line(fact.text), Tone::Plain),
                ]
            }
        });
    }
    if found.answers.is_empty() {
        return String::new();
    }
    let mut text = columns.text(0, output);
    if found.total > found.answers.len() {
        let left = found.total - found.answers.len();
        text.push_str(&format!(
            "... and {left} more of {}; --most 0 shows all\n",
            found.total
        ));
    }
    text
}
