//! Reports of use, and records that are taken over.

use super::*;

#[test]
fn what_reports_and_imports_refuse() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let billing = site.assigned(fields("billing-api", "8011/tcp"));
    let number = with("", "8012/tcp", |_| {});
    told.tell(
        "no word of what was seen",
        site,
        None,
        &Step::ReportUse(number.clone()),
    );
    site.why("a proxy on db1");
    told.tell("no number", site, None, &Step::ReportUse(Fields::default()));
    told.tell(
        "a number that has a record",
        site,
        None,
        &Step::ReportUse(fields("", "8011/tcp")),
    );
    let record = site.get(billing).unwrap().clone();
    let import = |change: &dyn Fn(&mut portolan_ports::site::Record)| {
        let mut record = record.clone();
        change(&mut record);
        Step::Import(Box::new(record))
    };
    told.tell("what is here", site, None, &import(&|_| ()));
    told.tell(
        "what collides",
        site,
        None,
        &import(&|r| r.fields.service_name = "ledger".into()),
    );
    told.tell("on a record", site, Some(billing), &import(&|_| ()));
    told.tell(
        "a Dynamic port",
        site,
        None,
        &import(&|r| {
            r.fields = fields("ledger", "50000-50009/tcp");
        }),
    );
    told.tell(
        "no name's syntax",
        site,
        None,
        &import(&|r| {
            r.fields = fields("led_ger", "8013/tcp");
        }),
    );
    told.tell(
        "neither name nor port",
        site,
        None,
        &import(&|r| r.fields = fields("", "")),
    );
    told.tell(
        "a revocation of nothing",
        site,
        None,
        &import(&|r| {
            r.fields = fields("ledger", "8013/tcp");
            r.status = Status::Declined;
            r.revocation = Some(Revocation {
                announced: date(2026, 1, 1),
                effective: date(2026, 2, 1),
                because: "unused".into(),
            });
        }),
    );
    let revoked = |announced, effective| {
        import(&move |r| {
            r.fields = fields("ledger", "8013/tcp");
            r.revocation = Some(Revocation {
                announced,
                effective,
                because: "unused".into(),
            });
        })
    };
    let today = site.today;
    let short = revoked(today, today);
    told.tell("a revocation without notice", site, None, &short);
    let short = revoked(date(2026, 10, 1), date(2026, 10, 28));
    told.tell("one of a day too few", site, None, &short);
    let ahead = revoked(date(2026, 11, 23), date(2027, 1, 1));
    told.tell("a revocation of tomorrow", site, None, &ahead);
    site.procedure.reviewers = vec!["grace".into()];
    told.tell(
        "by no reviewer",
        site,
        None,
        &import(&|r| {
            r.fields = fields("ledger", "8013/tcp");
        }),
    );
    insta::assert_snapshot!(told.0, @r##"
    no word of what was seen
      refused by RFC 6335 section 8.1.1: it is not said what was seen; say who uses the number, and where
    no number
      refused by RFC 6335 section 8.1.1: it is not said which number is used; name a port, or a record
    a number that has a record
      refused by this site's rules: record 1 (billing-api) speaks of 8011/tcp already; report it there: portolan registry report-use 1
    what is here
      refused by this site's rules: it is here already: record 1 (billing-api), assigned to Payments; leave it out
    what collides
      refused by RFC 6335 section 5: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and a number is not overloaded with a second name; use the number for the other service instead: portolan registry reuse 1
    on a record
      refused by this site's rules: record 1 (billing-api) is there already, and this step makes a new one; take it without a record
    a Dynamic port
      refused by RFC 6335 section 8.1.2: 50009 lies in the Dynamic range 49152-65535, whose numbers are assigned to nobody and identify no service; ask for a User port
    no name's syntax
      refused by RFC 6335 section 5.1: the service name "led_ger" holds a character other than letters, digits and hyphens; choose 1 to 15 letters, digits and single hyphens, a letter among them
    neither name nor port
      refused by RFC 6335 section 8.1.1: it has neither a service name nor a port; say at least one of them
    a revocation of nothing
      refused by RFC 6335 section 8.4: a revocation is announced, and it is no assignment of a number; leave the revocation out
    a revocation without notice
      refused by RFC 6335 section 8.4: its revocation, announced on 2026-11-22 for 2026-11-22, gives less than 28 days of notice; leave the revocation out, and announce it here: portolan registry revoke
    one of a day too few
      refused by RFC 6335 section 8.4: its revocation, announced on 2026-10-01 for 2026-10-28, gives less than 28 days of notice; leave the revocation out, and announce it here: portolan registry revoke
    a revocation of tomorrow
      refused by RFC 6335 section 8.4: its revocation is announced on 2026-11-23, and today is 2026-11-22; leave the revocation out, and announce it here: portolan registry revoke
    by no reviewer
      refused by this site's rules: ada may not give what is imported as assigned; ask a reviewer to import it: grace
    "##);
}
