//! IANA's CSV form: twelve columns, CRLF between rows, LF inside quoted cells.

mod table;

use std::io::{self, Read, Write};

use crate::assignment::{Assignment, Column, Origin};
use crate::{PortError, PortRange, Transport};

/// The header row as IANA writes it now.
pub(crate) const HEADER: [&str; 12] = [
    "Service Name",
    "Port Number",
    "Transport Protocol",
    "Description",
    "Assignee",
    "Contact",
    "Registration Date",
    "Modification Date",
    "Reference",
    "Service Code",
    "Unauthorized Use Reported",
    "Assignment Notes",
];

pub(crate) use table::table;

/// No part of the first header, where a file begins with one.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What IANA called the eleventh column before.
const OLD_UNAUTHORIZED: &str = "Known Unauthorized Uses";

/// The longest cell that is taken, in bytes; IANA's longest has about 2,000.
pub const MOST_CELL_BYTES: usize = u16::MAX as usize;

/// The most rows that are taken; IANA's file has about 14,500.
pub const MOST_ROWS: usize = 2_000_000;

/// Why a CSV file is not a registry.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The first row is not IANA's header.
    #[error(
        "line 1, column {column}: the header says {found:?} where IANA's registry says {expected:?}"
    )]
    Header {
        /// Counted from 1.
        column: usize,
        /// What stands there; cut at 40 characters.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// A row with too few or too many cells.
    #[error("line {line}: {found} columns where the registry has 12")]
    Columns {
        /// The line on which the row begins, counted from 1.
        line: u64,
        /// How many cells it has.
        found: usize,
    },
    /// A port cell that is neither empty, nor a port, nor a range.
    #[error("line {line}, column 2 (Port Number): {found:?}: {why}")]
    Port {
        /// The line on which the row begins.
        line: u64,
        /// The cell; cut at 40 characters.
        found: String,
        /// What is wrong with it.
        why: PortError,
    },
    /// A transport that the registry does not have.
    #[error(
        "line {line}, column 3 (Transport Protocol): {found:?} is none of tcp, udp, sctp, dccp"
    )]
    Transport {
        /// The line on which the row begins.
        line: u64,
        /// The cell; cut at 40 characters.
        found: String,
    },
    /// A cell that is no UTF-8.
    #[error("line {line}, column {column} ({name}): not UTF-8")]
    Encoding {
        /// The line on which the row begins.
        line: u64,
        /// Counted from 1.
        column: usize,
        /// The column's header.
        name: &'static str,
    },
    /// A cell longer than [`MOST_CELL_BYTES`].
    #[error(
        "line {line}, column {column} ({name}): {bytes} bytes, more than the 65,535 that are taken"
    )]
    TooLong {
        /// The line on which the row begins.
        line: u64,
        /// Counted from 1.
        column: usize,
        /// The column's header.
        name: &'static str,
        /// How long it is.
        bytes: usize,
    },
    /// A header and nothing else.
    #[error("no rows follow the header")]
    Empty,
    /// More than [`MOST_ROWS`].
    #[error("more than {MOST_ROWS} rows; a registry has about 14,500")]
    TooMany,
    /// The input could not be read.
    #[error("reading failed")]
    Read(#[from] csv::Error),
}

/// Reads IANA's CSV form, row by row.
///
/// Shape:  both spellings of the eleventh header, CRLF or LF between rows, LF inside cells.
/// Cost:   one reused record; nothing is kept.
#[derive(Debug)]
pub struct Reader<R> {
    rows: csv::Reader<R>,
    record: csv::ByteRecord,
    taken: usize,
    /// The line on which the next record begins, unless blank lines come first.
    line: u64,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::Header`] where the first row is not IANA's, [`Error::Read`] where the input fails.
    pub fn new(input: R) -> Result<Self, Error> {
        let mut rows = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(input);
        let mut record = csv::ByteRecord::new();
        rows.read_byte_record(&mut record)?;
        for (index, expected) in HEADER.into_iter().enumerate() {
            let found = record.get(index).unwrap_or_default();
            let found = if index == 0 {
                found.strip_prefix(BYTE_ORDER_MARK).unwrap_or(found)
            } else {
                found
            };
            let old = index == 10 && found == OLD_UNAUTHORIZED.as_bytes();
            if found != expected.as_bytes() && !old {
                let found = excerpt(found);
                return Err(Error::Header {
                    column: index + 1,
                    found,
                    expected,
                });
            }
        }
        if record.len() != HEADER.len() {
            return Err(Error::Columns {
                line: 1,
                found: record.len(),
            });
        }
        Ok(Self {
            rows,
            record,
            taken: 0,
            line: 2,
        })
    }

    /// The next row, and the line on which it begins; `None` at the end.
    ///
    /// # Errors
    /// The first thing in the row that is not as the registry has it, with its line and column.
    pub fn next_row(&mut self) -> Result<Option<(Assignment<'_>, u64)>, Error> {
        if !self.rows.read_byte_record(&mut self.record)? {
            return if self.taken == 0 {
                Err(Error::Empty)
            } else {
                Ok(None)
            };
        }
        self.taken += 1;
        if self.taken > MOST_ROWS {
            return Err(Error::TooMany);
        }
        // The csv crate takes a record to begin at the LF of the row before where CRLF ends rows,
        // so that its own count lags there by one.
        let counted = self.record.position().map_or(0, csv::Position::line);
        let line = self.line.max(counted);
        let feeds = self
            .record
            .as_slice()
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        self.line = line + 1 + feeds as u64;
        Ok(Some((row(&self.record, line)?, line)))
    }
}

fn row(record: &csv::ByteRecord, line: u64) -> Result<Assignment<'_>, Error> {
    if record.len() != HEADER.len() {
        return Err(Error::Columns {
            line,
            found: record.len(),
        });
    }
    let mut texts = [""; 12];
    for (index, (text, cell)) in texts.iter_mut().zip(record).enumerate() {
        let name = HEADER[index];
        if cell.len() > MOST_CELL_BYTES {
            return Err(Error::TooLong {
                line,
                column: index + 1,
                name,
                bytes: cell.len(),
            });
        }
        *text = std::str::from_utf8(cell).map_err(|_| Error::Encoding {
            line,
            column: index + 1,
            name,
        })?;
    }
    let [
        name,
        port,
        transport,
        description,
        assignee,
        contact,
        rest @ ..,
    ] = texts;
    let [registered, modified, reference, code, unauthorized, notes] = rest;
    let ports = match port {
        "" => None,
        text => Some(port_cell(text).map_err(|why| Error::Port {
            line,
            found: excerpt(text.as_bytes()),
            why,
        })?),
    };
    let transport = match transport {
        "" => None,
        text => Some(text.parse::<Transport>().map_err(|_| Error::Transport {
            line,
            found: excerpt(text.as_bytes()),
        })?),
    };
    let cells = [
        name,
        description,
        assignee,
        contact,
        registered,
        modified,
        reference,
        code,
        unauthorized,
        notes,
    ];
    let range_of_one = ports.is_some_and(PortRange::is_single) && port.contains('-');
    Ok(Assignment {
        range_of_one,
        ..Assignment::new(cells, ports, transport, Origin::File)
    })
}

/// Takes only what can be written back as it was: no leading zeros.
pub(crate) fn port_cell(text: &str) -> Result<PortRange, PortError> {
    let padded = |t: &str| t.len() > 1 && t.starts_with('0');
    if text.split('-').any(padded) {
        Err(PortError::NotANumber)
    } else {
        text.parse()
    }
}

fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(40).collect()
}

/// Writes rows in IANA's own dialect: CRLF between rows, quotes only where needed.
///
/// # Errors
/// Where the output cannot be written.
pub fn write<'a>(
    rows: impl IntoIterator<Item = Assignment<'a>>,
    output: impl Write,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Necessary)
        .from_writer(output);
    writer.write_record(HEADER).map_err(write_error)?;
    for row in rows {
        let port = row.port_text();
        writer
            .write_record(cells(&row, &port))
            .map_err(write_error)?;
    }
    writer.flush()
}

/// The row's texts in [`HEADER`]'s order; `port` is its [`Assignment::port_text`].
pub(crate) fn cells<'r>(row: &Assignment<'r>, port: &'r str) -> [&'r str; 12] {
    let cell = |column| row.cell(column);
    [
        row.service_name(),
        port,
        row.transport.map_or("", Transport::as_str),
        row.description(),
        cell(Column::Assignee),
        cell(Column::Contact),
        cell(Column::RegistrationDate),
        cell(Column::ModificationDate),
        cell(Column::Reference),
        cell(Column::ServiceCode),
        row.unauthorized_use(),
        row.notes(),
    ]
}

/// The csv crate wraps the output's error, which hides a closed pipe from who looks for one.
fn write_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("a row is no CSV record: {kind:?}")),
    }
}
