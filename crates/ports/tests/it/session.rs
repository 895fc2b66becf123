//! What deserves attention about TLS.

use portolan_ports::{
    Certificate, Identification, Surroundings, TlsSession, TlsVersion, tls_findings,
};

use crate::scene::{Scene, identification};

const DAY: i64 = 24 * 60 * 60;
/// 2026-11-21.
const NOW: i64 = 1_795_219_200;

fn certificate(from: i64, to: i64) -> Certificate {
    Certificate {
        subject: "CN=web,O=Harbour".into(),
        issuer: "CN=Harbour CA".into(),
        names: vec!["web.test".into()],
        not_before: NOW + from * DAY,
        not_after: NOW + to * DAY,
        self_signed: Some(false),
        for_host: None,
        sha256: "00".repeat(32),
    }
}

fn inside(certificate: Certificate) -> Identification {
    let session = TlsSession {
        version: Some(TlsVersion::Tls13),
        certificate: Some(certificate),
        ..TlsSession::default()
    };
    Identification {
        session: Some(Box::new(session)),
        ..identification("http", true, None)
    }
}

fn said(seen: &Identification, now: Option<i64>) -> Vec<String> {
    tls_findings(seen, now)
        .iter()
        .map(|f| format!("{} {}: {}", f.severity.as_str(), f.kind.as_str(), f.because))
        .collect()
}

#[test]
fn a_good_certificate_has_none() {
    let none: Vec<String> = Vec::new();
    assert_eq!(said(&inside(certificate(-30, 60)), Some(NOW)), none);
    assert_eq!(said(&identification("http", true, None), Some(NOW)), none);
    assert_eq!(said(&inside(certificate(-300, 21)), Some(NOW)), none);
    let short = certificate(-3, 3);
    assert_eq!(said(&inside(short), Some(NOW)), none, "six days in all");
}

#[test]
fn its_time_counts_where_the_time_is_known() {
    for (from, to, wanted) in [
        (
            -400,
            -35,
            "warning certificate_expired: the certificate for web.test expired on 2026-10-17, 35 days ago",
        ),
        (
            -400,
            -1,
            "warning certificate_expired: the certificate for web.test expired on 2026-11-20, 1 day ago",
        ),
        (
            -400,
            20,
            "warning certificate_expiring: the certificate for web.test expires on 2026-12-11, in 20 days",
        ),
        (
            -5,
            1,
            "warning certificate_expiring: the certificate for web.test expires on 2026-11-22, in 1 day",
        ),
        (
            2,
            400,
            "warning certificate_not_yet_valid: the certificate for web.test is not valid before 2026-11-23",
        ),
    ] {
        assert_eq!(said(&inside(certificate(from, to)), Some(NOW)), [wanted]);
        assert_eq!(said(&inside(certificate(from, to)), None), [""; 0]);
    }
    let mut hostile = certificate(0, 0);
    (hostile.not_before, hostile.not_after) = (i64::MAX, i64::MIN);
    assert_eq!(said(&inside(hostile), Some(NOW)).len(), 1);
}

#[test]
fn names_signers_and_versions() {
    let mut other = certificate(-30, 60);
    other.for_host = Some(false);
    other.self_signed = Some(true);
    other.names = ["a.test", "b.test", "c.test", "d.test"]
        .map(Into::into)
        .into();
    let mut seen = inside(other);
    if let Some(session) = &mut seen.session {
        session.versions = TlsVersion::ALL.into();
    }
    assert_eq!(
        said(&seen, Some(NOW)),
        [
            "warning certificate_name_mismatch: the certificate is not for the host that was asked for: it is for a.test, b.test, c.test and 1 more",
            "warning tls_outdated: it accepts SSL 3.0, TLS 1.0, TLS 1.1, which must not be used",
            "note certificate_self_signed: the certificate for a.test is signed by its own key: nobody else vouches for it",
        ]
    );
    assert_eq!(
        tls_findings(&seen, None)[1].source.as_deref(),
        Some("RFC 7568")
    );
}

#[test]
fn what_it_calls_itself() {
    let mut own = certificate(0, 1);
    assert_eq!(own.called(), "web.test");
    own.names.clear();
    assert_eq!(own.called(), "web");
    own.subject = "O=Harbour".into();
    assert_eq!(own.called(), "O=Harbour");
}

#[test]
fn a_verdict_has_them_too() {
    let mut scene = Scene::new(443, "nginx");
    scene.identification = Some(inside(certificate(-400, -35)));
    scene.probe.state = portolan_ports::ProbeState::Proven;
    let surroundings = Surroundings {
        now: Some(NOW),
        ..Surroundings::default()
    };
    let verdict = scene.judge_in(&surroundings);
    assert_eq!(verdict.findings.len(), 1);
    assert!(verdict.needs_attention());
    assert_eq!(scene.judge().findings, []);
}
