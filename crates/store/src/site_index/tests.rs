use std::collections::BTreeMap;
use std::fs::{self, File};

use jiff::civil::date;
use portolan_ports::site::{Fields, Here, Record, Status};
use portolan_registry::{PortRange, Transport};
use proptest::prelude::*;
use zerocopy::FromBytes;

use super::*;
use crate::Store;

mod patch;

fn record(id: u64, name: &str, ports: Option<PortRange>, scope: &str, status: Status) -> Record {
    let day = date(2026, 3, 4);
    Record {
        id,
        file: None,
        version: 1,
        status,
        fields: Fields {
            service_name: name.to_owned(),
            ports,
            transports: vec![Transport::Tcp],
            scope: scope.parse().expect("a scope"),
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: day,
        assigned: Some(day),
        modified: day,
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn here() -> Here {
    Here {
        host: "web1.example".to_owned(),
        groups: vec!["web".to_owned(), "EU".to_owned()],
    }
}

fn index(records: &[Record]) -> Index {
    Index::of(Index::bytes(records).expect("records")).expect("an index")
}

/// What an index should answer, found by looking at every record.
fn covering(records: &[Record], ports: PortRange) -> (Vec<Record>, u64) {
    let meets = |record: &&Record| {
        let own = record.fields.ports;
        own.is_some_and(|own| own.first() <= ports.last() && ports.first() <= own.last())
    };
    let (found, others): (Vec<&Record>, Vec<&Record>) = records
        .iter()
        .filter(meets)
        .partition(|record| here().is_in(&record.fields.scope));
    let elsewhere = others.iter().filter(|record| record.status.holds()).count();
    (found.into_iter().cloned().collect(), elsewhere as u64)
}

fn beside(records: &[Record], name: &str) -> Vec<String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for record in records {
        let written = &record.fields.service_name;
        names
            .entry(fold(written))
            .or_insert_with(|| written.clone());
    }
    names.remove("");
    let (below, above): (Vec<_>, Vec<_>) = names
        .into_iter()
        .partition(|(folded, _)| *folded < fold(name));
    let near = below.into_iter().rev().take(16);
    near.chain(above.into_iter().take(16))
        .map(|(_, written)| written)
        .collect()
}

fn some_name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-cA-C-]{0,3}", "a{14}[ab-]{1,8}", "[a-z\u{0}äß_]{1,20}"]
}

fn some_ports() -> impl Strategy<Value = Option<PortRange>> {
    let run = |first: u16, more: u16| PortRange::new(first, first.saturating_add(more));
    prop_oneof![
        3 => (0..8u16, 0..3u16).prop_map(move |(first, more)| run(first, more)),
        1 => (any::<u16>(), 0..200u16).prop_map(move |(first, more)| run(first, more)),
        1 => (65_500..=u16::MAX, any::<u16>()).prop_map(move |(first, more)| run(first, more)),
        1 => Just(None),
    ]
}

fn some_scope() -> impl Strategy<Value = String> {
    let scopes = [
        "all",
        "host:web1",
        "host:WEB1.example",
        "host:web1.other",
        "host:db1",
        "group:web",
        "group:eu",
        "group:db",
    ];
    proptest::sample::select(scopes.map(str::to_owned).to_vec())
}

fn some_records() -> impl Strategy<Value = Vec<Record>> {
    let status = proptest::sample::select(Status::ALL.to_vec());
    let one = (some_name(), some_ports(), some_scope(), status);
    proptest::collection::vec(one, 0..40).prop_map(|all| {
        let numbered = all.into_iter().zip(1..);
        numbered
            .map(|((name, ports, scope, status), id)| record(id, &name, ports, &scope, status))
            .collect()
    })
}

/// Whether an index says of everything what these records do.
fn agrees(
    index: &Index,
    records: &[Record],
    ports: Option<PortRange>,
    name: &str,
) -> Result<(), TestCaseError> {
    for ports in (0..10)
        .map(PortRange::single)
        .chain(ports)
        .chain([PortRange::ALL])
    {
        let found = index.covering(ports, &here()).expect("an answer");
        prop_assert_eq!(found, covering(records, ports), "{}", ports);
    }
    for name in records
        .iter()
        .map(|r| r.fields.service_name.as_str())
        .chain([name])
    {
        let named: Vec<Record> = records
            .iter()
            .filter(|r| !fold(name).is_empty() && fold(&r.fields.service_name) == fold(name))
            .cloned()
            .collect();
        prop_assert_eq!(index.named(name).expect("an answer"), named, "{:?}", name);
        prop_assert_eq!(
            index.beside(name).expect("an answer"),
            beside(records, name)
        );
    }
    prop_assert_eq!(index.records().expect("an answer"), records);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_answers_as_the_records_do(
        records in some_records(),
        ports in some_ports(),
        name in some_name(),
    ) {
        agrees(&index(&records), &records, ports, &name)?;
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Index::of(bytes).is_err());
    }

    /// The header is mended after each change, so that what lies behind it is read.
    #[test]
    fn damage_is_told_and_never_panics(
        records in some_records(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..30),
        header in proptest::collection::vec((8..120usize, any::<u8>()), 0..2),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut bytes = Index::bytes(&records).expect("records");
        let behind = size_of::<Header>() + 65_537 * 8;
        for (place, byte) in changes {
            // Half of them behind the rows of ports, which are most of a small index.
            let place = match byte % 2 {
                0 => place.index(bytes.len()),
                _ => bytes.len() - 1 - place.index(bytes.len() - behind + 1).min(bytes.len() - 1),
            };
            bytes[place] ^= byte;
        }
        for (place, byte) in header {
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        mend(&mut bytes);
        ask_everything(bytes);
    }
}

/// Gives bytes a header that fits them, as far as it can.
fn mend(bytes: &mut [u8]) {
    let length = bytes.len() as u64;
    if let Ok((header, _)) = Header::mut_from_prefix(bytes) {
        header.magic = form::MAGIC;
        header.form = form::FORM.into();
        header.length = length.into();
        header.checksum = header.sum().into();
    }
}

fn ask_everything(bytes: Vec<u8>) {
    if let Ok(index) = Index::of(bytes) {
        ask(&index);
    }
}

fn ask(index: &Index) {
    let told = |error: IndexError| assert_eq!(error.to_string().lines().count(), 1, "{error}");
    for ports in (0..10).map(PortRange::single).chain([PortRange::ALL]) {
        index
            .covering(ports, &here())
            .map(drop)
            .unwrap_or_else(told);
    }
    for name in ["", "a", "ab", "aaaaaaaaaaaaaaaaab", "zz"] {
        index.named(name).map(drop).unwrap_or_else(told);
        index.beside(name).map(drop).unwrap_or_else(told);
    }
    index.records().map(drop).unwrap_or_else(told);
}

#[test]
fn thousands_of_hosts_on_one_port_are_searched() {
    let place = Some(PortRange::single(9100));
    let mut records: Vec<Record> = (1..=5000)
        .map(|id| {
            let status = if id % 5 == 0 {
                Status::Withdrawn
            } else {
                Status::Assigned
            };
            record(
                id,
                "node-exporter",
                place,
                &format!("host:n{id}.example"),
                status,
            )
        })
        .collect();
    for (id, scope, status) in [
        (6001, "all", Status::Declined),
        (6002, "host:web1", Status::Assigned),
        (6003, "group:web", Status::Requested),
        (6004, "host:web1.other", Status::Assigned),
        (6005, "group:db", Status::Assigned),
        (6006, "host:WEB1.example", Status::Withdrawn),
    ] {
        records.push(record(id, "node_exporter", place, scope, status));
    }
    let index = index(&records);
    let port = PortRange::single(9100);
    let (found, elsewhere) = index.covering(port, &here()).expect("an answer");
    let ids: Vec<u64> = found.iter().map(|record| record.id).collect();
    assert_eq!((ids, elsewhere), (vec![6001, 6002, 6003, 6006], 4002));
    assert_eq!((found, elsewhere), covering(&records, port));
    assert_eq!(index.named("NodeExporter").expect("an answer").len(), 5006);
}

/// Bytes that changed on the disk are no other record.
#[test]
fn a_record_that_changed_is_damage() {
    let place = Some(PortRange::single(9));
    let records = [
        record(1, "one", place, "all", Status::Assigned),
        record(2, "two", place, "host:db1", Status::Assigned),
    ];
    let whole = Index::bytes(&records).expect("an index");
    let header: Header = index(&records).header;
    let heap = whole.len() - usize::try_from(header.heap.get()).expect("a length");
    for at in heap..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let index = Index::of(bytes).expect("an index");
        assert!(index.records().is_err(), "at {at}");
        let place = PortRange::single(9);
        if let Ok(found) = index.covering(place, &here()) {
            assert_eq!(found, covering(&records, place), "at {at}");
        }
    }
}

/// A row that stands for another record of the same index.
#[test]
fn a_port_does_not_stand_for_another_ports_record() {
    let records = [
        record(
            1,
            "one",
            Some(PortRange::single(8)),
            "all",
            Status::Assigned,
        ),
        record(
            2,
            "two",
            Some(PortRange::single(9)),
            "all",
            Status::Assigned,
        ),
    ];
    let mut bytes = Index::bytes(&records).expect("an index");
    let at = usize::try_from(index(&records).sections.entries).expect("a place");
    let row = size_of::<form::Entry>();
    let (one, two) = bytes[at..at + 2 * row].split_at_mut(row);
    one.swap_with_slice(two);
    let index = Index::of(bytes).expect("an index");
    let error = index.covering(PortRange::single(9), &here());
    let error = error.expect_err("another record").to_string();
    assert!(
        error.contains("a port stands for a record of others"),
        "{error}"
    );
}

/// A sparse file can have any length: what it says of itself is not believed beyond a bound.
#[test]
fn a_forged_header_takes_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    database(path, 1);
    Index::write(path, &[], 1).expect("an index");
    let whole = fs::read(path.join(FILE)).expect("a file");
    let forge: [fn(&mut Header); 3] = [
        |header| header.wide = (1 << 31).into(),
        |header| header.heap = (1 << 34).into(),
        |header| header.wide = (form::MOST_WIDE + 1).into(),
    ];
    for forge in forge {
        let mut bytes = whole.clone();
        let (header, _) = Header::mut_from_prefix(&mut bytes).expect("a header");
        forge(header);
        let length = header.sections().expect("a length").end;
        header.length = length.into();
        header.checksum = header.sum().into();
        fs::write(path.join(FILE), &bytes).expect("a file");
        let file = File::options().write(true).open(path.join(FILE));
        file.and_then(|file| file.set_len(length))
            .expect("a length");
        assert!(is_stale(path));
    }
}

#[test]
fn what_was_written_meanwhile_gets_no_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    database(path, 1);
    let before = Index::state(path).expect("a state");
    assert!(Index::write_of(path, &before, &[], 1).expect("an index"));
    assert!(!is_stale(path));
    let file = File::options().write(true).open(path.join(Store::FILE));
    file.and_then(|file| file.set_len(200)).expect("a length");
    assert!(!Index::write_of(path, &before, &[], 1).expect("another state"));
    assert!(is_stale(path));
}

/// A database's header with this generation; what else a database has, an index does not read.
fn database(folder: &Path, generation: u32) {
    let mut header = [0; 100];
    header[60..64].copy_from_slice(&generation.to_be_bytes());
    fs::write(folder.join(Store::FILE), header).expect("a file");
}

fn is_stale(folder: &Path) -> bool {
    match Index::open(folder) {
        Ok(found) => {
            found.expect("a database");
            false
        }
        Err(IndexError::Stale) => true,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_index_is_of_one_state_of_one_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let records = [record(
        1,
        "a",
        Some(PortRange::single(1)),
        "all",
        Status::Assigned,
    )];
    assert!(Index::open(path).expect("an answer").is_none());
    database(path, 7);
    assert!(is_stale(path));
    Index::write(path, &records, 7).expect("an index");
    assert!(!is_stale(path));
    let index = Index::open(path).expect("an answer").expect("a database");
    assert_eq!(index.records().expect("an answer"), records);

    // After the next step, and before the index is written anew.
    database(path, 8);
    assert!(is_stale(path));
    Index::write(path, &records, 8 + (1 << 31)).expect("an index");
    assert!(!is_stale(path));

    // Another database in its place, in the same state: a backup.
    let backup = path.join("backup");
    fs::copy(path.join(Store::FILE), &backup).expect("a copy");
    fs::rename(&backup, path.join(Store::FILE)).expect("a rename");
    assert!(is_stale(path));
    Index::write(path, &records, 8).expect("an index");
    assert!(!is_stale(path));

    // The same file, but written since.
    let file = File::options()
        .write(true)
        .open(path.join(Store::FILE))
        .expect("a file");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    file.set_modified(long_ago).expect("a time");
    drop(file);
    assert!(is_stale(path));
    Index::write(path, &records, 8).expect("an index");

    // Somebody is taking a step, or died over it: nothing of it is in the database yet.
    fs::write(path.join("portolan.db-journal"), "x").expect("a file");
    assert!(!is_stale(path));

    // A database that is being made.
    fs::write(path.join(Store::FILE), "").expect("a file");
    assert!(is_stale(path));
}

#[test]
fn an_index_that_is_torn_is_stale() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let records = [record(
        1,
        "a",
        Some(PortRange::single(1)),
        "all",
        Status::Assigned,
    )];
    database(path, 1);
    Index::write(path, &records, 1).expect("an index");
    let whole = fs::read(path.join(FILE)).expect("a file");
    let all = whole.len();
    for length in [0, 1, 7, 8, 60, 127, 128, 500_000, all - 1] {
        fs::write(path.join(FILE), &whole[..length]).expect("a file");
        assert!(is_stale(path), "{length} of {all}");
    }
    for place in [0, 8, 16, 24, 32, 40, 48, 56, 64, 120] {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(path.join(FILE), &bytes).expect("a file");
        assert!(is_stale(path), "at {place}");
    }
    fs::remove_file(path.join(FILE)).expect("removed");
    fs::create_dir(path.join(FILE)).expect("a folder");
    assert!(is_stale(path));
    fs::remove_dir(path.join(FILE)).expect("removed");
    fs::write(path.join(FILE), &whole).expect("a file");
    assert!(!is_stale(path));
}

#[test]
fn a_writer_that_was_killed_leaves_nothing_for_long() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    database(path, 1);
    let left = path.join(".site.index.left");
    let held = path.join(".site.index.held");
    let other = path.join("site.index.mine");
    for file in [&left, &held, &other] {
        fs::write(file, "half").expect("a file");
    }
    let writer = File::open(&held).expect("a file");
    writer.lock().expect("a lock");
    Index::write(path, &[], 1).expect("an index");
    assert!(!left.exists() && held.exists() && other.exists());
    assert!(!is_stale(path));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path.join(FILE)).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o644);
        fs::set_permissions(path, fs::Permissions::from_mode(0o2775)).expect("permissions");
        Index::write(path, &[], 1).expect("an index");
        let mode = fs::metadata(path.join(FILE)).expect("a file").permissions();
        assert_eq!(mode.mode() & 0o777, 0o664);
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(Store::FILE)).expect("a folder");
    let error = Index::open(folder.path()).expect_err("no database");
    let IndexError::Unreadable { path, denied, .. } = &error else {
        panic!("{error}");
    };
    assert!(path.ends_with("portolan.db") && !denied, "{error}");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    // Below what is no folder there is nothing.
    assert!(Index::open(&file).expect("an answer").is_none());
}
