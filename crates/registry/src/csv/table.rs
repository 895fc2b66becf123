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
    let mut builder = Builder::over(bytes, end / 72);
    let mut at = start;
    while at < end {
        match row(&mut builder, at, end) {
            Some(next) if builder.len() <= MOST_ROWS => at = next,
            _ => return Err(builder.into_heap(end)),
        }
    }
    if builder.len() == 0 {
        return Err(builder.into_heap(end));
    }
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

/// What ends a cell that is not quoted, or asks for the careful way.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b',' as usize] = true;
    stops[b'\n' as usize] = true;
    stops[b'\r' as usize] = true;
    stops[b'"' as usize] = true;
    stops
};

/// Places the row that begins at `at`; gives the start of the next.
fn row(builder: &mut Builder, at: usize, end: usize) -> Option<usize> {
    let mut at = at;
    let mut cells = [Cell::default(); 10];
    let mut ports = None;
    let mut range_of_one = false;
    let mut transport = None;
    for index in 0..12 {
        let heap = builder.heap();
        let (from, to, next) = match heap.get(at) {
            // Half of all cells are empty.
            Some(b',') if index < 11 && index != 1 && index != 2 => {
                at += 1;
                continue;
            }
            Some(b'"') => quoted(heap, at + 1, end)?,
            _ => {
                let length = heap.get(at..end)?.iter().position(|b| STOPS[*b as usize]);
                let to = length.map_or(end, |length| at + length);
                (at, to, to)
            }
        };
        let cell = &heap[from..to];
        match index {
            1 if cell.is_empty() => {}
            1 => {
                let range = port(cell)?;
                range_of_one = range.is_single() && cell.contains(&b'-');
                ports = Some(range);
            }
            2 => {
                transport = match cell {
                    b"" => None,
                    b"tcp" => Some(Transport::Tcp),
                    b"udp" => Some(Transport::Udp),
                    other => Some(std::str::from_utf8(other).ok()?.parse().ok()?),
                };
            }
            _ => {
                let place = if index == 0 { 0 } else { index - 2 };
                cells[place] = if next > to && memchr::memchr(b'"', cell).is_some() {
                    let text = std::str::from_utf8(cell).ok()?.replace("\"\"", "\"");
                    builder.keep(&text).ok()?
                } else {
                    Cell::at(from, to).ok()?
                };
            }
        }
        at = next;
        let heap = builder.heap();
        if index < 11 {
            if heap[..end].get(at) != Some(&b',') {
                return None;
            }
            at += 1;
        }
    }
    let next = match builder.heap()[at..end] {
        [] => at,
        [b'\n', ..] => at + 1,
        [b'\r', b'\n', ..] => at + 2,
        _ => return None,
    };
    builder.place(cells, ports, transport, range_of_one);
    Some(next)
}

/// The bounds of what stands in quotes, and the place behind the closing one.
fn quoted(heap: &[u8], from: usize, end: usize) -> Option<(usize, usize, usize)> {
    let mut at = from;
    loop {
        let to = at + memchr::memchr(b'"', heap.get(at..end)?)?;
        if heap[..end].get(to + 1) != Some(&b'"') {
            return Some((from, to, to + 1));
        }
        at = to + 2;
    }
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
