//! What the site registry says, in look-ups and searches: documents keep to their schemas, and
//! whole answers of the program.

use std::fs;
use std::net::TcpListener;

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

use serde_json::Value;

use crate::command::{Run, alone, finished, portolan};
use crate::schema;

/// A record in which every field says something.
fn whole(id: u64, status: Status, scope: &str) -> Record {
    let day = date(2026, 3, 2);
    Record {
        id,
        file: None,
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

/// A site registry of the program's own making: one assignment, and a request that waits.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text =
            "[site]\nhost = \"web1\"\nassignee = \"Payments\"\ncontact = \"p@example.net\"\n";
        fs::write(folder.path().join("portolan.toml"), text).unwrap();
        let site = Self { folder };
        let billing = [
            "registry",
            "request",
            "billing-api",
            "--port",
            "8443",
            "--transport",
            "tcp",
            "--description",
            "Billing API",
            "--reference",
            "https://wiki.example.net/billing",
            "--why-not-dynamic",
            "firewalls open it by number",
        ];
        assert_eq!(site.run(&billing).code, Some(0));
        let approved = site.run(&["registry", "review", "billing-api", "--approve"]);
        assert_eq!(approved.code, Some(0), "{approved:?}");
        let shop = [
            "registry",
            "request",
            "shop",
            "--port",
            "8466",
            "--transport",
            "udp",
            "--description",
            "Shop",
            "--reference",
            "https://wiki.example.net/shop",
            "--why-not-dynamic",
            "firewalls open it by number",
        ];
        assert_eq!(site.run(&shop).code, Some(0));
        site
    }

    fn run(&self, words: &[&str]) -> Run {
        let folder = self.folder.path();
        let mut command = portolan();
        command.args(words).arg("--state").arg(folder.join("state"));
        command.arg("--config").arg(folder.join("portolan.toml"));
        finished(command.output().unwrap())
    }

    fn json(&self, words: &[&str]) -> Value {
        let run = self.run(&[words, &["--json"]].concat());
        serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {run:?}"))
    }
}

#[test]
fn what_was_assigned_is_in_every_answer() {
    let _alone = alone();
    let site = Site::new();
    let port = site.run(&["8443", "--no-live"]);
    assert_eq!((port.code, port.err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = port.out.lines().collect();
    assert!(
        lines[1]
            .starts_with("8443/tcp: assigned by this site to billing-api (Payments), record 1, "),
        "{}",
        lines[1]
    );
    assert!(
        lines[1].contains("; IANA: assigned to pcsync-https"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with(
            "8443/udp: held back by this site, as record 1 has 8443/tcp (RFC 6335 section 7.2); "
        ),
        "{}",
        lines[2]
    );
    let waiting = site.run(&["8466/udp", "--no-live"]).out;
    assert!(
        waiting.contains("8466/udp: requested of this site for shop, record 2, by "),
        "{waiting}"
    );
    for words in [
        &["8443"][..],
        &["billingAPI", "--no-live"],
        &["8440-8480", "--no-live"],
        &["nothing-of-both"],
    ] {
        schema::check("lookup.json", &site.json(words));
    }
    let found = site.json(&["search", "billing"]);
    schema::check("search.json", &found);
    assert_eq!(found["results"][0]["service_name"], "billing-api");
    assert_eq!(found["results"][0]["source"], "site");
    let unknown = site.run(&["biling-api", "--no-live"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.err.contains("the nearest is billing-api"),
        "{}",
        unknown.err
    );

    let scan = site.folder.path().join("scan.txt");
    fs::write(&scan, "192.0.2.7:8443\n").unwrap();
    let scan = scan.display().to_string();
    let annotated = site.run(&["annotate", &scan]).out;
    assert!(
        annotated.contains("billing-api (site), pcsync-https"),
        "{annotated}"
    );
    let document = site.json(&["annotate", &scan]);
    assert_eq!(document["ports"][0]["site"][0]["site"]["record"], 1);
    schema::check("annotate.json", &document);
}

#[test]
fn a_listing_has_the_sites_name() {
    let _alone = alone();
    // No port of the Dynamic range is ever assigned, and the system gives from there too.
    let mut held = Vec::new();
    let port = loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        held.push(listener);
        if port < 49152 {
            break port.to_string();
        }
    };
    let site = Site::new();
    let text = "firewalls open it by number";
    let asked = site.run(&[
        "registry",
        "request",
        "own",
        "--port",
        &port,
        "--transport",
        "tcp",
        "--description",
        "Own",
        "--reference",
        "https://wiki.example.net/own",
        "--why-not-dynamic",
        text,
    ]);
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let approved = site.run(&["registry", "review", "own", "--approve"]);
    assert_eq!(approved.code, Some(0), "{approved:?}");
    let listed = site.run(&["listen", &port, "--columns", "registered"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let named = listed.out.lines().nth(1).unwrap_or_default();
    assert!(named.starts_with("own (site)"), "{listed:?}");
    let csv = site.run(&["listen", &port, "--columns", "registered", "--csv"]);
    let named = csv.out.lines().nth(1).unwrap_or_default();
    assert!(named.starts_with("site:own"), "{csv:?}");
}

#[test]
fn what_another_transport_holds_back_is_told_of_many_ports_too() {
    let _alone = alone();
    let site = Site::new();
    let told = site.run(&["8430-8450", "--no-live"]).out;
    let row = |text: &str| told.lines().any(|line| line.contains(text));
    assert!(row("billing-api (this site, record 1)"), "{told}");
    assert!(row("held back by record 1 (site)"), "{told}");
}
