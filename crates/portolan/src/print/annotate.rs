//! Another tool's scan result, annotated, as text.

use portolan_ports::knowledge::{Fact, FactKind};
use portolan_survey::annotate::{Annotated, ScanResult};

use super::registry::grouped;
use super::{Columns, Output, Tone, neutral, one_line, registered};

/// A table for each host, then what to look at.
pub(crate) fn text(result: &ScanResult, annotated: &[Annotated<'_>], output: &Output) -> String {
    let mut hosts: Vec<&str> = annotated.iter().map(|a| a.claim.host.as_str()).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let head = format!(
        "{}: {}, {}; {} not open. Services, products and versions are the other tool's words, and prove nothing.",
        result.form,
        count(annotated.len(), "open port", "open ports"),
        count(hosts.len(), "host", "hosts"),
        grouped(result.not_open),
    );
    let mut text = output.paint(Tone::Strong, &head);
    text.push('\n');
    // In the order of the file; a host's ports may stand apart in it.
    let mut groups: Vec<(&str, Vec<&Annotated<'_>>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for one in annotated {
        let host = one.claim.host.as_str();
        let place = *places.entry(host).or_insert_with(|| {
            groups.push((host, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, ports)) = groups.get_mut(place) {
            ports.push(one);
        }
    }
    for (host, ports) in groups {
        let name = ports.iter().find_map(|one| one.claim.name.as_deref());
        let name = name.map_or_else(String::new, |name| format!(" ({})", one_line(name)));
        text.push_str(&format!(
            "\n{}\n",
            output.paint(Tone::Strong, &format!("{}{name}", one_line(host)))
        ));
        text.push_str(&table(&ports, output));
        for one in ports {
            for what in &one.look_at {
                let (port, transport) = (one.claim.port, one.claim.transport);
                text.push_str(&format!("  {port}/{transport}: {}\n", neutral(what)));
            }
        }
    }
    text
}

fn table(ports: &[&Annotated<'_>], output: &Output) -> String {
    let mut columns = Columns::new(["PORT", "CLAIMED", "REGISTERED", "KNOWN USES"]);
    for one in ports {
        let (port, transport) = (one.claim.port, one.claim.transport);
        let uses: Vec<String> = one
            .expectation
            .facts
            .iter()
            .filter(|fact| fact.is_use() || fact.kind == FactKind::Malware)
            .map(known)
            .collect();
        columns.push([
            (format!("{port}/{transport}"), Tone::Strong),
            claimed(one),
            registered::expected(&one.expectation),
            (uses.join("; "), Tone::Faint),
        ]);
    }
    columns.text(2, output)
}

fn known(fact: &Fact<'_>) -> String {
    let unsure = if fact.verified { "" } else { " (not verified)" };
    format!("{}{unsure}", one_line(fact.text.trim_end_matches('.')))
}

/// The other tool's words, and whether it took them from the port's number.
fn claimed(one: &Annotated<'_>) -> (String, Tone) {
    let claim = &one.claim;
    let mut words: Vec<String> = Vec::new();
    if let Some(service) = &claim.service {
        let tls = if claim.tls { " inside TLS" } else { "" };
        words.push(format!("{}{tls}", one_line(service)));
    }
    let product: Vec<String> = [&claim.product, &claim.version]
        .into_iter()
        .flatten()
        .map(|text| one_line(text))
        .collect();
    if !product.is_empty() {
        words.push(format!("({})", product.join(" ")));
    }
    if claim.by_number && claim.service.is_some() {
        words.push("[by number]".to_owned());
    }
    if words.is_empty() {
        return ("open".to_owned(), Tone::Faint);
    }
    (words.join(" "), Tone::Plain)
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}
