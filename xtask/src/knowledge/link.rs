//! Where the sources lie: by host, each address once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use portolan_ports::knowledge::Fact;

/// The hosts, those with most facts first, and below each its addresses.
pub(super) fn text(facts: &[Fact<'_>]) -> String {
    let mut hosts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fact in facts {
        hosts
            .entry(host(fact.source))
            .or_default()
            .push(fact.source);
    }
    let mut hosts: Vec<_> = hosts.into_iter().collect();
    hosts.sort_by_key(|(_, sources)| std::cmp::Reverse(sources.len()));
    let mut text = String::new();
    for (host, sources) in hosts {
        let addresses: BTreeSet<&str> = sources.iter().copied().collect();
        let _infallible = writeln!(
            text,
            "{host}: {} facts, {} addresses",
            sources.len(),
            addresses.len()
        );
        for address in addresses {
            let _infallible = writeln!(text, "  {address}");
        }
    }
    text
}

/// The host of a web address, which the build has seen to have one.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#', ':']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_stands_before_the_path() {
        for address in [
            "https://example.org",
            "http://example.org:8080/a",
            "https://example.org/?q",
            "https://example.org?q=1/2",
        ] {
            assert_eq!(host(address), "example.org");
        }
    }
}
