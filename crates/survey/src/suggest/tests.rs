mod site;

use portolan_ports::Severity;
use portolan_ports::policy::{Demand, Expected, Origin, Policy, Rule, Unlisted};
use portolan_registry::{RangeKind, State};
use proptest::prelude::*;

use super::reason::Kind;
use super::*;

fn criteria() -> Criteria {
    Criteria {
        transports: vec![Transport::Tcp, Transport::Udp],
        avoid: vec![System::Linux, System::Kubernetes],
        local: LocalRanges {
            ephemeral: portolan_inspect::local_ranges().ephemeral,
            ..LocalRanges::default()
        },
        scope: None,
        own: None,
    }
}

fn wish(name: &str, ports: PortRange, count: usize) -> Wish {
    Wish {
        order: Order::named(name),
        ports,
        count,
    }
}

fn range(text: &str) -> PortRange {
    text.parse().unwrap()
}

/// The reasons of a kind, without what this machine's sockets say.
fn of_kind(sources: &Sources<'_>, criteria: &Criteria, port: Port, kind: Kind) -> Vec<String> {
    let reasons = Paper::new(sources, criteria).reasons(port);
    let own = reasons.into_iter().filter(|reason| reason.kind == kind);
    own.map(|reason| format!("{:?}: {}", reason.side, reason.text))
        .collect()
}

#[test]
fn a_rule_of_the_policy_speaks_against_its_ports() {
    let origin = |line| Origin {
        file: "portolan.toml".to_owned(),
        line,
        column: 1,
    };
    let rule = |name: &str, ports, transport, demand, line| Rule {
        name: name.to_owned(),
        ports: range(ports),
        transport,
        demand,
        severity: Severity::Warning,
        origin: origin(line),
    };
    let mut policy = Policy {
        rules: vec![
            rule("no-games", "20000-20010", None, Demand::Nothing, 3),
            rule(
                "web",
                "20020",
                Some(Transport::Tcp),
                Demand::Listener(Expected::default()),
                7,
            ),
        ],
        unlisted: Unlisted::Allowed,
    };
    let told = |policy: &Policy, port, transports: &[Transport]| {
        let sources = Sources {
            policy,
            ..Sources::embedded()
        };
        let criteria = Criteria {
            transports: transports.to_vec(),
            ..criteria()
        };
        let reasons = Paper::new(&sources, &criteria).reasons(port);
        let own = reasons.into_iter().filter(|r| r.kind == Kind::Policy);
        own.map(|r| format!("{:?}: {r}", r.side))
            .collect::<Vec<_>>()
    };
    let both = [Transport::Tcp, Transport::Udp];
    assert_eq!(
        told(&policy, 20_005, &both),
        ["Against: the rule no-games lets nothing listen here [portolan.toml:3]"]
    );
    assert_eq!(
        told(&policy, 20_020, &both),
        ["Against: the rule web gives it to a listener [portolan.toml:7]"]
    );
    let none = ["For: no rule of this host's policy speaks of it [this host's policy]"];
    assert_eq!(told(&policy, 20_020, &[Transport::Udp]), none);
    assert_eq!(told(&policy, 20_030, &both), none);
    assert_eq!(told(Policy::none(), 20_030, &both), [""; 0]);
    policy.unlisted = Unlisted::Denied {
        severity: Severity::Warning,
        said: true,
        origin: origin(1),
    };
    assert_eq!(
        told(&policy, 20_030, &both),
        [
            "Aside: the policy allows only listeners that a rule names: write one for it [portolan.toml:1]"
        ]
    );
}

#[test]
fn no_port_of_a_denied_range_is_suggested() {
    let ports = range("20000-20999");
    let before = suggest(&Sources::embedded(), &criteria(), &wish("a", ports, 1));
    let first = before.suggestions[0].port;
    let policy = Policy {
        rules: vec![Rule {
            name: "never".to_owned(),
            ports: PortRange::single(first),
            transport: None,
            demand: Demand::Nothing,
            severity: Severity::Warning,
            origin: Origin {
                file: "portolan.toml".to_owned(),
                line: 1,
                column: 1,
            },
        }],
        unlisted: Unlisted::Allowed,
    };
    let sources = Sources {
        policy: &policy,
        ..Sources::embedded()
    };
    let after = suggest(&sources, &criteria(), &wish("a", ports, 1));
    assert_ne!(after.suggestions[0].port, first);
    assert_eq!(check(&sources, &criteria(), first).ruling(), Ruling::Taken);
}

#[test]
fn what_this_system_sets_aside_is_not_suggested() {
    let sources = Sources::embedded();
    let told = |port| {
        let mut criteria = criteria();
        criteria.local.ephemeral = PortRange::new(20_000, 20_999);
        criteria.local.reserved = vec![range("20100-20199"), range("21000")];
        let mut told = of_kind(&sources, &criteria, port, Kind::SetAside);
        told.extend(of_kind(&sources, &criteria, port, Kind::Ephemeral));
        told
    };
    let aside = |range: &str| {
        format!(
            "Against: this system sets {range} aside for some program; if that is yours, this is no reason against it"
        )
    };
    let takes = "20000-20999, from which this machine takes source ports itself";
    assert_eq!(told(20_050), [format!("Against: in {takes}")]);
    assert_eq!(told(20_150), [aside("20100-20199")]);
    assert_eq!(
        told(21_000),
        [aside("21000"), format!("For: outside {takes}")]
    );
    assert_eq!(told(21_001), [format!("For: outside {takes}")]);
}

#[test]
fn systems_are_avoided_where_told_so_and_mentioned_where_not() {
    let sources = Sources::embedded();
    let told = |avoid: &[System], port| {
        let criteria = Criteria {
            avoid: avoid.to_vec(),
            ..criteria()
        };
        of_kind(&sources, &criteria, port, Kind::SystemRange)
    };
    assert_eq!(
        told(&[], 20_000),
        ["Aside: not avoided now: in 10000-65535, from which FreeBSD takes source ports"]
    );
    assert_eq!(
        told(&[System::FreeBsd, System::Kubernetes], 30_000),
        [
            "Against: in 10000-65535, from which FreeBSD takes source ports",
            "Against: in 30000-32767, from which Kubernetes gives NodePorts",
        ]
    );
    assert_eq!(
        told(&[System::Windows], 9_999),
        ["For: outside 49152-65535, from which Windows takes source ports"]
    );
}

#[test]
fn a_port_is_taken_where_somebody_has_it_and_else_lies_badly() {
    let sources = Sources::embedded();
    let ruling = |port| {
        let criteria = Criteria {
            local: LocalRanges::default(),
            ..criteria()
        };
        let reasons = Paper::new(&sources, &criteria).reasons(port);
        let checked = Checked {
            port,
            reasons,
            gaps: Vec::new(),
        };
        let headline = checked.headline().map(|reason| reason.kind);
        (checked.ruling(), headline)
    };
    let range = Some(Kind::SystemRange);
    assert_eq!(ruling(8080), (Ruling::Taken, Some(Kind::Assigned)));
    assert_eq!(ruling(5173), (Ruling::Taken, Some(Kind::Knowledge)));
    assert_eq!(ruling(0), (Ruling::Taken, Some(Kind::Reserved)));
    assert_eq!(ruling(59_000), (Ruling::NotQuiet, range));
    // The last of Mosh's 1,001 ports, and one that is out of its reach.
    assert_eq!(ruling(61_000), (Ruling::Taken, Some(Kind::Knowledge)));
    assert_eq!(ruling(61_500), (Ruling::Quiet, None));
    // Assigned at 44,444 and reported to be used from 44,446 on.
    assert_eq!(ruling(44_500), (Ruling::Taken, Some(Kind::UnauthorizedUse)));
}

#[test]
fn a_fact_about_thousands_of_ports_claims_none_of_them() {
    let sources = Sources::embedded();
    let wide = sources.knowledge.facts();
    let wide: Vec<_> = wide.filter(|f| f.ports.count() > MOST_CLAIMED).collect();
    assert!(!wide.is_empty());
    let criteria = criteria();
    let paper = Paper::new(&sources, &criteria);
    for fact in wide {
        let port = fact.ports.first();
        let told = paper.reasons(port);
        let about = told.iter().find(|r| r.source.ends_with(fact.source));
        assert_eq!(about.map(|r| r.side), Some(Side::Aside), "{fact:?}");
    }
}

#[test]
fn a_refusal_counts_every_port_once() {
    let mut sum = 0;
    let suggested = suggest(
        &Sources::embedded(),
        &criteria(),
        &wish("", range("1-200"), 1000),
    );
    let refusal = suggested.refused.unwrap();
    for (_, count) in &refusal.counts {
        sum += *count as usize;
    }
    assert_eq!(sum + suggested.suggestions.len(), 200, "{refusal}");
    assert_eq!(refusal.found, suggested.suggestions.len());
}

#[test]
fn what_is_left_of_few_is_told() {
    let refusal = |found| Refusal {
        ports: range("1-10"),
        wanted: 3,
        found,
        counts: vec![("assigned", 8), ("reserved", 2)],
    };
    assert_eq!(
        refusal(0).to_string(),
        "no port of 1-10 is left: 8 assigned, 2 reserved"
    );
    assert_eq!(
        refusal(1).to_string(),
        "only 1 port of 1-10 is left, not 3: 8 assigned, 2 reserved"
    );
    assert_eq!(
        refusal(2).to_string(),
        "only 2 ports of 1-10 are left, not 3: 8 assigned, 2 reserved"
    );
}

#[test]
fn many_are_found_in_one_order() {
    let few = suggest(
        &Sources::embedded(),
        &criteria(),
        &wish("many", RangeKind::User.bounds(), 15),
    );
    let many = suggest(
        &Sources::embedded(),
        &criteria(),
        &wish("many", RangeKind::User.bounds(), 40),
    );
    let ports = |s: &Suggested| s.suggestions.iter().map(|s| s.port).collect::<Vec<_>>();
    let (few, many) = (ports(&few), ports(&many));
    assert_eq!((few.len(), many.len()), (15, 40));
    // Other tests of this process may hold a port for an instant.
    let same = few.iter().filter(|port| many.contains(port)).count();
    assert!(same >= 13, "{few:?} {many:?}");
    let places: Vec<usize> = Order::named("many")
        .ports()
        .enumerate()
        .filter(|(_, port)| many.contains(port))
        .map(|(place, _)| place)
        .collect();
    assert!(places.is_sorted());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_speaks_against_what_is_suggested(
        name in ".{0,12}",
        near in proptest::option::of(any::<Port>()),
        ends in (any::<Port>(), any::<Port>()),
        count in 1_usize..20,
        transports in proptest::sample::subsequence(vec![Transport::Tcp, Transport::Udp], 1..=2),
        avoid in proptest::sample::subsequence(System::ALL.to_vec(), 0..=5),
    ) {
        let sources = Sources::embedded();
        let criteria = Criteria { transports, avoid, ..criteria() };
        let ports = PortRange::new(ends.0.min(ends.1), ends.0.max(ends.1)).unwrap();
        let order = near.map_or_else(|| Order::named(&name), Order::Near);
        let suggested = suggest(&sources, &criteria, &Wish { order, ports, count });
        let found = suggested.suggestions.len();
        prop_assert_eq!(suggested.refused.is_some(), found < count);
        prop_assert!(found <= count);
        for suggestion in &suggested.suggestions {
            let port = suggestion.port;
            prop_assert!(ports.contains(port));
            prop_assert!(suggestion.because.iter().all(|r| r.side != Side::Against));
            for transport in &criteria.transports {
                let standing = sources.registry.standing(port, *transport);
                prop_assert_eq!(standing.state, State::Unassigned);
            }
            for transport in Transport::ALL {
                for near in [port - 1, port, port.saturating_add(1)] {
                    let state = sources.registry.standing(near, transport).state;
                    prop_assert_ne!(state, State::Assigned);
                }
            }
            for system in &criteria.avoid {
                let (first, last) = system.takes();
                prop_assert!(!(first..=last).contains(&port));
            }
        }
    }
}
