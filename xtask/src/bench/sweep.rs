//! The sweep of all ports of 127.0.0.1, beside a minimal loop of connects and the scanners that people use.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use anyhow::{Context, Result, ensure};

use super::contender::Contender;
use super::target::Target;
use super::{Section, page, peer, sample};
use crate::tree;

const PORTOLAN: usize = 0;
const FLOOR: usize = 1;
const NMAP: usize = 2;
const RUSTSCAN: usize = 3;

/// Listeners that are to be found.
const OPEN: usize = 64;
/// Runs in which no port may be told wrongly.
const HONEST_RUNS: usize = 20;

/// A network namespace of its own, so that what listens there is known and nobody else is dialled; ip-netns(8)
/// makes it, as root.
struct Alone {
    name: String,
}

impl Alone {
    fn make() -> Result<Self> {
        let alone = Self {
            name: format!("portolan-bench-{}", std::process::id()),
        };
        ip(&["netns", "add", &alone.name])?;
        ip(&["-n", &alone.name, "link", "set", "lo", "up"])?;
        Ok(alone)
    }

    /// Takes the calling thread in, and what it starts.
    fn enter(&self) -> Result<()> {
        let file = fs::File::open(format!("/run/netns/{}", self.name))
            .context("cannot open the namespace")?;
        let kind = rustix::thread::LinkNameSpaceType::Network;
        rustix::thread::move_into_link_name_space(file.as_fd(), Some(kind))
            .context("cannot enter the namespace")
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if let Err(error) = ip(&["netns", "delete", &self.name]) {
            println!("left behind: {error:#}");
        }
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let status = Command::new("ip").args(arguments).status();
    let status = status.context("cannot start ip; it is in the package iproute2")?;
    ensure!(
        status.success(),
        "ip {} ended with {status}",
        arguments.join(" ")
    );
    Ok(())
}

/// Measures wall time, and counts what is told wrongly.
pub(crate) fn section(portolan: &Path, rounds: usize) -> Result<Section> {
    println!("sweep: {rounds} rounds");
    let folder = tempfile::tempdir().context("cannot make a folder for the connect loop")?;
    let floor = floor(folder.path())?;
    let rustscan = rustscan();
    if !rustix::process::geteuid().is_root() {
        println!("not root: this machine's own ports are swept, whatever listens there");
        return measured(portolan, &floor, &rustscan, rounds);
    }
    let alone = Alone::make()?;
    thread::scope(|scope| {
        let inside = scope.spawn(|| {
            alone.enter()?;
            measured(portolan, &floor, &rustscan, rounds)
        });
        inside
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("measuring the sweep ended in a panic")))
    })
}

fn measured(portolan: &Path, floor: &Path, rustscan: &Path, rounds: usize) -> Result<Section> {
    let listeners: Vec<TcpListener> = (0..OPEN)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<_, _>>()
        .context("cannot listen for the sweep")?;
    // Nobody accepts here, and what was reset stays in the queue until somebody does: there must be
    // room for the connections of all runs.
    for listener in &listeners {
        rustix::net::listen(listener, 4096).context("cannot listen for the sweep")?;
    }
    let open: BTreeSet<u16> = listeners
        .iter()
        .filter_map(|listener| Some(listener.local_addr().ok()?.port()))
        .collect();
    let sweep = ["sweep", "127.0.0.1", "--connect", "--no-identify"];
    let contenders = vec![
        Contender::new("portolan", portolan, &sweep),
        Contender::new("connect loop in C, two threads", floor, &[]),
        peer::contender("nmap", &["-sT", "-p-", "127.0.0.1"]),
        Contender::new(
            "rustscan",
            rustscan,
            &["-a", "127.0.0.1", "-g", "--no-banner"],
        ),
    ];
    let all = sample::interleave(contenders, rounds);
    let (wrong, runs) = wrong(portolan, &sweep, &open);
    drop(listeners);

    let wall = |index: usize| all[index].wall();
    let ratio = |to: usize| page::ratio(wall(PORTOLAN), wall(to));
    let target = |what, bound, measured, unit| Target {
        what,
        bound,
        measured,
        unit,
    };
    let targets = vec![
        target(
            "Sweep of 65,535 loopback ports, wall time against two threads of connect in C",
            1.3,
            ratio(FLOOR),
            "x",
        ),
        target(
            "Sweep of 65,535 loopback ports, wall time against nmap -sT -p-",
            0.35,
            ratio(NMAP),
            "x",
        ),
        target(
            "Sweep of 65,535 loopback ports, wall time against RustScan",
            0.25,
            ratio(RUSTSCAN),
            "x",
        ),
        target(
            "Sweep of 65,535 loopback ports, ports told wrongly in 20 runs",
            0.0,
            wrong,
            "",
        ),
    ];
    let told = wrong.map_or_else(|| "not counted".to_owned(), |n| format!("{n:.0}"));
    let text = format!(
        "\n## Sweep\n\nAll 65,535 TCP ports of 127.0.0.1 by connecting, where {OPEN} sockets listen; as root in a network \
         namespace of its own. The loop is `xtask/bench/connect.c`, built with `cc -O2`. In {runs} further runs of \
         portolan, ports that were told open and were not, or the other way round: {told}.\n\n{}\n",
        page::table(&all, PORTOLAN)
    );
    Ok(Section { text, targets })
}

/// How many ports were told wrongly over all runs; `None` where a run failed, or where others listen as well.
fn wrong(portolan: &Path, sweep: &[&str], open: &BTreeSet<u16>) -> (Option<f64>, usize) {
    let greppable: Vec<&str> = sweep.iter().copied().chain(["--greppable"]).collect();
    let contender = Contender::new("portolan", portolan, &greppable);
    let mut wrong = 0;
    for run in 0..HONEST_RUNS {
        let Ok(line) = contender.output() else {
            return (None, run);
        };
        let told: BTreeSet<u16> = line
            .trim_end()
            .split('\t')
            .skip(3)
            .filter_map(|port| port.split('/').next()?.parse().ok())
            .collect();
        wrong += told.symmetric_difference(open).count();
    }
    let alone = rustix::process::geteuid().is_root();
    (alone.then_some(wrong as f64), HONEST_RUNS)
}

/// Compiles the loop.
fn floor(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("connect");
    let status = Command::new("cc")
        .args(["-O2", "-pthread", "-o"])
        .arg(&program)
        .arg(tree::root().join("xtask/bench/connect.c"))
        .status()
        .context("cannot start cc; it is in the package gcc")?;
    ensure!(
        status.success(),
        "cc on xtask/bench/connect.c ended with {status}"
    );
    Ok(program)
}

/// RustScan, from the path or from `target/peers`, where it is installed if it is nowhere.
fn rustscan() -> PathBuf {
    if let Some(file) = crate::testing::component::find("rustscan") {
        return file;
    }
    let root = tree::root().join("target/peers");
    let program = root.join("bin/rustscan");
    if !program.exists() {
        println!("installing rustscan into {}", root.display());
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let installed = Command::new(cargo)
            .args(["install", "rustscan", "--locked", "--root"])
            .arg(&root)
            .current_dir(env::temp_dir())
            .status();
        if !installed.is_ok_and(|status| status.success()) {
            println!("missing peer: rustscan; to have it measured: cargo install rustscan");
        }
    }
    program
}
