//! The map of the port space.

use portolan_registry::map::{PortMap, Use};
use portolan_registry::{PortRange, Registry, State, Transport};

use crate::{base, registry};

#[test]
fn every_port_has_its_cell() {
    let base = Registry::from_csv(base().as_slice()).unwrap();
    for transport in Transport::ALL.into_iter().map(Some).chain([None]) {
        let map = PortMap::of(&base, transport);
        assert_eq!(map.uses().len(), 65_536);
        let slices: u32 = map.slices().flat_map(|(_, count)| count).sum();
        assert_eq!(slices, 65_536);
        assert_eq!(map.count(PortRange::ALL).iter().sum::<u32>(), 65_536);
        assert_eq!(map.count(PortRange::ALL)[Use::Dynamic as usize], 16_384);
    }
    let tcp = PortMap::of(&base, Some(Transport::Tcp));
    let assigned = |port| base.standing(port, Transport::Tcp).state == State::Assigned;
    let counted = (0..=u16::MAX).filter(|port| assigned(*port)).count();
    let count = tcp.count(PortRange::ALL);
    assert_eq!(count[Use::Assigned as usize] as usize, counted);
}

#[test]
fn the_picture_is_well_formed_and_says_in_words_what_it_shows() {
    let registry = registry("a,10-12,tcp,,,,2020-01-02,,,,,\n,13,,Unassigned,,,,,,,,\n");
    let svg = PortMap::of(&registry, Some(Transport::Tcp)).to_svg("2020<&");
    let mut open = Vec::new();
    let mut text = String::new();
    for piece in svg.split('<').skip(1) {
        let (tag, after) = piece.split_once('>').unwrap();
        text.push_str(after.trim());
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
        assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
        for (at, _) in after.match_indices('&') {
            assert!(after[at..].starts_with("&amp;") || after[at..].starts_with("&lt;"));
        }
    }
    assert!(open.is_empty());
    assert!(text.contains("assigned to a service: 3 ports"), "{text}");
    assert!(text.contains("registry of 2020&lt;&amp;"));
    assert!(svg.contains("role=\"img\" aria-labelledby=\"t d\""));
}
