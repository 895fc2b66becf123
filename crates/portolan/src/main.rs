//! Portolan: what is on this machine's ports, what should be there, and whether that is right.

mod arguments;
mod clock;
mod cmd;
mod configuration;
mod exit;
#[cfg(unix)]
mod following;
mod input;
mod print;
mod registrar;
mod site_file;
mod state;
#[cfg(unix)]
mod top;

use std::process::ExitCode;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let output = print::Output::new(arguments.colour);
    if let Some(stray) = arguments.stray() {
        let error = anyhow::anyhow!(
            "{stray} does not go with a command; for a service that is named like one: portolan show search"
        );
        return exit::code(Err(exit::malformed(error)), &output);
    }
    let done = match &arguments.command {
        None if arguments.look_up.query.is_empty() => cmd::survey::run(&arguments, &output),
        None => cmd::show::run(&arguments, &arguments.look_up, false, &output),
        Some(Command::Show(look_up)) => cmd::show::run(&arguments, look_up, true, &output),
        Some(Command::Search(search)) => cmd::search::run(&arguments, search, &output),
        Some(Command::Listen(listen)) => cmd::listen::run(&arguments, listen, &output),
        Some(Command::Top(top)) => cmd::top::run(&arguments, top, &output),
        Some(Command::Identify(identify)) => cmd::identify::run(&arguments, identify, &output),
        Some(Command::Sweep(sweep)) => cmd::sweep::run(&arguments, sweep, &output),
        Some(Command::Annotate(file)) => cmd::annotate::run(&arguments, file, &output),
        Some(Command::Suggest(wanted)) => cmd::suggest::run(&arguments, wanted, &output),
        Some(Command::Check(check)) => cmd::check::run(&arguments, check, &output),
        Some(Command::Free(free)) => cmd::free::run(&arguments, free, &output),
        Some(Command::Registry(registry)) => cmd::registry::run(&arguments, registry, &output),
        Some(Command::Completions(shell)) => cmd::completions::run(shell, &output),
        Some(Command::Man(man)) => cmd::man::run(man, &output),
    };
    exit::code(done, &output)
}
