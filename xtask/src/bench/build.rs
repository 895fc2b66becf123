//! Builds what is measured: portolan as it is released, the readers' timer, and the bare program.

use std::env;
use std::fs;
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

/// Builds the release with an empty folder of facts, beside the other programs that portolan is
/// measured against, and returns its program. After the first time cargo finds nothing to do.
pub(crate) fn without_knowledge() -> Result<PathBuf> {
    let folder = tree::target().join("peers/without-knowledge");
    let facts = folder.join("no-facts");
    fs::create_dir_all(&facts).with_context(|| format!("cannot make {}", facts.display()))?;
    println!("building portolan without knowledge, release");
    let mut build = cargo();
    build
        .args(["build", "--release", "--package", "portolan"])
        .env("CARGO_TARGET_DIR", &folder)
        .env("PORTOLAN_KNOWLEDGE", &facts);
    finish(build)?;
    Ok(folder.join("release/portolan"))
}

/// Builds with the release profile; `program` is its place among what is built so.
fn release(program: &str, arguments: &[&str]) -> Result<PathBuf> {
    println!("building {program}, release");
    let mut build = cargo();
    build.args(["build", "--release"]).args(arguments);
    finish(build)?;

    let metadata = cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cannot ask cargo where it builds")?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata.stdout).context("cannot read where cargo builds")?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo names no target folder")?;
    Ok(PathBuf::from(folder).join("release").join(program))
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(tree::root());
    cargo
}

fn finish(mut build: Command) -> Result<()> {
    let status = build.status().context("cannot start cargo")?;
    ensure!(
        status.success(),
        "cargo build --release ended with {status}"
    );
    Ok(())
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
