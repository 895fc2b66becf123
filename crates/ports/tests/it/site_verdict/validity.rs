//! Records that are no assignment, or not for long.

use super::*;

#[test]
fn what_is_no_valid_assignment_leaves_the_verdict_to_iana() {
    let ssh = || Scene::new(22, "sshd").proven("ssh", false, None);
    let registered =
        "registered: ssh answers, and 22/tcp is assigned to it [\"IANA registry, row 22/tcp\"]\n";
    let base = || record(5, "billing-api", 22);
    let with = |change: fn(&mut Record)| {
        let mut record = base();
        change(&mut record);
        record
    };
    let cases = [
        (
            with(|r| r.status = Status::Reserved),
            "warning: the site registry holds 22/tcp back: it was assigned to billing-api, and is no more; sshd listens on 22/tcp [site registry, record 5]",
        ),
        (
            with(|r| {
                r.status = Status::Reserved;
                r.assigned = None;
            }),
            "warning: the site registry holds 22/tcp back; sshd listens on 22/tcp [site registry, record 5]",
        ),
        (
            with(|r| r.fields.expires = Some(date(2026, 11, 21))),
            "warning: the site registry assigned 22/tcp to billing-api until 2026-11-21, that day is over, and sshd listens on 22/tcp [site registry, record 5]",
        ),
        (
            with(|r| r.status = Status::Requested),
            "note: record 5 (billing-api) asks for 22/tcp, which is not assigned before that is approved (RFC 6335 section 8.1.1); sshd listens on 22/tcp already [site registry, record 5]",
        ),
        (
            with(|r| r.fields.transports = vec![Transport::Udp]),
            "note: the site registry assigns 22 to billing-api on udp alone, and sshd listens on 22/tcp; a transport that was not asked for is reserved (RFC 6335 section 7.2) [site registry, record 5]",
        ),
    ];
    for (record, drift) in cases {
        assert_eq!(said(ssh(), &[record]), format!("{registered}{drift}"));
    }
    for status in [Status::Declined, Status::Withdrawn, Status::Unassigned] {
        let record = Record { status, ..base() };
        assert_eq!(said(ssh(), &[record]), registered.trim_end());
    }
    let udp = with(|r| r.fields.transports = vec![Transport::Udp]);
    let told = said(Scene::new(22, "nc"), std::slice::from_ref(&udp));
    assert!(
        told.contains("\nwarning: the site registry assigns 22 to billing-api on udp alone"),
        "{told}"
    );
    let surroundings = Surroundings {
        ephemeral: PortRange::new(1, 100),
        ..Surroundings::default()
    };
    let mut by_chance = Scene::new(22, "nc");
    by_chance.site = vec![udp];
    let verdict = by_chance.judge_in(&surroundings);
    let drift = verdict
        .findings
        .iter()
        .find(|f| f.kind.as_str() == "site_drift");
    assert_eq!(drift.unwrap().severity, Severity::Note);
}

#[test]
fn the_last_day_is_a_day_and_an_unknown_day_ends_nothing() {
    let mut last = known_by(record(5, "billing-api", 4444), program("billing-api"));
    last.fields.expires = Some(date(2026, 11, 22));
    let kind = |records: &[Record]| judge(on_4444("billing-api"), records).kind;
    assert_eq!(kind(&[last.clone()]), VerdictKind::Expected);
    last.fields.expires = Some(date(2026, 11, 21));
    assert_eq!(kind(&[last.clone()]), VerdictKind::Unknown);
    let mut scene = on_4444("billing-api");
    scene.site = vec![last];
    assert_eq!(scene.judge().kind, VerdictKind::Expected);
}

#[test]
fn a_revocation_is_told_when_its_day_comes_near() {
    let told = |effective: Date| {
        let mut revoked = known_by(record(5, "billing-api", 4444), program("billing-api"));
        revoked.revocation = Some(Revocation {
            announced: date(2026, 10, 1),
            effective,
            because: "moved to 9443".to_owned(),
        });
        let said = said(on_4444("billing-api"), &[revoked]);
        said.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(told(date(2027, 3, 1)), "");
    assert_eq!(
        told(date(2026, 12, 1)),
        "note: the site registry assigns 4444/tcp to billing-api; its revocation was announced on 2026-10-01 (moved to 9443) and may take effect on 2026-12-01, in 9 days, and billing-api listens on 4444/tcp [site registry, record 5]"
    );
    assert_eq!(
        told(date(2026, 11, 22)),
        "warning: the site registry assigns 4444/tcp to billing-api; its revocation was announced on 2026-10-01 (moved to 9443) and may take effect since 2026-11-22, and billing-api listens on 4444/tcp [site registry, record 5]"
    );
}
