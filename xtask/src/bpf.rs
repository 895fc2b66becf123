//! `bpf`: makes the kernel's part of `inspect` from its C source, and says what it was made of.
//!
//! The object is committed, so that building and testing Portolan takes no clang; the note beside
//! it ties the two together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use lexopt::{Arg, Parser};
use sha2::{Digest, Sha256};

use crate::tree;

/// Where the three files lie, below the root.
const FOLDER: &str = "crates/inspect/bpf";
const SOURCE: &str = "owners.bpf.c";
const OBJECT: &str = "owners.bpf.o";
const NOTE: &str = "owners.bpf.toml";
/// What brings the programs and headers that this needs.
const PACKAGES: &str = "apt-get install clang llvm libbpf-dev linux-libc-dev";

/// Compiles; with `--check` only says whether the object is the one that was made of the source.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut check = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("check") => check = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let folder = tree::root().join(FOLDER);
    if check {
        agree(&folder)?;
        println!("{FOLDER}/{OBJECT} is what was made of {SOURCE}");
        return Ok(());
    }
    let compiler = compile(&folder)?;
    let source = hash(&folder.join(SOURCE))?;
    let object = hash(&folder.join(OBJECT))?;
    let note = format!(
        "# What {OBJECT} was made of. Written by `cargo xtask bpf`, checked by `cargo xtask bpf --check`.\n\
         source_sha256 = \"{source}\"\nobject_sha256 = \"{object}\"\ncompiler = \"{compiler}\"\n"
    );
    fs::write(folder.join(NOTE), note).with_context(|| format!("cannot write {NOTE}"))?;
    println!("{FOLDER}/{OBJECT}: {object}");
    Ok(())
}

/// Compiles and strips; the first line of what the compiler says of itself.
fn compile(folder: &Path) -> Result<String> {
    // The kernel's headers for user space keep one folder for each machine, on Debian.
    let machine = PathBuf::from(format!("/usr/include/{}-linux-gnu", std::env::consts::ARCH));
    let output = call(
        Command::new("clang")
            .args([
                "-O2", "-g", "-target", "bpfel", "-Wall", "-Wextra", "-Werror",
            ])
            // No path of the machine that compiles.
            .args(["-fdebug-compilation-dir=.", "-fno-ident", "-c", SOURCE])
            .args(["-o", OBJECT, "-isystem"])
            .arg(machine)
            .current_dir(folder),
    )?;
    ensure!(output.is_empty(), "clang said: {output}");
    call(
        Command::new("llvm-strip")
            .args(["-g", OBJECT])
            .current_dir(folder),
    )?;
    let version = call(Command::new("clang").arg("--version"))?;
    let first = version.lines().next().unwrap_or_default();
    Ok(first.replace(['"', '\\'], ""))
}

fn call(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {program}; bring it with: {PACKAGES}"))?;
    ensure!(
        output.status.success(),
        "{program} ended with {}: {}(its headers come with: {PACKAGES})",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Fails unless the note speaks of exactly this source and this object.
fn agree(folder: &Path) -> Result<()> {
    let note = fs::read_to_string(folder.join(NOTE))
        .with_context(|| format!("cannot read {FOLDER}/{NOTE}; run `cargo xtask bpf`"))?;
    for (key, name) in [("source_sha256", SOURCE), ("object_sha256", OBJECT)] {
        let line = format!("{key} = \"{}\"", hash(&folder.join(name))?);
        ensure!(
            note.lines().any(|written| written == line),
            "{FOLDER}/{name} is not the one that {NOTE} speaks of; run `cargo xtask bpf` and commit all three"
        );
    }
    Ok(())
}

/// Of the whole file, in hexadecimal.
fn hash(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let digest = Sha256::digest(&bytes);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_object_is_the_one_made_of_the_committed_source() {
        agree(&tree::root().join(FOLDER)).unwrap();
    }

    #[test]
    fn another_source_or_object_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let committed = tree::root().join(FOLDER);
        for changed in [SOURCE, OBJECT] {
            for name in [SOURCE, OBJECT, NOTE] {
                fs::copy(committed.join(name), folder.path().join(name)).unwrap();
            }
            agree(folder.path()).unwrap();
            let mut bytes = fs::read(folder.path().join(changed)).unwrap();
            bytes.push(b'\n');
            fs::write(folder.path().join(changed), bytes).unwrap();
            let error = agree(folder.path()).unwrap_err().to_string();
            assert!(error.contains(changed), "{error}");
        }
    }

    #[test]
    fn the_object_names_no_folder_of_the_machine_that_made_it() {
        let bytes = fs::read(tree::root().join(FOLDER).join(OBJECT)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(tree::root().to_str().unwrap()));
        assert!(
            !["/tmp/", "/home/", "/root/"]
                .iter()
                .any(|folder| text.contains(folder))
        );
    }
}
