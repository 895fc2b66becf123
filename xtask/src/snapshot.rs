//! `registry-snapshot`: makes `data/iana/` again from the two published packages that carry the registry.

mod change;
mod read;
mod source;
mod write;

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use lexopt::{Arg, Parser};

use crate::tree;
use change::Kind;

/// Fetches, compares and writes; with `--check` only says whether the folder is what it would write.
pub(crate) fn run(mut arguments: Parser) -> Result<()> {
    let mut check = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("check") => check = true,
            other => return Err(other.unexpected().into()),
        }
    }

    let base_bytes = source::BASE.fetch()?;
    let newer_bytes = source::NEWER.fetch()?;
    let base = read::base(&base_bytes)?;
    let newer = read::newer(&newer_bytes)?;
    let difference = change::difference(&base.rows, &newer);
    ensure!(
        difference.vanished.is_empty(),
        "the newer source lacks {} pairs that the base has, first {:?}: it is cut short, use another version",
        difference.vanished.len(),
        difference.vanished.first()
    );

    let provenance = write::provenance(base.rows.len(), &base.newest, newer.len(), &difference);
    let files = [
        ("service-names-port-numbers.csv", base_bytes),
        ("newer.csv", write::changes(&difference)?),
        ("provenance.toml", provenance.into_bytes()),
    ];
    if check {
        compare(&files)?
    } else {
        store(&files)?
    }

    println!(
        "data/iana: {} rows to {}; {} pairs to {}: {} added, {} replaced, {} described{}",
        base.rows.len(),
        base.newest,
        newer.len(),
        source::NEWER_PUBLISHED,
        difference.count(Kind::Added),
        difference.count(Kind::Replaced),
        difference.count(Kind::Described),
        if check {
            "; the folder is exactly this"
        } else {
            ""
        }
    );
    Ok(())
}

type File<'a> = (&'a str, Vec<u8>);

fn store(files: &[File<'_>]) -> Result<()> {
    let folder = tree::root().join("data/iana");
    fs::create_dir_all(&folder).context("cannot make the folder data/iana")?;
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes)
            .with_context(|| format!("cannot write data/iana/{name}"))?;
    }
    Ok(())
}

fn compare(files: &[File<'_>]) -> Result<()> {
    for (name, bytes) in files {
        let stored = fs::read(tree::root().join("data/iana").join(name)).with_context(|| {
            format!("cannot read data/iana/{name}; run `cargo xtask registry-snapshot`")
        })?;
        if stored != *bytes {
            bail!(
                "data/iana/{name} is not what its sources give; run `cargo xtask registry-snapshot`"
            );
        }
    }
    Ok(())
}
