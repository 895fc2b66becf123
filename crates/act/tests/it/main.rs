//! Acts on sockets and processes that these tests make themselves, on loopback, on ports that the
//! kernel chooses. Closing sockets needs root.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod process;
mod socket;
