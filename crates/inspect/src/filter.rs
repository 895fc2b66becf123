//! Programs for the kernel's socket filter: "this port, at either end".
//!
//! Source: `linux/inet_diag.h` and `inet_diag_bc_run`, `inet_diag_bc_audit` in
//! net/ipv4/inet_diag.c. A program is a run of jumps forward: each operation moves on by `yes` or
//! by `no` bytes; landing on the program's end accepts, beyond it refuses.
//!
//! ```text
//! inet_diag_bc_op  code u8, yes u8, no u16; a comparison's port is the `no` of a second one
//! ```

use portolan_registry::PortRange;

const JMP: u8 = 1;
const SOURCE_GE: u8 = 2;
const SOURCE_LE: u8 = 3;
const DESTINATION_GE: u8 = 4;
const DESTINATION_LE: u8 = 5;
const SOURCE_EQ: u8 = 11;
const DESTINATION_EQ: u8 = 12;

const OPERATION: usize = 4;
/// A comparison and its port.
const COMPARISON: usize = 2 * OPERATION;

/// The most ranges that one program takes; past it, filtering the whole dump costs less.
pub const MOST_RANGES: usize = 16;

/// A program that accepts sockets with a local or remote port inside one of `ranges`.
///
/// `None` where `ranges` is empty or longer than [`MOST_RANGES`]. Port 0 is never asked for: a
/// socket without a far end has it there.
#[must_use]
pub fn ports(ranges: &[PortRange]) -> Option<Vec<u8>> {
    if ranges.is_empty() || ranges.len() > MOST_RANGES {
        return None;
    }
    let alternatives = ranges.iter().flat_map(|range| {
        let (first, last) = (range.first().max(1), range.last());
        [
            [(SOURCE_EQ, first), (SOURCE_GE, first), (SOURCE_LE, last)],
            [
                (DESTINATION_EQ, first),
                (DESTINATION_GE, first),
                (DESTINATION_LE, last),
            ],
        ]
        .map(|[equal, least, most]| {
            if first == last {
                vec![equal]
            } else {
                vec![least, most]
            }
        })
    });
    let alternatives: Vec<_> = alternatives.collect();
    let length: usize = alternatives
        .iter()
        .map(|tests| tests.len() * COMPARISON + OPERATION)
        .sum::<usize>()
        + OPERATION;

    let mut out = Vec::with_capacity(length);
    for tests in &alternatives {
        let next = out.len() + tests.len() * COMPARISON + OPERATION;
        for &(code, port) in tests {
            let otherwise = next - out.len();
            operation(&mut out, code, COMPARISON as u8, otherwise as u16);
            operation(&mut out, 0, 0, port);
        }
        let accept = length - out.len();
        operation(&mut out, JMP, OPERATION as u8, accept as u16);
    }
    operation(&mut out, JMP, OPERATION as u8, COMPARISON as u16);
    Some(out)
}

fn operation(out: &mut Vec<u8>, code: u8, yes: u8, no: u16) {
    out.extend_from_slice(&[code, yes]);
    out.extend_from_slice(&no.to_ne_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(program: &[u8], at: usize) -> (u8, usize, u16) {
        let no = u16::from_ne_bytes([program[at + 2], program[at + 3]]);
        (program[at], usize::from(program[at + 1]), no)
    }

    /// The kernel's `inet_diag_bc_run`.
    fn accepts(program: &[u8], source: u16, destination: u16) -> bool {
        let mut at = 0;
        while at < program.len() {
            let (code, yes, no) = read(program, at);
            let argument = || read(program, at + OPERATION).2;
            let holds = match code {
                JMP => false,
                SOURCE_GE => source >= argument(),
                SOURCE_LE => source <= argument(),
                SOURCE_EQ => source == argument(),
                DESTINATION_GE => destination >= argument(),
                DESTINATION_LE => destination <= argument(),
                DESTINATION_EQ => destination == argument(),
                _ => panic!("operation {code}"),
            };
            at += if holds { yes } else { usize::from(no) };
        }
        at == program.len()
    }

    /// The kernel's `inet_diag_bc_audit`, which refuses programs that could run astray.
    fn is_sound(program: &[u8]) -> bool {
        let mut starts = vec![];
        let mut at = 0;
        while at < program.len() {
            starts.push(at);
            at += read(program, at).1;
        }
        at == program.len()
            && starts.iter().all(|&at| {
                let (code, yes, no) = read(program, at);
                let (left, no) = (program.len() - at, usize::from(no));
                let least = if code == JMP { OPERATION } else { COMPARISON };
                yes >= least
                    && no >= least
                    && no <= left + OPERATION
                    && no % 4 == 0
                    && (no >= left || starts.contains(&(at + no)))
            })
    }

    fn ranges() -> impl Strategy<Value = Vec<PortRange>> {
        let port = || prop_oneof![0..20u16, any::<u16>(), 65500..=65535u16];
        let range = (port(), port()).prop_map(|(a, b)| PortRange::new(a.min(b), a.max(b)).unwrap());
        let single = port().prop_map(PortRange::single);
        proptest::collection::vec(prop_oneof![range, single], 1..=MOST_RANGES)
    }

    #[test]
    fn too_many_ranges_have_no_program() {
        assert_eq!(ports(&[]), None);
        assert_eq!(ports(&[PortRange::single(1); MOST_RANGES + 1]), None);
    }

    proptest! {
        #[test]
        fn a_program_accepts_what_its_ranges_hold(
            ranges in ranges(),
            source in prop_oneof![0..30u16, any::<u16>()],
            destination in prop_oneof![Just(0u16), 0..30u16, any::<u16>()],
        ) {
            let program = ports(&ranges).unwrap();
            prop_assert!(is_sound(&program));
            let holds = |port| port != 0 && ranges.iter().any(|range| range.contains(port));
            prop_assert_eq!(accepts(&program, source, destination), holds(source) || holds(destination));
        }
    }
}
