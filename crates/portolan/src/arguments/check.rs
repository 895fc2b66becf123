//! What can be typed after `portolan check`.

use clap::Args;

/// The policy is a matter of files, and `--config` names one for every command.
#[derive(Debug, Args)]
pub(crate) struct Check {}

/// Shown at the end of its help.
pub(crate) const CHECK_EXAMPLES: &str = "\
Examples:
  portolan check
  sudo portolan check --json
  portolan check --config web.toml

The policy is read from /etc/portolan/portolan.toml, then from your own portolan/portolan.toml under
$XDG_CONFIG_HOME or ~/.config, then from --config; rules add up:

  [[expect]]
  name = \"web\"
  port = \"443/tcp\"
  program = \"nginx\"
  required = true

Exit codes: 0 everything is as the policy wants it, 1 something breaks it (a note does not count), 2 no
policy or a mistake in it, 3 nothing breaks it, but a rule could not be judged.";
