//! Lint of a site registry's file.

use super::*;

#[test]
fn lint_tells_every_mistake_and_every_broken_rule_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let seeded = format!(
        r#"{SITE}
[[assignment]]
service-name = "Billing-API"
port = 8450
transport = "tcp"
assignee = "Team B"
scope = "host:web1"
registered = 2026-11-20

[[assignment]]
service-name = "echo-port"
port = 1021
transport = "tcp"
assignee = "Team C"
contact = "c@example.org"
description = "Echo"
reference = "https://wiki.example.org/echo"
service-code = 7
revocation-announced = 2026-11-01
revocation-effective = 2026-11-10
registered = 2026-11-20
modified = 2026-11-01

[[assignment]]
service-name = "lost"
port = "50000-50003"
assignee = "Team D"
expires = 2020-01-01
registered = 2019-01-01

[[assignment]]
port = 22
transport = "tcp"
registered = 2026-11-20

[[assignment]]
service-name = "edge"
port = 1024
transport = "dccp"
registered = 2026-11-20

[[assignment]]
service-name = "metrics-two"
port = 8448
transport = "udp"
assignee = "Team Metrics"
status = "requested"
scope = "group:db"
requested = 2026-11-22
revocation-announced = 2026-11-01
revocation-effective = 2026-12-10

[[assignment]]
service-name = "two_words"
port = 70000
registered = "today"

[[assignment]]
service-name = "third"
port = 8446
transport = "sctp"
assignee = "Team E"
contact = "e@example.org"
description = "Third"
reference = "https://wiki.example.org/third"
why-not-dynamic = "firewalls"
registered = 2026-11-20
"#
    );
    fs::write(folder.path().join("seeded"), seeded).unwrap();
    let run = run_in(folder.path(), &["registry", "lint", "seeded"]);
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.out, @r#"
    error form (3): The file has the form of docs/site-file.md; service names keep to RFC 6335 section 5.1. [the registry's form]
      line 111  no port  "two_words" is no service name: holds a character other than letters, digits and hyphens (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
      line 112  no port  70000 is no port; a port is 1 to 65535
      line 113  no port  registered is a text; write a day without quotation marks: 2026-11-22
      To do: correct the place; a record with a mistake is held to no other rule.

    error name-twice (1): A service name stands for one service where two scopes surely meet; case does not matter. [RFC 6335 section 5.1]
      line 59  8450/tcp  the service name is held by seeded:1 (billing-api), assigned to Team Billing, and names are compared without case
      To do: give the second service a name of its own, or join the two records.

    error number-held (1): A number belongs to one record where two scopes surely meet, on all its transports (section 7.2). [RFC 6335 section 6]
      line 115  8446/sctp  8446/tcp,udp is held by seeded:1 (billing-api), assigned to Team Billing, and the number's other transports with it
      To do: give one of the two another port; of one assignee's, join the two records.

    error dynamic-assigned (1): A port of the Dynamic range, 49152-65535, is assigned to nobody and identifies no service. [RFC 6335 section 8.1.2]
      line 81  50000-50003  50003 lies in the Dynamic range 49152-65535, whose numbers are assigned to nobody and identify no service
      To do: assign a User port, or let the service take any free port at run time.

    error edge-reserved (1): The edges of the ranges (0, 1023, 1024, 49151) are reserved. [RFC 6335 section 6]
      line 93  1024/dccp  1024 lies at the edge of a range and is reserved
      To do: assign another User port.

    error experiment (1): 1021 and 1022 are for experiments and no service's. [RFC 6335 section 6.1]
      line 67  1021/tcp  1021 is for experiments in controlled surroundings
      To do: assign another User port.

    error iana-reserved (1): A number that IANA holds back is not assigned: it takes a Standards Action or IESG Approval. [RFC 6335 section 8.1]
      line 99  8448/udp  8448/udp is Reserved at IANA (registry row 8448/udp says "Reserved"), and reserved numbers take a Standards Action or IESG Approval
      To do: assign another port.

    error name-missing (1): An assignment has a service name. [RFC 6335 section 8.1.1]
      line 88  22/tcp  no service-name
      To do: write service-name.

    error transport-missing (1): An assigned port names its transports. [RFC 6335 section 8.1.1]
      line 81  50000-50003  no transport
      To do: write transport.

    error assignee-missing (2): An assignment has an assignee. [RFC 6335 section 8.1.1]
      line 88  22/tcp     no assignee
      line 93  1024/dccp  no assignee
      To do: write assignee: who has it; without one nobody can give it back or change it.

    error contact-missing (4): An assignment has a contact. [RFC 6335 section 8.1.1]
      line 59  8450/tcp     no contact
      line 81  50000-50003  no contact
      line 88  22/tcp       no contact
      line 93  1024/dccp    no contact
      To do: write contact: whom to ask.

    error description-missing (4): An assignment has a description. [RFC 6335 section 8.1.1]
      line 59  8450/tcp     no description
      line 81  50000-50003  no description
      line 88  22/tcp       no description
      line 93  1024/dccp    no description
      To do: write description: a few words on what the service does.

    error reference-missing (4): An assignment has a reference; for a System port, a stable specification. [RFC 6335 section 8.1.1]
      line 59  8450/tcp     no reference
      line 81  50000-50003  no reference
      line 88  22/tcp       no reference (a stable specification, for a System port)
      line 93  1024/dccp    no reference
      To do: write reference: the document that describes the protocol or application.

    error code-missing (1): An assignment for DCCP has a Service Code. [RFC 6335 section 8.1.1]
      line 93  1024/dccp  no service-code (for DCCP)
      To do: write service-code (RFC 5595).

    error code-wrong (1): A Service Code is for DCCP alone, neither reserved (0, 4294967295) nor private (0x3F000000-0x3FFFFFFF). [RFC 6335 section 8.1.1]
      line 67  1021/tcp  a service code is for DCCP alone, and dccp is not among the transports
      To do: take another code, or leave it out.

    error revocation-misplaced (1): What is revoked is the assignment of a number; names alone are not. [RFC 6335 section 8.4]
      line 99  8448/udp  a revocation is announced, and it is no assignment of a number
      To do: take the revocation keys out.

    warning named-range (1): A service has one port number and not a run of them. [RFC 6335 section 7.2]
      line 81  50000-50003  50000-50003 are 4 ports
      To do: multiplex over one port, or negotiate Dynamic ports.

    warning why-missing (5): A request for a port says why no Dynamic port will do, for a System port also why no User port. [RFC 6335 section 8.1.1]
      line 59  8450/tcp     no why-not-dynamic (why no Dynamic port will do)
      line 67  1021/tcp     no why-not-dynamic (why no Dynamic port will do) and no why-not-user (why no User port will do)
      line 81  50000-50003  no why-not-dynamic (why no Dynamic port will do)
      line 88  22/tcp       no why-not-dynamic (why no Dynamic port will do) and no why-not-user (why no User port will do)
      line 93  1024/dccp    no why-not-dynamic (why no Dynamic port will do)
      To do: write why-not-dynamic, and for a System port why-not-user.

    warning revocation-short (1): A revocation is announced four weeks before it takes effect. [RFC 6335 section 8.4]
      line 67  1021/tcp  9 days of notice, where 28 are usual
      To do: set revocation-effective later, where the site's own rules do not say otherwise.

    warning date-backwards (1): A record is requested, then registered, then modified, and expires after that. [the registry's form]
      line 67  1021/tcp  modified 2026-11-01, before 2026-11-20
      To do: correct one of the dates.

    note name-advice (1): A name has no redundant word, no version and no half of a secure and insecure pair (RFC 7605 section 7). [RFC 6335 section 5]
      line 67  1021/tcp  the word "port" in a service name says nothing; better leave it out (RFC 6335 section 5)
      To do: choose another name for a new service; an old one stays.

    note scopes-may-meet (1): A number or name belongs to one record also where two scopes only may have a host in common. [RFC 6335 section 6]
      line 99  8448/udp  8448/udp is taken in scope group:web by seeded:27 (metrics-in), asked for by Team Metrics: the two scopes may have a host in common
      To do: see that no host is in both scopes.

    note iana-assigned (3): A number that IANA assigns to another service is taken for that one by programs and people. [RFC 6335 section 6]
      line 27  8448/tcp  IANA assigns 8448/tcp to matrix-fed: programs and people will take this service for it
      line 59  8450/tcp  IANA assigns 8450/tcp to npmp: programs and people will take this service for it
      line 88  22/tcp    IANA assigns 22/tcp to ssh: programs and people will take this service for it
      To do: assign a port that is nobody's, or know why not.

    note known-use (3): A number that a program is known to use without an assignment is found in use some day. [the registry's form]
      line 27  8448/tcp  Matrix servers reach each other here unless a server says otherwise. [https://github.com/element-hq/synapse/blob/3f96c956f1a0221c544fd7a2d6f83ba5ed6927dc/docs/federate.md]
      line 67  1021/tcp  BSD kernels and macOS' look for a free privileged port between 600 and 1023 when a program wants any. [https://github.com/apple-oss-distributions/xnu/blob/5c2921b07a2480ab43ec66f5b9e41cb872bc554f/bsd/netinet/in.h]; and 2 more
      line 88  22/tcp    SSH; the default of OpenSSH's server. [https://github.com/openssh/openssh-portable/blob/05eda437a64020e8d8a824bb1ae102603f59efb9/sshd_config]
      To do: see portolan PORT for the sources.

    note request-incomplete (2): What a request lacks has to come before it is approved. [RFC 6335 section 8.1.1]
      line 27  8448/tcp  a request without description, reference, why-not-dynamic (why no Dynamic port will do)
      line 99  8448/udp  a request without contact, description, reference, why-not-dynamic (why no Dynamic port will do)
      To do: write what is missing.

    note expired (1): What was assigned for a time is given back when it is over. [the registry's form]
      line 81  50000-50003  expired on 2020-01-01
      To do: set a later day, or give it back: status = "reserved".

    seeded, 12 records: 28 errors, 8 warnings, 11 notes
    "#);
    let json = run_in(folder.path(), &["registry", "lint", "seeded", "--json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    schema::check("lint.json", &json);
    let broken = |rule: &&Value| rule["findings"].as_u64() != Some(0);
    let rules = json["rules"].as_array().unwrap();
    let kept: Vec<&Value> = rules
        .iter()
        .filter(|rule| !broken(rule))
        .map(|rule| &rule["id"])
        .collect();
    assert!(kept.is_empty(), "no line breaks {kept:?}");
    fs::write(folder.path().join("site.toml"), SITE).unwrap();
    let clean = run_in(
        folder.path(),
        &[
            "--site",
            "site.toml",
            "registry",
            "lint",
            "--severity",
            "error",
        ],
    );
    assert_eq!(clean.out, "site.toml, 5 records: keeps to every rule\n");
    assert_eq!(clean.code, Some(0));
    fs::write(folder.path().join("broken.toml"), "[[assignment\n").unwrap();
    assert_eq!(
        run_in(folder.path(), &["registry", "lint", "broken.toml"]).code,
        Some(2)
    );
    assert_eq!(
        run_in(folder.path(), &["registry", "lint", "none.toml"]).code,
        Some(3)
    );
}
