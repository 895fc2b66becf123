//! What a port is doing on this machine.

use portolan_ports::{FindingKind, Presence, SocketState};
use portolan_survey::lookup::PortAnswer;
use portolan_survey::survey::Judged;

use crate::print::judged::{address, owners, place, spoken, verdict, why};
use crate::print::{Columns, Output, Tone, neutral};

/// The most sockets that are shown one by one.
const MOST_SOCKETS: usize = 20;

/// Presence, listeners with their verdicts, and other sockets.
pub(super) fn text(port: &PortAnswer<'_>, output: &Output) -> String {
    let Some(presence) = port.presence else {
        return String::new();
    };
    let said = match presence {
        Presence::Listening => "listening",
        Presence::InUse => "in use, not listening",
        Presence::Missing => "missing: policy requires a listener",
        Presence::Vacant => "nothing is there: no listener, no connection",
        Presence::Unseen => "could not be looked at",
    };
    let title = output.paint(Tone::Strong, "On this machine");
    let mut text = format!("\n{title}: {said}\n");
    for judged in &port.listeners {
        text.push_str(&listener(judged, output));
    }
    text.push_str(&sockets(port, output));
    text
}

fn listener(judged: &Judged<'_>, output: &Output) -> String {
    let own = &judged.verdict;
    let mut columns = Columns::new(["", ""]);
    let mut line = |what: &str, said: (String, Tone)| {
        columns.push([(what.to_owned(), Tone::Faint), said]);
    };
    line("held by", (owners(&judged.listener), Tone::Plain));
    for owner in &judged.listener.owners {
        if let Some(exe) = &owner.exe {
            let user = owner.user.as_ref().map(|user| format!(", as {user}"));
            let runs = format!("pid {} runs {exe}{}", owner.pid, user.unwrap_or_default());
            line("", (neutral(&runs).into_owned(), Tone::Faint));
        }
    }
    if let Some(seen) = &judged.identification {
        line("answers", (spoken(seen), Tone::Plain));
    }
    let (word, tone) = verdict(own);
    let because = neutral(&format!("{word}: {}", own.because)).into_owned();
    line("verdict", (because, tone));
    if !own.sources.is_empty() {
        let sources = format!("[{}]", own.sources.join("; "));
        line("", (neutral(&sources).into_owned(), Tone::Faint));
    }
    for finding in own
        .findings
        .iter()
        .filter(|f| f.kind != FindingKind::OwnerHidden)
    {
        line("", (neutral(&finding.because).into_owned(), Tone::Plain));
    }
    let at = format!(
        "{} at {}",
        place(&judged.listener),
        address(&judged.listener)
    );
    format!(
        "  {}\n{}",
        output.paint(Tone::Strong, &at),
        columns.text(4, output)
    )
}

/// Closed connections that only wait for their time to end are counted, not listed.
fn sockets(port: &PortAnswer<'_>, output: &Output) -> String {
    let (waiting, open): (Vec<_>, Vec<_>) = port
        .sockets
        .iter()
        .partition(|socket| socket.state == SocketState::TimeWait);
    let mut columns = Columns::new(["", "", ""]);
    for socket in open.iter().take(MOST_SOCKETS) {
        let far = socket
            .remote
            .map_or("nobody".to_owned(), |remote| remote.to_string());
        let owner = match (socket.owners.first(), &socket.owner_gap) {
            (Some(owner), _) => format!("{} {}", neutral(&owner.program), owner.pid),
            (None, Some(gap)) => why(gap.why).to_owned(),
            (None, None) => "no process".to_owned(),
        };
        let state = format!(
            "{} {}",
            socket.state.as_str().replace('_', " "),
            socket.transport
        );
        columns.push([
            (state, Tone::Plain),
            (format!("{} with {far}", socket.local), Tone::Plain),
            (owner, Tone::Plain),
        ]);
    }
    let mut text = columns.text(2, output);
    if open.len() > MOST_SOCKETS {
        let left = open.len() - MOST_SOCKETS;
        text.push_str(&format!("  ... and {left} more sockets; --json has all\n"));
    }
    match waiting.len() {
        0 => {}
        1 => text.push_str("  1 closed connection in TIME-WAIT\n"),
        n => text.push_str(&format!("  {n} closed connections in TIME-WAIT\n")),
    }
    text
}
