//! What may be sent to one address, in which order, and how long to wait for it.

use std::net::SocketAddr;
use std::time::Duration;

use portolan_registry::Transport;

use crate::protocol::{Protocol, Safety, protocol};

/// One address and the plan to ask it by.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to dial.
    pub target: SocketAddr,
    /// TCP or UDP; nothing else is asked.
    pub transport: Transport,
    /// The host as the user named it, if by a name: for TLS, which has one certificate per name.
    pub host: Option<String>,
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
    /// How many of [`Plan::protocols`] are expected rather than merely possible. They are asked
    /// also where a greeting, or the lack of one, makes the others pointless.
    pub expected: usize,
    /// Whether the first packet is sent without listening first, because the owner is known to
    /// speak a protocol in which the client begins.
    pub straight: bool,
    /// Whether the first connection goes on listening while others send, because the owner is
    /// known to speak a protocol in which the server begins. Otherwise what is sent goes out on
    /// that same connection: a server that serves one at a time would never come to another.
    pub patient: bool,
    /// Whether nothing is sent at all.
    pub passive: bool,
    /// Whether an answer that meets no grammar ends the asking. A survey stops there;
    /// `identify` tries its other protocols.
    pub stop_at_banner: bool,
    /// Whether a second look is taken at TLS: its versions one by one, and behind STARTTLS.
    pub deep: bool,
    /// The most connections over the whole inquiry; over UDP, the most protocols asked.
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

/// What is expected of an address before it is asked: names in the table, unknown ones are left
/// out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The protocol that the program which holds the port usually speaks.
    pub program: Option<&'a str>,
    /// The protocol of the service that the port is registered for.
    pub registered: Option<&'a str>,
}

/// The order in which protocols are tried where nothing is expected: by how often a port that
/// somebody opened for another purpose turns out to speak them. What is not named here comes
/// after these, in the table's order.
const LIKELIEST: &[&str] = &[
    "http",
    "tls",
    "redis",
    "postgresql",
    "mongodb",
    "mqtt",
    "amqp",
    "memcache",
    "domain",
    "ldap",
    "microsoft-ds",
    "ms-wbt-server",
    "h2",
    "socks",
    "sunrpc",
    "x11",
    "kafka",
    "zookeeper",
    "ms-sql-s",
    "cassandra",
    "ajp",
    "sip",
    "rtsp",
    "xmpp-client",
    "irc",
    "epmd",
    "rmiregistry",
    "git",
    "iscsi-target",
    "kerberos",
    "clamd",
    "milter",
    "finger",
    "distcc",
    "openvpn",
    "zabbix-agent",
    "stomp",
    "bolt",
    // Over UDP, where many answer whatever comes.
    "ntp",
    "snmp",
    "isakmp",
    "stun",
    "mdns",
    "tftp",
    "netbios-ns",
    "coap",
    "dtls",
];

/// The most connections that `identify` makes to one address.
const MOST_CONNECTIONS: usize = 32;

/// The most protocols that it asks for over UDP, where a packet costs the far end no connection.
const MOST_DATAGRAMS: usize = 64;

/// Of those, the ones that a second look may need: a version of TLS each, and a STARTTLS.
pub(crate) const SECOND_LOOK: usize = 6;

impl Plan {
    /// The little that a survey sends: at most 3 connections, or over UDP what the expected
    /// protocols ask.
    ///
    /// The protocol of the program comes first, then the registered one; over TCP HTTP is last. A
    /// listener that stays mute costs about one second.
    #[must_use]
    pub fn survey(transport: Transport, hints: Hints<'_>) -> Self {
        let usual = hints.program.and_then(protocol);
        let last = (transport == Transport::Tcp).then_some("http");
        let named = [
            usual,
            hints.registered.and_then(protocol),
            last.and_then(protocol),
        ];
        let protocols = unique(named.into_iter().flatten(), Safety::Polite);
        Self {
            expected: protocols.len(),
            protocols,
            straight: usual.is_some_and(Protocol::is_asked),
            patient: usual.is_some_and(Protocol::greets),
            passive: false,
            stop_at_banner: true,
            deep: false,
            connections: 3,
            abreast: 3,
            silence: Duration::from_millis(250),
            stagger: Duration::from_millis(50),
            reply: Duration::from_millis(600),
            connect: Duration::from_millis(500),
            total: Duration::from_millis(1000),
        }
    }

    /// Everything that `safety` allows, for a target that the user named: at most 32 connections,
    /// what is expected first, stopping at proof.
    #[must_use]
    pub fn identify(transport: Transport, hints: Hints<'_>, safety: Safety) -> Self {
        let usual = hints.program.and_then(protocol);
        let hinted = [usual, hints.registered.and_then(protocol)];
        let hinted = unique(hinted.into_iter().flatten(), safety);
        let general = ["http", "tls"].into_iter().filter_map(protocol);
        let expected = unique(hinted.iter().copied().chain(general), safety);
        let likely = LIKELIEST.iter().filter_map(|name| protocol(name));
        let mut protocols = unique(
            expected
                .iter()
                .copied()
                .chain(likely)
                .chain(crate::protocols()),
            safety,
        );
        let drawn = |p: &Protocol| {
            let by = p.stream.map_or(&[][..], |s| s.drawn_by);
            by.iter()
                .any(|name| protocol(name).is_some_and(|d| d.safety <= safety))
        };
        // Those whose answer another's packet draws are asked themselves once that has happened.
        protocols.retain(|p| {
            transport != Transport::Tcp || hinted.iter().any(|h| h.name == p.name) || !drawn(p)
        });
        Self {
            protocols,
            expected: expected.len(),
            straight: usual.is_some_and(Protocol::is_asked) && safety > Safety::Passive,
            patient: usual.is_some_and(Protocol::greets),
            passive: safety == Safety::Passive,
            stop_at_banner: false,
            deep: safety > Safety::Passive,
            connections: match transport {
                Transport::Udp => MOST_DATAGRAMS,
                _ => MOST_CONNECTIONS,
            },
            abreast: MOST_CONNECTIONS,
            silence: Duration::from_millis(250),
            stagger: Duration::from_millis(20),
            reply: Duration::from_millis(2000),
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

fn unique(
    named: impl Iterator<Item = &'static Protocol>,
    safety: Safety,
) -> Vec<&'static Protocol> {
    // To listen, and to know what is heard, harms nobody.
    let safety = safety.max(Safety::Polite);
    let mut kept: Vec<&'static Protocol> = Vec::new();
    for protocol in named.filter(|p| p.safety <= safety) {
        if !kept.iter().any(|k| k.name == protocol.name) {
            kept.push(protocol);
        }
    }
    kept
}
