//! How a port's rows changed, as text.

use portolan_registry::Port;
use portolan_registry::history::Moment;

use super::{Output, Tone, diff, one_line};

pub(crate) fn text(port: Port, dates: &[&str], moments: &[Moment<'_>], output: &Output) -> String {
    let mut text = String::new();
    for moment in moments {
        let title = format!("{} to {}", one_line(moment.since), one_line(moment.until));
        text.push_str(&format!("{}\n", output.paint(Tone::Strong, &title)));
        text.push_str(&diff::columns(&moment.changes, 2, output));
    }
    let dates: Vec<String> = dates.iter().map(|date| one_line(date)).collect();
    let times = match moments.len() {
        0 => "did not change".to_owned(),
        1 => "changed once".to_owned(),
        times => format!("changed {times} times"),
    };
    text.push_str(&format!(
        "Port {port} {times} over {} registries: {}\n",
        dates.len(),
        dates.join(", ")
    ));
    text
}
