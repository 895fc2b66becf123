//! What knowledge and a policy cost a cold look-up: the program as it is shipped beside the same
//! program built from an empty folder of facts.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::contender::Contender;
use super::sample::{self, Measured, Spread};
use super::target::Target;
use super::{Section, build, lookup, page};

/// What is looked up: ports with many facts, with one, within ranges only, and with none.
const PORTS: [&str; 8] = [
    "3000", "8080", "9000", "5432", "2350", "40000", "2397", "61111",
];
/// Both sorts of look-up; the first reads no configuration, so a policy costs it nothing.
const LOOK_UPS: [(&str, &[&str]); 2] = [(WITHOUT_SOCKETS, &["--no-live"]), ("with sockets", &[])];
const WITHOUT_SOCKETS: &str = "without sockets";
/// Rules of the policy that is measured.
const RULES: u16 = 30;

/// Who takes part, in the order in which each port is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Without,
    /// The reference once more: how far the figures scatter.
    WithoutAgain,
    With,
    WithPolicy,
}

impl Part {
    const fn what(self) -> &'static str {
        match self {
            Self::Without => "no facts, no policy",
            Self::WithoutAgain => "the same once more",
            Self::With => "facts, no policy",
            Self::WithPolicy => "facts, and a policy of 30 rules",
        }
    }
}

/// Measures it.
pub(crate) fn section(portolan: &Path, rounds: usize) -> Result<Section> {
    let without = build::without_knowledge()?;
    let folder = tempfile::tempdir().context("cannot make a folder for a policy")?;
    let bare = folder.path().join("bare");
    let ruled = folder.path().join("ruled");
    for configuration in [&bare, &ruled] {
        fs::create_dir_all(configuration.join("portolan"))
            .context("cannot make a folder for a policy")?;
    }
    fs::write(ruled.join("portolan/portolan.toml"), policy()).context("cannot write a policy")?;

    lookup::wait_for_the_end_of_connections();
    println!("knowledge: {rounds} rounds");
    let reads_policies = reads_policies(portolan)?;
    if !reads_policies {
        println!("this portolan has no command check, so it reads no policy; measured without one");
    }
    let mut text = String::from(
        "\n## What knowledge and policy cost a look-up\n\nThe program as it is shipped beside the same sources \
         built with an empty folder of facts (`PORTOLAN_KNOWLEDGE`), each without a configuration; and with a \
         `portolan.toml` of 30 rules, as many as a busy machine has listeners, which only a look-up with sockets reads. ",
    );
    text.push_str(&format!(
        "Each figure is the mean, over the ports {}, of the medians of their runs; all commands of a table take turns. \
         Ratios are to the program without facts.\n",
        PORTS.join(", ")
    ));
    let mut targets = Vec::new();
    for (how, arguments) in LOOK_UPS {
        let parts: &[Part] = match reads_policies && how != WITHOUT_SOCKETS {
            true => &[
                Part::Without,
                Part::WithoutAgain,
                Part::With,
                Part::WithPolicy,
            ],
            false => &[Part::Without, Part::WithoutAgain, Part::With],
        };
        let contenders = contenders(portolan, &without, parts, arguments, [&bare, &ruled]);
        let all = sample::interleave(contenders, rounds);
        let of = |part: Part| {
            let place = parts.iter().position(|own| *own == part)?;
            mean(
                all.iter()
                    .skip(place)
                    .step_by(parts.len())
                    .map(Measured::cpu),
            )
        };
        let reference = of(Part::Without);
        text.push_str(&table(how, parts, &all));
        for part in [Part::With, Part::WithPolicy] {
            if parts.contains(&part) {
                targets.push(Target {
                    what: target(how, part),
                    bound: 1.1,
                    measured: page::ratio(of(part), reference),
                    unit: "x",
                });
            }
        }
    }
    Ok(Section { text, targets })
}

fn target(how: &str, part: Part) -> &'static str {
    match (how, part) {
        (WITHOUT_SOCKETS, _) => "Look-up without sockets, CPU with facts against none",
        (_, Part::WithPolicy) => {
            "Look-up with sockets, CPU with facts and a policy against neither"
        }
        _ => "Look-up with sockets, CPU with facts against none",
    }
}

/// One for each port and part: all parts of a port, then those of the next.
fn contenders(
    portolan: &Path,
    without: &Path,
    parts: &[Part],
    arguments: &[&str],
    [bare, ruled]: [&Path; 2],
) -> Vec<Contender> {
    PORTS
        .iter()
        .flat_map(|port| parts.iter().map(move |part| (port, part)))
        .map(|(port, part)| {
            let arguments: Vec<&str> = arguments.iter().copied().chain([*port]).collect();
            let (program, configuration) = match part {
                Part::Without | Part::WithoutAgain => (without, bare),
                Part::With => (portolan, bare),
                Part::WithPolicy => (portolan, ruled),
            };
            Contender::new("portolan", program, &arguments)
                .with("XDG_CONFIG_HOME", configuration)
                // With a rule that is broken, or that could not be judged, the look-up says so.
                .may_exit(&[0, 1, 3])
        })
        .collect()
}

fn table(how: &str, parts: &[Part], all: &[Measured]) -> String {
    let mut text = format!(
        "\n### Look-ups {how}\n\n| What | CPU, ms | ratio | Wall, ms | ratio | Runs of each port |\n\
         |---|---:|---:|---:|---:|---:|\n"
    );
    let of = |place: usize| all.iter().skip(place).step_by(parts.len());
    let cpu = |place| mean(of(place).map(Measured::cpu));
    let wall = |place| mean(of(place).map(Measured::wall));
    for (place, part) in parts.iter().enumerate() {
        let failed = of(place).find_map(|measured| measured.samples.as_ref().err());
        if let Some(error) = failed {
            let what = part.what();
            text.push_str(&format!("| {what} | not measured: {error:#} |||||\n"));
            continue;
        }
        let runs = of(place).filter_map(|measured| Some(measured.samples.as_ref().ok()?.len()));
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            part.what(),
            page::cell(cpu(place)),
            page::ratio_cell(cpu(place), cpu(0)),
            page::cell(wall(place)),
            page::ratio_cell(wall(place), wall(0)),
            runs.min().unwrap_or(0)
        ));
    }
    text
}

/// The mean of medians and quartiles; `None` where one is missing.
fn mean(spreads: impl Iterator<Item = Option<Spread>>) -> Option<Spread> {
    let spreads: Vec<Spread> = spreads.collect::<Option<_>>()?;
    let count = u32::try_from(spreads.len()).ok().filter(|n| *n > 0)?;
    let of = |part: fn(&Spread) -> Duration| spreads.iter().map(part).sum::<Duration>() / count;
    Some(Spread {
        low: of(|spread| spread.low),
        median: of(|spread| spread.median),
        high: of(|spread| spread.high),
    })
}

/// Whether the program has the command that holds a machine against a policy; one that has not
/// takes a policy for a mistake in its configuration.
fn reads_policies(portolan: &Path) -> Result<bool> {
    let help = Contender::new("portolan", portolan, &["--help"]).output()?;
    Ok(help
        .lines()
        .any(|line| line.trim_start().starts_with("check ")))
}

/// Rules of the forms that people write, for ports that are looked up and for others.
fn policy() -> String {
    let looked_up = PORTS.iter().filter_map(|port| port.parse().ok());
    let others = (20_000..).step_by(7);
    looked_up
        .chain(others)
        .take(usize::from(RULES))
        .map(|port: u16| {
            format!(
                "[[expect]]\nname = \"rule-{port}\"\nport = {port}\ntransport = \"tcp\"\n\
                 program = \"server-{port}\"\nscope = \"loopback\"\n\n"
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a look-up would refuse could not be measured.
    #[test]
    fn the_policy_is_one_that_is_read_with_a_rule_for_each_look_up() {
        let text = policy();
        let mut reader = portolan_ports::policy::Reader::new(&[], &[]);
        let read = reader.file("portolan.toml", text.as_bytes());
        assert!(read.is_ok(), "{:?}", read.err());
        let rules = reader.policy().rules;
        assert_eq!(rules.len(), usize::from(RULES));
        for port in PORTS {
            let ruled = rules.iter().any(|rule| rule.ports.to_string() == port);
            assert!(ruled, "{port}");
        }
    }

    #[test]
    fn a_mean_needs_every_port() {
        let of = |millis| {
            let value = Duration::from_millis(millis);
            Some(Spread {
                low: value,
                median: value,
                high: value,
            })
        };
        assert_eq!(mean([of(1), of(3)].into_iter()), of(2));
        assert_eq!(mean([of(1), None].into_iter()), None);
        assert_eq!(mean([].into_iter()), None);
    }
}
