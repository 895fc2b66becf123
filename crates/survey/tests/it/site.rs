//! The site registry as look-ups read it: the same answers from the database, its index and memory,
//! whatever became of any of them.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use jiff::civil::date;
use portolan_ports::Unseen;
use portolan_ports::site::{Decision, Fields, Here, Record, Scope, Status};
use portolan_registry::{PortRange, Transport};
use portolan_store::{About, Entry, Found, Index, IndexError, Store};
use portolan_survey::site::SiteRegistry;
use proptest::prelude::*;

fn record(name: &str, port: u16, scope: &str) -> Record {
    let day = date(2026, 3, 4);
    Record {
        id: 0,
        file: None,
        version: 0,
        status: Status::Assigned,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            scope: scope.parse().unwrap(),
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
        host: "web1".to_owned(),
        groups: vec!["web".to_owned()],
    }
}

/// Keeps these records in one step and leaves the index as it is, as a program does that is killed
/// after the commit.
fn keep(folder: &Path, records: &[Record]) {
    let entry = Entry {
        at: "2026-03-04T05:06:07Z".to_owned(),
        by: "ada".to_owned(),
        step: "import".to_owned(),
        why: String::new(),
    };
    let abouts = vec![About::default(); records.len()];
    let mut decide = |place: usize, _: &Found| {
        Ok::<_, String>(Decision {
            records: vec![records[place].clone()],
            remarks: Vec::new(),
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut store = Store::open(folder, Duration::from_secs(60)).await.unwrap();
        let mut site = store.site();
        let taken = site.steps(&entry, &abouts, &mut decide).await.unwrap();
        taken.unwrap();
        store.close().await;
    });
}

fn is_stale(folder: &Path) -> bool {
    matches!(Index::open(folder), Err(IndexError::Stale))
}

fn names(folder: &Path) -> Vec<String> {
    let site = SiteRegistry::open(folder, here).unwrap();
    assert_eq!(site.gaps(), []);
    let records = site.records().iter();
    records.map(|r| r.fields.service_name.clone()).collect()
}

#[test]
fn a_folder_without_a_database_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let here = || panic!("nobody needs it");
    assert!(SiteRegistry::open(folder.path(), here).is_none());
    assert!(SiteRegistry::open(&folder.path().join("none"), here).is_none());
    assert!(!SiteRegistry::lies_in(folder.path()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn after_every_step_the_next_answer_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut known: Vec<String> = Vec::new();
    for name in ["a", "b", "c", "d"] {
        keep(path, &[record(name, 4000, "all")]);
        known.push(name.to_owned());
        assert!(SiteRegistry::lies_in(path));
        assert!(is_stale(path), "{name}");
        // From the database, which writes the index; then from that.
        assert_eq!(names(path), known);
        assert!(!is_stale(path), "{name}");
        assert_eq!(names(path), known);
    }
}

#[test]
fn a_backup_in_its_place_is_read_whatever_the_index_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let database = path.join(Store::FILE);
    keep(path, &[record("a", 4000, "all")]);
    let backup = path.join("backup");
    fs::copy(&database, &backup).unwrap();
    keep(path, &[record("b", 4001, "all")]);
    assert_eq!(names(path), ["a", "b"]);
    // Into the same file: the same device and inode.
    fs::copy(&backup, &database).unwrap();
    assert!(is_stale(path));
    assert_eq!(names(path), ["a"]);
    // Another step brings it to the state that the index before was of.
    keep(path, &[record("c", 4002, "all")]);
    assert_eq!(names(path), ["a", "c"]);
    fs::rename(&backup, &database).unwrap();
    assert_eq!(names(path), ["a"]);
}

#[test]
fn where_no_index_can_be_written_the_database_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    keep(
        path,
        &[record("a", 4000, "all"), record("b", 4001, "host:db1")],
    );
    // A folder in its place is in the way of everybody, of root too.
    fs::create_dir(path.join("site.index")).unwrap();
    for _ in 0..2 {
        let site = SiteRegistry::open(path, here).unwrap();
        assert_eq!(site.covering(4000).len(), 1);
        assert_eq!(site.covering(4001).len(), 0);
        assert_eq!(site.elsewhere(PortRange::single(4001)), 1);
        assert_eq!(site.gaps(), []);
    }
    let left = fs::read_dir(path).unwrap().flatten();
    let left: Vec<_> = left
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(".site"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_damaged_index_makes_way_for_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    keep(path, &[record("a", 4000, "all"), record("b", 4001, "all")]);
    assert_eq!(names(path), ["a", "b"]);
    // The last record's last byte, where no checksum reaches.
    let index = path.join("site.index");
    let file = File::options().write(true).open(&index).unwrap();
    let end = file.metadata().unwrap().len();
    file.write_all_at(b"x", end - 2).unwrap();
    assert!(!is_stale(path));
    let site = SiteRegistry::open(path, here).unwrap();
    assert_eq!(site.covering(4000).len(), 1);
    assert_eq!(site.covering(4001)[0].fields.service_name, "b");
    assert_eq!(site.named("b").len(), 1);
    assert_eq!(site.gaps(), []);
    // It was written anew on the way.
    assert_eq!(names(path), ["a", "b"]);
}

#[test]
fn what_cannot_be_read_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(
        path.join(Store::FILE),
        "no database, whoever may have written it",
    )
    .unwrap();
    let site = SiteRegistry::open(path, here).unwrap();
    assert_eq!(site.records(), []);
    let gaps = site.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].what, Unseen::SiteRegistry);
    let detail = &gaps[0].detail;
    assert!(detail.contains("portolan.db"), "{detail}");
    assert_eq!(detail.lines().count(), 1, "{detail}");
}

fn some_records() -> impl Strategy<Value = Vec<Record>> {
    let scopes = ["all", "host:WEB1", "host:db1", "group:web", "group:db"];
    let name = proptest::sample::select(vec!["", "a", "A-b", "ab", "b_", "long-name-of-sixteen"]);
    let ports = (0..6u16, prop_oneof![9 => 0..3u16, 1 => 60..70u16]);
    let status = proptest::sample::select(Status::ALL.to_vec());
    let scope = proptest::sample::select(scopes.to_vec());
    let one = (name, proptest::option::of(ports), status, scope).prop_map(
        |(name, ports, status, scope)| {
            let mut one = record(name, 0, scope);
            one.status = status;
            one.fields.ports = ports.and_then(|(first, more)| PortRange::new(first, first + more));
            one
        },
    );
    proptest::collection::vec(one, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_question_is_answered_alike(records in some_records(), beside in "[a-c]{0,2}") {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), &records);
        let database = SiteRegistry::open(folder.path(), here).unwrap();
        prop_assert!(!is_stale(folder.path()));
        let index = SiteRegistry::open(folder.path(), here).unwrap();
        let memory = SiteRegistry::of(database.records().to_vec(), here());
        prop_assert_eq!(memory.records().len(), records.len());
        for other in [&database, &memory] {
            for port in (0..10).chain([66, 75, u16::MAX]) {
                prop_assert_eq!(index.covering(port), other.covering(port));
                let few = PortRange::new(port, port.saturating_add(3)).unwrap();
                for ports in [PortRange::single(port), few, PortRange::ALL] {
                    prop_assert_eq!(index.elsewhere(ports), other.elsewhere(ports));
                }
            }
            for name in ["", "a", "ab", "AB", "b", "longnameofsixteen", "none"] {
                prop_assert_eq!(index.named(name), other.named(name));
                prop_assert_eq!(index.beside(name), other.beside(name));
            }
            prop_assert_eq!(index.beside(&beside), other.beside(&beside));
            prop_assert_eq!(index.records(), other.records());
        }
        let scopes = index.covering(0).iter().map(|record| &record.fields.scope);
        prop_assert!(scopes.into_iter().all(|scope| here().is_in(scope) && *scope != Scope::Host("db1".into())));
    }
}
