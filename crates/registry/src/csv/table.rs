//! From CSV to the flat table in one pass over the bytes.
//!
//! Cells are left where they lie in the file, which becomes the table's heap. Whatever is unusual
//! (an error, a quote in the middle of a cell, a blank line) is left to [`super::Reader`], which
//! knows every case and says what is wrong and where.

use super::{Error, HEADER, MOST_ROWS, OLD_UNAUTHORIZED, Reader, port_cell};
use crate::flat::{Cell, Parts};
use crate::{Builder, PortRange, Transport};

/// Reads a whole file into the sections of a flat table.
///
/// Cost: one pass, no allocation for any row.
///
/// # Errors
/// As [`Reader`] says them.
pub(crate) fn table(bytes: Vec<u8>) -> Result<Parts, Error> {
    let bytes = match plain(bytes) {
        Ok(builder) => return builder.parts(None).map_err(|_| Error::TooMany),
        Err(bytes) => bytes,
    };
    by_rows(&bytes)?.parts(None).map_err(|_| Error::TooMany)
}

/// The careful way, row by row.
fn by_rows(bytes: &[u8]) -> Result<Builder, Error> {
    let mut reader = Reader::new(bytes)?;
    let mut builder = Builder::default();
    while let Some((row, _)) = reader.next_row()? {
        builder.push(&row).map_err(|_| Error::TooMany)?;
    }
    Ok(builder)
}

/// The quick way; gives the bytes back where they want the careful one.
fn plain(bytes: Vec<u8>) -> Result<Builder, Vec<u8>> {
    let Some(start) = std::str::from_utf8(&bytes).ok().and_then(after_header) else {
        return Err(bytes);
    };
    let end = bytes.len();
    // A row of IANA's file has 80 bytes; a wrong guess costs one more allocation.
    let mut builder = Builder::with_room(end / 72, 0);
    let mut cells = Cells::new(&bytes, start);
    while cells.at < end {
        if row(&mut builder, &mut cells).is_none() || builder.len() > MOST_ROWS {
            return Err(bytes);
        }
    }
    if builder.len() == 0 {
        return Err(bytes);
    }
    let unquoted = cells.unquoted;
    builder.lay_over(bytes, &unquoted);
    Ok(builder)
}

/// Where the rows begin, if the header is one of the two as they are written.
fn after_header(text: &str) -> Option<usize> {
    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rest = unmarked;
    for (index, name) in HEADER.into_iter().enumerate() {
        rest = rest.strip_prefix(name).or_else(|| {
            (index == 10)
                .then(|| rest.strip_prefix(OLD_UNAUTHORIZED))
                .flatten()
        })?;
        if index < 11 {
            rest = rest.strip_prefix(',')?;
        }
    }
    rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    Some(text.len() - rest.len())
}

/// Places the row that begins where `cells` are.
fn row(builder: &mut Builder, cells: &mut Cells<'_>) -> Option<()> {
    let name = cells.kept()?;
    let port = cells.bytes()?;
    let transport = cells.bytes()?;
    let ports = match port {
        b"" => None,
        cell => Some(self::port(cell)?),
    };
    let transport = match transport {
        b"" => None,
        b"tcp" => Some(Transport::Tcp),
        b"udp" => Some(Transport::Udp),
        other => Some(std::str::from_utf8(other).ok()?.parse().ok()?),
    };
    let placed = [
        name,
        cells.kept()?,
        cells.kept()?,
        cells.kept()?,
        cells.kept()?,
        cells.kept()?,
        cells.kept()?,
        cells.kept()?,
        cells.kept()?,
        cells.last()?,
    ];
    let range_of_one = ports.is_some_and(PortRange::is_single) && port.contains(&b'-');
    for date in [placed[4], placed[5]] {
        builder.date(date, date.bytes(cells.text));
    }
    builder.place(placed, ports, transport, range_of_one);
    Some(())
}

/// Goes from cell to cell of a file.
struct Cells<'t> {
    text: &'t [u8],
    /// Where the next cell begins.
    at: usize,
    /// Where the 64 bytes begin that `stops` tells of.
    block: usize,
    /// A bit for each byte that may end a cell and was not yet passed.
    stops: u64,
    /// Texts with doubled quotes, as they read; they lie behind the file in the heap.
    unquoted: Vec<u8>,
}

impl<'t> Cells<'t> {
    fn new(text: &'t [u8], start: usize) -> Self {
        let mut cells = Self {
            text,
            at: start,
            block: start,
            stops: 0,
            unquoted: Vec::new(),
        };
        cells.seek(start);
        cells
    }

    /// A cell before the last, to be kept. Inlined, so that the processor learns for each column
    /// whether it is mostly empty.
    #[inline(always)]
    fn kept(&mut self) -> Option<Cell> {
        let from = self.at;
        let stop = self.next_stop();
        match self.text.get(stop) {
            Some(b',') => {
                self.at = stop + 1;
                Cell::at(from, stop).ok()
            }
            Some(b'"') if stop == from => {
                let cell = self.quoted()?;
                self.comma()?;
                Some(cell)
            }
            _ => None,
        }
    }

    /// A cell before the last, to be looked at; in quotes it is left to the careful way.
    #[inline(always)]
    fn bytes(&mut self) -> Option<&'t [u8]> {
        let from = self.at;
        let stop = self.next_stop();
        (self.text.get(stop) == Some(&b',')).then(|| {
            self.at = stop + 1;
            &self.text[from..stop]
        })
    }

    /// The last cell of a row, and the end of its line.
    #[inline(always)]
    fn last(&mut self) -> Option<Cell> {
        let from = self.at;
        let mut stop = self.next_stop();
        let cell = if stop == from && self.text.get(stop) == Some(&b'"') {
            let cell = self.quoted()?;
            stop = self.at;
            // What ends the line is a stop too, and passed here.
            if self.next_stop() != stop {
                return None;
            }
            cell
        } else {
            Cell::at(from, stop).ok()?
        };
        self.at = match self.text[stop..] {
            [] => stop,
            [b'\n', ..] => stop + 1,
            [b'\r', b'\n', ..] => {
                // The LF.
                self.next_stop();
                stop + 2
            }
            _ => return None,
        };
        Some(cell)
    }

    fn comma(&mut self) -> Option<()> {
        let stop = self.next_stop();
        (stop == self.at && self.text.get(stop) == Some(&b',')).then(|| self.at += 1)
    }

    /// A cell whose opening quote was passed.
    fn quoted(&mut self) -> Option<Cell> {
        let from = self.at + 1;
        let mut at = from;
        let mut doubled = false;
        let to = loop {
            let quote = at + memchr::memchr(b'"', self.text.get(at..)?)?;
            if self.text.get(quote + 1) != Some(&b'"') {
                break quote;
            }
            doubled = true;
            at = quote + 2;
        };
        self.at = to + 1;
        self.pass(to + 1);
        if !doubled {
            return Cell::at(from, to).ok();
        }
        let text = std::str::from_utf8(&self.text[from..to]).ok()?;
        let text = text.replace("\"\"", "\"");
        let start = self.text.len() + self.unquoted.len();
        self.unquoted.extend_from_slice(text.as_bytes());
        Cell::at(start, start + text.len()).ok()
    }

    /// The place of the next byte that may end a cell, which is passed; the file's end without one.
    #[inline(always)]
    fn next_stop(&mut self) -> usize {
        while self.stops == 0 {
            if self.block + BLOCK >= self.text.len() {
                return self.text.len();
            }
            self.seek(self.block + BLOCK);
        }
        let stop = self.block + self.stops.trailing_zeros() as usize;
        self.stops &= self.stops - 1;
        stop
    }

    /// Passes all before `to`.
    fn pass(&mut self, to: usize) {
        match to - self.block {
            passed @ 0..BLOCK => self.stops &= u64::MAX << passed,
            _ => self.seek(to),
        }
    }

    fn seek(&mut self, to: usize) {
        self.block = to;
        let rest = self.text.get(to..).unwrap_or_default();
        self.stops = match rest.first_chunk() {
            Some(block) => stops(block),
            None => {
                // Zeros end no cell.
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                stops(&block)
            }
        };
    }
}

/// As many bytes as a number has bits.
const BLOCK: usize = 64;

/// A bit for each byte of a block that is a comma, a quote, CR or LF, the lowest for the first.
///
/// All bytes at once, since most cells are too short for memchr and a loop over a cell's bytes is
/// mispredicted at the end of each.
fn stops(block: &[u8; BLOCK]) -> u64 {
    /// Moves the lowest bits of eight bytes side by side into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    // Without a branch, so that the compiler compares many bytes with one instruction.
    let found = block.map(|b| {
        u8::from(b == b',') | u8::from(b == b'"') | u8::from(b == b'\r') | u8::from(b == b'\n')
    });
    let (words, _) = found.as_chunks::<8>();
    words.iter().rev().fold(0, |bits, word| {
        bits << 8 | u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56
    })
}

/// As [`port_cell`], without its generality where the cell is one plain number.
fn port(cell: &[u8]) -> Option<PortRange> {
    if cell[0] == b'0' || cell.len() > 5 || !cell.iter().all(u8::is_ascii_digit) {
        return port_cell(std::str::from_utf8(cell).ok()?).ok();
    }
    let number = cell
        .iter()
        .fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    u16::try_from(number).ok().map(PortRange::single)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_quick_way_reads_as_the_careful_one(
            rows in proptest::collection::vec(
                "[a\",\r\n-]{0,6},[0-9-]{0,6},(|tcp|udp|x),(\"[a\"\n,]{0,4}\"|[ab]{0,3}),,,2001,[0-9]{0,3},,,,[a\"]{0,2}",
                1..4,
            ),
            end in "\r\n|\n|\r",
        ) {
            let text = format!("{}{end}{}", HEADER.join(","), rows.join(&end));
            let Ok(quick) = plain(text.clone().into_bytes()) else {
                return Ok(());
            };
            let careful = by_rows(text.as_bytes());
            prop_assert!(careful.is_ok(), "{:?} of {text:?}", careful.err());
            let open = |builder: Builder| crate::Registry::open(builder.finish(None).unwrap()).unwrap();
            let (quick, careful) = (open(quick), open(careful.unwrap()));
            prop_assert_eq!(quick.date(), careful.date());
            let rows = |registry: &crate::Registry| {
                registry.rows().map(|row| (row.port_text(), row.cells.map(str::to_owned))).collect::<Vec<_>>()
            };
            prop_assert_eq!(rows(&quick), rows(&careful));
        }
    }

    #[test]
    fn the_usual_file_takes_the_quick_way() {
        let text = format!(
            "\u{feff}{}\r\na,1,tcp,\"b, \"\"c\"\"\nd\",,,,,,,,e\r\n,2-2,,,,,,,,,,\r\n",
            HEADER.join(",")
        );
        let builder = plain(text.into_bytes()).unwrap();
        let registry = crate::Registry::open(builder.finish(None).unwrap()).unwrap();
        let rows: Vec<_> = registry.rows().collect();
        assert_eq!(rows[0].description(), "b, \"c\"\nd");
        assert_eq!(rows[0].notes(), "e");
        assert_eq!((rows[1].port_text(), rows.len()), ("2-2".to_owned(), 2));
    }
}
