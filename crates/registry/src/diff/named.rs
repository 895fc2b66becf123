//! Service names that came, went, or stayed with other columns; and rows without a name that
//! stayed where they were.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::change::{Change, Key, Kind, rewritten};
use super::state::States;
use crate::{Assignment, Column, Origin, State, name};

/// How many rows of one place are tried against each other. IANA's file has three names on a
/// place at most; a file with a million must not take a million times a million steps.
const MOST_TRIED: usize = 64;

/// The rows of one place.
type Sides<'a> = (Vec<Assignment<'a>>, Vec<Assignment<'a>>);

pub(super) fn changes<'a>(
    older: &[Assignment<'a>],
    newer: &[Assignment<'a>],
    states: &States<'a>,
) -> Vec<Change<'a>> {
    let mut places: BTreeMap<Key, Sides<'a>> = BTreeMap::new();
    for row in older {
        places.entry(Key::of(row)).or_default().0.push(*row);
    }
    for row in newer {
        places.entry(Key::of(row)).or_default().1.push(*row);
    }
    let mut changes = Vec::new();
    for (key, (before, after)) in places {
        at_one_place(key, before, after, states, &mut changes);
    }
    changes
}

fn at_one_place<'a>(
    key: Key,
    before: Vec<Assignment<'a>>,
    after: Vec<Assignment<'a>>,
    states: &States<'a>,
    changes: &mut Vec<Change<'a>>,
) {
    let (stayed, gone, come) = pair(before, after);
    for (before, after) in stayed {
        // A remark in another state is told as that, with both its rows.
        if before.is_named() || State::of(&before) == State::of(&after) {
            changes.extend(rewritten(&before, &after, states.at(key)));
        }
    }
    let (renamed, gone, come) = renamed(gone, come);
    for (before, after) in renamed {
        let states = states.at(key);
        changes.push(Change {
            before: Some(before),
            after: Some(after),
            states,
            columns: vec![Column::ServiceName],
            ..Change::new(Kind::Renamed, key)
        });
        changes.extend(rewritten(&before, &after, states));
    }
    let (was, is) = states.rows(key);
    // What a new name took over: a remark, or a name that went at the same time.
    let taken = was.filter(|was| !was.is_named() || gone.contains(was));
    for row in gone.into_iter().filter(Assignment::is_named) {
        changes.push(Change {
            before: Some(row),
            after: is,
            states: states.at(key),
            ..Change::new(Kind::Removed, key)
        });
    }
    for row in come.into_iter().filter(Assignment::is_named) {
        changes.push(Change {
            before: taken,
            after: Some(row),
            states: states.at(key),
            ..Change::new(Kind::Added, key)
        });
    }
}

type Paired<'a> = (
    Vec<(Assignment<'a>, Assignment<'a>)>,
    Vec<Assignment<'a>>,
    Vec<Assignment<'a>>,
);

/// Rows of the same name; where a name stands there several times, those that differ least.
fn pair<'a>(before: Vec<Assignment<'a>>, after: Vec<Assignment<'a>>) -> Paired<'a> {
    let mut by_name: HashMap<&str, VecDeque<Assignment<'a>>> = HashMap::new();
    for row in after.iter().copied() {
        by_name
            .entry(row.service_name())
            .or_default()
            .push_back(row);
    }
    let (mut stayed, mut gone) = (Vec::new(), Vec::new());
    for same in [true, false] {
        let left = if same {
            before.clone()
        } else {
            std::mem::take(&mut gone)
        };
        for row in left {
            let candidates = by_name.entry(row.service_name()).or_default();
            let place = candidates
                .iter()
                .take(MOST_TRIED)
                .position(|other| !same || other.description() == row.description());
            match place.and_then(|place| candidates.remove(place)) {
                Some(other) => stayed.push((row, other)),
                None => gone.push(row),
            }
        }
    }
    let mut come: Vec<Assignment<'a>> = by_name.into_values().flatten().collect();
    come.sort_by_key(|row| (row.service_name(), row.description()));
    (stayed, gone, come)
}

/// Of what went and came at one place, the pairs that are one service under two names.
fn renamed<'a>(gone: Vec<Assignment<'a>>, mut come: Vec<Assignment<'a>>) -> Paired<'a> {
    let (mut renamed, mut left) = (Vec::new(), Vec::new());
    for row in gone {
        let place = come
            .iter()
            .take(MOST_TRIED)
            .position(|other| row.is_named() && other.is_named() && is_one_service(&row, other));
        match place {
            Some(place) => renamed.push((row, come.remove(place))),
            None => left.push(row),
        }
    }
    (renamed, left, come)
}

fn is_one_service(before: &Assignment<'_>, after: &Assignment<'_>) -> bool {
    let one = |column| {
        let (before, after) = (before.cell(column), after.cell(column));
        !before.is_empty() && before.eq_ignore_ascii_case(after)
    };
    let folded = |row: &Assignment<'_>| name::folded(row.service_name()).collect::<String>();
    // A name alone is not told apart by an assignee: people hold several.
    let holder = before.ports.is_some() && before.origin == Origin::File && one(Column::Assignee);
    one(Column::Description) || holder || folded(before) == folded(after)
}
