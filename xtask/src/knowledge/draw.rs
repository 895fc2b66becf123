//! A draw: some facts by chance, the same for the same seed on every machine, for a person to open
//! their sources and say whether these bear the facts out.

use std::fmt::Write as _;

use portolan_ports::knowledge::Fact;

/// `count` different facts, or all where there are not that many, as text.
pub(super) fn text(facts: &[Fact<'_>], count: usize, seed: u64) -> String {
    let drawn = draw(facts.len(), count, seed);
    let mut text = format!(
        "{} of {} facts, seed {seed}; open each source: does it name the number, and say this?\n",
        drawn.len(),
        facts.len()
    );
    for (number, place) in (1..).zip(drawn) {
        let fact = &facts[place];
        let transports: Vec<&str> = fact.transports().map(|t| t.as_str()).collect();
        let told = |label: &str, value: Option<&str>| {
            value.map_or_else(String::new, |value| format!("\n    {label}: {value}"))
        };
        let _infallible = writeln!(
            text,
            "\n{number:>3} {}/{} {} ({}.toml)\n    {}{}{}{}\n    {}\n    {}\n    {}",
            fact.ports,
            transports.join("+"),
            fact.kind.as_str(),
            fact.area,
            fact.text,
            told("protocol", fact.protocol),
            told("product", fact.product),
            told("disputes", fact.disputes),
            fact.source_title,
            fact.source,
            match fact.checked {
                Some(day) if fact.verified => format!("opened on {day}"),
                _ => "not opened: unverified".to_owned(),
            },
        );
    }
    text
}

/// The places of `count` out of `all`, each at most once, in ascending order: the first steps of a
/// Fisher-Yates shuffle.
fn draw(all: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut random = SplitMix { state: seed };
    let mut places: Vec<usize> = (0..all).collect();
    let count = count.min(all);
    for taken in 0..count {
        let other = taken + random.below(all - taken);
        places.swap(taken, other);
    }
    places.truncate(count);
    places.sort_unstable();
    places
}

/// SplitMix64: every 64-bit state in turn, mixed until no pattern is left. Not for secrets.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SplitMix {
    state: u64,
}

impl SplitMix {
    const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = self.state;
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0. The remainder prefers small numbers by less than one
    /// part in 2^40 for any count of facts.
    const fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published generator's first outputs for seed 0.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = SplitMix { state: 0 };
        let first = [(); 3].map(|()| random.next());
        assert_eq!(
            first,
            [
                0xe220_a839_7b1d_cdaf,
                0x6e78_9e6a_a1b9_65f4,
                0x06c4_5d18_8009_454f
            ]
        );
    }

    #[test]
    fn a_draw_is_the_same_for_the_same_seed_and_names_nothing_twice() {
        let drawn = draw(400, 30, 7);
        assert_eq!(drawn, draw(400, 30, 7));
        assert_ne!(drawn, draw(400, 30, 8));
        assert_eq!(drawn.len(), 30);
        assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.iter().all(|place| *place < 400));
        assert_eq!(draw(3, 30, 7), [0, 1, 2]);
        assert!(draw(0, 30, 7).is_empty());
    }

    /// Over many seeds every place is drawn about as often as any other.
    #[test]
    fn no_place_is_preferred() {
        let mut times = [0_u32; 20];
        for seed in 0..4_000 {
            for place in draw(20, 5, seed) {
                times[place] += 1;
            }
        }
        // 1,000 expected; six standard deviations are 164.
        assert!(times.iter().all(|n| (836..1164).contains(n)), "{times:?}");
    }
}
