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
