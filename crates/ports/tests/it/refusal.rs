//! The build's checks of facts, with the build's own files: what is refused, and where.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use portolan_ports::knowledge::{self, Knowledge};
use portolan_ports::{embedded, protocol};

use facts::{Grounds, Source};

#[path = "../../build/facts.rs"]
#[allow(dead_code, reason = "the build's own files")]
mod facts;

/// A fact that is taken; each case changes what it is about.
const GOOD: [(&str, &str); 9] = [
    ("ports", "\"5173\""),
    ("transports", "[\"tcp\"]"),
    ("kind", "\"unofficial_use\""),
    ("text", "\"A development server listens here.\""),
    ("protocol", "\"http\""),
    ("product", "\"vite\""),
    ("source", "\"https://example.org/vite\""),
    ("source_title", "\"Vite's manual\""),
    ("verified", "true"),
];

/// A `[[fact]]` of [`GOOD`] with other values; an empty one leaves the key out.
fn fact(changes: &[(&str, &str)]) -> String {
    let mut lines = vec!["[[fact]]".to_owned()];
    let checked = [("checked", "\"2026-11-21\""), ("disputes", "")];
    for (key, value) in GOOD.into_iter().chain(checked) {
        let changed = changes.iter().find(|(changed, _)| *changed == key);
        let value = changed.map_or(value, |(_, value)| value);
        if !value.is_empty() {
            lines.push(format!("{key} = {value}"));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn table(files: &[(&str, String)]) -> Result<Vec<u8>, Vec<String>> {
    let sources: Vec<Source> = files
        .iter()
        .map(|(file, text)| Source {
            file: (*file).to_owned(),
            text: text.clone(),
        })
        .collect();
    let grounds = Grounds {
        registry: embedded::registry(),
        is_protocol: protocol::is_protocol,
    };
    facts::table(&sources, &grounds)
        .map_err(|refusals| refusals.iter().map(ToString::to_string).collect())
}

/// What is said of one changed fact that stands second in its file.
fn refused(changes: &[(&str, &str)]) -> String {
    let first = fact(&[("ports", "\"1\""), ("protocol", "\"ssh\"")]);
    let text = format!("# An area.\n\n{first}\n{}", fact(changes));
    let refusals = table(&[("area.toml", text)]).unwrap_err();
    refusals.join("\n")
}

#[test]
fn a_fact_of_the_right_form_is_taken() {
    let table = table(&[("area.toml", fact(&[]))]).unwrap();
    let facts: Vec<_> = Knowledge::new(&table).facts().collect();
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].area, "area");
    assert_eq!(facts[0].product, Some("vite"));
}

/// What is changed, and the whole complaint.
type Case = (&'static [(&'static str, &'static str)], &'static str);

const FORM: &[Case] = &[
    (
        &[("ports", "\"70000\"")],
        "ports: \"70000\": beyond 65535, the highest port",
    ),
    (
        &[("ports", "\"9-5\"")],
        "ports: \"9-5\": the range runs backwards",
    ),
    (
        &[("ports", "\"5173-5173\"")],
        "ports: \"5173-5173\" is written 5173",
    ),
    (
        &[("ports", "\"05173\"")],
        "ports: \"05173\" is written 5173",
    ),
    (&[("transports", "[]")], "transports: none is named"),
    (
        &[("transports", "[\"quic\"]")],
        "transports: \"quic\" is none of tcp, udp, sctp, dccp",
    ),
    (
        &[("transports", "[\"udp\", \"tcp\"]")],
        "transports: not each once, in the order tcp, udp, sctp, dccp",
    ),
    (
        &[("transports", "[\"tcp\", \"tcp\"]")],
        "transports: not each once, in the order tcp, udp, sctp, dccp",
    ),
    (&[("kind", "\"use\"")], "kind: \"use\" is none of the five"),
    (
        &[("kind", "\"risk\"")],
        "kind: risk is no use, so it carries neither protocol nor product",
    ),
    (
        &[("text", "\"Too short.\"")],
        "text: 10 characters long, not 12 to 220",
    ),
    (
        &[("text", "\"A server listens here\"")],
        "text: ends without a full stop",
    ),
    (
        &[("text", "\"A server listens here. Another does too.\"")],
        "text: more than one sentence; another begins at \"Another\"",
    ),
    (
        &[("text", "\"A server listens here, see www.example.org.\"")],
        "text: quotes an address; that belongs into source",
    ),
    (
        &[("text", "\"A server\\u001b[31m listens here.\"")],
        "text: holds a control character",
    ),
    (
        &[("text", "\"A server  listens here.\"")],
        "text: a blank too many",
    ),
    (
        &[("source", "\"gopher://example.org/\"")],
        "source: not a web address",
    ),
    (
        &[("source", "\"https:///vite\"")],
        "source: the address names no host",
    ),
    (
        &[("source", "\"https://localhost/vite\"")],
        "source: the address names no host",
    ),
    (
        &[("source", "\"https://example.org/a page\"")],
        "source: the address holds a blank or a control character",
    ),
    (&[("source_title", "\"\"")], "source_title: empty"),
    (
        &[("checked", "")],
        "checked: missing, and verified is true: on which day was the source opened?",
    ),
    (
        &[("verified", "false")],
        "checked: there is a day, and verified is false: was the source opened or not?",
    ),
    (
        &[("checked", "\"2026-02-29\"")],
        "checked: \"2026-02-29\" is no day, YYYY-MM-DD",
    ),
    (
        &[("checked", "\"21.11.2026\"")],
        "checked: \"21.11.2026\" is no day, YYYY-MM-DD",
    ),
    (
        &[("checked", "\"2025-12-31\"")],
        "checked: 2025-12-31 lies before 2026-01-01",
    ),
    (
        &[("product", "\"Vite\"")],
        "product: \"Vite\" is no key: lower case, digits and single hyphens",
    ),
    (
        &[("product", "\"vite--dev\"")],
        "product: \"vite--dev\" is no key: lower case, digits and single hyphens",
    ),
    (
        &[("protocol", "\"gibberish\"")],
        "protocol: \"gibberish\" is neither a registered service name nor a protocol of Portolan's",
    ),
    (
        &[("protocol", "\"HTTP\"")],
        "protocol: \"HTTP\" is registered as \"http\"",
    ),
    (
        &[("protocol", "\"netbiosns\"")],
        "protocol: \"netbiosns\" is registered as \"netbios-ns\"",
    ),
];

#[test]
fn what_is_of_the_wrong_form_is_refused_with_its_line() {
    for (changes, complaint) in FORM {
        // The second fact begins on line 15, after a heading and the first one.
        let whole = format!("area.toml, line 15: {complaint}");
        assert_eq!(refused(changes), whole, "{changes:?}");
    }
}

const AGAINST_THE_REGISTRY: &[Case] = &[
    (
        &[("kind", "\"official_use\"")],
        "official_use: the registry gives 5173/tcp to nobody, not to http",
    ),
    (
        &[("kind", "\"official_use\""), ("protocol", "")],
        "official_use: protocol is missing; it is the registered service name",
    ),
    (
        &[
            ("ports", "\"5432\""),
            ("kind", "\"official_use\""),
            ("protocol", "\"mysql\""),
        ],
        "official_use: the registry gives 5432/tcp to postgresql, not to mysql",
    ),
    // Assigned on TCP alone: a fact about both transports must not borrow from it.
    (
        &[
            ("ports", "\"2375\""),
            ("transports", "[\"tcp\", \"udp\"]"),
            ("kind", "\"official_use\""),
            ("protocol", "\"docker\""),
        ],
        "official_use: the registry gives 2375/udp to nobody, not to docker",
    ),
    // The end of a range counts as much as its beginning.
    (
        &[
            ("ports", "\"6000-6064\""),
            ("kind", "\"official_use\""),
            ("protocol", "\"x11\""),
        ],
        "official_use: the registry gives 6064/tcp to ndl-ahp-svc, not to x11",
    ),
    (
        &[("ports", "\"5432\""), ("protocol", "\"postgresql\"")],
        "unofficial_use: the registry gives 5432/tcp to postgresql; it is an official use there",
    ),
    (
        &[(
            "text",
            "\"The number is registered to the makers of Vite.\"",
        )],
        "text: says \"registered\", and the registry gives 5173/tcp to nobody",
    ),
    (
        &[("text", "\"The official port of a development server.\"")],
        "text: says \"official\", and the registry gives 5173/tcp to nobody",
    ),
    (
        &[
            ("ports", "\"6443\""),
            ("protocol", "\"https\""),
            (
                "text",
                "\"An API server's, although it is registered to Loftware.\"",
            ),
        ],
        "text: says to whom it is registered, and no row of 6443/tcp tells of \"loftware\"",
    ),
    (
        &[
            ("ports", "\"6443\""),
            ("protocol", "\"https\""),
            (
                "text",
                "\"An API server's, since this number is unassigned.\"",
            ),
        ],
        "text: says \"is unassigned\", and the registry gives 6443/tcp to sun-sr-https",
    ),
    (
        &[("disputes", "\"The registry is wrong about this number.\"")],
        "disputes: the fact contradicts nothing that the registry says",
    ),
];

#[test]
fn what_contradicts_the_registry_is_refused_with_its_line() {
    for (changes, complaint) in AGAINST_THE_REGISTRY {
        let whole = format!("area.toml, line 15: {complaint}");
        assert_eq!(refused(changes), whole, "{changes:?}");
    }
}

#[test]
fn what_contradicts_the_registry_and_says_why_is_taken() {
    let why = (
        "disputes",
        "\"The vendor's manual claims what was never granted.\"",
    );
    let text = (
        "text",
        "\"The vendor calls this number its official port.\"",
    );
    for changes in [
        &[text, why][..],
        &[("ports", "\"5432\""), ("protocol", "\"postgresql\""), why],
        // Reserved today: what it was then is history's to say.
        &[
            ("ports", "\"994\""),
            ("kind", "\"history\""),
            ("protocol", ""),
            ("product", ""),
            why,
        ],
    ] {
        table(&[("area.toml", fact(changes))]).unwrap();
    }
}

#[test]
fn words_of_the_registry_are_no_contradiction_where_they_are_true() {
    for (ports, text) in [
        (
            "6443",
            "An API server's, although it is registered to Sun's Service Registry.",
        ),
        (
            "3300",
            "Monitors listen here, by the number that was registered for them.",
        ),
        (
            "7001",
            "A console's, although it is registered to the Andrew File System.",
        ),
        (
            "9100",
            "Metrics over HTTP, on a number registered to raw printing.",
        ),
        ("9050", "By custom only: Tor has not registered the number."),
        (
            "5173",
            "A development server's, on a number that is not registered.",
        ),
        (
            "600-1023",
            "Any RPC service may sit on a number nobody assigned.",
        ),
    ] {
        let (ports, text) = (format!("\"{ports}\""), format!("\"{text}\""));
        let changes = [("ports", &*ports), ("text", &*text), ("protocol", "")];
        table(&[("area.toml", fact(&changes))]).unwrap_or_else(|why| panic!("{why:?}"));
    }
}

#[test]
fn facts_stand_in_order_and_once() {
    let swapped = fact(&[]) + &fact(&[("ports", "\"4173\"")]);
    assert_eq!(
        table(&[("area.toml", swapped)]).unwrap_err(),
        ["area.toml, line 12: ports: 4173 stands after 5173; sort by port"]
    );
    let both = fact(&[("transports", "[\"tcp\", \"udp\"]")]);
    assert_eq!(
        table(&[("area.toml", fact(&[])), ("other.toml", both.clone())]).unwrap_err(),
        [
            "other.toml, line 1: told already in area.toml, line 1: the same ports, kind, claim and source"
        ]
    );
    let udp = fact(&[("transports", "[\"udp\"]")]);
    let elsewhere = fact(&[("source", "\"https://example.com/\"")]);
    let other = fact(&[("product", "\"parcel\"")]);
    table(&[("area.toml", fact(&[]) + &udp + &elsewhere + &other)]).unwrap();
}

#[test]
fn a_file_that_is_none_says_where() {
    let cases = [
        ("[[fact]\n", "area.toml, line 1: "),
        ("# nothing\n", "area.toml, line 1: missing field `fact`"),
        (
            "\n[[fact]]\nport = 3\n",
            "area.toml, line 3: unknown field `port`",
        ),
        (
            "\n\n[[facts]]\n",
            "area.toml, line 3: unknown field `facts`",
        ),
    ];
    for (text, begins) in cases {
        let refusals = table(&[("area.toml", text.to_owned())]).unwrap_err();
        assert_eq!(refusals.len(), 1);
        assert!(refusals[0].starts_with(begins), "{refusals:?}");
    }
    let refusals = table(&[("An Area.toml", fact(&[]))]).unwrap_err();
    assert_eq!(
        refusals,
        ["An Area.toml, line 1: the file's name is no area: lower case, digits and single hyphens"]
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = fact(&[("text", "\"Short.\""), ("kind", "\"use\"")]) + &fact(&[("source", "\"x\"")]);
    assert_eq!(
        table(&[("area.toml", text)]).unwrap_err(),
        [
            "area.toml, line 1: kind: \"use\" is none of the five",
            "area.toml, line 1: text: 6 characters long, not 12 to 220",
            "area.toml, line 12: source: not a web address",
        ]
    );
}
