//! What the site registry adds to an answer, and that an empty one adds nothing.

mod search;

use insta::assert_snapshot;
use jiff::civil::date;
use portolan_ports::site::{Communication, Fields, Here, Record, Revocation, Serves, Status};
use portolan_registry::search::Facets;
use portolan_registry::{PortRange, State, Transport};
use portolan_survey::lookup::{Live, lookup};
use portolan_survey::search::{Searcher, substring};
use portolan_survey::site::SiteRegistry;

use super::*;
use crate::arguments::Colour;
use crate::print::registered;

fn record(id: u64, name: &str, ports: Option<(u16, u16)>, status: Status) -> Record {
    let assigned = matches!(status, Status::Assigned | Status::Reserved);
    Record {
        id,
        file: None,
        version: 2,
        status,
        fields: Fields {
            service_name: name.to_owned(),
            ports: ports.and_then(|(first, last)| PortRange::new(first, last)),
            transports: vec![Transport::Tcp],
            assignee: "Payments".to_owned(),
            contact: "payments@example.org".to_owned(),
            description: "Invoices for partners".to_owned(),
            reference: "https://wiki.example.org/billing".to_owned(),
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: date(2026, 2, 27),
        assigned: assigned.then(|| date(2026, 3, 2)),
        modified: date(2026, 5, 1),
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

/// Every kind of record that a look-up tells of, and some that it does not.
fn records() -> Vec<Record> {
    let mut billing = record(12, "billing-api", Some((8443, 8443)), Status::Assigned);
    billing.fields.ticket = "NET-17".to_owned();
    billing.fields.expires = Some(date(2027, 1, 31));
    billing.fields.notes = "behind the gateway".to_owned();
    billing.fields.why_not_dynamic = "partners have it in their firewalls".to_owned();
    billing.fields.serves = Serves {
        program: Some("billing".to_owned()),
        unit: Some("billing.service".to_owned()),
        ..Serves::default()
    };
    let mut wanted = record(14, "metrics", Some((8443, 8443)), Status::Requested);
    wanted.fields.transports = vec![Transport::Udp];
    wanted.fields.communication = vec![Communication::Multicast];
    let mut old = record(13, "ledger", Some((8444, 8444)), Status::Reserved);
    old.because = "moved to 9443".to_owned();
    let mut misused = record(15, "", Some((8445, 8445)), Status::Unassigned);
    misused.fields.description = String::new();
    misused.fields.assignee = String::new();
    misused.fields.contact = String::new();
    misused.fields.unauthorized_use = "build hosts run a cache here\nso does lab 3".to_owned();
    let mut ending = record(16, "fax", Some((8446, 8449)), Status::Assigned);
    ending.fields.expires = Some(date(2026, 6, 30));
    ending.fields.scope = "group:office".parse().unwrap();
    ending.revocation = Some(Revocation {
        announced: date(2026, 10, 1),
        effective: date(2026, 11, 1),
        because: "nobody faxes".to_owned(),
    });
    let mut asked = record(17, "evil\u{1b}[2J", Some((8450, 8450)), Status::Questioned);
    asked.because = "which hosts?".to_owned();
    let mut elsewhere = record(18, "billing-db", Some((8443, 8443)), Status::Assigned);
    elsewhere.fields.scope = "host:db1".parse().unwrap();
    let name_alone = record(19, "billing-feed", None, Status::Assigned);
    let declined = record(20, "billing-lab", Some((8443, 8443)), Status::Declined);
    vec![
        billing, wanted, old, misused, ending, asked, elsewhere, name_alone, declined,
    ]
}

fn site(records: Vec<Record>) -> SiteRegistry {
    let here = Here {
        host: "web1".to_owned(),
        groups: vec!["office".to_owned()],
    };
    SiteRegistry::of(records, here)
}

fn said(sources: &Sources<'_>, words: &[&str], in_full: bool) -> String {
    let queries: Vec<Query> = words
        .iter()
        .map(|word| Query::parse(word).unwrap())
        .collect();
    let found = lookup(sources, &queries, &Live::No);
    let detail = Detail {
        in_full,
        mail: false,
        today: date(2026, 11, 22),
    };
    let output = Output::of_width(Colour::Never, None);
    let mut said = text(&found, sources, detail, &output);
    for answer in found.answers.iter().filter(|answer| !answer.is_known()) {
        said.push_str(&unknown(answer, true));
    }
    said
}

/// What the registries say, without the rest of the answer.
fn by_registries(words: &[&str], in_full: bool) -> String {
    let site = site(records());
    let said = said(&Sources::embedded().with_site(Some(&site)), words, in_full);
    let end = said.find("\nWhat is known of it").unwrap_or(said.len());
    said[..end].to_owned()
}

#[test]
fn the_sites_word_is_told_first_and_ianas_as_ianas() {
    assert_snapshot!(by_registries(&["8443"], false), @r##"
    Port 8443, User range 1024-49151
    8443/tcp: assigned by this site to billing-api (Payments), record 12, since 2026-03-02, on all hosts; IANA: assigned to pcsync-https; 10 programs claim it
    8443/udp: held back by this site, as record 12 has 8443/tcp (RFC 6335 section 7.2); requested of this site for metrics, record 14, by ada on 2026-02-27, not yet reviewed; IANA: assigned to pcsync-https

    This site's registry
      tcp  assigned   billing-api: Invoices for partners [record 12]
                      assigned to Payments, since 2026-03-02, valid on all hosts, contact payments@example.org, ticket NET-17, expires 2027-01-31
                      known on a host by program billing, unit billing.service
                      note: behind the gateway
      udp  requested  metrics: Invoices for partners [record 14]
                      requested by ada on 2026-02-27, not yet reviewed, for Payments, valid on all hosts, contact payments@example.org
      1 record of this site for other hosts alone: portolan registry list 8443

    IANA's registry
      tcp udp    assigned  pcsync-https: PCsync HTTPS [registry row 8443]
      sctp dccp  reserved  no row for this transport; 8443/tcp is pcsync-https's, and RFC 6335 section 7.2 holds the number back on the others
      neighbours: 8442 cybro-a-bus, 8444 pcsync-http
    "##);
}

#[test]
fn all_fields_are_told_in_full() {
    assert_snapshot!(by_registries(&["8443/tcp"], true), @r##"
    Port 8443, User range 1024-49151
    8443/tcp: assigned by this site to billing-api (Payments), record 12, since 2026-03-02, on all hosts; IANA: assigned to pcsync-https; 10 programs claim it

    This site's registry
      tcp  assigned   billing-api: Invoices for partners [record 12]
                      assigned to Payments, since 2026-03-02, valid on all hosts, contact payments@example.org, ticket NET-17, expires 2027-01-31
                      requested by ada on 2026-02-27, modified 2026-05-01
                      see https://wiki.example.org/billing
                      no Dynamic port because partners have it in their firewalls
                      known on a host by program billing, unit billing.service
                      note: behind the gateway
      udp  requested  metrics: Invoices for partners [record 14]
                      requested by ada on 2026-02-27, not yet reviewed, for Payments, valid on all hosts, contact payments@example.org
                      see https://wiki.example.org/billing
                      speaks by multicast
      1 record of this site for other hosts alone: portolan registry list 8443

    IANA's registry
      tcp  assigned  pcsync-https: PCsync HTTPS [registry row 8443]
      neighbours: 8442 cybro-a-bus, 8444 pcsync-http
    "##);
}

#[test]
fn what_is_held_back_says_since_when_and_why() {
    assert_snapshot!(by_registries(&["8444/tcp"], false), @r##"
    Port 8444, User range 1024-49151
    8444/tcp: held back by this site, record 13 (was ledger), on all hosts; IANA: assigned to pcsync-http (Katy Lynn McCullough)

    This site's registry
      tcp  reserved  was ledger: Invoices for partners [record 13]
                     held back, the last step on 2026-05-01: moved to 9443, valid on all hosts, contact payments@example.org

    IANA's registry
      tcp  assigned  pcsync-http: PCsync HTTP [registry row 8444]
                     assigned to [Katy_Lynn_McCullough]
      neighbours: 8443 pcsync-https, 8445 copy
    "##);
}

#[test]
fn reports_of_use_and_ends_are_warned_of() {
    assert_snapshot!(by_registries(&["8445/tcp"], false), @r##"
    Port 8445, User range 1024-49151
    8445/tcp: assigned to copy (Copy)

    This site's registry
      tcp  unassigned  a remark on the number [record 15]
                       valid on all hosts
                       reported to this site as used without an assignment: build hosts run a cache here
                       reported to this site as used without an assignment: so does lab 3

    IANA's registry
      tcp  assigned  copy: Port for copy peer sync feature [registry row 8445]
                     assigned to [Copy], contact [Jason_Dictos], registered 2012-09-19
      neighbours: 8444 pcsync-http, 8448 matrix-fed
    "##);
    assert_snapshot!(by_registries(&["8447/tcp"], false), @r##"
    Port 8447, User range 1024-49151
    8447/tcp: assigned by this site to fax (Payments), record 16, since 2026-03-02, on the hosts of group office; IANA: unassigned; 1 program claims it

    This site's registry
      tcp  assigned  fax: Invoices for partners [record 16]
                     assigned to Payments, since 2026-03-02, valid on the hosts of group office, contact payments@example.org
                     expired: 2026-06-30 was its last day
                     revocation announced on 2026-10-01, not before 2026-11-01: nobody faxes

    IANA's registry
      tcp  unassigned  registry row 8446-8447 says "Unassigned"
      neighbours: 8445 copy, 8448 matrix-fed; unassigned block 8446-8447
    "##);
}

#[test]
fn bytes_from_outside_steer_no_terminal() {
    assert_snapshot!(by_registries(&["8450/tcp"], false), @r##"
    Port 8450, User range 1024-49151
    8450/tcp: requested of this site for evil\u{1b}[2J, record 17, by ada on 2026-02-27, the reviewer has asked for more; IANA: assigned to npmp (Ian Chard)

    This site's registry
      tcp  questioned  evil\u{1b}[2J: Invoices for partners [record 17]
                       requested by ada on 2026-02-27, the reviewer has asked for more, for Payments, valid on all hosts, contact payments@example.org
                       the reviewer asks: which hosts?

    IANA's registry
      tcp  assigned  npmp: npmp [registry row 8450]
                     assigned to [Ian_Chard]
      neighbours: 8448 matrix-fed, 8457 nexentamv
    "##);
}

#[test]
fn a_range_has_the_sites_rows() {
    assert_snapshot!(by_registries(&["8440-8450/tcp"], false), @r##"
    PORTS      TRANSPORT  STATE       SAYS
    8440-8441  tcp        unassigned  registry row 8434-8441 says "Unassigned"
    8442       tcp        assigned    cybro-a-bus
    8443       tcp        assigned    billing-api (this site, record 12)
               tcp        assigned    pcsync-https (IANA)
    8444       tcp        reserved    ledger (this site, record 13)
               tcp        assigned    pcsync-http (IANA)
    8445       tcp        unassigned  this site, record 15
               tcp        assigned    copy (IANA)
    8446-8447  tcp        assigned    fax (this site, record 16)
               tcp        unassigned  registry row 8446-8447 says "Unassigned" (IANA)
    8448       tcp        assigned    fax (this site, record 16)
               tcp        assigned    matrix-fed (IANA)
    8449       tcp        assigned    fax (this site, record 16)
               tcp        unassigned  registry row 8449 says "Unassigned" (IANA)
    8450       tcp        questioned  evil\u{1b}[2J (this site, record 17)
               tcp        assigned    npmp (IANA)
    1 record of this site for other hosts alone: portolan registry list 8440-8450
    15 facts are known of these ports (knowledge of 2026-11-21); name one port to read more
    "##);
}

#[test]
fn names_of_the_site_are_names() {
    assert_snapshot!(by_registries(&["BillingAPI/tcp"], false), @r##"
    Port 8443, User range 1024-49151
    8443/tcp: assigned by this site to billing-api (Payments), record 12, since 2026-03-02, on all hosts; IANA: assigned to pcsync-https; 10 programs claim it

    This site's registry
      tcp  assigned   billing-api: Invoices for partners [record 12]
                      assigned to Payments, since 2026-03-02, valid on all hosts, contact payments@example.org, ticket NET-17, expires 2027-01-31
                      known on a host by program billing, unit billing.service
                      note: behind the gateway
      udp  requested  metrics: Invoices for partners [record 14]
                      requested by ada on 2026-02-27, not yet reviewed, for Payments, valid on all hosts, contact payments@example.org

    IANA's registry
      tcp  assigned  pcsync-https: PCsync HTTPS [registry row 8443]
      neighbours: 8442 cybro-a-bus, 8444 pcsync-http
    "##);
    assert_snapshot!(by_registries(&["billing-feed"], false), @r##"
    This site's registry: without a port, or for other hosts alone
      no port  assigned  billing-feed: Invoices for partners [record 19]
                         assigned to Payments, since 2026-03-02, valid on all hosts, contact payments@example.org
    "##);
    assert_snapshot!(by_registries(&["billing-lab"], false), @r##"
    "billing-lab" is no registered service name (without --no-live programs are looked for too); the nearest are billing-db, billing-api
    "##);
    let elsewhere = by_registries(&["billing-db/tcp"], false);
    assert_snapshot!(elsewhere, @r##"
    This site's registry: without a port, or for other hosts alone
      8443/tcp  assigned  billing-db: Invoices for partners [record 18]
                          assigned to Payments, since 2026-03-02, valid on host db1, contact payments@example.org

    Port 8443, User range 1024-49151
    8443/tcp: assigned by this site to billing-api (Payments), record 12, since 2026-03-02, on all hosts; IANA: assigned to pcsync-https; 10 programs claim it

    This site's registry
      tcp  assigned   billing-api: Invoices for partners [record 12]
                      assigned to Payments, since 2026-03-02, valid on all hosts, contact payments@example.org, ticket NET-17, expires 2027-01-31
                      known on a host by program billing, unit billing.service
                      note: behind the gateway
      udp  requested  metrics: Invoices for partners [record 14]
                      requested by ada on 2026-02-27, not yet reviewed, for Payments, valid on all hosts, contact payments@example.org

    IANA's registry
      tcp  assigned  pcsync-https: PCsync HTTPS [registry row 8443]
      neighbours: 8442 cybro-a-bus, 8444 pcsync-http
    "##);
}

#[test]
fn a_name_of_both_registries_shows_both() {
    let own = vec![record(3, "SSH", Some((2222, 2222)), Status::Assigned)];
    let site = site(own);
    let said = said(
        &Sources::embedded().with_site(Some(&site)),
        &["ssh/tcp"],
        false,
    );
    assert!(said.contains("Port 22, "), "{said}");
    assert!(
        said.contains("2222/tcp: assigned by this site to SSH (Payments), record 3"),
        "{said}"
    );
}

#[test]
fn a_misspelt_name_gets_the_nearest_of_both() {
    assert_snapshot!(by_registries(&["biling-api"], false), @r##"
    "biling-api" is no registered service name (without --no-live programs are looked for too); the nearest is billing-api
    "##);
}

#[test]
fn an_empty_site_registry_changes_no_answer() {
    let empty = site(Vec::new());
    let without = Sources::embedded();
    let with = without.with_site(Some(&empty));
    let ports = [
        "22", "53", "4444", "2723", "717-728", "60000", "0", "8443/udp",
    ];
    for words in [
        &ports[..],
        &["http", "watchdognt", "1password"],
        &["nosuchname"],
    ] {
        for in_full in [false, true] {
            assert_eq!(said(&with, words, in_full), said(&without, words, in_full));
        }
    }
    for port in (0..=u16::MAX).step_by(97) {
        for transport in Transport::ALL {
            assert_eq!(
                registered::at(&with, port, transport),
                registered::at(&without, port, transport)
            );
        }
    }
}

#[test]
fn a_cell_names_the_site_before_iana() {
    let site = site(records());
    let sources = Sources::embedded().with_site(Some(&site));
    let said = |port| registered::at(&sources, port, Transport::Tcp).0;
    assert_eq!(said(8443), "billing-api (site), pcsync-https");
    assert_eq!(said(8447), "fax (site)");
    assert_eq!(said(8444), "held back by record 13 (site), pcsync-http");
    assert_eq!(said(8450), "npmp");
    // Another host is not this one: what is valid here alone says nothing of it.
    assert_eq!(sources.on_all_hosts(8443).count(), 3);
    assert_eq!(sources.on_all_hosts(8447).count(), 0);
}
