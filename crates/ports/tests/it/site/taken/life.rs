//! One record from its request to its end.

use super::*;

#[test]
fn a_life() {
    let mut site = Site::new();
    let mut story = String::new();
    let mut tell = |site: &mut Site, subject, step: Step| {
        let Decision { records, remarks } = site.step(subject, &step).unwrap();
        writeln!(story, "{} by {}, {}", step.as_str(), site.by, site.today).unwrap();
        records
            .iter()
            .for_each(|record| story.push_str(&told(record)));
        remarks
            .iter()
            .for_each(|remark| writeln!(story, "  * {remark}").unwrap());
    };
    let mut draft = fields("billing-api", "8011/tcp");
    draft.contact.clear();
    tell(&mut site, None, Step::Draft(draft));
    tell(
        site.by("grace").why("who speaks for it?"),
        Some(1),
        Step::Ask,
    );
    let mut whole = fields("billing-api", "8011/tcp");
    whole.notes = "behind the proxy".into();
    tell(
        site.by("ada").why(""),
        Some(1),
        Step::Modify(Box::new(whole.clone())),
    );
    tell(site.by("grace").why("fine"), Some(1), approve());
    site.today = date(2027, 1, 4);
    let report = Fields {
        unauthorized_use: "a test server on db1".into(),
        ..Fields::default()
    };
    tell(site.by("edsger").why(""), Some(1), Step::ReportUse(report));
    whole.notes = "without a proxy".into();
    whole.transports = fields("x", "1/tcp,udp").transports;
    tell(
        site.by("ada").why("QUIC"),
        Some(1),
        Step::Modify(Box::new(whole)),
    );
    let effective = date(2027, 2, 1);
    tell(
        site.why("nobody uses it"),
        Some(1),
        Step::AnnounceRevocation { effective },
    );
    tell(site.why("it is used"), Some(1), Step::CancelRevocation);
    tell(
        site.why(""),
        Some(1),
        reuse(fields("billing-web", "8011/tcp")),
    );
    site.today = date(2027, 1, 5);
    tell(site.by("grace").why("the API is gone"), Some(2), approve());
    tell(
        site.by("ada").why(""),
        None,
        Step::Request(fields("billing-api", "8012/tcp")),
    );
    tell(site.why("moved away"), Some(2), Step::Deassign);
    insta::assert_snapshot!(story, @r##"
    draft by ada, 2026-11-22
    record 1 (billing-api) 8011/tcp requested []
      * still missing: contact; say it with portolan registry modify
    ask by grace, 2026-11-22
    record 1 (billing-api) 8011/tcp questioned [who speaks for it?]
    modify by ada, 2026-11-22
    record 1 (billing-api) 8011/tcp requested []
      behind the proxy
    approve by grace, 2026-11-22
    record 1 (billing-api) 8011/tcp assigned [fine]
      behind the proxy
    report-use by edsger, 2027-01-04
    record 1 (billing-api) 8011/tcp assigned [fine]
      behind the proxy
      2027-01-04: a test server on db1 (reported by edsger)
    modify by ada, 2027-01-04
    record 1 (billing-api) 8011/tcp,udp assigned [QUIC]
      without a proxy
      2027-01-04: a test server on db1 (reported by edsger)
      * reports and dated notes stay, though they were left out
    announce-revocation by ada, 2027-01-04
    record 1 (billing-api) 8011/tcp,udp assigned [nobody uses it]
      without a proxy
      2027-01-04: a test server on db1 (reported by edsger)
    cancel-revocation by ada, 2027-01-04
    record 1 (billing-api) 8011/tcp,udp assigned [it is used]
      without a proxy
      2027-01-04: revocation announced for 2027-02-01: nobody uses it
      2027-01-04: revocation cancelled: it is used
      2027-01-04: a test server on db1 (reported by edsger)
    reuse by ada, 2027-01-04
    record 1 (billing-api) 8011/tcp,udp assigned [its number is asked for by billing-web]
      without a proxy
      2027-01-04: revocation announced for 2027-02-01: nobody uses it
      2027-01-04: revocation cancelled: it is used
      2027-01-04: a test server on db1 (reported by edsger)
    record 2 (billing-web) 8011/tcp requested []
    approve by grace, 2027-01-05
    record 2 (billing-web) 8011/tcp assigned [the API is gone]
    record 1 (billing-api) no port reserved [the API is gone]
      without a proxy
      2027-01-04: revocation announced for 2027-02-01: nobody uses it
      2027-01-04: revocation cancelled: it is used
      2027-01-05: 8011/tcp,udp given back, and given to billing-web (RFC 6335 section 8.3): the API is gone
      2027-01-04: a test server on db1 (reported by edsger)
    request by ada, 2027-01-05
    record 3 (billing-api) 8012/tcp requested []
      * the name is this assignee's already: record 1 (billing-api), reserved for Payments
    deassign by ada, 2027-01-05
    record 2 (billing-web) 8011/tcp reserved [moved away]
      2027-01-05: 8011/tcp given back: moved away
    "##);
}
