//! The index by service name: row numbers, by folded name, then name, then number.

use std::cmp::Ordering;

use zerocopy::little_endian::U32;

use super::Row;
use crate::name;

/// Rows side by side with one name; the registry has tcp and udp of most names so.
struct Run {
    /// The folded name's first 16 bytes, big-endian, so that it sorts as the text does.
    key: u128,
    /// Whether `key` is all of the folded name, as it is of every name within RFC 6335's length.
    whole: bool,
    first: u32,
    end: u32,
}

/// Sorts the named rows.
///
/// Cost: one key of 16 bytes for each run of rows; texts are compared only where keys are equal.
pub(super) fn names(rows: &[Row], heap: &[u8]) -> Vec<U32> {
    let mut runs: Vec<Run> = Vec::with_capacity(rows.len());
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
            runs.push(Run {
                key,
                whole,
                first: number,
                end: number + 1,
            });
        }
    }
    let text = |run: &Run| rows[run.first as usize].name(heap);
    runs.sort_unstable_by(|a, b| {
        a.key
            .cmp(&b.key)
            .then_with(|| match a.whole && b.whole {
                true => Ordering::Equal,
                false => name::compare(text(a), text(b)),
            })
            .then_with(|| text(a).cmp(text(b)))
            .then(a.first.cmp(&b.first))
    });
    let mut numbers = Vec::with_capacity(named);
    for run in runs {
        numbers.extend((run.first..run.end).map(U32::new));
    }
    numbers
}

/// The key of a row's name; `None` where nothing of the name is left.
fn key(row: &Row, heap: &[u8]) -> Option<(u128, bool)> {
    let bytes = row.name_bytes(heap);
    let mut key = [0u8; 16];
    let mut length = 0;
    let mut whole = true;
    let mut take = |byte| match key.get_mut(length) {
        Some(place) => {
            *place = byte;
            length += 1;
        }
        None => whole = false,
    };
    if bytes.is_ascii() {
        for byte in bytes {
            if !matches!(byte, b'-' | b'_') {
                take(byte.to_ascii_lowercase());
            }
        }
    } else {
        let mut buffer = [0; 4];
        for character in name::folded(row.name(heap)) {
            for byte in character.encode_utf8(&mut buffer).bytes() {
                take(byte);
            }
        }
    }
    // A zero byte inside a name would look like the padding behind a shorter one.
    whole &= !key[..length].contains(&0);
    (length > 0).then(|| (u128::from_be_bytes(key), whole))
}
