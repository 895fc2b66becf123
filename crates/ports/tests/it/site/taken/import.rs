//! Records that come from a file.

use super::*;

#[test]
fn a_run_of_ports_comes_from_a_file_and_may_be_looked_after() {
    let mut site = Site::new();
    let mut record = Record {
        status: Status::Assigned,
        ..standing(Status::Declined, "8011/tcp", false).records[0].clone()
    };
    record.fields.ports = fields("x", "8011-8014/tcp").ports;
    record.fields.reference.clear();
    record.reuses = Some(7);
    let taken = site.step(None, &Step::Import(Box::new(record))).unwrap();
    assert_eq!(
        taken.remarks,
        ["which record's number it reuses is not kept: it was record 7 where it comes from"]
    );
    let mut new = taken.records[0].fields.clone();
    new.contact = "billing@example.org".into();
    let changed = site.step(Some(1), &Step::Modify(Box::new(new))).unwrap();
    assert_eq!(changed.records[0].fields.contact, "billing@example.org");
    let inside = site.step(None, &Step::Request(fields("ledger", "8013/udp")));
    assert!(
        inside
            .unwrap_err()
            .to_string()
            .contains("8011-8014/tcp is held")
    );
}

#[test]
fn a_request_for_a_reuse_finds_its_record_in_a_file() {
    let mut site = Site::new();
    let old = site.assigned(fields("billing-api", "8011/tcp"));
    let reuse = Step::Reuse(fields("billing-web", "8011/tcp"));
    let asked = site.step(Some(old), &reuse).unwrap().records[1].clone();
    site.step(Some(asked.id), &Step::Withdraw).unwrap();
    let file = Record {
        reuses: Some(70),
        ..asked
    };
    let taken = site.step(None, &Step::Import(Box::new(file))).unwrap();
    assert_eq!(taken.records[0].reuses, Some(old));
    let given = site.step(Some(taken.records[0].id), &approve()).unwrap();
    assert_eq!(given.records[1].id, old);
    assert_eq!(given.records[1].fields.ports, None);
}
