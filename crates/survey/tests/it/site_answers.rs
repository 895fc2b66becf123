//! What the site registry adds to the JSON of look-ups and searches, and that an empty one adds
//! nothing.

use jiff::civil::date;
use portolan_ports::site::{Fields, Here, Record, Serves, Status};
use portolan_registry::search::Facets;
use portolan_registry::{PortRange, State, Transport};
use portolan_survey::Sources;
use portolan_survey::document::{LookupDocument, SearchDocument};
use portolan_survey::lookup::{Live, lookup};
use portolan_survey::query::Query;
use portolan_survey::search::{Answer, Searcher, substring};
use portolan_survey::site::SiteRegistry;
use proptest::prelude::*;
use serde_json::{Value, json};

fn record(id: u64, name: &str, port: u16, status: Status) -> Record {
    Record {
        id,
        file: None,
        version: 1,
        status,
        fields: Fields {
            service_name: name.to_owned(),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            assignee: "Payments".to_owned(),
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: date(2026, 2, 27),
        assigned: Some(date(2026, 3, 2)),
        modified: date(2026, 3, 2),
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn site(records: Vec<Record>) -> SiteRegistry {
    let host = "web1".to_owned();
    let groups = Vec::new();
    SiteRegistry::of(records, Here { host, groups })
}

fn looked_up(sources: &Sources<'_>, words: &[&str]) -> Value {
    let queries: Vec<Query> = words.iter().map(|w| Query::parse(w).unwrap()).collect();
    let found = lookup(sources, &queries, &Live::No);
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    serde_json::to_value(LookupDocument::new(&words, &found, sources, false)).unwrap()
}

fn searched(sources: &Sources<'_>, words: &str, by_substring: bool) -> Value {
    let facets = Facets::default();
    let found = match by_substring {
        true => substring(sources, words, &facets, 50),
        false => Searcher::new(sources).search(words, &facets, 50),
    };
    serde_json::to_value(SearchDocument::new(words, &found, sources.registry)).unwrap()
}

#[test]
fn the_sites_row_comes_first_with_every_key_of_ianas() {
    let mut own = record(12, "billing-api", 8443, Status::Assigned);
    own.fields.expires = Some(date(2027, 1, 31));
    own.fields.serves = Serves {
        program: Some("billing".to_owned()),
        ..Serves::default()
    };
    let site = site(vec![own]);
    let found = looked_up(&Sources::embedded().with_site(Some(&site)), &["8443"]);
    let tcp = &found["ports"][0]["transports"]["tcp"];
    let keys = |row: &Value| -> Vec<String> { row.as_object().unwrap().keys().cloned().collect() };
    let (own, iana) = (&tcp["assignments"][0], &tcp["assignments"][1]);
    let mut own_keys = keys(own);
    own_keys.retain(|key| key != "site");
    assert_eq!(own_keys, keys(iana));
    assert_eq!(
        (&own["source"], &iana["source"]),
        (&json!("site"), &json!("iana"))
    );
    assert_eq!(
        *own,
        json!({
            "service_name": "billing-api", "port": "8443", "transport": "tcp", "description": null,
            "assignee": "Payments", "contact": null, "registration_date": "2026-03-02",
            "modification_date": "2026-03-02", "reference": null, "service_code": null,
            "unauthorized_use": null, "assignment_notes": null, "alias_of": null,
            "source": "site", "origin": "file",
            "site": {
                "record": 12, "file": null, "line": null, "version": 1, "status": "assigned", "transports": ["tcp"],
                "scope": "all", "requested_by": "ada", "requested": "2026-02-27", "because": null,
                "ticket": null, "expires": "2027-01-31", "revocation": null, "reuses": null,
                "communication": [], "why_not_dynamic": null, "why_not_user": null,
                "serves": {
                    "program": "billing", "user": null, "unit": null, "container": null,
                    "protocol": null, "product": null
                }
            }
        })
    );
    assert_eq!(tcp["state"], "assigned");
    assert_eq!(tcp["because"], "site registry, record 12 names billing-api");
    let by_iana =
        json!({"state": "assigned", "because": "registry row 8443/tcp names pcsync-https"});
    assert_eq!(tcp["iana"], by_iana);
    let udp = &found["ports"][0]["transports"]["udp"];
    assert_eq!(udp["state"], "reserved");
    assert_eq!(
        udp["because"],
        "site registry, record 12 has 8443/tcp, and RFC 6335 section 7.2 holds the number back on \
         the others"
    );
    assert_eq!(udp["assignments"][0]["source"], "iana");
}

#[test]
fn only_what_is_given_or_held_back_makes_a_state() {
    let of = |status| {
        let site = site(vec![record(7, "billing-api", 8443, status)]);
        let found = looked_up(&Sources::embedded().with_site(Some(&site)), &["8443/tcp"]);
        let tcp = &found["ports"][0]["transports"]["tcp"];
        let first = tcp["assignments"][0]["source"].as_str().unwrap().to_owned();
        (tcp["state"].clone(), tcp["iana"].is_null(), first)
    };
    for (status, state, by_iana, first) in [
        (Status::Assigned, State::Assigned, false, "site"),
        (Status::Reserved, State::Reserved, false, "site"),
        (Status::Requested, State::Assigned, true, "site"),
        (Status::Questioned, State::Assigned, true, "site"),
        (Status::Unassigned, State::Assigned, true, "site"),
        (Status::Declined, State::Assigned, true, "iana"),
        (Status::Withdrawn, State::Assigned, true, "iana"),
    ] {
        let wanted = (json!(state.as_str()), by_iana, first.to_owned());
        assert_eq!(of(status), wanted, "{status:?}");
    }
}

#[test]
fn other_hosts_are_counted_and_a_names_records_told() {
    let mut there = record(18, "billing-db", 8443, Status::Assigned);
    there.fields.scope = "host:db1".parse().unwrap();
    let site = site(vec![there]);
    let sources = Sources::embedded().with_site(Some(&site));
    let port = looked_up(&sources, &["8443"]);
    assert_eq!(port["site_elsewhere"], 1);
    assert_eq!(port["on_other_hosts"], json!([]));
    let row = &port["ports"][0]["transports"]["tcp"]["assignments"][0];
    assert_eq!(row["source"], "iana");
    let name = looked_up(&sources, &["BillingDB"]);
    assert_eq!(name["site_elsewhere"], 0);
    assert_eq!(name["on_other_hosts"][0]["site"]["scope"], "host:db1");
    assert_eq!(name["ports"][0]["port"], 8443);
    assert_eq!(name["unknown"], json!([]));
}

#[test]
fn a_search_has_the_sites_rows_among_the_others() {
    let mut own = record(12, "http-billing", 8443, Status::Assigned);
    own.fields.transports.push(Transport::Udp);
    let site = site(vec![own]);
    let sources = Sources::embedded().with_site(Some(&site));
    for by_substring in [false, true] {
        let found = searched(&sources, "billing", by_substring);
        for (at, transport) in ["tcp", "udp"].into_iter().enumerate() {
            let row = &found["results"][at];
            assert_eq!(row["result"], "assignment");
            assert_eq!(row["source"], "site");
            assert_eq!(row["transport"], transport);
        }
        let without = searched(&Sources::embedded(), "billing", by_substring);
        let total = |found: &Value| found["total"].as_u64().unwrap();
        assert_eq!(total(&found), total(&without) + 2);
    }
    let slip = Searcher::new(&sources).search("htpp-billing", &Facets::default(), 1);
    assert!(matches!(slip.answers[..], [Answer::Site(_, _)]), "{slip:?}");
}

#[test]
fn a_word_that_ianas_registry_has_is_nobodys_slip() {
    let site = site(vec![record(3, "htop", 7070, Status::Assigned)]);
    let searcher = Searcher::new(&Sources::embedded().with_site(Some(&site)));
    let of_site = |words| {
        let found = searcher.search(words, &Facets::default(), usize::MAX);
        let mut answers = found.answers.iter();
        answers.any(|answer| matches!(answer, Answer::Site(..)))
    };
    assert!(of_site("htop") && of_site("hotp") && !of_site("http"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_empty_site_registry_changes_no_answer(port in any::<u16>(), more in 0u16..40, name in "[a-z]{1,6}(-[a-z]{1,4})?") {
        let empty = site(Vec::new());
        let without = Sources::embedded();
        let with = without.with_site(Some(&empty));
        let range = format!("{port}-{}", port.saturating_add(more));
        let asked = [port.to_string(), range, name];
        for words in asked.iter().map(String::as_str) {
            let (own, other) = (looked_up(&with, &[words]), looked_up(&without, &[words]));
            prop_assert_eq!(own.to_string(), other.to_string());
        }
    }

    #[test]
    fn what_the_site_gives_is_its_own_in_every_answer(port in any::<u16>(), other in any::<u16>()) {
        let site = site(vec![record(5, "own-service", port, Status::Assigned)]);
        let sources = Sources::embedded().with_site(Some(&site));
        let found = looked_up(&sources, &[&port.to_string()]);
        let transports = &found["ports"][0]["transports"];
        prop_assert_eq!(&transports["tcp"]["state"], "assigned");
        prop_assert_eq!(&transports["tcp"]["assignments"][0]["service_name"], "own-service");
        for held in ["udp", "sctp", "dccp"] {
            prop_assert_eq!(&transports[held]["state"], "reserved");
        }
        // IANA's word is the same as without it.
        let plain = looked_up(&Sources::embedded(), &[&port.to_string()]);
        let by_iana = &plain["ports"][0]["transports"]["tcp"];
        prop_assert_eq!(&transports["tcp"]["iana"]["state"], &by_iana["state"]);
        prop_assert_eq!(&transports["tcp"]["iana"]["because"], &by_iana["because"]);
        if other != port {
            let words = other.to_string();
            prop_assert_eq!(looked_up(&sources, &[&words]), looked_up(&Sources::embedded(), &[&words]));
        }
    }
}
