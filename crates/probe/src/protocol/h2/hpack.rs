//! Header blocks of HTTP/2: HPACK, RFC 7541, the reading side.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::huffman;

/// A header's name and its value.
pub(in crate::protocol) type Header = (Vec<u8>, Vec<u8>);

/// RFC 7541, Appendix A.
#[rustfmt::skip]
static STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

/// The size of the dynamic table where nobody said otherwise (RFC 9113 §6.5.2).
const TABLE_SIZE: usize = 4096;

/// More headers than are kept of one block.
const MOST_HEADERS: usize = 200;

/// The decoder of one direction of one connection.
#[derive(Default)]
pub(super) struct Decoder {
    /// The newest entry first.
    table: VecDeque<Header>,
}

impl Decoder {
    /// Reads one whole block; `None` where it is not one.
    pub(super) fn block(&mut self, mut rest: &[u8]) -> Option<Vec<Header>> {
        let mut headers = Vec::new();
        while let Some(&byte) = rest.first() {
            let (header, kept) = match byte {
                // §6.1: both are in the table.
                0x80.. => (self.entry(integer(&mut rest, 7)?)?, false),
                // §6.2.1: literal, and kept.
                0x40..0x80 => (self.literal(&mut rest, 6)?, true),
                // §6.3: the table's new size, which only ever may shrink ours.
                0x20..0x40 => {
                    let size = integer(&mut rest, 5)?;
                    if size > TABLE_SIZE {
                        return None;
                    }
                    self.shrink(size);
                    continue;
                }
                // §6.2.2, §6.2.3: literal, and not kept.
                0..0x20 => (self.literal(&mut rest, 4)?, false),
            };
            if kept {
                self.table.push_front(header.clone());
                self.shrink(TABLE_SIZE);
            }
            if headers.len() == MOST_HEADERS {
                return None;
            }
            headers.push(header);
        }
        Some(headers)
    }

    fn literal(&self, rest: &mut &[u8], prefix: u32) -> Option<Header> {
        let name = match integer(rest, prefix)? {
            0 => string(rest)?,
            index => self.entry(index)?.0,
        };
        Some((name, string(rest)?))
    }

    /// §2.3.3: the static table, and the dynamic one after it.
    fn entry(&self, index: usize) -> Option<Header> {
        let at = index.checked_sub(1)?;
        match STATIC.get(at) {
            Some((name, value)) => Some((name.as_bytes().to_vec(), value.as_bytes().to_vec())),
            None => self.table.get(at - STATIC.len()).cloned(),
        }
    }

    /// Drops the oldest entries until the rest fits; §4.1 counts 32 more for each.
    fn shrink(&mut self, size: usize) {
        let cost = |(name, value): &Header| name.len() + value.len() + 32;
        let mut used: usize = self.table.iter().map(cost).sum();
        while used > size {
            used -= self.table.pop_back().as_ref().map_or(used, cost);
        }
    }
}

/// §5.1.
fn integer(rest: &mut &[u8], prefix: u32) -> Option<usize> {
    let (first, mut tail) = rest.split_first()?;
    let most = (1usize << prefix) - 1;
    let mut value = usize::from(*first) & most;
    if value == most {
        // Three bytes reach far beyond any length that is read here.
        for shift in [0, 7, 14] {
            let (byte, after) = tail.split_first()?;
            tail = after;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                *rest = tail;
                return Some(value);
            }
        }
        return None;
    }
    *rest = tail;
    Some(value)
}

/// §5.2.
fn string(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let coded = rest.first()? & 0x80 != 0;
    let length = integer(rest, 7)?;
    let (text, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    match coded {
        true => huffman::decode(text),
        false => Some(text.to_vec()),
    }
}

/// The values of every header of that lower-case name.
pub(in crate::protocol) fn values<'a>(
    headers: &'a [Header],
    name: &str,
) -> impl Iterator<Item = Cow<'a, [u8]>> {
    headers
        .iter()
        .filter(move |(n, _)| n == name.as_bytes())
        .map(|(_, value)| Cow::Borrowed(value.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7541, Appendix C.6.1 and C.6.2: two answers with a table of 256 bytes between them.
    #[test]
    fn the_answers_of_rfc_7541_are_read() {
        let first = b"\x48\x82\x64\x02\x58\x85\xae\xc3\x77\x1a\x4b\x61\x96\xd0\x7a\xbe\x94\x10\x54\
                      \xd4\x44\xa8\x20\x05\x95\x04\x0b\x81\x66\xe0\x82\xa6\x2d\x1b\xff\x6e\x91\x9d\
                      \x29\xad\x17\x18\x63\xc7\x8f\x0b\x97\xc8\xe9\xae\x82\xae\x43\xd3";
        let mut decoder = Decoder::default();
        let headers = decoder.block(first).unwrap();
        let value = |headers: &[Header], name| {
            values(headers, name)
                .next()
                .map(|v| String::from_utf8_lossy(&v).into_owned())
        };
        assert_eq!(value(&headers, ":status").as_deref(), Some("302"));
        assert_eq!(
            value(&headers, "location").as_deref(),
            Some("https://www.example.com")
        );
        let second = decoder.block(b"\x48\x83\x64\x0e\xff\xc1\xc0\xbf").unwrap();
        assert_eq!(value(&second, ":status").as_deref(), Some("307"));
        assert_eq!(value(&second, "cache-control").as_deref(), Some("private"));
    }

    #[test]
    fn what_is_no_block_is_refused() {
        for bytes in [
            &b"\x80"[..],
            b"\xff\xff\xff\xff\xff",
            b"\x40\x05abc",
            b"\xc0",
            b"\x3f\xff\xff\x7f",
        ] {
            assert_eq!(Decoder::default().block(bytes), None, "{bytes:x?}");
        }
    }
}
