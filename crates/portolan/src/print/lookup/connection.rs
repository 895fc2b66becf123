//! Who is connected to a port, counted by the far end.

use portolan_survey::lookup::{Direction, Peer};

use crate::print::{Columns, Output, Tone};

/// The most addresses that have a line.
const MOST_PEERS: usize = 10;

/// A line for each address, most connections first.
pub(super) fn text(peers: &[Peer], output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    for (at, peer) in peers.iter().take(MOST_PEERS).enumerate() {
        let (direction, with) = match peer.direction {
            Direction::Incoming => ("incoming", "from"),
            Direction::Outgoing => ("outgoing", "to"),
        };
        let repeated = at > 0 && peers[at - 1].direction == peer.direction;
        let mut said = match (peer.open, peer.closed) {
            (0, closed) => format!("{closed} closed, in TIME-WAIT,"),
            (open, _) => format!("{open}"),
        };
        said.push_str(&format!(" {with} {} over {}", peer.remote, peer.transport));
        if peer.open > 0 && peer.closed > 0 {
            said.push_str(&format!(", and {} closed in TIME-WAIT", peer.closed));
        }
        let direction = if repeated { "" } else { direction };
        columns.push([(direction.to_owned(), Tone::Faint), (said, Tone::Plain)]);
    }
    if let Some(rest) = peers.get(MOST_PEERS..).filter(|rest| !rest.is_empty()) {
        let connections: usize = rest.iter().map(|peer| peer.open + peer.closed).sum();
        let said = format!(
            "... and {connections} with {} more addresses; --json has all",
            rest.len()
        );
        columns.push([(String::new(), Tone::Plain), (said, Tone::Plain)]);
    }
    let text = columns.text(4, output);
    if text.is_empty() {
        text
    } else {
        format!("  {}\n{text}", output.paint(Tone::Strong, "connected"))
    }
}
