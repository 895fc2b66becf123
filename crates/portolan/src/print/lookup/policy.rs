//! What this host's policy says of ports.

use portolan_ports::policy::Rule;
use portolan_survey::lookup::{Answer, PortAnswer};

use crate::print::{Columns, Output, Tone, one_line};

/// Each rule that speaks of the port, with its place; nothing where none does.
pub(super) fn text(port: &PortAnswer<'_>, output: &Output) -> String {
    match port.rules.as_slice() {
        [] => String::new(),
        rules => format!("\n{}", block(rules, output)),
    }
}

/// The same for all ports of an answer, each rule once; `None` where no rule speaks of any.
pub(super) fn of_all(answer: &Answer<'_>, output: &Output) -> Option<String> {
    let mut rules: Vec<&Rule> = answer
        .ports
        .iter()
        .flat_map(|p| &p.rules)
        .copied()
        .collect();
    rules.sort_by_key(|rule| (rule.ports, rule.transport, &rule.origin));
    rules.dedup();
    (!rules.is_empty()).then(|| block(&rules, output))
}

fn block(rules: &[&Rule], output: &Output) -> String {
    let mut columns = Columns::new(["", "", ""]);
    for rule in rules {
        let says = format!("{} [{}]", rule.demand, rule.origin);
        columns.push([
            (one_line(&rule.name), Tone::Strong),
            (rule.place(), Tone::Plain),
            (one_line(&says), Tone::Plain),
        ]);
    }
    let title = output.paint(Tone::Strong, "This host's policy");
    format!("{title}\n{}", columns.text(2, output))
}
