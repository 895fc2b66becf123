//! What can be typed after `portolan check`.

use std::path::PathBuf;

use clap::Args;

/// The policy is a matter of files, and `--config` names one for every command.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Write a commented policy of what listens now, instead of checking; sends nothing.
    #[arg(long, conflicts_with_all = ["since", "junit", "sarif", "json"])]
    pub(crate) learn: bool,
    /// Tell only what an earlier document of `portolan check --json` had not found; JSON, JUnit and
    /// SARIF hold the rest too, marked as known.
    #[arg(long, value_name = "FILE")]
    pub(crate) since: Option<PathBuf>,
    /// Print JUnit XML: each rule is a test case.
    #[arg(long, conflicts_with_all = ["sarif", "json"])]
    pub(crate) junit: bool,
    /// Print SARIF 2.1.0: each violation at the line of its rule.
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
}

/// Shown at the end of its help.
pub(crate) const CHECK_EXAMPLES: &str = "\
Examples:
  sudo portolan check --learn > portolan.toml
  sudo portolan check --config portolan.toml
  portolan check --json > yesterday.json
  portolan check --since yesterday.json
  portolan check --junit > portolan.xml

The policy is read from /etc/portolan/portolan.toml, then from your own portolan/portolan.toml under
$XDG_CONFIG_HOME or ~/.config, then from --config; rules add up:

  [[expect]]
  name = \"web\"
  port = \"443/tcp\"
  program = \"nginx\"
  required = true

Exit codes: 0 everything is as the policy wants it, 1 something breaks it (a note does not count),
2 no policy, a mistake in it, or a --config that cannot be read, 3 nothing breaks it, but a rule
could not be judged. With --since, what breaks it counts if it is new; what could not be judged
always does.";
