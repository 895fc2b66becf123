//! What can be typed to hold registries to rules, and against each other.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use portolan_ports::site::file;
use portolan_registry::lint::{RULES, Severity};

#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// IANA's CSV or XML file, or a site registry's TOML file; without one, the registry that
    /// look-ups use, or the file that --site names.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Only this rule; may be given several times.
    #[arg(
        long,
        value_name = "ID",
        value_parser = PossibleValuesParser::new(rules()),
        hide_possible_values = true
    )]
    pub(crate) rule: Vec<String>,
    /// Only findings of this severity or a graver one.
    #[arg(long, value_name = "SEVERITY", default_value = "note")]
    pub(crate) severity: SeverityName,
    /// Print every finding, and not the first ten of each rule.
    #[arg(long)]
    pub(crate) all: bool,
}

/// The names of all rules: IANA's form's, and those of a site registry's file alone.
fn rules() -> Vec<&'static str> {
    let own = file::RULES.iter().map(|rule| rule.rule.id);
    let own = own.filter(|id| RULES.iter().all(|rule| rule.id != *id));
    RULES.iter().map(|rule| rule.id).chain(own).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityName {
    /// A rule without exception is broken, or two rows contradict each other.
    Error,
    /// Something is absent or should not be.
    Warning,
    /// Worth knowing.
    Note,
}

impl SeverityName {
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older registry: a file, or "embedded" for the one inside the program.
    #[arg(value_name = "OLDER")]
    pub(crate) older: PathBuf,
    /// The newer registry.
    #[arg(value_name = "NEWER")]
    pub(crate) newer: PathBuf,
    /// Print an Atom feed (RFC 4287).
    #[arg(long, conflicts_with = "json")]
    pub(crate) atom: bool,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// The port.
    #[arg(value_name = "PORT")]
    pub(crate) port: u16,
}
