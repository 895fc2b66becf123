//! Builds what is measured: portolan as it is released, the readers' timer, and the bare program.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::contender::Contender;
use crate::tree;

/// Builds the release and returns its program.
pub(crate) fn portolan() -> Result<PathBuf> {
    release("portolan", &["--package", "portolan"])
}

/// Builds the program that times the readers, as it would be released.
pub(crate) fn read_speed() -> Result<PathBuf> {
    release(
        "examples/read_speed",
        &["--package", "portolan-registry", "--example", "read_speed"],
    )
}

/// Builds with the release profile; `program` is its place among what is built so.
fn release(program: &str, arguments: &[&str]) -> Result<PathBuf> {
    println!("building {program}, release");
    let cargo = || Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let status = cargo()
        .args(["build", "--release"])
        .args(arguments)
        .current_dir(tree::root())
        .status()
        .context("cannot start cargo")?;
    ensure!(
        status.success(),
        "cargo build --release ended with {status}"
    );

    let metadata = cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(tree::root())
        .output()
        .context("cannot ask cargo where it builds")?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata.stdout).context("cannot read where cargo builds")?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo names no target folder")?;
    Ok(PathBuf::from(folder).join("release").join(program))
}

/// Compiles the bare program with the release profile's own settings; it lives as long as the folder.
pub(crate) fn bare() -> Result<(Contender, TempDir)> {
    let folder = tempfile::tempdir().context("cannot make a folder for the bare program")?;
    let program = folder.path().join("bare");
    let status = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition",
            "2024",
            "-C",
            "opt-level=3",
            "-C",
            "codegen-units=1",
            "-C",
            "lto=thin",
        ])
        .args(["-C", "strip=debuginfo", "-o"])
        .arg(&program)
        .arg(tree::root().join("xtask/bench/bare.rs"))
        .status()
        .context("cannot start rustc")?;
    ensure!(
        status.success(),
        "rustc on xtask/bench/bare.rs ended with {status}"
    );
    Ok((Contender::new("bare", &program, &[]), folder))
}
