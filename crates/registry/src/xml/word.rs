//! Looking at several bytes of a text at once, as one number.

/// Whether two names of one length are equal; most are short, for which a call costs more than it
/// does.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    match a.len() {
        4..8 => a.first_chunk::<4>() == b.first_chunk() && a.last_chunk::<4>() == b.last_chunk(),
        8..=16 => a.first_chunk::<8>() == b.first_chunk() && a.last_chunk::<8>() == b.last_chunk(),
        _ => a == b,
    }
}

/// How many bytes of white space come first. Eight at once, since a line feed and an indent are
/// mostly no longer, and a loop over bytes is mispredicted at its end.
pub(super) fn blanks(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk() {
        let word = u64::from_le_bytes(*word);
        let blank =
            equal(word, b' ') | equal(word, b'\n') | equal(word, b'\r') | equal(word, b'\t');
        match (!blank & HIGH).trailing_zeros() {
            64 => at += 8,
            bits => return at + bits as usize / 8,
        }
    }
    let is_blank = |b: &&u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t');
    at + bytes[at..].iter().take_while(is_blank).count()
}

/// How far it is to the closing quote, or to a `<`, which no value may hold; eight bytes at once.
pub(super) fn value(bytes: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(word) = bytes[at..].first_chunk() {
        let word = u64::from_le_bytes(*word);
        match (equal(word, quote) | equal(word, b'<')).trailing_zeros() {
            64 => at += 8,
            bits => return at + bits as usize / 8,
        }
    }
    let rest = &bytes[at..];
    let end = rest.iter().position(|b| *b == quote || *b == b'<');
    at + end.unwrap_or(rest.len())
}

const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// The highest bit of each byte in a word that equals `byte`, exactly.
const fn equal(word: u64, byte: u8) -> u64 {
    let differs = word ^ u64::from_le_bytes([byte; 8]);
    !(((differs & !HIGH) + !HIGH) | differs | !HIGH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_bytes_do() {
        for length in 0..20 {
            let blank = b" \n\r\t".repeat(5)[..length].to_vec();
            for after in ["", "<", "<a", "a long text behind it", "\u{a0}é"] {
                let text = [&blank[..], after.as_bytes()].concat();
                assert_eq!(blanks(&text), length, "{text:?}");
            }
            let plain = vec![b'!'; length];
            for after in ["", "\"", "<", "\"aaaaaaaaaa", "<\"aaaaaaaaaa"] {
                let text = [&plain[..], after.as_bytes()].concat();
                assert_eq!(value(&text, b'"'), length, "{text:?}");
            }
            for changed in 0..length {
                let mut other = plain.clone();
                other[changed] = b'?';
                assert!(!same(&plain, &other));
            }
            assert!(same(&plain, &plain));
        }
    }
}
