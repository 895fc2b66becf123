//! Records, entries and places to keep them in.

use std::path::Path;
use std::time::Duration;

use jiff::civil::{Date, date};
use portolan_ports::site::{Decision, Fields, Record, Scope, Status};
use portolan_registry::{PortRange, Transport};
use portolan_store::{About, Entry, Error, Found, Store};

pub(crate) const DAY: Date = date(2026, 3, 14);

/// Longer than any test has to wait for a lock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a future as the binary does: on one thread.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// A request that nobody has kept yet.
pub(crate) fn request(name: &str, port: u16) -> Record {
    Record {
        id: 0,
        file: None,
        version: 0,
        status: Status::Requested,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            assignee: "Payments".to_owned(),
            contact: "payments@example.org".to_owned(),
            description: "Takes orders in".to_owned(),
            scope: Scope::All,
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: DAY,
        assigned: None,
        modified: DAY,
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

pub(crate) fn entry(step: &str, by: &str) -> Entry {
    Entry {
        at: "2026-03-14T09:26:53Z".to_owned(),
        by: by.to_owned(),
        step: step.to_owned(),
        why: format!("{by} wants it so"),
    }
}

/// What names the record with this number.
pub(crate) fn record(id: u64) -> About {
    About {
        record: Some(id),
        ..About::default()
    }
}

pub(crate) fn becomes(records: Vec<Record>) -> Decision {
    Decision {
        records,
        remarks: Vec::new(),
    }
}

/// Nobody refuses here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Never {}

/// Keeps new records, a step each.
pub(crate) async fn file(store: &mut Store, records: &[Record]) {
    for record in records {
        let kept = keep(store, record.clone()).await.unwrap();
        assert_eq!(kept.version, 1);
    }
}

/// Keeps one new record.
pub(crate) async fn keep(store: &mut Store, record: Record) -> Result<Record, Error> {
    let mut decide = |_: &Found| Ok::<_, Never>(becomes(vec![record.clone()]));
    let taken = store
        .site()
        .step(&About::default(), &entry("request", "ada"), &mut decide)
        .await?;
    let mut decision = taken.unwrap();
    assert_eq!(decision.records.len(), 1);
    Ok(decision.records.swap_remove(0))
}

/// Takes a step on a record that makes it another status.
pub(crate) async fn settle(store: &mut Store, id: u64, status: Status) -> Result<Record, Error> {
    let mut decide = |found: &Found| {
        let mut record = found.subject.clone().unwrap();
        record.status = status;
        Ok::<_, Never>(becomes(vec![record]))
    };
    let taken = store
        .site()
        .step(&record(id), &entry("approve", "bob"), &mut decide)
        .await?;
    Ok(taken.unwrap().records.swap_remove(0))
}

/// The store of a folder, which has to be whole; closed again.
pub(crate) async fn whole(folder: &Path) -> Vec<Record> {
    let mut store = Store::open(folder, PATIENCE).await.unwrap();
    let verified = store.site().verify().await.unwrap();
    assert_eq!(verified.faults, []);
    assert_eq!(verified.entries, store.site().generation().await.unwrap());
    let records = store.site().records().await.unwrap();
    store.close().await;
    records
}
