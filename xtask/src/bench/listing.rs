//! Listing every listener with its owners, on the machine as it is and in a crowd; one port of that
//! crowd; and watching it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};

use super::contender::Contender;
use super::owner::{self, Owner, Read};
use super::sample::{Measured, Spread};
use super::stand::Stand;
use super::target::Target;
use super::{Rounds, Section, page, peer, sample};

/// The reference of every table.
const SS: usize = 0;
const AUTOMATIC: usize = 1;
const SCAN: usize = 2;
const ITERATOR: usize = 3;

const CROWD: [&str; 8] = [
    "--listeners",
    "5000",
    "--processes",
    "50",
    "--idle",
    "300",
    "--descriptors",
    "100",
];

/// Measures it quiet, then loaded.
pub(crate) fn section(portolan: &Path, rounds: &Rounds) -> Result<Section> {
    println!("listing, the machine as it is: {} rounds", rounds.listing);
    let quiet = sample::interleave(contenders(portolan), rounds.listing);
    let quiet_owners = owners(portolan);

    println!("listing, in a crowd: {} rounds", rounds.listing_loaded);
    let stand = Stand::start(&CROWD)?;
    let loaded = sample::interleave(contenders(portolan), rounds.listing_loaded);
    let loaded_owners = owners(portolan);
    let unlike = unlike(portolan);
    let port = stand.shared_port()?;
    let single = sample::interleave(single(portolan, port), rounds.listing_loaded);
    let idle = sample::interleave(watchers(portolan), rounds.listing_loaded);
    let ready = stand.ready.trim_start_matches("ready: ").trim().to_owned();
    drop(stand);

    let tick = tick(&idle);
    let target = |what, bound, measured| Target {
        what,
        bound,
        measured,
        unit: "x",
    };
    let cpu = |of: &[Measured], at: usize| page::ratio(of[at].cpu(), of[SS].cpu());
    let wall = |of: &[Measured], at: usize| page::ratio(of[at].wall(), of[SS].wall());
    let count = |what, measured: Option<usize>| Target {
        what,
        bound: 0.0,
        measured: measured.map(|count| count as f64),
        unit: "owners",
    };
    let targets = vec![
        target(
            "Listing a quiet machine, wall time against ss",
            1.0,
            wall(&quiet, AUTOMATIC),
        ),
        target(
            "Full scan in a crowd, CPU against ss",
            0.85,
            cpu(&loaded, SCAN),
        ),
        target(
            "Full scan in a crowd, wall time against ss",
            0.50,
            wall(&loaded, SCAN),
        ),
        target(
            "BPF iterator in a crowd, CPU against ss",
            0.25,
            cpu(&loaded, ITERATOR),
        ),
        target(
            "BPF iterator in a crowd, wall time against ss",
            0.25,
            wall(&loaded, ITERATOR),
        ),
        count(
            "Owners that ss finds and portolan does not",
            loaded_owners.lost,
        ),
        count("Owners in which scan and iterator differ", unlike),
        target(
            "One port with all owners, CPU against ss",
            0.75,
            cpu(&single, 1),
        ),
        target(
            "One port with --fast, CPU against ss",
            0.25,
            cpu(&single, 2),
        ),
        target(
            "A tick of --follow without a change, CPU against ss",
            0.05,
            tick.against_ss,
        ),
    ];
    let text = format!(
        "\n## Listing\n\nRatios to ss. Owners are distinct (transport, port, process) triples; portolan's are looked at between \
         two runs of ss, and what both of those name must be among them.\n\n\
         ### The machine as it is\n\n{}\n{}\n\
         ### In a crowd\n\nBeside `cargo xtask load {}`: {ready}.\n\n{}\n{}\n\
         ### One port of the crowd\n\n{}\n\
         ### Watching the crowd\n\n{}\n{}",
        page::table(&quiet, SS),
        quiet_owners.text,
        CROWD.join(" "),
        page::table(&loaded, SS),
        loaded_owners.text,
        page::table(&single, SS),
        page::table(&idle, SS),
        tick.text
    );
    Ok(Section { text, targets })
}

fn contenders(portolan: &Path) -> Vec<Contender> {
    let own = |arguments: &[&str]| Contender::new("portolan", portolan, arguments);
    vec![
        peer::contender("ss", &["-tulnp"]),
        own(&["listen"]),
        own(&["listen", "--way", "scan"]),
        own(&["listen", "--way", "iterator"]),
        lsof(),
        peer::contender("netstat", &["-tulnp"]),
    ]
}

/// The port that every process of the crowd holds.
fn single(portolan: &Path, port: u16) -> Vec<Contender> {
    let filter = format!("port:{port}");
    vec![
        peer::contender("ss", &["-tlnp", &format!("sport = :{port}")]),
        Contender::new("portolan", portolan, &["listen", &filter]),
        Contender::new("portolan", portolan, &["listen", &filter, "--fast"]),
        peer::contender("lsof", &["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN"]),
    ]
}

/// How many ticks the longer watch has beyond the shorter.
const MORE_TICKS: u32 = 40;

/// Two watches that differ in their ticks alone.
fn watchers(portolan: &Path) -> Vec<Contender> {
    let watch = |duration| {
        let arguments = ["listen", "--follow", "--tick", "50ms", "--for", duration];
        Contender::new("portolan", portolan, &arguments)
    };
    vec![
        peer::contender("ss", &["-tlnp"]),
        watch("500ms"),
        watch("2500ms"),
    ]
}

/// What one tick costs.
struct Tick {
    against_ss: Option<f64>,
    text: String,
}

fn tick(idle: &[Measured]) -> Tick {
    let median = |at: usize| idle[at].cpu().map(|Spread { median, .. }| median);
    let (Some(ss), Some(short), Some(long)) = (median(SS), median(1), median(2)) else {
        return Tick {
            against_ss: None,
            text: "The ticks could not be told apart.\n".into(),
        };
    };
    let each = long.saturating_sub(short) / MORE_TICKS;
    Tick {
        against_ss: Some(each.as_secs_f64() / ss.as_secs_f64()),
        text: format!(
            "The longer watch has {MORE_TICKS} ticks more, so that one costs {:.2} ms of CPU.\n",
            each.as_secs_f64() * 1000.0
        ),
    }
}

/// How many owners the two ways of finding them do not agree in.
fn unlike(portolan: &Path) -> Option<usize> {
    let by = |way| {
        let arguments = ["listen", "--json", "--way", way];
        named(
            &Contender::new("portolan", portolan, &arguments),
            owner::portolan,
        )
        .ok()
    };
    let (scan, iterator) = (by("scan")?, by("iterator")?);
    Some(scan.symmetric_difference(&iterator).count())
}

/// It exits with 1 where it lists nothing.
fn lsof() -> Contender {
    peer::contender("lsof", &["-nP", "-i"]).may_exit(&[0, 1])
}

/// How many owners each program names.
struct Owners {
    text: String,
    /// Named by both runs of ss around portolan's and not by portolan; `None` where one of them failed.
    lost: Option<usize>,
}

fn owners(portolan: &Path) -> Owners {
    let ss = || named(&peer::contender("ss", &["-tulnp"]), owner::ss);
    let before = ss();
    let own = named(
        &Contender::new("portolan", portolan, &["listen", "--json"]),
        owner::portolan,
    );
    let after = ss();
    let lost = match (&before, &own, &after) {
        (Ok(before), Ok(own), Ok(after)) => Some(
            before
                .intersection(after)
                .filter(|owner| !own.contains(owner))
                .count(),
        ),
        _ => None,
    };
    let lsof = named(&lsof(), owner::lsof);
    let netstat = named(&peer::contender("netstat", &["-tulnp"]), owner::netstat);

    let mut text = String::from("Owners found:");
    for (name, found) in [
        ("ss", after),
        ("portolan", own),
        ("lsof", lsof),
        ("netstat", netstat),
    ] {
        match found {
            Ok(found) => text.push_str(&format!(" {name} {},", found.len())),
            Err(error) => text.push_str(&format!(" {name} none ({error:#}),")),
        }
    }
    match lost {
        Some(lost) => text.push_str(&format!(" of those of ss portolan lacks {lost}.\n")),
        None => text.push_str(" so portolan could not be held against ss.\n"),
    }
    Owners { text, lost }
}

fn named(contender: &Contender, read: Read) -> Result<BTreeSet<Owner>> {
    read(&contender.output()?).with_context(|| format!("cannot read what {} says", contender.label))
}
