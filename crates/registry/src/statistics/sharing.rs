//! Ports with several names, and ports that mean one service on TCP and another on UDP.

use std::collections::BTreeMap;

use crate::{Port, PortRange, Registry, Transport};

/// How names stand to ports. A pair is a port on a transport.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Pairs with a name.
    pub named_pairs: usize,
    /// Pairs with several names: `aliases` and `shared` together.
    pub multi_name_pairs: usize,
    /// Those where all names but one are legacy aliases, by IANA's own note (RFC 6335 §10.1).
    pub aliases: usize,
    /// Those that services really share.
    pub shared: usize,
    /// Ports whose names on TCP are not those on UDP, of those that have names on both.
    pub tcp_udp_differ: usize,
}

/// The names of a pair, and whether each is a legacy alias.
type Names<'a> = Vec<(&'a str, bool)>;

impl Sharing {
    pub(super) fn of(registry: &Registry) -> Self {
        let mut pairs: BTreeMap<(Port, Option<Transport>), Names<'_>> = BTreeMap::new();
        for row in registry.rows().filter(|row| row.is_named()) {
            for port in row.ports.into_iter().flat_map(PortRange::ports) {
                let names = pairs.entry((port, row.transport)).or_default();
                let name = (row.service_name(), row.alias_of().is_some());
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let mut counted = Self {
            named_pairs: pairs.len(),
            ..Self::default()
        };
        for names in pairs.values().filter(|names| names.len() > 1) {
            counted.multi_name_pairs += 1;
            if names.iter().filter(|(_, alias)| !alias).count() <= 1 {
                counted.aliases += 1;
            } else {
                counted.shared += 1;
            }
        }
        let sorted = |names: &Names<'_>| {
            let mut names: Vec<String> = names.iter().map(|(n, _)| (*n).to_owned()).collect();
            names.sort_unstable();
            names
        };
        let on_tcp = pairs
            .iter()
            .filter(|((_, t), _)| *t == Some(Transport::Tcp));
        counted.tcp_udp_differ = on_tcp
            .filter(|((port, _), tcp)| {
                pairs
                    .get(&(*port, Some(Transport::Udp)))
                    .is_some_and(|udp| sorted(tcp) != sorted(udp))
            })
            .count();
        counted
    }
}
