//! Writing the TOML form: the same records give the same bytes, in an order that keeps a change small.

use std::collections::HashMap;
use std::fmt::Display;

use super::{kin, note};
use crate::site::{Record, Scope, Status};

/// The records in the file's order: by port, transport and name, names without a port last; without
/// those that have neither name nor port, which hold nothing.
#[must_use]
pub fn sorted(records: &[Record]) -> Vec<&Record> {
    let mut sorted: Vec<&Record> = records.iter().filter(|record| kin::says(record)).collect();
    sorted.sort_by_cached_key(|record| {
        let fields = &record.fields;
        let ports = fields.ports.map(|ports| (ports.first(), ports.last()));
        (
            (ports.is_none(), ports, fields.transports.clone()),
            fields.service_name.to_ascii_lowercase(),
            fields.scope.clone(),
            (record.status, record.requested, record.id),
        )
    });
    sorted
}

/// The records as a TOML file.
///
/// Shape: no comments; a key whose value follows from the others, or that says nothing, is left
///        out. Numbers and versions of records are not in it.
#[must_use]
pub fn write(records: &[Record]) -> String {
    let by_id: HashMap<u64, &Record> = records.iter().map(|record| (record.id, record)).collect();
    let mut text = String::new();
    for record in sorted(records) {
        if !text.is_empty() {
            text.push('\n');
        }
        let reused = record.reuses.and_then(|id| by_id.get(&id).copied());
        let reused = reused.filter(|reused| kin::says(reused));
        put(record, reused, &mut text);
    }
    text
}

fn put(record: &Record, reused: Option<&Record>, to: &mut String) {
    let fields = &record.fields;
    let serves = &fields.serves;
    let mut page = Page(to);
    page.0.push_str("[[assignment]]\n");
    page.text("service-name", &fields.service_name);
    match fields.ports {
        Some(ports) if ports.is_single() => page.plain("port", Some(ports)),
        Some(ports) => page.text("port", &ports.to_string()),
        None => {}
    }
    page.words(
        "transport",
        fields.transports.iter().map(|transport| transport.as_str()),
    );
    if record.status != Status::Assigned {
        page.text("status", record.status.as_str());
    }
    page.text("assignee", &fields.assignee);
    page.text("contact", &fields.contact);
    page.text("description", &fields.description);
    page.text("reference", &fields.reference);
    let ways = fields.communication.iter().map(|way| way.as_str());
    page.words("communication", ways);
    page.plain("service-code", fields.service_code);
    page.text("unauthorized-use", &fields.unauthorized_use);
    page.text("notes", &fields.notes);
    page.text("why-not-dynamic", &fields.why_not_dynamic);
    page.text("why-not-user", &fields.why_not_user);
    if fields.scope != Scope::All {
        page.text("scope", &fields.scope.to_string());
    }
    page.text("ticket", &fields.ticket);
    page.plain("expires", fields.expires);
    for (key, value) in [
        ("program", &serves.program),
        ("user", &serves.user),
        ("unit", &serves.unit),
        ("container", &serves.container),
        ("protocol", &serves.protocol),
        ("product", &serves.product),
    ] {
        page.text(key, value.as_deref().unwrap_or_default());
    }
    let requested = Some(record.requested).filter(|day| record.assigned != Some(*day));
    let changed = record.assigned.unwrap_or(record.requested);
    page.plain("registered", record.assigned);
    page.plain(
        "modified",
        Some(record.modified).filter(|day| *day != changed),
    );
    page.plain("requested", requested);
    page.text("requested-by", &record.requested_by);
    page.text("because", &record.because);
    if let Some(revocation) = &record.revocation {
        page.plain("revocation-announced", Some(revocation.announced));
        page.plain("revocation-effective", Some(revocation.effective));
        page.text("revocation-because", &revocation.because);
    }
    page.text("reuses", &reused.map(kin::called).unwrap_or_default());
}

struct Page<'t>(&'t mut String);

impl Page<'_> {
    fn plain(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.0.push_str(&format!("{key} = {value}\n"));
        }
    }

    fn words(&mut self, key: &str, words: impl ExactSizeIterator<Item = &'static str>) {
        let quoted: Vec<String> = words.map(|word| format!("{word:?}")).collect();
        match quoted.as_slice() {
            [] => {}
            [one] => self.plain(key, Some(one)),
            several => self.plain(key, Some(format!("[{}]", several.join(", ")))),
        }
    }

    /// A text; over several lines where it has some, so that a change shows line by line. A text of
    /// white space alone says nothing.
    fn text(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        self.0.push_str(key);
        self.0.push_str(" = ");
        let quotes = if text.contains('\n') { "\"\"\"" } else { "\"" };
        self.0.push_str(quotes);
        if text.contains('\n') {
            // The first line feed is not part of the text (TOML 1.0, "String").
            self.0.push('\n');
        }
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push('\n'),
                '\t' => self.0.push_str("\\t"),
                '\r' => self.0.push_str("\\r"),
                // What turns text around or cannot be seen does not hide in a review either.
                c if note::is_odd(c) => {
                    self.0.push_str(&format!("\\U{:08X}", u32::from(c)));
                }
                c => self.0.push(c),
            }
        }
        self.0.push_str(quotes);
        self.0.push('\n');
    }
}
