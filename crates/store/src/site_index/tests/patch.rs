//! An index and its patch, beside a database that somebody may have put there.

use proptest::sample::Index as Place;

use super::*;
use crate::Change;

/// What steps change: each a list of records, by whose place they take, with what they become.
fn some_steps() -> impl Strategy<Value = Vec<Vec<(Place, Record)>>> {
    let one = some_records().prop_flat_map(|records| {
        let records = records.into_iter().take(6).map(Just).collect::<Vec<_>>();
        records
            .into_iter()
            .map(|record| (any::<Place>(), record))
            .collect::<Vec<_>>()
    });
    proptest::collection::vec(one, 1..6)
}

/// The records after a step, by number, and those that it changed.
fn step(records: &mut Vec<Record>, step: Vec<(Place, Record)>) -> Vec<Record> {
    let mut changed: Vec<Record> = Vec::new();
    for (place, mut record) in step {
        let place = place.index(records.len() + 1);
        record.id = place as u64 + 1;
        match records.get_mut(place) {
            Some(old) => *old = record.clone(),
            None => records.push(record.clone()),
        }
        changed.retain(|other| other.id != record.id);
        changed.push(record);
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn after_every_step_it_answers_as_the_records_do(
        mut records in some_records(),
        steps in some_steps(),
        ports in some_ports(),
        name in some_name(),
    ) {
        let base = Index::bytes(&records).expect("records");
        let mut index = Index::of(base.clone()).expect("an index");
        for changes in steps {
            let changed = step(&mut records, changes);
            let patch = index.patch(&changed).expect("a patch").expect("few");
            index = Index::of_patched(base.clone(), patch).expect("an index");
            agrees(&index, &records, ports, &name)?;
        }
    }

    /// The checksum is mended after each change, so that what lies behind it is read.
    #[test]
    fn a_damaged_patch_is_told_and_never_panics(
        records in some_records(),
        steps in some_steps(),
        changes in proptest::collection::vec((any::<Place>(), any::<u8>()), 1..20),
        cut in proptest::option::of(any::<Place>()),
    ) {
        let mut after = records.clone();
        let base = Index::bytes(&records).expect("records");
        let changed: Vec<Record> = steps.into_iter().flat_map(|one| step(&mut after, one)).collect();
        let index = Index::of(base.clone()).expect("an index");
        let mut patch = index.patch(&changed).expect("a patch").expect("few");
        for (place, byte) in changes {
            let place = place.index(patch.len());
            patch[place] ^= byte;
        }
        if let Some(cut) = cut {
            patch.truncate(cut.index(patch.len() + 1));
        }
        crate::site_index::patch::mend(&mut patch, &index.header);
        if let Ok(index) = Index::of_patched(base, patch) {
            ask(&index);
        }
    }
}

#[test]
fn among_thousands_of_hosts_those_that_changed_are_counted_once() {
    let place = Some(PortRange::single(9100));
    let host = |id: u64, name: &str, status| {
        record(id, "node-exporter", place, &format!("host:{name}"), status)
    };
    let mut records: Vec<Record> = (1..=3000)
        .map(|id| host(id, &format!("n{id}"), Status::Assigned))
        .collect();
    let base = Index::bytes(&records).expect("records");
    records[10] = host(11, "n11", Status::Withdrawn);
    records[11] = host(12, "web1", Status::Assigned);
    records[12].fields.ports = Some(PortRange::single(9101));
    records[13] = host(14, "elsewhere", Status::Assigned);
    records.push(host(3001, "web1", Status::Assigned));
    records.push(host(3002, "db1", Status::Assigned));
    let changed: Vec<Record> = (10..14)
        .chain(3000..3002)
        .map(|at| records[at].clone())
        .collect();
    let index = Index::of(base.clone()).expect("an index");
    let patch = index.patch(&changed).expect("a patch").expect("few");
    let index = Index::of_patched(base, patch).expect("an index");
    for port in [9100, 9101] {
        let ports = PortRange::single(port);
        let found = index.covering(ports, &here()).expect("an answer");
        assert_eq!(found, covering(&records, ports), "{port}");
    }
}

fn one(id: u64, name: &str) -> Record {
    let ports = PortRange::single(u16::try_from(id % 60_000).expect("a port"));
    record(id, name, Some(ports), "all", Status::Assigned)
}

fn seal(folder: &Path) -> Seal {
    Seal::read(folder)
        .expect("a file")
        .expect("a file")
        .expect("a database")
}

/// Takes the database to the next state, and says what changed.
fn next(folder: &Path, records: &[Record]) -> Change {
    let before = seal(folder);
    database(folder, before.generation + 1);
    Change::new(Some((before, seal(folder))), records.iter())
}

fn names(folder: &Path) -> Vec<String> {
    let index = Index::open(folder).expect("an index").expect("a database");
    let records = index.records().expect("an answer").into_iter();
    records.map(|record| record.fields.service_name).collect()
}

#[test]
fn a_patch_brings_an_index_from_one_state_to_another_and_to_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let patch = path.join(crate::site_index::patch::FILE);
    database(path, 7);
    let first = next(path, &[one(1, "a")]);
    assert!(
        !Index::follow(path, &first).expect("an answer"),
        "there is no index"
    );
    Index::write(path, &[one(1, "a"), one(2, "b")], 8).expect("an index");
    let base = fs::read(path.join(FILE)).expect("a file");

    // Two steps; each is known right after it, and the index lies as it did.
    let second = next(path, &[one(2, "c"), one(3, "d")]);
    assert!(is_stale(path), "killed after the commit");
    assert!(Index::follow(path, &second).expect("an answer"));
    assert_eq!(names(path), ["a", "c", "d"]);
    let old_patch = fs::read(&patch).expect("a file");
    let third = next(path, &[one(1, "e")]);
    assert!(is_stale(path));
    assert!(Index::follow(path, &third).expect("an answer"));
    assert_eq!(names(path), ["e", "c", "d"]);
    assert_eq!(fs::read(path.join(FILE)).expect("a file"), base);
    let new_patch = fs::read(&patch).expect("a file");

    // The same step again does not fit what is there.
    assert!(!Index::follow(path, &third).expect("an answer"));
    assert_eq!(names(path), ["e", "c", "d"]);
    // A writer that comes late takes the patch back, which is stale then; the next brings it forward.
    assert!(Index::follow(path, &second).expect("an answer"));
    assert!(is_stale(path));
    assert!(Index::follow(path, &third).expect("an answer"));
    assert_eq!(names(path), ["e", "c", "d"]);

    // Its writer was overtaken: an old patch in the place of the new one.
    fs::write(&patch, &old_patch).expect("a file");
    assert!(is_stale(path));
    let fourth = next(path, &[one(4, "f")]);
    assert!(!Index::follow(path, &fourth).expect("an answer"));
    assert!(is_stale(path));

    // Made anew: the patch goes, and one that comes back counts for nothing.
    let all = [one(1, "e"), one(2, "c"), one(3, "d"), one(4, "f")];
    let generation = u64::from(seal(path).generation);
    Index::write(path, &all, generation).expect("an index");
    assert!(!patch.exists());
    assert_eq!(names(path), ["e", "c", "d", "f"]);
    for old in [&old_patch, &new_patch] {
        fs::write(&patch, old).expect("a file");
        assert_eq!(names(path), ["e", "c", "d", "f"]);
    }
    let fifth = next(path, &[one(4, "g")]);
    assert!(is_stale(path), "a patch of another index");
    assert!(Index::follow(path, &fifth).expect("an answer"));
    assert_eq!(names(path), ["e", "c", "d", "g"]);

    // The index before in its place, or none; then the patch is of no index.
    let index = fs::read(path.join(FILE)).expect("a file");
    fs::write(path.join(FILE), &base).expect("a file");
    assert!(is_stale(path));
    fs::remove_file(path.join(FILE)).expect("removed");
    assert!(is_stale(path));
    fs::write(path.join(FILE), &index).expect("a file");
    assert_eq!(names(path), ["e", "c", "d", "g"]);
    fs::remove_file(&patch).expect("removed");
    assert!(is_stale(path), "the patch is lost");
}

#[test]
fn a_database_that_was_restored_is_never_taken_for_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    database(path, 1);
    Index::write(path, &[one(1, "a")], 1).expect("an index");
    let change = next(path, &[one(1, "b")]);
    assert!(Index::follow(path, &change).expect("an answer"));
    // Another file, with other content, in the states that index and patch are of.
    for generation in [1, 2] {
        let backup = path.join("backup");
        let mut bytes = fs::read(path.join(Store::FILE)).expect("a file");
        bytes[60..64].copy_from_slice(&u32::to_be_bytes(generation));
        fs::write(&backup, bytes).expect("a file");
        fs::rename(&backup, path.join(Store::FILE)).expect("renamed");
        assert!(is_stale(path), "{generation}");
        // A step on it finds no index of the state before.
        let change = next(path, &[one(2, "c")]);
        assert!(!Index::follow(path, &change).expect("an answer"));
        assert!(is_stale(path), "{generation}");
    }
}

#[test]
fn a_patch_that_is_torn_is_stale() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let patch = path.join(crate::site_index::patch::FILE);
    database(path, 1);
    Index::write(path, &[one(1, "a")], 1).expect("an index");
    let change = next(path, &[one(1, "b")]);
    assert!(Index::follow(path, &change).expect("an answer"));
    let whole = fs::read(&patch).expect("a file");
    for length in 0..whole.len() {
        fs::write(&patch, &whole[..length]).expect("a file");
        assert!(is_stale(path), "{length} of {}", whole.len());
    }
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&patch, &bytes).expect("a file");
        assert!(is_stale(path), "at {place}");
    }
    let mut zeros = whole.clone();
    zeros.fill(0);
    fs::write(&patch, zeros).expect("a file");
    assert!(is_stale(path));
    fs::write(&patch, whole).expect("a file");
    assert_eq!(names(path), ["b"]);
}

#[test]
fn what_is_too_much_for_a_patch_makes_the_index_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    database(path, 1);
    Index::write(path, &[], 1).expect("an index");
    let many: Vec<Record> = (1..=256).map(|id| one(id, &format!("n{id}"))).collect();
    let change = next(path, &many);
    assert!(Index::follow(path, &change).expect("an answer"));
    assert_eq!(names(path).len(), 256);
    // One of those again is no more of them; another is too much.
    let change = next(path, &[one(7, "again")]);
    assert!(Index::follow(path, &change).expect("an answer"));
    let change = next(path, &[one(257, "more")]);
    assert!(!Index::follow(path, &change).expect("an answer"));
    assert!(is_stale(path));
    Index::write(path, &[], u64::from(seal(path).generation)).expect("an index");
    let many: Vec<Record> = (1..=1000).map(|id| one(id, "")).collect();
    let change = next(path, &many);
    assert!(!Index::follow(path, &change).expect("an answer"));
    assert!(is_stale(path));
    // Few, but long.
    Index::write(path, &[], u64::from(seal(path).generation)).expect("an index");
    let mut long = one(1, "long");
    long.fields.notes = "x".repeat(1 << 18);
    let change = next(path, &[long]);
    assert!(!Index::follow(path, &change).expect("an answer"));
}
