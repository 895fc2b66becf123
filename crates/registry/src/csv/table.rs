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
    let mut builder = Builder::with_room(end / 72);
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
    /// Where the eight bytes begin that `stops` tells of.
    word: usize,
    /// The highest bit of each byte that may end a cell and was not yet passed.
    stops: u64,
    /// Texts with doubled quotes, as they read; they lie behind the file in the heap.
    unquoted: Vec<u8>,
}

impl<'t> Cells<'t> {
    fn new(text: &'t [u8], start: usize) -> Self {
        let mut cells = Self {
            text,
            at: start,
            word: start,
            stops: 0,
            unquoted: Vec::new(),
        };
        cells.seek(start);
        cells
    }

    /// A cell before the last, to be kept.
    #[inline]
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
    #[inline]
    fn bytes(&mut self) -> Option<&'t [u8]> {
        let from = self.at;
        let stop = self.next_stop();
        (self.text.get(stop) == Some(&b',')).then(|| {
            self.at = stop + 1;
            &self.text[from..stop]
        })
    }

    /// The last cell of a row, and the end of its line.
    #[inline]
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
        self.seek(to + 1);
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
    #[inline]
    fn next_stop(&mut self) -> usize {
        while self.stops == 0 {
            if self.word + 8 >= self.text.len() {
                return self.text.len();
            }
            self.seek(self.word + 8);
        }
        let stop = self.word + self.stops.trailing_zeros() as usize / 8;
        self.stops &= self.stops - 1;
        stop
    }

    #[inline]
    fn seek(&mut self, to: usize) {
        self.word = to;
        let rest = self.text.get(to..).unwrap_or_default();
        let word = match rest.first_chunk() {
            Some(word) => *word,
            None => {
                // Zeros end no cell.
                let mut word = [0; 8];
                word[..rest.len()].copy_from_slice(rest);
                word
            }
        };
        self.stops = stops(u64::from_le_bytes(word));
    }
}

/// The highest bit of each byte in a word that is a comma, a quote, CR or LF: eight bytes at once,
/// since most cells are too short for memchr and a loop over bytes is mispredicted at each end.
#[inline]
const fn stops(word: u64) -> u64 {
    equal(word, b',') | equal(word, b'"') | equal(word, b'\r') | equal(word, b'\n')
}

/// The highest bit of each byte that equals `byte`, exactly.
#[inline]
const fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    let differs = word ^ u64::from_le_bytes([byte; 8]);
    !(((differs & LOW) + LOW) | differs | LOW)
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
