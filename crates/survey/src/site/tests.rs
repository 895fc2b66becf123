use jiff::civil::date;
use portolan_ports::site::{Fields, Here, Record, Scope, Status};
use portolan_registry::{PortRange, Transport};

use super::SiteRegistry;

fn record(id: u64, name: &str, ports: (u16, u16), scope: &str, status: Status) -> Record {
    let day = date(2026, 3, 4);
    Record {
        id,
        file: None,
        version: 1,
        status,
        fields: Fields {
            service_name: name.to_owned(),
            ports: PortRange::new(ports.0, ports.1),
            transports: vec![Transport::Tcp],
            scope: scope.parse().expect("a scope"),
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: day,
        assigned: Some(day),
        modified: day,
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn web1() -> Here {
    Here {
        host: "web1.example".to_owned(),
        groups: vec!["web".to_owned()],
    }
}

fn ids(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.id).collect()
}

fn some() -> SiteRegistry {
    let records = vec![
        record(7, "billing", (8443, 8443), "host:db1", Status::Assigned),
        record(2, "old-billing", (8443, 8443), "all", Status::Withdrawn),
        record(
            5,
            "Billing-API",
            (8443, 8450),
            "group:WEB",
            Status::Assigned,
        ),
        record(
            3,
            "billing-api",
            (8443, 8443),
            "host:web1",
            Status::Requested,
        ),
        record(9, "", (8000, 9000), "all", Status::Reserved),
        record(8, "nothing", (8443, 8443), "host:db2", Status::Declined),
        record(4, "db-wide", (8400, 8500), "host:db1", Status::Assigned),
    ];
    SiteRegistry::of(records, web1())
}

#[test]
fn records_of_this_host_are_found_by_port() {
    let site = some();
    assert_eq!(ids(site.covering(8443)), [3, 5, 9, 2]);
    assert_eq!(ids(site.covering(8450)), [5, 9]);
    assert_eq!(ids(site.covering(8000)), [9]);
    assert_eq!(ids(site.covering(9000)), [9]);
    assert_eq!(ids(site.covering(9001)), [0; 0]);
    assert_eq!(ids(site.covering(0)), [0; 0]);
    // The same again, from what was kept.
    assert_eq!(ids(site.covering(8443)), [3, 5, 9, 2]);
}

#[test]
fn records_of_other_hosts_are_counted_once() {
    let site = some();
    assert_eq!(site.elsewhere(PortRange::single(8443)), 2);
    assert_eq!(site.elsewhere(PortRange::single(8400)), 1);
    assert_eq!(site.elsewhere(PortRange::single(8501)), 0);
    let every = PortRange::new(0, u16::MAX).expect("a range");
    assert_eq!(site.elsewhere(every), 2);
}

#[test]
fn records_are_found_by_name_on_any_host() {
    let site = some();
    assert_eq!(ids(site.named("billingapi")), [3, 5]);
    assert_eq!(ids(site.named("BILLING")), [7]);
    assert_eq!(ids(site.named("")), [0; 0]);
    assert_eq!(ids(site.named("billin")), [0; 0]);
    assert_eq!(
        site.beside("billlng"),
        [
            "billing-api",
            "billing",
            "db-wide",
            "nothing",
            "old-billing"
        ]
    );
}

#[test]
fn every_record_is_told_by_number() {
    let site = some();
    assert_eq!(ids(site.records()), [2, 3, 4, 5, 7, 8, 9]);
    assert_eq!(site.gaps(), []);
    assert_eq!(site.here(), &web1());
    assert!(matches!(site.records()[0].fields.scope, Scope::All));
}
