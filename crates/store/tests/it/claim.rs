//! What a claim is decided on, and what is too large for one.

use portolan_ports::site::{Record, Scope};
use portolan_registry::PortRange;
use portolan_store::{About, Index, Store};

use crate::sample::{PATIENCE, file, keep, request, run, whole};

/// Of many hosts with one port and one name, a claim on one host is decided on what may meet it, and on
/// nothing else that makes a difference.
#[test]
fn what_cannot_meet_a_claim_is_left_out_and_nothing_else() {
    let scopes = [
        "all",
        "group:db",
        "group:h1",
        "host:h1",
        "host:H1.example",
        "host:h1.other",
        "host:h2",
        "host:h2.example",
        "host:h11",
        "host:h",
        "host:a.h1",
    ];
    let scopes: Vec<Scope> = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let mut records = Vec::new();
        for scope in &scopes {
            for (name, port) in [("same", 9151), ("same", 1), ("other", 9151)] {
                let mut record = request(name, port);
                record.fields.scope = scope.clone();
                records.push(record);
            }
        }
        let mut run_of_ports = request("run", 1);
        run_of_ports.fields.ports = PortRange::new(9100, 9200);
        run_of_ports.fields.scope = "host:h1".parse().unwrap();
        records.push(run_of_ports);
        file(&mut store, &records).await;
        let every = About {
            name: Some("SAME".to_owned()),
            ports: Some(PortRange::single(9151)),
            ..About::default()
        };
        let all = store.site().find(&every).await.unwrap();
        assert_eq!(all.len(), records.len());
        for claim in &scopes {
            let about = About {
                scope: Some(claim.clone()),
                ..every.clone()
            };
            let found = store.site().find(&about).await.unwrap();
            let may_meet = |record: &&Record| claim.may_meet(&record.fields.scope);
            let meeting: Vec<&Record> = all.iter().filter(may_meet).collect();
            let kept: Vec<&Record> = found.iter().filter(may_meet).collect();
            assert_eq!(kept, meeting, "{claim}");
            if matches!(claim, Scope::Host(_)) {
                assert!(found.len() < all.len(), "{claim}");
            }
        }
        store.close().await;
    });
}

/// What the index cannot read is not kept.
#[test]
fn a_record_that_is_too_large_is_refused() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let mut large = request("large", 1001);
        large.fields.notes = "x".repeat(1 << 20);
        let refused = keep(&mut store, large.clone())
            .await
            .unwrap_err()
            .to_string();
        let end = "bytes, and at most 1 MiB is kept of a record; shorten its texts";
        assert!(
            refused.contains("record 1 cannot be kept: it has 1048"),
            "{refused}"
        );
        assert!(refused.ends_with(end), "{refused}");
        large.fields.notes.truncate((1 << 20) - 1000);
        let kept = keep(&mut store, large).await.unwrap();
        let bytes = Index::bytes(std::slice::from_ref(&kept)).unwrap();
        assert_eq!(Index::of(bytes).unwrap().records().unwrap(), [kept]);
        store.close().await;
        assert_eq!(whole(folder.path()).await.len(), 1);
    });
}
