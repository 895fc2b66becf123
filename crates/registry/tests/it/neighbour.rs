//! What stands around a port.

use std::sync::LazyLock;

use portolan_registry::{PortRange, Registry, State, Transport};
use proptest::prelude::*;

use crate::{base, registry};

static BASE: LazyLock<Registry> = LazyLock::new(|| Registry::from_csv(base().as_slice()).unwrap());

fn state(registry: &Registry, port: u16, transport: Transport) -> State {
    registry.standing(port, transport).state
}

#[test]
fn neighbours_and_blocks_of_a_small_registry() {
    let registry = registry(
        "a,10-12,tcp,,,,,,,,,\n\
         ,13,,Unassigned,,,,,,,,\n\
         ,14-20,,Unassigned,,,,,,,,\n\
         b_c,21,tcp,,,,,,,,,\"This entry is an alias to \"\"b-c\"\".\"\n\
         b-c,21,tcp,,,,,,,,,\n\
         ,49000-49151,,Unassigned,,,,,,,,\n",
    );
    let named = |port| {
        let found = registry.neighbours(port, Transport::Tcp);
        [found.previous, found.next]
            .map(|n| n.map(|n| format!("{} {}", n.port, n.assignment.service_name())))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(named(0), [None, some("10 a")]);
    assert_eq!(named(11), [some("10 a"), some("12 a")]);
    assert_eq!(named(15), [some("12 a"), some("21 b-c")]);
    assert_eq!(named(65535), [some("21 b-c"), None]);
    let block = |port, transport| {
        let block = registry.unassigned_block(port, transport);
        block.map(|block| block.to_string())
    };
    assert_eq!(block(16, Transport::Tcp), some("13-20"));
    assert_eq!(block(11, Transport::Tcp), None);
    assert_eq!(block(60000, Transport::Udp), some("22-65535"));
    assert_eq!(registry.rows().filter_map(|row| row.alias_of()).count(), 1);
}

#[test]
fn aliases_are_told_apart_from_sharing() {
    let mut pairs = std::collections::BTreeMap::new();
    for row in BASE.rows().filter(|row| row.is_named()) {
        for port in row.ports.into_iter().flat_map(PortRange::ports) {
            let names: &mut Vec<_> = pairs.entry((port, row.transport)).or_default();
            names.push((row.service_name(), row.alias_of()));
        }
    }
    pairs.retain(|_, names| names.len() > 1);
    let aliases = pairs
        .values()
        .filter(|names| names.iter().filter(|(_, alias)| alias.is_none()).count() == 1)
        .count();
    assert_eq!((pairs.len(), aliases), (226, 184));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neighbours_are_the_nearest(port in any::<u16>(), at in 0usize..4) {
        let transport = Transport::ALL[at];
        let assigned = |port: &u16| state(&BASE, *port, transport) == State::Assigned;
        let found = BASE.neighbours(port, transport);
        prop_assert_eq!(found.previous.map(|n| n.port), (0..port).rev().find(assigned));
        let next = (u32::from(port) + 1..=65535).map(|p| p as u16).find(assigned);
        prop_assert_eq!(found.next.map(|n| n.port), next);
    }

    #[test]
    fn a_block_holds_its_port_is_unassigned_and_ends_where_it_must(
        port in any::<u16>(), at in 0usize..4,
    ) {
        let transport = Transport::ALL[at];
        let unassigned = |port: u16| state(&BASE, port, transport) == State::Unassigned;
        match BASE.unassigned_block(port, transport) {
            None => prop_assert!(!unassigned(port)),
            Some(block) => {
                prop_assert!(block.contains(port) && block.ports().all(unassigned));
                prop_assert!(block.first().checked_sub(1).is_none_or(|p| !unassigned(p)));
                prop_assert!(block.last().checked_add(1).is_none_or(|p| !unassigned(p)));
            }
        }
    }
}
