//! Differences between registries, by meaning.

use portolan_registry::diff::{Kind, diff, write_atom};
use portolan_registry::history::history;
use portolan_registry::{Assignment, PortRange, Registry, Transport};
use proptest::prelude::*;

use crate::registry;

const OLD: &str = "\
,288-307,,Unassigned,,,,,,,,
compressnet,310,tcp,Management Utility,[A],[A],,,,,,
pearldoc,311,tcp,PearlDoc XACT,[P],[P],,,,,,
smtp,312,tcp,Mail,[I],[C],,2017,[RFC5321],,,
hands,313,tcp,The first,[A],[A],,,,,,
noted,314,tcp,Same,[A],[A],2001-01-01,,,,,\"Old
note\"
spaced,315,tcp,\"Two
lines\",[A],[A],,,,,,
dated,316,tcp,Same,[A],[A],2001-01-01,,,,,
,317-318,,Reserved,,,,,,,,
,319-320,,Unassigned,,,,,,,,
,321-330,,Unassigned,,,,,,,,
gone,,tcp,No port,[A],[A],,,,,,
";

const NEW: &str = "\
,288-299,,Unassigned,,,,,,,,
tacacss,300,tcp,TLS Secure Login Host Protocol,[T],[T],,,[RFC9887],,,
,300,udp,Reserved,,,,,,,,
,301-307,,Unassigned,,,,,,,,
,310,tcp,Reserved,,,,,,,,De-assigned
panquest,311,tcp,PanQuest XACT,[P],[P],,,,,,
smtp,312,tcp,Mail,[I],[D],,2024,[RFC9999],,,
others,313,tcp,The second,[B],[B],,,,,,
noted,314,tcp,Same,[A],[A],2001-01-01,2024-01-01,,,,New note
spaced,315,tcp,Two lines,[A],[A],,,,,,
dated,316,tcp,Same,[A],[A],2001-01-01,2024-01-01,,,,
,317-318,,Unassigned,,,,,,,,
,319,,Unassigned,,,,,,,,
ten,320,tcp,Ten,[A],[A],,,,,,
,321-325,,Unassigned,,,,,,,,
,326-330,,Unassigned,,,,,,,,
come,,udp,No port,[A],[A],2024-05-01,,,,,
";

fn said(older: &Registry, newer: &Registry) -> String {
    let lines: Vec<String> = diff(older, newer)
        .changes
        .iter()
        .map(|c| format!("{} {} | {}", c.place(), c.kind.as_str(), c.said()))
        .collect();
    lines.join("\n")
}

#[test]
fn each_kind_of_change_is_said_once() {
    let (old, new) = (registry(OLD), registry(NEW));
    insta::assert_snapshot!(said(&old, &new), @r#"
    288-307 split | the unassigned block was cut into 288-299, 301-307; tacacss came in between
    300/tcp added | tacacss came, was unassigned: TLS Secure Login Host Protocol
    300/udp state_changed | was unassigned, is reserved
    310/tcp removed | compressnet went, is reserved
    311/tcp renamed | pearldoc is now called panquest
    311/tcp described | panquest: description "PanQuest XACT", was "PearlDoc XACT"
    312/tcp reassigned | smtp: contact "[D]", was "[C]"
    312/tcp referenced | smtp: reference "[RFC9999]", was "[RFC5321]"
    313/tcp added | others came, was hands's: The second
    313/tcp removed | hands went, is others's
    314/tcp noted | noted: assignment notes "New note", was "Old note"
    316/tcp dated | dated: modification date now "2024-01-01"
    317-318 state_changed | was reserved, is unassigned
    319-320 shrunk | the unassigned block shrank to 319; ten came
    320/tcp added | ten came, was unassigned: Ten
    321-330 split | the unassigned block was cut into 321-325, 326-330
    no port/tcp removed | gone went
    no port/udp added | come came: No port
    "#);
    insta::assert_snapshot!(said(&new, &old), @r#"
    288-307 merged | the unassigned block was joined from 288-299, 301-307; tacacss went from between
    300/tcp removed | tacacss went, is unassigned
    300/udp state_changed | was reserved, is unassigned
    310/tcp added | compressnet came, was reserved: Management Utility
    311/tcp renamed | panquest is now called pearldoc
    311/tcp described | pearldoc: description "PearlDoc XACT", was "PanQuest XACT"
    312/tcp reassigned | smtp: contact "[C]", was "[D]"
    312/tcp referenced | smtp: reference "[RFC5321]", was "[RFC9999]"
    313/tcp added | hands came, was others's: The first
    313/tcp removed | others went, is hands's
    314/tcp noted | noted: assignment notes "Old note", was "New note"
    316/tcp dated | dated: modification date no longer "2024-01-01"
    317-318 state_changed | was unassigned, is reserved
    319-320 grown | the unassigned block grew from 319; ten went
    320/tcp removed | ten went, is unassigned
    321-330 merged | the unassigned block was joined from 321-325, 326-330
    no port/tcp added | gone came: No port
    no port/udp removed | come went
    "#);
}

#[test]
fn history_says_when() {
    let registries = [("2020", OLD), ("2022", OLD), ("2024", NEW), ("2026", OLD)]
        .map(|(date, rows)| (date.to_owned(), registry(rows)));
    let said: Vec<String> = history(&registries, 300)
        .iter()
        .flat_map(|m| {
            let line = |c: &portolan_registry::diff::Change<'_>| {
                format!("{}..{} {} {}", m.since, m.until, c.place(), c.said())
            };
            m.changes.iter().map(line).collect::<Vec<_>>()
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    2022..2024 288-307 the unassigned block was cut into 288-299, 301-307; tacacss came in between
    2022..2024 300/tcp tacacss came, was unassigned: TLS Secure Login Host Protocol
    2022..2024 300/udp was unassigned, is reserved
    2024..2026 288-307 the unassigned block was joined from 288-299, 301-307; tacacss went from between
    2024..2026 300/tcp tacacss went, is unassigned
    2024..2026 300/udp was reserved, is unassigned
    "#);
    assert!(history(&registries, 8080).is_empty());
    assert!(history(&registries[..1], 300).is_empty());
}

#[test]
fn the_feed_is_whole_escaped_and_stable() {
    let old = registry("a,1,tcp,One,[A],[A],,,,,,\n");
    let new = registry(
        "a,1,tcp,\"<script> & \"\"x\"\"\u{1}\u{1b}]]>\",[A],[A],2024-02,,,,,\nb<,2,tcp,B,,,,,,,,\n",
    );
    let feed = || {
        let mut feed = Vec::new();
        write_atom(&diff(&old, &new), &mut feed).unwrap();
        String::from_utf8(feed).unwrap()
    };
    assert_eq!(feed(), feed());
    insta::assert_snapshot!(feed(), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom">
      <id>urn:uuid:610244ce-41f6-8727-b9e9-edf39d8f63e0</id>
      <title>IANA port registry,  to 2024-02</title>
      <updated>2024-02-01T00:00:00Z</updated>
      <author><name>Portolan</name></author>
      <link rel="related" href="https://www.iana.org/assignments/service-names-port-numbers"/>
      <entry>
        <id>urn:uuid:15768898-664d-8e34-9190-e7fd2b9a5340</id>
        <title>1/tcp a: described</title>
        <updated>2024-02-01T00:00:00Z</updated>
        <category term="described"/>
        <link rel="alternate" href="https://www.iana.org/assignments/service-names-port-numbers?search=1"/>
        <content type="text">a: description &quot;&lt;script&gt; &amp; &quot;x&quot;��]]&gt;&quot;, was &quot;One&quot;</content>
      </entry>
      <entry>
        <id>urn:uuid:76c63d47-2814-8ca6-9696-da711acf098a</id>
        <title>2/tcp b&lt;: added</title>
        <updated>2024-02-01T00:00:00Z</updated>
        <category term="added"/>
        <link rel="alternate" href="https://www.iana.org/assignments/service-names-port-numbers?search=2"/>
        <content type="text">b&lt; came: B</content>
      </entry>
    </feed>
    "#);
}

/// What names a row: place and name.
type Key<'a> = (Option<PortRange>, Option<Transport>, &'a str);

fn key<'a>(row: &Assignment<'a>) -> Key<'a> {
    (row.ports, row.transport, row.service_name())
}

fn keys(registry: &Registry) -> Vec<Key<'_>> {
    let mut keys: Vec<_> = registry
        .rows()
        .filter(Assignment::is_named)
        .map(|r| key(&r))
        .collect();
    keys.sort_unstable();
    keys
}

/// A registry of a few rows among few ports, so that two of them meet.
fn rows() -> impl Strategy<Value = String> {
    let row = (
        "(|a|b|c|B)",
        0u16..12,
        0u16..4,
        "(tcp|udp|)",
        "(Unassigned|Reserved|x|y)",
        "(|\\[P\\]|\\[Q\\])",
    );
    let row = row.prop_map(|(name, first, more, transport, text, who)| {
        let port = if first == 11 {
            String::new()
        } else {
            format!("{first}-{}", first + more)
        };
        format!("{name},{port},{transport},{text},{who},{who},,,,,,\n")
    });
    proptest::collection::vec(row, 1..12).prop_map(|rows| rows.concat())
}

proptest! {
    #[test]
    fn a_registry_does_not_differ_from_itself(rows in rows()) {
        let registry = registry(&rows);
        prop_assert_eq!(said(&registry, &registry), "");
    }

    #[test]
    fn what_came_and_went_makes_the_one_of_the_other(a in rows(), b in rows()) {
        let (a, b) = (registry(&a), registry(&b));
        let found = diff(&a, &b);
        let mut made = keys(&a);
        for change in &found.changes {
            let (gone, come) = match change.kind {
                Kind::Added => (None, change.after),
                Kind::Removed => (change.before, None),
                Kind::Renamed => (change.before, change.after),
                _ => continue,
            };
            if let Some(gone) = gone {
                let place = made.iter().position(|k| *k == key(&gone)).unwrap();
                made.remove(place);
            }
            made.extend(come.as_ref().map(key));
        }
        made.sort_unstable();
        prop_assert_eq!(made, keys(&b));
    }

    #[test]
    fn backwards_is_the_mirror(a in rows(), b in rows()) {
        let (a, b) = (registry(&a), registry(&b));
        let (there, back) = (diff(&a, &b), diff(&b, &a));
        for (one, other) in [
            (Kind::Added, Kind::Removed),
            (Kind::Renamed, Kind::Renamed),
            (Kind::StateChanged, Kind::StateChanged),
            (Kind::Split, Kind::Merged),
            (Kind::Shrunk, Kind::Grown),
        ] {
            prop_assert_eq!(there.count(one), back.count(other), "{:?}", one);
            prop_assert_eq!(there.count(other), back.count(one), "{:?}", other);
        }
    }
}
