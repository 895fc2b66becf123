//! One site registry, kept in the database and as a file: the same answers from both.

mod deed;

use std::collections::HashMap;
use std::net::Ipv4Addr;

use portolan_ports::site::file::{read, sorted, write};
use portolan_ports::site::{Here, Record};
use portolan_ports::{
    Certainty, Evidence, Identification, Listener, Observation, Owner, Probe, ProbeState,
    Surroundings, Unit, judge,
};
use portolan_registry::{PortRange, Transport};
use portolan_survey::Sources;
use portolan_survey::document::LookupDocument;
use portolan_survey::lookup::{Live, lookup};
use portolan_survey::query::Query;
use portolan_survey::site::SiteRegistry;
use proptest::prelude::*;
use serde_json::Value;

use deed::{NAMES, PORTS, PROGRAMS};

/// 2026-11-22, noon.
const NOW: i64 = 1_795_348_800;

fn here() -> Here {
    Here {
        host: "web1.example".to_owned(),
        groups: vec!["web".to_owned(), "ops".to_owned()],
    }
}

/// What records are called instead of by their numbers: their places in the file.
struct Places(HashMap<u64, usize>);

impl Places {
    fn of<'r>(records: impl Iterator<Item = &'r Record>) -> Self {
        Self(records.map(|record| record.id).zip(0..).collect())
    }

    /// The text with the place of each record that it names by number, as in `record 12` and
    /// `portolan registry modify 12`.
    fn text(&self, text: &str) -> String {
        let mut before = ["", ""];
        let mut told = String::new();
        for word in text.split_inclusive(' ') {
            let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = &word[..word.len() - rest.len()];
            match digits.parse::<u64>() {
                Ok(number) if before[1].ends_with("record ") || before[1] == "modify " => {
                    told.push_str(&format!("#{:?}{rest}", self.0.get(&number)));
                }
                _ => told.push_str(word),
            }
            before = [before[1], word];
        }
        told
    }

    /// The document with places for numbers, and without versions, which a file has none of.
    fn document(&self, document: &mut Value) {
        match document {
            Value::Object(members) => {
                if members.contains_key("record") {
                    members.remove("version");
                }
                for (key, value) in members {
                    match value.as_u64() {
                        Some(number) if key == "record" || key == "reuses" => {
                            *value = self.0.get(&number).copied().into();
                        }
                        _ => self.document(value),
                    }
                }
            }
            Value::Array(members) => members.iter_mut().for_each(|each| self.document(each)),
            Value::String(text) => *text = self.text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A listener on one of the ports, and what is known of it.
#[derive(Clone, Debug)]
struct Seen {
    listener: Listener,
    identification: Option<Identification>,
    state: ProbeState,
    by_chance: bool,
}

prop_compose! {
    fn seen()(
        port in prop::sample::select(PORTS.to_vec()),
        transport in prop::sample::select(vec![Transport::Tcp, Transport::Udp]),
        program in prop::option::weighted(0.8, prop::sample::select(PROGRAMS.to_vec())),
        unit in prop::option::of(prop::sample::select(PROGRAMS.to_vec())),
        protocol in prop::option::of(prop::sample::select(vec!["http", "ssh", "made-up"])),
        product in prop::option::of(Just("nginx")),
        likely in any::<bool>(),
        state in prop::sample::select(vec![ProbeState::Proven, ProbeState::Silent, ProbeState::Skipped]),
        by_chance in any::<bool>(),
    ) -> Seen {
        let owner = |program: &str| Owner {
            pid: 7,
            program: program.to_owned(),
            unit: unit.map(|unit| Unit(format!("{unit}.service"))),
            ..Owner::default()
        };
        let identification = protocol.map(|protocol| Identification {
            protocol: protocol.into(),
            tls: false,
            starttls: false,
            product: product.map(Into::into),
            version: None,
            cpe: None,
            unauthenticated: None,
            session: None,
            told: Vec::new(),
            certainty: if likely { Certainty::Likely } else { Certainty::Proven },
            evidence: vec![Evidence {
                sent: None,
                received: b"x".to_vec(),
                rule: "a rule".into(),
            }],
        });
        Seen {
            listener: Listener {
                uid: Some(0),
                inode: 1,
                owners: program.map(owner).into_iter().collect(),
                ..Listener::new(transport, (Ipv4Addr::LOCALHOST, port).into())
            },
            identification,
            state,
            by_chance,
        }
    }
}

/// The verdict and its findings.
fn judged(site: &SiteRegistry, seen: &Seen, places: &Places) -> String {
    let sources = Sources::embedded().with_site(Some(site));
    let listener = &seen.listener;
    let surroundings = Surroundings {
        now: Some(NOW),
        ephemeral: PortRange::new(1, u16::MAX).filter(|_| seen.by_chance),
        ..Surroundings::default()
    };
    let probe = Probe {
        state: seen.state,
        why: None,
        sent: Vec::new(),
    };
    let observation = Observation {
        listener,
        probe: &probe,
        identification: seen.identification.as_ref(),
        surroundings: &surroundings,
    };
    let expectation = sources.expectation(listener.port, listener.transport);
    places.text(&format!("{:#?}", judge(&expectation, &observation)))
}

fn looked_up(site: &SiteRegistry, words: &str, places: &Places) -> Value {
    let sources = Sources::embedded().with_site(Some(site));
    let query = Query::parse(words).unwrap();
    let found = lookup(&sources, &[query], &Live::No);
    let document = LookupDocument::new(&[words.to_owned()], &found, &sources, false);
    let mut document = serde_json::to_value(document).unwrap();
    places.document(&mut document);
    document
}

/// What is looked up: a port, several, one on a transport, or a name.
fn asked() -> impl Strategy<Value = String> {
    let ports = PORTS.map(|port| port.to_string());
    let names = NAMES
        .into_iter()
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let more = ["8010-8013", "8011/udp"].map(str::to_owned);
    prop::sample::select(Vec::from_iter(ports.into_iter().chain(names).chain(more)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn a_file_gives_the_same_verdicts_and_answers_as_the_database_that_it_was_written_from(
        records in deed::records(),
        seen in prop::collection::vec(seen(), 6),
        asked in prop::collection::vec(asked(), 3),
    ) {
        let text = write(&records);
        let read = read("site.toml", text.as_bytes()).unwrap().whole().unwrap();
        // That a file's are cited by their lines is told elsewhere; all else has to be alike.
        let read: Vec<Record> = read.into_iter().map(|read| Record { file: None, ..read }).collect();
        let kept = Places::of(sorted(&records).into_iter());
        let filed = Places::of(read.iter());
        prop_assert_eq!(kept.0.len(), filed.0.len());
        let database = SiteRegistry::of(records, here());
        let file = SiteRegistry::of(read, here());
        for seen in &seen {
            prop_assert_eq!(
                judged(&database, seen, &kept),
                judged(&file, seen, &filed),
                "{:?} beside {}", seen, text
            );
        }
        for words in &asked {
            let one = looked_up(&database, words, &kept);
            let other = looked_up(&file, words, &filed);
            prop_assert_eq!(one, other, "{:?} of {}", words, text);
        }
    }
}

/// Two groups may have a host in common, and then both of their records speak of its port: which one
/// is named may not hang on their numbers.
#[test]
fn of_two_groups_of_one_host_the_same_record_is_named_in_both_forms() {
    let text = "[[assignment]]\nservice-name = \"billing-api\"\nport = 8011\ntransport = \"tcp\"\n\
        scope = \"group:ops\"\nregistered = 2026-01-01\n\n\
        [[assignment]]\nservice-name = \"search\"\nport = 8011\ntransport = \"tcp\"\n\
        scope = \"group:web\"\nregistered = 2026-01-01\n";
    let records = read("site.toml", text.as_bytes()).unwrap().whole().unwrap();
    let named = |records: Vec<Record>| {
        let site = SiteRegistry::of(records, here());
        let ids = site.covering(8011).iter().map(|r| &*r.fields.service_name);
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        let document = looked_up(&site, "8011/tcp", &Places(HashMap::new()));
        let row = &document["ports"][0]["transports"]["tcp"]["assignments"][0];
        (ids, row["service_name"].clone())
    };
    let mut turned = records.clone();
    for (record, id) in turned.iter_mut().rev().zip(1..) {
        record.id = id;
    }
    assert_eq!(named(records.clone()), named(turned));
    assert_eq!(named(records).1, "search");
}
