//! Any bytes at all may come from a server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_probe::{Match, protocols};

fuzz_target!(|bytes: &[u8]| {
    let target = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    for protocol in protocols() {
        let half = protocol.recognise(&bytes[..bytes.len() / 2]);
        let whole = protocol.recognise(bytes);
        // More bytes neither take a proof back nor revive what was refused.
        assert!(!matches!(half, Match::Proven(_)) || matches!(whole, Match::Proven(_)));
        assert!(!matches!(half, Match::No) || matches!(whole, Match::No));
        drop(protocol.follow(bytes, 0, target));
        if let Some(upgrade) = protocol.stream.and_then(|s| s.upgrade) {
            drop(upgrade(bytes, 1, target));
        }
        drop(protocol.recognise_datagram(bytes));
        if let Some(datagram) = protocol.datagram {
            drop((datagram.follow)(bytes, 0, target));
        }
    }
});
