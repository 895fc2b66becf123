//! Portolan's own tasks: refresh data, run every test with what it needs, measure against peers, fuzz.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task speaks to the person who runs it"
)]

mod bench;
mod bpf;
mod clock;
mod fuzz;
mod identify;
mod interrupt;
mod knowledge;
mod load;
mod snapshot;
mod testing;
mod tree;

use std::process::ExitCode;

use anyhow::Result;
use lexopt::{Arg, Parser};

struct Task {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(Parser) -> Result<()>,
}

const TASKS: &[Task] = &[
    Task {
        name: "test",
        usage: "[--install]",
        about: "formatting, lints and all tests; --install first brings the real servers they talk to (root, Debian)",
        run: testing::run,
    },
    Task {
        name: "registry-snapshot",
        usage: "[--check]",
        about: "make data/iana/ again from the two packages that carry the registry, or only compare",
        run: snapshot::run,
    },
    Task {
        name: "knowledge",
        usage: "[--draw N --seed S]",
        about: "count the facts, or draw some with their sources for a person to check; --links lists sources by host",
        run: knowledge::run,
    },
    Task {
        name: "bench",
        usage: "[--quick]",
        about: "measure against peers and write BENCHMARKS.md; also --output FILE, --portolan PROGRAM, --only SECTION",
        run: bench::run,
    },
    Task {
        name: "load",
        usage: "[--survey] [--seconds N]",
        about: "stand listeners up on loopback to measure under; also --listeners --processes --idle --descriptors",
        run: load::run,
    },
    Task {
        name: "bpf",
        usage: "[--check]",
        about: "compile the kernel's part of inspect (clang, llvm, libbpf-dev), or only compare the hashes",
        run: bpf::run,
    },
    Task {
        name: "identify-bench",
        usage: "[--install]",
        about: "start real servers and hold portolan identify against them; also --only, --held-out, --nmap, --write",
        run: identify::run,
    },
    Task {
        name: "fuzz",
        usage: "[--seconds N]",
        about: "run every fuzz target for a bounded time",
        run: fuzz::run,
    },
];

fn main() -> ExitCode {
    let mut arguments = Parser::from_env();
    let named = match arguments.next() {
        Ok(Some(Arg::Value(name))) => name.to_string_lossy().into_owned(),
        Ok(None | Some(Arg::Long("help") | Arg::Short('h'))) => {
            print!("{}", help());
            return ExitCode::SUCCESS;
        }
        Ok(Some(other)) => return refuse(&other.unexpected().to_string()),
        Err(error) => return refuse(&error.to_string()),
    };
    let Some(task) = TASKS.iter().find(|task| task.name == named) else {
        return refuse(&format!("no task is called {named:?}"));
    };
    match (task.run)(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<lexopt::Error>() => {
            eprintln!(
                "xtask {}: {error}; usage: cargo xtask {0} {}",
                task.name, task.usage
            );
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("xtask {}: {error:#}", task.name);
            ExitCode::FAILURE
        }
    }
}

fn refuse(why: &str) -> ExitCode {
    eprint!("xtask: {why}\n\n{}", help());
    ExitCode::from(2)
}

fn help() -> String {
    let mut text = String::from("usage: cargo xtask TASK\n\n");
    for Task {
        name, usage, about, ..
    } in TASKS
    {
        text.push_str(&format!("  {:<32} {about}\n", format!("{name} {usage}")));
    }
    text
}
