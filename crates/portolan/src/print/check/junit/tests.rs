mod character;
mod site;

use std::collections::BTreeMap;

use portolan_ports::Severity;
use portolan_ports::policy::Origin;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::example::{
    HOSTILE, clean, drifting, drifting_from_a_file, earlier, everything, listener, origin,
    violation,
};
use super::*;

const AT: &str = "2026-11-21T21:00:00Z";

fn document(check: &Check) -> String {
    beside(check, None)
}

fn beside(check: &Check, earlier: Option<&Earlier>) -> String {
    let mut bytes = Vec::new();
    write(check, earlier, AT, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// An element as an XML reader gives it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Self {
        let name = start.name().as_ref().to_owned();
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let key = attribute.key.as_ref().to_owned();
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .unwrap()
                .into_owned();
            (key, value)
        });
        Self {
            name,
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    /// Reads a whole document, which must be well formed.
    fn read(document: &str) -> Self {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            let close =
                |open: &mut Vec<Self>, element| open.last_mut().unwrap().children.push(element);
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Self::of(&start)),
                Event::Empty(start) => close(&mut open, Self::of(&start)),
                Event::End(_) => {
                    let element = open.pop().unwrap();
                    close(&mut open, element);
                }
                Event::Text(text) => {
                    open.last_mut().unwrap().text.push_str(&text);
                }
                Event::GeneralRef(reference) => {
                    let whole = format!("&{};", &*reference);
                    let text = quick_xml::escape::unescape(&whole).unwrap();
                    open.last_mut().unwrap().text.push_str(&text);
                }
                Event::Eof => break,
                Event::Decl(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(open.len(), 1);
        let mut root = open.pop().unwrap();
        assert_eq!(root.children.len(), 1);
        root.children.pop().unwrap()
    }

    fn all<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        if self.name == name {
            found.push(self);
        }
        for child in &self.children {
            child.all(name, found);
        }
    }

    /// Every element of a name, in order.
    fn named(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.all(name, &mut found);
        found
    }
}

/// An element, its required and its optional attributes, its children.
type Form = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// What `junit-10.xsd` of Jenkins' xunit plugin allows, as far as it is of use here.
const FORMS: [Form; 10] = [
    (
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("skipped", &[], &["type", "message"], &[]),
    ("system-err", &[], &[], &[]),
    ("system-out", &[], &[], &[]),
];

fn hold(element: &Element) {
    let (_, required, optional, children) = FORMS
        .iter()
        .find(|(name, ..)| *name == element.name)
        .unwrap_or_else(|| panic!("<{}> is none of the form's", element.name));
    for attribute in *required {
        assert!(
            element.attributes.contains_key(*attribute),
            "{} of <{}>",
            attribute,
            element.name
        );
    }
    for attribute in element.attributes.keys() {
        let known = required.contains(&&**attribute) || optional.contains(&&**attribute);
        assert!(known, "{attribute} of <{}>", element.name);
    }
    let mixed =
        ["failure", "error", "skipped", "system-err", "system-out"].contains(&&*element.name);
    assert!(mixed || element.text.trim().is_empty(), "{element:?}");
    for child in &element.children {
        assert!(
            children.contains(&&*child.name),
            "<{}> in <{}>",
            child.name,
            element.name
        );
        hold(child);
    }
}

#[test]
fn everything_that_a_check_may_find() {
    insta::assert_snapshot!(document(&everything()));
}

#[test]
fn a_machine_in_order_passes_every_rule() {
    insta::assert_snapshot!(document(&clean()));
}

#[test]
fn no_policy_and_no_listener_make_an_empty_suite() {
    let check = Check {
        rules: Vec::new(),
        listeners: 0,
        ..clean()
    };
    let root = Element::read(&document(&check));
    hold(&root);
    assert_eq!(root.attributes["tests"], "0");
    assert!(root.named("testcase").is_empty());
}

#[test]
fn the_form_is_kept_and_the_counts_are_those_of_the_cases() {
    let half = Check {
        violations: everything().violations.split_off(2),
        ..clean()
    };
    for (check, earlier) in [
        (everything(), None),
        (clean(), None),
        (everything(), Some(earlier(&half))),
        (half.clone(), Some(earlier(&everything()))),
    ] {
        let root = Element::read(&beside(&check, earlier.as_ref()));
        hold(&root);
        let skipped = root.named("skipped").len().to_string();
        assert_eq!(root.named("testsuite")[0].attributes["skipped"], skipped);
        for counted in [&root, root.named("testsuite")[0]] {
            for (count, element) in [
                ("tests", "testcase"),
                ("failures", "failure"),
                ("errors", "error"),
            ] {
                let number = root.named(element).len().to_string();
                assert_eq!(counted.attributes[count], number, "{count}");
            }
        }
        // A failure and an error in one case would count twice.
        for case in root.named("testcase") {
            assert!(case.children.len() <= 1, "{case:?}");
        }
        let names: HashSet<&String> = root
            .named("testcase")
            .iter()
            .map(|case| &case.attributes["name"])
            .collect();
        assert_eq!(names.len(), root.named("testcase").len());
        // Strict readers want a moment without a zone.
        assert_eq!(
            root.named("testsuite")[0].attributes["timestamp"],
            "2026-11-21T21:00:00"
        );
    }
}

#[test]
fn everything_about_a_rule_is_in_its_one_failure() {
    let root = Element::read(&document(&everything()));
    let cases = root.named("testcase");
    let case = |name: &str| {
        let of_name = |case: &&&Element| case.attributes["name"] == name;
        *cases
            .iter()
            .find(of_name)
            .unwrap_or_else(|| panic!("no case {name}"))
    };
    let web = &case("web").children[0];
    assert_eq!(
        (&*web.name, &*web.attributes["type"]),
        ("failure", "differs")
    );
    assert!(
        web.attributes["message"].ends_with("(warning); and 2 more"),
        "{web:?}"
    );
    assert!(
        web.text
            .contains("127.0.0.1 (caddy) is not what its rule expects: its program is caddy")
    );
    assert!(
        web.text
            .contains("8000-8010 could not be judged: listeners could not be read")
    );
    let cache = &case("cache").children[0];
    assert_eq!(
        (&*cache.name, &*cache.attributes["type"]),
        ("error", "unseen")
    );
    assert!(case("ssh").children.is_empty());
    for name in [
        "allow-unlisted: 4444/tcp at 0.0.0.0 (nc)",
        "allow-unlisted: 4444/tcp at 0.0.0.0 (nc) (2)",
    ] {
        // No more than notes, which fail no build.
        assert_eq!(case(name).children[0].name, "system-out");
    }
}

#[test]
fn what_was_known_is_skipped_what_is_new_fails_and_what_is_not_judged_is_never_in_order() {
    let mut now = everything();
    now.violations.push(violation(
        ViolationKind::Unlisted,
        "allow-unlisted",
        Severity::Alert,
        Some(listener("0.0.0.0:4445", "nc")),
        "no rule of the policy speaks of it",
    ));
    let mut before = everything();
    // One of the two that differ from "web" is new.
    before.violations.remove(2);
    let root = Element::read(&beside(&now, Some(&earlier(&before))));
    hold(&root);
    let told: Vec<(&str, &str)> = root
        .named("testcase")
        .iter()
        .map(|case| {
            let element = case.children.first().map_or("", |found| &*found.name);
            (&*case.attributes["name"], element)
        })
        .collect();
    let hostile = text(HOSTILE);
    assert_eq!(
        told,
        [
            ("ssh", ""),
            ("database", "skipped"),
            ("no-telnet", "skipped"),
            ("web", "failure"),
            (&*hostile, ""),
            ("cache", "error"),
            ("allow-unlisted: 4444/tcp at 0.0.0.0 (nc)", "system-out"),
            ("allow-unlisted: 4444/tcp at 0.0.0.0 (nc) (2)", "system-out"),
            ("allow-unlisted: 4445/tcp at 0.0.0.0 (nc)", "failure"),
            ("allow-unlisted: 0-65535", "error"),
        ]
    );
    let skipped = root.named("skipped")[0];
    assert_eq!(
        skipped.attributes["message"],
        "known since 2026-11-20T21:00:00Z: 5432/tcp is missing: nothing listens on 5432/tcp (alert)"
    );
    assert!(
        skipped
            .text
            .ends_with("\nrule at /srv/web 1/portolan.toml:7:1")
    );
    let web = root.named("failure")[0];
    assert!(
        web.attributes["message"].starts_with("443/tcp at :: ("),
        "{web:?}"
    );
    let known = "\nknown since 2026-11-20T21:00:00Z: 443/tcp at 127.0.0.1 (caddy) is not what";
    assert!(web.text.contains(known), "{web:?}");
    let error = root.named("error")[0];
    let known =
        "known since 2026-11-20T21:00:00Z: 6379/tcp at 127.0.0.1 (owner not seen) could not";
    assert!(error.attributes["message"].starts_with(known), "{error:?}");
}

#[test]
fn a_rule_called_like_the_unlisted_is_not_taken_for_them() {
    let mut check = clean();
    check.rules.push(("allow-unlisted".to_owned(), origin(30)));
    check.violations.push(violation(
        ViolationKind::Unlisted,
        "allow-unlisted",
        Severity::Alert,
        Some(listener("0.0.0.0:4444", "nc")),
        "no rule of the policy speaks of it",
    ));
    let root = Element::read(&document(&check));
    let failing: Vec<&str> = root
        .named("testcase")
        .iter()
        .filter(|case| !case.children.is_empty())
        .map(|case| &*case.attributes["name"])
        .collect();
    assert_eq!(failing, ["allow-unlisted: 4444/tcp at 0.0.0.0 (nc)"]);
}
