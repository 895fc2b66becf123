//! What holds of every verdict, whatever was seen.

use portolan_ports::policy::{Demand, Expected, Origin, Rule, Standing, Unlisted};
use portolan_ports::protocol::{Relation, relate};
use portolan_ports::{
    Certainty, Observation, ProbeState, Severity, Surroundings, VerdictKind, embedded,
};
use portolan_registry::{PortRange, Transport};
use proptest::prelude::*;

use crate::scene::{Scene, identification};

const STATES: [ProbeState; 5] = [
    ProbeState::Proven,
    ProbeState::Silent,
    ProbeState::Refused,
    ProbeState::Skipped,
    ProbeState::Inconclusive,
];

fn protocol() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "ssh",
        "http",
        "tls",
        "smtp",
        "redis",
        "postgresql",
        "domain",
        "made-up",
    ])
}

fn product() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some("nginx"),
        Some("couchdb"),
        Some("ollama"),
        Some("python-http-server"),
        Some("made-up"),
    ])
}

/// Ports of every kind: assigned ones that people meet, and any other.
fn port() -> impl Strategy<Value = u16> {
    prop_oneof![
        prop::sample::select(vec![
            0, 22, 25, 53, 80, 443, 724, 2379, 4444, 5173, 5432, 5984, 6379, 8080, 8443, 11434
        ]),
        any::<u16>(),
    ]
}

prop_compose! {
    pub(crate) fn scene()(
        port in port(),
        udp in any::<bool>(),
        protocol in protocol(),
        product in product(),
        tls in any::<bool>(),
        likely in any::<bool>(),
        identified in any::<bool>(),
        state in prop::sample::select(STATES.to_vec()),
        owned in any::<bool>(),
        rules in prop::collection::vec(rule(), 0..4),
        denied in any::<bool>(),
    ) -> Scene {
        let mut scene = Scene::new(port, "program");
        if udp {
            scene.listener.transport = Transport::Udp;
        }
        if !owned {
            scene.listener.owners.clear();
        }
        scene.probe.state = state;
        if identified {
            let mut seen = identification(protocol, tls, product);
            if likely {
                seen.certainty = Certainty::Likely;
            }
            scene.identification = Some(seen);
        }
        scene.policy.rules = rules;
        if denied {
            scene.policy.unlisted = Unlisted::Denied { severity: Severity::Alert, said: true, origin: origin() };
        }
        scene
    }
}

fn rule() -> impl Strategy<Value = Rule> {
    let demand = prop_oneof![
        Just(Demand::Nothing),
        Just(Demand::Listener(Expected::default())),
        Just(Demand::Listener(Expected {
            program: Some("program".into()),
            ..Expected::default()
        })),
        Just(Demand::Listener(Expected {
            protocol: Some("http".into()),
            ..Expected::default()
        })),
        Just(Demand::Listener(Expected {
            unit: Some("x.service".into()),
            ..Expected::default()
        })),
    ];
    demand.prop_map(|demand| Rule {
        name: "rule".into(),
        ports: PortRange::ALL,
        transport: None,
        demand,
        severity: Severity::Alert,
        origin: origin(),
    })
}

fn origin() -> Origin {
    Origin {
        file: "portolan.toml".into(),
        line: 1,
        column: 1,
    }
}

/// How the scene stands to each of its rules.
fn standings(scene: &Scene) -> Vec<Standing> {
    let surroundings = Surroundings::default();
    let seen = Observation {
        listener: &scene.listener,
        probe: &scene.probe,
        identification: scene.identification.as_ref(),
        surroundings: &surroundings,
    };
    let rules = scene.policy.rules.iter();
    rules.map(|rule| rule.judge(&seen)).collect()
}

/// Whether something was proven on the wire.
pub(crate) fn has_proof(scene: &Scene) -> bool {
    scene.probe.state == ProbeState::Proven
        && scene
            .identification
            .as_ref()
            .is_some_and(|i| i.certainty == Certainty::Proven)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_input_has_exactly_one_verdict_with_a_reason(scene in scene()) {
        let verdict = scene.judge();
        prop_assert!(VerdictKind::ALL.contains(&verdict.kind));
        prop_assert!(!verdict.because.is_empty());
        prop_assert_eq!(scene.judge(), verdict, "the same input gives the same verdict");
    }

    #[test]
    fn what_rests_on_the_wire_never_comes_without_proof(scene in scene()) {
        use VerdictKind::{Customary, Mismatch, Registered, Unregistered};
        let verdict = scene.judge();
        if [Registered, Customary, Mismatch, Unregistered].contains(&verdict.kind) {
            prop_assert!(has_proof(&scene), "{:?}", verdict);
            prop_assert!(!verdict.sources.is_empty());
        }
    }

    #[test]
    fn a_mismatch_contradicts_every_assigned_service(scene in scene()) {
        if scene.judge().kind == VerdictKind::Mismatch {
            let seen = scene.identification.as_ref().unwrap();
            let standing = embedded::registry().standing(scene.listener.port, scene.listener.transport);
            let named: Vec<_> = standing.assignments.iter().filter(|r| r.is_named()).collect();
            prop_assert!(!named.is_empty());
            for row in named {
                prop_assert!(matches!(relate(seen, row.service_name()), Relation::Contradicted(_)));
            }
        }
    }

    #[test]
    fn policy_outranks_the_wire(scene in scene()) {
        let denied = scene.policy.rules.iter().any(|rule| rule.demand == Demand::Nothing);
        let open = scene.policy.rules.iter().any(|rule| rule.demand == Demand::Listener(Expected::default()));
        let kind = scene.judge().kind;
        if denied {
            prop_assert_eq!(kind, VerdictKind::Violation);
        } else if open {
            prop_assert!(kind <= VerdictKind::Expected);
        }
        if scene.policy.rules.is_empty() {
            let unlisted = scene.policy.unlisted != Unlisted::Allowed;
            prop_assert_eq!(kind == VerdictKind::Violation, unlisted);
            prop_assert_ne!(kind, VerdictKind::Expected);
        }
    }

    #[test]
    fn rules_are_alternatives_and_what_was_not_seen_is_not_broken(scene in scene()) {
        let standings = standings(&scene);
        let denied = scene.policy.rules.iter().any(|rule| rule.demand == Demand::Nothing);
        let broken = |standing: &Standing| matches!(standing, Standing::Broken(_));
        prop_assert!(standings.iter().all(|s| *s != Standing::Broken(Vec::new())));
        let kind = scene.judge().kind;
        if denied || standings.is_empty() {
            return Ok(());
        }
        prop_assert_eq!(kind == VerdictKind::Expected, standings.contains(&Standing::Kept));
        prop_assert_eq!(kind == VerdictKind::Violation, standings.iter().all(broken));
    }

    #[test]
    fn a_bare_carrier_contradicts_no_service_of_unknown_form(port in any::<u16>(), tls in any::<bool>()) {
        use portolan_ports::protocol::wire_form;
        let scene = Scene::new(port, "x").proven("http", tls, None);
        let standing = embedded::registry().standing(port, Transport::Tcp);
        let formless = standing.assignments.iter().any(|r| r.is_named() && wire_form(r.service_name()).is_none());
        if formless {
            prop_assert_ne!(scene.judge().kind, VerdictKind::Mismatch);
        }
    }

    #[test]
    fn no_finding_comes_without_a_reason(scene in scene()) {
        for finding in scene.judge().findings {
            prop_assert!(!finding.because.is_empty());
        }
    }
}
