//! Verdicts and findings by the site registry: whole sentences.

mod validity;

use jiff::civil::{Date, date};
use portolan_ports::policy::{Demand, Expected, Origin, Rule, Unlisted};
use portolan_ports::site::{Fields, Record, Revocation, Scope, Serves, Status};
use portolan_ports::{
    Container, Gap, Namespace, Owner, Severity, Surroundings, Unit, Unseen, Verdict, VerdictKind,
    Why,
};
use portolan_registry::{PortRange, Transport};

use crate::scene::Scene;

/// 2026-11-22, noon.
const NOW: i64 = 1_795_348_800;

pub(crate) fn record(id: u64, name: &str, port: u16) -> Record {
    Record {
        id,
        file: None,
        version: 1,
        status: Status::Assigned,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            assignee: "Payments".to_owned(),
            contact: "payments@example.net".to_owned(),
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

/// The same, known by what is said.
fn known_by(record: Record, serves: Serves) -> Record {
    Record {
        fields: Fields {
            serves,
            ..record.fields
        },
        ..record
    }
}

fn program(name: &str) -> Serves {
    Serves {
        program: Some(name.to_owned()),
        ..Serves::default()
    }
}

fn protocol(name: &str) -> Serves {
    Serves {
        protocol: Some(name.to_owned()),
        ..Serves::default()
    }
}

fn judge(scene: Scene, records: &[Record]) -> Verdict {
    let surroundings = Surroundings {
        now: Some(NOW),
        ..Surroundings::default()
    };
    let site = records.to_vec();
    Scene { site, ..scene }.judge_in(&surroundings)
}

/// The verdict, then the drift, a line each.
fn said(scene: Scene, records: &[Record]) -> String {
    let verdict = judge(scene, records);
    let mut lines = vec![format!(
        "{}: {} {:?}",
        verdict.kind.as_str(),
        verdict.because,
        verdict.sources
    )];
    for finding in verdict.findings {
        if finding.kind.as_str() == "site_drift" {
            lines.push(format!(
                "{}: {} [{}]",
                finding.severity.as_str(),
                finding.because,
                finding.source.unwrap()
            ));
        }
    }
    lines.join("\n")
}

/// A port that IANA assigns to krb524, with a program.
fn on_4444(program: &str) -> Scene {
    Scene::new(4444, program)
}

#[test]
fn what_the_record_says_and_what_was_seen_agree() {
    let billing = known_by(record(12, "billing-api", 4444), program("billing-api"));
    assert_eq!(
        said(on_4444("billing-api"), &[billing]),
        r#"expected: the site registry assigns 4444/tcp to billing-api, and its program is billing-api ["site registry, record 12"]"#
    );
    let both = Serves {
        program: Some("nginx".to_owned()),
        protocol: Some("http".to_owned()),
        ..Serves::default()
    };
    let billing = known_by(record(12, "billing-api", 4444), both);
    assert_eq!(
        said(
            on_4444("nginx").proven("http", false, Some("nginx")),
            &[billing]
        ),
        r#"expected: the site registry assigns 4444/tcp to billing-api, and its program is nginx, its protocol is http ["site registry, record 12"]"#
    );
}

#[test]
fn a_name_is_enough_where_nothing_is_said() {
    let named = [record(12, "Billing-API", 4444)];
    assert_eq!(
        said(on_4444("billing-api"), &named),
        r#"expected: the site registry assigns 4444/tcp to Billing-API, and its program is billing-api ["site registry, record 12"]"#
    );
    let mut scene = on_4444("java");
    scene.listener.owners[0].unit = Some(Unit("billing-api@eu.service".to_owned()));
    assert_eq!(
        said(scene, &named),
        r#"expected: the site registry assigns 4444/tcp to Billing-API, and its unit is billing-api@eu.service ["site registry, record 12"]"#
    );
    let mut scene = on_4444("java");
    scene.listener.owners[0].container = Some(Container {
        runtime: "docker".to_owned(),
        id: "f".repeat(64),
        name: Some("billing-api".to_owned()),
        image: None,
    });
    assert_eq!(
        said(scene, &named),
        r#"expected: the site registry assigns 4444/tcp to Billing-API, and its container is docker billing-api ["site registry, record 12"]"#
    );
    assert_eq!(
        said(
            on_4444("x").proven("redis", false, None),
            &[record(3, "redis", 4444)]
        ),
        r#"expected: the site registry assigns 4444/tcp to redis, and redis answers ["site registry, record 3"]"#
    );
}

#[test]
fn a_name_says_nothing_of_other_programs_unless_its_form_is_known() {
    assert_eq!(
        said(
            on_4444("postgres").proven("postgresql", false, None),
            &[record(12, "billing-db", 4444)]
        ),
        r#"unknown: the site registry assigns 4444/tcp to billing-db, and nothing says by what it is known, so whether postgres is it stays open; to say it: portolan registry modify 12 --program NAME ["site registry, record 12"]"#
    );
    assert_eq!(
        said(
            on_4444("ssh-proxy").proven("http", false, None),
            &[record(12, "ssh", 4444)]
        ),
        "mismatch: the site registry assigns 4444/tcp to ssh, but ssh speaks ssh, and http answers [\"site registry, record 12\"]\n\
         warning: the site registry assigns 4444/tcp to ssh, but ssh speaks ssh, and http answers [site registry, record 12]"
    );
    assert_eq!(
        said(
            on_4444("ssh").proven("http", false, None),
            &[record(12, "ssh", 4444)]
        )
        .lines()
        .next()
        .unwrap(),
        r#"mismatch: the site registry assigns 4444/tcp to ssh, but ssh speaks ssh, and http answers ["site registry, record 12"]"#,
        "what answers outranks what a program is called"
    );
}

#[test]
fn another_program_is_drift_and_no_proof() {
    let billing = [known_by(
        record(12, "billing-api", 4444),
        program("billing-api"),
    )];
    assert_eq!(
        said(on_4444("nginx"), &billing),
        "unknown: the site registry assigns 4444/tcp to billing-api, but its program is nginx, not billing-api [\"site registry, record 12\"]\n\
         warning: the site registry assigns 4444/tcp to billing-api, but its program is nginx, not billing-api [site registry, record 12]"
    );
    // IANA assigns 22/tcp to ssh, and ssh is what answers: the site's word outranks that.
    let own = [known_by(
        record(12, "billing-api", 22),
        program("billing-api"),
    )];
    assert_eq!(
        said(Scene::new(22, "sshd").proven("ssh", false, None), &own),
        "unknown: the site registry assigns 22/tcp to billing-api, but its program is sshd, not billing-api [\"site registry, record 12\"]\n\
         warning: the site registry assigns 22/tcp to billing-api, but its program is sshd, not billing-api [site registry, record 12]"
    );
}

#[test]
fn another_protocol_is_a_mismatch_that_names_the_record() {
    let database = [known_by(
        record(7, "billing-db", 4444),
        protocol("postgresql"),
    )];
    assert_eq!(
        said(on_4444("redis").proven("redis", false, None), &database),
        "mismatch: the site registry assigns 4444/tcp to billing-db, but its protocol is redis, not postgresql [\"site registry, record 7\"]\n\
         warning: the site registry assigns 4444/tcp to billing-db, but its protocol is redis, not postgresql [site registry, record 7]"
    );
    assert_eq!(
        said(on_4444("postgres"), &database),
        r#"unknown: the site registry assigns 4444/tcp to billing-db, and its protocol is not proven: it takes connections and says nothing ["site registry, record 7"]"#
    );
}

#[test]
fn an_owner_that_is_hidden_is_not_called_another() {
    let billing = [known_by(
        record(12, "billing-api", 4444),
        program("billing-api"),
    )];
    let mut scene = on_4444("x");
    scene.listener.owners.clear();
    scene.listener.owner_gap = Some(Gap {
        what: Unseen::Owner,
        why: Why::Permission,
        detail: "3 processes do not show their descriptors".to_owned(),
    });
    let hidden = r#"unknown: the site registry assigns 4444/tcp to billing-api, and its program is hidden: 3 processes do not show their descriptors ["site registry, record 12"]"#;
    assert_eq!(said(scene.clone(), &billing), hidden);
    assert_eq!(said(scene, &[record(12, "billing-api", 4444)]), hidden);
}

#[test]
fn records_are_alternatives_and_the_narrower_comes_first() {
    let all = known_by(record(1, "billing-api", 4444), program("billing-api"));
    let mut group = known_by(record(2, "web-cache", 4444), program("varnishd"));
    group.fields.scope = Scope::Group("web".to_owned());
    let mut host = known_by(record(3, "metrics", 4444), program("metrics"));
    host.fields.scope = Scope::Host("web1".to_owned());
    let records = [all, group, host];
    assert_eq!(
        said(on_4444("billing-api"), &records),
        r#"expected: the site registry assigns 4444/tcp to billing-api, and its program is billing-api ["site registry, record 1"]"#
    );
    assert_eq!(
        said(on_4444("nginx"), &records).lines().next().unwrap(),
        r#"unknown: the site registry assigns 4444/tcp to metrics, but its program is nginx, not metrics ["site registry, record 3"]"#
    );
}

#[test]
fn the_policy_outranks_the_site_registry() {
    let rule = |program: &str| Rule {
        name: "web".to_owned(),
        ports: PortRange::single(4444),
        transport: None,
        demand: Demand::Listener(Expected {
            program: Some(program.to_owned()),
            ..Expected::default()
        }),
        severity: Severity::Alert,
        origin: Origin {
            file: "portolan.toml".to_owned(),
            line: 1,
            column: 1,
        },
    };
    let billing = [known_by(
        record(12, "billing-api", 4444),
        program("billing-api"),
    )];
    let mut scene = on_4444("nginx");
    scene.policy.rules = vec![rule("nginx")];
    assert_eq!(
        said(scene, &billing),
        "expected: rule \"web\" expects this listener [\"policy: web (portolan.toml:1)\"]\n\
         warning: the site registry assigns 4444/tcp to billing-api, but its program is nginx, not billing-api [site registry, record 12]"
    );
    let mut scene = on_4444("billing-api");
    scene.policy.rules = vec![rule("nginx")];
    assert_eq!(judge(scene, &billing).kind, VerdictKind::Violation);
}

#[test]
fn records_say_nothing_of_other_network_namespaces() {
    let mut scene = on_4444("nginx");
    scene.listener.namespace = Some(Namespace {
        name: Some("red".to_owned()),
        inode: 7,
    });
    let billing = known_by(record(12, "billing-api", 4444), program("billing-api"));
    assert_eq!(
        said(scene, &[billing]),
        "unknown: it takes connections and says nothing []"
    );
}

#[test]
fn a_path_may_lead_to_the_program_by_symbolic_links() {
    let mut scene = on_4444("python3.12");
    scene.listener.owners[0] = Owner {
        exe: Some("/usr/bin/python3.12".to_owned()),
        ..scene.listener.owners[0].clone()
    };
    scene.site = vec![known_by(
        record(12, "billing-api", 4444),
        program("/usr/bin/python3"),
    )];
    assert_eq!(
        scene.said(),
        "unknown: the site registry assigns 4444/tcp to billing-api, but its program is /usr/bin/python3.12, not /usr/bin/python3"
    );
    scene.links = vec![("/usr/bin/python3", "/usr/bin/python3.12")];
    assert_eq!(
        scene.said(),
        "expected: the site registry assigns 4444/tcp to billing-api, and its program is /usr/bin/python3"
    );
}

#[test]
fn what_a_server_speaks_is_asked_by_the_records_word_first() {
    let protocol_of = |record: Record| {
        let mut scene = Scene::new(5432, "x");
        scene.site = vec![record];
        scene.usual_protocol().map(str::to_owned)
    };
    assert_eq!(
        protocol_of(known_by(record(1, "a", 5432), protocol("redis"))).as_deref(),
        Some("redis")
    );
    assert_eq!(protocol_of(record(1, "ssh", 5432)).as_deref(), Some("ssh"));
    assert_eq!(
        protocol_of(record(1, "billing-api", 5432)).as_deref(),
        Some("postgresql")
    );
}

#[test]
fn a_record_of_a_file_is_named_by_its_line() {
    let written = |record| Record {
        file: Some("site.toml".into()),
        ..record
    };
    assert_eq!(
        said(on_4444("nginx"), &[written(record(12, "billing-db", 4444))]),
        r#"unknown: the site registry assigns 4444/tcp to billing-db, and nothing says by what it is known, so whether nginx is it stays open; to say it: program = "NAME" below site.toml:12 ["site registry, site.toml:12"]"#
    );
    let mut asked = written(record(5, "billing-api", 4444));
    asked.status = Status::Requested;
    let told = said(on_4444("nginx"), &[asked]);
    assert!(
        told.contains("note: site.toml:5 (billing-api) asks for 4444/tcp")
            && told.ends_with("[site registry, site.toml:5]"),
        "{told}"
    );
}

#[test]
fn what_the_site_assigns_and_matches_is_listed_unless_a_file_says_otherwise() {
    let billing = || known_by(record(12, "billing-api", 4444), program("billing-api"));
    let denied = |said, program: &str| {
        let mut scene = on_4444(program);
        scene.policy.unlisted = Unlisted::Denied {
            severity: Severity::Alert,
            said,
            origin: Origin {
                file: "portolan.toml".to_owned(),
                line: 3,
                column: 1,
            },
        };
        let verdict = judge(scene, &[billing()]);
        format!("{}: {}", verdict.kind.as_str(), verdict.because)
    };
    let assigns = "the site registry assigns 4444/tcp to billing-api";
    assert_eq!(
        denied(false, "billing-api"),
        format!("expected: {assigns}, and its program is billing-api")
    );
    let unlisted = "violation: no rule of the policy speaks of it";
    assert_eq!(
        denied(true, "billing-api"),
        format!("{unlisted}; {assigns}")
    );
    assert_eq!(
        denied(false, "impostor"),
        format!(
            "{unlisted} (allow-unlisted is false by default once something is expected); {assigns}"
        )
    );
}
