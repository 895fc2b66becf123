//! Whatever listens: what is learned of it is a policy, and gives back what was meant.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use portolan_inspect::Snapshot;
use portolan_ports::policy::Unlisted;
use portolan_ports::{Container, Listener, Namespace, Owner, Publication, Published, Unit};
use portolan_registry::Transport;
use proptest::prelude::*;

use super::{learned, local, read};
use crate::Sources;
use crate::check::learn::drafts;
use crate::check::learn::text::quoted;

const NAMES: [&str; 8] = [
    "nginx",
    "sshd",
    "a\"b",
    "new\nline",
    "\u{7f}\\",
    "",
    " ",
    "kworker/1",
];

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn any_container() -> impl Strategy<Value = Container> {
    let id = prop_oneof![Just("web".to_owned()), Just("0123456789abcdef".repeat(4))];
    (id, proptest::option::of(any_name())).prop_map(|(id, name)| Container {
        runtime: "docker".to_owned(),
        id,
        name,
        image: None,
    })
}

fn any_owner() -> impl Strategy<Value = Owner> {
    let units = [
        "ssh.service",
        "session-1.scope",
        "run-u1.service",
        "q\"u.service",
        "web.service",
    ];
    let unit = proptest::sample::select(units.to_vec());
    (
        any_name(),
        proptest::option::of(Just("/usr/bin/x".to_owned())),
        proptest::option::of(any_name()),
        proptest::option::of(0_u32..3),
        proptest::option::of(unit.prop_map(|unit| Unit(unit.to_owned()))),
        proptest::option::weighted(0.2, any_container()),
    )
        .prop_map(|(program, exe, user, uid, unit, container)| Owner {
            program,
            exe,
            user,
            uid,
            unit,
            container,
            ..Owner::default()
        })
}

fn any_listener() -> impl Strategy<Value = Listener> {
    let addresses = [
        "0.0.0.0",
        "::",
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "fe80::1",
        "::ffff:127.0.0.1",
    ];
    let ports = [
        1_u16, 22, 53, 8080, 33434, 40000, 40001, 50010, 60999, 65535,
    ];
    let at = (
        proptest::sample::select(addresses.to_vec()),
        proptest::sample::select(ports.to_vec()),
    );
    let transport = proptest::sample::select(Transport::ALL.to_vec());
    let owners = proptest::collection::vec(any_owner(), 0..3);
    let namespace = proptest::option::weighted(0.1, any_name());
    let socket_unit = proptest::option::weighted(0.1, any_name());
    let published = proptest::option::weighted(0.1, any_container());
    (transport, at, owners, namespace, socket_unit, published).prop_map(
        |(transport, (address, port), owners, namespace, socket_unit, published)| {
            let address: IpAddr = address.parse().unwrap();
            let mut listener = Listener::new(transport, SocketAddr::new(address, port));
            listener.owners = owners;
            listener.namespace = namespace.map(|name| Namespace {
                inode: 1,
                name: Some(name),
            });
            listener.socket_unit = socket_unit.map(Unit);
            listener.published = published.map(|container| Published {
                container,
                port: 80,
            });
            listener
        },
    )
}

pub(super) fn any_seen() -> impl Strategy<Value = Snapshot> {
    let publication = (any_container(), 1_u16..100).prop_map(|(container, port)| Publication {
        transport: Transport::Tcp,
        address: IpAddr::from([127, 0, 0, 1]),
        port,
        to: Published { container, port },
    });
    let listeners = proptest::collection::vec(any_listener(), 0..12);
    let publications = proptest::collection::vec(publication, 0..3);
    (listeners, publications).prop_map(|(listeners, publications)| Snapshot {
        listeners,
        publications,
        ..Snapshot::default()
    })
}

proptest! {
    #[test]
    fn whatever_listens_the_text_gives_the_rules_back(seen in any_seen()) {
        let text = learned(&seen);
        let steers = |c: char| c.is_control() && c != '\n';
        prop_assert!(!text.chars().any(steers), "{}", text);
        let policy = read(&text);
        let denies = matches!(policy.unlisted, Unlisted::Denied { said: true, .. });
        prop_assert!(denies, "{}", text);

        let drafts = drafts(&seen, &Sources::embedded(), &local(), false);
        prop_assert_eq!(policy.rules.len(), drafts.len());
        for (rule, draft) in policy.rules.iter().zip(&drafts) {
            prop_assert_eq!(rule.ports, draft.ports);
            prop_assert_eq!(rule.transport, Some(draft.transport));
            let expected = rule.expected().unwrap();
            prop_assert_eq!(&expected.program, &draft.stated.program);
            prop_assert_eq!(&expected.unit, &draft.stated.unit);
            prop_assert_eq!(&expected.container, &draft.stated.container);
            prop_assert_eq!(&expected.user, &draft.stated.user);
            prop_assert_eq!(expected.address, draft.address);
            prop_assert_eq!(expected.scope, Some(draft.scope));
            prop_assert_eq!(expected.required, draft.required);
            let texts = [&expected.program, &expected.unit, &expected.container, &expected.user];
            prop_assert!(texts.into_iter().flatten().all(|text| !text.trim().is_empty()));
        }
        let names: HashSet<&String> = policy.rules.iter().map(|rule| &rule.name).collect();
        prop_assert_eq!(names.len(), policy.rules.len());
    }

    #[test]
    fn the_order_of_the_sockets_does_not_matter(seen in any_seen()) {
        let mut turned = seen.clone();
        turned.listeners.retain(|listener| listener.namespace.is_none());
        let straight = learned(&turned);
        turned.listeners.reverse();
        turned.publications.reverse();
        prop_assert_eq!(straight, learned(&turned));
    }

    #[test]
    fn quoted_text_reads_back(text in any::<String>()) {
        let line = format!("x = {}", quoted(&text));
        prop_assert!(line.chars().all(|c| !c.is_control()));
        let table: toml::Table = toml::from_str(&line).unwrap();
        prop_assert_eq!(table["x"].as_str(), Some(&*text));
    }
}
