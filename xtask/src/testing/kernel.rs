//! A kernel: Debian's own, with the transports that the running one may lack, for the test that boots it.
//!
//! It is unpacked into the target folder and never installed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::apt;
use crate::interrupt::Interrupt;
use crate::tree;

/// Depends on the newest kernel that Debian has for this machine.
const NEWEST: &str = "linux-image-amd64";

/// Makes sure that `stand/kernel` in the target folder holds one; without `install` only looks.
pub(crate) fn prepare(install: bool, interrupt: &Interrupt) -> Result<()> {
    let folder = tree::target().join("stand/kernel");
    if is_whole(&folder) {
        return Ok(());
    }
    ensure!(
        install,
        "the kernel to boot in a test is missing; run as root: cargo xtask test --install"
    );
    println!(
        "missing: {} (sctp, dccp and VRF, in a machine of its own), from package {NEWEST}",
        folder.display()
    );
    let parts = tempfile::tempdir().context("cannot make a folder for the kernel's package")?;
    apt::update(interrupt)?;
    let package = newest()?;
    let unpacked = parts.path().join("unpacked");
    apt::unpack(&package, &unpacked, interrupt)?;
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    let mut copy = Command::new("cp");
    copy.arg("--archive").arg(&unpacked).arg(&folder);
    ensure!(
        interrupt.run(&mut copy)?.success(),
        "cannot copy the kernel to {}",
        folder.display()
    );
    ensure!(is_whole(&folder), "{package} holds no kernel");
    Ok(())
}

fn is_whole(folder: &Path) -> bool {
    let holds = |inside: &str, start: &str| {
        let entries = fs::read_dir(folder.join(inside));
        entries
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(start))
    };
    holds("boot", "vmlinuz-") && holds("lib/modules", "")
}

/// The package that the newest kernel's name stands for.
fn newest() -> Result<String> {
    let output = Command::new("apt-cache")
        .args(["depends", "--important", NEWEST])
        .env("LC_ALL", "C.UTF-8")
        .output()
        .context("cannot ask apt-cache")?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: "))
    {
        Some(package) => Ok(package.to_owned()),
        None => bail!("apt-cache knows no {NEWEST}"),
    }
}
