//! What holds a port, what would be done about it, and what came of that, as text.

use portolan_ports::{Listener, Owner};
use portolan_survey::free::{Asked, Done, Outcome, Prepared, State, Way};

use super::holder::command;
use super::judged::{address, gap_lines, owners, place};
use super::{Output, Tone, neutral, one_line};

/// Everything that a person should see before saying yes.
pub(crate) fn plan(prepared: &Prepared, output: &Output) -> String {
    let mut text = String::new();
    for listener in &prepared.listeners {
        let head = format!("{} at {}", place(listener), address(listener));
        text.push_str(&format!("{}\n", output.paint(Tone::Strong, &head)));
        if listener.owners.is_empty() {
            text.push_str(&format!("  held by {}\n", owners(listener)));
        }
        for owner in &listener.owners {
            text.push_str(&format!("  held by {}\n", holder(owner)));
            let command = one_line(&command(owner));
            if !command.is_empty() {
                let line = format!("          {}", excerpt(&command));
                text.push_str(&format!("{}\n", output.paint(Tone::Faint, &line)));
            }
        }
        let unit = listener.socket_unit.as_ref();
        if let Some(unit) = unit {
            text.push_str(&format!("  made by the unit {}\n", one_line(&unit.0)));
        }
        if let Some(published) = &listener.published {
            let container = one_line(&published.container.to_string());
            text.push_str(&format!(
                "  leads to {container}, port {}\n",
                published.port
            ));
        }
    }
    for publication in &prepared.publications {
        let container = one_line(&publication.to.container.to_string());
        text.push_str(&format!(
            "{}/{} at {} leads to {container}, port {}\n",
            publication.port, publication.transport, publication.address, publication.to.port
        ));
    }
    for line in gap_lines(prepared.gaps.iter(), output) {
        text.push_str(&format!("Not seen: {line}\n"));
    }
    let state = prepared.state();
    if state == State::Planned {
        text.push_str(&broken(prepared));
        text.push_str("Would:\n");
        for step in &prepared.plan.steps {
            text.push_str(&format!("  {}\n", one_line(&step.to_string())));
        }
    }
    for refusal in &prepared.plan.refusals {
        let line = format!(
            "Refused: {}; {}",
            one_line(&refusal.to_string()),
            refusal.why.next()
        );
        text.push_str(&format!("{}\n", output.paint(Tone::Warning, &line)));
    }
    if !prepared.plan.refusals.is_empty() && prepared.listeners.len() > 1 {
        text.push_str("Nothing is done while one is refused; name one address: ");
        text.push_str(&format!("{}\n", narrower(&prepared.listeners[0])));
    }
    match state {
        State::Vacant => text.push_str(&format!("Nothing listens on {}.\n", what(&prepared.asked))),
        State::Unseen => text.push_str(&format!(
            "Cannot see what listens on {}.\n",
            what(&prepared.asked)
        )),
        _ => {}
    }
    for listener in &prepared.instead {
        text.push_str(&format!(
            "Nothing is bound to {} alone, but {} takes its connections; to free that: {}\n",
            what(&prepared.asked),
            address(listener),
            narrower(listener)
        ));
    }
    text
}

/// What came of it.
pub(crate) fn done(prepared: &Prepared, done: &Done, output: &Output) -> String {
    let mut text = String::new();
    for (step, taken) in prepared.plan.steps.iter().zip(&done.taken) {
        let outcome = match taken.outcome {
            Outcome::Done => continue,
            Outcome::Killed => "needed SIGKILL",
            Outcome::StillRuns => "did not help: it still runs",
            Outcome::NotPermitted => "is not permitted",
            Outcome::Failed => "failed",
            Outcome::NotTried => "was not tried",
        };
        let detail = taken.detail.as_deref().map(|detail| format!(": {detail}"));
        let line = format!("To {step} {outcome}{}", detail.unwrap_or_default());
        text.push_str(&format!("{}\n", one_line(&line)));
    }
    let what = what(&prepared.asked);
    let (tone, line) = match done.state {
        State::Freed => (Tone::Good, format!("Nothing listens on {what} any more.")),
        State::Changed => (
            Tone::Warning,
            format!("Nothing was done: who holds {what} changed meanwhile; look again."),
        ),
        State::Returned => (
            Tone::Bad,
            format!(
                "{what} was freed, and something listens there again: whatever starts it must be stopped."
            ),
        ),
        State::NotPermitted => (
            Tone::Bad,
            format!("{what} is not free: run it as root, with sudo."),
        ),
        State::Listening if prepared.asked.way == Way::Stop => (
            Tone::Bad,
            format!("{what} is not free; to be harder: --kill."),
        ),
        _ => (Tone::Bad, format!("{what} is not free.")),
    };
    text.push_str(&format!("{}\n", output.paint(tone, &line)));
    if done.state != State::Freed {
        for listener in &done.left {
            text.push_str(&format!(
                "  {} at {}: {}\n",
                place(listener),
                address(listener),
                owners(listener)
            ));
        }
    }
    text
}

/// Program, process id and whatever tells it from others.
fn holder(owner: &Owner) -> String {
    let mut text = format!("{}, pid {}", one_line(&owner.program), owner.pid);
    let user = owner.user.clone();
    if let Some(user) = user.or_else(|| owner.uid.map(|uid| uid.to_string())) {
        text.push_str(&format!(", user {}", neutral(&user)));
    }
    if let Some(exe) = &owner.exe {
        text.push_str(&format!(", {}", one_line(exe)));
    }
    if let Some(unit) = &owner.unit {
        text.push_str(&format!(", in {}", one_line(&unit.0)));
    }
    if let Some(container) = &owner.container {
        text.push_str(&format!(", in {}", one_line(&container.to_string())));
    }
    text
}

/// As much of a command line as tells one from another.
fn excerpt(command: &str) -> String {
    const MOST: usize = 160;
    if command.chars().count() <= MOST {
        return command.to_owned();
    }
    command.chars().take(MOST).chain(['…']).collect()
}

fn broken(prepared: &Prepared) -> String {
    match (prepared.asked.way, prepared.connections) {
        (Way::Close, _) => {
            "Its program lives on, and so do connections that it has accepted.\n".to_owned()
        }
        (_, 0) => String::new(),
        (_, 1) => "1 connection to it would break.\n".to_owned(),
        (_, n) => format!("{n} connections to it would break.\n"),
    }
}

/// `8080/tcp at 127.0.0.1`, as far as it was said.
fn what(asked: &Asked) -> String {
    let mut text = asked.port.to_string();
    if let Some(transport) = asked.transport {
        text.push_str(&format!("/{transport}"));
    }
    if let Some(address) = asked.address {
        text.push_str(&format!(" at {address}"));
    }
    text
}

/// The command for one listener alone.
fn narrower(listener: &Listener) -> String {
    let place = listener.socket_address();
    format!("portolan free {place}/{}", listener.transport)
}
