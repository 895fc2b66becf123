//! What a terminal is asked before a step that cannot be undone, a change and a reuse.

use super::Site;
use super::interview::{Terminal, is_asked};
use crate::command::alone;

fn assigned() -> Site {
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    assert_eq!(site.run(&["review", "1", "--approve"]).code, Some(0));
    site
}

fn record(site: &Site, id: usize) -> serde_json::Value {
    let (document, _) = site.json(&["list"], "site.json");
    let records = document["records"].as_array().unwrap();
    let found = records.iter().find(|record| record["id"] == id);
    found.unwrap().clone()
}

#[test]
fn giving_back_is_asked_about() {
    let _alone = alone();
    let site = assigned();
    let terminal = Terminal::start(&site, "keep", "deassign 1");
    terminal.answer("Why is it given back?", "");
    terminal.until(|screen| screen.contains("! an answer is needed here"));
    terminal.answer("Why is it given back?", "switched off");
    terminal.answer("Give it back? This cannot be undone. [y/n]", "n");
    terminal.until(|screen| screen.contains("nothing was done: you did not say yes"));
    terminal.until(|screen| screen.contains("ended 2"));
    assert_eq!(record(&site, 1)["status"], "assigned");
    let terminal = Terminal::start(&site, "back", "deassign 1");
    terminal.answer("Why is it given back?", "switched off");
    terminal.answer("Give it back?", "y");
    terminal.until(|screen| screen.contains("ended 0"));
    let given = record(&site, 1);
    assert_eq!(given["status"], "reserved");
    assert!(given["notes"].as_str().unwrap().contains("switched off"));
}

#[test]
fn an_end_of_the_answers_changes_nothing() {
    let _alone = alone();
    for (key, said) in [
        ("C-d", "nothing was done: the answers ended"),
        ("C-c", "ended 130"),
    ] {
        let site = assigned();
        for arguments in ["deassign 1", "revoke 1", "report-use 1"] {
            let terminal = Terminal::start(&site, &format!("{key}{}", &arguments[..3]), arguments);
            terminal.until(|screen| is_asked(screen, "?"));
            terminal.press(&[key]);
            terminal.until(|screen| screen.contains(said));
        }
        let (trail, _) = site.json(&["audit"], "site-audit.json");
        assert_eq!(trail["entries"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_request_is_withdrawn_and_a_number_announced_and_reported_with_a_yes() {
    let _alone = alone();
    let site = assigned();
    assert_eq!(site.request("night-sync", "18326", &[]).code, Some(0));
    for (test, arguments, why, sure) in [
        (
            "withdraw",
            "withdraw 2",
            "Why is it taken back?",
            "Take it back?",
        ),
        (
            "revoke",
            "revoke 1",
            "Why is it taken away?",
            "Announce it?",
        ),
        ("report", "report-use 1", "Who uses it", "Note it?"),
    ] {
        let terminal = Terminal::start(&site, test, arguments);
        terminal.answer(why, "because of a test");
        terminal.answer(sure, "y");
        terminal.until(|screen| screen.contains("ended 0"));
    }
    assert_eq!(record(&site, 2)["status"], "withdrawn");
    assert_eq!(record(&site, 2)["because"], "because of a test");
    let first = record(&site, 1);
    assert_eq!(first["revocation"]["because"], "because of a test");
    assert!(
        first["unauthorized_use"]
            .as_str()
            .unwrap()
            .contains("because of a test")
    );
}

#[test]
fn a_refusal_comes_before_the_questions() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    let terminal = Terminal::start(&site, "refused", "deassign 1");
    let seen = terminal.until(|screen| screen.contains("ended 1"));
    assert!(seen.contains("refused by RFC 6335 section"), "{seen}");
    assert!(!seen.contains("Why is it"), "{seen}");
}

#[test]
fn a_decision_in_need_of_words_asks_for_them() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    let terminal = Terminal::start(&site, "decline", "review 1 --decline");
    terminal.answer("Why is it declined?", "use 18326");
    terminal.until(|screen| screen.contains("ended 0"));
    assert_eq!(record(&site, 1)["status"], "declined");
    assert_eq!(record(&site, 1)["because"], "use 18326");
}

#[test]
fn a_change_without_a_field_asks_for_one() {
    let _alone = alone();
    let site = assigned();
    let terminal = Terminal::start(&site, "modify", "modify 1");
    terminal.answer("Which field?", "colour");
    terminal.until(|screen| screen.contains("! write one of name, port,"));
    terminal.answer("Which field?", "contact");
    let seen = terminal.until(|screen| is_asked(screen, "contact?"));
    assert!(seen.contains("contact? [pay@example.net]"), "{seen}");
    terminal.answer("contact?", "ops@example.net");
    terminal.answer("Which other field?", "assignee");
    terminal.answer("assignee?", "Shop");
    terminal.until(|screen| screen.contains("! refused by RFC 6335 section 8.5"));
    terminal.answer("assignee?", "");
    terminal.answer("Which other field?", "");
    terminal.answer("Why?", "a new team");
    terminal.answer("Change it?", "y");
    terminal.until(|screen| screen.contains("ended 0"));
    assert_eq!(record(&site, 1)["contact"], "ops@example.net");
    assert_eq!(record(&site, 1)["because"], "a new team");
}

#[test]
fn a_reuse_asks_what_a_request_asks() {
    let _alone = alone();
    let site = assigned();
    let terminal = Terminal::start(&site, "reuse", "reuse 1 ledger-api");
    terminal.answer("What is the service?", "Ledger");
    terminal.answer("Where is its protocol", "Design 4");
    let seen = terminal.until(|screen| is_asked(screen, "Which organisation"));
    assert!(seen.contains("[Payments]"), "{seen}");
    terminal.answer("Which organisation", "");
    terminal.answer("Who speaks for it?", "");
    terminal.answer("Why will no Dynamic port do", "firewalls");
    terminal.answer("Does it speak to many", "");
    terminal.answer("Ticket", "");
    terminal.answer("Last day", "");
    let seen = terminal.until(|screen| is_asked(screen, "File it?"));
    assert!(
        seen.contains("To be filed: ledger-api, 18325/tcp, requested"),
        "{seen}"
    );
    terminal.answer("File it?", "y");
    terminal.until(|screen| screen.contains("ended 0"));
    assert_eq!(record(&site, 2)["service_name"], "ledger-api");
}
