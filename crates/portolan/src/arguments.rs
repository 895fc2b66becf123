//! What can be typed, and nothing of what it means. One declarative table.

mod check;
mod comparison;
mod fields;
mod follow;
mod free;
mod import;
mod listen;
mod records;
mod request;
mod review;
mod steps;
mod suggest;
mod sweep;

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) use check::Check;
pub(crate) use comparison::{Diff, History, Lint};
pub(crate) use fields::{
    ClearArguments, FieldArguments, communication_named, date, port, service_code,
};
pub(crate) use follow::{Follow, TICK, Top};
pub(crate) use free::Free;
pub(crate) use import::Import;
pub(crate) use listen::{Listen, Way};
pub(crate) use records::{Audit, List};
pub(crate) use request::{Modify, Request, Reuse};
pub(crate) use review::Review;
pub(crate) use steps::{Deassign, ReportUse, Revoke, Transfer, Withdraw};
pub(crate) use suggest::{Avoid, Suggest};
pub(crate) use sweep::{Annotate, Sweep};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use portolan_registry::{PortRange, Transport};
use portolan_survey::export::{FORMS, Form};

/// What is on this machine's ports, what should be there, and whether that is right.
///
/// Without arguments it surveys this machine: listeners, their owners, what answers, and a
/// verdict on each. With ports, ranges or service names it tells all about them. HOST:PORT is
/// identified.
#[derive(Debug, Parser)]
#[command(
    name = "portolan",
    version,
    subcommand_precedence_over_arg = true,
    disable_help_subcommand = true,
    after_help = EXAMPLES,
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) look_up: LookUp,
    /// Print one JSON document instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Use another registry for this run: IANA's CSV or XML file, also gzip; or "embedded" for the
    /// one inside the program.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) registry: Option<PathBuf>,
    /// Use this file as the site registry for this run, instead of the database or of the
    /// configuration's: TOML, see docs/site-file.md; or "database".
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) site: Option<PathBuf>,
    /// Where state is kept, instead of /var/lib/portolan for root and $XDG_STATE_HOME/portolan
    /// for others.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Read this configuration too, after the system's and your own.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// When to use colours.
    #[arg(
        long = "color",
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = false
    )]
    pub(crate) colour: Colour,
}

impl Arguments {
    /// Reads the command line; ends the process where clap has something to say.
    pub(crate) fn read() -> Self {
        Self::plain(std::env::args_os().skip(1)).unwrap_or_else(Self::parse)
    }

    /// What of a look-up stands before a command, which has no use for it.
    pub(crate) fn stray(&self) -> Option<&str> {
        self.command.as_ref()?;
        let flags = [
            (self.look_up.no_live, "--no-live"),
            (self.look_up.probe, "--probe"),
            (self.look_up.passive, "--passive"),
            (self.look_up.mail, "--mail"),
        ];
        let flag = flags
            .into_iter()
            .find_map(|(given, name)| given.then_some(name));
        self.look_up.query.first().map(String::as_str).or(flag)
    }

    /// A plain look-up, the same as clap reads it, or `None` for anything else.
    ///
    /// clap builds its whole table of commands before it reads one word, which costs a cold
    /// look-up about as much as its answer.
    fn plain(words: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut read = Self {
            command: None,
            look_up: LookUp {
                query: Vec::new(),
                no_live: false,
                probe: false,
                passive: false,
                mail: false,
            },
            json: false,
            registry: None,
            site: None,
            state: None,
            config: None,
            colour: Colour::Auto,
        };
        for word in words {
            match word.to_str()? {
                "--no-live" if !read.look_up.no_live => read.look_up.no_live = true,
                "--json" if !read.json => read.json = true,
                word if word.starts_with('-') || COMMANDS.contains(&word) => return None,
                word => read.look_up.query.push(word.to_owned()),
            }
        }
        (!read.look_up.query.is_empty()).then_some(read)
    }
}

/// The names of all commands, which no plain look-up may hold.
const COMMANDS: [&str; 13] = [
    "show",
    "search",
    "listen",
    "top",
    "identify",
    "sweep",
    "annotate",
    "suggest",
    "check",
    "free",
    "registry",
    "completions",
    "man",
];

const EXAMPLES: &str = "\
Examples:
  portolan                      survey this machine
  sudo portolan                 the same, with everybody's owners
  portolan 4444                 what should be on 4444, and what is
  portolan 717-728 tcp/80 ssh   ranges, one transport, service names
  portolan localhost:8080       what speaks there
  portolan listen --json        listeners and owners alone, for a program

Exit codes: 0 fine, 1 the answer is bad news (unknown name, nothing proven), 2 malformed usage or
input, 3 could not look.";

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// Where a terminal shows them and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// All about ports, ranges and service names, also those that are named like a command.
    #[command(
        after_help = "Examples:\n  portolan show search\n  portolan show 2723/udp 768 --json"
    )]
    Show(LookUp),
    /// Find registry rows and facts by words; slips of the finger are forgiven.
    #[command(
        after_help = "Examples:\n  portolan search print server\n  portolan search postgers --json\n  portolan search --reference RFC6335 --transport sctp\n  portolan search --substring 4444"
    )]
    Search(Search),
    /// Listeners and their owners; sends nothing.
    #[command(after_help = listen::EXAMPLES)]
    Listen(Listen),
    /// Listeners and their owners, live, on the whole terminal; sends nothing.
    #[command(after_help = follow::TOP_EXAMPLES)]
    Top(Top),
    /// What speaks at the addresses you name, proven from its own bytes.
    #[command(
        after_help = "Examples:\n  portolan identify localhost:22\n  portolan identify 127.0.0.1:8080 '[::1]:5432' 127.0.0.1:53/udp --json\n  portolan identify --safety passive localhost:9100"
    )]
    Identify(Identify),
    /// Which ports of a host are open, and what speaks there; this machine by its own list.
    #[command(after_help = sweep::SWEEP_EXAMPLES)]
    Sweep(Sweep),
    /// Another tool's scan result, with what is registered and known; sends nothing.
    #[command(after_help = sweep::ANNOTATE_EXAMPLES)]
    Annotate(Annotate),
    /// A quiet port, and why it is quiet; or what speaks for and against one.
    #[command(after_help = suggest::SUGGEST_EXAMPLES)]
    Suggest(Suggest),
    /// This machine against its policy: what breaks it, what is missing, what could not be seen.
    #[command(after_help = check::CHECK_EXAMPLES)]
    Check(Check),
    /// What holds a port, and, when told so, an end to it: stop, kill, or close the socket.
    #[command(after_help = free::FREE_EXAMPLES)]
    Free(Free),
    /// The registry itself: counts, export, update; and the site's own assignments: request, review,
    /// list.
    Registry(RegistryArguments),
    /// Print a completion script for a shell.
    #[command(
        after_help = "Example:\n  portolan completions bash > /etc/bash_completion.d/portolan"
    )]
    Completions(Completions),
    /// Write the manual pages into a folder.
    #[command(after_help = "Example:\n  portolan man /usr/local/share/man/man1")]
    Man(Man),
}

/// A look-up, or without queries the survey.
#[derive(Debug, Args)]
pub(crate) struct LookUp {
    /// A port (4444, :4444, tcp/4444, 2723/udp), a range (717-728), a service name (ssh), or
    /// HOST:PORT to identify.
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// Look-ups: do not look at this machine, only at the registry and what is known.
    #[arg(long, action = ArgAction::SetTrue, conflicts_with = "probe")]
    pub(crate) no_live: bool,
    /// Look-ups: ask the listeners what they speak, as the survey does.
    #[arg(long)]
    pub(crate) probe: bool,
    /// Survey: send nothing at all.
    #[arg(long, conflicts_with_all = ["probe", "no_live"])]
    pub(crate) passive: bool,
    /// Look-ups: tell mail addresses too, where the registry in use knows its people.
    #[arg(long)]
    pub(crate) mail: bool,
}

/// What may be risked at the far end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SafetyLevel {
    /// Connect and listen; send nothing.
    Passive,
    /// Send what harms nobody.
    #[default]
    Polite,
    /// Send every first packet, also those that can wake control systems or occupy a debugger.
    Full,
}

impl Identify {
    const RATE: u32 = 4000;
    const TIMEOUT: u64 = 60;

    /// These targets, and the defaults for all else.
    pub(crate) fn of(targets: Vec<String>) -> Self {
        Self {
            targets,
            safety: SafetyLevel::Polite,
            rate: Self::RATE,
            timeout: Self::TIMEOUT,
            lines: false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Identify {
    /// HOST:PORT or HOST:PORT/udp; an IPv6 address stands in brackets.
    #[arg(value_name = "TARGET", required = true)]
    pub(crate) targets: Vec<String>,
    /// What may be risked at the far end: only listen; send what neither prints, writes, logs in
    /// nor wakes control systems; send every first packet.
    #[arg(long, value_name = "LEVEL", value_enum, default_value = "polite")]
    pub(crate) safety: SafetyLevel,
    /// At most so many connections and datagrams in a second, over all targets; 0 for no bound.
    #[arg(long, value_name = "N", default_value_t = Self::RATE)]
    pub(crate) rate: u32,
    /// Give up after so many seconds over all; targets not asked by then are told as skipped.
    #[arg(long, value_name = "SECONDS", default_value_t = Self::TIMEOUT, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// Print each answer as soon as it stands, as a line of JSON.
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) lines: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RegistryArguments {
    #[command(subcommand)]
    pub(crate) command: RegistryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Counts: rows, names, ports by state and transport, registrations by year.
    Stats,
    /// Print the registry, or some rows of it, in another form.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Take records over into the site registry, from a file in any form of export.
    #[command(after_help = import::IMPORT_EXAMPLES)]
    Import(Import),
    /// Fetch IANA's registry of today, and use it from then on.
    #[command(
        after_help = "Examples:\n  portolan registry update\n  portolan registry update --from service-names-port-numbers.csv"
    )]
    Update(Update),
    /// Hold a registry to RFC 6335: every rule that a file can show.
    #[command(
        after_help = "Examples:\n  portolan registry lint service-names-port-numbers.csv\n  portolan registry lint site.toml\n  portolan registry lint --rule name-characters --all\n\nExit codes: 0 no errors, 1 errors, 2 not a registry, 3 cannot be read."
    )]
    Lint(Lint),
    /// What changed between two registries, by meaning.
    #[command(
        after_help = "Examples:\n  portolan registry diff old.csv new.csv\n  portolan registry diff embedded new.csv --atom > ports.atom"
    )]
    Diff(Diff),
    /// When and how the rows of a port changed, over all registries that were kept.
    #[command(after_help = "Examples:\n  portolan registry history 300")]
    History(History),
    /// The use of the whole port space: a map for the terminal, an SVG picture, or a table.
    #[command(
        after_help = "Examples:\n  portolan registry map --transport tcp\n  portolan registry map --svg > ports.svg"
    )]
    Map(MapArguments),
    /// Ask the site registry for a name, or a name and a port (RFC 6335 section 8.1).
    #[command(after_help = request::REQUEST_EXAMPLES)]
    Request(Box<Request>),
    /// Show a request of the site registry with what conflicts, and decide it.
    #[command(after_help = review::REVIEW_EXAMPLES)]
    Review(Review),
    /// Change some fields of a record of the site registry.
    #[command(after_help = request::MODIFY_EXAMPLES)]
    Modify(Box<Modify>),
    /// Take a request back.
    #[command(after_help = steps::WITHDRAW_EXAMPLES)]
    Withdraw(Withdraw),
    /// Give a number back (RFC 6335 section 8.2).
    #[command(after_help = steps::DEASSIGN_EXAMPLES)]
    Deassign(Deassign),
    /// Ask for a number that was given back, for another service (RFC 6335 section 8.3).
    #[command(after_help = request::REUSE_EXAMPLES)]
    Reuse(Box<Reuse>),
    /// Announce that a number is taken away, take it away, or let it be (RFC 6335 section 8.4).
    #[command(after_help = steps::REVOKE_EXAMPLES)]
    Revoke(Revoke),
    /// Note that somebody uses a number without an assignment.
    #[command(after_help = steps::REPORT_USE_EXAMPLES)]
    ReportUse(ReportUse),
    /// Always refused: numbers are not transferred (RFC 6335 section 8.5).
    Transfer(Transfer),
    /// Who did what on the site registry, when and why; and whether that trail is whole.
    #[command(after_help = records::AUDIT_EXAMPLES)]
    Audit(Audit),
    /// The records of the site registry.
    #[command(after_help = records::LIST_EXAMPLES)]
    List(List),
}

#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Take it from here instead of from IANA; gzip is told by the content.
    #[arg(long, value_name = "URL|FILE")]
    pub(crate) from: Option<String>,
    /// Take a registry that lost rows or names, too.
    #[arg(long)]
    pub(crate) allow_shrink: bool,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  portolan registry export > ports.csv
  portolan registry export --format html --ports 1-1023,8080 > system-ports.html
  portolan registry export --format services --transport tcp,udp > services
  portolan registry export --format markdown --ports 6000-6063
  portolan --registry FILE registry export --format jsonl
  portolan registry export --site --format toml > site.toml

Where no row fits, the exit code is 1.";

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The form; csv, or with --json json, where none is given.
    #[arg(long, value_name = "FORM", value_parser = form())]
    pub(crate) format: Option<&'static Form>,
    /// Only rows with one of these ports: 443, 1-1023, 80,443,8000-8999.
    #[arg(long, value_name = "PORTS", value_delimiter = ',')]
    pub(crate) ports: Vec<PortRange>,
    /// Only rows that speak of this transport: tcp, udp, sctp, dccp, or several with commas.
    #[arg(long, value_name = "TRANSPORT", value_delimiter = ',')]
    pub(crate) transport: Vec<Transport>,
    /// Only rows of the registry file itself, or only those that the newer, poorer source changed.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) only: Option<OriginName>,
    /// The site registry instead of IANA's: the one in use, the one in FILE, or "database".
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = SITE_IN_USE, conflicts_with = "only")]
    pub(crate) site: Option<PathBuf>,
}

/// What `export --site` without a file means: the site registry that look-ups use.
pub(crate) const SITE_IN_USE: &str = "in-use";

/// Reads the name of a form, and offers all there are.
fn form() -> impl TypedValueParser<Value = &'static Form> {
    let names = FORMS
        .iter()
        .map(|form| PossibleValue::new(form.name).help(form.says));
    PossibleValuesParser::new(names)
        .try_map(|name| Form::named(&name).ok_or("not a form of the registry"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OriginName {
    /// Rows as the registry file has them.
    File,
    /// Rows with names and descriptions alone.
    Newer,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// An existing folder.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for: names, words, or a port, which means what holds it; every word must fit.
    #[arg(value_name = "WORD", required_unless_present_any = ["transport", "range", "port_state", "reference", "assignee", "year"])]
    pub(crate) words: Vec<String>,
    /// As IANA's page searches: rows that hold the text in any column, in the registry's order.
    #[arg(long)]
    pub(crate) substring: bool,
    /// Only rows and facts on this transport.
    #[arg(long, value_name = "TRANSPORT")]
    pub(crate) transport: Option<Transport>,
    /// Only ports of this range: system, user or dynamic.
    #[arg(long, value_name = "RANGE")]
    pub(crate) range: Option<RangeName>,
    /// Only rows that make their ports so: assigned, unassigned or reserved.
    #[arg(long, value_name = "STATE")]
    pub(crate) port_state: Option<StateName>,
    /// Only rows with this reference, as RFC6335.
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) reference: Option<String>,
    /// Only rows whose assignee holds this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) assignee: Option<String>,
    /// Only rows that were registered or last modified in this year.
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: Option<u16>,
    /// The most results to print; 0 means all. As text 20, as JSON all, unless given.
    #[arg(long, value_name = "N")]
    pub(crate) most: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RangeName {
    /// 0-1023.
    System,
    /// 1024-49151.
    User,
    /// 49152-65535.
    Dynamic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateName {
    /// A service name has it.
    Assigned,
    /// Nothing has it.
    Unassigned,
    /// Held back from ordinary assignment.
    Reserved,
}

#[derive(Debug, Args)]
pub(crate) struct MapArguments {
    /// The transport; without it a port counts as what any transport makes of it.
    #[arg(long, value_name = "TRANSPORT")]
    pub(crate) transport: Option<Transport>,
    /// Print an SVG picture of 256 by 256 ports.
    #[arg(long, conflicts_with_all = ["table", "json"])]
    pub(crate) svg: bool,
    /// Print the numbers, for each slice of 1,024 ports.
    #[arg(long, conflicts_with = "json")]
    pub(crate) table: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_table_is_sound() {
        Arguments::command().debug_assert();
        let names: Vec<String> = Arguments::command()
            .get_subcommands()
            .map(|c| c.get_name().to_owned())
            .collect();
        assert_eq!(names, COMMANDS);
    }

    #[test]
    fn flags_for_all_may_stand_before_a_command() {
        let read = |line: &str| Arguments::try_parse_from(line.split(' ')).unwrap();
        let stats = read("portolan --registry FILE --json registry stats");
        assert!(matches!(stats.command, Some(Command::Registry(_))) && stats.json);
        assert_eq!(stats.stray(), None);
        assert_eq!(read("portolan 80 listen").stray(), Some("80"));
        assert_eq!(read("portolan --passive listen").stray(), Some("--passive"));
        assert_eq!(read("portolan --mail listen").stray(), Some("--mail"));
        assert_eq!(read("portolan 80 --passive").stray(), None);
    }

    #[test]
    fn a_plain_look_up_is_read_as_clap_reads_it() {
        for line in [
            "4444",
            "80 443",
            "--no-live 2723",
            "ssh --json",
            "717-728 --json --no-live",
        ] {
            let words = || line.split(' ').map(OsString::from);
            let plain = Arguments::plain(words()).unwrap();
            let name = std::iter::once(OsString::from("portolan"));
            let whole = Arguments::try_parse_from(name.chain(words())).unwrap();
            assert_eq!(format!("{plain:?}"), format!("{whole:?}"), "{line}");
        }
        for line in [
            "",
            "listen",
            "--probe 80",
            "80 --mail",
            "80 --json --json",
            "--help",
            "-x",
            "show 80",
        ] {
            let words = line
                .split(' ')
                .filter(|w| !w.is_empty())
                .map(OsString::from);
            assert!(Arguments::plain(words).is_none(), "{line}");
        }
    }
}
