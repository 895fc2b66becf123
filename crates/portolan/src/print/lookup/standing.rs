//! What the registry makes of a port, transport by transport.

use portolan_registry::{
    Assignment, Column, Origin, Registry, Standing, State, Transport, mentioned_ports,
};
use portolan_survey::lookup::PortAnswer;

use super::{Detail, people, shortened};
use crate::print::{Columns, Output, Tone, one_line};

/// One paragraph for each set of transports that the registry says the same about.
pub(super) fn text(
    port: &PortAnswer<'_>,
    registry: &Registry,
    detail: Detail,
    output: &Output,
) -> String {
    let mut groups: Vec<(Vec<Transport>, &Standing<'_>)> = Vec::new();
    for (transport, standing) in &port.standings {
        match groups
            .iter_mut()
            .find(|(_, other)| says_the_same(other, standing))
        {
            Some((transports, _)) => transports.push(*transport),
            None => groups.push((vec![*transport], standing)),
        }
    }
    let mut columns = Columns::new(["", "", ""]);
    for (transports, standing) in groups {
        let names: Vec<&str> = transports.iter().map(|t| t.as_str()).collect();
        let tone = match standing.state {
            State::Assigned => Tone::Good,
            State::Unassigned => Tone::Plain,
            State::Reserved => Tone::Warning,
        };
        let mut label = (names.join(" "), Tone::Strong);
        let mut state = (standing.state.as_str().to_owned(), tone);
        let mut line = |said: (String, Tone)| {
            let nothing = || (String::new(), Tone::Plain);
            let label = std::mem::replace(&mut label, nothing());
            columns.push([label, std::mem::replace(&mut state, nothing()), said]);
        };
        let named: Vec<_> = standing
            .assignments
            .iter()
            .filter(|row| row.is_named())
            .collect();
        if named.is_empty() {
            line((one_line(&standing.because.to_string()), Tone::Plain));
        }
        for row in named {
            line((title_of(row), Tone::Plain));
            for said in details(row, registry, detail) {
                line((said, Tone::Faint));
            }
            for remark in remarks(row, port.port, detail.in_full) {
                line((remark, Tone::Warning));
            }
        }
        for row in standing.assignments.iter().filter(|row| !row.is_named()) {
            for remark in remarks(row, port.port, detail.in_full) {
                line((remark, Tone::Warning));
            }
        }
    }
    columns.text(2, output)
}

/// The same state, from rows that differ in nothing but the transport.
pub(super) fn says_the_same(a: &Standing<'_>, b: &Standing<'_>) -> bool {
    let alike = |(a, b): (&Assignment<'_>, &Assignment<'_>)| {
        a.ports == b.ports
            && Column::ALL
                .iter()
                .all(|column| a.cell(*column) == b.cell(*column))
    };
    let same_reason = !a.assignments.is_empty() || a.because == b.because;
    a.state == b.state
        && a.assignments.len() == b.assignments.len()
        && a.assignments.iter().zip(&b.assignments).all(alike)
        && same_reason
}

/// "krb524: KRB524, registry row 4444".
fn title_of(row: &Assignment<'_>) -> String {
    let ports = row.ports.map(|p| p.to_string()).unwrap_or_default();
    let alias = row
        .alias_of()
        .map(|name| format!(", legacy alias of {name} (RFC 6335 section 10.1)"))
        .unwrap_or_default();
    let description = match row.description() {
        "" => String::new(),
        said => format!(": {said}"),
    };
    one_line(&format!(
        "{}{description} [registry row {ports}]{alias}",
        row.service_name()
    ))
}

/// Who has it, since when, by which document; what the registry does not tell is left out.
pub(super) fn details(row: &Assignment<'_>, registry: &Registry, detail: Detail) -> Vec<String> {
    if row.origin == Origin::Newer {
        return vec!["from a newer source that tells names and descriptions alone".to_owned()];
    }
    let mut who = Vec::new();
    let mut add = |label: &str, column| {
        let text = row.cell(column);
        if text.is_empty() {
            return;
        }
        let text = match column {
            Column::Assignee | Column::Contact => people::called(text, registry, detail.mail),
            _ => text.into(),
        };
        who.push(format!("{label} {}", one_line(&text)));
    };
    add("assigned to", Column::Assignee);
    if row.cell(Column::Contact) != row.cell(Column::Assignee) {
        add("contact", Column::Contact);
    }
    add("registered", Column::RegistrationDate);
    add("modified", Column::ModificationDate);
    add("see", Column::Reference);
    add("service code", Column::ServiceCode);
    if who.is_empty() {
        Vec::new()
    } else {
        vec![who.join(", ")]
    }
}

/// IANA's note, and a report of use without an assignment. A report that names other ports of the
/// same block is said to be the block's.
fn remarks(row: &Assignment<'_>, port: u16, in_full: bool) -> Vec<String> {
    let mut remarks = Vec::new();
    let report = row.unauthorized_use();
    if !report.is_empty() {
        let named = mentioned_ports(report);
        let report = one_line(report);
        let is_block = row.ports.is_some_and(|ports| !ports.is_single());
        remarks.push(if named.iter().any(|ports| ports.contains(port)) {
            format!("reported to IANA as used without an assignment: {report}")
        } else if is_block && !named.is_empty() {
            let block = row.port_text();
            format!("note of the block {block}, not of this port: {report}")
        } else {
            format!("reported to IANA: {report}")
        });
    }
    if !row.notes().is_empty() {
        remarks.push(format!(
            "IANA's note: {}",
            shortened(&one_line(row.notes()), in_full)
        ));
    }
    remarks
}
