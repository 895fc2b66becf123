//! Records in the answers of a search.

use super::*;

fn found(words: &str, facets: &Facets) -> String {
    let site = site(records());
    let sources = Sources::embedded().with_site(Some(&site));
    let output = Output::of_width(Colour::Never, None);
    let found = Searcher::new(&sources).search(words, facets, 5);
    crate::print::search::text(&found, &output)
}

#[test]
fn a_search_finds_records_before_rows_that_fit_as_well() {
    assert_snapshot!(found("billing", &Facets::default()), @r##"
    PORT           SERVICE NAME         DESCRIPTION
    8443/tcp       billing-api (site)   Invoices for partners [this site, record 12]
    8443/tcp       billing-db (site)    Invoices for partners [this site, record 18, host:db1 alone]
    no port/tcp    billing-feed (site)  Invoices for partners [this site, record 19]
    8446-8449/tcp  fax (site)           Invoices for partners [this site, record 16, group:office alone]
    5429/tcp       base                 Billing and Accounting System Exchange
    ... and 6 more of 11; --most 0 shows all
    "##);
    // By ticket, by assignee and by notes; with a slip of the finger.
    for words in [
        "NET-17",
        "payments invoices",
        "gateway billing",
        "bilinng-api",
    ] {
        let found = found(words, &Facets::default());
        let first = found.lines().nth(1).unwrap_or_default();
        assert!(first.contains("[this site, record 12]"), "{words}: {found}");
    }
}

#[test]
fn facets_hold_records() {
    let of = |facets: Facets| found("billing", &facets);
    let assignee = of(Facets {
        assignee: Some("payments".to_owned()),
        transport: Some(Transport::Sctp),
        ..Facets::default()
    });
    assert_eq!(assignee, "");
    let state = Facets {
        state: Some(State::Reserved),
        ..Facets::default()
    };
    assert_snapshot!(found("ledger", &state), @r##"
    PORT      SERVICE NAME             DESCRIPTION
    8444/tcp  ledger (site, reserved)  Invoices for partners [this site, record 13]
    "##);
    let year = |year| Facets {
        year: Some(year),
        assignee: Some("payments".to_owned()),
        ..Facets::default()
    };
    assert!(of(year(2026)).contains("record 12]"));
    assert_eq!(of(year(2025)), "");
}

#[test]
fn a_substring_finds_records_in_any_column() {
    let site = site(records());
    let sources = Sources::embedded().with_site(Some(&site));
    let ids = |text: &str| -> Vec<u64> {
        let found = substring(&sources, text, &Facets::default(), 100);
        let of_site = found.answers.iter().filter_map(|answer| match answer {
            portolan_survey::search::Answer::Site(record, _) => Some(record.id),
            _ => None,
        });
        of_site.collect()
    };
    assert_eq!(ids("net-17"), [12]);
    assert_eq!(ids("LAB 3"), [15]);
    assert_eq!(ids("8443"), [12, 14, 18, 20]);
    assert_eq!(ids("host:db1"), [18]);
}
