//! `docs/protocols.md`: what is known, and all that is ever sent first. The page is held against
//! the table; `PORTOLAN_WRITE=1 cargo test -p portolan-probe catalogue` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use portolan_probe::{Packet, Protocol, Safety, Speaker, protocols};

const HEAD: &str = "\
# Protocols

What Portolan can prove, and what it sends first to find out. `portolan identify` asks what is expected first: the
protocol of the program that holds the port on this machine, then that of the service the port is registered for, then
HTTP and TLS, then the others. It stops at proof. A protocol that begins with the server's greeting costs no packet; a
row \"drawn by\" another is recognised in the answer to that one's packet and asked itself only then, or where expected.

*Safety*: `polite` rows are sent by default, `full` ones only with `--safety full`, since they can wake a control system,
occupy a debugger or leave state behind. With `--safety passive` nothing is sent. What is sent to ports 9100 to 9107 is
printed, so they are only listened to unless `--safety full` is given.

This page is made from the table in the program; a test compares the two.

";

#[test]
fn the_page_of_protocols_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocols.md");
    let page = page();
    if std::env::var_os("PORTOLAN_WRITE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/protocols.md is not what the table says; write it with: PORTOLAN_WRITE=1 cargo test -p portolan-probe catalogue"
    );
}

#[test]
fn names_are_unique_and_what_draws_them_exists() {
    let mut names: Vec<&str> = protocols().map(|p| p.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for protocol in protocols() {
        assert!(protocol.stream.is_some() || protocol.datagram.is_some());
        for by in protocol.stream.map_or(&[][..], |s| s.drawn_by) {
            assert!(names.contains(by), "{} is drawn by {by}", protocol.name);
        }
    }
}

fn page() -> String {
    let mut rows: Vec<&Protocol> = protocols().collect();
    rows.sort_by_key(|p| p.name);
    let mut page = HEAD.to_owned();
    let over = |wanted: fn(&Protocol) -> bool| rows.iter().filter(|p| wanted(p)).count();
    let (tcp, udp) = (over(|p| p.stream.is_some()), over(|p| p.datagram.is_some()));
    writeln!(
        page,
        "{} protocols: {tcp} over TCP, {udp} over UDP.\n\n\
         | Protocol | Over | Sent first | Safety | Inside TLS |\n|---|---|---|---|---|",
        rows.len()
    )
    .unwrap();
    for protocol in rows {
        let safety = match protocol.safety {
            Safety::Full => "full",
            _ => "polite",
        };
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        if let Some(stream) = &protocol.stream {
            let sent = match (stream.first, stream.speaker) {
                (Some(first), _) => named(&[first(target)]),
                (None, Speaker::Server) => "nothing: the server greets".to_owned(),
                (None, Speaker::Client) => "a ClientHello".to_owned(),
            };
            let drawn = match stream.drawn_by {
                [] => String::new(),
                by => format!("; drawn by {}", by.join(", ")),
            };
            let inside = match (stream.in_tls, stream.upgrade.is_some()) {
                (true, true) => "yes, STARTTLS",
                (true, false) => "yes",
                (false, true) => "STARTTLS",
                (false, false) => "",
            };
            let name = protocol.name;
            writeln!(
                page,
                "| {name} | TCP | {sent}{drawn} | {safety} | {inside} |"
            )
            .unwrap();
        }
        if let Some(datagram) = &protocol.datagram {
            let sent = named(&(datagram.first)(target));
            writeln!(page, "| {} | UDP | {sent} | {safety} | |", protocol.name).unwrap();
        }
    }
    page
}

fn named(packets: &[Packet]) -> String {
    let names: Vec<String> = packets
        .iter()
        .map(|p| format!("`{}`, {} bytes", p.name.replace('|', "\\|"), p.bytes.len()))
        .collect();
    names.join("; ")
}
