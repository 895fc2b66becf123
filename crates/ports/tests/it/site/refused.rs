//! Every refusal, as the sentence that people read.

mod collision;
mod import;
mod revocation;

use std::fmt::Write as _;

use jiff::civil::date;
use portolan_ports::site::{Fields, Revocation, Scope, Section, Status, Step};

use super::{Site, approve, fields};

/// The sentences of a table of refusals, each under what was tried.
#[derive(Default)]
struct Told(String);

impl Told {
    /// Tries a step, which has to be refused and to change nothing.
    fn tell(&mut self, what: &str, site: &mut Site, subject: Option<u64>, step: &Step) {
        let before = site.records.clone();
        let refusal = site.step(subject, step).unwrap_err();
        assert_eq!(site.records, before, "{what}");
        let sentence = refusal.to_string();
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
        writeln!(self.0, "{what}\n  {sentence}").unwrap();
    }

    /// Tries a request on a registry.
    fn request(&mut self, what: &str, site: &mut Site, fields: Fields) {
        self.tell(what, site, None, &Step::Request(fields));
    }

    /// Tries to set fields of a record anew.
    fn modify(&mut self, what: &str, site: &mut Site, id: u64, change: impl FnOnce(&mut Fields)) {
        let step = modified(site, id, change);
        self.tell(what, site, Some(id), &step);
    }
}

fn modified(site: &Site, id: u64, change: impl FnOnce(&mut Fields)) -> Step {
    let mut fields = site.get(id).unwrap().fields.clone();
    change(&mut fields);
    Step::Modify(Box::new(fields))
}

/// `fields` with a change.
fn with(name: &str, place: &str, change: impl FnOnce(&mut Fields)) -> Fields {
    let mut fields = fields(name, place);
    change(&mut fields);
    fields
}

#[test]
fn what_a_request_must_say() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    told.request("nothing is said", site, Fields::default());
    told.request(
        "a port, and nothing else",
        site,
        Fields {
            ports: fields("x", "8011/tcp").ports,
            ..Fields::default()
        },
    );
    told.request("a System port", site, fields("billing-api", "26/tcp"));
    told.request("DCCP", site, fields("billing-api", "8011/dccp"));
    let code = |code| with("billing-api", "8011/dccp", |f| f.service_code = Some(code));
    told.request("service code 0", site, code(0));
    told.request("the highest service code", site, code(u32::MAX));
    told.request("a private service code", site, code(0x3F00_0001));
    told.request(
        "a service code without DCCP",
        site,
        with("billing-api", "8011/tcp", |f| f.service_code = Some(7)),
    );
    for name in [
        "billing_api",
        "-billing",
        "billing-",
        "bil--ling",
        "8011",
        "sixteen-letters-",
    ] {
        told.request(&format!("the name {name}"), site, fields(name, ""));
    }
    told.request(
        "a day that is over",
        site,
        with("billing-api", "", |f| f.expires = Some(date(2026, 11, 21))),
    );
    told.request(
        "a long text",
        site,
        with("billing-api", "", |f| f.reference = "x".repeat(4_097)),
    );
    told.request(
        "two lines where one is enough",
        site,
        with("billing-api", "", |f| f.contact = "one\nother".into()),
    );
    told.request(
        "what steers a terminal",
        site,
        with("billing-api", "", |f| f.notes = "one\n\u{1b}[2J".into()),
    );
    told.request(
        "what is not seen",
        site,
        with("billing-api", "", |f| f.assignee = "Pay\u{ad}ments".into()),
    );
    told.request(
        "a line that looks like the procedures'",
        site,
        with("billing-api", "", |f| {
            f.notes = "mine\n [2020-01-01] : approved by IESG".into();
        }),
    );
    told.request(
        "the same among reports",
        site,
        with("billing-api", "", |f| {
            f.unauthorized_use = "2020-01-01: Search on db1 (reported by grace)".into();
        }),
    );
    told.request(
        "notes beyond all measure",
        site,
        with("billing-api", "", |f| f.notes = "x\n".repeat(20_000)),
    );
    told.request(
        "a host with an empty label",
        site,
        with("billing-api", "", |f| f.scope = Scope::Host("a..b".into())),
    );
    told.request(
        "a scope that is none",
        site,
        with("billing-api", "", |f| {
            f.scope = Scope::Group("two words".into())
        }),
    );
    let empty = Step::Draft(Fields::default());
    told.tell("a draft of nothing", site, None, &empty);
    let step = Step::Draft(with("", "8011/tcp", |f| f.transports.clear()));
    told.tell("a draft without transports", site, None, &step);
    insta::assert_snapshot!(told.0, @r##"
    nothing is said
      refused by RFC 6335 section 8.1.1: what is required is not said: service-name, assignee, contact, description, reference; say each of them
    a port, and nothing else
      refused by RFC 6335 section 8.1.1: what is required is not said: service-name, transport, assignee, contact, description, reference, why-not-dynamic (why no Dynamic port will do); say each of them
    a System port
      refused by RFC 6335 section 8.1.1: what is required is not said: why-not-user (why no User port will do); say it
    DCCP
      refused by RFC 6335 section 8.1.1: what is required is not said: service-code (for DCCP); say it
    service code 0
      refused by RFC 6335 section 8.1.1: service code 0 is reserved; choose another service code
    the highest service code
      refused by RFC 6335 section 8.1.1: service code 4294967295 is reserved; choose another service code
    a private service code
      refused by RFC 6335 section 8.1.1: service code 1056964609 is for private use, which nobody is assigned; choose one outside 1056964608-1073741823
    a service code without DCCP
      refused by RFC 6335 section 8.1.1: a service code is for DCCP alone, and dccp is not among the transports; leave the service code out
    the name billing_api
      refused by RFC 6335 section 5.1: the service name "billing_api" holds a character other than letters, digits and hyphens; choose 1 to 15 letters, digits and single hyphens, a letter among them
    the name -billing
      refused by RFC 6335 section 5.1: the service name "-billing" begins or ends with a hyphen; choose 1 to 15 letters, digits and single hyphens, a letter among them
    the name billing-
      refused by RFC 6335 section 5.1: the service name "billing-" begins or ends with a hyphen; choose 1 to 15 letters, digits and single hyphens, a letter among them
    the name bil--ling
      refused by RFC 6335 section 5.1: the service name "bil--ling" holds two hyphens in a row; choose 1 to 15 letters, digits and single hyphens, a letter among them
    the name 8011
      refused by RFC 6335 section 5.1: the service name "8011" holds no letter; choose 1 to 15 letters, digits and single hyphens, a letter among them
    the name sixteen-letters-
      refused by RFC 6335 section 5.1: the service name "sixteen-letters-" is not 1 to 15 characters long; choose 1 to 15 letters, digits and single hyphens, a letter among them
    a day that is over
      refused by this site's rules: its last day, 2026-11-21, is over; give a later day, or none
    a long text
      refused by this site's rules: reference has 4097 bytes, and may have 4096; shorten it
    two lines where one is enough
      refused by this site's rules: contact has more than one line; write it on one
    what steers a terminal
      refused by this site's rules: notes has a control character; leave it out
    what is not seen
      refused by this site's rules: assignee has a character that is not seen, U+00AD; leave it out
    a line that looks like the procedures'
      refused by this site's rules: notes has the line "[2020-01-01] : approved by IESG", and lines of that form are the procedures' own; write what happened first, and the day behind it
    the same among reports
      refused by this site's rules: unauthorized-use has the line "2020-01-01: Search on db1 (reported by g", and lines of that form are the procedures' own; write what happened first, and the day behind it
    notes beyond all measure
      refused by this site's rules: notes has 40000 bytes, and may have 32768; shorten it
    a host with an empty label
      refused by this site's rules: the scope is not the name of a host or a group; write all, group:NAME or host:NAME
    a scope that is none
      refused by this site's rules: the scope is not the name of a host or a group; write all, group:NAME or host:NAME
    a draft of nothing
      refused by RFC 6335 section 8.1.1: neither a service name nor a port is asked for; say at least one of them
    a draft without transports
      refused by RFC 6335 section 8.1.1: it is not said on which transports 8011 is asked for; say tcp, udp, sctp or dccp
    "##);
}

#[test]
fn which_numbers_are_not_given() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    for port in [0, 1023, 1024, 49151, 49152, 65535, 1021, 1022, 3404] {
        let mut fields = fields("billing-api", &format!("{port}/tcp"));
        fields.why_not_user = "firewalls of customers".into();
        told.request(&format!("port {port}"), site, fields);
    }
    told.request("two ports", site, fields("billing-api", "8011-8012/tcp"));
    insta::assert_snapshot!(told.0, @r##"
    port 0
      refused by RFC 6335 section 6: 0 lies at the edge of a range and is reserved; ask for another User port
    port 1023
      refused by RFC 6335 section 6: 1023 lies at the edge of a range and is reserved; ask for another User port
    port 1024
      refused by RFC 6335 section 6: 1024 lies at the edge of a range and is reserved; ask for another User port
    port 49151
      refused by RFC 6335 section 6: 49151 lies at the edge of a range and is reserved; ask for another User port
    port 49152
      refused by RFC 6335 section 8.1.2: 49152 lies in the Dynamic range 49152-65535, whose numbers are assigned to nobody and identify no service; ask for a User port
    port 65535
      refused by RFC 6335 section 8.1.2: 65535 lies in the Dynamic range 49152-65535, whose numbers are assigned to nobody and identify no service; ask for a User port
    port 1021
      refused by RFC 6335 section 6.1: 1021 is for experiments in controlled surroundings; ask for a User port
    port 1022
      refused by RFC 6335 section 6.1: 1022 is for experiments in controlled surroundings; ask for a User port
    port 3404
      refused by RFC 6335 section 8.1: 3404/tcp is Reserved at IANA (registry row 3404 says "Removed"), and reserved numbers take a Standards Action or IESG Approval; ask for another port
    two ports
      refused by RFC 6335 section 7.2: 8011-8012 are 2 ports, and a service gets one; ask for one of them
    "##);
}

#[test]
fn a_number_that_is_never_given_need_not_be_explained() {
    let mut site = Site::new();
    let bare = fields("billing-api", "1021/tcp");
    let refusal = site.step(None, &Step::Request(bare)).unwrap_err();
    assert_eq!(refusal.section, Section::Rfc6335("6.1"));
}

#[test]
fn what_a_review_refuses() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let system = with("billing-api", "26/tcp", |f| {
        f.why_not_user = "firewalls".into()
    });
    site.step(None, &Step::Request(system)).unwrap();
    told.tell(
        "a System port by an expert alone",
        site,
        Some(1),
        &approve(),
    );
    told.tell("a refusal without a reason", site, Some(1), &Step::Decline);
    told.tell("a question without words", site, Some(1), &Step::Ask);
    let draft = with("ledger", "8013/tcp", |f| f.contact.clear());
    site.step(None, &Step::Draft(draft)).unwrap();
    told.tell("what is not whole", site, Some(2), &approve());
    site.procedure.reviewers = vec!["grace".into(), "edsger".into()];
    told.tell("by somebody who is no reviewer", site, Some(1), &approve());
    told.tell("by nobody", site.by(""), Some(1), &approve());
    site.by("grace").why("not now");
    site.step(Some(1), &Step::Decline).unwrap();
    told.tell("what is declined", site, Some(1), &approve());
    let stale = site.step_on(Some(1), Some(1), &approve()).unwrap_err();
    writeln!(told.0, "what another reviewer has decided\n  {stale}").unwrap();
    told.tell("what is not there", site, Some(99), &approve());
    insta::assert_snapshot!(told.0, @r##"
    a System port by an expert alone
      refused by RFC 6335 section 8.1.2: 26/tcp is a System port, which takes more than an expert: the approval of the body that decides for all; say which body approved it
    a refusal without a reason
      refused by this site's rules: a request is not declined without a word to whoever filed it; say why
    a question without words
      refused by this site's rules: a request is not asked about without a word to whoever filed it; say why
    what is not whole
      refused by RFC 6335 section 8.1.1: what is required is not said: contact; say it with portolan registry modify 2
    by somebody who is no reviewer
      refused by this site's rules: ada may not review requests; ask a reviewer: grace, edsger
    by nobody
      refused by this site's rules: whoever has no login name may not review requests; ask a reviewer: grace, edsger
    what is declined
      refused by RFC 6335 section 8.1: record 1 (billing-api) is declined, and only a request that waits can be approved; file a new request: portolan registry request
    what another reviewer has decided
      refused by this site's rules: record 1 (billing-api) has changed since it was read: it is declined now, by a step of 2026-11-22 (not now); read it again, then decide
    what is not there
      refused by this site's rules: there is no such record; see which there are: portolan registry list
    "##);
}

#[test]
fn what_of_an_assignment_stays() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let billing = site.assigned(fields("billing-api", "8011/tcp"));
    let name = site.assigned(fields("ledger", ""));
    told.modify("a transfer", site, billing, |f| {
        f.assignee = "Search".into()
    });
    told.modify("another name", site, billing, |f| {
        f.service_name = "search".into()
    });
    told.modify("another name of a name", site, name, |f| {
        f.service_name = "search".into()
    });
    told.modify("another number", site, billing, |f| {
        f.ports = fields("x", "8012/tcp").ports
    });
    told.modify("no number", site, billing, |f| f.ports = None);
    told.modify("a number for a name", site, name, |f| {
        f.ports = fields("x", "8012/tcp").ports
    });
    told.modify("what was said left out", site, billing, |f| {
        f.contact.clear()
    });
    told.modify("a day that is over", site, billing, |f| {
        f.expires = Some(date(2026, 1, 1))
    });
    told.modify("fewer hosts", site, billing, |f| {
        f.scope = Scope::Host("db1".into());
    });
    told.modify("fewer hosts for a name", site, name, |f| {
        f.scope = Scope::Group("web".into());
    });
    told.modify("a forged line", site, billing, |f| {
        f.notes = "2020-01-01: approved by IESG".into();
    });
    site.procedure.reviewers = vec!["grace".into()];
    site.records[1].fields.assignee.clear();
    told.modify("what is nobody's", site, name, |f| {
        f.assignee = "Search".into()
    });
    told.modify("more transports, unreviewed", site, billing, |f| {
        f.transports = fields("x", "1/tcp,udp").transports;
    });
    site.step(Some(billing), &Step::Deassign).unwrap();
    told.modify("what is Reserved", site, billing, |f| {
        f.notes = "mine".into()
    });
    insta::assert_snapshot!(told.0, @r##"
    a transfer
      refused by RFC 6335 section 8.5: record 1 (billing-api) is assigned to Payments, and assignments are not transferred; whoever has it gives it back (portolan registry deassign 1), the other asks for a port of its own (portolan registry request)
    another name
      refused by RFC 6335 section 8.3: record 1 (billing-api) keeps its name, and another name is another assignment; use its number for the other service: portolan registry reuse 1
    another name of a name
      refused by RFC 6335 section 8.3: record 2 (ledger) keeps its name, and another name is another assignment; file a request for the other name: portolan registry request
    another number
      refused by RFC 6335 section 8.1: record 1 (billing-api) keeps its number, and another number is another assignment; give the number back (portolan registry deassign 1) and ask for another (portolan registry request)
    no number
      refused by RFC 6335 section 8.1: record 1 (billing-api) keeps its number, and another number is another assignment; give the number back (portolan registry deassign 1) and ask for another (portolan registry request)
    a number for a name
      refused by RFC 6335 section 8.1: record 2 (ledger) is a name alone, and a number for it is another assignment; ask for the port under the same name: portolan registry request
    what was said left out
      refused by RFC 6335 section 8.1.1: what is required is not said: contact; say it again
    a day that is over
      refused by this site's rules: its last day, 2026-01-01, is over; give a later day, or none
    fewer hosts
      refused by RFC 6335 section 8.2: record 1 (billing-api) keeps its scope, all: what is given up is held back, and becomes nobody's on some hosts alone; give the number back (portolan registry deassign 1) and ask for another (portolan registry request)
    fewer hosts for a name
      refused by RFC 6335 section 8.2: record 2 (ledger) keeps its scope, all: what is given up is held back, and becomes nobody's on some hosts alone; leave the scope as it is
    a forged line
      refused by this site's rules: notes has the line "2020-01-01: approved by IESG", and lines of that form are the procedures' own; write what happened first, and the day behind it
    what is nobody's
      refused by RFC 6335 section 8.5: record 2 (ledger) is nobody's, and whose it becomes takes a review; ask a reviewer to take this step: grace
    more transports, unreviewed
      refused by RFC 6335 section 8.1: more transports or hosts for record 1 (billing-api) take a review; ask a reviewer to take this step: grace
    what is Reserved
      refused by RFC 6335 section 8.2: record 1 (billing-api) is reserved, and what is Reserved is kept as it is; to use the number again: portolan registry reuse 1
    "##);
}

fn with_reason() -> Step {
    let mut wanted = fields("billing-web", "");
    wanted.why_not_dynamic = "clients have it in their configuration".into();
    Step::Reuse(wanted)
}
