//! A host's rules come before everything else.

use portolan_ports::policy::{Demand, Expected, Origin, Rule};
use portolan_ports::{Scope, Severity, VerdictKind};
use portolan_registry::PortRange;

use crate::scene::Scene;

fn rule(demand: Demand) -> Rule {
    Rule {
        name: "web".into(),
        ports: PortRange::single(4444),
        transport: None,
        demand,
        severity: Severity::Alert,
        origin: Origin {
            file: "portolan.toml".into(),
            line: 1,
            column: 1,
        },
    }
}

fn with(demand: Demand) -> Scene {
    let mut scene = Scene::new(4444, "nginx").proven("http", false, Some("nginx"));
    scene.policy.rules = vec![rule(demand)];
    scene
}

fn expect(expected: Expected) -> Scene {
    with(Demand::Listener(expected))
}

#[test]
fn a_rule_is_kept_broken_or_not_seen() {
    let program = |name: &str| Expected {
        program: Some(name.into()),
        ..Expected::default()
    };
    assert_eq!(
        expect(program("nginx")).said(),
        "expected: rule \"web\" expects this listener"
    );
    assert_eq!(
        expect(program("caddy")).said(),
        "violation: rule \"web\" is broken: its program is nginx, not caddy"
    );
    assert_eq!(
        with(Demand::Nothing).said(),
        "violation: rule \"web\" is broken: nothing may listen here"
    );

    let mut hidden = expect(program("nginx"));
    hidden.listener.owners.clear();
    assert_eq!(
        hidden.judge().kind,
        VerdictKind::Mismatch,
        "what was not seen is not expected"
    );

    let user = Expected {
        user: Some("www-data".into()),
        ..Expected::default()
    };
    assert_eq!(
        expect(user).judge().kind,
        VerdictKind::Mismatch,
        "an unread user is not seen"
    );

    let protocol = |name: &str| Expected {
        protocol: Some(name.into()),
        ..Expected::default()
    };
    assert_eq!(expect(protocol("http")).judge().kind, VerdictKind::Expected);
    assert_eq!(expect(protocol("ssh")).judge().kind, VerdictKind::Violation);
    let mut unasked = expect(protocol("http"));
    unasked.identification = None;
    assert_eq!(unasked.judge().kind, VerdictKind::Unknown);

    let mut wide = expect(Expected {
        scope: Some(Scope::Loopback),
        ..Expected::default()
    });
    assert_eq!(wide.judge().kind, VerdictKind::Expected);
    wide.listener.address = "0.0.0.0".parse().unwrap();
    assert_eq!(
        wide.said(),
        "violation: rule \"web\" is broken: its scope is any, wider than loopback"
    );
}

#[test]
fn one_broken_rule_outweighs_a_kept_one() {
    let mut scene = with(Demand::Listener(Expected::default()));
    assert_eq!(scene.judge().kind, VerdictKind::Expected);
    scene.policy.rules.push(rule(Demand::Nothing));
    assert_eq!(scene.judge().kind, VerdictKind::Violation);
}
