//! `identify-bench`: real servers and negatives on loopback, all asked in one run, and every answer held
//! against what is known of them.

mod answer;
mod install;
mod negative;
mod page;
mod peer;
mod score;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use lexopt::{Arg, Parser, ValueExt as _};
use portolan_servers::{Row, Server, end_all, rows, start_all, version};

use crate::bench::build;
use crate::interrupt::Interrupt;
use crate::{clock, tree};
use negative::Negative;
use page::Page;
use score::{Line, Score};

/// The family against which no rule is written, and which is asked only where that is wanted.
const HELD_OUT: &str = "held-out";

/// How many are started at once; a start is mostly computing.
const AT_ONCE: usize = 3;

/// All of it from one command, in no more than this.
const IN_TIME: Duration = Duration::from_secs(8);

#[derive(Default)]
struct Wanted {
    install: bool,
    only: Option<BTreeSet<String>>,
    held_out: bool,
    nmap: bool,
    write: bool,
    portolan: Option<PathBuf>,
}

impl Wanted {
    fn read(mut arguments: Parser) -> Result<Self> {
        let mut wanted = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Arg::Long("install") => wanted.install = true,
                Arg::Long("held-out") => wanted.held_out = true,
                Arg::Long("nmap") => wanted.nmap = true,
                Arg::Long("write") => wanted.write = true,
                Arg::Long("portolan") => wanted.portolan = Some(arguments.value()?.into()),
                Arg::Long("only") => {
                    let names = arguments.value()?.string()?;
                    let names = names.split(',').map(str::to_owned);
                    wanted.only.get_or_insert_default().extend(names);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        ensure!(
            !(wanted.write && wanted.only.is_some()),
            "--write writes a page on all servers; leave out --only"
        );
        Ok(wanted)
    }

    /// The rows by name or family, in the order of the table.
    fn choose(&self, rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut rows = rows;
        rows.retain(|row| self.held_out || row.family != HELD_OUT);
        if let Some(only) = &self.only {
            let is_known = |word: &String| {
                rows.iter()
                    .any(|row| row.name == *word || row.family == *word)
            };
            if let Some(unknown) = only.iter().find(|word| !is_known(word)) {
                bail!(
                    "no server and no family is called {unknown:?} (held-out ones want --held-out)"
                );
            }
            rows.retain(|row| only.contains(&row.name) || only.contains(&row.family));
        }
        ensure!(!rows.is_empty(), "the table of servers is empty");
        Ok(rows)
    }
}

/// Starts, asks, scores, ends; fails where anything is wrong or missed.
pub(crate) fn run(arguments: Parser) -> Result<()> {
    let wanted = Wanted::read(arguments)?;
    let interrupt = Interrupt::watch()?;
    let rows = wanted.choose(rows()?)?;
    install::bring(&rows, wanted.install, &interrupt)?;
    let portolan = match &wanted.portolan {
        Some(program) => program.clone(),
        None => build::portolan()?,
    };

    let (servers, failed) = start(&rows);
    if interrupt.has_come() {
        end_all(servers);
        bail!("stopped while starting servers");
    }
    let outcome = measure(&wanted, &portolan, &rows, servers);
    // Whoever did not start could not be asked; the rest is worth its score all the same.
    let page = outcome?;
    print!("{}", page.terminal());
    if wanted.write {
        let path = tree::root().join("docs/identification.md");
        fs::write(&path, page.markdown())
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", path.display());
    }
    let mut faults = page.faults();
    if failed > 0 {
        faults.push(format!("{failed} servers did not start"));
    }
    ensure!(faults.is_empty(), "{}", faults.join("; "));
    Ok(())
}

fn start(rows: &[Row]) -> (Vec<Server>, usize) {
    println!("starting {} servers, {AT_ONCE} at a time", rows.len());
    let rows: Vec<&Row> = rows.iter().collect();
    let (outcomes, took) = clock::timed(|| start_all(&rows, AT_ONCE));
    let mut servers = Vec::new();
    let mut failed = 0;
    for outcome in outcomes {
        match outcome {
            Ok(server) => servers.push(server),
            Err(error) => {
                failed += 1;
                println!("{:#}", anyhow::Error::new(error));
            }
        }
    }
    println!("{} stand after {:.1} s", servers.len(), took.as_secs_f64());
    (servers, failed)
}

/// Asks everything at once, and ends the servers.
fn measure(
    wanted: &Wanted,
    portolan: &std::path::Path,
    rows: &[Row],
    mut servers: Vec<Server>,
) -> Result<Page> {
    let negatives = negative::all().context("cannot stand the negatives up")?;
    let mut targets: Vec<(u16, &'static str)> = Vec::new();
    for one in servers.iter().flat_map(Server::asked) {
        targets.push((one.address.port(), one.port.transport.as_str()));
    }
    targets.extend(negatives.iter().map(|one| (one.port, one.transport)));
    println!("asking {} ports", targets.len());
    let (answers, took) = clock::timed(|| answer::ask(portolan, &targets));
    let mut gone = Vec::new();
    for server in &mut servers {
        if !server.runs() {
            gone.push(server.name().to_owned());
        }
    }
    let peer = match wanted.nmap {
        true => Some(peer::nmap(&targets)),
        false => None,
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) => {
            end_all(servers);
            return Err(error);
        }
    };
    let mut lines = Vec::new();
    for server in &servers {
        let Some(row) = rows.iter().find(|row| row.name == server.name()) else {
            continue;
        };
        let version = version(row);
        for one in server.asked() {
            let key = (one.address.port(), one.port.transport.as_str());
            let told = answers.get(&key).and_then(Option::as_ref);
            lines.push(Line::new(row, &one.port, version.as_deref(), told));
        }
    }
    end_all(servers);
    let false_positives = |one: &Negative| {
        let told = answers.get(&(one.port, one.transport))?.as_ref()?;
        Some((one.name, told.to_string()))
    };
    Ok(Page {
        score: Score { lines },
        negatives: negatives.len(),
        false_positives: negatives.iter().filter_map(false_positives).collect(),
        ports: targets.len(),
        took,
        peer,
        gone,
    })
}
