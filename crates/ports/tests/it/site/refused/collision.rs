//! What another record holds.

use super::*;

#[test]
fn what_another_record_holds() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let billing = site.assigned(fields("billing-api", "8011/tcp"));
    told.request("the same again", site, fields("billing-api", "8011/tcp"));
    told.request(
        "another port for the service",
        site,
        fields("Billing-API", "8012/tcp"),
    );
    told.request(
        "a second name for the number",
        site,
        fields("billing-web", "8011/tcp"),
    );
    told.request(
        "another transport for the service",
        site,
        fields("billing-api", "8011/udp"),
    );
    told.request(
        "another transport, another name",
        site,
        fields("billing-web", "8011/udp"),
    );
    told.request("the name alone", site, fields("billing-api", ""));
    let others = |name: &str, place: &str| with(name, place, |f| f.assignee = "Search".into());
    told.request(
        "somebody else's number",
        site,
        others("search-api", "8011/tcp"),
    );
    told.request(
        "its other transport",
        site,
        others("search-api", "8011/udp"),
    );
    told.request(
        "somebody else's name",
        site,
        others("BILLING-api", "8012/tcp"),
    );
    told.request(
        "somebody else's name alone",
        site,
        others("billing-api", ""),
    );
    told.request(
        "the number on one host",
        site,
        with("search-api", "8011/tcp", |f| {
            f.assignee = "Search".into();
            f.scope = Scope::Host("db1".into());
        }),
    );
    site.step(None, &Step::Request(fields("ledger", "8013/tcp")))
        .unwrap();
    told.tell("what is not assigned yet", site, Some(2), &Step::Deassign);
    told.request(
        "a number that is asked for",
        site,
        others("search-api", "8013/tcp"),
    );
    let step = modified(site, billing, |f| f.expires = Some(date(2026, 11, 30)));
    site.step(Some(billing), &step).unwrap();
    site.today = date(2026, 12, 1);
    told.request(
        "a number whose time is over",
        site,
        others("search-api", "8011/tcp"),
    );
    site.step(Some(billing), &Step::Deassign).unwrap();
    told.request(
        "a number that was given back",
        site,
        others("search-api", "8011/tcp"),
    );
    told.request(
        "one's own that was",
        site,
        fields("billing-web", "8011/udp"),
    );
    insta::assert_snapshot!(told.0, @r##"
    the same again
      refused by RFC 6335 section 7.2: 8011/tcp is held by record 1 (billing-api), assigned to Payments, for the same service; change that record: portolan registry modify 1
    another port for the service
      refused by RFC 6335 section 7.2: the service has 8011/tcp by record 1 (billing-api), assigned to Payments, and a service gets one port; use that one: portolan registry modify 1
    a second name for the number
      refused by RFC 6335 section 5: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and a number is not overloaded with a second name; use the number for the other service instead: portolan registry reuse 1
    another transport for the service
      refused by RFC 6335 section 8.1: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and the number's other transports with it; add the transport: portolan registry modify 1
    another transport, another name
      refused by RFC 6335 section 7.2: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and the number's other transports with it; ask for another port
    the name alone
      refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments; change that record: portolan registry modify 1
    somebody else's number
      refused by RFC 6335 section 6: 8011/tcp is held by record 1 (billing-api), assigned to Payments; ask for another port
    its other transport
      refused by RFC 6335 section 7.2: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and the number's other transports with it; ask for another port
    somebody else's name
      refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments, and names are compared without case; choose another name
    somebody else's name alone
      refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments, and names are compared without case; choose another name
    the number on one host
      refused by RFC 6335 section 6: 8011/tcp is held by record 1 (billing-api), assigned to Payments; ask for another port
    what is not assigned yet
      refused by RFC 6335 section 8.2: record 2 (ledger) is requested, and only an assignment can be given back; take the request back: portolan registry withdraw 2
    a number that is asked for
      refused by RFC 6335 section 8.1: 8013/tcp is held by record 2 (ledger), asked for by Payments, which came first; ask for another port
    a number whose time is over
      refused by RFC 6335 section 6: 8011/tcp is held by record 1 (billing-api), assigned to Payments; ask for another port, or ask them to give it back, as it expired on 2026-11-30: portolan registry deassign 1
    a number that was given back
      refused by RFC 6335 section 8.2: 8011/tcp is held back by record 1 (billing-api), reserved for Payments, and reserved numbers are given last; ask for another port
    one's own that was
      refused by RFC 6335 section 8.2: 8011/tcp is held back by record 1 (billing-api), reserved for Payments, and reserved numbers are given last; use the number again: portolan registry reuse 1
    "##);
}

#[test]
fn a_host_is_one_host_with_its_domain_and_without() {
    let mut site = Site::new();
    let on =
        |name: &str, host: &str| with(name, "8011/tcp", |f| f.scope = Scope::Host(host.into()));
    site.assigned(on("billing-api", "db1"));
    let same = site.step(None, &Step::Request(on("ledger", "DB1.example.org")));
    assert!(
        same.unwrap_err()
            .to_string()
            .contains("8011/tcp is held by record 1")
    );
    let other = site.step(None, &Step::Request(on("ledger", "db2.example.org")));
    assert_eq!(other.unwrap().remarks, Vec::<String>::new());
}

#[test]
fn one_host_in_two_domains_may_be_one() {
    let mut site = Site::new();
    site.procedure.review = portolan_ports::site::Review::FirstCome;
    let on = |name: &str, host: &str| {
        with(name, "8011/tcp", |f| {
            f.scope = format!("host:{host}").parse().unwrap();
        })
    };
    let first = Step::Request(on("billing-api", "db1.example.com."));
    let first = site.step(None, &first).unwrap();
    assert_eq!(
        first.records[0].fields.scope.to_string(),
        "host:db1.example.com"
    );
    let same = Step::Request(on("ledger", "DB1.example.com"));
    let refusal = site.step(None, &same).unwrap_err().to_string();
    assert!(
        refusal.contains("8011/tcp is held by record 1"),
        "{refusal}"
    );
    let other = Step::Request(on("ledger", "db1.example.net"));
    let other = site.step(None, &other).unwrap();
    assert_eq!(
        other.records[0].status,
        Status::Requested,
        "a reviewer looks at it"
    );
    assert_eq!(
        other.remarks,
        [
            "8011/tcp is taken in scope host:db1.example.com by record 1 (billing-api), assigned to Payments: the two scopes may have a host in common"
        ]
    );
}

#[test]
fn hosts_are_read_by_labels() {
    let long = format!("host:{}", "a".repeat(64));
    for text in [
        "host:",
        "host:.",
        "host:a..b",
        "host:.a",
        "host:a..",
        "host:a b",
        &long,
        "group:a..b",
    ] {
        assert!(text.parse::<Scope>().is_err(), "{text}");
    }
    for (text, kept) in [
        ("host:db1.", "host:db1"),
        ("host:_a-b.c", "host:_a-b.c"),
        (&long[..68], &long[..68]),
    ] {
        assert_eq!(text.parse::<Scope>().unwrap().to_string(), kept);
    }
}
