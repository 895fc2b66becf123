//! Records as rows of IANA's forms, and back.

use std::io::Write as _;

use portolan_ports::site::Record;
use portolan_ports::site::file::{Taken, read, rows, sorted};
use portolan_registry::export::{Extract, csv, xml};
use portolan_registry::{Builder, Registry};
use proptest::prelude::*;

use super::{WHOLE, of, records, told};

/// The records as a registry.
fn registry(records: &[Record]) -> Registry {
    let mut builder = Builder::default();
    for (_, row) in rows(records) {
        builder.push(&row.view()).unwrap();
    }
    Registry::open(builder.finish(None).unwrap()).unwrap()
}

fn taken(registry: &Registry) -> Vec<Record> {
    let mut taken = Taken::new(None);
    for (at, row) in (1..).zip(registry.rows()) {
        taken.take(&row, at).unwrap();
    }
    taken.records().unwrap()
}

fn csv_text(registry: &Registry) -> String {
    let mut text = Vec::new();
    csv::write(&Extract::whole(registry), &mut text).unwrap();
    text.flush().unwrap();
    String::from_utf8(text).unwrap()
}

fn xml_text(registry: &Registry) -> Vec<u8> {
    let mut text = Vec::new();
    xml::write(&Extract::whole(registry), &mut text).unwrap();
    text
}

#[test]
fn a_row_says_what_its_columns_have_no_room_for_in_its_notes() {
    let records = of(WHOLE).whole().unwrap();
    insta::assert_snapshot!(csv_text(&registry(&records)).replace("\r\n", "\n"), @r#"
    Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes
    ,8443,tcp,Reserved,[Team Billing],,2020-01-01,2020-01-01,,,,"De-registered 2020-01-01, previously billing-old."
    billing-api,8443,tcp,Invoices over HTTPS,[Team Billing],[billing@example.org],2026-11-22,2026-11-23,[https://wiki.example.org/billing],,a printer on db1,"First line.
    Second ""line"".
    Communication: multicast.
    Why not Dynamic: clients find it by its number.
    Scope: group:web.
    Ticket: OPS-17.
    Expires: 2027-12-31.
    Program: /usr/bin/billing.
    User: billing.
    Unit: billing.service.
    Container: billing.
    Protocol: http.
    Product: nginx.
    Requested: 2026-11-20.
    Requested by: anna.
    Because: agreed.
    Revocation announced: 2026-11-24.
    Revocation effective: 2026-12-22.
    Revocation because: the team is gone.
    Reuses: billing-old."
    billing-api,8443,udp,Invoices over HTTPS,[Team Billing],[billing@example.org],2026-11-22,2026-11-23,[https://wiki.example.org/billing],,a printer on db1,"First line.
    Second ""line"".
    Communication: multicast.
    Why not Dynamic: clients find it by its number.
    Scope: group:web.
    Ticket: OPS-17.
    Expires: 2027-12-31.
    Program: /usr/bin/billing.
    User: billing.
    Unit: billing.service.
    Container: billing.
    Protocol: http.
    Product: nginx.
    Requested: 2026-11-20.
    Requested by: anna.
    Because: agreed.
    Revocation announced: 2026-11-24.
    Revocation effective: 2026-12-22.
    Revocation because: the team is gone.
    Reuses: billing-old."
    ,9000-9009,,Unassigned,,,,2026-01-01,,,,Requested: 2026-01-01.
    media,30001,sctp,,,,2026-01-01,2026-01-01,,,,Scope: host:db1.
    media,30001,dccp,,,,2026-01-01,2026-01-01,,1145656131,,Scope: host:db1.
    name-alone,,,,[Team Names],,2026-01-01,2026-01-01,,,,
    "#);
}

#[test]
fn a_row_that_is_no_record_is_refused_with_its_reason() {
    let header = csv_text(&registry(&[])).trim_end().to_owned();
    let refusal = |row: &str| {
        let text = format!("{header}\r\n{row}\r\n");
        let registry = Registry::read(text.as_bytes()).unwrap();
        let mut taken = Taken::new(None);
        registry.rows().find_map(|row| taken.take(&row, 2).err())
    };
    for (row, said) in [
        ("a,1,tcp,,,,2026-01-01,,,,,", None),
        (
            "a,1,tcp,,,,,,,,,",
            Some(
                "it has no date: neither a registration date nor a line \"Requested: 2026-11-22.\" in its notes",
            ),
        ),
        (
            "a,1,tcp,,,,2026-01,,,,,",
            Some("its registration date is \"2026-01\"; write a day as 2026-11-22"),
        ),
        (
            ",1,tcp,Free,,,2026-01-01,,,,,",
            Some("it has no service name, and says neither Reserved nor Unassigned"),
        ),
        (
            ",,,Reserved,,,2026-01-01,,,,,",
            Some("it has neither a service name nor a port"),
        ),
        (
            "a_b,1,tcp,,,,2026-01-01,,,,,",
            Some(
                "its service name is none: holds a character other than letters, digits and hyphens (RFC 6335 section 5.1)",
            ),
        ),
        (
            "a,1,dccp,,,,2026-01-01,,,DISC,,",
            Some("its \"Service Code\" says \"DISC\", which is none"),
        ),
        (
            "a,1,tcp,,,,2026-01-01,,,,,Scope: web.",
            Some("its \"Scope\" says \"web\", which is none"),
        ),
        (
            "a,1,tcp,,,,2026-01-01,,,,,Status: gone.",
            Some("its \"Status\" says \"gone\", which is none"),
        ),
        (
            "a,1,tcp,,,,2026-01-01,,,,,Revocation announced: 2026-01-01.",
            Some("its notes have half a revocation; it is announced and effective"),
        ),
    ] {
        assert_eq!(refusal(row).as_deref(), said, "{row}");
    }
}

proptest! {
    #[test]
    fn rows_come_back_as_the_same_records(records in records()) {
        let registry = registry(&records);
        let expected = told(&sorted(&records));
        let direct = taken(&registry);
        prop_assert_eq!(&told(&Vec::from_iter(&direct)), &expected);
        if registry.is_empty() {
            return Ok(());
        }
        let csv = csv_text(&registry);
        let of_csv = Registry::read(csv.as_bytes()).unwrap();
        prop_assert_eq!(&told(&Vec::from_iter(&taken(&of_csv))), &expected);
        prop_assert_eq!(csv_text(&of_csv), csv);
        let xml = xml_text(&registry);
        let of_xml = Registry::read(xml.as_slice()).unwrap();
        prop_assert_eq!(&told(&Vec::from_iter(&taken(&of_xml))), &expected);
        prop_assert_eq!(xml_text(&of_xml), xml);
    }

    #[test]
    fn any_rows_are_records_or_refused(
        cells in prop::collection::vec("(Reserved|[a-z]{1,5}|2026-01-01|Scope: [a-z:]{1,8}\\.|)", 12)
    ) {
        let mut text = csv_text(&registry(&[]));
        text.push_str(&cells.join(","));
        text.push('\n');
        if let Ok(registry) = Registry::read(text.as_bytes()) {
            let mut taken = Taken::new(None);
            for row in registry.rows() {
                if let Err(why) = taken.take(&row, 2) {
                    prop_assert!(!why.contains('\n'), "{}", why);
                }
            }
            let records = taken.records().unwrap_or_default();
            let written = portolan_ports::site::file::write(&records);
            prop_assert!(read("FILE", written.as_bytes()).is_ok());
        }
    }
}
