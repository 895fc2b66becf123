//! Every refusal, as the sentence that people read.

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
fn what_another_record_holds() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let billing = site.assigned(fields("billing-api", "8011/tcp"));
    told.request("the same again", site, fields("billing-api", "8011/tcp"));
    told.request(
        "another port for the service",
        site,
        fields("Billing-API", "8012/tcp"),
    );
    told.request(
        "a second name for the number",
        site,
        fields("billing-web", "8011/tcp"),
    );
    told.request(
        "another transport for the service",
        site,
        fields("billing-api", "8011/udp"),
    );
    told.request(
        "another transport, another name",
        site,
        fields("billing-web", "8011/udp"),
    );
    told.request("the name alone", site, fields("billing-api", ""));
    let others = |name: &str, place: &str| with(name, place, |f| f.assignee = "Search".into());
    told.request(
        "somebody else's number",
        site,
        others("search-api", "8011/tcp"),
    );
    told.request(
        "its other transport",
        site,
        others("search-api", "8011/udp"),
    );
    told.request(
        "somebody else's name",
        site,
        others("BILLING-api", "8012/tcp"),
    );
    told.request(
        "somebody else's name alone",
        site,
        others("billing-api", ""),
    );
    told.request(
        "the number on one host",
        site,
        with("search-api", "8011/tcp", |f| {
            f.assignee = "Search".into();
            f.scope = Scope::Host("db1".into());
        }),
    );
    site.step(None, &Step::Request(fields("ledger", "8013/tcp")))
        .unwrap();
    told.tell("what is not assigned yet", site, Some(2), &Step::Deassign);
    told.request(
        "a number that is asked for",
        site,
        others("search-api", "8013/tcp"),
    );
    let step = modified(site, billing, |f| f.expires = Some(date(2026, 11, 30)));
    site.step(Some(billing), &step).unwrap();
    site.today = date(2026, 12, 1);
    told.request(
        "a number whose time is over",
        site,
        others("search-api", "8011/tcp"),
    );
    site.step(Some(billing), &Step::Deassign).unwrap();
    told.request(
        "a number that was given back",
        site,
        others("search-api", "8011/tcp"),
    );
    told.request(
        "one's own that was",
        site,
        fields("billing-web", "8011/udp"),
    );
    insta::assert_snapshot!(told.0, @r##"
    the same again
      refused by RFC 6335 section 7.2: 8011/tcp is held by record 1 (billing-api), assigned to Payments, for the same service; change that record: portolan registry modify 1
    another port for the service
      refused by RFC 6335 section 7.2: the service has 8011/tcp by record 1 (billing-api), assigned to Payments, and a service gets one port; use that one: portolan registry modify 1
    a second name for the number
      refused by RFC 6335 section 5: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and a number is not overloaded with a second name; use the number for the other service instead: portolan registry reuse 1
    another transport for the service
      refused by RFC 6335 section 8.1: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and the number's other transports with it; add the transport: portolan registry modify 1
    another transport, another name
      refused by RFC 6335 section 7.2: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and the number's other transports with it; ask for another port
    the name alone
      refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments; change that record: portolan registry modify 1
    somebody else's number
      refused by RFC 6335 section 6: 8011/tcp is held by record 1 (billing-api), assigned to Payments; ask for another port
    its other transport
      refused by RFC 6335 section 7.2: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and the number's other transports with it; ask for another port
    somebody else's name
      refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments, and names are compared without case; choose another name
    somebody else's name alone
      refused by RFC 6335 section 5.1: the service name is held by record 1 (billing-api), assigned to Payments, and names are compared without case; choose another name
    the number on one host
      refused by RFC 6335 section 6: 8011/tcp is held by record 1 (billing-api), assigned to Payments; ask for another port
    what is not assigned yet
      refused by RFC 6335 section 8.2: record 2 (ledger) is requested, and only an assignment can be given back; take the request back: portolan registry withdraw 2
    a number that is asked for
      refused by RFC 6335 section 8.1: 8013/tcp is held by record 2 (ledger), asked for by Payments, which came first; ask for another port
    a number whose time is over
      refused by RFC 6335 section 6: 8011/tcp is held by record 1 (billing-api), assigned to Payments; ask for another port, or ask them to give it back, as it expired on 2026-11-30: portolan registry deassign 1
    a number that was given back
      refused by RFC 6335 section 8.2: 8011/tcp is held back by record 1 (billing-api), reserved for Payments, and reserved numbers are given last; ask for another port
    one's own that was
      refused by RFC 6335 section 8.2: 8011/tcp is held back by record 1 (billing-api), reserved for Payments, and reserved numbers are given last; use the number again: portolan registry reuse 1
    "##);
}

#[test]
fn a_host_is_one_host_with_its_domain_and_without() {
    let mut site = Site::new();
    let on =
        |name: &str, host: &str| with(name, "8011/tcp", |f| f.scope = Scope::Host(host.into()));
    site.assigned(on("billing-api", "db1"));
    let same = site.step(None, &Step::Request(on("ledger", "DB1.example.org")));
    assert!(
        same.unwrap_err()
            .to_string()
            .contains("8011/tcp is held by record 1")
    );
    let other = site.step(None, &Step::Request(on("ledger", "db2.example.org")));
    assert_eq!(other.unwrap().remarks, Vec::<String>::new());
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
    site.procedure.reviewers = vec!["grace".into()];
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
    more transports, unreviewed
      refused by RFC 6335 section 8.1: more transports or other hosts for record 1 (billing-api) take a review; ask a reviewer to take this step: grace
    what is Reserved
      refused by RFC 6335 section 8.2: record 1 (billing-api) is reserved, and what is Reserved is kept as it is; to use the number again: portolan registry reuse 1
    "##);
}

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
        f.scope = Scope::Host("db1".into());
        f.contact.clear();
        f.why_not_dynamic.clear();
    });
    told.tell("not whole", site, billing, &Step::Reuse(host));
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
    by no reviewer
      refused by this site's rules: ada may not revoke; ask a reviewer: grace
    what is taken away
      refused by RFC 6335 section 8.4: no revocation of record 1 (billing-api) is announced
    somebody else, later
      refused by RFC 6335 section 8.5: record 1 (billing-api) is reserved for Payments, and a number is not transferred to another assignee; ask for another port: portolan registry request
    "##);
}

fn with_reason() -> Step {
    let mut wanted = fields("billing-web", "");
    wanted.why_not_dynamic = "clients have it in their configuration".into();
    Step::Reuse(wanted)
}

#[test]
fn what_reports_and_imports_refuse() {
    let (mut told, site) = (Told::default(), &mut Site::new());
    let billing = site.assigned(fields("billing-api", "8011/tcp"));
    let number = with("", "8012/tcp", |_| {});
    told.tell(
        "no word of what was seen",
        site,
        None,
        &Step::ReportUse(number.clone()),
    );
    site.why("a proxy on db1");
    told.tell("no number", site, None, &Step::ReportUse(Fields::default()));
    told.tell(
        "a number that has a record",
        site,
        None,
        &Step::ReportUse(fields("", "8011/tcp")),
    );
    let record = site.get(billing).unwrap().clone();
    let import = |change: &dyn Fn(&mut portolan_ports::site::Record)| {
        let mut record = record.clone();
        change(&mut record);
        Step::Import(Box::new(record))
    };
    told.tell("what is here", site, None, &import(&|_| ()));
    told.tell(
        "what collides",
        site,
        None,
        &import(&|r| r.fields.service_name = "ledger".into()),
    );
    told.tell("on a record", site, Some(billing), &import(&|_| ()));
    told.tell(
        "a Dynamic port",
        site,
        None,
        &import(&|r| {
            r.fields = fields("ledger", "50000-50009/tcp");
        }),
    );
    told.tell(
        "no name's syntax",
        site,
        None,
        &import(&|r| {
            r.fields = fields("led_ger", "8013/tcp");
        }),
    );
    told.tell(
        "neither name nor port",
        site,
        None,
        &import(&|r| r.fields = fields("", "")),
    );
    told.tell(
        "a revocation of nothing",
        site,
        None,
        &import(&|r| {
            r.fields = fields("ledger", "8013/tcp");
            r.status = Status::Declined;
            r.revocation = Some(Revocation {
                announced: date(2026, 1, 1),
                effective: date(2026, 2, 1),
                because: "unused".into(),
            });
        }),
    );
    site.procedure.reviewers = vec!["grace".into()];
    told.tell(
        "by no reviewer",
        site,
        None,
        &import(&|r| {
            r.fields = fields("ledger", "8013/tcp");
        }),
    );
    insta::assert_snapshot!(told.0, @r##"
    no word of what was seen
      refused by RFC 6335 section 8.1.1: it is not said what was seen; say who uses the number, and where
    no number
      refused by RFC 6335 section 8.1.1: it is not said which number is used; name a port, or a record
    a number that has a record
      refused by this site's rules: record 1 (billing-api) speaks of 8011/tcp already; report it there: portolan registry report-use 1
    what is here
      refused by this site's rules: it is here already: record 1 (billing-api), assigned to Payments; leave it out
    what collides
      refused by RFC 6335 section 5: 8011/tcp is held by record 1 (billing-api), assigned to Payments, and a number is not overloaded with a second name; use the number for the other service instead: portolan registry reuse 1
    on a record
      refused by this site's rules: record 1 (billing-api) is there already, and this step makes a new one; take it without a record
    a Dynamic port
      refused by RFC 6335 section 8.1.2: 50009 lies in the Dynamic range 49152-65535, whose numbers are assigned to nobody and identify no service; ask for a User port
    no name's syntax
      refused by RFC 6335 section 5.1: the service name "led_ger" holds a character other than letters, digits and hyphens; choose 1 to 15 letters, digits and single hyphens, a letter among them
    neither name nor port
      refused by RFC 6335 section 8.1.1: it has neither a service name nor a port; say at least one of them
    a revocation of nothing
      refused by RFC 6335 section 8.4: a revocation is announced, and it is no assignment of a number; leave the revocation out
    by no reviewer
      refused by this site's rules: ada may not give what is imported as assigned; ask a reviewer to import it: grace
    "##);
}
