//! The index by service name: row numbers, by folded name, then name, then number.

use std::cmp::Ordering;

use zerocopy::little_endian::U32;

use super::Row;
use crate::name;

/// Rows side by side with one name; the registry has tcp and udp of most names so.
struct Run {
    /// Whether the sorting key has all of the folded name, as it has of most.
    whole: bool,
    first: u32,
    end: u32,
}

/// How much of a folded name is in its sorting key.
const KEY: usize = 12;

/// Sorts the named rows.
///
/// Cost: one number for each run of rows, with the first bytes of its folded name above the run's
///       place, so that sorting compares numbers; texts are compared only where those bytes are
///       equal.
pub(super) fn names(rows: &[Row], heap: &[u8]) -> Vec<U32> {
    let mut runs: Vec<Run> = Vec::with_capacity(rows.len());
    let mut order: Vec<u128> = Vec::with_capacity(rows.len());
    let mut named = 0;
    let mut before: &[u8] = b"";
    for (number, row) in (0u32..).zip(rows) {
        let name = row.name_bytes(heap);
        if let Some(run) = runs.last_mut()
            && run.end == number
            && before == name
        {
            run.end += 1;
            named += 1;
            continue;
        }
        before = name;
        if let Some((key, whole)) = key(row, heap) {
            named += 1;
            order.push(key | runs.len() as u128);
            runs.push(Run {
                whole,
                first: number,
                end: number + 1,
            });
        }
    }
    order.sort_unstable();
    let run = |placed: u128| &runs[placed as u32 as usize];
    let text = |run: &Run| rows[run.first as usize].name(heap);
    for equal in order.chunk_by_mut(|a, b| a >> 32 == b >> 32) {
        if equal.len() == 1 {
            continue;
        }
        equal.sort_unstable_by(|a, b| {
            let (a, b) = (run(*a), run(*b));
            let folded = match a.whole && b.whole {
                true => Ordering::Equal,
                false => name::compare(text(a), text(b)),
            };
            folded
                .then_with(|| text(a).cmp(text(b)))
                .then(a.first.cmp(&b.first))
        });
    }
    let mut numbers = Vec::with_capacity(named);
    for placed in order {
        let run = run(placed);
        numbers.extend((run.first..run.end).map(U32::new));
    }
    numbers
}

/// The first [`KEY`] bytes of a row's folded name, big-endian, so that they sort as the text does,
/// above 32 bits of nothing, and whether that is all of it; `None` where nothing of the name is
/// left.
fn key(row: &Row, heap: &[u8]) -> Option<(u128, bool)> {
    let bytes = row.name_bytes(heap);
    let mut folded = [0u8; 16];
    let mut length = 0;
    let mut whole = true;
    if bytes.len() <= folded.len() && bytes.is_ascii() {
        // Each byte is written, and the next one over it where it does not count: no branch.
        for byte in bytes {
            folded[length & 15] = byte.to_ascii_lowercase();
            length += usize::from(!matches!(byte, b'-' | b'_'));
        }
        folded[length..].fill(0);
    } else {
        let mut buffer = [0; 4];
        for character in name::folded(row.name(heap)) {
            for byte in character.encode_utf8(&mut buffer).bytes() {
                match folded.get_mut(length) {
                    Some(place) => {
                        *place = byte;
                        length += 1;
                    }
                    None => whole = false,
                }
            }
        }
    }
    // A zero byte inside a name would look like the padding behind a shorter one.
    whole &= length <= KEY && !folded[..length].contains(&0);
    let key = u128::from_be_bytes(folded) >> 32 << 32;
    (length > 0).then_some((key, whole))
}
