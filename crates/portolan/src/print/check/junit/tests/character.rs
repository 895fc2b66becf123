//! Characters from outside.

use super::*;

#[test]
fn no_character_makes_a_document_that_xml_forbids() {
    let every: String = ('\0'..='\u{ffff}')
        .chain(['\u{1fffe}', '\u{10ffff}'])
        .collect();
    let mut check = everything();
    check.host = every.clone();
    check.rules[0].0 = every.clone();
    check.unseen[0].because = every.clone();
    check.violations[0].origin = Origin {
        file: every.clone(),
        ..origin(7)
    }
    .into();
    check.violations[0].listener.as_mut().unwrap().owners[0].program = every;
    let document = document(&check);
    // XML 1.0 section 2.2, Char; and of these none that steers a terminal.
    for c in document.chars() {
        let is_char =
            matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(is_char && (c == '\n' || !c.is_control()), "{c:?}");
    }
    hold(&Element::read(&document));
}

#[test]
fn what_is_read_back_is_what_was_shown() {
    let root = Element::read(&document(&everything()));
    let name = &root.named("testcase")[4].attributes["name"];
    assert_eq!(*name, text(HOSTILE));
    assert!(
        name.starts_with("a\"b'<script>&amp;]]>\\u{1b}[2J\\u{0}\\u{202e}{0}[x]"),
        "{name}"
    );
}
