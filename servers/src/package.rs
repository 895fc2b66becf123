//! A package: where one that clashes with others is unpacked, and which version of the program it brings.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::row::Row;

/// The folder that a row's packages are unpacked into: `stand/aside/NAME` in the target folder.
#[must_use]
pub fn aside(name: &str) -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let mut above = program.ancestors().skip(1);
    // Cargo marks the folder that it builds into.
    let marked = above.find(|folder| folder.join("CACHEDIR.TAG").exists());
    let target = marked.map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        Path::to_owned,
    );
    target.join("stand/aside").join(name)
}

/// The file beside it with a line `PACKAGE VERSION` for each package in it, as `dpkg` has them.
#[must_use]
pub fn aside_versions(name: &str) -> PathBuf {
    aside(name).with_extension("versions")
}

/// The upstream version of the row's first package; `None` where that is not there.
#[must_use]
pub fn version(row: &Row) -> Option<String> {
    let package = row.package.first()?;
    let full = match row.aside {
        true => {
            let known = fs::read_to_string(aside_versions(&row.name)).ok()?;
            let mut lines = known.lines().filter_map(|line| line.split_once(' '));
            lines.find(|(name, _)| name == package)?.1.to_owned()
        }
        false => {
            let output = Command::new("dpkg-query")
                .args(["--show", "--showformat=${Version}", package])
                .output()
                .ok()?;
            String::from_utf8(output.stdout).ok()?
        }
    };
    (!full.is_empty()).then(|| upstream(&full))
}

/// A Debian version without its epoch, its revision (deb-version(7)) and the marks of a repacked
/// source (`+dfsg1`, `~ds`, `.ds4`).
#[must_use]
pub fn upstream(version: &str) -> String {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.rsplit_once('-').map_or(version, |(own, _)| own);
    let cut = [
        "+dfsg", "~dfsg", ".dfsg", "-dfsg", "+ds", "~ds", ".ds", "+repack", "+debian",
    ];
    let end = cut.iter().filter_map(|mark| version.find(mark)).min();
    version
        .get(..end.unwrap_or(version.len()))
        .unwrap_or(version)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_debians_own_is_cut() {
        for (debian, own) in [
            ("1:9.2p1-2+deb12u10", "9.2p1"),
            ("5:7.0.15-1~deb12u10", "7.0.15"),
            ("1:2.3.19.1+dfsg1-2.1+deb12u7", "2.3.19.1"),
            ("3.0.11.33637.ds4-2+deb12u1", "3.0.11.33637"),
            ("9.2.5+ds-0+deb12u4", "9.2.5"),
            ("2.11.0~beta2-8", "2.11.0~beta2"),
            ("20230101-1", "20230101"),
            ("1.0", "1.0"),
        ] {
            assert_eq!(upstream(debian), own);
        }
    }
}
