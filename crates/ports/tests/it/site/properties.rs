//! What holds whichever steps people take, in whichever order.

use jiff::{Span, civil::Date};
use portolan_ports::site::{Fields, Record, Review, Revocation, Scope, Status, Step};
use proptest::prelude::*;

use super::{Site, fields};

const NAMES: [&str; 5] = ["billing-api", "Billing-API", "search", "ledger-v2", ""];
const PLACES: [&str; 9] = [
    "",
    "8011/tcp",
    "8011/udp",
    "8011/tcp,udp",
    "8012/tcp",
    "26/tcp",
    "8443/tcp",
    "8010-8013/tcp",
    "50000/tcp",
];
const PEOPLE: [&str; 3] = ["ada", "grace", ""];
const ASSIGNEES: [&str; 3] = ["Payments", "Search", ""];
const TEXTS: [&str; 6] = [
    "",
    "a reason",
    "2026-01-01: dated\nundated",
    "\u{1b}[2J",
    "un\u{ad}seen",
    "long",
];
/// What a text may have to which the procedures add, in bytes.
const LOG: usize = 65_536;

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        3 => Just(Scope::All),
        1 => Just(Scope::Group("web".into())),
        1 => Just(Scope::Host("db1".into())),
        1 => Just(Scope::Host("DB2".into())),
        1 => Just(Scope::Host("db1.example.com".into())),
        1 => Just("host:DB1.example.com.".parse().unwrap()),
        1 => Just(Scope::Host("db1.example.com.".into())),
        1 => Just(Scope::Host("db1.example.net".into())),
    ]
}

/// Mostly whole requests of one party for few numbers, so that they meet.
fn said() -> impl Strategy<Value = Fields> {
    let text = || prop_oneof![6 => Just(""), 1 => prop::sample::select(TEXTS.to_vec())];
    let place = prop_oneof![1 => Just(PLACES[1]), 1 => prop::sample::select(PLACES.to_vec())];
    let party = prop_oneof![2 => Just(ASSIGNEES[0]), 1 => prop::sample::select(ASSIGNEES.to_vec())];
    let name = prop::sample::select(NAMES.to_vec());
    (name, place, party, scope(), text(), text(), any::<u8>()).prop_map(
        |(name, place, assignee, scope, notes, uses, odd)| {
            let mut said = fields(name, place);
            said.assignee = assignee.into();
            said.scope = scope;
            said.notes = match notes {
                // As much as a person may write, and a line more than a record holds.
                "long" => format!("2026-01-01: {}\n{}", "x".repeat(40_000), "y".repeat(25_500)),
                notes => notes.into(),
            };
            said.unauthorized_use = uses.into();
            said.why_not_dynamic = "clients have it in their configuration".into();
            if odd & 7 != 0 {
                said.why_not_user = "firewalls of customers".into();
            }
            if odd >> 4 == 0 {
                said.contact.clear();
            }
            said
        },
    )
}

fn day() -> impl Strategy<Value = Date> {
    let first = Date::constant(2026, 11, 1);
    (0..150_i64).prop_map(move |days| first + Span::new().days(days))
}

fn imported() -> impl Strategy<Value = Record> {
    let status = prop::sample::select(Status::ALL.to_vec());
    let revocation = prop::option::weighted(0.2, (day(), day()));
    let reuses = prop::option::weighted(0.2, 0..9_u64);
    (said(), status, revocation, reuses, day()).prop_map(
        |(fields, status, revocation, reuses, requested)| Record {
            id: 40,
            file: None,
            version: 5,
            status,
            fields,
            requested_by: "ada".into(),
            requested,
            assigned: None,
            modified: requested,
            because: String::new(),
            revocation: revocation.map(|(announced, effective)| Revocation {
                announced,
                effective,
                because: "unused".into(),
            }),
            reuses,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let approval = prop::sample::select(vec!["", "the board"]);
    prop_oneof![
        4 => said().prop_map(Step::Request),
        2 => said().prop_map(Step::Draft),
        6 => approval.prop_map(|approval| Step::Approve { approval: approval.into() }),
        1 => Just(Step::Decline),
        1 => Just(Step::Ask),
        4 => said().prop_map(|fields| Step::Modify(Box::new(fields))),
        1 => Just(Step::Withdraw),
        1 => Just(Step::Deassign),
        3 => said().prop_map(Step::Reuse),
        4 => day().prop_map(|effective| Step::AnnounceRevocation { effective }),
        4 => Just(Step::CompleteRevocation),
        1 => Just(Step::CancelRevocation),
        1 => said().prop_map(Step::ReportUse),
        2 => imported().prop_map(|record| Step::Import(Box::new(record))),
    ]
}

/// One step, by somebody, some days later, on a record or on none, of a version that may be stale.
#[derive(Clone, Debug)]
struct Taken {
    step: Step,
    by: &'static str,
    why: &'static str,
    later: i64,
    subject: Option<u64>,
    stale: bool,
    fitting: bool,
}

impl Taken {
    /// The step as somebody takes it who has read the record.
    fn fitted(&self, subject: Option<&Record>) -> Step {
        let mut step = self.step.clone();
        if let (true, Some(record)) = (self.fitting, subject) {
            let old = &record.fields;
            match &mut step {
                Step::Modify(fields) => {
                    fields.service_name.clone_from(&old.service_name);
                    fields.ports = old.ports;
                    // Of what is nobody's, somebody may want to make it theirs.
                    if !old.assignee.is_empty() {
                        fields.assignee.clone_from(&old.assignee);
                    }
                }
                Step::Reuse(fields) => {
                    fields.ports = None;
                    fields.scope.clone_from(&old.scope);
                }
                Step::AnnounceRevocation { effective } => *effective += Span::new().days(90),
                _ => {}
            }
        }
        step
    }
}

prop_compose! {
    fn taken()(
        step in step(),
        by in prop::sample::select(PEOPLE.to_vec()),
        why in prop_oneof![1 => Just(""), 3 => Just("a reason")],
        later in prop_oneof![16 => Just(0), 3 => 0..40_i64, 1 => -40..0_i64],
        which in any::<u64>(),
        odd in 0..20_u8,
        stale in prop::bool::weighted(0.05),
        fitting in any::<bool>(),
    ) -> Taken {
        let new = matches!(step, Step::Request(_) | Step::Draft(_) | Step::Import(_));
        // Sometimes where it has no place.
        let subject = (new == (odd == 0)).then_some(which);
        Taken { step, by, why, later, subject, stale, fitting }
    }
}

/// Whether two records that hold something hold the same.
fn collide(one: &Record, other: &Record) -> bool {
    let (mine, its) = (&one.fields, &other.fields);
    if !one.status.holds() || !other.status.holds() || !mine.scope.surely_meets(&its.scope) {
        return false;
    }
    let waits = |new: &Record, old: &Record| new.status.is_pending() && new.reuses == Some(old.id);
    let share = match (mine.ports, its.ports) {
        (Some(one), Some(other)) => one.ports().any(|port| other.contains(port)),
        _ => false,
    };
    let number = share && !waits(one, other) && !waits(other, one);
    let named = !mine.service_name.is_empty();
    let same = named && mine.service_name.eq_ignore_ascii_case(&its.service_name);
    let live = |record: &Record| record.status != Status::Reserved && record.fields.ports.is_some();
    let name = same && (mine.assignee != its.assignee || (live(one) && live(other)));
    number || name
}

/// What holds between a record and what became of it.
fn follows(step: &Step, old: &Record, new: &Record, today: Date, notice: i64) {
    let given = |record: &Record| matches!(record.status, Status::Assigned | Status::Reserved);
    if given(old) && !old.fields.assignee.is_empty() {
        assert!(given(new), "{old:?} {new:?}");
        assert_eq!(old.fields.assignee, new.fields.assignee, "transferred");
        let name = old
            .fields
            .service_name
            .eq_ignore_ascii_case(&new.fields.service_name);
        assert!(
            name || old.fields.service_name.is_empty(),
            "{old:?} {new:?}"
        );
        let ports = new.fields.ports == old.fields.ports || new.fields.ports.is_none();
        assert!(ports, "{old:?} {new:?}");
    }
    if given(old) && old.status != new.status {
        assert_eq!(new.status, Status::Reserved);
        assert_eq!(new.revocation, None);
    }
    if *step == Step::CompleteRevocation {
        let revocation = old.revocation.as_ref().unwrap();
        assert!(revocation.effective <= today, "{revocation:?} on {today}");
    }
    if old.revocation != new.revocation
        && let Some(revocation) = &new.revocation
    {
        let earliest = revocation.announced + Span::new().days(notice);
        assert!(revocation.effective >= earliest, "{revocation:?}");
    }
    let dated = |line: &&str| line.starts_with("20") && line.contains(": ");
    let older = "older notes: see the audit trail";
    let made_room = new.fields.notes.starts_with(older);
    for line in old.fields.notes.lines().filter(dated) {
        assert!(
            made_room || new.fields.notes.lines().any(|other| other == line),
            "{line} of {old:?}"
        );
    }
    for line in old.fields.unauthorized_use.lines() {
        let mut lines = new.fields.unauthorized_use.lines();
        assert!(lines.any(|other| other == line), "{line} of {old:?}");
    }
}

/// Dated lines are of the day on which the step was taken, or of an announcement.
fn undersigned(old: Option<&Record>, new: &Record, today: Date) {
    let announced = old.and_then(|old| Some(old.revocation.as_ref()?.announced));
    let days = [Some(today), announced];
    let old = old.map(|old| &old.fields);
    let logs = [
        (old.map(|old| &old.notes), &new.fields.notes),
        (
            old.map(|old| &old.unauthorized_use),
            &new.fields.unauthorized_use,
        ),
    ];
    for (old, new) in logs {
        let is_there = |line: &str| old.is_some_and(|old| old.lines().any(|other| other == line));
        for line in new.lines().filter(|line| !is_there(line)) {
            let Some(day) = line.get(..10).and_then(|day| day.parse::<Date>().ok()) else {
                continue;
            };
            assert!(days.contains(&Some(day)), "{line} on {today}");
        }
    }
}

/// Wherever somebody had a number, the same still has it, or it is held back.
fn held(old: &Record, after: &[Record]) -> bool {
    let (Status::Assigned, Some(ports)) = (old.status, old.fields.ports) else {
        return true;
    };
    let given = |new: &&Record| matches!(new.status, Status::Assigned | Status::Reserved);
    let covers = |new: &&Record| {
        let wider = match (&new.fields.scope, &old.fields.scope) {
            (Scope::All, _) => true,
            (Scope::Host(new), Scope::Host(old)) => {
                let first = old.split('.').next().unwrap();
                new.eq_ignore_ascii_case(old) || new.eq_ignore_ascii_case(first)
            }
            (new, old) => new.is_same(old),
        };
        wider && new.fields.ports == Some(ports)
    };
    let whose = &old.fields.assignee;
    let own = |new: &&Record| whose.is_empty() || *whose == new.fields.assignee;
    after
        .iter()
        .filter(given)
        .filter(covers)
        .any(|new| own(&new))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_done(
        taken in prop::collection::vec(taken(), 1..60),
        first_come in any::<bool>(),
        reviewers in prop::bool::weighted(0.3),
        notice in 0..40_u16,
    ) {
        let mut site = Site::new();
        site.procedure.notice_days = notice;
        if first_come {
            site.procedure.review = Review::FirstCome;
        }
        if reviewers {
            site.procedure.reviewers = vec!["grace".into()];
        }
        for taken in taken {
            let before = site.records.clone();
            let count = before.len() as u64;
            // One beyond the last is not there.
            let subject = taken.subject.map(|which| which % (count + 1) + 1);
            let there = subject.and_then(|id| before.iter().find(|old| old.id == id));
            let step = taken.fitted(there);
            let Taken { by, why, later, stale, .. } = taken;
            site.today += Span::new().days(later);
            let version = there.map(|record| record.version + u64::from(stale));
            let decided = site.by(by).why(why).step_on(subject, version, &step);
            match decided {
                Err(refusal) => {
                    prop_assert_eq!(&site.records, &before);
                    let sentence = refusal.to_string();
                    prop_assert!(sentence.lines().count() == 1, "{}", sentence);
                    prop_assert!(!refusal.because.is_empty());
                    prop_assert!(!sentence.chars().any(char::is_control), "{}", sentence);
                }
                Ok(decision) => {
                    prop_assert!(!stale || there.is_none(), "a stale version");
                    prop_assert!(there.is_none_or(|old| old.modified <= site.today), "the clock");
                    prop_assert_eq!(there.map(|r| r.id), there.map(|_| decision.records[0].id));
                    let reviewed = matches!(step, Step::Approve { .. } | Step::Decline | Step::Ask
                        | Step::AnnounceRevocation { .. } | Step::CompleteRevocation);
                    prop_assert!(!reviewers || !reviewed || by == "grace");
                    if let [one, other] = decision.records.as_slice() {
                        let (one, other) = (&one.fields.assignee, &other.fields.assignee);
                        let nobodys = one.is_empty() || other.is_empty();
                        prop_assert!(nobodys || one == other, "{one}'s number to {other}");
                    }
                    for record in &decision.records {
                        let old = before.iter().find(|old| old.id == record.id);
                        if !matches!(step, Step::Import(_)) {
                            undersigned(old, record, site.today);
                        }
                        if let Some(revocation) = &record.revocation {
                            let notice = Span::new().days(i64::from(notice));
                            prop_assert!(revocation.announced <= site.today);
                            prop_assert!(revocation.announced + notice <= revocation.effective);
                        }
                        if let Some(old) = old {
                            let adopted = old.fields.assignee.is_empty() && !record.fields.assignee.is_empty();
                            let adopted = adopted && old.status == Status::Assigned;
                            prop_assert!(!adopted || !reviewers || by == "grace", "{:?}", record);
                            follows(&step, old, record, site.today, i64::from(notice));
                        }
                    }
                }
            }
            for old in &before {
                prop_assert!(held(old, &site.records), "{:?}\n{:?}\n{:?}", step, old, site.records);
            }
            for (at, one) in site.records.iter().enumerate() {
                let seen = |c: char| c != '\u{ad}';
                prop_assert!(one.fields.notes.len() <= LOG && one.fields.notes.chars().all(seen));
                if let Scope::Host(host) = &one.fields.scope {
                    prop_assert!(!host.ends_with('.'), "{}", host);
                }
                for other in &site.records[..at] {
                    prop_assert!(!collide(one, other), "{:?}\n{:?}\n{:?}", step, one, other);
                }
            }
        }
    }
}
