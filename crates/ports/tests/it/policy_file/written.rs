//! What holds of every policy that is written, and of every text that is none.

use portolan_ports::policy::{Demand, Expected, Origin, Rule};
use portolan_ports::{Scope, Severity};
use portolan_registry::{PortRange, Transport};
use proptest::prelude::*;

use super::read;

/// The rule as somebody may write it.
fn written(rule: &Rule) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
    line("name", format!("{:?}", rule.name));
    line("port", format!("\"{}\"", rule.ports));
    if let Some(transport) = rule.transport {
        line("transport", format!("\"{transport}\""));
    }
    line("severity", format!("\"{}\"", rule.severity.as_str()));
    let Some(expected) = rule.expected() else {
        return format!("[[deny]]\n{text}");
    };
    for (key, value) in [
        ("program", &expected.program),
        ("user", &expected.user),
        ("unit", &expected.unit),
        ("container", &expected.container),
        ("protocol", &expected.protocol),
        ("product", &expected.product),
    ] {
        if let Some(value) = value {
            line(key, format!("{value:?}"));
        }
    }
    if let Some(address) = expected.address {
        line("address", format!("\"{address}\""));
    }
    if let Some(scope) = expected.scope {
        line("scope", format!("\"{}\"", scope.as_str()));
    }
    line("required", expected.required.to_string());
    format!("[[expect]]\n{text}")
}

fn name() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z][a-z0-9@._-]{0,12}")
}

prop_compose! {
    fn expected()(
        required in any::<bool>(),
        names in [name(), name(), name(), name(), name()],
        protocol in prop::option::of(prop::sample::select(vec!["http", "https", "zookeeper"])),
        address in prop::option::of(any::<std::net::IpAddr>()),
        scope in prop::option::of(prop::sample::select(vec![Scope::Loopback, Scope::Interface, Scope::Any])),
    ) -> Expected {
        let [program, user, unit, container, product] = names;
        let protocol = protocol.map(Into::into);
        // A narrower one is refused.
        let scope = scope.map(|scope| address.map_or(scope, |address| scope.max(Scope::of(address))));
        Expected { required, program, executable: None, user, unit, container, protocol, product, address, scope }
    }
}

prop_compose! {
    fn rule()(
        name in "[a-z ]{0,8}[a-z]",
        ports in (1..=u16::MAX, 1..=u16::MAX),
        transport in prop::option::of(prop::sample::select(Transport::ALL.to_vec())),
        severity in prop::sample::select(vec![Severity::Note, Severity::Warning, Severity::Alert]),
        demand in prop_oneof![Just(Demand::Nothing), expected().prop_map(Demand::Listener)],
    ) -> Rule {
        let (first, last) = (ports.0.min(ports.1), ports.0.max(ports.1));
        Rule {
            name,
            ports: PortRange::new(first, last).unwrap(),
            transport,
            demand,
            severity,
            origin: Origin { file: "FILE".into(), line: 1, column: 1 },
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(rule in rule()) {
        let policy = read(written(&rule)).unwrap();
        prop_assert_eq!(policy.rules, vec![rule]);
    }

    #[test]
    fn nothing_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(said) = read(&bytes) {
            prop_assert_eq!(said.lines().count(), 1);
        }
    }

    #[test]
    fn no_cut_file_makes_the_reader_panic(rules in prop::collection::vec(rule(), 1..4), at in any::<prop::sample::Index>(), put in "[\\[\\]{}=\",.a-z0-9\n-]{0,4}") {
        let text: String = rules.iter().map(written).collect();
        let at = at.index(text.len());
        let changed = format!("{}{put}{}", &text[..at], &text[at..]);
        if let Err(said) = read(&changed) {
            prop_assert_eq!(said.lines().count(), 1);
            prop_assert!(said.starts_with("FILE, line "));
        }
    }
}
