//! Any bytes are an earlier check or none; why not is said in one harmless line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_survey::check::Check;
use portolan_survey::check::since::{Earlier, since};

fuzz_target!(|bytes: &[u8]| {
    let earlier = match Earlier::read(bytes) {
        Ok(earlier) => earlier,
        Err(error) => {
            let said = error.to_string();
            assert!(said.len() < 400 && !said.chars().any(char::is_control));
            return;
        }
    };
    let nothing = Check {
        host: String::new(),
        rules: Vec::new(),
        listeners: 0,
        violations: Vec::new(),
        assignments: None,
        undecided: Vec::new(),
        unseen: Vec::new(),
        gaps: Vec::new(),
    };
    let answer = since(&nothing, &earlier);
    assert!(answer.new.is_clean() && answer.known.is_clean());
});
