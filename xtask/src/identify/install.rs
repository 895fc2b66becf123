//! Installing: the packages of the servers, beside each other or unpacked aside where they clash.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use portolan_servers::{Row, aside, aside_versions};

use crate::interrupt::Interrupt;
use crate::testing::apt;

/// Makes sure that every row's packages are here; without `install` only looks.
pub(crate) fn bring(rows: &[Row], install: bool, interrupt: &Interrupt) -> Result<()> {
    let wanted = rows.iter().filter(|row| !row.aside);
    let mut missing: Vec<&str> = wanted
        .flat_map(|row| row.package.iter().map(String::as_str))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    let installed = installed()?;
    missing.retain(|package| !installed.iter().any(|own| own == package));
    let apart: Vec<&Row> = rows
        .iter()
        .filter(|row| row.aside && !aside_versions(&row.name).is_file())
        .collect();
    if missing.is_empty() && apart.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = apart.iter().map(|row| row.name.as_str()).collect();
    println!("missing packages: {}", missing.join(" "));
    println!("missing aside: {}", names.join(" "));
    ensure!(
        install,
        "packages of servers are missing; run as root: cargo xtask identify-bench --install"
    );
    if !missing.is_empty() {
        apt::install(&missing, interrupt)?;
    }
    apart.into_iter().try_for_each(|row| unpack(row, interrupt))
}

/// Every package that is installed.
fn installed() -> Result<Vec<String>> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Abbrev}${Package}\\n"])
        .output()
        .context("cannot ask dpkg-query; the servers are Debian's packages")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let installed = text.lines().filter_map(|line| line.strip_prefix("ii "));
    Ok(installed.map(|name| name.trim().to_owned()).collect())
}

/// Downloads the row's packages and unpacks them into its folder; nothing of them is run.
fn unpack(row: &Row, interrupt: &Interrupt) -> Result<()> {
    let parts = tempfile::tempdir().context("cannot make a folder for packages")?;
    let mut download = Command::new("apt-get");
    download
        .args(["--quiet", "download"])
        .args(&row.package)
        .current_dir(parts.path());
    ensure!(
        interrupt.run(&mut download)?.success(),
        "apt-get download {} failed; its own lines above say why",
        row.package.join(" ")
    );
    let folder = aside(&row.name);
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut versions = String::new();
    for entry in fs::read_dir(parts.path())?.flatten() {
        let file: PathBuf = entry.path();
        if file.extension() != Some(OsStr::new("deb")) {
            continue;
        }
        let mut extract = Command::new("dpkg-deb");
        extract.arg("--extract").arg(&file).arg(&folder);
        ensure!(
            interrupt.run(&mut extract)?.success(),
            "dpkg-deb cannot unpack {}",
            file.display()
        );
        let told = Command::new("dpkg-deb")
            .args(["--show", "--showformat=${Package} ${Version}\\n"])
            .arg(&file)
            .output()
            .context("cannot start dpkg-deb")?;
        versions.push_str(&String::from_utf8_lossy(&told.stdout));
    }
    // Written last: it says that the folder is whole.
    let path = aside_versions(&row.name);
    fs::write(&path, versions).with_context(|| format!("cannot write {}", path.display()))
}
