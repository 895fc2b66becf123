//! Any bytes at all may be handed in as a registry; what is taken is written back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_registry::{Registry, csv};

fuzz_target!(|bytes: &[u8]| {
    let Ok(registry) = Registry::from_csv(bytes) else {
        return;
    };
    let mut written = Vec::new();
    csv::write(registry.rows(), &mut written).expect("memory takes all");
    let again = Registry::from_csv(written.as_slice()).expect("what was written is read");
    assert!(registry.rows().eq(again.rows()));
});
