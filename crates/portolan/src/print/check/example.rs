//! Checks for the tests of what CI systems read.

use portolan_ports::policy::Origin;
use portolan_ports::site::Citation;
use portolan_ports::{Gap, Listener, Owner, Severity, Unseen, Why};
use portolan_registry::{PortRange, Transport};
use portolan_survey::Sources;
use portolan_survey::check::since::Earlier;
use portolan_survey::check::{Basis, Check, SITE_REGISTRY, UnseenRule, Violation, ViolationKind};
use portolan_survey::document::{CheckDocument, to_json};

/// What a program or a rule may be called by whoever means ill.
pub(super) const HOSTILE: &str =
    "a\"b'<script>&amp;]]>\u{1b}[2J\u{0}\u{202e}{0}[x](http://evil.example)\u{fffe}\nnew";

pub(super) fn origin(line: u32) -> Origin {
    Origin {
        file: "/srv/web 1/portolan.toml".to_owned(),
        line,
        column: 1,
    }
}

pub(super) fn listener(at: &str, program: &str) -> Listener {
    let mut listener = Listener::new(Transport::Tcp, at.parse().unwrap());
    listener.owners.push(Owner {
        pid: 4242,
        program: program.to_owned(),
        ..Owner::default()
    });
    listener
}

pub(super) fn violation(
    kind: ViolationKind,
    rule: &str,
    severity: Severity,
    listener: Option<Listener>,
    because: &str,
) -> Violation {
    let port = listener.as_ref().map_or(5432, |listener| listener.port);
    Violation {
        kind,
        rule: rule.to_owned(),
        origin: origin(7).into(),
        severity,
        ports: PortRange::single(port),
        transport: Some(Transport::Tcp),
        listener,
        because: because.to_owned(),
    }
}

/// One of everything: kept, missing, denied, differing and not judged, two of one name, unlisted.
pub(super) fn everything() -> Check {
    let range = PortRange::new(8000, 8010).unwrap();
    let rules = ["ssh", "database", "no-telnet", "web", HOSTILE, "cache"];
    let rules = rules.into_iter().zip(1..);
    Check {
        host: "web1".to_owned(),
        rules: rules
            .map(|(name, line)| (name.to_owned(), origin(line)))
            .collect(),
        assignments: None,
        undecided: Vec::new(),
        listeners: 9,
        violations: vec![
            violation(
                ViolationKind::Denied,
                "no-telnet",
                Severity::Alert,
                Some(listener("0.0.0.0:23", "telnetd")),
                "nothing may listen here",
            ),
            violation(
                ViolationKind::Missing,
                "database",
                Severity::Alert,
                None,
                "nothing listens on 5432/tcp",
            ),
            violation(
                ViolationKind::Differs,
                "web",
                Severity::Warning,
                Some(listener("[::]:443", HOSTILE)),
                &format!("its program is {HOSTILE}, not nginx"),
            ),
            violation(
                ViolationKind::Differs,
                "web",
                Severity::Warning,
                Some(listener("127.0.0.1:443", "caddy")),
                "its program is caddy, not nginx",
            ),
            violation(
                ViolationKind::Unlisted,
                "allow-unlisted",
                Severity::Note,
                Some(listener("0.0.0.0:4444", "nc")),
                "no rule of the policy speaks of it",
            ),
            violation(
                ViolationKind::Unlisted,
                "allow-unlisted",
                Severity::Note,
                Some(listener("0.0.0.0:4444", "nc")),
                "no rule of the policy speaks of it",
            ),
        ],
        unseen: vec![
            UnseenRule {
                rule: "cache".to_owned(),
                origin: origin(9).into(),
                ports: PortRange::single(6379),
                transport: Some(Transport::Tcp),
                listener: Some(Listener::new(
                    Transport::Tcp,
                    "127.0.0.1:6379".parse().unwrap(),
                )),
                because: "its program is hidden (permission)".to_owned(),
            },
            UnseenRule {
                rule: "web".to_owned(),
                origin: origin(4).into(),
                ports: range,
                transport: None,
                listener: None,
                because: "listeners could not be read".to_owned(),
            },
            UnseenRule {
                rule: "allow-unlisted".to_owned(),
                origin: origin(1).into(),
                ports: PortRange::ALL,
                transport: None,
                listener: None,
                because: "some listeners could not be listed (permission)".to_owned(),
            },
        ],
        gaps: vec![Gap {
            what: Unseen::Containers,
            why: Why::Permission,
            detail: format!("/run/{HOSTILE}.sock"),
        }],
    }
}

/// A check of a machine in order.
pub(super) fn clean() -> Check {
    Check {
        violations: Vec::new(),
        unseen: Vec::new(),
        gaps: Vec::new(),
        ..everything()
    }
}

/// What a check's document is to the next run, a day later.
pub(super) fn earlier(check: &Check) -> Earlier {
    let sources = Sources::embedded();
    let document = CheckDocument::new(check, &[], &sources, "2026-11-20T21:00:00Z");
    Earlier::read(to_json(&document, false).unwrap().as_bytes()).unwrap()
}

/// The same where the site registry is a file.
pub(super) fn drifting_from_a_file() -> Check {
    let written = |origin: &mut Basis| {
        if let Some(line) = origin.record() {
            let file = "/srv/web 1/site.toml".into();
            *origin = Basis::Site(Some(Citation::Line { file, line }));
        }
    };
    let mut check = drifting();
    for violation in &mut check.violations {
        written(&mut violation.origin);
    }
    for unseen in &mut check.unseen {
        written(&mut unseen.origin);
    }
    check
}

/// A machine with a site registry and no policy: one listener drifts, one could not be judged, one
/// number is idle.
pub(super) fn drifting() -> Check {
    let because = "the site registry assigns 8443/tcp to billing-api, but its program is nginx";
    let drift = Violation {
        origin: Basis::Site(Some(Citation::Record(12))),
        ..violation(
            ViolationKind::SiteDrift,
            SITE_REGISTRY,
            Severity::Warning,
            Some(listener("0.0.0.0:8443", "nginx")),
            because,
        )
    };
    let idle = Violation {
        origin: Basis::Site(Some(Citation::Record(14))),
        ..violation(
            ViolationKind::SiteDrift,
            SITE_REGISTRY,
            Severity::Note,
            None,
            "it is assigned to this host for backup, and nothing listens",
        )
    };
    let hidden = Listener::new(Transport::Tcp, "127.0.0.1:9000".parse().unwrap());
    Check {
        rules: Vec::new(),
        assignments: Some(3),
        listeners: 2,
        violations: vec![drift, idle],
        unseen: vec![UnseenRule {
            rule: SITE_REGISTRY.to_owned(),
            origin: Basis::Site(Some(Citation::Record(13))),
            ports: PortRange::single(9000),
            transport: Some(Transport::Tcp),
            listener: Some(hidden),
            because: "it is assigned to metrics, and its program is hidden".to_owned(),
        }],
        ..clean()
    }
}
