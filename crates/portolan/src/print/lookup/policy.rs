//! What this host's policy says of a port.

use portolan_survey::lookup::PortAnswer;

use crate::print::{Columns, Output, Tone, one_line};

/// Each rule that speaks of the port, with its place; nothing where none does.
pub(super) fn text(port: &PortAnswer<'_>, output: &Output) -> String {
    if port.rules.is_empty() {
        return String::new();
    }
    let mut columns = Columns::new(["", "", ""]);
    for rule in &port.rules {
        columns.push([
            (one_line(&rule.name), Tone::Strong),
            (rule.place(), Tone::Plain),
            (
                one_line(&format!("{} [{}]", rule.demand, rule.origin)),
                Tone::Plain,
            ),
        ]);
    }
    let title = output.paint(Tone::Strong, "This host's policy");
    format!("\n{title}\n{}", columns.text(2, output))
}
