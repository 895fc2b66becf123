//! Two reviewers at the same moment, each a process of its own.

use std::collections::BTreeSet;
use std::path::Path;

use portolan_ports::site::{Record, Status};
use portolan_registry::PortRange;
use portolan_store::{About, Found, Store};

use crate::child::{Part, say, told};
use crate::sample::{Never, PATIENCE, becomes, entry, record, request, run, whole};

const ROUNDS: u16 = 1000;

#[test]
fn of_two_reviewers_at_the_same_moment_one_wins_and_the_other_is_told() {
    // Nothing here ends with power: memory does, and a thousand rounds take seconds.
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(open_requests(folder.path()));
    let mut reviewers = [
        Part::start("review", folder.path()),
        Part::start("review", folder.path()),
    ];
    let mut wins = [0, 0];
    for round in 1..=ROUNDS {
        // Both have read the record before either decides.
        for reviewer in &mut reviewers {
            reviewer.tell(&round.to_string());
        }
        for reviewer in &mut reviewers {
            assert_eq!(reviewer.says(), "read version 1");
        }
        for reviewer in &mut reviewers {
            reviewer.tell("go");
        }
        match reviewers
            .each_mut()
            .map(Part::says)
            .each_ref()
            .map(String::as_str)
        {
            ["won", "told that it is assigned in version 2"] => wins[0] += 1,
            ["told that it is assigned in version 2", "won"] => wins[1] += 1,
            other => panic!("round {round}: {other:?}"),
        }
    }
    reviewers.into_iter().for_each(Part::end);
    assert_eq!(wins[0] + wins[1], u32::from(ROUNDS));
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let verified = store.site().verify().await.unwrap();
        assert_eq!((verified.entries, verified.faults), (2000, vec![]));
        let records = store.site().records().await.unwrap();
        let won = |one: &Record| (one.status, one.version) == (Status::Assigned, 2);
        assert!(records.iter().all(won));
        store.close().await;
    });
}

async fn open_requests(folder: &Path) {
    let mut store = Store::open(folder, PATIENCE).await.unwrap();
    let abouts = vec![About::default(); usize::from(ROUNDS)];
    let mut decide = |place: usize, _: &Found| {
        let port = u16::try_from(place).unwrap() + 1;
        Ok::<_, Never>(becomes(vec![request(&format!("service-{port}"), port)]))
    };
    let taken = store
        .site()
        .steps(&entry("import", "ada"), &abouts, &mut decide)
        .await;
    assert_eq!(taken.unwrap().unwrap().len(), usize::from(ROUNDS));
    store.close().await;
}

/// A reviewer: reads a record, and then approves it, if it is still as it was.
pub(crate) fn part(folder: &Path) {
    run(async {
        let mut store = Store::open(folder, PATIENCE).await.unwrap();
        while let Some(id) = told() {
            let about = record(id.parse().unwrap());
            let read = store.site().find(&about).await.unwrap().remove(0).version;
            say(&format!("read version {read}"));
            assert_eq!(told().as_deref(), Some("go"));
            let mut decide = |found: &Found| {
                let mut record = found.subject.clone().unwrap();
                if record.version != read {
                    return Err(format!(
                        "{} in version {}",
                        record.status.as_str(),
                        record.version
                    ));
                }
                record.status = Status::Assigned;
                Ok(becomes(vec![record]))
            };
            let taken = store
                .site()
                .step(&about, &entry("approve", "bob"), &mut decide)
                .await
                .unwrap();
            match taken {
                Ok(_) => say("won"),
                Err(because) => say(&format!("told that it is {because}")),
            }
        }
        store.close().await;
    });
}

#[test]
fn no_number_is_given_twice_by_threads_of_one_process() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let ask = || run(ask_for_every_number(folder.path()));
    let given: usize = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        let given = asking.into_iter().map(|thread| thread.join().unwrap());
        given.sum()
    });
    assert_eq!(given, 50);
    let records = run(whole(folder.path()));
    let numbers: BTreeSet<_> = records.iter().map(Record::place).collect();
    assert_eq!((records.len(), numbers.len()), (50, 50));
}

/// Opens, or is the first to make, a store, and counts what is given.
async fn ask_for_every_number(folder: &Path) -> usize {
    let mut store = Store::open(folder, PATIENCE).await.unwrap();
    let mut given = 0;
    for port in 1..=50 {
        let about = About {
            ports: Some(PortRange::single(port)),
            ..About::default()
        };
        let mut decide = |found: &Found| match found.others.is_empty() {
            true => Ok(becomes(vec![request("", port)])),
            false => Err("taken"),
        };
        let taken = store
            .site()
            .step(&about, &entry("request", "ada"), &mut decide)
            .await;
        given += usize::from(taken.unwrap().is_ok());
    }
    store.close().await;
    given
}
