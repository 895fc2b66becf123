//! The curated facts that the program carries.

use portolan_ports::knowledge::{FactKind, Knowledge};
use portolan_ports::{VerdictKind, embedded};

use crate::scene::Scene;

#[test]
fn there_are_enough_and_most_are_verified() {
    let facts: Vec<_> = embedded::knowledge().facts().collect();
    assert!(facts.len() >= 40);
    let unverified = facts.iter().filter(|fact| !fact.verified).count();
    assert!(
        unverified * 10 <= facts.len() * 3,
        "{unverified} of {}",
        facts.len()
    );
    for fact in &facts {
        assert!(!fact.verified || fact.checked.is_some(), "{}", fact.text);
        assert!(fact.source.starts_with("http"), "{}", fact.text);
        assert!(fact.transports().count() > 0, "{}", fact.text);
    }
}

#[test]
fn facts_about_a_port_are_those_whose_range_holds_it() {
    let about = |port| -> Vec<_> { embedded::knowledge().about(port).collect() };
    for fact in about(4444) {
        assert!(fact.ports.contains(4444));
    }
    assert!(
        about(4444)
            .iter()
            .any(|fact| fact.kind == FactKind::Malware)
    );
    assert!(
        about(30100)
            .iter()
            .any(|fact| fact.ports.to_string() == "30000-32767")
    );
    assert_eq!(about(40).len(), 0);
}

#[test]
fn an_unverified_fact_sways_no_verdict() {
    let fact = |verified: &str| {
        [
            "9",
            "9",
            "tcp",
            "unofficial_use",
            verified,
            "A use.",
            "http",
            "",
            "https://example.org/",
            "T",
            "2026-01-01",
            "",
        ]
        .join("\u{1f}")
    };
    let kind = |verified| {
        let line = format!("2026-01-01\n{}", fact(verified));
        let expectation = portolan_ports::Expectation::new(
            9,
            portolan_registry::Transport::Tcp,
            embedded::registry(),
            Knowledge::new(&line),
            portolan_ports::policy::Policy::none(),
        );
        let scene = Scene::new(9, "x").proven("http", false, None);
        let observation = portolan_ports::Observation {
            listener: &scene.listener,
            probe: &scene.probe,
            identification: scene.identification.as_ref(),
            surroundings: &portolan_ports::Surroundings::default(),
        };
        portolan_ports::judge(&expectation, &observation).kind
    };
    assert_eq!(kind("true"), VerdictKind::Customary);
    assert_eq!(kind("false"), VerdictKind::Unknown);
}
