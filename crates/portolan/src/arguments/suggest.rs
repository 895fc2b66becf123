//! What can be typed after `portolan suggest`.

use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use portolan_ports::system::System;
use portolan_registry::{Port, PortError, PortRange, RangeKind, Transport};

/// Which port, or which one to judge.
#[derive(Debug, Args)]
pub(crate) struct Suggest {
    /// The name of what the port is for: it sets the order in which ports are tried, the same on
    /// every machine; case, hyphens and underscores do not matter. Without it, the order is that
    /// of no name.
    #[arg(long = "for", value_name = "NAME", conflicts_with = "near")]
    pub(crate) name: Option<String>,
    /// The quiet ports nearest to this one.
    #[arg(long, value_name = "PORT")]
    pub(crate) near: Option<Port>,
    /// Of which ports: user (1024-49151), dynamic (49152-65535), system (0-1023), or from A to B.
    #[arg(long, value_name = "user|dynamic|system|A-B", default_value = "user")]
    pub(crate) range: Range,
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) count: u16,
    /// On which transports it has to be free, with commas: tcp, udp. A number belongs to one
    /// service on all of them (RFC 7605), so both unless told otherwise.
    #[arg(long, value_name = "TRANSPORT", value_delimiter = ',', default_values = ["tcp", "udp"], hide_possible_values = true, value_parser = transport())]
    pub(crate) transport: Vec<Transport>,
    /// Stay out of the ranges from which these take ports on their own, with commas: linux,
    /// windows, macos, freebsd, k8s (NodePorts), or none. This machine's own range is always left
    /// out.
    #[arg(long, value_name = "SYSTEM", value_delimiter = ',', default_values = ["linux", "k8s"], hide_possible_values = true, value_parser = avoid())]
    pub(crate) avoid: Vec<Avoid>,
    /// Print the numbers alone, one on each line, for a script.
    #[arg(long, conflicts_with = "json")]
    pub(crate) bare: bool,
    /// Judge this port instead: every reason for and against it.
    #[arg(long, value_name = "PORT", conflicts_with_all = ["name", "near", "range", "count", "bare"])]
    pub(crate) check: Option<Port>,
}

/// A range of ports, by its name in RFC 6335 or by its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range(pub(crate) PortRange);

impl FromStr for Range {
    type Err = PortError;

    fn from_str(text: &str) -> Result<Self, PortError> {
        let kinds = [RangeKind::System, RangeKind::User, RangeKind::Dynamic];
        let kind = kinds.into_iter().find(|kind| kind.as_str() == text);
        Ok(Self(match kind {
            Some(kind) => kind.bounds(),
            None => text.parse()?,
        }))
    }
}

/// A system to stay away from, or the word for none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Avoid {
    /// No system.
    None,
    /// This one.
    System(System),
}

fn avoid() -> impl TypedValueParser<Value = Avoid> {
    let words = System::ALL.map(System::as_str);
    PossibleValuesParser::new(words.into_iter().chain(["none"])).map(|word| {
        let system = System::ALL.into_iter().find(|s| s.as_str() == word);
        system.map_or(Avoid::None, Avoid::System)
    })
}

fn transport() -> impl TypedValueParser<Value = Transport> {
    PossibleValuesParser::new(["tcp", "udp"]).try_map(|word| word.parse::<Transport>())
}

/// Shown at the end of its help.
pub(crate) const SUGGEST_EXAMPLES: &str = "\
Examples:
  portolan suggest --for myapp
  PORT=$(portolan suggest --for myapp --bare)
  portolan suggest --near 8000 --count 3
  portolan suggest --for myapp --range dynamic --transport tcp
  portolan suggest --for myapp --avoid linux,windows,macos,k8s --json
  portolan suggest --check 2397

A port is suggested where nothing speaks against it: the registry, the facts and the policy give it
to nobody, browsers open it, no system that is avoided takes ports from there, nothing uses it here,
it can be bound on IPv4 and IPv6, and its neighbours are quiet.

Exit codes: 0 as many as wanted, or nothing speaks against the checked one, 1 fewer, or something
does, 2 malformed usage or configuration, 3 the registry or the configuration cannot be read.";
