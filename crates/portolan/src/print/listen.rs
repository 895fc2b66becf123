//! Listeners and owners as a table or as comma-separated values.

mod choice;
mod column;
pub(crate) mod csv;
mod row;
#[cfg(test)]
mod tests;

use portolan_inspect::Snapshot;
use portolan_ports::Listener;
use portolan_registry::Transport;
use portolan_survey::Sources;

use super::judged::{address, bound, gap_lines, place};
use super::{Cell, Columns, Grid, Output, Tone, holder, moment, neutral, registered};
pub(crate) use choice::{Order, columns};
pub(crate) use column::TABLE;
use column::{Column, Value};
pub(crate) use row::sort;
use row::{Row, Seen, rows};

/// How to lay out the table.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The columns; empty means the usual ones.
    pub(crate) columns: Vec<Column>,
    /// In which order.
    pub(crate) order: Order,
    /// Whether to leave out the line of heads.
    pub(crate) no_header: bool,
    /// Whether each owner has a line.
    pub(crate) all_owners: bool,
}

/// The table alone.
pub(crate) fn table(
    seen: &Snapshot,
    sources: &Sources<'_>,
    layout: &Layout,
    output: &Output,
) -> String {
    let usual;
    let columns = if layout.columns.is_empty() {
        usual = usual_columns(seen);
        &usual
    } else {
        &layout.columns
    };
    let heads = columns.iter().map(|column| match layout.no_header {
        true => String::new(),
        false => column.head(),
    });
    let mut grid = Grid::new(heads.collect());
    let mut said = Said {
        sources,
        alone: !columns.contains(&Column::Transport),
        home: !columns.contains(&Column::Unit) && !columns.contains(&Column::Container),
        before: None,
    };
    for row in rows(seen, sources, layout.all_owners, &layout.order) {
        for column in columns {
            grid.push(said.cell(*column, &row));
        }
    }
    grid.text(0, output)
}

/// What could not be seen, and what a filter could not decide, as lines.
pub(crate) fn unseen(seen: &Snapshot, undecided: usize, words: &str, output: &Output) -> String {
    let own = seen.listeners.iter().filter_map(|l| l.owner_gap.as_ref());
    let mut columns = Columns::new([""]);
    for line in gap_lines(own.chain(&seen.gaps), output) {
        columns.push([(format!("Not seen: {line}"), Tone::Plain)]);
    }
    if undecided > 0 {
        let listeners = match undecided {
            1 => "1 listener with hidden owners".to_owned(),
            n => format!("{n} listeners with hidden owners"),
        };
        let said = format!("Not decided: {listeners} may fit {}", neutral(words));
        columns.push([(said, Tone::Plain)]);
    }
    columns.text(0, output)
}

/// Those that are always of use, and those that have something to tell here.
fn usual_columns(seen: &Snapshot) -> Vec<Column> {
    let any = |has: fn(&Listener) -> bool| seen.listeners.iter().any(has);
    let owner = |has: fn(&portolan_ports::Owner) -> bool| {
        seen.listeners.iter().any(|l| l.owners.iter().any(has))
    };
    let mut columns = vec![Column::Port, Column::Address];
    if any(|l| l.namespace.is_some()) {
        columns.push(Column::Namespace);
    }
    columns.extend([Column::User, Column::Program]);
    if owner(|o| o.unit.is_some()) {
        columns.push(Column::Unit);
    }
    if owner(|o| o.container.is_some()) {
        columns.push(Column::Container);
    }
    if owner(|o| o.started.is_some()) {
        columns.push(Column::Started);
    }
    if owner(|o| o.package.is_some()) {
        columns.push(Column::Package);
    }
    columns.push(Column::Registered);
    columns
}

/// Makes cells of rows.
struct Said<'a> {
    sources: &'a Sources<'a>,
    /// Whether the port has to tell its transport.
    alone: bool,
    /// Whether the program has to tell its unit or container.
    home: bool,
    /// The registries' word on the port before: sockets of one port stand together.
    before: Option<((u16, Transport, bool), Cell)>,
}

impl<'a> Said<'a> {
    fn cell(&mut self, column: Column, row: &Row<'a>) -> Cell {
        let plain = |text: String| (text, Tone::Plain);
        match (column, row.seen) {
            (Column::Port, seen) => {
                let text = match seen {
                    Seen::Listener(l) if self.alone => place(l),
                    Seen::Publication(p) if self.alone => format!("{}/{}", p.port, p.transport),
                    Seen::Listener(l) => l.port.to_string(),
                    Seen::Publication(p) => p.port.to_string(),
                };
                (text, Tone::Strong)
            }
            (Column::Address, Seen::Listener(listener)) => plain(address(listener)),
            (Column::Address, Seen::Publication(published)) => plain(bound(published.address)),
            (Column::Program, Seen::Listener(listener)) => {
                let others = if row.for_all {
                    holder::others(listener)
                } else {
                    0
                };
                plain(holder::one(listener, row.owner, others, self.home))
            }
            (Column::Program, Seen::Publication(publication)) => {
                plain(holder::publication(publication))
            }
            (Column::Registered, seen) => {
                let key = match seen {
                    Seen::Listener(l) => (l.port, l.transport, l.namespace.is_none()),
                    Seen::Publication(p) => (p.port, p.transport, true),
                };
                match &self.before {
                    Some((before, cell)) if *before == key => cell.clone(),
                    _ => {
                        let cell = match seen {
                            Seen::Listener(listener) => registered::of(self.sources, listener),
                            Seen::Publication(p) => {
                                registered::at(self.sources, p.port, p.transport)
                            }
                        };
                        self.before = Some((key, cell.clone()));
                        cell
                    }
                }
            }
            (Column::Group, Seen::Listener(listener)) => plain(match listener.group {
                Some(group) => {
                    let how = match group.reuse_port {
                        Some(true) => " reuse_port",
                        Some(false) => " reuse_address",
                        None => "",
                    };
                    format!("×{}{how}", group.members)
                }
                None => String::new(),
            }),
            (Column::Started, _) => {
                let started = row.owner.and_then(|owner| owner.started);
                plain(started.and_then(moment::stamp).unwrap_or_default())
            }
            _ => match column.value(row, self.sources) {
                Value::Nothing => (String::new(), Tone::Plain),
                Value::Text(text) => plain(neutral(&text).into_owned()),
                value => plain(value.to_string()),
            },
        }
    }
}
