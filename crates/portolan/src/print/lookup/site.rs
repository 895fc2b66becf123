//! What the site registry says of a port or a name, as records.

use portolan_ports::site::{Communication, Record, Scope, Serves, Status};
use portolan_survey::lookup::{Answer, PortAnswer};

use super::{Detail, shortened};
use crate::print::{Columns, Output, Tone, one_line};

/// So many remarks on a record are told in the short form.
const MOST_NOTES: usize = 4;

/// A paragraph for each record that speaks of the port, and how many do so on other hosts; nothing
/// where the site registry has none.
pub(super) fn text(
    port: &PortAnswer<'_>,
    elsewhere: u64,
    detail: Detail,
    output: &Output,
) -> String {
    if port.site.is_empty() && elsewhere == 0 {
        return String::new();
    }
    let mut columns = Columns::new(["", "", ""]);
    for record in &port.site {
        push(&mut columns, record, &transports(record), detail);
    }
    let title = output.paint(Tone::Strong, "This site's registry");
    let mut text = format!("\n{title}\n{}", columns.text(2, output));
    text.push_str(&on_others(elsewhere, &port.port.to_string(), 2, output));
    text
}

/// The records of a name that no port of this host tells of: without a port, or on other hosts.
pub(super) fn named(answer: &Answer<'_>, detail: Detail, output: &Output) -> Option<String> {
    let mut columns = Columns::new(["", "", ""]);
    for record in &answer.site {
        push(&mut columns, record, &record.place(), detail);
    }
    let title = output.paint(
        Tone::Strong,
        "This site's registry: without a port, or for other hosts alone",
    );
    let some = !answer.site.is_empty();
    some.then(|| format!("{title}\n{}", columns.text(2, output)))
}

/// How many records hold `ports` on other hosts alone, and how to see them; empty for none.
pub(super) fn on_others(elsewhere: u64, ports: &str, indent: usize, output: &Output) -> String {
    let records = match elsewhere {
        0 => return String::new(),
        1 => "1 record".to_owned(),
        n => format!("{n} records"),
    };
    let said =
        format!("{records} of this site for other hosts alone: portolan registry list {ports}");
    let mut columns = Columns::new([""]);
    columns.push([(said, Tone::Plain)]);
    columns.text(indent, output)
}

/// Whose the number is by the site, in one clause; what else is said of it follows below.
pub(super) fn whose(record: &Record) -> String {
    let fields = &record.fields;
    let cited = record.citation();
    let scope = on(&fields.scope);
    match record.status {
        Status::Assigned => {
            let since = record.assigned.map(|day| format!(", since {day}"));
            let since = since.unwrap_or_default();
            let name = &fields.service_name;
            let holder = match fields.assignee.as_str() {
                "" => name.clone(),
                assignee => format!("{name} ({assignee})"),
            };
            format!("assigned by this site to {holder}, {cited}{since}, {scope}")
        }
        Status::Reserved => {
            let was = match fields.service_name.as_str() {
                "" => String::new(),
                name => format!(" (was {name})"),
            };
            format!("held back by this site, {cited}{was}, {scope}")
        }
        Status::Requested | Status::Questioned => {
            let name = match fields.service_name.as_str() {
                "" => String::new(),
                name => format!(" for {name}"),
            };
            format!("requested of this site{name}, {cited}, {}", waits(record))
        }
        Status::Unassigned | Status::Declined | Status::Withdrawn => {
            format!("{} by this site, {cited}", record.status.as_str())
        }
    }
}

/// "requested by ada on 2026-03-02, not yet reviewed".
fn waits(record: &Record) -> String {
    let by = match record.requested_by.as_str() {
        "" => String::new(),
        who => format!("by {who} "),
    };
    let state = match record.status {
        Status::Questioned => "the reviewer has asked for more",
        _ => "not yet reviewed",
    };
    format!("{by}on {}, {state}", record.requested)
}

fn on(scope: &Scope) -> String {
    match scope {
        Scope::All => "on all hosts".to_owned(),
        Scope::Group(name) => format!("on the hosts of group {name}"),
        Scope::Host(name) => format!("on host {name}"),
    }
}

fn transports(record: &Record) -> String {
    let own = &record.fields.transports;
    let names: Vec<&str> = own.iter().map(|t| t.as_str()).collect();
    match names.is_empty() {
        true => "all".to_owned(),
        false => names.join(" "),
    }
}

fn push(columns: &mut Columns<3>, record: &Record, place: &str, detail: Detail) {
    let tone = match record.status {
        Status::Assigned => Tone::Good,
        Status::Unassigned | Status::Declined | Status::Withdrawn => Tone::Plain,
        Status::Reserved | Status::Requested | Status::Questioned => Tone::Warning,
    };
    let mut place = (one_line(place), Tone::Strong);
    let mut state = (record.status.as_str().to_owned(), tone);
    for (said, tone) in lines(record, detail) {
        let nothing = || (String::new(), Tone::Plain);
        let place = std::mem::replace(&mut place, nothing());
        let state = std::mem::replace(&mut state, nothing());
        columns.push([place, state, (one_line(&said), tone)]);
    }
}

/// What a record says, line by line.
fn lines(record: &Record, detail: Detail) -> Vec<(String, Tone)> {
    let mut lines = vec![(title(record), Tone::Plain)];
    lines.extend(who(record, detail).map(|said| (said, Tone::Faint)));
    if detail.in_full {
        lines.extend(in_full(record).into_iter().map(|said| (said, Tone::Faint)));
    }
    lines.extend(known_as(&record.fields.serves).map(|said| (said, Tone::Plain)));
    lines.extend(warnings(record, detail).map(|said| (said, Tone::Warning)));
    lines.extend(notes(record, detail).map(|said| (said, Tone::Plain)));
    lines
}

/// The remarks on it, each a line; of many the last ones, for new ones are added at the end.
fn notes(record: &Record, detail: Detail) -> impl Iterator<Item = String> {
    let notes = record.fields.notes.lines().map(str::trim);
    let notes: Vec<&str> = notes.filter(|note| !note.is_empty()).collect();
    let left_out = match detail.in_full {
        true => 0,
        false => notes.len().saturating_sub(MOST_NOTES),
    };
    let earlier = match left_out {
        0 => None,
        1 => Some("1 earlier note (portolan show has all of it)".to_owned()),
        n => Some(format!("{n} earlier notes (portolan show has all of them)")),
    };
    let told = notes.into_iter().skip(left_out);
    let told = told.map(move |note| {
        let note = shortened(&one_line(note), detail.in_full);
        format!("note: {note}")
    });
    earlier.into_iter().chain(told)
}

/// "billing-api: Invoices [record 12]".
fn title(record: &Record) -> String {
    let fields = &record.fields;
    let cited = record.citation();
    let (name, description) = (&fields.service_name, &fields.description);
    let said = match (name.is_empty(), description.is_empty()) {
        (false, false) => format!("{name}: {description}"),
        (false, true) => name.clone(),
        (true, false) => description.clone(),
        (true, true) if record.status == Status::Unassigned => "a remark on the number".to_owned(),
        (true, true) => "no service name".to_owned(),
    };
    let was = match record.status {
        Status::Reserved if record.assigned.is_some() => "was ",
        _ => "",
    };
    format!("{was}{said} [{cited}]")
}

/// Who has it, since when and until when, where it is talked about.
fn who(record: &Record, detail: Detail) -> impl Iterator<Item = String> {
    let fields = &record.fields;
    let mut said = Vec::new();
    let mut add = |label: &str, text: &str| {
        if !text.is_empty() {
            said.push(format!("{label} {text}"));
        }
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
    match record.status {
        Status::Assigned => {
            add("assigned to", &fields.assignee);
            add("since", &day(record.assigned));
        }
        Status::Reserved => {
            // A report of use is a step too, so that this is no "since".
            let because = match record.because.as_str() {
                "" => String::new(),
                because => format!(": {because}"),
            };
            let step = format!("the last step on {}{because}", record.modified);
            add("held back,", &step);
        }
        Status::Requested | Status::Questioned => {
            add("requested", &waits(record));
            add("for", &fields.assignee);
        }
        Status::Unassigned | Status::Declined | Status::Withdrawn => {}
    }
    add("valid", &on(&fields.scope));
    add("contact", &fields.contact);
    add("ticket", &fields.ticket);
    if let Some(last) = fields.expires
        && !record.is_expired(detail.today)
    {
        add("expires", &last.to_string());
    }
    Some(said.join(", ")).into_iter()
}

/// The fields that the short form leaves out.
fn in_full(record: &Record) -> Vec<String> {
    let fields = &record.fields;
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str| {
        if !text.is_empty() {
            lines.push(format!("{label} {text}"));
        }
    };
    if !record.status.is_pending() {
        let by = match record.requested_by.as_str() {
            "" => String::new(),
            who => format!("by {who} "),
        };
        let (asked, modified) = (record.requested, record.modified);
        add("requested", &format!("{by}on {asked}, modified {modified}"));
        if record.status == Status::Reserved {
            let since = record.assigned.map(|day| format!(" on {day}"));
            let since = since.unwrap_or_default();
            add("was assigned to", &format!("{}{since}", fields.assignee));
        } else {
            add("last reason:", &record.because);
        }
    }
    add("see", &fields.reference);
    let speaks: Vec<&str> = fields
        .communication
        .iter()
        .map(|c| Communication::as_str(*c))
        .collect();
    add("speaks by", &speaks.join(", "));
    let code = fields.service_code.map(|code| code.to_string());
    add("service code", &code.unwrap_or_default());
    add("no Dynamic port because", &fields.why_not_dynamic);
    add("no User port because", &fields.why_not_user);
    let reuses = record.reuses.map(|id| record.cite(id).to_string());
    add("reuses the number of", &reuses.unwrap_or_default());
    lines
}

/// How the service is known on a host; nothing where that was not said.
fn known_as(serves: &Serves) -> Option<String> {
    let said = [
        ("program", &serves.program),
        ("user", &serves.user),
        ("unit", &serves.unit),
        ("container", &serves.container),
        ("protocol", &serves.protocol),
        ("product", &serves.product),
    ];
    let words: Vec<String> = said
        .into_iter()
        .filter_map(|(label, text)| Some(format!("{label} {}", text.as_deref()?)))
        .collect();
    (!words.is_empty()).then(|| format!("known on a host by {}", words.join(", ")))
}

/// What does not go on as it is: an end that has come or is announced, and use by others.
fn warnings(record: &Record, detail: Detail) -> impl Iterator<Item = String> {
    let fields = &record.fields;
    let expired = fields.expires.filter(|_| record.is_expired(detail.today));
    let expired = expired.map(|last| format!("expired: {last} was its last day"));
    let revocation = record.revocation.as_ref().map(|revocation| {
        let (announced, effective) = (revocation.announced, revocation.effective);
        let because = match revocation.because.as_str() {
            "" => String::new(),
            because => format!(": {because}"),
        };
        format!("revocation announced on {announced}, not before {effective}{because}")
    });
    let reports = fields.unauthorized_use.lines();
    let reports = reports
        .filter(|report| !report.trim().is_empty())
        .map(|report| format!("reported to this site as used without an assignment: {report}"));
    let asked = record.status == Status::Questioned && !record.because.is_empty();
    let asked = asked.then(|| format!("the reviewer asks: {}", record.because));
    let ends = expired.into_iter().chain(revocation);
    ends.chain(asked).chain(reports)
}
