//! The life of some records, on whichever database: the story knows none.

use jiff::civil::date;
use portolan_ports::site::{
    Communication, Decision, Fields, Record, Revocation, Scope, Serves, Status,
};
use portolan_registry::{PortRange, Transport};
use portolan_store::{About, Entry, Error, Found, Store, audit::Verified};

use crate::sample::{DAY, Never, PATIENCE, becomes, entry, keep, record, request, run, settle};

#[test]
fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        assert_eq!(store.backup(), None);
        let told = live(&mut store).await;
        store.close().await;
        let mut again = Store::read(folder.path(), PATIENCE).await.unwrap().unwrap();
        assert_eq!(everything(&mut again).await, told);
        again.close().await;
    });
}

type Everything = (Vec<Record>, Verified, u64);

async fn everything(store: &mut Store) -> Everything {
    let mut site = store.site();
    (
        site.records().await.unwrap(),
        site.verify().await.unwrap(),
        site.generation().await.unwrap(),
    )
}

/// Lives through it on an empty store, and tells everything that is there at the end.
async fn live(store: &mut Store) -> Everything {
    nothing(store).await;
    let billing = first(store).await;
    let everything_said = all_fields(store).await;
    found(store, &billing, &everything_said).await;
    refused(store).await;
    reviewed(store, billing).await;
    two_at_once(store).await;
    too_late(store).await;
    many(store).await;
    trail(store).await;
    everything(store).await
}

async fn nothing(store: &mut Store) {
    let (records, verified, generation) = everything(store).await;
    assert_eq!((records, generation), (vec![], 0));
    assert_eq!(verified.entries, 0);
    assert_eq!(verified.head, "0".repeat(64));
    assert_eq!(verified.faults, []);
    assert_eq!(store.site().audit(None).await.unwrap(), []);
    assert_eq!(store.site().find(&record(1)).await.unwrap(), []);
    assert_eq!(store.site().find(&About::default()).await.unwrap(), []);
}

async fn first(store: &mut Store) -> Record {
    let kept = keep(store, request("Billing-API", 8443)).await.unwrap();
    let expected = Record {
        id: 1,
        file: None,
        version: 1,
        ..request("Billing-API", 8443)
    };
    assert_eq!(kept, expected);
    let records = store.site().records().await.unwrap();
    assert_eq!(records, std::slice::from_ref(&expected));
    expected
}

/// A record that says everything comes back as it was.
async fn all_fields(store: &mut Store) -> Record {
    let full = Record {
        status: Status::Reserved,
        fields: Fields {
            service_name: "gossip".to_owned(),
            ports: PortRange::new(9000, 9009),
            transports: vec![Transport::Udp, Transport::Sctp, Transport::Dccp],
            assignee: "Größe & \"Söhne\"".to_owned(),
            contact: "line one\nline two\u{0}\u{1b}[31m".to_owned(),
            description: "d".repeat(5000),
            reference: "https://example.org/gossip".to_owned(),
            communication: Communication::ALL.to_vec(),
            service_code: Some(u32::MAX),
            unauthorized_use: "seen on db1\nseen on db2".to_owned(),
            notes: "none".to_owned(),
            why_not_dynamic: "firewalls".to_owned(),
            why_not_user: "privilege".to_owned(),
            scope: Scope::Group("db_1.Example".to_owned()),
            ticket: "OPS-7".to_owned(),
            expires: Some(date(9999, 12, 31)),
            serves: Serves {
                program: Some("/usr/bin/gossip".to_owned()),
                user: Some(String::new()),
                unit: Some("gossip.service".to_owned()),
                container: Some("gossip".to_owned()),
                protocol: Some("http".to_owned()),
                product: Some("nginx".to_owned()),
            },
        },
        requested_by: "bob".to_owned(),
        requested: date(2025, 1, 2),
        assigned: Some(date(2025, 1, 3)),
        modified: date(2025, 1, 4),
        because: "because".to_owned(),
        revocation: Some(Revocation {
            announced: date(2025, 1, 5),
            effective: date(2025, 2, 2),
            because: "nobody uses it".to_owned(),
        }),
        reuses: Some(1),
        ..request("", 1)
    };
    let kept = keep(store, full.clone()).await.unwrap();
    let expected = Record {
        id: 2,
        file: None,
        version: 1,
        ..full
    };
    assert_eq!(kept, expected);
    assert_eq!(store.site().records().await.unwrap()[1], expected);
    expected
}

async fn found(store: &mut Store, billing: &Record, gossip: &Record) {
    let mut site = store.site();
    let mut numbers = async |about: About| -> Vec<u64> {
        let records = site.find(&about).await.unwrap();
        records.iter().map(|record| record.id).collect()
    };
    let name = |name: &str| About {
        name: Some(name.to_owned()),
        ..About::default()
    };
    let ports = |first, last| About {
        ports: PortRange::new(first, last),
        ..About::default()
    };
    // A number, and what reuses it.
    assert_eq!(numbers(record(billing.id)).await, [1, 2]);
    assert_eq!(numbers(record(gossip.id)).await, [2]);
    assert_eq!(numbers(record(u64::MAX >> 1)).await, Vec::<u64>::new());
    // A name in any case, and no other.
    assert_eq!(numbers(name("billing-api")).await, [1]);
    assert_eq!(numbers(name("GOSSIP")).await, [2]);
    assert_eq!(numbers(name("billing")).await, Vec::<u64>::new());
    assert_eq!(numbers(name("")).await, Vec::<u64>::new());
    assert_eq!(numbers(name("%")).await, Vec::<u64>::new());
    // Every port of a run, and none beside it.
    for (first, last, expected) in [
        (8999, 8999, vec![]),
        (9000, 9000, vec![2]),
        (9005, 9005, vec![2]),
        (9009, 9009, vec![2]),
        (9010, 9010, vec![]),
        (8000, 9000, vec![1, 2]),
        (9009, 65535, vec![2]),
        (8443, 8443, vec![1]),
        (0, 65535, vec![1, 2]),
        (9003, 9004, vec![2]),
    ] {
        assert_eq!(
            numbers(ports(first, last)).await,
            expected,
            "{first}-{last}"
        );
    }
    // Any of several.
    let either = About {
        name: Some("gossip".to_owned()),
        ..ports(8443, 8443)
    };
    assert_eq!(numbers(either).await, [1, 2]);
}

/// What is refused changes nothing, and the refusal comes back.
async fn refused(store: &mut Store) {
    let before = everything(store).await;
    let mut decide = |_: &Found| Err::<Decision, _>("no");
    let taken = store
        .site()
        .step(&record(1), &entry("approve", "bob"), &mut decide)
        .await
        .unwrap();
    assert_eq!(taken, Err("no"));
    // Nor does a decision that changes nothing.
    let mut decide = |_: &Found| Ok::<_, Never>(becomes(Vec::new()));
    let taken = store
        .site()
        .step(&record(1), &entry("approve", "bob"), &mut decide)
        .await
        .unwrap();
    assert_eq!(taken, Ok(becomes(Vec::new())));
    assert_eq!(everything(store).await, before);
}

async fn reviewed(store: &mut Store, billing: Record) {
    let approved = settle(store, 1, Status::Assigned).await.unwrap();
    let expected = Record {
        version: 2,
        status: Status::Assigned,
        ..billing
    };
    assert_eq!(approved, expected);
    assert_eq!(store.site().records().await.unwrap()[0], expected);
}

/// A step may make several records: each has its entry. What it is decided on is the subject, what
/// reuses it, and what has its name or ports; not what merely stands near.
async fn two_at_once(store: &mut Store) {
    keep(store, request("billing-API", 9100)).await.unwrap();
    keep(store, request("other", 9101)).await.unwrap();
    let mut decide = |found: &Found| {
        let others: Vec<u64> = found.others.iter().map(|other| other.id).collect();
        assert_eq!(others, [2, 3]);
        let mut old = found.subject.clone().unwrap();
        old.status = Status::Reserved;
        let new = Record {
            reuses: Some(old.id),
            ..request("ledger", 8443)
        };
        Ok::<_, Never>(becomes(vec![old, new]))
    };
    let taken = store
        .site()
        .step(&record(1), &entry("reuse", "ada"), &mut decide)
        .await
        .unwrap()
        .unwrap();
    let ids: Vec<(u64, u64)> = taken.records.iter().map(|r| (r.id, r.version)).collect();
    assert_eq!(ids, [(1, 3), (5, 1)]);
}

/// A record that changed since it was read is not overwritten, whatever a decision says.
async fn too_late(store: &mut Store) {
    let before = everything(store).await;
    let mut decide = |found: &Found| {
        let mut record = found.subject.clone().unwrap();
        record.version -= 1;
        Ok::<_, Never>(becomes(vec![request("never", 1), record]))
    };
    let taken = store
        .site()
        .step(&record(1), &entry("approve", "bob"), &mut decide)
        .await;
    let told = match taken {
        Err(Error::Database { because, .. }) => because,
        other => panic!("{other:?}"),
    };
    assert_eq!(told, "record 1 is no longer as it was read; read it again");
    assert_eq!(everything(store).await, before);
    // Nor is what could not be read again.
    let mut odd = request("odd", 1);
    odd.fields.scope = Scope::Host("no such\nhost".to_owned());
    let told = keep(store, odd).await.unwrap_err().to_string();
    assert!(
        told.ends_with("record 6 cannot be kept: not a scope: write all, group:NAME or host:NAME"),
        "{told}"
    );
    assert_eq!(everything(store).await, before);
}

/// All of many, each seeing those before it; or none.
async fn many(store: &mut Store) {
    let before = everything(store).await;
    let abouts: Vec<About> = (0..100)
        .map(|place| About {
            ports: PortRange::new(20_000, 20_000 + place),
            ..About::default()
        })
        .collect();
    let take = async |store: &mut Store, last: usize| {
        let mut decide = |place: usize, found: &Found| {
            assert_eq!(found.subject, None);
            assert_eq!(found.others.len(), place);
            if place == last {
                return Err("enough");
            }
            let port = 20_000 + u16::try_from(place).unwrap();
            Ok(becomes(vec![request(&format!("many-{place}"), port)]))
        };
        store
            .site()
            .steps(&entry("import", "eve"), &abouts, &mut decide)
            .await
            .unwrap()
    };
    assert_eq!(take(store, 99).await, Err((99, "enough")));
    assert_eq!(everything(store).await, before);
    let decisions = take(store, 100).await.unwrap();
    let ids: Vec<u64> = decisions.iter().map(|one| one.records[0].id).collect();
    assert_eq!(ids, (6..106).collect::<Vec<_>>());
    assert_eq!(store.site().records().await.unwrap().len(), 105);
}

async fn trail(store: &mut Store) {
    let all = store.site().audit(None).await.unwrap();
    let brief: Vec<(u64, &str, u64)> = all
        .iter()
        .map(|one| (one.number, one.entry.step.as_str(), one.record))
        .take(8)
        .collect();
    assert_eq!(
        brief,
        [
            (1, "request", 1),
            (2, "request", 2),
            (3, "approve", 1),
            (4, "request", 3),
            (5, "request", 4),
            (6, "reuse", 1),
            (7, "reuse", 5),
            (8, "import", 6),
        ]
    );
    assert_eq!(all.len(), 107);
    assert_eq!(
        all[2].entry,
        Entry {
            at: "2026-03-14T09:26:53Z".to_owned(),
            by: "bob".to_owned(),
            step: "approve".to_owned(),
            why: "bob wants it so".to_owned(),
        }
    );
    assert_eq!(all[0].previous, "0".repeat(64));
    for pair in all.windows(2) {
        assert_eq!(pair[1].previous, pair[0].hash);
    }
    for one in &all {
        assert_eq!(one.hash, one.expected_hash());
    }
    // Computed apart, with Python's hashlib, from the description of the encoding.
    assert_eq!(all[0].content, FIRST_CONTENT);
    assert_eq!(all[0].hash, FIRST_HASH);
    assert_eq!(DAY, date(2026, 3, 14));
    let of_one: Vec<u64> = store
        .site()
        .audit(Some(1))
        .await
        .unwrap()
        .iter()
        .map(|one| one.number)
        .collect();
    assert_eq!(of_one, [1, 3, 6]);
    let verified = store.site().verify().await.unwrap();
    assert_eq!(
        verified,
        Verified {
            entries: 107,
            head: all[106].hash.clone(),
            faults: vec![],
        }
    );
}

const FIRST_CONTENT: &str = r#"{"id":1,"version":1,"status":"requested","service_name":"Billing-API","ports":[8443,8443],"transports":["tcp"],"assignee":"Payments","contact":"payments@example.org","description":"Takes orders in","scope":"all","requested_by":"ada","requested":"2026-03-14","modified":"2026-03-14"}"#;

const FIRST_HASH: &str = "dbffdf0e0d6b14f204d49ac9082a617470754539d33424e0335929cf9e773634";
