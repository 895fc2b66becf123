//! `portolan man`.

use anyhow::Context;
use clap::CommandFactory;

use crate::arguments::{Arguments, Man};
use crate::exit::Exit;
use crate::print::Output;

pub(crate) fn run(arguments: &Man, output: &Output) -> anyhow::Result<Exit> {
    let folder = &arguments.folder;
    clap_mangen::generate_to(Arguments::command(), folder)
        .with_context(|| format!("cannot write the manual pages into {}", folder.display()))?;
    output.line(&format!(
        "Manual pages are in {}; man -l {}/portolan.1 shows the first.",
        folder.display(),
        folder.display()
    ))?;
    Ok(Exit::Fine)
}
