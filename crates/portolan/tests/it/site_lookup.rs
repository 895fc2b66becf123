//! What the site registry says, in look-ups and searches: documents keep to their schemas, and
//! whole answers of the program.

use jiff::civil::date;
use portolan_ports::site::{Communication, Fields, Here, Record, Revocation, Serves, Status};
use portolan_registry::search::Facets;
use portolan_registry::{PortRange, Transport};
use portolan_survey::Sources;
use portolan_survey::document::{LookupDocument, SearchDocument};
use portolan_survey::lookup::{Live, lookup};
use portolan_survey::query::Query;
use portolan_survey::search::Searcher;
use portolan_survey::site::SiteRegistry;

use crate::schema;

/// A record in which every field says something.
fn whole(id: u64, status: Status, scope: &str) -> Record {
    let day = date(2026, 3, 2);
    Record {
        id,
        version: 3,
        status,
        fields: Fields {
            service_name: format!("billing-{id}"),
            ports: Some(PortRange::single(8443)),
            transports: vec![Transport::Tcp, Transport::Dccp],
            assignee: "Payments".to_owned(),
            contact: "payments@example.org".to_owned(),
            description: "Invoices".to_owned(),
            reference: "https://wiki.example.org/billing".to_owned(),
            communication: Communication::ALL.to_vec(),
            service_code: Some(1_145_656_131),
            unauthorized_use: "lab 3".to_owned(),
            notes: "behind the gateway".to_owned(),
            why_not_dynamic: "firewalls".to_owned(),
            why_not_user: "none".to_owned(),
            scope: scope.parse().unwrap(),
            ticket: "NET-17".to_owned(),
            expires: Some(date(2027, 1, 31)),
            serves: Serves {
                program: Some("/usr/bin/billing".to_owned()),
                user: Some("billing".to_owned()),
                unit: Some("billing.service".to_owned()),
                container: Some("billing".to_owned()),
                protocol: Some("http".to_owned()),
                product: Some("nginx".to_owned()),
            },
        },
        requested_by: "ada".to_owned(),
        requested: day,
        assigned: Some(day),
        modified: day,
        because: "fits".to_owned(),
        revocation: Some(Revocation {
            announced: day,
            effective: date(2026, 4, 1),
            because: "nobody uses it".to_owned(),
        }),
        reuses: Some(2),
    }
}

#[test]
fn documents_with_the_sites_rows_keep_to_their_schemas() {
    let scopes = ["all", "group:web", "host:db1"].into_iter().cycle();
    let mut records: Vec<Record> = (1..)
        .zip(Status::ALL.into_iter().cycle().zip(scopes))
        .map(|(id, (status, scope))| whole(id, status, scope))
        .take(21)
        .collect();
    records.push(Record {
        fields: Fields {
            service_name: "bare".to_owned(),
            ..Fields::default()
        },
        requested_by: String::new(),
        assigned: None,
        because: String::new(),
        revocation: None,
        reuses: None,
        ..whole(22, Status::Assigned, "all")
    });
    let site = SiteRegistry::of(records, Here::default());
    let sources = Sources::embedded().with_site(Some(&site));
    for words in [
        "8443",
        "billing-1",
        "billing-3",
        "bare",
        "nothing-of-both",
        "8440-8450",
    ] {
        let query = Query::parse(words).unwrap();
        let found = lookup(&sources, &[query], &Live::No);
        let words = [words.to_owned()];
        let document = LookupDocument::new(&words, &found, &sources, false);
        schema::check("lookup.json", &serde_json::to_value(document).unwrap());
    }
    let found = Searcher::new(&sources).search("billing", &Facets::default(), usize::MAX);
    assert!(found.total >= 42, "{}", found.total);
    let document = SearchDocument::new("billing", &found, sources.registry);
    schema::check("search.json", &serde_json::to_value(document).unwrap());
}
