//! Reading a protocol's bytes in order: what is there, what may yet come, what cannot be.
//!
//! A grammar that is read front to back with it stays with its answer whatever follows: what was
//! read stays read, and [`Stop::Never`] is met again by every longer text.

use super::{Match, Proof};

/// Why reading stopped before the grammar was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// All so far fits; more bytes could meet it.
    Short,
    /// No further byte can meet it.
    Never,
}

pub(super) type Read<T> = Result<T, Stop>;

/// What is left of the bytes received.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) const fn new(received: &'a [u8]) -> Self {
        Self(received)
    }

    /// What has not been read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(super) fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Stop::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Exactly these bytes; refused at the first that differs.
    pub(super) fn fixed(&mut self, bytes: &[u8]) -> Read<()> {
        if self.0.iter().zip(bytes).any(|(is, wanted)| is != wanted) {
            return Err(Stop::Never);
        }
        self.take(bytes.len()).map(drop)
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        Ok(self.big(1)?.to_be_bytes()[7])
    }

    pub(super) fn u16(&mut self) -> Read<u16> {
        self.big(2)?.try_into().or(Err(Stop::Never))
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        self.big(4)?.try_into().or(Err(Stop::Never))
    }

    /// A length or count of 32 bits that is refused beyond `most`.
    pub(super) fn count(&mut self, most: usize) -> Read<usize> {
        let count = usize::try_from(self.u32()?).or(Err(Stop::Never))?;
        ensure(count <= most)?;
        Ok(count)
    }

    /// A big-endian number of at most eight bytes.
    pub(super) fn big(&mut self, bytes: usize) -> Read<u64> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().fold(0, |sum, &b| sum << 8 | u64::from(b)))
    }

    /// A little-endian number of at most eight bytes.
    pub(super) fn little(&mut self, bytes: usize) -> Read<u64> {
        let taken = self.take(bytes)?;
        Ok(taken
            .iter()
            .rev()
            .fold(0, |sum, &b| sum << 8 | u64::from(b)))
    }

    /// UTF-8 without control characters, of that many bytes.
    pub(super) fn text(&mut self, count: usize) -> Read<&'a str> {
        let taken = self.take(count)?;
        let text = std::str::from_utf8(taken).or(Err(Stop::Never))?;
        ensure(!text.chars().any(char::is_control))?;
        Ok(text)
    }

    /// A line of printable ASCII of at most `longest` bytes, without its LF or CRLF.
    pub(super) fn line(&mut self, longest: usize) -> Read<&'a str> {
        let end = self.0.iter().position(|&b| b == b'\n');
        let line = self.0.get(..end.unwrap_or(self.0.len())).unwrap_or(&[]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        ensure(line.len() <= longest && line.iter().all(|&b| (0x20..0x7f).contains(&b)))?;
        let end = end.ok_or(Stop::Short)?;
        self.take(end + 1)?;
        std::str::from_utf8(line).or(Err(Stop::Never))
    }
}

/// Refuses for good unless `holds`.
pub(super) const fn ensure(holds: bool) -> Read<()> {
    if holds { Ok(()) } else { Err(Stop::Never) }
}

/// What the grammar made of the bytes, as [`super::Stream::recognise`] says it.
pub(super) fn judged(read: Read<Proof>) -> Match {
    match read {
        Ok(proof) => Match::Proven(Box::new(proof)),
        Err(Stop::Short) => Match::Partial,
        Err(Stop::Never) => Match::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lines_are_read_in_order() {
        let mut cursor = Cursor::new(b"\x01\x02\x03\x00\x00\x00ok\r\nrest");
        assert_eq!(cursor.u8(), Ok(1));
        assert_eq!(cursor.u16(), Ok(0x0203));
        assert_eq!(cursor.little(3), Ok(0));
        assert_eq!(cursor.line(8), Ok("ok"));
        assert_eq!(cursor.line(8), Err(Stop::Short));
        assert_eq!(cursor.fixed(b"rest of it"), Err(Stop::Short));
        assert_eq!(cursor.fixed(b"reset"), Err(Stop::Never));
        assert_eq!(cursor.text(9), Err(Stop::Short));
        assert_eq!(cursor.text(4), Ok("rest"));
    }

    #[test]
    fn a_line_too_long_or_unprintable_is_refused_before_its_end() {
        assert_eq!(Cursor::new(b"123456789").line(8), Err(Stop::Never));
        assert_eq!(Cursor::new(b"1\x07").line(8), Err(Stop::Never));
    }
}
