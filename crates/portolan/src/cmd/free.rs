//! `portolan free`: who holds a port, and, when told so, an end to it.

use std::io::{self, IsTerminal};
use std::net::IpAddr;
use std::time::Duration;

use anyhow::anyhow;
use portolan_survey::document::{FreeDocument, to_json};
use portolan_survey::free::{Asked, Done, State, Way, prepare};
use portolan_survey::query::{Query, Target};

use crate::arguments::{Arguments, Free};
use crate::exit::{Exit, malformed};
use crate::print::Output;
use crate::{clock, input, print};

pub(crate) fn run(arguments: &Arguments, free: &Free, output: &Output) -> anyhow::Result<Exit> {
    let asked = asked(free)?;
    input::with_sources(arguments, |sources| {
        let observed_at = clock::now();
        let host = portolan_inspect::host_name();
        let prepared = prepare(asked);
        let planned = prepared.state() == State::Planned;
        let tell = |done: Option<&Done>| -> anyhow::Result<()> {
            let document =
                FreeDocument::new(&host, &prepared, done, sources.registry, &observed_at);
            Ok(output.line(&to_json(&document, true)?)?)
        };
        if !arguments.json {
            output.write(print::free::plan(&prepared, output).as_bytes())?;
        }
        if !planned || free.dry_run {
            if arguments.json {
                tell(None)?;
            }
            return Ok(exit(prepared.state()));
        }
        if let Err(why) = confirmed(arguments, free, output) {
            if arguments.json {
                tell(None)?;
            }
            return Err(malformed(anyhow!("nothing was done: {why}")));
        }
        let done = prepared.carry_out();
        if arguments.json {
            tell(Some(&done))?;
        } else {
            output.write(print::free::done(&prepared, &done, output).as_bytes())?;
        }
        Ok(exit(done.state))
    })
}

const fn exit(state: State) -> Exit {
    match state {
        State::Vacant | State::Planned | State::Freed => Exit::Fine,
        State::Refused | State::Changed | State::Listening | State::Returned | State::Failed => {
            Exit::BadNews
        }
        State::Unseen | State::NotPermitted => Exit::CouldNot,
    }
}

/// Asks, where there is somebody to ask; else says what to do instead.
fn confirmed(arguments: &Arguments, free: &Free, output: &Output) -> Result<(), &'static str> {
    if free.yes {
        return Ok(());
    }
    let somebody = io::stdin().is_terminal() && io::stdout().is_terminal();
    if arguments.json || !somebody {
        return Err(
            "there is nobody to ask here; say --yes to do it, or --dry-run to see the plan alone",
        );
    }
    let unanswered = "you did not say yes";
    output.write(b"Go on? [y/N] ").map_err(|_| unanswered)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|_| unanswered)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(unanswered),
    }
}

fn asked(free: &Free) -> anyhow::Result<Asked> {
    let text = &free.port;
    let one = || {
        malformed(anyhow!(
            "cannot free {text:?}: name one port (8080, 8080/tcp) or one address with it (127.0.0.1:8080)"
        ))
    };
    let (address, port, transport) = match Query::parse(text).map_err(malformed)? {
        Query::Ports { ports, transport } if ports.first() == ports.last() => {
            (None, ports.first(), transport)
        }
        // An address without a transport means TCP.
        Query::Target(Target {
            host,
            port,
            transport,
        }) => {
            let address: IpAddr = host.parse().map_err(|_| one())?;
            let said = free.transport.filter(|_| !text.contains('/'));
            (Some(address), port, Some(said.unwrap_or(transport)))
        }
        Query::Ports { .. } | Query::Name { .. } => return Err(one()),
    };
    if port == 0 {
        return Err(one());
    }
    if let (Some(said), Some(also)) = (transport, free.transport)
        && said != also
    {
        return Err(malformed(anyhow!(
            "cannot free {text:?}: it says {said}, and --transport says {also}"
        )));
    }
    Ok(Asked {
        port,
        transport: transport.or(free.transport),
        address,
        way: if free.kill {
            Way::Kill
        } else if free.close {
            Way::Close
        } else {
            Way::Stop
        },
        grace: Duration::from_secs(free.grace.into()),
        ssh_connection: std::env::var("SSH_CONNECTION").ok(),
    })
}
