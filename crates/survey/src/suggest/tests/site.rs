//! What the site registry says of ports.

use jiff::civil::date;
use portolan_ports::site::{Fields, Here, Record, Scope, Status};

use super::*;
use crate::site::SiteRegistry;
use crate::suggest::holders::{Held, Holders};

fn record(id: u64, name: &str, ports: &str, status: Status) -> Record {
    Record {
        id,
        file: None,
        version: 1,
        status,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(range(ports)),
            transports: vec![Transport::Tcp, Transport::Udp],
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: date(2026, 11, 1),
        assigned: None,
        modified: date(2026, 11, 1),
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn of(records: &[Record]) -> SiteRegistry {
    let here = Here {
        host: "web1".to_owned(),
        groups: vec!["web".to_owned()],
    };
    SiteRegistry::of(records.to_vec(), here)
}

/// What is said of a port by the site registry: side, reason and source.
fn told(records: &[Record], port: Port, kind: Kind) -> Vec<String> {
    let site = of(records);
    let sources = Sources::embedded().with_site(Some(&site));
    let criteria = criteria();
    let reasons = Paper::new(&sources, &criteria).reasons(port);
    let own = reasons.into_iter().filter(|reason| reason.kind == kind);
    own.map(|reason| format!("{:?}: {reason}", reason.side))
        .collect()
}

#[test]
fn what_a_record_holds_is_against_a_port_and_what_it_let_go_of_is_not() {
    for (status, said) in [
        (
            Status::Requested,
            "Against: requested for billing-api by ada [site registry, record 12]",
        ),
        (
            Status::Questioned,
            "Against: requested for billing-api by ada, of whom more is asked [site registry, record 12]",
        ),
        (
            Status::Assigned,
            "Against: assigned to billing-api [site registry, record 12]",
        ),
        (
            Status::Reserved,
            "Against: reserved, last for billing-api [site registry, record 12]",
        ),
        (Status::Declined, ""),
        (Status::Withdrawn, ""),
        (Status::Unassigned, ""),
    ] {
        let held = record(12, "billing-api", "20000", status);
        assert_eq!(told(&[held], 20_000, Kind::Site).concat(), said);
    }
    let mut held = record(12, "", "20000-20009", Status::Reserved);
    held.fields.transports.clear();
    assert_eq!(
        told(&[held], 20_009, Kind::Site),
        ["Against: reserved [site registry, record 12]"]
    );
}

#[test]
fn where_and_how_long_it_is_held_is_told() {
    let mut held = record(3, "dns-cache", "20000", Status::Assigned);
    held.fields.description = "Names".to_owned();
    held.fields.transports = vec![Transport::Sctp];
    held.fields.scope = Scope::Group("web".to_owned());
    held.fields.expires = Some(date(2027, 1, 31));
    assert_eq!(
        told(&[held], 20_000, Kind::Site),
        [
            "Against: assigned to dns-cache: Names (on sctp, for group:web, until 2027-01-31) [site registry, record 3]"
        ]
    );
}

#[test]
fn what_other_hosts_have_is_told_aside() {
    let on = |id, scope: &str| {
        let mut held = record(id, "a", "20000", Status::Assigned);
        held.fields.scope = scope.parse().unwrap();
        held
    };
    let aside = "Aside: a record of other hosts holds it there [site registry]";
    assert_eq!(told(&[on(1, "host:db1")], 20_000, Kind::Site), [aside]);
    assert_eq!(
        told(&[on(1, "host:db1"), on(2, "group:db")], 20_000, Kind::Site),
        ["Aside: 2 records of other hosts hold it there [site registry]"]
    );
    assert_eq!(
        told(&[on(1, "host:db1"), on(2, "host:WEB1")], 20_000, Kind::Site),
        [
            "Against: assigned to a (for host:WEB1) [site registry, record 2]",
            aside
        ]
    );
}

#[test]
fn a_request_for_all_hosts_is_held_against_every_host_and_one_for_a_host_only_against_its_own() {
    let on = |id, port: &str, scope: &str| {
        let mut held = record(id, "a", port, Status::Assigned);
        held.fields.scope = scope.parse().unwrap();
        held
    };
    let records = [
        on(1, "20000", "host:db1"),
        on(2, "20010", "group:db"),
        on(3, "20020", "all"),
    ];
    let held = |scope: &str| {
        let held = Held::new(records.to_vec(), scope.parse().unwrap());
        let holders = Holders::Everywhere(Box::new(held));
        let port = |port| (holders.holder(port).is_some(), holders.elsewhere(port));
        [port(20_000), port(20_010), port(20_020), port(20_030)]
    };
    let (against, elsewhere, free) = ((true, 0), (false, 1), (false, 0));
    assert_eq!(held("all"), [against, against, against, free]);
    assert_eq!(held("host:db1"), [against, against, against, free]);
    assert_eq!(held("host:web1"), [elsewhere, against, against, free]);
    assert_eq!(held("group:web"), [against, against, against, free]);
}

#[test]
fn a_held_neighbour_is_a_claim() {
    let records = [record(5, "billing-api", "20001", Status::Requested)];
    assert_eq!(
        told(&records, 20_000, Kind::NeighbourSite),
        ["Against: beside 20001, requested for billing-api by ada [site registry, record 5]"]
    );
    assert_eq!(told(&records, 20_003, Kind::NeighbourSite), [""; 0]);
    let (sources, criteria) = (Sources::embedded(), criteria());
    let mut paper = Paper::new(&sources, &criteria);
    let held = Held::new(records.to_vec(), Scope::All);
    paper.holders = Holders::Everywhere(Box::new(held));
    let said = paper.reasons(20_003);
    for text in [
        "no record of the site registry holds it [site registry]",
        "beside it, 20002 and 20004 are held by no record [site registry]",
    ] {
        assert!(said.iter().any(|r| r.to_string() == text), "{said:#?}");
    }
}

#[test]
fn a_use_that_was_reported_is_told_and_is_against_the_port() {
    let mut remark = record(7, "", "20000", Status::Unassigned);
    remark.fields.unauthorized_use = "2026-11-02: a game server".to_owned();
    assert_eq!(
        told(&[remark], 20_000, Kind::UnauthorizedUse),
        [
            "Against: used without an assignment, as was reported: 2026-11-02: a game server [site registry, record 7]"
        ]
    );
}

#[test]
fn without_a_site_registry_and_with_an_empty_one_nothing_is_said_of_one() {
    let (sources, criteria) = (Sources::embedded(), criteria());
    let paper = Paper::new(&sources, &criteria);
    let empty = of(&[]);
    let with = sources.with_site(Some(&empty));
    let with = Paper::new(&with, &criteria);
    for port in [1024, 8443, 20_000, 48_000] {
        let said = paper.reasons(port);
        assert!(said.iter().all(|reason| {
            !matches!(reason.kind, Kind::Site | Kind::NeighbourSite)
                && !reason.source.contains("site registry")
        }));
        assert_eq!(with.reasons(port), said);
        assert_eq!((paper.held(port), with.held(port)), (None, None));
    }
}

#[test]
fn no_port_that_a_record_holds_is_suggested_nor_one_beside_it_while_there_are_others() {
    let ports = range("20000-20999");
    let wish = wish("crowd", ports, 1000);
    let quiet = suggest(&Sources::embedded(), &criteria(), &wish);
    let quiet: Vec<Port> = quiet.suggestions.iter().map(|s| s.port).collect();
    assert!(quiet.len() > 200);
    // Every third one is given away.
    let given = |port: &Port| port.is_multiple_of(3);
    let records: Vec<Record> = quiet
        .iter()
        .copied()
        .filter(given)
        .zip(1_u64..)
        .map(|(port, id)| record(id, &format!("s{id}"), &port.to_string(), Status::Assigned))
        .collect();
    let site = of(&records);
    let sources = Sources::embedded().with_site(Some(&site));
    let suggested = suggest(&sources, &criteria(), &wish);
    let found: Vec<Port> = suggested.suggestions.iter().map(|s| s.port).collect();
    assert!(found.iter().all(|port| !given(port)), "{found:?}");
    let beside = |port: &Port| {
        records
            .iter()
            .any(|record| record.covers(port - 1) || record.covers(port + 1))
    };
    // Those beside a record come last, and say why they come at all.
    let first = found.iter().position(beside).unwrap();
    assert!(found[first..].iter().all(beside), "{found:?}");
    let told = &suggested.suggestions[first].because;
    assert!(told.iter().any(|reason| {
        reason.kind == Kind::NeighbourSite
            && reason.side == Side::Aside
            && reason.text.starts_with("beside ")
    }));
    let refusal = suggested.refused.unwrap().to_string();
    assert!(refusal.contains("held in the site registry"), "{refusal}");
    let checked = check(
        &sources,
        &criteria(),
        records[0].fields.ports.unwrap().first(),
    );
    assert_eq!(checked.ruling(), Ruling::Taken);
    assert_eq!(
        checked.headline().unwrap().source,
        "site registry, record 1"
    );
}

#[test]
fn a_request_is_judged_by_its_scope_and_its_own_record_is_in_nobodys_way() {
    let on = |id, scope: &str| {
        let mut held = record(id, "a", "20000", Status::Assigned);
        held.fields.scope = scope.parse().unwrap();
        held
    };
    let records = [on(4, "host:db1"), on(5, "host:db2"), on(6, "host:web1")];
    let site = of(&records);
    let sources = Sources::embedded().with_site(Some(&site));
    let conflicts = |scope: &str, own| {
        let fields = Fields {
            scope: scope.parse().unwrap(),
            ..records[0].fields.clone()
        };
        let found = crate::assign::conflicts(&sources, &fields, own);
        let by_site = found.iter().filter(|reason| reason.kind == Kind::Site);
        by_site
            .map(|reason| format!("{:?}: {reason}", reason.side))
            .collect::<Vec<_>>()
    };
    let elsewhere = |id, host: &str| {
        format!("Aside: record {id} (a) holds it for host:{host} [site registry, record {id}]")
    };
    assert_eq!(
        conflicts("host:db1", Some(4)),
        [elsewhere(5, "db2"), elsewhere(6, "web1")]
    );
    assert_eq!(
        conflicts("host:db2", None),
        [
            "Against: assigned to a (for host:db2) [site registry, record 5]".to_owned(),
            elsewhere(4, "db1"),
            elsewhere(6, "web1")
        ]
    );
    assert_eq!(conflicts("all", Some(4)).len(), 2);
}
