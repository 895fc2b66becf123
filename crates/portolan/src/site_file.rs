//! A site registry's file: TOML that lives in git.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, anyhow};
use portolan_ports::site::Record;
use portolan_ports::site::file::{MOST_BYTES, Reading, read};

use crate::exit::malformed;
use crate::print::one_line;

/// What begins a record.
const HEAD: &[u8] = b"[[assignment";

/// The records of a file, each with its line as its number.
///
/// # Errors
/// A file that cannot be read, or the first mistake in it.
pub(crate) fn records(path: &Path) -> anyhow::Result<Vec<Record>> {
    let reading = reading(path)?;
    reading.whole().map_err(|mistake| {
        let mistake = one_line(&mistake.to_string());
        malformed(anyhow!(
            "cannot read the site registry {mistake}; portolan registry lint tells all mistakes"
        ))
    })
}

/// What is in a file, right and wrong.
///
/// # Errors
/// A file that cannot be read, or is no TOML.
pub(crate) fn reading(path: &Path) -> anyhow::Result<Reading> {
    let name = path.display().to_string();
    let bytes = bytes(path).with_context(|| format!("cannot read the site registry {name}"))?;
    read(&name, &bytes).map_err(|mistake| {
        let mistake = one_line(&mistake.to_string());
        malformed(anyhow!("cannot read the site registry {mistake}"))
    })
}

/// Whether a file is one by its name or its content; what cannot be read is none.
pub(crate) fn is_one(path: &Path) -> bool {
    if path.extension().is_some_and(|ending| ending == "toml") {
        return true;
    }
    let Ok(file) = File::open(path) else {
        return false;
    };
    // What is no plain file can be read once alone.
    if !file.metadata().is_ok_and(|file| file.is_file()) {
        return false;
    }
    let mut head = Vec::new();
    let read = file.take(1 << 16).read_to_end(&mut head);
    let mut lines = head.split(|byte| *byte == b'\n');
    let begins = lines.any(|line| line.trim_ascii_start().starts_with(HEAD));
    read.is_ok() && begins
}

/// The bytes of a file, one more than is taken at most.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MOST_BYTES as u64 + 1;
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
