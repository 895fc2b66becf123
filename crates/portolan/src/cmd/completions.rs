//! `portolan completions`.

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions};
use crate::exit::Exit;
use crate::print::Output;

pub(crate) fn run(arguments: &Completions, output: &Output) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "portolan",
        &mut script,
    );
    output.write(&script)?;
    Ok(Exit::Fine)
}
