//! Many at once, as processes: two that ask for a number for each of thousands of names, and two
//! reviewers of one request.
//!
//! `PORTOLAN_RACE=full` runs the full size; CONTRIBUTING.md says how.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Output, Stdio};

use portolan_ports::site::{Procedure, Record, Status};
use portolan_survey::assign::Registrar;

use crate::command::{alone, finished, portolan};

/// How many names are given numbers, and how many requests are decided by two.
fn size() -> (usize, usize) {
    match std::env::var("PORTOLAN_RACE").as_deref() {
        Ok("full") => (10_000, 1_000),
        _ => (400, 40),
    }
}

fn names(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|n| format!("app-{n}")).collect()
}

/// A process that asks for a number for each name.
fn asks(state: &Path, names: &[String], more: &[&str]) -> Child {
    let file = tempfile::NamedTempFile::new_in(state.parent().unwrap()).unwrap();
    std::fs::write(file.path(), names.join("\n")).unwrap();
    let (_, list) = file.keep().unwrap();
    let mut command = portolan();
    command.arg("suggest").arg("--for-each").arg(list);
    command.arg("--state").arg(state).arg("--assign").args(more);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for both, each read while the other runs.
fn both(one: Child, other: Child) -> [Output; 2] {
    let other = std::thread::spawn(|| other.wait_with_output().unwrap());
    [one.wait_with_output().unwrap(), other.join().unwrap()]
}

/// Which number each name was told, in the order of the names.
fn told(output: Output, names: &[String]) -> BTreeMap<String, u16> {
    let run = finished(output);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let line = |line: &str| {
        let (name, port) = line.split_once(' ').unwrap();
        (name.to_owned(), port.parse().unwrap())
    };
    let told: Vec<(String, u16)> = run.out.lines().map(line).collect();
    let order: Vec<&String> = told.iter().map(|(name, _)| name).collect();
    assert_eq!(order, Vec::from_iter(names));
    told.into_iter().collect()
}

/// Every record, once the audit trail was found whole; it has so many entries.
fn kept(state: &Path, entries: usize) -> Vec<Record> {
    let mut registrar = Registrar::open(state, Procedure::default()).unwrap();
    let verified = registrar.verify().unwrap();
    assert_eq!(verified.faults, []);
    assert_eq!(verified.entries, u64::try_from(entries).unwrap());
    let records = registrar.records().unwrap();
    assert_eq!(registrar.close(), None);
    records
}

/// That the registry holds just what the processes said, each number once.
fn holds(records: &[Record], told: &BTreeMap<String, u16>) {
    let number = |record: &Record| {
        assert_eq!(record.status, Status::Requested);
        let port = record.fields.ports.unwrap().first();
        (record.fields.service_name.clone(), port)
    };
    let held: BTreeMap<String, u16> = records.iter().map(number).collect();
    assert_eq!(records.len(), held.len());
    assert_eq!(held, *told);
    let ports: BTreeSet<u16> = held.values().copied().collect();
    assert_eq!(ports.len(), held.len());
}

#[test]
fn two_processes_give_no_two_names_one_number() {
    let _alone = alone();
    let (count, _) = size();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let (mine, yours) = (names(0, count / 2), names(count / 2, count));
    let outputs = both(asks(&state, &mine, &[]), asks(&state, &yours, &[]));
    let [one, other] = outputs;
    let mut all = told(one, &mine);
    all.extend(told(other, &yours));
    assert_eq!(all.len(), count);
    holds(&kept(&state, count), &all);
}

#[test]
fn two_processes_that_ask_for_the_same_names_are_told_the_same_numbers() {
    let _alone = alone();
    let (count, _) = size();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let names = names(0, count);
    let [one, other] = both(asks(&state, &names, &[]), asks(&state, &names, &[]));
    let one = told(one, &names);
    assert_eq!(told(other, &names), one);
    assert_eq!(one.len(), count);
    holds(&kept(&state, count), &one);
}

/// A reviewer's process.
fn decides(state: &Path, record: u64, decision: &[&str]) -> Child {
    let mut command = portolan();
    command
        .arg("--state")
        .arg(state)
        .args(["registry", "review", &record.to_string()])
        .args(decision);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn of_two_reviewers_at_the_same_moment_one_decides_and_the_other_is_told() {
    let _alone = alone();
    let (_, rounds) = size();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let said = [
        "--assignee",
        "Payments",
        "--contact",
        "payments@example.com",
        "--description",
        "A service",
        "--reference",
        "https://example.com/protocol",
        "--why-not-dynamic",
        "Its clients are configured by hand",
    ];
    let names = names(0, rounds);
    let asked = finished(asks(&state, &names, &said).wait_with_output().unwrap());
    assert_eq!(asked.code, Some(0), "{}", asked.err);
    let mut decided = Vec::new();
    for record in 1..=u64::try_from(rounds).unwrap() {
        let approval = decides(&state, record, &["--approve"]);
        let refusal = decides(&state, record, &["--decline", "--because", "not now"]);
        let [approval, refusal] = both(approval, refusal).map(finished);
        let (status, told) = match (approval.code, refusal.code) {
            (Some(0), Some(1)) => (Status::Assigned, refusal),
            (Some(1), Some(0)) => (Status::Declined, approval),
            _ => panic!("record {record}: {approval:?} {refusal:?}"),
        };
        let sentence = told.err.lines().next().unwrap_or_default();
        assert!(
            sentence.starts_with("portolan: refused by ") && sentence.len() > 60,
            "record {record}: {told:?}"
        );
        decided.push((record, status));
        if rounds == 1_000 && record % 100 == 0 {
            let done = format!("{record} of {rounds} rounds");
            std::io::Write::write_all(&mut std::io::stderr(), format!("{done}\n").as_bytes())
                .unwrap();
        }
    }
    let records = kept(&state, 2 * rounds);
    let stands: Vec<(u64, Status)> = records.iter().map(|r| (r.id, r.status)).collect();
    assert_eq!(stands, decided);
    assert!(records.iter().all(|record| record.version == 2));
}
