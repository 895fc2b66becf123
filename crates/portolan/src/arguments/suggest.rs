//! What can be typed after `portolan suggest`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use portolan_ports::site::Scope;
use portolan_ports::system::System;
use portolan_registry::{Port, PortError, PortRange, RangeKind, Transport};

/// Which port, or which one to judge.
#[derive(Debug, Args)]
pub(crate) struct Suggest {
    /// The name of what the port is for: it sets the order in which ports are tried, the same on
    /// every machine; case, hyphens and underscores do not matter. Without it, the order is that
    /// of no name. With --assign it may stand several times.
    #[arg(long = "for", value_name = "NAME", conflicts_with = "near", value_parser = name)]
    pub(crate) names: Vec<String>,
    /// The quiet ports nearest to this one.
    #[arg(long, value_name = "PORT", value_parser = |text: &str| port(text, "near"))]
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
    #[arg(long, value_name = "PORT", conflicts_with_all = ["names", "near", "range", "count", "bare"], value_parser = |text: &str| port(text, "check"))]
    pub(crate) check: Option<Port>,
    #[command(flatten)]
    pub(crate) assign: Assign,
    /// What stands alone, which is refused with a hint.
    #[arg(hide = true, value_name = "WORD")]
    pub(crate) stray: Option<String>,
}

/// What a request says, where one is filed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filing a request with the site registry")]
pub(crate) struct Assign {
    /// File a request for the first quiet port of each name, which then is nobody else's.
    #[arg(long, conflicts_with_all = ["near", "count", "check"])]
    pub(crate) assign: bool,
    /// The names in this file too, one on each line; "-" reads standard input. Empty lines and those
    /// that begin with # are passed over.
    #[arg(long, value_name = "FILE", requires = "assign")]
    pub(crate) for_each: Option<PathBuf>,
    /// The team or organisation that is to have the number; [site] assignee where it is not said.
    #[arg(long, value_name = "TEXT", requires = "assign")]
    pub(crate) assignee: Option<String>,
    /// Who speaks for it; [site] contact where it is not said.
    #[arg(long, value_name = "TEXT", requires = "assign")]
    pub(crate) contact: Option<String>,
    /// What the service is.
    #[arg(long, value_name = "TEXT", requires = "assign")]
    pub(crate) description: Option<String>,
    /// A document that describes the protocol or application.
    #[arg(long, value_name = "TEXT", requires = "assign")]
    pub(crate) reference: Option<String>,
    /// Why no port of the Dynamic range will do.
    #[arg(long, value_name = "TEXT", requires = "assign")]
    pub(crate) why_not_dynamic: Option<String>,
    /// On which hosts the number is to be valid: all, group:NAME or host:NAME [default: all].
    #[arg(long, value_name = "SCOPE", requires = "assign")]
    pub(crate) scope: Option<Scope>,
    /// Why it is asked for, for the audit trail.
    #[arg(long, value_name = "TEXT", requires = "assign")]
    pub(crate) because: Option<String>,
}

impl Suggest {
    /// Why a word that stands alone is refused; `None` where none does.
    pub(crate) fn stray(&self) -> Option<String> {
        let word = self.stray.as_deref()?;
        Some(match word.parse::<Port>() {
            Ok(port) => format!(
                "{port} is not taken by itself: --check {port} judges it, --near {port} finds \
                 quiet ports beside it"
            ),
            Err(_) => format!("{word:?} is not taken by itself: name a program with --for"),
        })
    }
}

/// A name of which something is left once case, hyphens and underscores are put aside: an empty one
/// is most often a script's variable that was never set.
fn name(text: &str) -> Result<String, &'static str> {
    let idle = |c: char| c.is_ascii_whitespace() || matches!(c, '-' | '_');
    match text.chars().all(idle) {
        true => Err("the name is empty: give one, or leave --for out"),
        false => Ok(text.to_owned()),
    }
}

/// A port; `PORT/TRANSPORT`, which look-ups take, is told how to write it here after `--option`.
fn port(text: &str, option: &str) -> Result<Port, String> {
    let (number, transport) = match text.split_once('/') {
        Some((number, transport)) => (number, Some(transport)),
        None => (text, None),
    };
    let range: PortRange = number.parse().map_err(|error| match error {
        PortError::NotANumber => format!("{error}: write one of 0 to 65535"),
        error => error.to_string(),
    })?;
    if !range.is_single() || number.contains('-') {
        return Err("one port is wanted, not a range".to_owned());
    }
    match transport.map(str::parse::<Transport>) {
        None => Ok(range.first()),
        Some(Ok(transport)) => Err(format!(
            "write the number alone: --{option} {number} --transport {transport}"
        )),
        Some(Err(_)) => Err("write the number alone".to_owned()),
    }
}

/// A range of ports, by its name in RFC 6335 or by its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range(pub(crate) PortRange);

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = [RangeKind::System, RangeKind::User, RangeKind::Dynamic];
        let mut kinds = kinds.into_iter();
        if let Some(kind) = kinds.find(|kind| kind.as_str().eq_ignore_ascii_case(text)) {
            return Ok(Self(kind.bounds()));
        }
        text.parse().map(Self).map_err(|error| match error {
            PortError::Backwards => {
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                format!("{error}: write {last}-{first}")
            }
            PortError::NotANumber => {
                "write user, dynamic, system or two port numbers as 20000-20999".to_owned()
            }
            PortError::TooHigh => error.to_string(),
        })
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
  PORT=$(portolan suggest --for billing-api --assign --bare)
  portolan suggest --for billing-api --assign --assignee Payments --scope group:web
  portolan suggest --for-each names.txt --assign > ports.txt

A port is suggested where nothing speaks against it: the registry, the facts and the policy give it
to nobody, browsers open it, no system that is avoided takes ports from there, nothing uses it here,
it can be bound on IPv4 and IPv6, and its neighbours are quiet. What the site registry holds for
this host is nobody else's.

With --assign each name gets a number of its own, whoever else asks at the same moment. A name that
you, or the same assignee, asked for before keeps its number.

Exit codes: 0 as many as wanted, or nothing speaks against the checked one, or every name has its
number, 1 fewer, or something does, or a name was refused, 2 malformed usage or configuration, 3 the
registry or the configuration cannot be read, or the site registry not be written.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_named_in_any_case_and_turned_round_in_the_hint() {
        let of = |text: &str| text.parse::<Range>().map(|range| range.0.to_string());
        assert_eq!(of("User").as_deref(), Ok("1024-49151"));
        assert_eq!(of("DYNAMIC").as_deref(), Ok("49152-65535"));
        assert_eq!(of("5-9").as_deref(), Ok("5-9"));
        for (text, said) in [
            ("10-1", "the range runs backwards: write 1-10"),
            ("70000", "beyond 65535, the highest port"),
            (
                "users",
                "write user, dynamic, system or two port numbers as 20000-20999",
            ),
        ] {
            assert_eq!(of(text).unwrap_err(), said);
        }
    }

    #[test]
    fn a_port_stands_alone() {
        assert_eq!(port("80", "check"), Ok(80));
        for (text, said) in [
            (
                "80/tcp",
                "write the number alone: --check 80 --transport tcp",
            ),
            ("80/x", "write the number alone"),
            ("80-81", "one port is wanted, not a range"),
            ("http", "not a port number: write one of 0 to 65535"),
            ("65536", "beyond 65535, the highest port"),
            ("", "not a port number: write one of 0 to 65535"),
        ] {
            assert_eq!(port(text, "check").unwrap_err(), said, "{text}");
        }
    }

    #[test]
    fn a_name_has_something_in_it() {
        for empty in ["", " ", "-_", "\t"] {
            assert!(name(empty).is_err(), "{empty:?}");
        }
        assert_eq!(name("a-"), Ok("a-".to_owned()));
    }
}
