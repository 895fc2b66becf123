//! Any bytes at all may come from an iterator's descriptor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_inspect::owner_record::{LENGTH, records};

fuzz_target!(|bytes: &[u8]| {
    let (found, rest) = records(bytes);
    assert_eq!(found.count() * LENGTH + rest, bytes.len());
    assert!(rest < LENGTH);
});
