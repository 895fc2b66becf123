//! What keys and news do to the state.

use std::net::IpAddr;
use std::time::SystemTime;

use portolan_ports::{Owner, Queue};
use portolan_registry::Transport;

use super::*;

/// Any moment will do.
#[expect(clippy::disallowed_methods, reason = "a test is the caller")]
pub(in crate::top) fn moment() -> Instant {
    Instant::now()
}

pub(in crate::top) fn listener(port: u16, address: &str, program: &str, pid: u32) -> Listener {
    let address: IpAddr = address.parse().unwrap();
    Listener {
        queue: Some(Queue {
            pending: 0,
            backlog: 128,
        }),
        uid: Some(0),
        inode: port.into(),
        cookie: Some(port.into()),
        owners: vec![Owner {
            pid,
            program: program.to_owned(),
            exe: Some(format!("/usr/sbin/{program}")),
            user: Some("root".to_owned()),
            ..Owner::default()
        }],
        ..Listener::new(Transport::Tcp, (address, port).into())
    }
}

pub(in crate::top) fn change(kind: ChangeKind, listener: &Listener) -> Change {
    Change {
        at: SystemTime::UNIX_EPOCH,
        kind,
        listener: listener.clone(),
        before: None,
    }
}

pub(in crate::top) fn state(listeners: &[Listener]) -> State {
    let mut state = State::new(
        "web1".to_owned(),
        Duration::from_millis(250),
        &[],
        Selection::default(),
    );
    state.room = 3;
    state.update(listeners.to_vec(), Vec::new(), moment());
    state
}

fn some() -> [Listener; 4] {
    [
        listener(8080, "0.0.0.0", "nginx", 30),
        listener(22, "0.0.0.0", "sshd", 10),
        listener(5432, "127.0.0.1", "postgres", 20),
        listener(6379, "127.0.0.1", "redis", 5),
    ]
}

fn ports(state: &State) -> Vec<u16> {
    state.rows.iter().map(|row| row.listener.port).collect()
}

fn press(state: &mut State, actions: &[Action]) -> Wish {
    let mut wish = Wish::Nothing;
    for action in actions {
        wish = state.act(*action, moment());
    }
    wish
}

fn type_in(state: &mut State, text: &str) {
    press(state, &[Action::Filter, Action::EraseAll]);
    for letter in text.chars() {
        press(state, &[Action::Letter(letter)]);
    }
    press(state, &[Action::Accept]);
}

#[test]
fn rows_are_sorted_by_each_column_and_both_ways() {
    let mut state = state(&some());
    assert_eq!(ports(&state), [22, 5432, 6379, 8080]);
    press(&mut state, &[Action::SortTurn]);
    assert_eq!(ports(&state), [8080, 6379, 5432, 22]);
    press(&mut state, &[Action::SortNext, Action::SortNext]);
    assert_eq!(
        state.sort,
        Sort {
            column: Column::Program,
            descending: false
        }
    );
    assert_eq!(ports(&state), [8080, 5432, 6379, 22]);
    press(&mut state, &[Action::SortNext]);
    assert_eq!(ports(&state), [6379, 22, 5432, 8080]);
    press(&mut state, &[Action::SortNext; 4]);
    assert_eq!(state.sort.column, Column::Port);
}

#[test]
fn the_selected_listener_stays_selected_while_others_come_and_go() {
    let mut state = state(&some());
    press(&mut state, &[Action::Move(2)]);
    assert_eq!(state.pointed_at().unwrap().listener.port, 6379);
    let mut more = some().to_vec();
    more.push(listener(80, "0.0.0.0", "caddy", 40));
    state.update(more, Vec::new(), moment());
    assert_eq!((state.selected, state.top), (3, 1));
    assert_eq!(state.pointed_at().unwrap().listener.port, 6379);
    state.update(Vec::new(), Vec::new(), moment());
    assert_eq!((state.selected, state.top), (0, 0));
    assert!(state.pointed_at().is_none());
}

#[test]
fn moving_stops_at_both_ends() {
    let mut state = state(&some());
    press(&mut state, &[Action::Move(-1)]);
    assert_eq!(state.selected, 0);
    press(&mut state, &[Action::Page(1)]);
    assert_eq!((state.selected, state.top), (2, 0));
    press(&mut state, &[Action::Last]);
    assert_eq!((state.selected, state.top), (3, 1));
    press(&mut state, &[Action::Page(1), Action::First]);
    assert_eq!((state.selected, state.top), (0, 0));
}

#[test]
fn a_filter_is_typed_taken_back_and_refused() {
    let mut state = state(&some());
    type_in(&mut state, "scope:loopback");
    assert_eq!(ports(&state), [5432, 6379]);
    assert_eq!((state.filter.as_str(), state.total), ("scope:loopback", 4));
    press(
        &mut state,
        &[Action::Filter, Action::Letter('x'), Action::Back],
    );
    assert_eq!(ports(&state), [5432, 6379]);
    type_in(&mut state, "nosuchkey:1");
    assert!(state.trouble.is_some() && state.draft.is_some());
    press(
        &mut state,
        &[Action::EraseAll, Action::Erase, Action::Accept],
    );
    assert_eq!((state.trouble.clone(), state.draft.clone()), (None, None));
    assert_eq!(ports(&state).len(), 4);
}

#[test]
fn what_changed_stands_out_and_fades() {
    let all = some();
    let mut state = state(&all[..3]);
    let now = moment();
    let changes = vec![
        change(ChangeKind::Opened, &all[3]),
        change(ChangeKind::Closed, &all[0]),
    ];
    state.update(all[1..].to_vec(), changes, now);
    let marks = |state: &State| -> Vec<(u16, Option<ChangeKind>)> {
        let rows = state.rows.iter();
        rows.map(|row| (row.listener.port, row.mark)).collect()
    };
    assert_eq!(
        marks(&state),
        [
            (22, None),
            (5432, None),
            (6379, Some(ChangeKind::Opened)),
            (8080, Some(ChangeKind::Closed))
        ]
    );
    assert_eq!(state.total, 3);
    assert!(!state.fade(now + Duration::from_secs(4)));
    assert!(state.fade(now + Duration::from_secs(5)));
    assert_eq!(marks(&state), [(22, None), (5432, None), (6379, None)]);
}

#[test]
fn what_comes_while_it_is_paused_is_shown_afterwards() {
    let all = some();
    let mut state = state(&all[..3]);
    press(&mut state, &[Action::Pause]);
    let then = moment();
    state.update(
        all.to_vec(),
        vec![change(ChangeKind::Opened, &all[3])],
        then,
    );
    assert_eq!(ports(&state).len(), 3);
    assert!(!state.fade(then + Duration::from_secs(60)));
    press(&mut state, &[Action::Pause]);
    assert_eq!(ports(&state).len(), 4);
    let marked = state.rows.iter().find(|row| row.mark.is_some()).unwrap();
    assert_eq!(marked.listener.port, 6379);
}

#[test]
fn panes_open_and_close() {
    let mut state = state(&some());
    let Wish::Detail(listener) = press(&mut state, &[Action::Detail]) else {
        panic!("no detail")
    };
    assert_eq!(listener.port, 22);
    let line = |at: usize| (format!("name {at}"), String::new());
    state.pane = Pane::Detail((0..5).map(line).collect(), 0);
    press(&mut state, &[Action::Move(9)]);
    assert!(matches!(state.pane, Pane::Detail(_, 2)));
    assert_eq!(press(&mut state, &[Action::Back]), Wish::Nothing);
    assert_eq!(state.pane, Pane::Table);
    press(&mut state, &[Action::Help]);
    assert_eq!(state.pane, Pane::Help);
    press(&mut state, &[Action::Help]);
    assert_eq!(state.pane, Pane::Table);
    assert_eq!(press(&mut state, &[Action::Quit]), Wish::Quit);
}
