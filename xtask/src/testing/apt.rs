//! Installs packages on Debian as root, with nothing started by it.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, ensure};

use super::policy::{self, Policy};
use crate::interrupt::Interrupt;

/// The command a person would type for these packages.
pub(crate) fn command(packages: &[&str]) -> String {
    format!(
        "apt-get install --no-install-recommends {}",
        packages.join(" ")
    )
}

/// Installs exactly these packages and what they depend on.
pub(crate) fn install(packages: &[&str], interrupt: &Interrupt) -> Result<()> {
    ensure!(
        is_debian(&fs::read_to_string("/etc/os-release").unwrap_or_default()),
        "--install knows Debian only; install by your system's means what brings: {}",
        packages.join(" ")
    );
    ensure!(
        rustix::process::geteuid().is_root(),
        "--install needs root; run as root: {}",
        command(packages)
    );

    let policy = Policy::forbid(Path::new(policy::PATH))?;
    if !policy.is_own() {
        println!("{} is somebody else's: left alone", policy::PATH);
    }
    let stopped = || interrupt.has_come();
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    let mut download = vec!["--download-only"];
    download.extend(&install);

    update(interrupt)?;
    twice(stopped, || finish(interrupt.run(&mut apt(&download))))?;
    // Stopped in the middle it would leave packages half set up, and go on without the policy.
    twice(stopped, || {
        finish(interrupt.run_to_its_end(&mut apt(&install)))
    })
}

/// Reads anew what the system's package sources have.
pub(crate) fn update(interrupt: &Interrupt) -> Result<()> {
    let stopped = || interrupt.has_come();
    twice(stopped, || finish(interrupt.run(&mut apt(&["update"]))))
}

/// Unpacks a package into a folder, on top of what is there; nothing is installed.
pub(crate) fn unpack(package: &str, folder: &Path, interrupt: &Interrupt) -> Result<()> {
    let parts = tempfile::tempdir().context("cannot make a folder for a package")?;
    let mut download = Command::new("apt-get");
    download
        .args(["--quiet", "download", package])
        .current_dir(parts.path());
    ensure!(
        interrupt.run(&mut download)?.success(),
        "apt-get download {package} failed; its own lines above say why"
    );
    let file = fs::read_dir(parts.path())?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension() == Some(OsStr::new("deb")))
        .with_context(|| format!("apt-get download {package} left no package"))?;
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("--extract").arg(&file).arg(folder);
    ensure!(
        interrupt.run(&mut unpack)?.success(),
        "dpkg-deb cannot unpack {}",
        file.display()
    );
    Ok(())
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["--quiet", "--option", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn finish(status: Result<ExitStatus>) -> Result<()> {
    let status = status?;
    ensure!(
        status.success(),
        "apt-get ended with {status}; its own lines above say why"
    );
    Ok(())
}

/// A mirror may fail once; a person who wants an end is not asked twice.
fn twice(stopped: impl Fn() -> bool, attempt: impl Fn() -> Result<()>) -> Result<()> {
    match attempt() {
        Err(first) if !stopped() => {
            println!("{first:#}; trying once more");
            attempt()
        }
        outcome => outcome,
    }
}

fn is_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| {
        line.strip_prefix("ID=")
            .or_else(|| line.strip_prefix("ID_LIKE="))
            .is_some_and(|ids| {
                ids.trim_matches('"')
                    .split_whitespace()
                    .any(|id| id == "debian")
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn debian_and_what_is_like_it() {
        assert!(is_debian("NAME=x\nID=debian\n"));
        assert!(is_debian("ID=ubuntu\nID_LIKE=\"debian\"\n"));
        assert!(!is_debian("ID=fedora\nHOME_URL=https://debian.example/\n"));
    }

    #[test]
    fn a_second_attempt_is_made_and_no_third() {
        let attempts = Cell::new(0);
        let count = |good_from| {
            attempts.set(attempts.get() + 1);
            ensure!(attempts.get() >= good_from, "down");
            Ok(())
        };
        assert!(twice(|| false, || count(2)).is_ok());
        assert_eq!(attempts.replace(0), 2);
        assert!(twice(|| false, || count(9)).is_err());
        assert_eq!(attempts.replace(0), 2);
        assert!(twice(|| true, || count(2)).is_err());
        assert_eq!(attempts.get(), 1);
    }
}
