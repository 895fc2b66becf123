//! Reading a registry in whatever form it comes, told by its content.

use std::io::{self, Read};

use crate::xml::Spot;
use crate::{Registry, csv, xml};

/// The largest file that is taken, packed or unpacked; IANA's has about 4 MB.
pub const MOST_BYTES: u64 = 64 << 20;

/// Why a file is no registry.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input could not be read.
    #[error("reading failed")]
    Read(#[source] io::Error),
    /// It is larger than [`MOST_BYTES`].
    #[error("larger than 64 MiB; a registry has about 4 MB")]
    TooLarge,
    /// It unpacks to more than [`MOST_BYTES`].
    #[error("the gzip file unpacks to more than 64 MiB; a registry has about 4 MB")]
    TooLargeUnpacked,
    /// Its packing is damaged.
    #[error("the gzip file is damaged or was cut off: {why}")]
    Packing {
        /// What the unpacker says.
        why: String,
    },
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// It is for people, not a registry.
    #[error("{at}: this is an HTML page, not a registry")]
    Html {
        /// Where it says so.
        at: Spot,
    },
    /// As CSV, it is not what IANA publishes.
    #[error(transparent)]
    Csv(csv::Error),
    /// As XML, it is not what IANA publishes.
    #[error(transparent)]
    Xml(xml::Error),
}

impl Registry {
    /// Reads IANA's CSV or XML form, either also packed by gzip, and indexes it.
    ///
    /// Which it is, its first bytes tell: gzip's magic number, `<`, or anything else.
    ///
    /// Cost: the whole file in memory, and a table of about its size. More than [`MOST_BYTES`] are
    ///       never read.
    ///
    /// # Errors
    /// What is wrong first, with line and column where it is in the text.
    pub fn read(input: impl Read) -> Result<Self, Error> {
        Self::from_bytes(bytes(input)?)
    }

    /// As [`Registry::read`], from a file that is in memory and unpacked.
    ///
    /// # Errors
    /// What is wrong first, with line and column.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match unmarked.trim_ascii_start().first() {
            None => Err(Error::Empty),
            Some(b'<') => {
                let text = std::str::from_utf8(unmarked).map_err(|error| {
                    let at = Spot::of(unmarked, error.valid_up_to());
                    Error::Xml(xml::Error::Encoding { at })
                })?;
                xml::table(text)
                    .map(Self::of_parts)
                    .map_err(|error| match error {
                        xml::Error::Html { at } => Error::Html { at },
                        error => Error::Xml(error),
                    })
            }
            Some(_) => csv::table(bytes).map(Self::of_parts).map_err(Error::Csv),
        }
    }
}

/// The whole input, unpacked where it is packed.
///
/// # Errors
/// Where it cannot be read, is larger than [`MOST_BYTES`], or is damaged.
pub fn bytes(input: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    input
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::Read)?;
    if bytes.len() > most {
        return Err(Error::TooLarge);
    }
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .take(MOST_BYTES + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| Error::Packing {
            why: error.to_string(),
        })?;
    if unpacked.len() > most {
        return Err(Error::TooLargeUnpacked);
    }
    Ok(unpacked)
}
