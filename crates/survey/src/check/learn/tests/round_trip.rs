//! What was learned, read as a policy and held against what it was learned from.

use portolan_inspect::{Namespaces, Options, Snapshot};
use portolan_ports::policy::Policy;
use portolan_ports::system::LocalRanges;
use proptest::prelude::*;

use super::property::any_seen;
use super::{learned, read};
use crate::Sources;
use crate::check::round::hold;
use crate::check::{Check, since};
use crate::document::{CheckDocument, to_json};
use crate::survey::Asking;

pub(super) fn check(policy: &Policy, seen: Snapshot) -> Check {
    let sources = Sources {
        policy,
        ..Sources::embedded()
    };
    let asking = Asking::passive("nothing is sent in a test");
    let ranges = LocalRanges::default();
    hold(
        &sources,
        (seen, &ranges),
        "web1".to_owned(),
        &asking,
        &mut |_, _| {},
    )
}

/// What is new in a check since the document of the very same one, and of that one's own.
fn new_since_itself(check: &Check) -> [since::Since; 2] {
    let sources = &Sources::embedded();
    let at = "2026-11-21T21:00:00Z";
    let read = |document: &CheckDocument<'_>| {
        let json = to_json(document, true).unwrap();
        let earlier = since::Earlier::read(json.as_bytes()).unwrap();
        assert_eq!(earlier.host(), "web1");
        earlier
    };
    let earlier = read(&CheckDocument::new(check, &[], sources, at));
    let first = since::since(check, &earlier);
    let told = CheckDocument::since(check, (&first, &earlier), &[], sources, at);
    let second = since::since(check, &read(&told));
    [first, second]
}

#[test]
fn this_machine_keeps_to_what_was_learned_from_it() {
    let seen = portolan_inspect::listeners(&Options {
        namespaces: Namespaces::Own,
        ..Options::default()
    });
    let check = check(&read(&learned(&seen)), seen);
    assert!(check.violations.is_empty(), "{:?}", check.violations);
    // A transport that this system does not let be listed leaves the whole open, and no rule.
    let of_one = check.unseen.iter().find(|unseen| unseen.listener.is_some());
    assert!(of_one.is_none(), "{of_one:?}");
}

proptest! {
    #[test]
    fn a_check_right_after_learning_is_clean(seen in any_seen()) {
        let text = learned(&seen);
        let check = check(&read(&text), seen);
        prop_assert!(check.is_clean(), "{:?} {:?}\n{}", check.violations, check.unseen, text);
    }

    #[test]
    fn a_check_has_nothing_new_since_its_own_document(before in any_seen(), now in any_seen()) {
        let check = check(&read(&learned(&before)), now);
        for answer in new_since_itself(&check) {
            prop_assert!(answer.new.is_clean());
            prop_assert_eq!(answer.gone, 0);
            prop_assert_eq!(answer.known.violations.len(), check.violations.len());
            prop_assert_eq!(answer.known.unseen.len(), check.unseen.len());
        }
    }
}
