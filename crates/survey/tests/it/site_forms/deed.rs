//! Registries as people leave them behind: whatever steps they take, and whatever they import.

use jiff::Span;
use jiff::civil::{Date, date};
use portolan_ports::embedded;
use portolan_ports::site::{
    Case, Communication, Fields, Procedure, Record, Review, Revocation, Scope, Serves, Status,
    Step, decide,
};
use portolan_registry::Transport;
use proptest::prelude::*;

pub(super) const NAMES: [&str; 7] = [
    "billing-api",
    "Billing-API",
    "search",
    "ssh",
    "http",
    "ledger-v2",
    "",
];
pub(super) const PORTS: [u16; 8] = [22, 26, 8010, 8011, 8012, 8013, 8443, 20_150];
const RUNS: [&str; 9] = [
    "",
    "22",
    "26",
    "8011",
    "8012",
    "8010-8013",
    "8443",
    "20000-20200",
    "50000",
];
pub(super) const PROGRAMS: [&str; 4] = ["billing-api", "sshd", "nginx", "/usr/bin/search"];
const PARTIES: [&str; 4] = ["Payments", "payments ", "Search", ""];

/// What may break a form, or be lost in one.
const ODD: [&str; 22] = [
    " ",
    "\t",
    "\"",
    "\"\"\"",
    "\\",
    "\\n",
    "\n",
    "\r\n",
    " x ",
    "'''",
    "[[assignment]]",
    "#",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{feff}",
    "\u{a0}",
    "\u{2028}",
    "é",
    "\0",
    "Scope: host:x.",
    "]]>",
    "port = 1",
];

fn text() -> impl Strategy<Value = String> {
    let odd = prop::collection::vec(prop::sample::select(ODD.to_vec()), 1..4);
    prop_oneof![
        6 => Just(String::new()),
        3 => "[a-z][a-z ]{0,12}[a-z]",
        3 => odd.prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

fn scope() -> impl Strategy<Value = Scope> {
    let named = prop::sample::select(vec![
        "all",
        "group:web",
        "group:WEB",
        "group:ops",
        "group:db",
        "host:web1",
        "host:WEB1.example",
        "host:web1.other",
        "host:db1",
    ]);
    prop_oneof![
        Just(Scope::All),
        named.prop_map(|name| name.parse().unwrap())
    ]
}

fn day() -> impl Strategy<Value = Date> {
    (0..500_i64).prop_map(|days| date(2026, 1, 1) + Span::new().days(days))
}

fn serves() -> impl Strategy<Value = Serves> {
    let known = |words: &'static [&'static str]| {
        prop_oneof![
            4 => Just(None),
            4 => prop::sample::select(words).prop_map(|word| Some(word.to_owned())),
            1 => text().prop_map(Some),
        ]
    };
    let program = known(&PROGRAMS);
    let protocol = known(&["http", "ssh", "made-up"]);
    let known = (
        program,
        known(&["billing"]),
        known(&["nginx.service"]),
        known(&["box"]),
    );
    (known, protocol, text(), any::<bool>()).prop_map(
        |((program, user, unit, container), protocol, product, nothing)| match nothing {
            true => Serves::default(),
            false => Serves {
                program,
                user,
                unit,
                container,
                protocol,
                product: Some(product),
            },
        },
    )
}

prop_compose! {
    fn fields()(
        name in prop::sample::select(NAMES.to_vec()),
        run in prop::sample::select(RUNS.to_vec()),
        transports in prop::sample::subsequence(Transport::ALL.to_vec(), 0..=3),
        assignee in prop::sample::select(PARTIES.to_vec()),
        whole in any::<bool>(),
        texts in prop::array::uniform8(text()),
        communication in prop::sample::subsequence(Communication::ALL.to_vec(), 0..=2),
        code in prop::option::of(1_u32..0x3f00_0000),
        scope in scope(),
        expires in prop::option::weighted(0.3, day()),
        serves in serves(),
    ) -> Fields {
        let [contact, description, reference, unauthorized_use, notes, dynamic, user, ticket] = texts;
        let or = |text: String, other: &str| match whole && text.trim().is_empty() {
            true => other.to_owned(),
            false => text,
        };
        Fields {
            service_name: name.to_owned(),
            ports: run.parse().ok(),
            // A Service Code is for DCCP alone, and has to be there.
            service_code: code.filter(|_| transports.contains(&Transport::Dccp)),
            transports,
            assignee: assignee.to_owned(),
            contact: or(contact, "billing@example.org"),
            description: or(description, "Bills"),
            reference: or(reference, "https://wiki.example.org/billing"),
            communication,
            unauthorized_use,
            notes,
            why_not_dynamic: or(dynamic, "clients have it written down"),
            why_not_user: or(user, "firewalls of customers"),
            scope,
            ticket,
            expires,
            serves,
        }
    }
}

prop_compose! {
    fn imported()(
        fields in fields(),
        status in prop::sample::select(Status::ALL.to_vec()),
        requested in day(),
        assigned in prop::option::of(day()),
        modified in day(),
        said in prop::array::uniform3(text()),
        revocation in prop::option::weighted(0.3, (day(), day())),
    ) -> Record {
        let [requested_by, because, why] = said;
        Record {
            file: None,
            id: 0,
            version: 0,
            status,
            fields,
            requested_by,
            requested,
            assigned,
            modified,
            because,
            revocation: revocation.map(|(announced, effective)| Revocation {
                announced,
                effective,
                because: why,
            }),
            reuses: None,
        }
    }
}

/// A step, the record on which it is taken, and how many days after the one before it.
#[derive(Clone, Debug)]
struct Deed {
    step: Step,
    subject: prop::sample::Index,
    why: String,
    days: i64,
    first_come: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let approval = "the board".to_owned();
    prop_oneof![
        8 => imported().prop_map(|record| Step::Import(Box::new(record))),
        3 => fields().prop_map(Step::Request),
        2 => fields().prop_map(Step::Draft),
        5 => Just(Step::Approve { approval }),
        1 => Just(Step::Decline),
        1 => Just(Step::Ask),
        2 => fields().prop_map(|fields| Step::Modify(Box::new(fields))),
        1 => Just(Step::Withdraw),
        2 => Just(Step::Deassign),
        2 => fields().prop_map(|fields| Step::Reuse { fields, why_reserved: "no other will do".into() }),
        1 => day().prop_map(|effective| Step::AnnounceRevocation { effective }),
        1 => Just(Step::CompleteRevocation),
        1 => Just(Step::CancelRevocation),
        1 => fields().prop_map(Step::ReportUse),
    ]
}

prop_compose! {
    fn deed()(
        step in step(),
        subject in any::<prop::sample::Index>(),
        why in text(),
        days in 0..40_i64,
        first_come in any::<bool>(),
    ) -> Deed {
        Deed { step, subject, why, days, first_come }
    }
}

/// The records of a registry after some deeds, by number.
pub(super) fn records() -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec(deed(), 1..24).prop_map(|deeds| {
        let mut records = Vec::new();
        let mut today = date(2026, 1, 1);
        for deed in deeds {
            today = today.saturating_add(Span::new().days(deed.days));
            take(&mut records, &deed, today);
        }
        records
    })
}

/// Takes a step, as the store keeps it; what is refused changes nothing.
fn take(records: &mut Vec<Record>, deed: &Deed, today: Date) {
    let is_new = matches!(
        deed.step,
        Step::Import(_) | Step::Request(_) | Step::Draft(_)
    ) || records.is_empty();
    let subject = (!is_new).then(|| records[deed.subject.index(records.len())].clone());
    let own = subject.as_ref().map(|subject| subject.id);
    let others: Vec<Record> = records
        .iter()
        .filter(|r| Some(r.id) != own)
        .cloned()
        .collect();
    let procedure = Procedure {
        review: if deed.first_come {
            Review::FirstCome
        } else {
            Review::Expert
        },
        ..Procedure::default()
    };
    let case = Case {
        step: &deed.step,
        by: "ada",
        why: &deed.why,
        today,
        subject: subject.as_ref(),
        version: None,
        others: &others,
        procedure: &procedure,
        registry: embedded::registry(),
    };
    for mut record in decide(&case)
        .map(|decision| decision.records)
        .unwrap_or_default()
    {
        record.version += 1;
        match records.iter_mut().find(|kept| record.id == kept.id) {
            Some(kept) => *kept = record,
            None => {
                record.id = records.len() as u64 + 1;
                records.push(record);
            }
        }
    }
}
