//! What to type on each system to see who is on the port.

use portolan_registry::Transport;
use portolan_survey::lookup::{PortAnswer, commands};

use crate::print::{Columns, Output, Tone};

/// The section; empty where no system has a way.
pub(super) fn text(port: &PortAnswer<'_>, output: &Output) -> String {
    let asked: Vec<Transport> = port.transports().collect();
    let commands = commands(port.port, &asked);
    // Never wrapped: what is copied must be whole.
    let mut text = String::new();
    for (system, lines) in commands.by_system() {
        let mut columns = Columns::new(["", ""]);
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { system } else { "" };
            columns.push([
                (format!("{label:<7}"), Tone::Plain),
                (line.clone(), Tone::Plain),
            ]);
        }
        text.push_str(&columns.text(2, output));
    }
    if text.is_empty() {
        return text;
    }
    format!("\n{}\n{text}", output.paint(Tone::Strong, "Check it"))
}
