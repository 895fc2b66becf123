//! Any bytes are a policy or none; a mistake is one line that says where it stands.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_ports::policy::{MOST_RULES, Reader};

fuzz_target!(|bytes: &[u8]| {
    let mut reader = Reader::new(&["http"], &["probe"]);
    match reader.file("FILE", bytes) {
        Ok(_) => {
            let policy = reader.policy();
            assert!(policy.rules.len() <= MOST_RULES);
            for rule in &policy.rules {
                assert!(!rule.name.is_empty() && rule.origin.line > 0 && rule.origin.column > 0);
            }
        }
        Err(mistake) => {
            assert!(mistake.origin.line > 0 && mistake.origin.column > 0);
            assert_eq!(mistake.to_string().lines().count(), 1);
        }
    }
});
