//! Who may claim and change what, and what a claim has to say.

use super::*;

#[test]
fn a_name_alone_and_one_with_a_port_stand_in_either_order() {
    for (first, second) in [("", "8011/tcp"), ("8011/tcp", "")] {
        let mut site = Site::new();
        site.assigned(fields("billing-api", first));
        let decision = site
            .step(None, &Step::Request(fields("billing-api", second)))
            .unwrap();
        let said =
            "the name is this assignee's already: record 1 (billing-api), assigned to Payments";
        assert_eq!(decision.remarks[0], said);
    }
}

#[test]
fn a_number_that_was_given_back_is_given_to_another_last() {
    let mut site = Site::new();
    let old = Some(site.assigned(fields("billing-api", "8011/tcp")));
    let mut wanted = fields("search", "8011/tcp");
    wanted.assignee = "Search".into();
    let step = Step::Reuse {
        fields: wanted.clone(),
        why_reserved: "the clients of both cannot be changed".into(),
    };
    // As long as it is assigned, no reason makes it a transfer.
    let refused = site.step(old, &step).unwrap_err().to_string();
    assert!(
        refused.starts_with("refused by RFC 6335 section 8.5: "),
        "{refused}"
    );
    site.step(old, &Step::Deassign).unwrap();
    let refused = site
        .step(old, &reuse(wanted.clone()))
        .unwrap_err()
        .to_string();
    assert_eq!(
        refused,
        "refused by RFC 6335 section 8.2: record 1 (billing-api) is reserved for Payments, and reserved numbers are given last; ask for another port: portolan registry request; or say why no number that nobody had will do: --why-reserved TEXT"
    );
    site.procedure.review = Review::FirstCome;
    let filed = site.step(old, &step).unwrap();
    assert_eq!(
        filed.records[1].status,
        Status::Requested,
        "it takes a review"
    );
    let notes =
        "2026-11-22: no number that nobody had will do: the clients of both cannot be changed";
    assert_eq!(filed.records[1].fields.notes, notes);
    // Nobody comes in with another's reason.
    let mut third = filed.records[1].fields.clone();
    third.assignee = "Ledger".into();
    let refused = site
        .step(Some(2), &Step::Modify(Box::new(third)))
        .unwrap_err();
    assert!(refused.to_string().contains("section 8.2"), "{refused}");
    let given = site.step(Some(2), &approve()).unwrap();
    assert_eq!(given.records[0].status, Status::Assigned);
    assert_eq!(given.records[1].fields.ports, None);
    let notes = "2026-11-22: 8011/tcp given back\n2026-11-22: 8011/tcp, which was Reserved, given to search of Search (RFC 6335 section 8.2)";
    assert_eq!(given.records[1].fields.notes, notes);
}

#[test]
fn what_was_held_back_from_the_beginning_was_never_given_back() {
    let mut site = Site::new();
    let mut site_record = standing(Status::Reserved, "8011/tcp", false)
        .records
        .remove(0);
    site_record.assigned = None;
    site.records.push(site_record);
    let mut wanted = fields("search", "8011/tcp");
    wanted.assignee = "Search".into();
    let step = Step::Reuse {
        fields: wanted,
        why_reserved: "a reason".into(),
    };
    let refused = site.step(Some(1), &step).unwrap_err().to_string();
    assert_eq!(
        refused,
        "refused by RFC 6335 section 8.2: record 1 (billing-api) is reserved for Payments, which has not had it and given it back; ask for another port: portolan registry request"
    );
}

#[test]
fn who_asked_and_reviewers_change_a_record() {
    let mut site = Site::new();
    site.procedure.reviewers = vec!["bob".into()];
    let asked = site.step(None, &Step::Request(fields("billing-api", "8011/tcp")));
    let mut changed = asked.unwrap().records[0].fields.clone();
    changed.notes = "a note".into();
    let modify = Step::Modify(Box::new(changed));
    for (step, what) in [(&modify, "change"), (&Step::Withdraw, "withdraw")] {
        let refused = site
            .by("grace")
            .step(Some(1), step)
            .unwrap_err()
            .to_string();
        assert_eq!(
            refused,
            format!(
                "refused by this site's rules: grace may not {what} record 1 (billing-api), which ada asked for; ask ada, or a reviewer: bob"
            )
        );
    }
    site.by("ada").step(Some(1), &modify).unwrap();
    site.by("bob").step(Some(1), &modify).unwrap();
    site.by("bob").step(Some(1), &approve()).unwrap();
    let refused = site.by("grace").step(Some(1), &Step::Deassign).unwrap_err();
    assert!(
        refused.because.starts_with("grace may not give back"),
        "{refused}"
    );
    site.by("ada").step(Some(1), &Step::Deassign).unwrap();
}

#[test]
fn a_protocol_is_one_that_can_be_proven() {
    let mut site = Site::new();
    site.procedure.protocols = vec!["http", "mongodb"];
    let asked = |protocol: &str| {
        let mut fields = fields("billing-api", "8011/tcp");
        fields.serves.protocol = Some(protocol.into());
        fields
    };
    let refused = site
        .step(None, &Step::Request(asked("mongdb")))
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "refused by this site's rules: the protocol \"mongdb\" is neither a protocol that Portolan can prove nor a registered service; the nearest is \"mongodb\""
    );
    // A service of IANA's is known too.
    let id = Some(site.assigned(asked("postgresql")));
    let modify = Step::Modify(Box::new(asked("bogus-thing")));
    assert!(site.step(id, &modify).is_err());
    site.step(id, &Step::Modify(Box::new(asked("http"))))
        .unwrap();
}

#[test]
fn what_is_worse_is_told_before_what_is_missing() {
    let mut site = Site::new();
    let mut bad = fields("billing_api", "8011/tcp");
    bad.contact.clear();
    let refused = site.step(None, &Step::Request(bad)).unwrap_err();
    assert!(refused.to_string().contains("section 5.1"), "{refused}");
    site.assigned(fields("billing-api", "8011/tcp"));
    let refused = site.step_on(Some(1), Some(7), &Step::Deassign).unwrap_err();
    assert_eq!(
        refused.because,
        "record 1 (billing-api) is at version 2, not 7"
    );
}

#[test]
fn an_import_is_held_to_what_steps_ask() {
    let mut site = Site::new();
    let mut import = |change: &dyn Fn(&mut Record)| {
        let mut record = standing(Status::Assigned, "8011/tcp", false)
            .records
            .remove(0);
        change(&mut record);
        site.step(None, &Step::Import(Box::new(record)))
    };
    let bare = import(&|record| record.fields.contact.clear()).unwrap_err();
    let said = "refused by RFC 6335 section 8.1.1: what is required is not said: contact; say it";
    assert_eq!(bare.to_string(), said);
    let reserved = import(&|record| record.fields.ports = Some("3404".parse().unwrap()));
    let reserved = reserved.unwrap_err().to_string();
    assert!(
        reserved.contains("3404/tcp is Reserved at IANA"),
        "{reserved}"
    );
    let odd = import(&|record| {
        record.fields.ports = Some("8020-8029".parse().unwrap());
        record.fields.why_not_dynamic.clear();
    });
    assert_eq!(
        odd.unwrap().remarks,
        [
            "it does not say why-not-dynamic (why no Dynamic port will do)",
            "8020-8029 are 10 ports, and a service gets one (RFC 6335 section 7.2)",
        ]
    );
}

#[test]
fn a_name_alone_is_given_once() {
    let mut site = Site::new();
    site.assigned(fields("billing-api", ""));
    let again = Step::Request(fields("billing-api", ""));
    let refused = site.step(None, &again).unwrap_err().to_string();
    assert_eq!(
        refused,
        "refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments; change that record: portolan registry modify 1"
    );
}
