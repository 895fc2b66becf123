//! What can be typed after `portolan registry import`.

use std::path::PathBuf;

use clap::Args;

/// A file with records.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// TOML as it lies in git, or CSV, XML, JSON or JSON Lines as exported; told by the content.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Why, for the audit trail.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) because: String,
    /// Say what would be taken over, and keep nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Shown at the end of its help.
pub(crate) const IMPORT_EXAMPLES: &str = "\
Examples:
  portolan registry import site.toml --dry-run
  portolan registry import site.csv --because \"from the wiki\"

All records are taken over, or none. What is already there and the same is left as it is.

Exit codes: 0 done, 1 refused, 2 not a site registry, 3 cannot be read or kept.";
