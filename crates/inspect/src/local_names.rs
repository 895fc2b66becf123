//! What files of this machine call a port: `/etc/services`, firewalld's services, ufw's profiles.
//! Read where they are; nothing of theirs is shipped, and a collection that is absent says nothing.

mod firewalld;
mod services;
mod ufw;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use portolan_ports::{Gap, LocalName, NameOrigin, Unseen, Why};
use portolan_registry::{Port, PortRange, Transport};

/// The longest file that is read, in bytes: sixteen times the longest `/etc/services` seen.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The most files of a folder that are read; firewalld brings 221.
const MOST_FILES: usize = 4096;

/// The most names of one answer: all of a distribution's `/etc/services` several times over.
const MOST_NAMES: usize = 100_000;

/// The longest name or title that is kept, in characters.
const LONGEST_TEXT: usize = 256;

/// Every name that the files of `origins` below `root` have for any of `ports`, in the order of
/// `origins`, then of the files; and which of those files could not be read.
///
/// A service of `/etc/services` and its aliases are a name each, the service first.
///
/// Source: services(5), firewalld.service(5), ufw(8).
/// Cost:   `/etc/services` is searched for the numbers where they are few; each file of the other
///         two is read whole, about 10 microseconds each.
#[must_use]
pub fn local_names(
    root: &Path,
    ports: &[PortRange],
    origins: &[NameOrigin],
) -> (Vec<LocalName>, Vec<Gap>) {
    let mut found = Found {
        ports,
        names: Vec::new(),
        gaps: Vec::new(),
        full: false,
    };
    for origin in origins {
        match origin {
            NameOrigin::Services => services::read(root, &mut found),
            NameOrigin::Firewalld => firewalld::read(root, &mut found),
            NameOrigin::Ufw => ufw::read(root, &mut found),
        }
    }
    (found.names, found.gaps)
}

/// What was found so far.
struct Found<'a> {
    /// The ports that are asked for.
    ports: &'a [PortRange],
    names: Vec<LocalName>,
    gaps: Vec<Gap>,
    full: bool,
}

impl Found<'_> {
    /// The names of `origin` for what was asked, each with its title, of one element of a file.
    fn add(
        &mut self,
        origin: NameOrigin,
        file: &Path,
        (ports, transport): (PortRange, Option<Transport>),
        name: &str,
        title: Option<&str>,
    ) {
        let asked =
            |range: &PortRange| range.first() <= ports.last() && ports.first() <= range.last();
        if !self.ports.iter().any(asked) {
            return;
        }
        if self.names.len() == MOST_NAMES {
            if !self.full {
                self.full = true;
                self.gap(Why::Failed, file, "there are more names than are kept");
            }
            return;
        }
        self.names.push(LocalName {
            origin,
            file: file.display().to_string(),
            ports,
            transport,
            name: shortened(name),
            title: title
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(shortened),
        });
    }

    fn gap(&mut self, why: Why, path: &Path, said: &str) {
        self.gaps.push(Gap {
            what: Unseen::LocalNames,
            why,
            detail: format!("cannot read {}: {said}", path.display()),
        });
    }

    fn failed(&mut self, path: &Path, error: &io::Error) {
        let why = match error.kind() {
            // A folder's place taken by a file is as good as absent.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return,
            io::ErrorKind::PermissionDenied => Why::Permission,
            _ => Why::Failed,
        };
        self.gap(why, path, &error.to_string());
    }

    /// A file's bytes; nothing where it is absent, a gap where it cannot be read.
    fn file(&mut self, path: &Path) -> Option<Vec<u8>> {
        match bytes(path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.failed(path, &error);
                None
            }
        }
    }

    /// The names in a folder that `wanted` takes, sorted; nothing where it is absent.
    fn folder(&mut self, path: &Path, wanted: impl Fn(&str) -> bool) -> Vec<OsString> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.failed(path, &error);
                return Vec::new();
            }
        };
        let mut names = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_name().to_str().is_some_and(&wanted) => {
                    if names.len() == MOST_FILES {
                        self.gap(Why::Failed, path, "it has more files than are read");
                        break;
                    }
                    names.push(entry.file_name());
                }
                Ok(_) => {}
                Err(error) => {
                    self.failed(path, &error);
                    break;
                }
            }
        }
        names.sort_unstable();
        names
    }
}

/// Only regular files are opened: a pipe would keep its reader waiting.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let size = fs::metadata(path)?;
    if !size.is_file() {
        return Err(refused("it is no regular file"));
    }
    let room = usize::try_from(size.len()).unwrap_or(MOST_BYTES);
    let mut bytes = Vec::with_capacity(room.min(MOST_BYTES) + 1);
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MOST_BYTES {
        return Err(refused("it is longer than any such file"));
    }
    Ok(bytes)
}

/// A path below the root, which in everyday use is `/`.
fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// "80", or "8000-8010" with another sign between.
fn range(text: &str, between: char) -> Option<PortRange> {
    let number = |text: &str| text.trim().parse::<Port>().ok();
    match text.split_once(between) {
        Some((first, last)) => PortRange::new(number(first)?, number(last)?),
        None => number(text).map(PortRange::single),
    }
}

#[cfg(test)]
mod tests;
