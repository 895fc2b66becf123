//! The index after steps: it follows them, and whoever cannot have it follow makes it anew.

use std::path::Path;

use portolan_ports::site::{Fields, Here, Procedure, Record, Step};
use portolan_registry::{PortRange, Transport};
use portolan_store::{Index, IndexError};
use portolan_survey::Sources;
use portolan_survey::assign::{Outcome, Registrar, Signature};
use portolan_survey::site::SiteRegistry;

fn here() -> Here {
    Here {
        host: "web1".to_owned(),
        groups: Vec::new(),
    }
}

fn open(folder: &Path) -> Registrar {
    Registrar::open(folder, Procedure::default()).unwrap()
}

/// Files a request for a number.
fn request(registrar: &mut Registrar, number: u16) {
    let signature = Signature {
        at: "2026-03-04T05:06:07Z".to_owned(),
        by: "ada".to_owned(),
        why: "a test".to_owned(),
    };
    let step = Step::Request(Fields {
        service_name: format!("app-{number}"),
        ports: Some(PortRange::single(number)),
        transports: vec![Transport::Tcp],
        assignee: "Payments".to_owned(),
        contact: "payments@example.org".to_owned(),
        description: "Takes orders in".to_owned(),
        reference: "the wiki".to_owned(),
        why_not_dynamic: "others have to know it".to_owned(),
        ..Fields::default()
    });
    let sources = Sources::embedded();
    let taken = registrar.step(&sources, None, None, &step, &signature);
    assert!(matches!(taken, Ok(Outcome::Taken(_))), "{taken:?}");
}

fn is_stale(folder: &Path) -> bool {
    matches!(Index::open(folder), Err(IndexError::Stale))
}

/// What the database says, and what look-ups are told.
fn holds(folder: &Path) -> Vec<Record> {
    let mut registrar = Registrar::read(folder).unwrap().unwrap();
    let kept = registrar.records().unwrap();
    assert_eq!(registrar.close(), None);
    let site = SiteRegistry::open(folder, here).unwrap();
    assert_eq!(site.records(), kept);
    for record in &kept {
        let port = record.fields.ports.unwrap().first();
        assert_eq!(site.covering(port), std::slice::from_ref(record));
        let named = site.named(&record.fields.service_name);
        assert_eq!(named, std::slice::from_ref(record));
    }
    kept
}

#[test]
fn a_step_leaves_the_index_as_it_lies_and_the_next_answer_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (index, patch) = (path.join("site.index"), path.join("site.index.patch"));
    let mut registrar = open(path);
    request(&mut registrar, 29_200);
    assert_eq!(registrar.close(), None);
    let base = std::fs::read(&index).unwrap();
    assert!(!patch.exists());
    for number in 29_201..29_204 {
        let mut registrar = open(path);
        request(&mut registrar, number);
        assert_eq!(registrar.close(), None);
        assert!(!is_stale(path), "{number}");
        assert_eq!(holds(path).len(), usize::from(number) - 29_199);
    }
    assert_eq!(std::fs::read(&index).unwrap(), base);
    // After hundreds it is made anew, whoever took them.
    let mut registrar = open(path);
    for number in 29_204..29_500 {
        request(&mut registrar, number);
    }
    assert_eq!(registrar.close(), None);
    assert!(!is_stale(path) && !patch.exists());
    assert_eq!(holds(path).len(), 300);
}

#[test]
fn two_who_step_in_turns_leave_an_index_that_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut first = open(path);
    request(&mut first, 29_200);
    assert_eq!(first.close(), None);
    let (mut one, mut other) = (open(path), open(path));
    for number in 0..5 {
        request(&mut one, 29_201 + 2 * number);
        request(&mut other, 29_202 + 2 * number);
    }
    assert_eq!(one.close(), None);
    assert_eq!(other.close(), None);
    assert!(!is_stale(path));
    assert!(path.join("site.index.patch").exists());
    assert_eq!(holds(path).len(), 11);
}

#[test]
fn a_patch_that_is_lost_costs_time_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for number in 29_200..29_203 {
        let mut registrar = open(path);
        request(&mut registrar, number);
        assert_eq!(registrar.close(), None);
    }
    std::fs::remove_file(path.join("site.index.patch")).unwrap();
    assert!(is_stale(path));
    let mut registrar = open(path);
    request(&mut registrar, 29_203);
    assert_eq!(registrar.close(), None);
    assert!(!is_stale(path));
    assert_eq!(holds(path).len(), 4);
}
