//! The Debian in a folder that tests boot with systemd as its first process.
//!
//! It is made once, by debootstrap, from the mirror and the release that this machine itself is
//! installed from, and lies in the target folder beside what cargo builds. Tests put their own
//! layer on top of it, so it stays as it is.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::interrupt::Interrupt;
use crate::tree;

/// What it holds beside the smallest Debian there is.
const PACKAGES: &str = "systemd,systemd-sysv,dbus,iproute2";

/// Where it lies; the tests of crate `inspect` look there.
fn root() -> PathBuf {
    tree::target().join("stand/systemd-root")
}

/// Whether it is there, whole: it gets its name only then.
pub(crate) fn is_present() -> bool {
    root().join("usr/lib/systemd/systemd").exists()
}

/// Makes it: about a minute, 250 MB.
pub(crate) fn make(interrupt: &Interrupt) -> Result<()> {
    ensure!(
        rustix::process::geteuid().is_root(),
        "making {} needs root; run as root: cargo xtask test --install",
        root().display()
    );
    let (mirror, release) = mirror()?;
    let root = root();
    let begun = root.with_extension(format!("begun-{}", std::process::id()));
    fs::create_dir_all(&begun).with_context(|| format!("cannot make {}", begun.display()))?;
    let mut debootstrap = Command::new("debootstrap");
    debootstrap
        .arg("--variant=minbase")
        .arg(format!("--include={PACKAGES}"))
        .arg(&release)
        .arg(&begun)
        .arg(&mirror);
    let made = interrupt.run(&mut debootstrap).and_then(|status| {
        ensure!(
            status.success(),
            "debootstrap of {release} from {mirror} ended with {status}; its own lines above say why"
        );
        fs::rename(&begun, &root).with_context(|| format!("cannot make {}", root.display()))
    });
    if made.is_err() {
        // What is half made is of no use; what cannot be removed is said by the next attempt.
        let _half = fs::remove_dir_all(&begun);
    }
    made
}

/// The mirror and the release that apt itself uses.
fn mirror() -> Result<(String, String)> {
    let system = fs::read_to_string("/etc/os-release").context("cannot read /etc/os-release")?;
    let release = codename(&system).context("/etc/os-release names no VERSION_CODENAME")?;
    let asked = Command::new("apt-get")
        .args([
            "indextargets",
            "--format",
            "$(REPO_URI) $(CODENAME) $(COMPONENT)",
        ])
        .args(["Created-By: Packages", "Component: main"])
        .output()
        .context("cannot ask apt-get for its mirrors")?;
    let targets = String::from_utf8_lossy(&asked.stdout);
    let mirror = site(&targets, release).with_context(|| {
        format!("apt knows no mirror of {release}; see /etc/apt/sources.list, then: apt-get update")
    })?;
    Ok((mirror.to_owned(), release.to_owned()))
}

fn codename(os_release: &str) -> Option<&str> {
    let mut lines = os_release.lines();
    let value = lines.find_map(|line| line.strip_prefix("VERSION_CODENAME="))?;
    Some(value.trim_matches('"'))
}

/// The first mirror that has the release itself, not its updates alone.
fn site<'a>(targets: &'a str, release: &str) -> Option<&'a str> {
    targets.lines().find_map(|line| {
        let mut fields = line.split(' ');
        let (site, codename, component) = (fields.next()?, fields.next()?, fields.next()?);
        (codename == release && component == "main").then_some(site)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_that_of_the_release_itself() {
        let targets = "http://a.example/debian-security/ x-security main\n\
                       http://b.example/debian/ x contrib\nhttp://c.example/debian/ x main\n\
                       http://d.example/debian/ x main\n";
        assert_eq!(site(targets, "x"), Some("http://c.example/debian/"));
        assert_eq!(site(targets, "y"), None);
        assert_eq!(site("", "x"), None);
    }

    #[test]
    fn the_release_stands_in_os_release() {
        assert_eq!(codename("ID=debian\nVERSION_CODENAME=x\n"), Some("x"));
        assert_eq!(codename("VERSION_CODENAME=\"y\""), Some("y"));
        assert_eq!(codename("ID=arch\n"), None);
    }
}
