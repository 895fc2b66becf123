//! What the system sets aside, as a network namespace of its own has it.

use std::fs;

use portolan_inspect::local_ranges;
use portolan_registry::PortRange;

use crate::machine::Netns;

const FOLDER: &str = "/proc/sys/net/ipv4";

#[test]
fn a_namespace_tells_its_own_ranges_and_a_long_list_whole() {
    let netns = Netns::new("ranges");
    // Far more than std reads at first, which is all that the kernel would tell then.
    let every_second: Vec<u16> = (1025..9000).step_by(2).collect();
    let words: Vec<String> = every_second.iter().map(ToString::to_string).collect();
    let found = netns.inside(|| {
        let write = |name: &str, text: &str| fs::write(format!("{FOLDER}/{name}"), text).unwrap();
        write("ip_local_port_range", "20000 30001");
        write("ip_unprivileged_port_start", "80");
        // The kernel takes a page at most with one write(2).
        write("ip_local_reserved_ports", &words[..600].join(","));
        local_ranges()
    });
    assert_eq!(found.ephemeral, PortRange::new(20000, 30001));
    assert_eq!(found.unprivileged_from, Some(80));
    let ports: Vec<u16> = found
        .reserved
        .iter()
        .flat_map(|range| range.ports())
        .collect();
    assert_eq!(ports, every_second[..600]);
    assert_eq!(found.gaps, []);
    assert_eq!(found.privileged(79), Some(true));
    assert_eq!(found.privileged(80), Some(false));
}
