//! What the procedures do: which step leads where, what is given at once, what is remarked.

mod import;
mod life;

use std::fmt::Write as _;

use jiff::civil::date;
use portolan_ports::site::{
    Communication, Decision, Fields, Record, Review, Revocation, Scope, Status, Step,
};

use super::{Site, approve, fields};

/// A registry with one record that stands so, with a revocation whose day has come where `revoked`.
fn standing(status: Status, place: &str, revoked: bool) -> Site {
    let mut site = Site::new();
    site.step(None, &Step::Request(fields("billing-api", place)))
        .unwrap();
    let today = site.today;
    let record = &mut site.records[0];
    record.status = status;
    if status == Status::Assigned {
        record.assigned = Some(today);
        record.revocation = revoked.then(|| Revocation {
            announced: date(2026, 10, 1),
            effective: date(2026, 11, 1),
            because: "unused".into(),
        });
    }
    site.why("a reason");
    site
}

fn steps(site: &Site) -> Vec<Step> {
    let record = site.records[0].clone();
    vec![
        approve(),
        Step::Decline,
        Step::Ask,
        Step::Modify(Box::new(record.fields.clone())),
        Step::Withdraw,
        Step::Deassign,
        Step::Reuse(fields("billing-web", "8011/tcp")),
        Step::AnnounceRevocation {
            effective: date(2027, 1, 1),
        },
        Step::CompleteRevocation,
        Step::CancelRevocation,
        Step::ReportUse(Fields::default()),
        Step::Request(record.fields.clone()),
        Step::Import(Box::new(record)),
    ]
}

/// Where each step leads from each state; what is not told is refused.
fn table(place: &str) -> String {
    let mut table = String::new();
    let rows = Status::ALL.map(|status| (status, false));
    let announced = (!place.is_empty()).then_some((Status::Assigned, true));
    for (status, revoked) in rows.into_iter().chain(announced) {
        for step in steps(&standing(status, place, revoked)) {
            let mut site = standing(status, place, revoked);
            let Ok(decision) = site.step(Some(1), &step) else {
                continue;
            };
            let to: Vec<&str> = decision.records.iter().map(|r| r.status.as_str()).collect();
            let from = if revoked {
                "announced"
            } else {
                status.as_str()
            };
            let (step, to) = (step.as_str(), to.join(", "));
            writeln!(table, "{from:<10} {step:<19} {to}").unwrap();
        }
    }
    table
}

#[test]
fn where_each_step_leads() {
    insta::assert_snapshot!(table("8011/tcp"), @r##"
    requested  approve             assigned
    requested  decline             declined
    requested  ask                 questioned
    requested  modify              requested
    requested  withdraw            withdrawn
    requested  report-use          requested
    questioned approve             assigned
    questioned decline             declined
    questioned ask                 questioned
    questioned modify              requested
    questioned withdraw            withdrawn
    questioned report-use          questioned
    assigned   modify              assigned
    assigned   deassign            reserved
    assigned   reuse               assigned, requested
    assigned   announce-revocation assigned
    assigned   report-use          assigned
    declined   report-use          declined
    withdrawn  report-use          withdrawn
    reserved   reuse               reserved, requested
    reserved   report-use          reserved
    unassigned report-use          unassigned
    announced  modify              assigned
    announced  deassign            reserved
    announced  complete-revocation reserved
    announced  cancel-revocation   assigned
    announced  report-use          assigned
    "##);
}

#[test]
fn where_each_step_leads_for_a_name_alone() {
    insta::assert_snapshot!(table(""), @r##"
    requested  approve             assigned
    requested  decline             declined
    requested  ask                 questioned
    requested  modify              assigned
    requested  withdraw            withdrawn
    requested  report-use          requested
    questioned approve             assigned
    questioned decline             declined
    questioned ask                 questioned
    questioned modify              assigned
    questioned withdraw            withdrawn
    questioned report-use          questioned
    assigned   modify              assigned
    assigned   deassign            reserved
    assigned   report-use          assigned
    declined   report-use          declined
    withdrawn  report-use          withdrawn
    reserved   report-use          reserved
    unassigned report-use          unassigned
    "##);
}

/// What one reads of a record.
fn told(record: &Record) -> String {
    format!(
        "{} {} {} [{}]\n{}{}",
        record.title(),
        record.place(),
        record.status.as_str(),
        record.because,
        lines(&record.fields.notes),
        lines(&record.fields.unauthorized_use),
    )
}

fn lines(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[test]
fn what_is_given_at_once() {
    let mut table = String::new();
    for review in [Review::Expert, Review::FirstCome] {
        let system = |place: &str| {
            let mut fields = fields("billing-api", place);
            fields.why_not_user = "firewalls of customers".into();
            fields
        };
        for (what, fields) in [
            ("a name alone", fields("billing-api", "")),
            ("a User port", fields("billing-api", "8011/tcp")),
            ("one that IANA assigns", fields("billing-api", "8443/tcp")),
            ("a System port", system("26/tcp")),
        ] {
            for whole in [true, false] {
                let mut site = Site::new();
                site.procedure.review = review;
                let mut fields = fields.clone();
                if !whole {
                    fields.contact.clear();
                }
                let step = Step::Draft(fields);
                let decided = site.step(None, &step).unwrap();
                let status = decided.records[0].status;
                assert_eq!(
                    status == Status::Assigned,
                    decided.records[0].assigned.is_some()
                );
                let whole = if whole { "whole" } else { "not whole" };
                writeln!(table, "{review:?}, {what}, {whole}: {}", status.as_str()).unwrap();
            }
        }
    }
    insta::assert_snapshot!(table, @r##"
    Expert, a name alone, whole: assigned
    Expert, a name alone, not whole: requested
    Expert, a User port, whole: requested
    Expert, a User port, not whole: requested
    Expert, one that IANA assigns, whole: requested
    Expert, one that IANA assigns, not whole: requested
    Expert, a System port, whole: requested
    Expert, a System port, not whole: requested
    FirstCome, a name alone, whole: assigned
    FirstCome, a name alone, not whole: requested
    FirstCome, a User port, whole: assigned
    FirstCome, a User port, not whole: requested
    FirstCome, one that IANA assigns, whole: requested
    FirstCome, one that IANA assigns, not whole: requested
    FirstCome, a System port, whole: requested
    FirstCome, a System port, not whole: requested
    "##);
}

#[test]
fn a_system_port_by_its_body() {
    let mut site = Site::new();
    let mut system = fields("billing-api", "26/tcp");
    system.why_not_user = "firewalls of customers".into();
    let id = site.step(None, &Step::Request(system)).unwrap().records[0].id;
    let approval = "the architecture board, 2026-11-20".to_owned();
    let given = site.step(Some(id), &Step::Approve { approval }).unwrap();
    assert_eq!(given.records[0].status, Status::Assigned);
    assert_eq!(
        given.records[0].fields.notes,
        "2026-11-22: approved by the architecture board, 2026-11-20"
    );
}

#[test]
fn what_is_remarked() {
    let mut site = Site::new();
    let mut told = String::new();
    let mut tell = |site: &mut Site, fields: Fields| {
        let what = format!(
            "{} {} {}",
            fields.service_name,
            fields.place(),
            fields.scope
        );
        let decided = site.step(None, &Step::Request(fields)).unwrap();
        writeln!(told, "{what}").unwrap();
        decided
            .remarks
            .iter()
            .for_each(|remark| writeln!(told, "  {remark}").unwrap());
    };
    let scoped = |name: &str, place: &str, scope: Scope, assignee: &str| Fields {
        scope,
        assignee: assignee.into(),
        ..fields(name, place)
    };
    tell(&mut site, fields("billing-service", ""));
    tell(&mut site, fields("report", ""));
    tell(&mut site, fields("discovery", ""));
    tell(&mut site, fields("discover-disc", ""));
    tell(&mut site, fields("billing-v2", ""));
    tell(&mut site, fields("relay-ipv6", ""));
    tell(&mut site, fields("billing-tls", ""));
    tell(&mut site, fields("HTTP", ""));
    tell(&mut site, fields("proxy", "8443/tcp"));
    tell(&mut site, fields("beacon", "5355/sctp"));
    let mut many = fields("shout", "8012/udp");
    many.communication = vec![Communication::Multicast, Communication::Broadcast];
    tell(&mut site, many);
    let (web, db1) = (Scope::Group("web".into()), Scope::Host("db1".into()));
    tell(
        &mut site,
        scoped("billing-api", "8011/tcp", web, "Payments"),
    );
    tell(
        &mut site,
        scoped("search-api", "8011/tcp", db1.clone(), "Search"),
    );
    tell(
        &mut site,
        scoped(
            "search-web",
            "8011/tcp",
            Scope::Host("db2".into()),
            "Search",
        ),
    );
    tell(&mut site, scoped("billing-api", "8013/tcp", db1, "Search"));
    site.why("seen on db1");
    site.step(None, &Step::ReportUse(fields("", "8014/tcp")))
        .unwrap();
    site.why("");
    tell(&mut site, fields("ledger", "8014/tcp"));
    insta::assert_snapshot!(told, @r##"
    billing-service no port all
      the word "service" in a service name says nothing; better leave it out (RFC 6335 section 5)
    report no port all
    discovery no port all
      the name of a service for discovery should end in -disc (RFC 6335 section 5)
    discover-disc no port all
    billing-v2 no port all
      "v2" looks like a version: one number serves all versions, and the protocol tells them apart (RFC 7605 section 7.5)
    relay-ipv6 no port all
    billing-tls no port all
      "tls" looks like one half of a secure and insecure pair: one number should serve both (RFC 7605 section 7.4)
    HTTP no port all
      IANA's registry has a service http at 80/tcp: use the name only for that service
    proxy 8443/tcp all
      IANA assigns 8443/tcp to pcsync-https: programs and people will take this service for it
    beacon 5355/sctp all
      IANA assigns 5355 to llmnr on another transport, and holds 5355/sctp back for it (RFC 6335 section 7.2)
      IANA's registry has a service beacon: use the name only for that service
    shout 8012/udp all
      the reference has to say how it uses broadcast and multicast (RFC 6335 section 8.1.1)
    billing-api 8011/tcp group:web
    search-api 8011/tcp host:db1
      8011/tcp is taken in scope group:web by record 12 (billing-api), asked for by Payments: the two scopes may have a host in common
    search-web 8011/tcp host:db2
      8011/tcp is taken in scope group:web by record 12 (billing-api), asked for by Payments: the two scopes may have a host in common
    billing-api 8013/tcp host:db1
      the name is used in scope group:web by record 12 (billing-api), asked for by Payments: the two scopes may have a host in common
    ledger 8014/tcp all
      record 16 reports a use of 8014/tcp without an assignment
    "##);
}

#[test]
fn the_oldest_notes_make_room_and_the_record_can_still_be_changed() {
    let mut site = Site::new();
    let mut first = fields("billing-api", "8011/tcp");
    first.notes = "behind the proxy".into();
    let id = site.assigned(first);
    let reason: &'static str = "unused ".repeat(500).leak();
    for day in 1..=28 {
        site.today = date(2027, 1, day);
        let effective = date(2027, 3, 1);
        site.why(reason);
        site.step(Some(id), &Step::AnnounceRevocation { effective })
            .unwrap();
        site.step(Some(id), &Step::CancelRevocation).unwrap();
    }
    let before = site.get(id).unwrap().fields.clone();
    let notes: Vec<&str> = before.notes.lines().collect();
    assert!(before.notes.len() <= 65_536);
    assert_eq!(notes[0], "older notes: see the audit trail");
    assert_eq!(notes[1], "behind the proxy");
    assert!(notes[notes.len() - 1].starts_with("2027-01-28: revocation cancelled: unused"));
    assert!(!before.notes.contains("2027-01-01: "));
    let mut new = before.clone();
    new.contact = "billing@example.org".into();
    new.notes = "x\n".repeat(16_000);
    let decided = site.step(Some(id), &Step::Modify(Box::new(new))).unwrap();
    let after = &decided.records[0].fields;
    assert!(after.notes.len() <= 65_536);
    assert!(after.notes.contains("2027-01-28: revocation cancelled"));
    let same = Step::Modify(Box::new(after.clone()));
    site.step(Some(id), &same).unwrap();
}

#[test]
fn what_is_imported_keeps_its_dated_notes() {
    let mut site = Site::new();
    let mut record = standing(Status::Assigned, "8011/tcp", false).records[0].clone();
    record.fields.notes = "2020-01-01: approved by the board".into();
    record.modified = date(2027, 1, 1);
    let taken = site.step(None, &Step::Import(Box::new(record))).unwrap();
    let record = &taken.records[0];
    assert_eq!(record.fields.notes, "2020-01-01: approved by the board");
    assert_eq!(record.modified, site.today);
    assert_eq!(
        taken.remarks,
        [
            "it says that it was last changed on 2027-01-01, and today is 2026-11-22: it is kept as of today"
        ]
    );
    let mut new = record.fields.clone();
    new.contact = "billing@example.org".into();
    site.step(Some(1), &Step::Modify(Box::new(new))).unwrap();
}

#[test]
fn a_scope_is_widened_by_a_review() {
    let mut site = Site::new();
    let mut narrow = fields("billing-api", "8011/tcp");
    narrow.scope = Scope::Host("db1.example.com".into());
    let id = site.assigned(narrow.clone());
    for scope in [Scope::Host("db1".into()), Scope::All] {
        narrow.scope = scope;
        site.step(Some(id), &Step::Modify(Box::new(narrow.clone())))
            .unwrap();
    }
}

#[test]
fn reports_and_dated_notes_are_never_taken_away() {
    let mut site = Site::new();
    let id = site.assigned(fields("billing-api", "8011/tcp"));
    site.why("a test server on db1");
    site.step(Some(id), &Step::ReportUse(Fields::default()))
        .unwrap();
    site.records[0].fields.notes = "2026-01-01: approved by the board\nold".into();
    let mut new = fields("billing-api", "8011/tcp");
    new.notes = "new".into();
    let decided = site.step(Some(id), &Step::Modify(Box::new(new))).unwrap();
    let kept = &decided.records[0].fields;
    assert_eq!(kept.notes, "2026-01-01: approved by the board\nnew");
    assert_eq!(
        kept.unauthorized_use,
        "2026-11-22: a test server on db1 (reported by ada)"
    );
    assert_eq!(
        decided.remarks,
        ["reports and dated notes stay, though they were left out"]
    );
}
