//! Any bytes are a scan result or none, within the bounds that are promised.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_survey::annotate::{Claim, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = read(bytes) else { return };
    assert!(read.claims.len() <= Claim::MOST);
    assert!(read.faults.len() <= read.fault_count);
    for claim in &read.claims {
        assert!(claim.port > 0 && claim.host.chars().count() <= 256);
        for text in [&claim.name, &claim.service, &claim.product, &claim.version] {
            assert!(text.as_ref().is_none_or(|t| !t.is_empty() && t.chars().count() <= 256));
        }
    }
});
