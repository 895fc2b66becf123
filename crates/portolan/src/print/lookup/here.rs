//! What a port is doing on this machine.

use portolan_ports::{FindingKind, Presence, Publication, SocketState};
use portolan_survey::lookup::{PortAnswer, connected};
use portolan_survey::survey::Judged;

use super::connection;
use super::holding;
use crate::print::judged::{address, bound, owners, place, spoken, verdict, why};
use crate::print::{Columns, Output, Tone, neutral};

/// The most sockets that are shown one by one.
const MOST_SOCKETS: usize = 20;

/// Presence, listeners with their verdicts, who is connected, and other sockets.
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
    for publication in &port.publications {
        text.push_str(&published(publication, output));
    }
    text.push_str(&holding::besides(&port.besides, output));
    // Beside a listener, who is connected is counted; else each socket has a line.
    let counted = presence == Presence::Listening;
    if counted {
        text.push_str(&connection::text(
            &connected(port.port, &port.sockets),
            output,
        ));
    }
    text.push_str(&sockets(port, counted, output));
    text
}

fn listener(judged: &Judged<'_>, output: &Output) -> String {
    let own = &judged.verdict;
    let mut columns = Columns::new(["", ""]);
    columns.push(row("held by", (owners(&judged.listener), Tone::Plain)));
    holding::lines(&judged.listener, &mut columns);
    let mut line = |what: &str, said: (String, Tone)| columns.push(row(what, said));
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
        .filter(|f| f.kind != FindingKind::OwnerHidden && f.because != own.because)
    {
        line("", (neutral(&finding.because).into_owned(), Tone::Plain));
    }
    let mut at = format!(
        "{} at {}",
        place(&judged.listener),
        address(&judged.listener)
    );
    if let Some(namespace) = &judged.listener.namespace {
        let inside = format!(" in the network namespace {namespace}, not this one");
        at.push_str(&neutral(&inside));
    }
    format!(
        "  {}\n{}",
        output.paint(Tone::Strong, &at),
        columns.text(4, output)
    )
}

fn row(what: &str, said: (String, Tone)) -> [(String, Tone); 2] {
    [(what.to_owned(), Tone::Faint), said]
}

/// A port that is passed on without a socket.
fn published(publication: &Publication, output: &Output) -> String {
    let Publication {
        transport,
        address,
        port,
        to,
    } = publication;
    let at = output.paint(
        Tone::Strong,
        &format!("{port}/{transport} at {}", bound(*address)),
    );
    let image = to.container.image.as_ref();
    let image = image.map(|image| format!(" (image {image})"));
    let said = format!(
        "published by {}{}, to its port {}; no socket: the packet filter passes it on",
        to.container,
        image.unwrap_or_default(),
        to.port
    );
    format!("  {at}\n    {}\n", neutral(&said))
}

/// One by one, without those that were `counted` already. Closed connections that only wait for
/// their time to end are counted, not listed.
fn sockets(port: &PortAnswer<'_>, counted: bool, output: &Output) -> String {
    let left = port
        .sockets
        .iter()
        .filter(|socket| !counted || socket.remote.is_none());
    let (waiting, open): (Vec<_>, Vec<_>) =
        left.partition(|socket| socket.state == SocketState::TimeWait);
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

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use insta::assert_snapshot;
    use portolan_ports::{Container, Published, Socket};
    use portolan_registry::Transport;
    use portolan_survey::lookup::{Besides, SetAside};

    use super::*;
    use crate::arguments::Colour;

    fn answer(presence: Presence) -> PortAnswer<'static> {
        let socket = |remote: Option<([u8; 4], u16)>, state| Socket {
            transport: Transport::Tcp,
            local: ([127, 0, 0, 1], 8080).into(),
            remote: remote.map(Into::into),
            state,
            uid: None,
            inode: 0,
            owners: Vec::new(),
            owner_gap: None,
        };
        PortAnswer {
            port: 8080,
            rules: Vec::new(),
            site: Vec::new(),
            standings: Vec::new(),
            facts: Vec::new(),
            local_names: Vec::new(),
            set_aside: SetAside::default(),
            presence: Some(presence),
            listeners: Vec::new(),
            publications: vec![Publication {
                transport: Transport::Tcp,
                address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                port: 8080,
                to: Published {
                    container: Container {
                        runtime: "docker".to_owned(),
                        id: "f".repeat(64),
                        name: Some("web1".to_owned()),
                        image: Some("nginx\u{1b}:1".to_owned()),
                    },
                    port: 80,
                },
            }],
            sockets: vec![
                socket(Some(([10, 0, 0, 1], 5000)), SocketState::Established),
                socket(Some(([10, 0, 0, 1], 5001)), SocketState::TimeWait),
                socket(Some(([10, 0, 0, 2], 5000)), SocketState::TimeWait),
                socket(None, SocketState::Bound),
            ],
            besides: vec![Besides {
                program: "evil\u{1b}".to_owned(),
                pids: vec![7, 8],
                listeners: vec![(Transport::Udp, ([127, 0, 0, 1], 53).into())],
                connections: 2,
            }],
        }
    }

    #[test]
    fn beside_a_listener_connections_are_counted() {
        let output = Output::of_width(Colour::Never, None);
        assert_snapshot!(text(&answer(Presence::Listening), &output), @r##"
    On this machine: listening
      8080/tcp at 0.0.0.0
        published by docker web1 (image nginx\u{1b}:1), to its port 80; no socket: the packet filter passes it on
      held by the same processes
        evil\u{1b} 7, 8  53/udp at 127.0.0.1, 2 connections
      connected
        incoming  1 from 10.0.0.1 over tcp, and 1 closed in TIME-WAIT
                  1 closed, in TIME-WAIT, from 10.0.0.2 over tcp
      bound tcp  127.0.0.1:8080 with nobody  no process
    "##);
    }

    #[test]
    fn without_a_listener_each_socket_has_a_line() {
        let output = Output::of_width(Colour::Never, None);
        assert_snapshot!(text(&answer(Presence::InUse), &output), @r##"
    On this machine: in use, not listening
      8080/tcp at 0.0.0.0
        published by docker web1 (image nginx\u{1b}:1), to its port 80; no socket: the packet filter passes it on
      held by the same processes
        evil\u{1b} 7, 8  53/udp at 127.0.0.1, 2 connections
      established tcp  127.0.0.1:8080 with 10.0.0.1:5000  no process
      bound tcp        127.0.0.1:8080 with nobody         no process
      2 closed connections in TIME-WAIT
    "##);
    }
}
