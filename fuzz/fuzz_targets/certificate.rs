//! Any bytes at all may come as a certificate, or as a handshake.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_probe::{ServerFlight, read_certificate};

fuzz_target!(|bytes: &[u8]| {
    if let Some(read) = read_certificate(bytes, Some("www.web.test")) {
        assert!(read.names.len() <= 64);
        let texts = read.names.iter().chain([&read.subject, &read.issuer]);
        assert!(texts.into_iter().all(|text| text.chars().count() <= 256));
        assert!(read.for_host.is_some());
    }
    let half = ServerFlight::read(&bytes[..bytes.len() / 2]);
    let whole = ServerFlight::read(bytes);
    // More bytes may add a certificate, and take nothing back.
    if let Some(ServerFlight::Hello { version, whole: true, .. }) = &half {
        assert!(matches!(&whole, Some(ServerFlight::Hello { version: now, .. }) if now == version));
    }
    if let Some(ServerFlight::Hello { certificate: Some(der), .. }) = whole {
        drop(read_certificate(&der, None));
    }
});
