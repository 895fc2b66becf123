//! Blocks without a name that were cut because a port inside was assigned, or joined again.

use std::collections::HashSet;

use super::change::{Change, Key, Kind};
use crate::{Assignment, PortRange, State};

/// Rows without a name, by first port.
type Remarks<'a> = Vec<(PortRange, Assignment<'a>)>;

pub(super) fn changes<'a>(
    older: &[Assignment<'a>],
    newer: &[Assignment<'a>],
    named: &[Change<'a>],
) -> Vec<Change<'a>> {
    let (before, after) = (remarks(older, newer), remarks(newer, older));
    let inside = |kind| {
        let mut names: Vec<(PortRange, &'a str)> = named
            .iter()
            .filter(|change| change.kind == kind)
            .filter_map(|change| Some((change.ports?, change.service_name())))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let (came, went) = (inside(Kind::Added), inside(Kind::Removed));
    let cut = cut(&before, &after, &came);
    let cut = cut.map(|(row, pieces, because)| {
        let kind = if pieces.len() > 1 {
            Kind::Split
        } else {
            Kind::Shrunk
        };
        Change {
            before: Some(row),
            ..made(kind, &row, pieces, because)
        }
    });
    let joined = self::cut(&after, &before, &went);
    let joined = joined.map(|(row, pieces, because)| {
        let kind = if pieces.len() > 1 {
            Kind::Merged
        } else {
            Kind::Grown
        };
        Change {
            after: Some(row),
            ..made(kind, &row, pieces, because)
        }
    });
    cut.chain(joined).collect()
}

fn made<'a>(
    kind: Kind,
    row: &Assignment<'a>,
    pieces: Vec<PortRange>,
    because: Vec<&'a str>,
) -> Change<'a> {
    let state = Some(State::of(row));
    Change {
        states: (state, state),
        pieces,
        because,
        ..Change::new(kind, Key::of(row))
    }
}

/// The rows without a name of `rows` whose place has none among `others`.
fn remarks<'a>(rows: &[Assignment<'a>], others: &[Assignment<'_>]) -> Remarks<'a> {
    let unnamed = |row: &&Assignment<'_>| !row.is_named();
    let known: HashSet<Key> = others.iter().filter(unnamed).map(Key::of).collect();
    let mut remarks: Remarks<'a> = rows
        .iter()
        .filter(|row| !row.is_named() && !known.contains(&Key::of(row)))
        .filter_map(|row| Some((row.ports?, *row)))
        .collect();
    remarks.sort_by_key(|(ports, _)| *ports);
    remarks
}

/// For each of `wholes`: what of the same kind lies inside it among `parts`, and the names that
/// do. A whole without a part became something else altogether, which others tell.
fn cut<'a, 'b>(
    wholes: &'b Remarks<'a>,
    parts: &'b Remarks<'a>,
    names: &'b [(PortRange, &'a str)],
) -> impl Iterator<Item = (Assignment<'a>, Vec<PortRange>, Vec<&'a str>)> {
    wholes.iter().filter_map(move |(ports, row)| {
        let inside = |p: PortRange| p.last() <= ports.last();
        let start = parts.partition_point(|(p, _)| p.first() < ports.first());
        let pieces: Vec<PortRange> = parts[start..]
            .iter()
            .take_while(|(p, _)| p.first() <= ports.last())
            .filter(|(p, part)| {
                inside(*p) && part.transport == row.transport && State::of(part) == State::of(row)
            })
            .map(|(p, _)| *p)
            .take(ports.count() as usize)
            .collect();
        let start = names.partition_point(|(p, _)| p.first() < ports.first());
        let mut because: Vec<&'a str> = names[start..]
            .iter()
            .take_while(|(p, _)| p.first() <= ports.last())
            .filter(|(p, _)| inside(*p))
            .map(|(_, name)| *name)
            .collect();
        because.dedup();
        (!pieces.is_empty()).then_some((*row, pieces, because))
    })
}
