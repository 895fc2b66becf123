//! The Huffman code of HPACK, RFC 7541 §5.2 and Appendix B.
//!
//! The code is canonical: of one length, codes rise with the symbol. So the lengths are all of it.

use std::sync::LazyLock;

/// The bits of each symbol's code, by symbol; the last is the end of a string.
static LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

const LONGEST: usize = 30;
const END: usize = 256;

/// The symbols in the order of their codes, and of each length the first code and its place.
struct Code {
    symbols: Vec<usize>,
    /// By length: the first code, where its symbol stands, how many there are.
    lengths: Vec<(u32, usize, u32)>,
}

static CODE: LazyLock<Code> = LazyLock::new(|| {
    let mut symbols = Vec::with_capacity(LENGTHS.len());
    let mut lengths = vec![(0, 0, 0)];
    let mut code = 0u32;
    for length in 1..=LONGEST {
        code <<= 1;
        let before = symbols.len();
        let of_length = LENGTHS.iter().enumerate();
        symbols.extend(
            of_length
                .filter(|(_, l)| usize::from(**l) == length)
                .map(|(symbol, _)| symbol),
        );
        let count = u32::try_from(symbols.len() - before).unwrap_or(0);
        lengths.push((code, before, count));
        code += count;
    }
    Code { symbols, lengths }
});

/// The text of a coded string; `None` where it is no such code, or is not padded as it must be.
pub(super) fn decode(coded: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(coded.len() * 8 / 5);
    let (mut code, mut length) = (0u32, 0usize);
    for byte in coded {
        for bit in (0..8).rev() {
            code = (code << 1) | u32::from(byte >> bit & 1);
            length += 1;
            let (first, place, count) = *CODE.lengths.get(length)?;
            let Some(at) = code.checked_sub(first).filter(|at| *at < count) else {
                continue;
            };
            let symbol = *CODE.symbols.get(place + usize::try_from(at).ok()?)?;
            if symbol == END {
                return None;
            }
            text.push(u8::try_from(symbol).ok()?);
            (code, length) = (0, 0);
        }
    }
    // §5.2: less than a byte of the most significant bits of the end's code, which are ones.
    let padded = length < 8 && code == (1 << length) - 1;
    padded.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of RFC 7541, Appendix C.4 and C.6.
    #[test]
    fn the_examples_of_rfc_7541_are_read() {
        let coded = [
            0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
        ];
        assert_eq!(decode(&coded).as_deref(), Some(&b"www.example.com"[..]));
        assert_eq!(
            decode(&[0xa8, 0xeb, 0x10, 0x64, 0x9c, 0xbf]).as_deref(),
            Some(&b"no-cache"[..])
        );
        assert_eq!(decode(&[0x64, 0x02]).as_deref(), Some(&b"302"[..]));
        assert_eq!(decode(&[0xa8, 0xeb, 0x10, 0x64, 0x9c]), None);
        assert_eq!(decode(&[0xff, 0xff, 0xff, 0xff]), None);
    }
}
