//! Installs packages on Debian as root, with nothing started by it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

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
    twice(|| apt(interrupt, &["update"]))?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    twice(|| apt(interrupt, &install))
}

fn apt(interrupt: &Interrupt, arguments: &[&str]) -> Result<()> {
    let status = interrupt.run(
        Command::new("apt-get")
            .args(["--quiet", "--option", "DPkg::Lock::Timeout=300"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    if !status.success() {
        bail!(
            "apt-get {} ended with {status}; its own lines above say why",
            arguments.join(" ")
        );
    }
    Ok(())
}

/// A mirror may fail once.
fn twice(attempt: impl Fn() -> Result<()>) -> Result<()> {
    let Err(first) = attempt() else { return Ok(()) };
    println!("{first:#}; trying once more");
    attempt().context("failed twice")
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
            if attempts.get() >= good_from {
                Ok(())
            } else {
                bail!("down")
            }
        };
        assert!(twice(|| count(2)).is_ok());
        assert_eq!(attempts.replace(0), 2);
        assert!(twice(|| count(9)).is_err());
        assert_eq!(attempts.get(), 2);
    }
}
