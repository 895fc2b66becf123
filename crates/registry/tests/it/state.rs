//! The state of every port, and the row or rule that says so.

use portolan_registry::{Registry, State, Transport};
use proptest::prelude::*;

use crate::{base, registry};

fn said(registry: &Registry, port: u16, transport: Transport) -> String {
    let standing = registry.standing(port, transport);
    format!("{}: {}", standing.state.as_str(), standing.because)
}

#[test]
fn each_kind_of_row_and_rule() {
    use Transport::{Dccp, Sctp, Tcp, Udp};
    let registry = registry(
        ",0,tcp,Reserved,,,,,,,,\n\
         ,0,udp,Reserved,,,,,,,,\n\
         ,24,tcp,any private mail system,,,,,,,,\n\
         ,585,,De-registered,,,,,,,,\n\
         ,717-728,,Unassigned,,,,,,,,\n\
         ,2825,,(unassigned) Possibly assigned,,,,,,,,\n\
         shilp,2049,tcp,,,,,,,,,\n\
         nfs,2049,tcp,Network File System,,,,,,,,\n\
         x11,6000-6063,tcp,X Window System,,,,,,,,\n\
         ,7770-7780,,Unassigned,,,,,,,,\n\
         pegasus,7775,tcp,has its own row,,,,,,,,\n",
    );
    for (port, transport, expected) in [
        (0, Tcp, "reserved: registry row 0/tcp says \"Reserved\""),
        (
            0,
            Sctp,
            "reserved: no row for this transport; registry row 0/tcp says \"Reserved\"",
        ),
        (
            24,
            Tcp,
            "reserved: registry row 24/tcp says \"any private mail system\"",
        ),
        (
            585,
            Udp,
            "reserved: registry row 585 says \"De-registered\"",
        ),
        (
            724,
            Dccp,
            "unassigned: registry row 717-728 says \"Unassigned\"",
        ),
        (
            2825,
            Tcp,
            "unassigned: registry row 2825 says \"(unassigned) Possibly assigned\"",
        ),
        (2049, Tcp, "assigned: registry row 2049/tcp names shilp"),
        (
            2049,
            Udp,
            "reserved: no row for this transport; 2049/tcp is shilp's, and RFC 6335 section 7.2 \
             holds the number back on the others",
        ),
        (6042, Tcp, "assigned: registry row 6000-6063/tcp names x11"),
        (7775, Tcp, "assigned: registry row 7775/tcp names pegasus"),
        (
            7775,
            Udp,
            "unassigned: registry row 7770-7780 says \"Unassigned\"",
        ),
        (
            9,
            Tcp,
            "unassigned: no row for this transport, and no transport has the number",
        ),
        (
            49151,
            Tcp,
            "unassigned: no row for this transport, and no transport has the number",
        ),
        (
            49152,
            Tcp,
            "unassigned: Dynamic range 49152-65535, never assigned (RFC 6335 section 6)",
        ),
        (
            65535,
            Udp,
            "unassigned: Dynamic range 49152-65535, never assigned (RFC 6335 section 6)",
        ),
    ] {
        assert_eq!(
            said(&registry, port, transport),
            expected,
            "{port}/{transport}"
        );
    }
}

#[test]
fn names_are_found_whatever_their_case_and_hyphens() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    for spelling in ["watchdog-nt", "watchdognt", "WatchDog-NT", "WATCHDOG_NT"] {
        let places: Vec<String> = registry
            .named(spelling)
            .iter()
            .map(|row| row.place().to_string())
            .collect();
        assert_eq!(places, ["2723/tcp", "2723/udp"], "{spelling}");
    }
    assert!(registry.named("nosuchname").is_empty());
    assert_eq!(registry.service_names().count(), 7_281);
}

proptest! {
    #[test]
    fn the_index_finds_what_a_walk_finds(
        spans in proptest::collection::vec((0u16..300, 0u16..40), 1..30),
        port in 0u16..360,
    ) {
        let rows: String = spans
            .iter()
            .enumerate()
            .map(|(i, (first, length))| format!("n{i},{first}-{},tcp,,,,,,,,,\n", first + length))
            .collect();
        let registry = registry(&rows.replace("-0,", ","));
        let walked: Vec<_> = registry
            .rows()
            .filter(|row| row.ports.is_some_and(|ports| ports.contains(port)))
            .collect();
        prop_assert_eq!(registry.covering(port), walked);
    }

    #[test]
    fn every_port_has_a_state_and_only_names_assign(port in any::<u16>(), at in 0usize..4) {
        use std::sync::LazyLock;
        static BASE: LazyLock<Registry> =
            LazyLock::new(|| Registry::from_csv(base().as_slice()).unwrap());
        let standing = BASE.standing(port, Transport::ALL[at]);
        let named = standing.assignments.iter().any(|row| row.is_named());
        prop_assert_eq!(standing.state == State::Assigned, named);
    }
}
