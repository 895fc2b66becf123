//! What holds of every verdict beside a site registry, whatever it says and whatever was seen.

use jiff::civil::date;
use portolan_ports::policy::Policy;
use portolan_ports::site::{Record, Revocation, Scope, Serves, Status};
use portolan_ports::{FindingKind, Severity, Surroundings, Verdict, VerdictKind};
use portolan_registry::Transport;
use proptest::prelude::*;

use crate::properties::{has_proof, scene};
use crate::scene::Scene;
use crate::site_verdict::record;

/// 2026-11-22, noon.
const NOW: i64 = 1_795_348_800;

fn serves() -> impl Strategy<Value = Serves> {
    let word = |words: &'static [&'static str]| {
        prop::option::of(prop::sample::select(words)).prop_map(|word| word.map(str::to_owned))
    };
    (
        word(&["program", "other", "/usr/bin/program"]),
        word(&["x.service"]),
        word(&["http", "ssh", "made-up"]),
        word(&["nginx"]),
    )
        .prop_map(|(program, unit, protocol, product)| Serves {
            program,
            unit,
            protocol,
            product,
            ..Serves::default()
        })
}

prop_compose! {
    fn any_record()(
        id in 1_u64..100,
        name in prop::sample::select(vec!["program", "ssh", "http", "billing-api", ""]),
        status in prop::sample::select(Status::ALL.to_vec()),
        likely_assigned in any::<bool>(),
        transports in prop::sample::subsequence(vec![Transport::Tcp, Transport::Udp], 0..=2),
        serves in serves(),
        scope in prop::sample::select(vec![
            Scope::All,
            Scope::Group("web".to_owned()),
            Scope::Host("web1".to_owned()),
        ]),
        expires in prop::sample::select(vec![None, Some(date(2020, 1, 1)), Some(date(2030, 1, 1))]),
        revoked in any::<bool>(),
    ) -> Record {
        let mut record = record(id, name, 0);
        record.status = if likely_assigned { Status::Assigned } else { status };
        record.fields.transports = transports;
        record.fields.serves = serves;
        record.fields.scope = scope;
        record.fields.expires = expires;
        record.revocation = revoked.then(|| Revocation {
            announced: date(2026, 11, 1),
            effective: date(2026, 11, 29),
            because: String::new(),
        });
        record
    }
}

prop_compose! {
    /// A scene with records of its port, each with a number of its own.
    fn sited()(
        scene in scene(),
        records in prop::collection::vec(any_record(), 0..4),
        no_policy in any::<bool>(),
    ) -> Scene {
        let mut scene = scene;
        for (record, id) in records.into_iter().zip(1..) {
            let mut record = record;
            record.id = id;
            record.fields.ports = Some(portolan_registry::PortRange::single(scene.listener.port));
            scene.site.push(record);
        }
        if no_policy {
            scene.policy = Policy::default();
        }
        scene
    }
}

fn judge(scene: &Scene) -> Verdict {
    scene.judge_in(&Surroundings {
        now: Some(NOW),
        ..Surroundings::default()
    })
}

fn without_site(scene: &Scene) -> Verdict {
    judge(&Scene {
        site: Vec::new(),
        ..scene.clone()
    })
}

/// The records that assign the listener's port on its transport, and whose time is not over.
fn valid(scene: &Scene) -> Vec<&Record> {
    let listener = &scene.listener;
    let records = scene.site.iter().filter(|record| {
        record.status == Status::Assigned
            && record.covers_on(listener.port, listener.transport)
            && !record.is_expired(date(2026, 11, 22))
    });
    records.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_input_has_exactly_one_verdict_with_a_reason(scene in sited()) {
        let verdict = judge(&scene);
        prop_assert!(VerdictKind::ALL.contains(&verdict.kind));
        prop_assert!(!verdict.because.is_empty());
        prop_assert_eq!(judge(&scene), verdict, "the same input gives the same verdict");
    }

    #[test]
    fn an_assignment_of_the_site_outranks_ianas(scene in sited()) {
        use VerdictKind::{Expected, Mismatch, Unknown, Violation};
        let policy_speaks = matches!(without_site(&scene).kind, Violation | Expected);
        if policy_speaks || valid(&scene).is_empty() {
            return Ok(());
        }
        let verdict = judge(&scene);
        prop_assert!([Expected, Mismatch, Unknown].contains(&verdict.kind), "{verdict:?}");
        let numbers = valid(&scene).into_iter().map(Record::source);
        prop_assert!(numbers.into_iter().any(|source| verdict.sources == [source]), "{verdict:?}");
    }

    #[test]
    fn what_is_no_valid_assignment_changes_no_verdict(scene in sited()) {
        if valid(&scene).is_empty() {
            let (with, without) = (judge(&scene), without_site(&scene));
            prop_assert_eq!(with.kind, without.kind);
            prop_assert_eq!(with.because, without.because);
        }
    }

    #[test]
    fn what_the_policy_says_stands(scene in sited()) {
        let without = without_site(&scene);
        if [VerdictKind::Violation, VerdictKind::Expected].contains(&without.kind) {
            let with = judge(&scene);
            // What no rule speaks of is listed where the site registry assigns it, unless a file says
            // that rules alone count.
            if without.because.contains("by default") && with.kind == VerdictKind::Expected {
                prop_assert!(!valid(&scene).is_empty());
            } else {
                prop_assert_eq!(with.kind, without.kind);
                prop_assert!(with.because.starts_with(&without.because), "{}", with.because);
            }
        }
    }

    #[test]
    fn what_rests_on_the_wire_never_comes_without_proof(scene in sited()) {
        use VerdictKind::{Customary, Mismatch, Registered, Unregistered};
        let verdict = judge(&scene);
        if [Registered, Customary, Mismatch, Unregistered].contains(&verdict.kind) {
            prop_assert!(has_proof(&scene), "{:?}", verdict);
        }
    }

    #[test]
    fn the_order_of_the_records_is_of_no_account(scene in sited()) {
        let mut turned = scene.clone();
        turned.site.reverse();
        let (one, other) = (judge(&scene), judge(&turned));
        prop_assert_eq!((one.kind, one.because), (other.kind, other.because));
    }

    #[test]
    fn drift_names_a_record_of_the_port_and_a_hidden_owner_is_no_other_program(scene in sited()) {
        let verdict = judge(&scene);
        let drift = verdict.findings.iter().filter(|f| f.kind == FindingKind::SiteDrift);
        for finding in drift {
            let known = scene.site.iter().any(|r| Some(r.source()) == finding.source);
            prop_assert!(known, "{finding:?}");
            prop_assert!(finding.severity <= Severity::Warning);
            if scene.listener.owners.is_empty() {
                prop_assert!(!finding.because.contains("its program is"), "{finding:?}");
            }
        }
    }
}
