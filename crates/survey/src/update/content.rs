//! What arrived: unpacked within bounds, told by its content, and read.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use portolan_registry::Registry;
use sha2::{Digest, Sha256};

use super::Refusal;

/// What was fetched.
#[derive(Debug)]
pub(super) struct Content {
    /// The registry's bytes, unpacked.
    bytes: Vec<u8>,
    /// Whether they were packed.
    packed: bool,
    /// SHA-256 of what was fetched, in hexadecimal.
    pub(super) sha256: String,
}

/// A registry packs about 5 : 1 as CSV and 10 : 1 as XML; deflate reaches 1,032 : 1 on zeros.
const MOST_RATIO: u64 = 100;

/// Below this, in bytes, no ratio is looked at.
const SMALL: u64 = 1 << 20;

impl Content {
    /// Reads and unpacks the file.
    pub(super) fn read(path: &Path, most: u64) -> Result<Self, Refusal> {
        let failed = |source| Refusal::Folder {
            doing: "read",
            path: path.to_path_buf(),
            source,
        };
        let mut fetched = Vec::new();
        let file = File::open(path).map_err(failed)?;
        BufReader::new(file)
            .read_to_end(&mut fetched)
            .map_err(failed)?;
        let sha256 = Sha256::digest(&fetched)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let packed = fetched.starts_with(&[0x1f, 0x8b]);
        let bytes = if packed {
            unpacked(&fetched, most)?
        } else {
            fetched
        };
        Ok(Self {
            bytes,
            packed,
            sha256,
        })
    }

    /// The registry in it. The one place that knows which forms are taken.
    pub(super) fn registry(&self) -> Result<Registry, Refusal> {
        let text = self.bytes.trim_ascii();
        if text.is_empty() {
            return Err(Refusal::Empty);
        }
        if is_page(text) {
            return Err(Refusal::Page);
        }
        let registry = Registry::from_bytes(self.bytes.clone()).map_err(Refusal::Unreadable)?;
        // IANA ends every line. A body without a stated length may have been cut anywhere.
        if self.bytes.last() != Some(&b'\n') && !self.is_xml() {
            return Err(Refusal::Cut);
        }
        Ok(registry)
    }

    fn is_xml(&self) -> bool {
        let text = self
            .bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.bytes);
        text.trim_ascii_start().starts_with(b"<")
    }

    /// What its snapshot is called: the registry's date and eight digits of its sum.
    pub(super) fn snapshot_name(&self, registry: &Registry, today: &str) -> String {
        // A date is a cell of somebody's file: only what has a date's form may name a file.
        let date = Some(registry.date())
            .filter(|date| is_date(date))
            .unwrap_or(today);
        let form = if self.is_xml() { "xml" } else { "csv" };
        let packed = if self.packed { ".gz" } else { "" };
        let sum = self.sha256.get(..8).unwrap_or_default();
        format!("{date}-{sum}.{form}{packed}")
    }
}

fn is_date(text: &str) -> bool {
    matches!(text.len(), 7 | 10)
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn is_page(text: &[u8]) -> bool {
    let begins = |with: &str| {
        text.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
    };
    begins("<!doctype html") || begins("<html") || begins("<head") || begins("<body")
}

fn unpacked(fetched: &[u8], most: u64) -> Result<Vec<u8>, Refusal> {
    let mut decoder = MultiGzDecoder::new(fetched);
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = match decoder.read(&mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Refusal::Gzip { source }),
        };
        bytes.extend_from_slice(&chunk[..read]);
        let out = bytes.len() as u64;
        let eaten = (fetched.len() - decoder.get_ref().len()) as u64;
        if out > SMALL && out / MOST_RATIO > eaten {
            return Err(Refusal::Bomb { times: MOST_RATIO });
        }
        if out > most {
            return Err(Refusal::Endless { most });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_date_names_a_file() {
        for (text, is) in [
            ("2026-02-13", true),
            ("2026-02", true),
            ("../../etc", false),
            ("2026/02/13", false),
            ("", false),
        ] {
            assert_eq!(is_date(text), is, "{text}");
        }
    }
}
