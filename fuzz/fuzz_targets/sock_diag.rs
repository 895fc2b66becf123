//! Any bytes at all may come from a netlink socket.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_inspect::sock_diag::messages;

fuzz_target!(|bytes: &[u8]| {
    assert!(messages(bytes).count() <= bytes.len());
});
