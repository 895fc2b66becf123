//! A change: what the newer, poorer source says otherwise than the base about one port of one transport.
//!
//! The newer source names each (port, transport) pair once, with the last of its names, and knows neither
//! ranges nor port-less names. So it may add and rename, but never take a second name away.

use std::collections::{BTreeMap, BTreeSet};

use portolan_registry::{Port, PortRange, Transport};

/// One port of one transport.
pub(crate) type Pair = (Port, Transport);

/// What both sources say of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The service name; empty for Unassigned and Reserved.
    pub(crate) name: String,
    /// IANA's description.
    pub(crate) description: String,
}

impl Claim {
    fn same_words(&self, other: &Self) -> bool {
        self.description
            .split_whitespace()
            .eq(other.description.split_whitespace())
    }
}

/// A row of the base, as far as the comparison needs it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// `None` for a name without a port.
    pub(crate) ports: Option<PortRange>,
    /// `None` where the row speaks for every transport.
    pub(crate) transport: Option<Transport>,
    /// The row's name and description.
    pub(crate) claim: Claim,
}

impl Row {
    fn pair(&self) -> Option<Pair> {
        let ports = self.ports.filter(|ports| ports.is_single())?;
        Some((ports.first(), self.transport?))
    }

    fn covers(&self, (port, transport): Pair) -> bool {
        self.ports.is_some_and(|ports| ports.contains(port))
            && self.transport.is_none_or(|own| own == transport)
    }
}

/// How a pair changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// No row of the base is about exactly this pair: a hole in an Unassigned range or row.
    Added,
    /// The name is another one, or there is none any more.
    Replaced,
    /// The same name with another description.
    Described,
}

impl Kind {
    /// The word in the `Change` column.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Described => "described",
        }
    }
}

/// One touched pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// How.
    pub(crate) kind: Kind,
    /// Which.
    pub(crate) pair: Pair,
    /// What the newer source says now.
    pub(crate) claim: Claim,
}

/// All changes by port and transport, and what the newer source no longer has at all.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    /// Sorted by pair.
    pub(crate) changes: Vec<Change>,
    /// Pairs with a row of their own in the base and none in the newer source.
    pub(crate) vanished: BTreeSet<Pair>,
}

impl Difference {
    /// How many changes are of this kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.changes
            .iter()
            .filter(|change| change.kind == kind)
            .count()
    }
}

/// Lays the newer source over the base.
pub(crate) fn difference(base: &[Row], newer: &BTreeMap<Pair, Claim>) -> Difference {
    let mut exact: BTreeMap<Pair, Vec<&Claim>> = BTreeMap::new();
    for row in base {
        if let Some(pair) = row.pair() {
            exact.entry(pair).or_default().push(&row.claim);
        }
    }
    let vanished = exact
        .keys()
        .filter(|pair| !newer.contains_key(pair))
        .copied()
        .collect();

    let changes = newer
        .iter()
        .filter_map(|(&pair, claim)| {
            let kind = match exact.get(&pair) {
                Some(own) => compare(own, claim, Kind::Replaced),
                None => {
                    let covering: Vec<&Claim> = base
                        .iter()
                        .filter(|r| r.covers(pair))
                        .map(|r| &r.claim)
                        .collect();
                    let named = covering.iter().any(|claim| !claim.name.is_empty());
                    compare(
                        &covering,
                        claim,
                        if named { Kind::Replaced } else { Kind::Added },
                    )
                    .map(|kind| if named { kind } else { Kind::Added })
                }
            }?;
            Some(Change {
                kind,
                pair,
                claim: claim.clone(),
            })
        })
        .collect();
    Difference { changes, vanished }
}

fn compare(known: &[&Claim], claim: &Claim, otherwise: Kind) -> Option<Kind> {
    let mut namesakes = known
        .iter()
        .filter(|known| known.name == claim.name)
        .peekable();
    if namesakes.peek().is_none() {
        return Some(otherwise);
    }
    if namesakes.any(|known| known.same_words(claim)) {
        None
    } else {
        Some(Kind::Described)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(name: &str, description: &str) -> Claim {
        Claim {
            name: name.into(),
            description: description.into(),
        }
    }

    fn row(name: &str, ports: &str, transport: &str, description: &str) -> Row {
        Row {
            ports: ports.parse().ok(),
            transport: transport.parse().ok(),
            claim: claim(name, description),
        }
    }

    fn newer(entries: &[(Port, &str, &str, &str)]) -> BTreeMap<Pair, Claim> {
        entries
            .iter()
            .map(|&(port, transport, name, description)| {
                ((port, transport.parse().unwrap()), claim(name, description))
            })
            .collect()
    }

    fn told(base: &[Row], entries: &[(Port, &str, &str, &str)]) -> Vec<String> {
        difference(base, &newer(entries))
            .changes
            .iter()
            .map(|c| {
                format!(
                    "{} {}/{} {}",
                    c.kind.as_str(),
                    c.pair.0,
                    c.pair.1,
                    c.claim.name
                )
            })
            .collect()
    }

    #[test]
    fn a_hole_in_an_unassigned_range_is_added_with_its_reserved_twin() {
        let base = [
            row("", "288-307", "", "Unassigned"),
            row("", "2794", "", "Unassigned"),
        ];
        let entries = [
            (2794, "tcp", "urp", "Uniform Resource Platform"),
            (300, "udp", "", "Reserved"),
            (300, "tcp", "tacacss", "TLS Secure Login"),
            (301, "tcp", "", "Unassigned"),
        ];
        assert_eq!(
            told(&base, &entries),
            [
                "added 300/tcp tacacss",
                "added 300/udp ",
                "added 2794/tcp urp"
            ]
        );
    }

    #[test]
    fn another_name_and_no_name_both_replace() {
        let base = [
            row("compressnet", "2", "tcp", "Management Utility"),
            row("", "7123", "udp", "Reserved"),
            row("pmcdproxy", "44322", "tcp", "PCP server (pmcd) proxy"),
        ];
        let entries = [
            (2, "tcp", "", "Reserved"),
            (7123, "udp", "snif", "SNIF"),
            (44322, "tcp", "pmproxy", "PCP proxy"),
        ];
        assert_eq!(
            told(&base, &entries),
            [
                "replaced 2/tcp ",
                "replaced 7123/udp snif",
                "replaced 44322/tcp pmproxy"
            ]
        );
    }

    #[test]
    fn white_space_is_no_other_description() {
        let base = [
            row("epp", "700", "udp", "Extensible Provisioning Protocol"),
            row("echo", "7", "tcp", "Two\nlines  here"),
        ];
        let entries = [
            (700, "udp", "epp", "EPP running over QUIC"),
            (7, "tcp", "echo", "Two lines here"),
        ];
        assert_eq!(told(&base, &entries), ["described 700/udp epp"]);
    }

    #[test]
    fn a_pair_of_several_names_keeps_them_unless_the_name_is_new() {
        let base = [
            row("krb524", "4444", "tcp", "KRB524"),
            row("nv-video", "4444", "tcp", "NV Video default"),
        ];
        assert!(told(&base, &[(4444, "tcp", "nv-video", "NV Video default")]).is_empty());
        assert_eq!(
            told(&base, &[(4444, "tcp", "third", "Third")]),
            ["replaced 4444/tcp third"]
        );
    }

    #[test]
    fn a_named_range_speaks_for_its_ports() {
        let base = [row("x11", "6000-6063", "tcp", "X Window System")];
        assert!(told(&base, &[(6001, "tcp", "x11", "X Window System")]).is_empty());
        assert_eq!(
            told(&base, &[(6001, "tcp", "y", "Y")]),
            ["replaced 6001/tcp y"]
        );
    }

    #[test]
    fn what_the_newer_source_lacks_has_vanished_but_ranges_and_portless_names_never_do() {
        let base = [
            row("echo", "7", "tcp", "Echo"),
            row("", "717-728", "", "Unassigned"),
            row("", "51", "", "Reserved"),
            row("1password", "", "", "1Password"),
        ];
        let difference = difference(&base, &newer(&[]));
        assert_eq!(
            difference.vanished.into_iter().collect::<Vec<_>>(),
            [(7, Transport::Tcp)]
        );
    }
}
