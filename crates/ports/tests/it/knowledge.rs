//! The curated facts: what the program carries, and how any set of them is read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::collections::BTreeSet;

use portolan_ports::knowledge::{Fact, FactKind, Knowledge, TransportSet, lay_out};
use portolan_ports::policy::Policy;
use portolan_ports::{
    Expectation, Observation, ProbeState, Surroundings, VerdictKind, embedded, judge,
};
use portolan_registry::{PortRange, Transport};
use proptest::prelude::*;

use crate::scene::Scene;

#[test]
fn there_are_enough_and_most_are_verified() {
    let facts: Vec<_> = embedded::knowledge().facts().collect();
    assert!(facts.len() >= 40);
    assert_eq!(facts.len(), embedded::knowledge().len());
    let unverified = facts.iter().filter(|fact| !fact.verified).count();
    assert!(
        unverified * 10 <= facts.len() * 3,
        "{unverified} of {}",
        facts.len()
    );
    let counted = FactKind::ALL.map(|kind| embedded::knowledge().count(kind));
    assert_eq!(
        counted.iter().map(|count| count.all()).sum::<usize>(),
        facts.len()
    );
    assert_eq!(
        counted.iter().map(|count| count.unverified).sum::<usize>(),
        unverified
    );
    let newest = facts.iter().filter_map(|fact| fact.checked).max();
    assert_eq!(newest, Some(embedded::knowledge().date()));
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
}

/// Both ways of asking, for every port there is.
fn look_up_agrees_with_a_pass_over_all(knowledge: Knowledge<'_>) {
    let facts: Vec<_> = knowledge.facts().collect();
    for port in 0..=u16::MAX {
        let passed = facts.iter().filter(|fact| fact.ports.contains(port));
        assert!(knowledge.about(port).eq(passed.copied()), "port {port}");
    }
}

#[test]
fn a_look_up_finds_what_a_pass_over_all_finds() {
    look_up_agrees_with_a_pass_over_all(embedded::knowledge());
    look_up_agrees_with_a_pass_over_all(Knowledge::new(&[]));
}

#[test]
fn contested_is_what_two_products_claim_on_one_transport() {
    let contested = |port| embedded::knowledge().is_contested(port);
    assert!(contested(3000) && contested(9000));
    // Nothing at all; a range that only informs.
    assert!(!contested(40) && !contested(31_000));
    let claim = |transport, product, verified| Fact {
        transports: [transport].into_iter().collect(),
        product: Some(product),
        verified,
        ..use_of("9")
    };
    let is_contested = |facts: [Fact<'_>; 2]| {
        Knowledge::new(&lay_out(facts.to_vec(), "").unwrap()).is_contested(9)
    };
    let (tcp, udp) = (Transport::Tcp, Transport::Udp);
    assert!(is_contested([claim(tcp, "a", true), claim(tcp, "b", true)]));
    assert!(!is_contested([
        claim(tcp, "a", true),
        claim(tcp, "a", true)
    ]));
    assert!(!is_contested([
        claim(tcp, "a", true),
        claim(udp, "b", true)
    ]));
    assert!(!is_contested([
        claim(tcp, "a", true),
        claim(tcp, "b", false)
    ]));
}

fn use_of(ports: &str) -> Fact<'static> {
    Fact {
        ports: ports.parse().unwrap(),
        transports: [Transport::Tcp].into_iter().collect(),
        kind: FactKind::UnofficialUse,
        verified: true,
        foremost: false,
        area: "area",
        text: "A server listens here.",
        protocol: Some("http"),
        product: None,
        source: "https://example.org/",
        source_title: "A manual",
        checked: Some("2026-01-01"),
        disputes: None,
    }
}

prop_compose! {
    fn any_fact()(
        first in any::<u16>(),
        width in prop_oneof![4 => Just(0), 1 => any::<u16>()],
        transports in prop::sample::subsequence(Transport::ALL.to_vec(), 1..4),
        kind in prop::sample::select(FactKind::ALL.to_vec()),
        verified in any::<bool>(),
        text in prop::sample::select(vec!["One.", "Zwei für alle.", ""]),
        protocol in prop::sample::select(vec![None, Some("http"), Some("ssh")]),
        product in prop::sample::select(vec![None, Some("nginx"), Some("python-http-server")]),
        disputes in prop::sample::select(vec![None, Some("Why.")]),
    ) -> Fact<'static> {
        Fact {
            ports: PortRange::new(first, first.saturating_add(width)).unwrap(),
            transports: transports.into_iter().collect::<TransportSet>(),
            kind,
            verified,
            text,
            protocol,
            product,
            disputes,
            ..use_of("1")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_is_laid_out_is_read_back(facts in prop::collection::vec(any_fact(), 0..40)) {
        let table = lay_out(facts.clone(), "2026-01-01").unwrap();
        let knowledge = Knowledge::new(&table);
        prop_assert_eq!(knowledge.date(), "2026-01-01");
        let said = |fact: &Fact<'_>| format!("{fact:?}");
        let mut before: Vec<_> = facts.iter().map(said).collect();
        let mut after: Vec<_> = knowledge.facts().map(|fact| said(&fact)).collect();
        before.sort();
        after.sort();
        prop_assert_eq!(before, after);
        look_up_agrees_with_a_pass_over_all(knowledge);
    }

    #[test]
    fn a_broken_table_never_panics(
        facts in prop::collection::vec(any_fact(), 0..6),
        broken in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut table = lay_out(facts, "2026-01-01").unwrap();
        for (place, byte) in broken {
            let place = place.index(table.len());
            table[place] = byte;
        }
        table.truncate(length.index(table.len() + 1));
        let knowledge = Knowledge::new(&table);
        prop_assert!(knowledge.facts().count() <= knowledge.len());
        for port in [0, 1, 9, 40_000, u16::MAX] {
            let _several = (knowledge.about(port).count(), knowledge.is_contested(port));
        }
    }
}

/// The verdict on what answers on port 9 of TCP, which the registry gives to discard, with these facts.
fn verdict(scene: &Scene, facts: Vec<Fact<'_>>) -> portolan_ports::Verdict {
    let table = lay_out(facts, "2026-01-01").unwrap();
    let policy = Policy::none();
    let expectation = Expectation::new(
        scene.listener.port,
        scene.listener.transport,
        embedded::registry(),
        Knowledge::new(&table),
        policy,
    );
    let observation = Observation {
        listener: &scene.listener,
        probe: &scene.probe,
        identification: scene.identification.as_ref(),
        surroundings: &Surroundings::default(),
    };
    judge(&expectation, &observation)
}

#[test]
fn a_verified_use_makes_a_verdict_that_an_unverified_one_does_not() {
    let scene = Scene::new(9, "x").proven("http", false, None);
    let with = |verified| {
        let fact = Fact {
            verified,
            ..use_of("9")
        };
        verdict(&scene, vec![fact]).kind
    };
    assert_eq!(with(true), VerdictKind::Customary);
    assert_eq!(with(false), VerdictKind::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever kind it is of, and whatever else is known: with it or without, the verdict, its
    /// reason, its sources and its findings are the same.
    #[test]
    fn an_unverified_fact_changes_nothing_of_a_verdict(
        known in prop::collection::vec(any_fact(), 0..3),
        unverified in prop::collection::vec(any_fact(), 1..4),
        port in prop::sample::select(vec![9, 724, 4444, 8080]),
        (protocol, product) in prop::sample::select(vec![
            ("http", None),
            ("http", Some("nginx")),
            ("http", Some("python-http-server")),
            ("ssh", None),
        ]),
        state in prop::sample::select(vec![ProbeState::Proven, ProbeState::Silent]),
        owned in any::<bool>(),
    ) {
        let here = |fact: Fact<'static>, verified| Fact {
            ports: PortRange::single(port),
            transports: Transport::ALL.into_iter().collect(),
            verified,
            ..fact
        };
        let known: Vec<_> = known.into_iter().map(|fact| here(fact, true)).collect();
        let mut all = known.clone();
        all.extend(unverified.into_iter().map(|fact| here(fact, false)));
        let mut scene = Scene::new(port, "x").proven(protocol, false, product);
        scene.probe.state = state;
        if !owned {
            scene.listener.owners.clear();
        }
        prop_assert_eq!(verdict(&scene, all), verdict(&scene, known));
    }
}

/// The verdicts and findings that facts of each kind do sway, so that the test above compares
/// something: a use makes a verdict, malware a finding, and the others neither.
#[test]
fn what_a_verified_fact_sways_depends_on_its_kind() {
    let mut swayed = BTreeSet::new();
    for kind in FactKind::ALL {
        let fact = Fact {
            kind,
            ..use_of("9")
        };
        let mut scene = Scene::new(9, "x").proven("http", false, None);
        scene.listener.owners.clear();
        if verdict(&scene, vec![fact]) != verdict(&scene, Vec::new()) {
            swayed.insert(kind);
        }
    }
    let expected = [
        FactKind::OfficialUse,
        FactKind::UnofficialUse,
        FactKind::Malware,
    ];
    assert_eq!(swayed, BTreeSet::from(expected));
}
