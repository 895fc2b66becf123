//! `test`: formatting, lints and every test of the workspace, with the real components they need.

pub(crate) mod apt;
mod closing;
pub(crate) mod component;
mod kernel;
mod names;
mod policy;
mod stand;

use std::env;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use lexopt::{Arg, Parser};
use portolan_servers::Row;

use crate::interrupt::Interrupt;
use crate::{clock, tree};
use closing::Closing;

/// One step that was taken.
struct Step {
    name: &'static str,
    outcome: Result<()>,
    took: Duration,
}

/// Runs it all and fails if any step failed; with `--install` brings what is missing first.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut install = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("install") => install = true,
            other => return Err(other.unexpected().into()),
        }
    }

    let interrupt = Interrupt::watch()?;
    let mut steps = vec![step("components", || {
        components(install, &interrupt)?;
        kernel::prepare(install, &interrupt)?;
        names::prepare(install, &interrupt)
    })];
    if steps.iter().all(|step| step.outcome.is_ok()) {
        let mut closing = Closing::default();
        steps.push(step("formatting", || {
            cargo(&interrupt, &["fmt", "--all", "--check"])
        }));
        steps.push(step("clippy", || {
            let arguments = [
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ];
            cargo(&interrupt, &arguments)
        }));
        steps.push(step("tests", || tests(&interrupt, &mut closing)));
        println!("\n{closing}");
    }
    conclude(&steps)
}

fn step(name: &'static str, work: impl FnOnce() -> Result<()>) -> Step {
    println!("== {name}");
    let (outcome, took) = clock::timed(work);
    match &outcome {
        Ok(()) => println!("== {name}: done in {:.1} s", took.as_secs_f64()),
        Err(error) => println!(
            "== {name}: FAILED after {:.1} s: {error:#}",
            took.as_secs_f64()
        ),
    }
    Step {
        name,
        outcome,
        took,
    }
}

fn conclude(steps: &[Step]) -> Result<()> {
    println!();
    for Step {
        name,
        outcome,
        took,
    } in steps
    {
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{name:<12} {word:<8} {:>8.1} s", took.as_secs_f64());
    }
    let total: Duration = steps.iter().map(|step| step.took).sum();
    println!("{:<21} {:>8.1} s", "total", total.as_secs_f64());

    let failed: Vec<String> = steps
        .iter()
        .filter_map(|step| {
            step.outcome
                .as_ref()
                .err()
                .map(|error| format!("{}: {error:#}", step.name))
        })
        .collect();
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("{}", failed.join("; "))
    }
}

fn components(install: bool, interrupt: &Interrupt) -> Result<()> {
    programs(install, interrupt)?;
    servers(install, interrupt)?;
    if stand::is_present() {
        return Ok(());
    }
    println!("missing: a Debian to boot in a container, made by debootstrap");
    ensure!(
        install,
        "the stand with systemd is missing; run as root: cargo xtask test --install"
    );
    stand::make(interrupt)
}

fn programs(install: bool, interrupt: &Interrupt) -> Result<()> {
    let missing = component::missing();
    if missing.is_empty() {
        println!("all {} are here", component::COMPONENTS.len());
        return Ok(());
    }
    for component in &missing {
        println!(
            "missing: {} ({}), from package {}",
            component.name(),
            component.purpose,
            component.package
        );
    }
    let packages = component::packages(&missing);
    if !install {
        bail!(
            "{} components are missing; run as root: {}, or: cargo xtask test --install",
            missing.len(),
            apt::command(&packages)
        );
    }
    apt::install(&packages, interrupt)?;

    let still = component::missing();
    if !still.is_empty() {
        let names: Vec<&str> = still.iter().map(component::Component::name).collect();
        bail!(
            "still missing although their packages are installed: {}",
            names.join(", ")
        );
    }
    Ok(())
}

/// The servers of the table `servers/data` that the tests start.
fn servers(install: bool, interrupt: &Interrupt) -> Result<()> {
    let mut rows = portolan_servers::rows()?;
    rows.retain(|row| row.test);
    let absent = |row: &Row| portolan_servers::find(row).is_err();
    let missing: Vec<&Row> = rows.iter().filter(|row| absent(row)).collect();
    if missing.is_empty() {
        println!("all {} servers of the table are here", rows.len());
        return Ok(());
    }
    let mut packages: Vec<&str> = missing
        .iter()
        .flat_map(|row| row.package.iter().map(String::as_str))
        .collect();
    packages.sort_unstable();
    packages.dedup();
    if !install {
        bail!(
            "{} servers are missing; run as root: {}, or: cargo xtask test --install",
            missing.len(),
            apt::command(&packages)
        );
    }
    apt::install(&packages, interrupt)?;
    match rows.iter().find(|row| absent(row)) {
        None => Ok(()),
        Some(row) => bail!(
            "{} is still missing although its packages are installed",
            row.program
        ),
    }
}

fn cargo(interrupt: &Interrupt, arguments: &[&str]) -> Result<()> {
    let status = interrupt.run(&mut cargo_command(arguments))?;
    if !status.success() {
        bail!("cargo {} ended with {status}", arguments.join(" "));
    }
    Ok(())
}

fn tests(interrupt: &Interrupt, closing: &mut Closing) -> Result<()> {
    let arguments = ["test", "--workspace", "--no-fail-fast"];
    let status =
        interrupt.run_watching(&mut cargo_command(&arguments), |line| closing.see(line))?;
    if !status.success() {
        bail!("cargo {} ended with {status}", arguments.join(" "));
    }
    ensure!(
        closing.runs() > 0,
        "cargo {} ran no test at all",
        arguments.join(" ")
    );
    Ok(())
}

fn cargo_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(tree::root());
    command
}
