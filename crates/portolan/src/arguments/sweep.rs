//! What can be typed after `portolan sweep` and `portolan annotate`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{ArgAction, ArgGroup, Args};
use portolan_probe::sweep::PortSet;

use super::SafetyLevel;

/// Hosts, ports, and how hard to ask.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").args(["lines", "greppable"]))]
pub(crate) struct Sweep {
    /// A name or an address; nothing else is contacted.
    #[arg(value_name = "HOST", required = true)]
    pub(crate) hosts: Vec<String>,
    /// Only these ports: 22, 1-1024,8080, or "-" for all, which is what happens without it.
    #[arg(short, long, value_name = "PORTS", default_value = "-", hide_default_value = true, allow_hyphen_values = true, value_parser = PortSet::parse)]
    pub(crate) ports: PortSet,
    /// Ask UDP ports too: of another host those whose protocol Portolan speaks, and any that are
    /// named if they are few.
    #[arg(long)]
    pub(crate) udp: bool,
    /// Dial this machine's own addresses too, and not only read its list of listeners.
    #[arg(long)]
    pub(crate) connect: bool,
    /// Do not ask what speaks at the open ports.
    #[arg(long)]
    pub(crate) no_identify: bool,
    /// What may be risked when asking what speaks there: only listen; send what neither prints,
    /// writes, logs in nor wakes control systems; send every first packet.
    #[arg(long, value_name = "LEVEL", value_enum, default_value = "polite")]
    pub(crate) safety: SafetyLevel,
    /// At most so many connections a second; 2500 for other hosts, and no bound for this one,
    /// unless given.
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<NonZeroU32>,
    /// Give up a host after so many seconds; ports not asked by then are told as unasked.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// Print each open port as soon as it is known, as a line of JSON.
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) lines: bool,
    /// Print one line for each host, with tabs between, for cut and grep.
    #[arg(long, conflicts_with = "json")]
    pub(crate) greppable: bool,
}

/// Shown at the end of its help.
pub(crate) const SWEEP_EXAMPLES: &str = "\
Examples:
  portolan sweep localhost
  portolan sweep 192.0.2.7 -p 1-1024,8080 --rate 500
  portolan sweep web1 web2 -p 80,443 --json
  portolan sweep 127.0.0.1 --connect --no-identify
  portolan sweep 192.0.2.7 --greppable | cut -f 1,4-

Exit codes: 0 something is open, 1 nothing is, 2 malformed usage, 3 some of it could not be asked.";

/// Another tool's scan result.
#[derive(Debug, Args)]
pub(crate) struct Annotate {
    /// The file, or "-" for standard input; its form is told by its content.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Print each port as a line of JSON.
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) lines: bool,
}

/// Shown at the end of its help.
pub(crate) const ANNOTATE_EXAMPLES: &str = "\
Forms: XML with hosts and ports; JSON objects with a host and a port, in lines or in an array; lines
as \"Host: 192.0.2.7 () Ports: 22/open/tcp//ssh///\", \"open tcp 22 192.0.2.7\",
\"192.0.2.7 -> [22,80]\" or \"192.0.2.7:22\".

Examples:
  portolan annotate scan.xml
  portolan annotate scan.jsonl --json
  portolan sweep 192.0.2.7 --lines | portolan annotate -

Exit codes: 0 fine, 1 no open port is in it, 2 no scan result, 3 it cannot be read.";
