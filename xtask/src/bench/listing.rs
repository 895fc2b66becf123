//! Listing every listener with its owners, on the machine as it is and in a crowd.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};

use super::contender::Contender;
use super::owner::{self, Owner, Read};
use super::stand::Stand;
use super::target::Target;
use super::{Section, page, peer, sample};

const SS: usize = 0;
const PORTOLAN: usize = 1;

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

/// Measures it twice, quiet and loaded.
pub(crate) fn section(portolan: &Path, rounds: usize, rounds_loaded: usize) -> Result<Section> {
    println!("listing, the machine as it is: {rounds} rounds");
    let quiet = page::table(&sample::interleave(contenders(portolan), rounds), SS);
    let quiet_owners = owners(portolan);

    println!("listing, in a crowd: {rounds_loaded} rounds");
    let stand = Stand::start(&CROWD)?;
    let loaded = sample::interleave(contenders(portolan), rounds_loaded);
    let loaded_owners = owners(portolan);
    let ready = stand.ready.trim_start_matches("ready: ").trim().to_owned();
    drop(stand);

    let ratio = |of: fn(&sample::Measured) -> Option<sample::Spread>| {
        page::ratio(of(&loaded[PORTOLAN]), of(&loaded[SS]))
    };
    let targets = vec![
        Target {
            what: "Listing in a crowd, CPU against ss",
            bound: 0.85,
            measured: ratio(sample::Measured::cpu),
            unit: "x",
        },
        Target {
            what: "Listing in a crowd, wall time against ss",
            bound: 0.60,
            measured: ratio(sample::Measured::wall),
            unit: "x",
        },
        Target {
            what: "Owners that ss finds and portolan does not",
            bound: 0.0,
            measured: loaded_owners.lost.map(|lost| lost as f64),
            unit: "owners",
        },
    ];
    let text = format!(
        "\n## Listing\n\nRatios to ss. Owners are distinct (transport, port, process) triples; portolan's are looked at between \
         two runs of ss, and what both of those name must be among them.\n\n\
         ### The machine as it is\n\n{quiet}\n{}\n\
         ### In a crowd\n\nBeside `cargo xtask load {}`: {ready}.\n\n{}\n{}",
        quiet_owners.text,
        CROWD.join(" "),
        page::table(&loaded, SS),
        loaded_owners.text
    );
    Ok(Section { text, targets })
}

fn contenders(portolan: &Path) -> Vec<Contender> {
    vec![
        peer::contender("ss", &["-tulnp"]),
        Contender::new("portolan", portolan, &["listen"]),
        lsof(),
        peer::contender("netstat", &["-tulnp"]),
    ]
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
