//! The site registry as a file: what is written is read back, as TOML and as rows of every form.

mod lint;
mod mistakes;
mod rows;

use jiff::civil::{Date, date};
use portolan_ports::site::file::{Reading, read, write};
use portolan_ports::site::{Communication, Fields, Record, Revocation, Scope, Serves, Status};
use portolan_registry::{PortRange, Transport};
use proptest::prelude::*;

const WHOLE: &str = r#"[[assignment]]
service-name = "billing-api"
port = 8443
transport = ["tcp", "udp"]
assignee = "Team Billing"
contact = "billing@example.org"
description = "Invoices over HTTPS"
reference = "https://wiki.example.org/billing"
communication = "multicast"
unauthorized-use = "a printer on db1"
notes = """
First line.
Second \"line\"."""
why-not-dynamic = "clients find it by its number"
scope = "group:web"
ticket = "OPS-17"
expires = 2027-12-31
program = "/usr/bin/billing"
user = "billing"
unit = "billing.service"
container = "billing"
protocol = "http"
product = "nginx"
registered = 2026-11-22
modified = 2026-11-23
requested = 2026-11-20
requested-by = "anna"
because = "agreed"
revocation-announced = 2026-11-24
revocation-effective = 2026-12-22
revocation-because = "the team is gone"
reuses = "billing-old"

[[assignment]]
service-name = "billing-old"
port = 8443
transport = "tcp"
status = "reserved"
assignee = "Team Billing"
registered = 2020-01-01

[[assignment]]
port = "9000-9009"
status = "unassigned"
requested = 2026-01-01

[[assignment]]
service-name = "media"
port = 30001
transport = ["sctp", "dccp"]
service-code = 1145656131
scope = "host:db1"
registered = 2026-01-01

[[assignment]]
service-name = "name-alone"
assignee = "Team Names"
registered = 2026-01-01
"#;

fn of(text: &str) -> Reading {
    read("FILE", text.as_bytes()).unwrap()
}

#[test]
fn every_key_is_read_and_written_back() {
    let records = of(WHOLE).whole().unwrap();
    assert_eq!(
        records[0],
        Record {
            id: 1,
            file: Some("FILE".into()),
            version: 0,
            status: Status::Assigned,
            fields: Fields {
                service_name: "billing-api".to_owned(),
                ports: Some(PortRange::single(8443)),
                transports: vec![Transport::Tcp, Transport::Udp],
                assignee: "Team Billing".to_owned(),
                contact: "billing@example.org".to_owned(),
                description: "Invoices over HTTPS".to_owned(),
                reference: "https://wiki.example.org/billing".to_owned(),
                communication: vec![Communication::Multicast],
                service_code: None,
                unauthorized_use: "a printer on db1".to_owned(),
                notes: "First line.\nSecond \"line\".".to_owned(),
                why_not_dynamic: "clients find it by its number".to_owned(),
                why_not_user: String::new(),
                scope: Scope::Group("web".to_owned()),
                ticket: "OPS-17".to_owned(),
                expires: Some(date(2027, 12, 31)),
                serves: Serves {
                    program: Some("/usr/bin/billing".to_owned()),
                    user: Some("billing".to_owned()),
                    unit: Some("billing.service".to_owned()),
                    container: Some("billing".to_owned()),
                    protocol: Some("http".to_owned()),
                    product: Some("nginx".to_owned()),
                },
            },
            requested_by: "anna".to_owned(),
            requested: date(2026, 11, 20),
            assigned: Some(date(2026, 11, 22)),
            modified: date(2026, 11, 23),
            because: "agreed".to_owned(),
            revocation: Some(Revocation {
                announced: date(2026, 11, 24),
                effective: date(2026, 12, 22),
                because: "the team is gone".to_owned(),
            }),
            reuses: Some(34),
        }
    );
    let lines: Vec<u64> = records.iter().map(|record| record.id).collect();
    assert_eq!(lines, [1, 34, 42, 47, 55]);
    let written = write(&records);
    let sorted = of(&written).whole().unwrap();
    // billing-old has fewer transports, so it comes first; nothing else moves.
    assert_eq!(sorted[1].reuses, Some(1));
    assert_eq!(write(&sorted), written);
    let block = |text: &str| {
        let mut blocks: Vec<String> = text.split("\n\n").map(|b| b.trim().to_owned()).collect();
        blocks.sort();
        blocks
    };
    assert_eq!(block(&written), block(WHOLE));
}

/// A text with everything that could break a form.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        "\"\"\"",
        "\\",
        "\\n",
        "\n",
        "\n\n",
        " \n  x",
        "[",
        "]",
        "[a][b]",
        "Scope: host:x.",
        "De-registered 2026-01-01, previously x.",
        "#",
        "'''",
        ",",
        ";",
        "\t",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{feff}",
        "\u{ffff}",
        "&amp;",
        "<x/>",
        "é",
        ".",
        ": ",
        "\r\n",
        "\0",
        "Notes: x.",
        "RFC6335",
        "an alias to \"x\"",
        "Team Billing",
        "https://a.example/b",
    ]);
    prop_oneof![
        3 => Just(String::new()),
        3 => "[a-z][a-z ]{0,12}[a-z]",
        2 => prop::collection::vec(odd, 1..5).prop_map(|parts| parts.concat()),
        1 => ".{0,20}",
    ]
    .prop_map(|text| {
        if text.trim().is_empty() {
            String::new()
        } else {
            text
        }
    })
}

fn name() -> impl Strategy<Value = String> {
    "[a-z]{1,6}(-[a-z0-9]{1,5})?"
}

fn day() -> impl Strategy<Value = Date> {
    (1970i16..2100, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        2 => Just(Scope::All),
        1 => "[a-zA-Z0-9_-]{1,8}(\\.[a-zA-Z0-9_-]{1,4}){0,2}".prop_map(Scope::Group),
        1 => "[a-zA-Z0-9_-]{1,8}(\\.[a-zA-Z0-9_-]{1,4}){0,2}".prop_map(Scope::Host),
    ]
}

fn optional() -> impl Strategy<Value = Option<String>> {
    text().prop_map(|text| Some(text).filter(|text| !text.is_empty()))
}

prop_compose! {
    fn fields()(
        (service_name, ports) in prop_oneof![
            4 => (name(), (1u16..=65535, 0u16..4).prop_map(|(first, more)| {
                PortRange::new(first, first.saturating_add(more))
            })),
            1 => (name(), Just(None)),
            1 => (Just(String::new()), (1u16..=65535).prop_map(|p| Some(PortRange::single(p)))),
        ],
        transports in prop::sample::subsequence(Transport::ALL.to_vec(), 0..=4),
        communication in prop::sample::subsequence(Communication::ALL.to_vec(), 0..=3),
        texts in prop::array::uniform9(text()),
        service_code in prop::option::of(any::<u32>()),
        scope in scope(),
        expires in prop::option::of(day()),
        serves in prop::array::uniform6(optional()),
    ) -> Fields {
        let [assignee, contact, description, reference, unauthorized_use, notes,
            why_not_dynamic, why_not_user, ticket] = texts;
        let [program, user, unit, container, protocol, product] = serves;
        Fields {
            service_name, ports, transports, assignee, contact, description, reference,
            communication, service_code, unauthorized_use, notes, why_not_dynamic, why_not_user,
            scope, ticket, expires,
            serves: Serves { program, user, unit, container, protocol, product },
        }
    }
}

prop_compose! {
    fn record()(
        fields in fields(),
        status in prop::sample::select(Status::ALL.to_vec()),
        requested_by in text(),
        because in text(),
        requested in day(),
        assigned in prop::option::of(day()),
        modified in day(),
        revocation in prop::option::of((day(), day(), text())),
    ) -> Record {
        Record {
            id: 0, file: None, version: 0, status, fields, requested_by, requested, assigned, modified, because,
            revocation: revocation.map(|(announced, effective, because)| {
                Revocation { announced, effective, because }
            }),
            reuses: None,
        }
    }
}

/// Records as a registry could have them: no two that hold are the same, and some reuse another.
pub(crate) fn records() -> impl Strategy<Value = Vec<Record>> {
    let drawn = prop::collection::vec((record(), any::<prop::sample::Index>(), 0u8..4), 0..8);
    drawn.prop_map(|drawn| {
        let mut records: Vec<Record> = Vec::new();
        for (id, (mut record, other, reuse)) in (1..).zip(drawn) {
            record.id = id;
            // A name of its own, so that a reuse means one record alone.
            if !record.fields.service_name.is_empty() {
                record.fields.service_name = format!("{}{id}", record.fields.service_name);
            } else {
                record.fields.ports = Some(PortRange::single(id as u16 * 7));
            }
            if reuse == 0 && !records.is_empty() {
                let old = &records[other.index(records.len())];
                if !record.fields.service_name.is_empty() {
                    // The number of one that is reused may be the new one's by now.
                    record.fields.ports = record.fields.ports.or(old.fields.ports);
                    record.reuses = Some(old.id);
                }
            }
            records.push(record);
        }
        records
    })
}

/// The same without what a file has no room for: numbers become places in `order`.
pub(crate) fn told(records: &[&Record]) -> Vec<Record> {
    let place = |id: u64| records.iter().position(|record| record.id == id);
    let without = |record: &&Record| Record {
        id: 0,
        file: None,
        reuses: record.reuses.map(|id| place(id).unwrap() as u64),
        ..(*record).clone()
    };
    records.iter().map(without).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_and_written_the_same(records in records()) {
        let text = write(&records);
        let read = read("FILE", text.as_bytes()).unwrap().whole().unwrap();
        let sorted = portolan_ports::site::file::sorted(&records);
        prop_assert_eq!(told(&sorted), told(&Vec::from_iter(&read)));
        prop_assert_eq!(write(&read), text);
    }

    #[test]
    fn the_order_in_which_records_come_does_not_matter(records in records()) {
        let turned: Vec<Record> = records.iter().rev().cloned().collect();
        prop_assert_eq!(write(&turned), write(&records));
    }

    #[test]
    fn any_bytes_are_records_or_mistakes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(mistake) = read("FILE", &bytes) {
            prop_assert_eq!(mistake.to_string().lines().count(), 1);
        }
    }

    #[test]
    fn any_keys_with_any_values_are_records_or_mistakes_with_a_place(
        lines in prop::collection::vec(
            (
                prop::sample::select(portolan_ports::site::file::KEYS.to_vec()),
                prop::sample::select(vec![
                    "1", "-1", "70000", "0x1F90", "1.5", "true", "[]", "[1]", "{}", "\"\"", "\"x\"",
                    "\"tcp\"", "[\"tcp\", \"tcp\"]", "2026-11-22", "2026-11-22T10:00:00Z",
                    "\"9-1\"", "\"all\"", "99999999999999999999",
                ]),
            ),
            0..12,
        )
    ) {
        let mut text = "[[assignment]]\n".to_owned();
        for (key, value) in lines {
            text.push_str(&format!("{key} = {value}\n"));
        }
        match read("FILE", text.as_bytes()) {
            Ok(reading) => {
                prop_assert_eq!(reading.records.is_empty(), !reading.mistakes.is_empty());
                for mistake in reading.mistakes {
                    prop_assert!(mistake.origin.line > 0 && mistake.origin.column > 0);
                    prop_assert_eq!(mistake.to_string().lines().count(), 1);
                }
            }
            Err(mistake) => prop_assert_eq!(mistake.to_string().lines().count(), 1),
        }
    }
}
