//! tls.

use super::{Match, Protocol, Speaker, no_follow};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tls",
    speaker: Speaker::Client,
    first: None,
    recognise,
    follow: no_follow,
    farewell: None,
};

fn recognise(_received: &[u8]) -> Match {
    Match::No
}
