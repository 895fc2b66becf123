//! dpkg's database, read as it lies on the disk.
//!
//! Source: dpkg-query(1), deb(5), dpkg-divert(1): `info/PACKAGE.list` or `info/PACKAGE:ARCH.list`
//! has a line for each path that the package brought; `status` is a deb822(5) text with a stanza
//! for each package; `diversions` has three lines for each: where a file would be, where it is
//! instead, and the package that wanted it so (`:` for the administrator), whose own stays.
//!
//! Lists name files as packages shipped them, so `/bin/cat` where `/bin` has since become a link
//! to `/usr/bin`; the kernel tells `/usr/bin/cat`. Both are looked for where the link is there.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::{memchr_iter, memmem};
use portolan_ports::Package;

/// More than this is read of no file.
const MOST_BYTES: u64 = 64 << 20;
/// Folders that became links into `/usr` (file-hierarchy(7)).
const MERGED: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// A path as a list may tell it, and when that counts.
#[derive(Debug)]
struct Key {
    path: Vec<u8>,
    /// The number of the wanted path that it is.
    wanted: usize,
    diverted: Diverted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Diverted {
    No,
    /// Files of this name were put elsewhere but for those of this package.
    AwayUnless(String),
    /// Files of this name were put here but for those of this package.
    HereUnless(String),
}

impl Diverted {
    fn holds_for(&self, package: &str) -> bool {
        match self {
            Self::No => true,
            Self::AwayUnless(by) => by == package,
            Self::HereUnless(by) => by != package,
        }
    }
}

/// The packages of those of `paths` that some package brought.
pub(super) fn packages(root: &Path, paths: &[String]) -> HashMap<String, Package> {
    let folder = root.join("var/lib/dpkg");
    let Ok(lists) = std::fs::read_dir(folder.join("info")) else {
        return HashMap::new();
    };
    let mut text = Vec::new();
    let keys = keys(root, paths, read(&folder.join("diversions"), &mut text));
    // Most lines are told apart by their length alone.
    let mut lengths = vec![false; keys.iter().map(|key| key.path.len() + 1).max().unwrap_or(0)];
    for key in &keys {
        lengths[key.path.len()] = true;
    }
    let mut found: Vec<Option<String>> = vec![None; paths.len()];
    let mut left = paths.len();
    for list in lists.flatten() {
        let name = list.file_name();
        let Some(package) = name.to_str().and_then(|name| name.strip_suffix(".list")) else {
            continue;
        };
        let short = package.split(':').next().unwrap_or(package);
        for line in lines(read(&list.path(), &mut text)) {
            if lengths.get(line.len()) != Some(&true) {
                continue;
            }
            let first = keys.partition_point(|key| key.path.as_slice() < line);
            for key in keys[first..].iter().take_while(|key| key.path == line) {
                if key.diverted.holds_for(short) && found[key.wanted].is_none() {
                    found[key.wanted] = Some(package.to_owned());
                    left -= 1;
                }
            }
        }
        // A file has one package; only folders have several.
        if left == 0 {
            break;
        }
    }
    let status = read(&folder.join("status"), &mut text);
    let package = |package: String| {
        let (name, architecture) = package.split_once(':').unwrap_or((&package, ""));
        Package {
            system: "dpkg",
            name: name.to_owned(),
            version: version(status, name, architecture),
        }
    };
    paths
        .iter()
        .zip(found)
        .filter_map(|(path, found)| Some((path.clone(), package(found?))))
        .collect()
}

/// Every line of a list that would mean one of the paths, sorted.
fn keys(root: &Path, paths: &[String], diversions: &[u8]) -> Vec<Key> {
    let merged: Vec<&str> = MERGED
        .into_iter()
        .filter(|folder| {
            std::fs::read_link(root.join(folder)).is_ok_and(|to| {
                to.strip_prefix("/").unwrap_or(&to) == Path::new("usr").join(folder)
            })
        })
        .collect();
    // Both forms of a path are one file where the folder is a link.
    let whole = |path: &str| {
        let inside = path.strip_prefix('/').and_then(|rest| rest.split_once('/'));
        match inside {
            Some((folder, _)) if merged.contains(&folder) => format!("/usr{path}"),
            _ => path.to_owned(),
        }
    };
    let short = |path: &str| {
        let short = path.strip_prefix("/usr")?;
        let (folder, _) = short.strip_prefix('/')?.split_once('/')?;
        merged.contains(&folder).then(|| short.to_owned())
    };
    let mut lines = lines(diversions).map(|line| String::from_utf8_lossy(line).into_owned());
    let mut diversions = Vec::new();
    while let (Some(from), Some(to), Some(by)) = (lines.next(), lines.next(), lines.next()) {
        diversions.push((whole(&from), whole(&to), by));
    }
    let mut keys = Vec::new();
    for (wanted, path) in paths.iter().enumerate() {
        let mut add = |path: &str, diverted: Diverted| {
            let forms = std::iter::once(path.to_owned()).chain(short(path));
            keys.extend(forms.map(|form| Key {
                path: form.into_bytes(),
                wanted,
                diverted: diverted.clone(),
            }));
        };
        let away = diversions.iter().find(|(from, ..)| from == path);
        add(
            path,
            away.map_or(Diverted::No, |(.., by)| Diverted::AwayUnless(by.clone())),
        );
        for (from, _, by) in diversions.iter().filter(|(_, to, _)| to == path) {
            add(from, Diverted::HereUnless(by.clone()));
        }
    }
    keys.sort_by(|a, b| a.path.cmp(&b.path));
    keys
}

/// The version of an installed package. With an architecture, that of this architecture's.
fn version(status: &[u8], name: &str, architecture: &str) -> Option<String> {
    let heading = format!("Package: {name}\n");
    memmem::find_iter(status, heading.as_bytes())
        .filter(|at| *at == 0 || status[at - 1] == b'\n')
        .find_map(|at| {
            let rest = &status[at..];
            let stanza = &rest[..memmem::find(rest, b"\n\n").unwrap_or(rest.len())];
            let field = |name: &[u8]| {
                let value = lines(stanza).find_map(|line| line.strip_prefix(name))?;
                Some(String::from_utf8_lossy(value).trim().to_owned())
            };
            let fits = architecture.is_empty()
                || field(b"Architecture:").is_some_and(|of| of == architecture);
            fits.then(|| field(b"Version:"))?
        })
}

/// The lines of a text, without their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr_iter(b'\n', text)
        .chain((!text.ends_with(b"\n") && !text.is_empty()).then_some(text.len()))
        .map(move |end| {
            let line = &text[start..end];
            start = end + 1;
            line
        })
}

/// A file's text; without one, none.
fn read<'a>(path: &Path, text: &'a mut Vec<u8>) -> &'a [u8] {
    text.clear();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(text));
    if read.is_err() {
        text.clear();
    }
    text
}

#[cfg(test)]
mod tests;
