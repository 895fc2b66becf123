//! The survey of a machine with forty more listeners, ten of them mute.

use std::path::Path;

use anyhow::Result;

use super::contender::Contender;
use super::stand::Stand;
use super::target::Target;
use super::{Section, machine, page, sample};

const PORTOLAN: usize = 0;
const MEGABYTE: f64 = 1e6;
/// The load's forty and an ordinary machine's own; with more the targets say nothing.
const MOST_LISTENERS: usize = 100;

/// Measures its wall time and its memory.
pub(crate) fn section(portolan: &Path, bare: &Contender, rounds: usize) -> Result<Section> {
    println!("survey: {rounds} rounds");
    let stand = Stand::start(&["--survey"])?;
    let ready = stand.ready.trim_start_matches("ready: ").trim().to_owned();
    let listeners = machine::listeners();
    let judged = listeners <= MOST_LISTENERS;
    if !judged {
        println!("{listeners} TCP listeners are here, too many to hold the survey to its targets");
    }
    let contenders = vec![
        Contender::new("portolan", portolan, &[]),
        bare.renamed("bare Rust program, one line"),
    ];
    let all = sample::interleave(contenders, rounds);
    drop(stand);

    let megabytes = |index: usize| all[index].peak_bytes().map(|bytes| bytes as f64 / MEGABYTE);
    let wall = all[PORTOLAN].wall().map(|wall| wall.median.as_secs_f64());
    let targets = vec![
        Target {
            what: "Survey of 40 listeners, 10 mute, wall time",
            bound: 1.5,
            measured: wall.filter(|_| judged),
            unit: "s",
        },
        Target {
            what: "Survey of 40 listeners, 10 mute, memory",
            bound: 40.0,
            measured: megabytes(PORTOLAN).filter(|_| judged),
            unit: "MB",
        },
    ];
    let mut text = format!(
        "\n## Survey\n\nBeside `cargo xtask load --survey` ({ready}) and what else listens here: {listeners} TCP listeners in all. Memory is \
         the largest resident set of all rounds (`ru_maxrss`), which is never less than that of the program that measures; \
         the bare program shows that floor.\n\n{}\n",
        page::table(&all, PORTOLAN)
    );
    for (index, measured) in all.iter().enumerate() {
        if let Some(megabytes) = megabytes(index) {
            text.push_str(&format!(
                "- `{}`: {megabytes:.1} MB\n",
                measured.contender.label
            ));
        }
    }
    Ok(Section { text, targets })
}
