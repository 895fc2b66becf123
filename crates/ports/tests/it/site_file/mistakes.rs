//! What is said of every mistake.

use portolan_ports::site::file::read;

fn said(text: impl AsRef<[u8]>) -> String {
    match read("FILE", text.as_ref()) {
        Err(mistake) => format!("{mistake}\n"),
        Ok(reading) => {
            let lines = reading
                .mistakes
                .iter()
                .map(|mistake| format!("{mistake}\n"));
            lines.collect()
        }
    }
}

#[test]
fn each_mistake_has_its_place_and_its_remedy() {
    let entry = "[[assignment]]\nservice-name = \"a\"\nregistered = 2026-01-01\n";
    let mut all = String::new();
    for line in [
        "prot = 1",
        "port = 70000",
        "port = \"9-1\"",
        "port = \"443/tcp\"",
        "port = 0",
        "port = true",
        "transport = \"icmp\"",
        "transport = [\"tcp\", \"udp\", \"tcp\"]",
        "transport = []",
        "transport = 6",
        "status = \"assignd\"",
        "assignee = \"  \"",
        "contact = 7",
        "communication = \"unicast\"",
        "service-code = 4294967296",
        "service-code = \"DISC\"",
        "scope = \"web\"",
        "expires = \"2027-01-01\"",
        "expires = 2027-01-01T10:00:00",
        "expires = 2027-02-30",
        "revocation-because = \"x\"",
        "reuses = \"b\"",
    ] {
        all.push_str(&said(format!("{entry}{line}\n")));
    }
    insta::assert_snapshot!(all, @r#"
    FILE, line 4, column 1: there is no key "prot" in [[assignment]]; the nearest is "port"
    FILE, line 4, column 8: 70000 is no port; a port is 1 to 65535
    FILE, line 4, column 8: the range "9-1" runs backwards; write "1-9"
    FILE, line 4, column 8: port has a transport in it; write port = 443 and transport = "tcp"
    FILE, line 4, column 8: 0 is no port that anything listens on, for a socket that asks for it gets another; a port is 1 to 65535
    FILE, line 4, column 8: port is true or false; write a port or a range: 443, "8000-8010" or "443/tcp"
    FILE, line 4, column 13: "icmp" is no transport; there are tcp, udp, sctp, dccp
    FILE, line 4, column 28: "tcp" stands here twice; take one out
    FILE, line 4, column 13: transport is empty; there are tcp, udp, sctp, dccp, or leave the line out
    FILE, line 4, column 13: transport is a number; write a text in quotation marks
    FILE, line 4, column 10: "assignd" is no status; the nearest is "assigned"
    FILE, line 4, column 12: assignee is empty; name one, or leave the line out
    FILE, line 4, column 11: contact is a number; write a text in quotation marks
    FILE, line 4, column 17: "unicast" is no communication; there are broadcast, multicast, anycast
    FILE, line 4, column 16: 4294967296 is no service code, which has 32 bits; write 1 to 4294967294
    FILE, line 4, column 16: service-code is a text; write a number, without quotation marks
    FILE, line 4, column 9: "web" is no scope; write "all", "group:NAME" or "host:NAME"
    FILE, line 4, column 11: expires is a text; write a day without quotation marks: 2026-11-22
    FILE, line 4, column 11: expires has a time; write the day alone: 2026-11-22
    FILE, line 4, column 11: invalid date, expected day between 01 and 28
    FILE, line 1, column 1: a revocation has revocation-announced and revocation-effective; write both, or neither
    FILE, line 4, column 10: no other record here is called "b"; name the one that is reused, or leave the line out
    "#);
}

#[test]
fn names_are_held_to_section_5_1() {
    let mut all = String::new();
    for name in [
        "",
        "sixteen-chars-ab",
        "a_b",
        "12",
        "-a",
        "a--b",
        "\\u001b[2J",
    ] {
        let text = format!("[[assignment]]\nservice-name = \"{name}\"\nregistered = 2026-01-01\n");
        all.push_str(&said(text));
    }
    insta::assert_snapshot!(all, @r#"
    FILE, line 2, column 16: service-name is empty; name one, or leave the line out
    FILE, line 2, column 16: "sixteen-chars-ab" is no service name: not 1 to 15 characters long (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
    FILE, line 2, column 16: "a_b" is no service name: holds a character other than letters, digits and hyphens (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
    FILE, line 2, column 16: "12" is no service name: holds no letter (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
    FILE, line 2, column 16: "-a" is no service name: begins or ends with a hyphen (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
    FILE, line 2, column 16: "a--b" is no service name: holds two hyphens in a row (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
    FILE, line 2, column 16: "\u{1b}[2J" is no service name: holds a character other than letters, digits and hyphens (RFC 6335 section 5.1); write 1 to 15 letters, digits and single hyphens
    "#);
}

#[test]
fn a_file_has_assignments_and_nothing_else() {
    let mut all = String::new();
    for text in [
        "name = 1\n[[assignment]]\nport = 1\nrequested = 2026-01-01\n",
        "[assignment]\nport = 1\n",
        "assignment = [1, 2]\n",
        "[[assignment]]\nport = 1\n",
        "[[assignment]]\nregistered = 2026-01-01\n",
        "[[assignment]]\nport = 1\nport = 2\n",
        "[[assignment]]\nscope = all\n",
        "[[assignment\n",
    ] {
        all.push_str(&said(text));
    }
    all.push_str(&said(b"[[assignment]]\nnotes = \"\xff\"\n"));
    insta::assert_snapshot!(all, @r#"
    FILE, line 1, column 1: there is no key "name" here; write [[assignment]] and below it its keys
    FILE, line 1, column 1: assignment is a table; write [[assignment]] above each record, in double brackets
    FILE, line 1, column 15: a record is a number; write [[assignment]] above each
    FILE, line 1, column 18: a record is a number; write [[assignment]] above each
    FILE, line 1, column 1: this [[assignment]] has no date; write registered = 2026-11-22, the day on which it was assigned, or requested = …
    FILE, line 1, column 1: this [[assignment]] has neither service-name nor port; write at least one
    FILE, line 3, column 1: port stands here twice; leave one of the two out
    FILE, line 2, column 9: a text stands in quotation marks; write scope = "all"
    FILE, line 1, column 13: unclosed array table, expected `]]`
    FILE, line 2, column 10: this byte is no UTF-8, as TOML demands; save the file as UTF-8
    "#);
}

#[test]
fn all_mistakes_are_told_and_the_same_record_twice_is_one() {
    let text = r#"
[[assignment]]
service-name = "a"
port = 1
scope = "web"
expires = 1
registered = 2026-01-01

[[assignment]]
service-name = "b"
port = 2
scope = "host:DB1"
registered = 2026-01-01

[[assignment]]
service-name = "B"
port = 2
scope = "host:db1"
registered = 2026-02-01

[[assignment]]
service-name = "c"
port = 3
registered = 2026-01-01
"#;
    let reading = read("FILE", text.as_bytes()).unwrap();
    let names = reading
        .records
        .iter()
        .map(|record| record.fields.service_name.as_str());
    assert_eq!(Vec::from_iter(names), ["b", "c"]);
    insta::assert_snapshot!(said(text), @r#"
    FILE, line 5, column 9: "web" is no scope; write "all", "group:NAME" or "host:NAME"
    FILE, line 6, column 11: expires is a number; write a day without quotation marks: 2026-11-22
    FILE, line 15, column 1: the same assignment stands at FILE:9 already; take one of the two out
    "#);
}

#[test]
fn a_file_beyond_the_bounds_is_refused() {
    let text = vec![b'#'; portolan_ports::site::file::MOST_BYTES + 1];
    assert_eq!(
        said(text),
        "FILE, line 1, column 1: the file is larger than 64 MiB; split it\n"
    );
    let long = "x".repeat(portolan_ports::site::file::MOST_TEXT + 1);
    let text = format!("[[assignment]]\nport = 1\nnotes = \"{long}\"\nregistered = 2026-01-01\n");
    assert_eq!(
        said(text),
        "FILE, line 3, column 9: notes has 65537 bytes, and 65536 are the most; keep the rest in a document, and name it as reference\n"
    );
}
