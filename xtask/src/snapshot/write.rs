//! Writes the snapshot's files, the same bytes every time.

use anyhow::{Context, Result};

use super::change::{Difference, Kind};
use super::source::{BASE, NEWER, NEWER_PUBLISHED};

/// `newer.csv`: one row per touched pair.
pub(crate) fn changes(difference: &Difference) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "Change",
        "Port Number",
        "Transport Protocol",
        "Service Name",
        "Description",
    ])?;
    for change in &difference.changes {
        let (port, transport) = change.pair;
        writer.write_record([
            change.kind.as_str(),
            &port.to_string(),
            transport.as_str(),
            &change.claim.name,
            &change.claim.description,
        ])?;
    }
    writer
        .into_inner()
        .context("cannot write the changes as CSV")
}

/// `provenance.toml`: where every byte came from.
pub(crate) fn provenance(
    rows: usize,
    newest: &str,
    keys: usize,
    difference: &Difference,
) -> String {
    format!(
        r#"# Where the registry in this folder came from. Written by `cargo xtask registry-snapshot`; do not edit.

[base]
package = "{base_package}"
kind = "crate"
version = "{base_version}"
file = "{base_file}"
stored_as = "service-names-port-numbers.csv"
date = "{newest}"
date_means = "newest date in any row"
sha256 = "{base_sha256}"
rows = {rows}

[newer]
package = "{newer_package}"
kind = "npm"
version = "{newer_version}"
file = "{newer_file}"
stored_as = "newer.csv"
date = "{newer_date}"
date_means = "day the package was published"
sha256 = "{newer_sha256}"
keys = {keys}
added = {added}
replaced = {replaced}
described = {described}

[licence]
data = "CC0-1.0"
because = "IANA-IETF joint statement of 10 November 2021 on the licensing terms of IANA's registries"

[limits]
note = "Rows in newer.csv have names and descriptions only: no dates, assignees, contacts or references. About 31 names without a port that were registered since 2024-06 are in neither source."
"#,
        base_package = BASE.package,
        base_version = BASE.version,
        base_file = BASE.file,
        base_sha256 = BASE.sha256,
        newer_package = NEWER.package,
        newer_version = NEWER.version,
        newer_file = NEWER.file,
        newer_date = NEWER_PUBLISHED,
        newer_sha256 = NEWER.sha256,
        added = difference.count(Kind::Added),
        replaced = difference.count(Kind::Replaced),
        described = difference.count(Kind::Described),
    )
}
