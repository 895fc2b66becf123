//! `fuzz`: runs every target under `fuzz/` for a bounded time.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt};

use crate::interrupt::Interrupt;
use crate::tree;

/// Seconds per target when nobody says otherwise.
const SECONDS: u32 = 60;

/// Runs them one after another and stops at the first that finds something.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut seconds = SECONDS;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("seconds") => seconds = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    // For libFuzzer, 0 means without end.
    ensure!(seconds > 0, "--seconds 0 would never end; give at least 1");
    let targets = targets()?;
    let present = Command::new("cargo")
        .args(["+nightly", "fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    ensure!(
        present,
        "cargo-fuzz or a nightly compiler is missing; run: rustup toolchain install nightly --profile minimal \
         && cargo install cargo-fuzz"
    );

    let interrupt = Interrupt::watch()?;
    for target in &targets {
        println!("== {target}, {seconds} s");
        let status = interrupt.run(
            Command::new("cargo")
                .args(["+nightly", "fuzz", "run", target, "--"])
                .arg(format!("-max_total_time={seconds}"))
                // The compiler that built this task must not choose for the nightly one.
                .env_remove("CARGO")
                .env_remove("RUSTUP_TOOLCHAIN")
                .current_dir(tree::root()),
        )?;
        if !status.success() {
            bail!(
                "target {target} ended with {status}; the input that did it is under fuzz/artifacts/{target}"
            );
        }
    }
    println!("{} targets, nothing found", targets.len());
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let folder = tree::root().join("fuzz/fuzz_targets");
    let mut targets: Vec<String> = fs::read_dir(&folder)
        .context("cannot list fuzz/fuzz_targets; there is nothing to fuzz yet")?
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .collect();
    ensure!(!targets.is_empty(), "fuzz/fuzz_targets holds no target");
    targets.sort();
    Ok(targets)
}
