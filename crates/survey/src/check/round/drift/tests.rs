//! What a check makes of a site registry, from snapshots that no test can bring about by itself.

use jiff::civil::date;
use portolan_inspect::Snapshot;
use portolan_ports::policy::Reader;
use portolan_ports::site::{Fields, Serves};
use portolan_ports::system::LocalRanges;
use portolan_ports::{Gap, Owner, Why};

use super::super::hold;
use super::*;
use crate::Sources;
use crate::check::Check;
use crate::survey::Asking;

/// 2026-11-22, noon.
const NOW: i64 = 1_795_348_800;

fn record(id: u64, name: &str, port: u16, scope: &str) -> Record {
    let serves = Serves {
        program: Some(name.to_owned()),
        ..Serves::default()
    };
    Record {
        id,
        file: None,
        version: 1,
        status: Status::Assigned,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            scope: scope.parse().unwrap(),
            serves,
            ..Fields::default()
        },
        requested_by: "ann".to_owned(),
        requested: date(2026, 1, 1),
        assigned: Some(date(2026, 1, 2)),
        modified: date(2026, 1, 2),
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn listener(at: &str, program: Option<&str>) -> Listener {
    let owner = |program: &str| Owner {
        pid: 7,
        program: program.to_owned(),
        ..Owner::default()
    };
    Listener {
        inode: 1,
        owners: program.map(owner).into_iter().collect(),
        owner_gap: program.is_none().then(|| Gap {
            what: Unseen::Owner,
            why: Why::Permission,
            detail: "others' processes are hidden".to_owned(),
        }),
        ..Listener::new(Transport::Tcp, at.parse().unwrap())
    }
}

fn snapshot(listeners: Vec<Listener>, gaps: Vec<Gap>) -> Snapshot {
    Snapshot {
        listeners,
        publications: Vec::new(),
        explanation: Vec::new(),
        gaps,
    }
}

fn check(policy: &str, records: Vec<Record>, seen: Snapshot) -> Check {
    let mut reader = Reader::new(&["http"], &[]);
    reader.file("FILE", policy.as_bytes()).unwrap();
    let policy = reader.policy();
    let here = Here {
        host: "web1".to_owned(),
        groups: vec!["web".to_owned()],
    };
    let site = SiteRegistry::of(records, here);
    let sources = Sources::embedded()
        .with_policy(&policy)
        .with_site(Some(&site));
    let asking = Asking {
        now: Some(NOW),
        ..Asking::passive("a test sends nothing")
    };
    let ranges = LocalRanges::default();
    let host = "web1".to_owned();
    hold(&sources, (seen, &ranges), host, &asking, &mut |_, _| ())
}

/// What drifts, then what could not be judged, a line each.
fn told(check: &Check) -> Vec<String> {
    let violations = check.violations.iter().map(|v| {
        let (kind, severity) = (v.kind.as_str(), v.severity.as_str());
        format!(
            "{severity} {kind} {} [{}]: {}",
            v.ports, v.origin, v.because
        )
    });
    let unseen = check.unseen.iter();
    let unseen = unseen.map(|u| format!("unseen {} [{}]: {}", u.ports, u.origin, u.because));
    violations.chain(unseen).collect()
}

#[test]
fn what_is_as_the_registry_has_it_is_clean() {
    let seen = snapshot(vec![listener("0.0.0.0:8443", Some("billing-api"))], vec![]);
    let records = vec![
        record(1, "billing-api", 8443, "all"),
        record(2, "elsewhere", 9000, "host:db1"),
        record(3, "not-needed", 9001, "group:web"),
    ];
    let check = check("", records, seen);
    assert!(check.is_clean(), "{:?}", told(&check));
    assert_eq!((check.assignments, check.listeners), (Some(2), 1));
}

#[test]
fn another_program_is_told_once_for_each_place_and_a_note_is_no_violation() {
    let seen = snapshot(
        vec![
            listener("0.0.0.0:8443", Some("nginx")),
            listener("0.0.0.0:8443", Some("nginx")),
            listener("127.0.0.1:9000", Some("metrics")),
        ],
        vec![],
    );
    let mut asked = record(2, "metrics", 9000, "all");
    asked.status = Status::Requested;
    let idle = record(3, "backup", 9002, "host:web1");
    let check = check(
        "",
        vec![record(1, "billing-api", 8443, "all"), asked, idle],
        seen,
    );
    assert_eq!(
        told(&check),
        [
            "warning site_drift 8443 [site registry, record 1]: the site registry assigns 8443/tcp to billing-api, but its program is nginx, not billing-api",
            "note site_drift 9002 [site registry, record 3]: it is assigned to this host for backup, and nothing listens",
        ]
    );
    assert!(check.is_violated());
}

#[test]
fn an_owner_that_is_hidden_leaves_its_record_open() {
    let seen = snapshot(vec![listener("0.0.0.0:8443", None)], vec![]);
    let check = check("", vec![record(1, "billing-api", 8443, "all")], seen);
    assert_eq!(
        told(&check),
        [
            "unseen 8443 [site registry, record 1]: it is assigned to billing-api, and its program is hidden: others' processes are hidden"
        ]
    );
    assert!(!check.is_violated() && !check.is_clean());
}

#[test]
fn listeners_that_could_not_be_listed_may_drift_and_are_not_called_absent() {
    let gap = Gap {
        what: Unseen::Listeners,
        why: Why::Permission,
        detail: "netlink is closed".to_owned(),
    };
    let check = check(
        "",
        vec![record(1, "billing-api", 8443, "host:web1")],
        snapshot(vec![], vec![gap]),
    );
    assert_eq!(
        told(&check),
        ["unseen 0-65535 [site registry]: some listeners could not be listed: netlink is closed"]
    );
}

#[test]
fn the_policy_and_the_registry_are_both_held_to() {
    let seen = snapshot(vec![listener("0.0.0.0:8443", Some("nginx"))], vec![]);
    let policy = "[[expect]]\nname = \"web\"\nport = 8443\nprogram = \"caddy\"\n";
    let check = check(policy, vec![record(1, "billing-api", 8443, "all")], seen);
    assert_eq!(
        told(&check),
        [
            "alert differs 8443 [FILE:1]: its program is nginx, not caddy",
            "warning site_drift 8443 [site registry, record 1]: the site registry assigns 8443/tcp to billing-api, but its program is nginx, not billing-api",
        ]
    );
}

#[test]
fn only_records_that_speak_of_the_wire_have_a_listener_asked() {
    let wire = |record: Record| {
        let site = SiteRegistry::of(vec![record], Here::default());
        let sources = Sources::embedded().with_site(Some(&site));
        speaks_of_the_wire(&sources.expectation(8443, Transport::Tcp))
    };
    let said = record(1, "billing-api", 8443, "all");
    assert!(!wire(said.clone()));
    let mut by_protocol = said.clone();
    by_protocol.fields.serves.protocol = Some("http".to_owned());
    assert!(wire(by_protocol));
    let mut by_name = said.clone();
    by_name.fields.serves = Serves::default();
    assert!(!wire(by_name.clone()));
    by_name.fields.service_name = "SSH".to_owned();
    assert!(wire(by_name.clone()));
    by_name.fields.transports = vec![Transport::Udp];
    assert!(!wire(by_name));
}

#[test]
fn a_record_of_a_file_is_told_with_its_line() {
    let seen = snapshot(
        vec![
            listener("0.0.0.0:8443", Some("nginx")),
            listener("127.0.0.1:9000", None),
        ],
        vec![],
    );
    let written = |id, name, port, scope| Record {
        file: Some("site.toml".into()),
        ..record(id, name, port, scope)
    };
    let records = vec![
        written(1, "billing-api", 8443, "all"),
        written(12, "metrics", 9000, "all"),
        written(20, "backup", 9002, "host:web1"),
    ];
    assert_eq!(
        told(&check("", records, seen)),
        [
            "warning site_drift 8443 [site registry, site.toml:1]: the site registry assigns 8443/tcp to billing-api, but its program is nginx, not billing-api",
            "note site_drift 9002 [site registry, site.toml:20]: it is assigned to this host for backup, and nothing listens",
            "unseen 9000 [site registry, site.toml:12]: it is assigned to metrics, and its program is hidden: others' processes are hidden",
        ]
    );
}
