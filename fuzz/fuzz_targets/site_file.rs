//! Any bytes are a site registry's file or none; what is read is written and read back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_ports::site::file::{MOST_MISTAKES, read, write};

fuzz_target!(|bytes: &[u8]| {
    match read("FILE", bytes) {
        Ok(reading) => {
            assert!(reading.mistakes.len() <= MOST_MISTAKES);
            for mistake in &reading.mistakes {
                assert!(mistake.origin.line > 0 && mistake.origin.column > 0);
                assert_eq!(mistake.to_string().lines().count(), 1);
            }
            let text = write(&reading.records);
            let again = read("FILE", text.as_bytes()).expect("what is written is TOML");
            assert!(again.mistakes.len() <= reading.records.len());
            if again.mistakes.is_empty() {
                assert_eq!(again.records.len(), reading.records.len());
                assert_eq!(write(&again.records), text);
            }
        }
        Err(mistake) => assert_eq!(mistake.to_string().lines().count(), 1),
    }
});
