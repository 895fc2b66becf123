//! Any bytes at all may come from a netlink socket.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_inspect::sock_diag::{Message, messages};
use portolan_registry::Transport;

fuzz_target!(|bytes: &[u8]| {
    assert!(messages(bytes).count() <= bytes.len());
    // An endless one among them, an SCTP socket with many addresses, stays within its message.
    for framed in messages(bytes).flatten() {
        if let Message::Socket(record) = framed.message {
            for transport in Transport::ALL {
                record.listens(transport);
            }
            portolan_inspect::state::name(record.state);
            assert!(record.peer().is_none_or(|peer| peer == record.remote));
        }
    }
});
