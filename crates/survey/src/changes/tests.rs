//! What is told and what is not.

use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

use portolan_ports::Unit;
use proptest::prelude::*;

use super::*;

const PATIENCE: Duration = Duration::from_millis(250);

fn at(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(milliseconds)
}

fn owner(pid: u32, exe: &str) -> Owner {
    Owner {
        pid,
        program: exe.to_owned(),
        exe: Some(format!("/bin/{exe}")),
        ..Owner::default()
    }
}

fn listener(cookie: u64, address: [u8; 4], port: Port, pid: u32, exe: &str) -> Listener {
    Listener {
        uid: Some(0),
        inode: cookie,
        cookie: Some(cookie),
        owners: vec![owner(pid, exe)],
        ..Listener::new(Transport::Tcp, (address, port).into())
    }
}

const LOOPBACK: [u8; 4] = [127, 0, 0, 1];
const ANY: [u8; 4] = [0; 4];

fn opened(listener: Listener) -> Seen {
    Seen {
        opened: vec![listener],
        ..Seen::default()
    }
}

fn shut(listener: &Listener, when: u64) -> Seen {
    let closed = Closed {
        listener: listener.clone(),
        at: at(when),
        heard: true,
    };
    Seen {
        closed: vec![closed],
        ..Seen::default()
    }
}

fn renewed(before: &Listener, now: &Listener) -> Seen {
    let renewed = Renewed {
        before: before.clone(),
        now: now.clone(),
    };
    Seen {
        renewed: vec![renewed],
        ..Seen::default()
    }
}

fn kinds(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(|change| change.kind.as_str()).collect()
}

fn beginning(with: &[Listener]) -> Changes {
    Changes::new(with.iter(), PATIENCE)
}

#[test]
fn an_open_is_told_at_once_and_a_close_after_a_moment_with_its_own_time() {
    let mut changes = beginning(&[]);
    let one = listener(1, ANY, 80, 7, "nginx");
    let told = changes.tell(opened(one.clone()), at(1000));
    assert_eq!(
        (kinds(&told), told[0].at, &told[0].listener),
        (vec!["opened"], at(1000), &one)
    );
    assert_eq!(changes.tell(shut(&one, 1100), at(1100)), []);
    assert_eq!(changes.due(), Some(at(1350)));
    let told = changes.tell(Seen::default(), at(1350));
    assert_eq!((kinds(&told), told[0].at), (vec!["closed"], at(1100)));
    assert_eq!((changes.due(), changes.finish()), (None, vec![]));
}

#[test]
fn a_restart_is_no_change() {
    let one = listener(1, ANY, 80, 7, "nginx");
    let mut changes = beginning(std::slice::from_ref(&one));
    changes.tell(shut(&one, 1000), at(1000));
    let again = listener(2, ANY, 80, 8, "nginx");
    assert_eq!(changes.tell(opened(again), at(1200)), []);
    assert_eq!(changes.tell(Seen::default(), at(9000)), []);
}

#[test]
fn a_unit_whose_program_was_replaced_is_the_same() {
    let in_unit = |cookie, exe, unit: &str| {
        let mut listener = listener(cookie, ANY, 80, 7, exe);
        listener.owners[0].unit = Some(Unit(unit.to_owned()));
        listener
    };
    let mut changes = beginning(&[]);
    let old = in_unit(1, "app-1", "app.service");
    changes.tell(opened(old.clone()), at(0));
    changes.tell(shut(&old, 1000), at(1000));
    let new = in_unit(2, "app-2", "app.service");
    assert_eq!(changes.tell(opened(new.clone()), at(1100)), []);
    // A scope is a person's whole session.
    let mut changes = beginning(&[]);
    let old = in_unit(1, "app-1", "session-1.scope");
    changes.tell(opened(old.clone()), at(0));
    changes.tell(shut(&old, 1000), at(1000));
    let new = in_unit(2, "app-2", "session-1.scope");
    let told = changes.tell(opened(new), at(1100));
    assert_eq!(kinds(&told), ["closed", "opened"]);
}

#[test]
fn another_program_at_the_same_place_ends_the_one_before_first() {
    let one = listener(1, ANY, 80, 7, "nginx");
    let mut changes = beginning(std::slice::from_ref(&one));
    changes.tell(shut(&one, 1000), at(1000));
    let told = changes.tell(opened(listener(2, ANY, 80, 8, "caddy")), at(1100));
    assert_eq!(kinds(&told), ["closed", "opened"]);
    assert_eq!(told[0].listener, one);
}

#[test]
fn the_same_program_at_another_address_has_changed_its_scope() {
    let one = listener(1, LOOPBACK, 80, 7, "nginx");
    let mut changes = beginning(std::slice::from_ref(&one));
    changes.tell(shut(&one, 1000), at(1000));
    let told = changes.tell(opened(listener(2, ANY, 80, 8, "nginx")), at(1100));
    assert_eq!(kinds(&told), ["scope"]);
    assert_eq!(told[0].before.as_ref(), Some(&one));
    assert_eq!(changes.tell(Seen::default(), at(9000)), []);
}

#[test]
fn a_program_with_two_ends_finds_each_again() {
    let both = [
        listener(1, LOOPBACK, 80, 7, "nginx"),
        listener(2, ANY, 80, 7, "nginx"),
    ];
    let mut changes = beginning(&both);
    let mut seen = shut(&both[0], 1000);
    seen.closed.extend(shut(&both[1], 1000).closed);
    seen.opened = vec![
        listener(3, ANY, 80, 8, "nginx"),
        listener(4, LOOPBACK, 80, 8, "nginx"),
    ];
    assert_eq!(changes.tell(seen, at(1100)), []);
    assert_eq!(changes.finish(), []);
}

#[test]
fn a_group_is_one_listener_however_many_sockets_it_has() {
    let group = [
        listener(1, ANY, 80, 7, "nginx"),
        listener(2, ANY, 80, 8, "nginx"),
    ];
    let mut changes = beginning(&group);
    assert_eq!(changes.tell(shut(&group[0], 1000), at(2000)), []);
    let third = listener(3, ANY, 80, 9, "nginx");
    assert_eq!(changes.tell(opened(third.clone()), at(5000)), []);
    assert_eq!(changes.tell(shut(&group[1], 6000), at(7000)), []);
    let told = changes.tell(shut(&third, 8000), at(9000));
    assert_eq!(kinds(&told), ["closed"]);
}

#[test]
fn another_holder_is_told_and_another_pid_is_not() {
    let one = listener(1, ANY, 80, 7, "nginx");
    let mut changes = beginning(std::slice::from_ref(&one));
    let worker = listener(1, ANY, 80, 8, "nginx");
    assert_eq!(changes.tell(renewed(&one, &worker), at(1000)), []);
    let other = listener(1, ANY, 80, 9, "caddy");
    let told = changes.tell(renewed(&worker, &other), at(2000));
    assert_eq!(
        (kinds(&told), told[0].before.as_ref()),
        (vec!["owner"], Some(&worker))
    );
    let mut shared = other.clone();
    shared.owners.push(owner(10, "sh"));
    assert_eq!(
        kinds(&changes.tell(renewed(&other, &shared), at(3000))),
        ["owner"]
    );
}

#[test]
fn a_socket_under_way_keeps_its_last_holder() {
    let one = listener(1, ANY, 80, 7, "nginx");
    let nobody = Listener {
        owners: Vec::new(),
        ..one.clone()
    };
    let mut changes = beginning(std::slice::from_ref(&one));
    assert_eq!(changes.tell(renewed(&one, &nobody), at(1000)), []);
    let worker = listener(1, ANY, 80, 8, "nginx");
    assert_eq!(changes.tell(renewed(&nobody, &worker), at(2000)), []);
    assert_eq!(changes.tell(renewed(&worker, &nobody), at(3000)), []);
    let other = listener(1, ANY, 80, 9, "caddy");
    let told = changes.tell(renewed(&nobody, &other), at(4000));
    assert_eq!(
        (kinds(&told), told[0].before.as_ref()),
        (vec!["owner"], Some(&worker))
    );
}

/// Who is known to listen where, for someone who hears of the changes alone.
fn identity(listener: &Listener) -> (IpAddr, Port, String) {
    let program = listener.owners[0].program.clone();
    (listener.address, listener.port, program)
}

proptest! {
    /// Whatever happens, whoever was told of every change knows what is there.
    #[test]
    fn what_is_told_adds_up_to_what_is_there(
        steps in proptest::collection::vec((0u8..4, 0usize..8, 0u8..3, 0u8..2, 1u64..400), 0..60),
    ) {
        let mut there: Vec<Listener> = Vec::new();
        let mut changes = beginning(&there);
        let mut told = BTreeSet::new();
        let (mut now, mut cookie) = (1000, 0);
        let mut seen = Seen::default();
        let heed = |told: &mut BTreeSet<_>, all: Vec<Change>| {
            for change in all {
                match change.kind {
                    ChangeKind::Opened => assert!(told.insert(identity(&change.listener))),
                    ChangeKind::Closed => assert!(told.remove(&identity(&change.listener))),
                    ChangeKind::Owner | ChangeKind::Scope => {
                        assert!(told.remove(&identity(change.before.as_ref().unwrap())));
                        told.insert(identity(&change.listener));
                    }
                }
            }
        };
        for (step, which, address, program, pass) in steps {
            match step {
                0 | 1 => {
                    cookie += 1;
                    let address = [[127, 0, 0, 1], [0; 4], [10, 0, 0, 1]][usize::from(address)];
                    let program = ["nginx", "caddy"][usize::from(program)];
                    let new = listener(cookie, address, 80 + (which % 2) as u16, 7, program);
                    there.push(new.clone());
                    seen.opened.push(new);
                }
                2 if which < there.len() => {
                    let gone = there.swap_remove(which);
                    // What opens and closes between two looks is never seen.
                    let unseen = seen.opened.iter().position(|new| new.cookie == gone.cookie);
                    match unseen {
                        Some(at) => drop(seen.opened.swap_remove(at)),
                        None => seen.closed.extend(shut(&gone, now).closed),
                    }
                }
                _ => {
                    now += pass;
                    heed(&mut told, changes.tell(std::mem::take(&mut seen), at(now)));
                }
            }
        }
        heed(&mut told, changes.tell(seen, at(now)));
        heed(&mut told, changes.finish());
        let truth: BTreeSet<_> = there.iter().map(identity).collect();
        prop_assert_eq!(told, truth);
    }

    /// A close is never told twice nor before its time is up, unless another takes its place.
    #[test]
    fn a_close_waits_for_its_patience(age in 0u64..500) {
        let one = listener(1, ANY, 80, 7, "nginx");
        let mut changes = beginning(std::slice::from_ref(&one));
        changes.tell(shut(&one, 1000), at(1000));
        let told = changes.tell(Seen::default(), at(1000 + age));
        prop_assert_eq!(told.len(), usize::from(age >= 250));
        prop_assert_eq!(changes.finish().len(), usize::from(age < 250));
    }
}
