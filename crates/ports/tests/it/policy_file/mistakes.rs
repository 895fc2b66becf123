//! What is said of every mistake.

use portolan_ports::policy::{MOST_BYTES, MOST_RULES};

use super::{mistake, read};

#[test]
fn every_mistake_says_where_it_is_and_what_to_write() {
    for (text, said) in [
        (
            "[[expect]]\nport = 70000",
            "line 2, column 8: 70000 is no port; a port is 1 to 65535",
        ),
        (
            "deny = [-1]",
            "line 1, column 9: -1 is no port; a port is 1 to 65535",
        ),
        (
            "deny = [\"70000\"]",
            "line 1, column 9: \"70000\" is no port; a port is 1 to 65535",
        ),
        (
            "deny = [\"10-5/tcp\"]",
            "line 1, column 9: the range \"10-5/tcp\" runs backwards; write \"5-10\"",
        ),
        (
            "deny = [\"ssh\"]",
            "line 1, column 9: \"ssh\" is no port; write 443, \"8000-8010\" or \"443/tcp\"",
        ),
        (
            "deny = [true]",
            "line 1, column 9: an entry of deny is true or false; write a port or a range: 443, \"8000-8010\" or \"443/tcp\"",
        ),
        (
            "deny = 23",
            "line 1, column 8: deny is a number; write a list: deny = [23]",
        ),
        (
            "deny = \"23/tcp\"",
            "line 1, column 8: deny is a text; write a list: deny = [\"23/tcp\"]",
        ),
        (
            "deny = true",
            "line 1, column 8: deny is true or false; write a list: deny = [23, \"6000-6063/tcp\"]",
        ),
        (
            "[deny]\nport = 23",
            "line 1, column 1: deny is one table; write [[deny]] above each rule",
        ),
        (
            "deny = [23]\n[[deny]]\nport = 24",
            "line 2, column 3: deny is written in two ways; write it once as a list, deny = [23, 24], or write [[deny]] above each port",
        ),
        (
            "[expect]\nport = 1\n[[expect]]\nport = 2",
            "line 3, column 3: expect stands here again; write [[expect]] above each rule, the first one too",
        ),
        (
            "[[expect]]\nport = 1\nport = 2",
            "line 3, column 1: port stands here twice; leave one of the two out",
        ),
        (
            "[[expect]]\nport =",
            "line 2, column 7: port has no value; write one, or leave the line out",
        ),
        (
            "[[expect]]\nport = # the web\nprogram = \"nginx\"",
            "line 2, column 8: port has no value; write one, or leave the line out",
        ),
        (
            "[[expect]]\nport = 80\nprogram = nginx # the web",
            "line 3, column 11: a text stands in quotation marks; write program = \"nginx\"",
        ),
        (
            "[[expect]]\nport = 80\nrequired = yes",
            "line 3, column 12: \"yes\" is no value; write true or false",
        ),
        (
            "[[expect]]\nport = 80\nuser = -1",
            "line 3, column 8: -1 is the number of no user; write 0 to 4294967295, or a name",
        ),
        (
            "expect = 443",
            "line 1, column 10: expect is a number; write [[expect]] and below it port = 443",
        ),
        (
            "expect = [443]",
            "line 1, column 11: expect is an array of tables; write [[expect]] and below it port = 443",
        ),
        (
            "[expect]\nport = 443",
            "line 1, column 1: expect is one table; write [[expect]] above each rule",
        ),
        (
            "[[expect]]\nport = [80, 443]",
            "line 2, column 8: port is an array; write a port or a range: 443, \"8000-8010\" or \"443/tcp\"",
        ),
        (
            "[[expect]]\nport = \"443/tpc\"",
            "line 2, column 8: \"tpc\" is no transport; write tcp, udp, sctp or dccp",
        ),
        (
            "[[expect]]\nport = 1\ntransport = \"ip\"",
            "line 3, column 13: \"ip\" is no transport; write tcp, udp, sctp or dccp",
        ),
        (
            "[[expect]]\nport = \"1/tcp\"\ntransport = \"udp\"",
            "line 3, column 13: port says tcp and transport udp; leave one of the two out",
        ),
        (
            "[[expect]]\nport = 1\nscope = \"lan\"",
            "line 3, column 9: \"lan\" is no scope; write the widest that is allowed: loopback, interface or any",
        ),
        (
            "[[expect]]\nport = 1\nseverity = \"bad\"",
            "line 3, column 12: \"bad\" is no severity; write alert, warning or note",
        ),
        (
            "[[expect]]\nport = 1\naddress = \"localhost\"",
            "line 3, column 11: \"localhost\" is no address; write it in numbers, without a port: 127.0.0.1 or ::1",
        ),
        (
            "[[expect]]\nport = 1\nprogramm = \"nginx\"",
            "line 3, column 1: there is no key \"programm\" in [[expect]]; the nearest is \"program\"",
        ),
        (
            "[[deny]]\nport = 1\nxyz = 1",
            "line 3, column 1: there is no key \"xyz\" in [[deny]]; there are name, port, transport, severity",
        ),
        (
            "exspect = []",
            "line 1, column 1: there is no key \"exspect\" here; the nearest is \"expect\"",
        ),
        (
            "[[expect]]\nport = 1\nrequired = \"yes\"",
            "line 3, column 12: required is a text; write true or false, without quotation marks",
        ),
        (
            "[[expect]]\nport = 1\nprogram = 7",
            "line 3, column 11: program is a number; write a text in quotation marks",
        ),
        (
            "[[expect]]\nport = 1\nunit = \" \"",
            "line 3, column 8: unit is empty; name one, or leave the line out",
        ),
        (
            "[[expect]]\nport = 1\nprotocol = \"htttp\"",
            "line 3, column 12: \"htttp\" is neither a protocol that Portolan can prove nor a registered service; the nearest is \"http\"",
        ),
        (
            "[[expect]]\nname = \"web\"",
            "line 1, column 1: this [[expect]] has no port; write port = 443 below it",
        ),
        (
            "[[deny]]\nport = 1\nscope = \"any\"",
            "line 3, column 1: a deny has no scope, for nothing at all may listen there; leave it out, or make it an [[expect]]",
        ),
        (
            "[[deny]]\nport = 1\nrequired = true",
            "line 3, column 1: a deny has no required, for nothing at all may listen there; leave it out, or make it an [[expect]]",
        ),
        (
            "[[expect]]\nport = 53\n[[expect]]\nport = 53",
            "line 3, column 1: the name \"expect 53\" is taken by the rule at FILE:1; give one of the two another name",
        ),
        (
            "deny = [23]\n[[expect]]\nport = 23",
            "line 2, column 1: 23 is expected here and denied at FILE:1; take one of the two out",
        ),
        (
            "deny = [0]",
            "line 1, column 9: 0 is no port that anything listens on, for a socket that asks for it gets another; a port is 1 to 65535",
        ),
        (
            "[[expect]]\nport = \"0/udp\"",
            "line 2, column 8: 0 is no port that anything listens on, for a socket that asks for it gets another; a port is 1 to 65535",
        ),
        (
            "[[expect]]\nscope = \"loopback\"\nport = 1\naddress = \"::\"",
            "line 2, column 9: no listener is like that: at :: its scope is any, wider than loopback; write scope = \"any\", or leave the line out",
        ),
        (
            "[[expect]]\nport = 1\naddress = \"10.0.0.1\"\nscope = \"loopback\"",
            "line 4, column 9: no listener is like that: at 10.0.0.1 its scope is interface, wider than loopback; write scope = \"interface\", or leave the line out",
        ),
        (
            "[[deny]]\nport = 1\nname = \"allow-unlisted\"",
            "line 3, column 8: \"allow-unlisted\" is how a listener is reported of which no rule speaks; give the rule another name",
        ),
        (
            "[[deny]]\nport = 1\nname = \"a\\nb\\u001b[2J\"",
            "line 3, column 8: the name \"a\\nb\\u{1b}[2J\" has control characters; write it as one line of letters",
        ),
        (
            "allow-unlisted = \"no\"",
            "line 1, column 18: allow-unlisted is a text; write true or false, without quotation marks",
        ),
        (
            "# für alle\ndeny = [\"äöü\", 70000]",
            "line 2, column 9: \"äöü\" is no port; write 443, \"8000-8010\" or \"443/tcp\"",
        ),
    ] {
        assert_eq!(mistake(text), format!("FILE, {said}"), "{text}");
    }
    assert!(
        mistake("deny = [23").starts_with("FILE, line 1, column "),
        "{}",
        mistake("deny = [23")
    );
}

#[test]
fn a_file_that_is_none_is_refused() {
    assert_eq!(
        mistake(b"deny = [23]\n# \xff"),
        "FILE, line 2, column 3: this byte is no UTF-8, as TOML demands; save the file as UTF-8"
    );
    assert_eq!(
        mistake(vec![b' '; MOST_BYTES + 1]),
        "FILE, line 1, column 1: the file is larger than 1 MiB; join ports that stand together into ranges"
    );
    let many: String = (1..=MOST_RULES + 1)
        .map(|port| format!("{port},"))
        .collect();
    assert_eq!(
        mistake(format!("deny = [{many}\n]")),
        "FILE, line 1, column 48903: this is rule 10001 of all files, and 10000 are the most; join ports that stand together into ranges"
    );
}

#[test]
fn what_is_narrow_and_may_be_is_no_mistake() {
    for sound in [
        "[[expect]]\nport = \"0-1023\"".to_owned(),
        "[[expect]]\nport = 1\naddress = \"127.0.0.1\"\nscope = \"loopback\"".to_owned(),
        "[[expect]]\nport = 1\naddress = \"10.0.0.1\"\nscope = \"any\"".to_owned(),
        format!("[[expect]]\nport = 1\nname = \"{}\"", "ö".repeat(200)),
    ] {
        assert_eq!(read(&sound).map(|policy| policy.rules.len()), Ok(1));
    }
    assert_eq!(
        mistake(format!(
            "[[expect]]\nport = 1\nname = \"{}\"",
            "ö".repeat(201)
        )),
        "FILE, line 3, column 8: the name has 201 characters, and 200 are the most; write a shorter one"
    );
}
