//! Files that name ports: firewalld's services and ufw's profiles, for the test that reads them.
//!
//! Their packages are unpacked into the target folder and never installed: neither may start.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::apt;
use crate::interrupt::Interrupt;
use crate::tree;

/// The packages, and a file of each.
const PACKAGES: [(&str, &str); 3] = [
    ("firewalld", "usr/lib/firewalld/services/ssh.xml"),
    ("netbase", "etc/services"),
    ("ufw", "usr/lib/python3/dist-packages/ufw/applications.py"),
];

/// Makes sure that `stand/names` in the target folder holds them; without `install` only looks.
pub(crate) fn prepare(install: bool, interrupt: &Interrupt) -> Result<()> {
    let folder = tree::target().join("stand/names");
    if is_whole(&folder) {
        return Ok(());
    }
    ensure!(
        install,
        "files that name ports are missing; run as root: cargo xtask test --install"
    );
    println!("missing: {} (names of ports)", folder.display());
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    apt::update(interrupt)?;
    for (package, _) in PACKAGES {
        apt::unpack(package, &folder, interrupt)?;
    }
    ensure!(
        is_whole(&folder),
        "the packages do not hold what they should"
    );
    Ok(())
}

fn is_whole(folder: &Path) -> bool {
    PACKAGES.iter().all(|(_, file)| folder.join(file).is_file())
}
