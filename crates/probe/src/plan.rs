//! What may be sent to one address, in which order, and how long to wait for it.

use std::net::SocketAddr;
use std::time::Duration;

use crate::protocol::{Protocol, protocol, protocols};

/// One address and the plan to ask it by.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to dial.
    pub target: SocketAddr,
    /// What may be sent there.
    pub plan: Plan,
}

/// What may be sent to one address, and the waiting that it allows.
///
/// Times are those on loopback. Elsewhere the measured time of a connect is added: four of them
/// to [`Plan::silence`], eight to [`Plan::reply`], sixteen to [`Plan::total`].
#[derive(Clone, Debug)]
pub struct Plan {
    /// The protocols to try, likeliest first. Those where the server speaks first cost no
    /// connection: they are recognised while the first one listens.
    pub protocols: Vec<&'static Protocol>,
    /// Whether the first packet is sent without listening first, because the owner is known to
    /// speak a protocol in which the client begins.
    pub straight: bool,
    /// Whether the first connection goes on listening while others send, because the owner is
    /// known to speak a protocol in which the server begins. Otherwise what is sent goes out on
    /// that same connection: a server that serves one at a time would never come to another.
    pub patient: bool,
    /// Whether an answer that meets no grammar ends the asking. A survey stops there;
    /// `identify` tries its other protocols.
    pub stop_at_banner: bool,
    /// The most connections over the whole inquiry.
    pub connections: usize,
    /// The most connections at the same moment.
    pub abreast: usize,
    /// How long to wait for a server that speaks first.
    pub silence: Duration,
    /// How long each further packet may still hope that the one before it is answered.
    pub stagger: Duration,
    /// How long to wait for the answer to a packet.
    pub reply: Duration,
    /// How long to wait for a connection.
    pub connect: Duration,
    /// The time for the whole inquiry.
    pub total: Duration,
}

impl Plan {
    /// The little that a survey sends: at most 3 connections.
    ///
    /// `usual` is the protocol that the owner usually speaks, `registered` the one its port is
    /// registered for, both by their names in the table; unknown names are left out. HTTP comes
    /// last. A listener that stays mute costs about one second.
    #[must_use]
    pub fn survey(usual: Option<&str>, registered: Option<&str>) -> Self {
        let usual = usual.and_then(protocol);
        let named = [usual, registered.and_then(protocol), protocol("http")];
        Self {
            protocols: unique(named.into_iter().flatten()),
            straight: usual.is_some_and(Protocol::is_asked),
            patient: usual.is_some_and(|p| p.stream.is_some() && !p.is_asked()),
            stop_at_banner: true,
            connections: 3,
            abreast: 3,
            silence: Duration::from_millis(250),
            stagger: Duration::from_millis(50),
            reply: Duration::from_millis(600),
            connect: Duration::from_millis(500),
            total: Duration::from_millis(1000),
        }
    }

    /// Everything polite that the table has, for a target that the user named: at most 32
    /// connections, `hint`'s protocol first, stopping at proof.
    #[must_use]
    pub fn identify(hint: Option<&str>) -> Self {
        let hint = hint.and_then(protocol);
        Self {
            protocols: unique(hint.into_iter().chain(protocols())),
            straight: false,
            patient: false,
            stop_at_banner: false,
            connections: 32,
            abreast: 4,
            silence: Duration::from_millis(250),
            stagger: Duration::from_millis(50),
            reply: Duration::from_millis(1500),
            connect: Duration::from_millis(3000),
            total: Duration::from_secs(10),
        }
    }
}

/// The waits of one inquiry, once the time of a connect has been measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    pub(crate) silence: Duration,
    pub(crate) stagger: Duration,
    pub(crate) reply: Duration,
    pub(crate) total: Duration,
}

impl Plan {
    /// The waits for a target that took `connect` to reach; zero on loopback, where the time of a
    /// connect says how busy this machine is, and nothing about a way.
    pub(crate) fn waits(&self, connect: Duration) -> Waits {
        Waits {
            silence: self.silence + connect * 4,
            stagger: self.stagger + connect,
            reply: self.reply + connect * 8,
            total: self.total + connect * 16,
        }
    }
}

fn unique(named: impl Iterator<Item = &'static Protocol>) -> Vec<&'static Protocol> {
    let mut kept: Vec<&'static Protocol> = Vec::new();
    for protocol in named {
        if !kept.iter().any(|k| k.name == protocol.name) {
            kept.push(protocol);
        }
    }
    kept
}
