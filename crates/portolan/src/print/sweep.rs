//! The open ports of a host, as text and as one line.

use portolan_ports::Identification;
use portolan_probe::sweep::PortSet;
use portolan_registry::Transport;
use portolan_survey::sweep::{Found, Open, Way};

use super::judged::{answer, gap_lines, marked_verdict, owners, place};
use super::registry::grouped;
use super::{Columns, Output, Tone, neutral};
use crate::arguments::Sweep;

pub(crate) fn text(found: &Found<'_>, wanted: &Sweep, output: &Output) -> String {
    let mut text = output.paint(Tone::Strong, &summary(found, wanted));
    text.push('\n');
    if !found.open.is_empty() {
        text.push('\n');
        text.push_str(&if found.open.iter().any(|open| open.listed) {
            own(found, output)
        } else {
            foreign(found, output)
        });
    }
    let attention = |open: &&Open<'_>| open.judged.verdict.needs_attention();
    let mut head = Some("\nNeeds attention\n");
    for open in found.open.iter().filter(attention) {
        let verdict = &open.judged.verdict;
        let severe = verdict
            .findings
            .iter()
            .filter(|f| f.severity.needs_attention());
        let reasons = verdict
            .kind
            .needs_attention()
            .then_some(verdict.because.as_str())
            .into_iter()
            .chain(severe.map(|f| f.because.as_str()));
        text.push_str(head.take().unwrap_or_default());
        for reason in reasons {
            let at = place(&open.judged.listener);
            text.push_str(&format!("  {at}: {}\n", neutral(reason)));
        }
    }
    if let Some(swept) = &found.swept {
        for (ports, what) in [
            (&swept.silent, "said nothing in time"),
            (&swept.unreachable, "cannot be reached, by somebody's word"),
            (
                &swept.unasked,
                "were not asked, for lack of time or of descriptors",
            ),
        ] {
            text.push_str(&left(ports, what));
        }
    }
    if found.host.own {
        let own = found.open.iter();
        let own = own.filter_map(|open| open.judged.listener.owner_gap.as_ref());
        for line in gap_lines(own.chain(&found.gaps), output) {
            text.push_str(&format!("Not seen: {line}\n"));
        }
    }
    text
}

/// "127.0.0.1: 3 of 65,535 TCP ports are open, by this machine's list of listeners".
fn summary(found: &Found<'_>, wanted: &Sweep) -> String {
    let address = found.host.address.ip().to_string();
    let name = if found.host.name == address {
        address
    } else {
        format!("{} ({address})", found.host.name)
    };
    let [(_, tcp), ..] = found.counts();
    let by = match found.host.way {
        Way::SocketTable => ", by this machine's list of listeners",
        Way::Connect => "",
    };
    let are = if tcp == 1 { "is" } else { "are" };
    let ports = if found.asked == 1 { "port" } else { "ports" };
    let udp = if wanted.udp {
        let udp = found.open.len().saturating_sub(tcp);
        let asked = grouped(found.asked_udp);
        format!("; {} of {asked} UDP ports", grouped(udp))
    } else {
        String::new()
    };
    let took = found.swept.as_ref().map_or_else(String::new, |swept| {
        format!(", in {:.1} s", swept.elapsed.as_secs_f64())
    });
    neutral(&format!(
        "{name}: {} of {} TCP {ports} {are} open{udp}{by}{took}",
        grouped(tcp),
        grouped(found.asked),
    ))
    .into_owned()
}

fn own(found: &Found<'_>, output: &Output) -> String {
    let mut columns = Columns::new(["PORT", "ANSWERS", "REGISTERED", "VERDICT", "HELD BY"]);
    for open in &found.open {
        let [port, answer, registered, verdict] = cells(open);
        let holder = if open.listed {
            (owners(&open.judged.listener), Tone::Plain)
        } else {
            ("not on the list".to_owned(), Tone::Warning)
        };
        columns.push([port, answer, registered, verdict, holder]);
    }
    columns.text(0, output)
}

fn foreign(found: &Found<'_>, output: &Output) -> String {
    let mut columns = Columns::new(["PORT", "ANSWERS", "REGISTERED", "VERDICT"]);
    found.open.iter().for_each(|open| columns.push(cells(open)));
    columns.text(0, output)
}

fn cells(open: &Open<'_>) -> [super::Cell; 4] {
    let judged = &open.judged;
    [
        (place(&judged.listener), Tone::Strong),
        answer(judged),
        super::registered::judged(judged),
        marked_verdict(&judged.verdict),
    ]
}

/// The most characters of a list of ports.
const MOST_LIST: usize = 60;

/// "12 ports said nothing in time: 81,99-109".
fn left(ports: &PortSet, what: &str) -> String {
    let noun = match ports.len() {
        0 => return String::new(),
        1 => "1 port".to_owned(),
        n => format!("{} ports", grouped(n)),
    };
    let list = ports.to_string();
    let list = match list.char_indices().nth(MOST_LIST) {
        Some(_) => {
            let shown = list.get(..MOST_LIST).unwrap_or_default();
            let whole = shown.rsplit_once(',').map_or(shown, |(whole, _)| whole);
            format!("{whole},...")
        }
        None => list,
    };
    format!("{noun} {what}: {list}\n")
}

/// One line for a host: address, name, counts, then each open port, with tabs between. A port is
/// `PORT/TRANSPORT/PROTOCOL/PRODUCT/VERSION/VERDICT`, `-` where something is not known.
pub(crate) fn greppable(found: &Found<'_>) -> String {
    let counts: Vec<String> = found
        .counts()
        .into_iter()
        .map(|(state, count)| format!("{state}:{count}"))
        .collect();
    let mut fields = vec![
        found.host.address.ip().to_string(),
        part(&found.host.name),
        counts.join(" "),
    ];
    for open in &found.open {
        let seen = open.judged.identification.as_ref();
        let protocol = |i: &Identification| {
            let tls = if i.tls && i.protocol != "tls" {
                "tls+"
            } else {
                ""
            };
            format!("{tls}{}", i.protocol)
        };
        let texts = [
            seen.map(protocol),
            seen.and_then(|i| i.product.as_deref().map(str::to_owned)),
            seen.and_then(|i| i.version.clone()),
        ];
        let texts = texts.map(|text| text.map_or_else(|| "-".to_owned(), |text| part(&text)));
        let [protocol, product, version] = texts;
        let listener = &open.judged.listener;
        let transport = match listener.transport {
            Transport::Tcp => "tcp",
            other => other.as_str(),
        };
        fields.push(format!(
            "{}/{transport}/{protocol}/{product}/{version}/{}",
            listener.port,
            open.judged.verdict.kind.as_str()
        ));
    }
    fields.join("\t")
}

/// A text that holds neither what separates nor what steers: those stand as `%XX`, by bytes.
fn part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!'..=b'~' if !matches!(byte, b'/' | b'%') => part.push(char::from(byte)),
            _ => part.push_str(&format!("%{byte:02X}")),
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_is_written_out() {
        assert_eq!(
            part("2.4.57 (Debian)/é\t%"),
            "2.4.57%20(Debian)%2F%C3%A9%09%25"
        );
    }

    #[test]
    fn a_long_list_is_cut_between_ports() {
        let ports: PortSet = (1..200).map(|n| n * 3).collect();
        let line = left(&ports, "said nothing in time");
        assert!(line.starts_with("199 ports said nothing in time: 3,6,9,"));
        assert!(line.ends_with(",...\n") && line.len() < 110, "{line}");
        assert_eq!(left(&PortSet::default(), "x"), "");
        let one: PortSet = [81].into_iter().collect();
        assert_eq!(left(&one, "said nothing"), "1 port said nothing: 81\n");
    }
}
