//! In which order ports are looked at: for a name the same on every machine, in every version and
//! with every registry. `docs/suggest.md` specifies it, so that others may do the same.

use portolan_registry::Port;

/// FNV-1a, 64 bits: draft-eastlake-fnv.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// Rounds of the Feistel network.
const ROUNDS: u64 = 4;

/// An order of all 65,536 ports, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The one that a seed stands for.
    Seeded(u64),
    /// By the distance to this port, itself first; of two at the same distance the higher first.
    Near(Port),
}

impl Order {
    /// The order of a name. Case, hyphens, underscores and white space at the ends do not part
    /// names; the empty name has an order too.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let name = name.trim_matches(|c: char| c.is_ascii_whitespace());
        let folded = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
        let seed = folded.fold(FNV_BASIS, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(FNV_PRIME)
        });
        Self::Seeded(seed)
    }

    /// The ports, one after another; none is computed before it is asked for.
    #[must_use]
    pub fn ports(self) -> Box<dyn Iterator<Item = Port>> {
        match self {
            Self::Seeded(seed) => Box::new((0..=Port::MAX).map(move |place| permute(seed, place))),
            Self::Near(port) => Box::new(near(port)),
        }
    }
}

fn near(port: Port) -> impl Iterator<Item = Port> {
    let beside = (1..=Port::MAX).flat_map(move |distance| {
        let (above, below) = (port.checked_add(distance), port.checked_sub(distance));
        above.into_iter().chain(below)
    });
    std::iter::once(port).chain(beside)
}

/// A Feistel network over two halves of eight bits: a permutation, whatever its rounds mix.
fn permute(seed: u64, place: u16) -> Port {
    let [mut left, mut right] = place.to_be_bytes();
    for round in 0..ROUNDS {
        let mixed = split_mix(seed, round * 256 + u64::from(right));
        (left, right) = (right, left ^ mixed.to_le_bytes()[0]);
    }
    Port::from_be_bytes([left, right])
}

/// The output number `at`, counted from 0, of SplitMix64 with this seed (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014).
const fn split_mix(seed: u64, at: u64) -> u64 {
    let mut z = seed.wrapping_add((at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn first(name: &str) -> Vec<Port> {
        Order::named(name).ports().take(6).collect()
    }

    #[test]
    fn split_mix_is_the_published_one() {
        // The first outputs for the seed 1234567, as the Xoshiro authors' own code gives them.
        let outputs: Vec<u64> = (0..3).map(|at| split_mix(1_234_567, at)).collect();
        assert_eq!(
            outputs,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn fnv_is_the_published_one() {
        assert_eq!(Order::named(""), Order::Seeded(0xcbf2_9ce4_8422_2325));
        assert_eq!(Order::named("a"), Order::Seeded(0xaf63_dc4c_8601_ec8c));
        assert_eq!(Order::named("foobar"), Order::Seeded(0x8594_4171_f739_67e8));
    }

    #[test]
    fn spelling_does_not_part_names() {
        for name in ["MyApp", "my-app", " my_app\n", "MY-APP-"] {
            assert_eq!(Order::named(name), Order::named("myapp"), "{name}");
        }
        assert_ne!(Order::named("my app"), Order::named("myapp"));
        assert_ne!(Order::named("myapp2"), Order::named("myapp"));
    }

    #[test]
    fn every_order_has_every_port_once() {
        let orders = [
            Order::named(""),
            Order::named("myapp"),
            Order::Near(0),
            Order::Near(48_000),
            Order::Near(65_535),
        ];
        for order in orders {
            let ports: Vec<Port> = order.ports().collect();
            assert_eq!(ports.len(), 65_536, "{order:?}");
            let each: BTreeSet<Port> = ports.into_iter().collect();
            assert_eq!(each.len(), 65_536, "{order:?}");
        }
    }

    #[test]
    fn the_nearest_come_first() {
        let five = |port| Order::Near(port).ports().take(5).collect::<Vec<_>>();
        assert_eq!(five(48_000), [48_000, 48_001, 47_999, 48_002, 47_998]);
        assert_eq!(five(0), [0, 1, 2, 3, 4]);
        assert_eq!(five(65_534), [65_534, 65_535, 65_533, 65_532, 65_531]);
    }

    #[test]
    fn names_spread_over_the_whole_space() {
        let firsts = (0..4096).map(|n| first(&format!("app{n}"))[0]);
        let mut slices = [0_u32; 16];
        for port in firsts {
            slices[usize::from(port >> 12)] += 1;
        }
        // 256 are expected in each; five standard deviations are 77.
        for (slice, count) in slices.iter().enumerate() {
            assert!((179..=333).contains(count), "{slice}: {count}");
        }
    }

    // Never change these: a name's port is written into other people's files.
    #[test]
    fn the_orders_of_names_are_pinned() {
        assert_eq!(first(""), [48594, 49508, 44655, 47548, 31499, 55548]);
        assert_eq!(first("myapp"), [30703, 58506, 42918, 33719, 198, 16363]);
        assert_eq!(first("portolan"), [2240, 4116, 20271, 39197, 25448, 35277]);
        assert_eq!(first("größe"), [33095, 5033, 58560, 486, 22552, 18358]);
    }
}
