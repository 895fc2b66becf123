//! Numbers that change hands, and such as are taken back.

use super::*;

#[test]
fn what_reuse_and_revocation_refuse() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let reuse = |name: &str, place: &str| Step::Reuse(fields(name, place));
    let billing = Some(site.assigned(fields("billing-api", "8011/tcp")));
    let name = Some(site.assigned(fields("ledger", "")));
    told.tell(
        "another number",
        site,
        billing,
        &reuse("billing-web", "8012/tcp"),
    );
    told.tell(
        "the old name",
        site,
        billing,
        &reuse("billing-api", "8011/tcp"),
    );
    told.tell(
        "a name has no number",
        site,
        name,
        &reuse("billing-web", ""),
    );
    let other = with("billing-web", "", |f| f.assignee = "Search".into());
    told.tell("somebody else", site, billing, &Step::Reuse(other.clone()));
    let host = with("billing-web", "", |f| {
        f.contact.clear();
        f.why_not_dynamic.clear();
    });
    told.tell("not whole", site, billing, &Step::Reuse(host));
    let host = with("billing-web", "", |f| f.scope = Scope::Host("db1".into()));
    told.tell("on fewer hosts", site, billing, &Step::Reuse(host));
    site.step(billing, &with_reason()).unwrap();
    told.tell("twice", site, billing, &reuse("billing-gui", ""));
    site.step(Some(3), &Step::Withdraw).unwrap();
    told.tell(
        "what was withdrawn",
        site,
        Some(3),
        &reuse("billing-gui", ""),
    );
    let announce = |day| Step::AnnounceRevocation {
        effective: date(2026, 12, day),
    };
    told.tell("without a reason", site, billing, &announce(20));
    site.why("nobody uses it");
    told.tell("too soon", site, billing, &announce(19));
    told.tell("a name alone", site, name, &announce(20));
    told.tell("not announced", site, billing, &Step::CompleteRevocation);
    site.step(billing, &announce(20)).unwrap();
    told.tell("announced twice", site, billing, &announce(21));
    told.tell("reuse meanwhile", site, billing, &reuse("billing-web", ""));
    site.today = date(2026, 12, 19);
    told.tell("a day before", site, billing, &Step::CompleteRevocation);
    site.today = date(2026, 11, 21);
    told.tell(
        "the clock went back",
        site,
        billing,
        &Step::CancelRevocation,
    );
    site.today = date(2026, 12, 19);
    site.procedure.reviewers = vec!["grace".into()];
    told.tell("by no reviewer", site, billing, &Step::CancelRevocation);
    site.procedure.reviewers.clear();
    site.today = date(2026, 12, 20);
    site.step(billing, &Step::CompleteRevocation).unwrap();
    told.tell("what is taken away", site, billing, &Step::CancelRevocation);
    told.tell("somebody else, later", site, billing, &Step::Reuse(other));
    insta::assert_snapshot!(told.0, @r##"
    another number
      refused by RFC 6335 section 8.3: it is the number of record 1 (billing-api) that is used again, 8011/tcp; ask for another number with portolan registry request
    the old name
      refused by RFC 6335 section 8.3: record 1 (billing-api) keeps its name when its number is used again; choose another name for the new service
    a name has no number
      refused by RFC 6335 section 8.3: record 2 (ledger) has no number that could be used again; file a request: portolan registry request
    somebody else
      refused by RFC 6335 section 8.5: record 1 (billing-api) is assigned to Payments, and a number is not transferred to another assignee; ask for another port: portolan registry request
    not whole
      refused by RFC 6335 section 8.1.1: what is required is not said: contact, why-not-dynamic (why no Dynamic port will do); say each of them
    on fewer hosts
      refused by RFC 6335 section 8.3: record 1 (billing-api) has the number in scope all, and not in host:db1; use it where it is given: --scope all
    twice
      refused by RFC 6335 section 8.3: record 3 (billing-web) asks for the number already; have that one reviewed: portolan registry review 3
    what was withdrawn
      refused by RFC 6335 section 8.3: record 3 (billing-web) is withdrawn, and only a number that is assigned or Reserved can be used again; file a new request: portolan registry request
    without a reason
      refused by RFC 6335 section 8.4: a number is not taken away without a reason; say why
    too soon
      refused by RFC 6335 section 8.4: 2026-12-19 gives less than 28 days of notice; choose 2026-12-20 or later
    a name alone
      refused by RFC 6335 section 8.4: record 2 (ledger) is a name alone, and taking names away is not recommended; let it be
    not announced
      refused by RFC 6335 section 8.4: no revocation of record 1 (billing-api) is announced; announce it first: portolan registry revoke 1
    announced twice
      refused by RFC 6335 section 8.4: its revocation is announced already, for 2026-12-20; cancel it first to announce another day
    reuse meanwhile
      refused by RFC 6335 section 8.4: the number of record 1 (billing-api) will be taken away from 2026-12-20 on; have the revocation cancelled first
    a day before
      refused by RFC 6335 section 8.4: the notice runs until 2026-12-20, and today is 2026-12-19; wait until then, or cancel the revocation
    the clock went back
      refused by this site's rules: this machine's clock says 2026-11-21, and record 1 (billing-api) was last changed on 2026-11-22; set the clock, or wait until that day
    by no reviewer
      refused by this site's rules: ada may not revoke; ask a reviewer: grace
    what is taken away
      refused by RFC 6335 section 8.4: no revocation of record 1 (billing-api) is announced
    somebody else, later
      refused by RFC 6335 section 8.5: record 1 (billing-api) is reserved for Payments, and a number is not transferred to another assignee; ask for another port: portolan registry request
    "##);
}
