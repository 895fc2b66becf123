//! The table of protocols: one row here and one file under `protocol/` for each.
//!
//! Every file has the same verbs: the first packet, `recognise`, and where one exchange does not
//! prove enough, `follow` with the next packet on the same connection.

mod a2s;
mod aerospike;
mod ajp;
mod amqp;
mod auth;
mod bacnet;
mod bacula_fd;
mod beanstalkd;
mod ber;
mod bitcoin;
mod bittorrent_tracker;
mod bolt;
mod bootps;
mod bzflag;
mod cassandra;
mod chargen;
mod clamd;
mod clickhouse;
mod coap;
mod cursor;
mod cvspserver;
mod daytime;
mod dict;
mod directplay8;
mod distcc;
mod dnp;
mod domain;
mod dtls;
mod echo;
mod epmap;
mod epmd;
mod erldp;
mod finger;
mod ftp;
mod gds_db;
mod gearman;
mod gemini;
mod git;
mod gmond;
mod gopher;
mod gpsd;
mod grpc;
mod h2;
mod http;
mod imap;
mod irc;
mod isakmp;
mod iscsi_target;
mod jdwp;
mod kafka;
mod kerberos;
mod l2tp;
mod ldap;
mod line;
mod lirc;
mod lmtp;
mod mbap;
mod mdns;
mod memcache;
mod microsoft_ds;
mod milter;
mod minecraft;
mod minetest;
mod mongodb;
mod mpd;
mod mqtt;
mod ms_sql_s;
mod ms_wbt_server;
mod mumble;
mod munin;
mod mysql;
mod nats;
mod nbd;
mod netbios_ns;
mod netbios_ssn;
mod nicname;
mod nntp;
mod nrpe;
mod ntp;
mod nut;
mod nutcracker_stats;
mod openttd;
mod openvpn;
mod openwire;
mod oracle_tns;
mod pop3;
mod postfix_policy;
mod postgresql;
mod pptp;
mod qmp;
mod quake3;
mod radius;
mod redis;
mod reply;
mod rethinkdb;
mod rfb;
mod rmiregistry;
mod rpc;
mod rpc_program;
mod rsync;
mod rtmp;
mod rtsp;
mod s7;
mod sieve;
mod sip;
mod smtp;
mod snmp;
mod socks;
mod spamd;
mod spice;
mod ssdp;
mod ssh;
mod status;
mod stomp;
mod stun;
mod sunrpc;
mod svn;
mod tarantool;
mod teamspeak;
mod teeworlds;
mod telnet;
mod tftp;
mod time;
mod tls;
mod tor_control;
mod virtuoso;
mod websocket;
mod wire;
mod ws_discovery;
mod x11;
mod xmpp;
mod xmpp_client;
mod xmpp_server;
mod xpra;
mod zabbix;
mod zabbix_agent;
mod zabbix_trapper;
mod zookeeper;

use std::borrow::Cow;
use std::net::SocketAddr;

/// A protocol: what to send first, and how its answer is told from all others.
#[derive(Debug)]
pub struct Protocol {
    /// The IANA service name, or the usual lower-case name where the registry has none.
    pub name: &'static str,
    /// The least safety level at which its packets may be sent.
    pub safety: Safety,
    /// How it is spoken over TCP; `None` where it never is.
    pub stream: Option<Stream>,
    /// How it is spoken over UDP; `None` where it never is.
    pub datagram: Option<Datagram>,
}

/// How much an asker may risk at the far end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Nothing is sent: a connection is made and listened to.
    Passive,
    /// What prints, writes, logs in, wakes control systems or stops a program is left out.
    #[default]
    Polite,
    /// Every first packet of the table.
    Full,
}

impl Safety {
    /// The word on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passive => "passive",
            Self::Polite => "polite",
            Self::Full => "full",
        }
    }
}

/// A protocol over TCP, and where `in_tls` says so, inside TLS.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    /// Who speaks first.
    pub speaker: Speaker,
    /// Whether it is also spoken inside TLS from the first byte.
    pub in_tls: bool,
    /// The client's first packet; `None` where the server speaks first.
    pub first: Option<fn(SocketAddr) -> Packet>,
    /// Other protocols whose first packet draws an answer that proves this one too: its own is
    /// then sent only where it is expected, which saves the far end a connection.
    pub drawn_by: &'static [&'static str],
    /// Judges all bytes that the server sent on one connection. Pure, bounded, never panics.
    pub recognise: fn(&[u8]) -> Match,
    /// The next packet on the same connection, given all bytes received so far and how many
    /// follow-up packets were sent; `None` where nothing is to be added.
    pub follow: fn(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet>,
    /// What is said before hanging up, where hanging up without a word would be logged as a fault.
    pub farewell: Option<&'static [u8]>,
    /// How a fresh connection is changed to TLS, where the protocol knows a way (STARTTLS).
    pub upgrade: Option<Upgrading>,
}

/// Says what a connection that is to be changed to TLS needs next, given all bytes received on it
/// and how many packets were sent on it. Pure, bounded, never panics.
pub type Upgrading = fn(received: &[u8], sent: usize, target: SocketAddr) -> Upgrade;

impl Stream {
    /// A protocol in which the server speaks first, recognised by its greeting alone.
    #[must_use]
    pub const fn greeted(recognise: fn(&[u8]) -> Match) -> Self {
        Self {
            speaker: Speaker::Server,
            in_tls: false,
            first: None,
            drawn_by: &[],
            recognise,
            follow: no_follow,
            farewell: None,
            upgrade: None,
        }
    }

    /// A protocol in which the client speaks first, recognised by the answer to that packet.
    #[must_use]
    pub const fn asked(first: fn(SocketAddr) -> Packet, recognise: fn(&[u8]) -> Match) -> Self {
        Self {
            speaker: Speaker::Client,
            first: Some(first),
            ..Self::greeted(recognise)
        }
    }
}

/// What a connection that is to be changed to TLS needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// This is to be sent.
    Say(Packet),
    /// More has to be heard first.
    Wait,
    /// The ClientHello may follow now.
    Ready,
    /// The server does not offer it, or does not do it.
    Refused,
}

/// A protocol over UDP.
#[derive(Clone, Copy, Debug)]
pub struct Datagram {
    /// The first datagrams, likeliest first; each is sent once, and once more if nothing comes.
    pub first: fn(SocketAddr) -> Vec<Packet>,
    /// Judges one datagram of the server. Pure, bounded, never panics; `Partial` counts as `No`.
    pub recognise: fn(&[u8]) -> Match,
    /// The next datagram, given the one that proved the protocol and how many follow-ups were
    /// sent; what its answer tells is added.
    pub follow: fn(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet>,
    /// Whether answers come from another port than the one asked (RFC 1350 §4).
    pub strays: bool,
}

impl Datagram {
    /// A protocol that is recognised by the answer to its first datagrams.
    #[must_use]
    pub const fn asked(
        first: fn(SocketAddr) -> Vec<Packet>,
        recognise: fn(&[u8]) -> Match,
    ) -> Self {
        Self {
            first,
            recognise,
            follow: no_follow,
            strays: false,
        }
    }
}

/// Who speaks first on a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The server greets.
    Server,
    /// The server waits for the client.
    Client,
}

/// Bytes to send, and the name under which they are reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The name in `Probe::sent`, such as "http GET /".
    pub name: Cow<'static, str>,
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
}

/// What a protocol's grammar makes of the bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The grammar is met in full. More bytes never take this back.
    Proven(Box<Proof>),
    /// All that arrived fits, but the grammar is too weak to prove it (four bytes of RFC 868).
    /// A verdict never rests on it, and any proof outranks it.
    Likely(Box<Proof>),
    /// Nothing contradicts it yet; more bytes could prove it.
    Partial,
    /// No further byte can make this the protocol.
    No,
}

/// What the bytes of a proven protocol tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The rule that was met, in words that name its specification.
    pub rule: Cow<'static, str>,
    /// The product's key, where the server told it.
    pub product: Option<Cow<'static, str>>,
    /// The product's version as told, at most 64 printable bytes.
    pub version: Option<String>,
    /// The CPE 2.3 name, where vendor, product and version are known.
    pub cpe: Option<String>,
    /// What told the product, in words.
    pub product_rule: Option<Cow<'static, str>>,
    /// Whether it offered to change to TLS on this connection.
    pub starttls: bool,
    /// Whether it let us in without asking who we are; `None` where that was not observed.
    pub unauthenticated: Option<bool>,
    /// Whether the answer itself says that TLS is spoken here.
    pub wants_tls: bool,
    /// Whether the answer is still incomplete and its rest may tell more.
    pub more: bool,
    /// What else it told: one line each, at most 64 lines of 200 printable characters.
    pub told: Vec<String>,
}

/// All protocols. The order decides between proofs that contradict each other.
static TABLE: &[Protocol] = &[
    ssh::PROTOCOL,
    dict::PROTOCOL,
    smtp::PROTOCOL,
    ftp::PROTOCOL,
    lmtp::PROTOCOL,
    pop3::PROTOCOL,
    imap::PROTOCOL,
    sieve::PROTOCOL,
    nntp::PROTOCOL,
    telnet::PROTOCOL,
    http::PROTOCOL,
    h2::PROTOCOL,
    grpc::PROTOCOL,
    websocket::PROTOCOL,
    tls::PROTOCOL,
    redis::PROTOCOL,
    postgresql::PROTOCOL,
    ldap::PROTOCOL,
    kerberos::PROTOCOL,
    radius::PROTOCOL,
    microsoft_ds::PROTOCOL,
    netbios_ssn::PROTOCOL,
    netbios_ns::PROTOCOL,
    epmap::PROTOCOL,
    ms_wbt_server::PROTOCOL,
    rfb::PROTOCOL,
    x11::PROTOCOL,
    sunrpc::PROTOCOL,
    rpc_program::NFS,
    rpc_program::MOUNTD,
    rpc_program::NLOCKMGR,
    rpc_program::STATUS,
    rpc_program::RQUOTAD,
    rpc_program::YPBIND,
    nbd::PROTOCOL,
    iscsi_target::PROTOCOL,
    rsync::PROTOCOL,
    git::PROTOCOL,
    svn::PROTOCOL,
    distcc::PROTOCOL,
    cvspserver::PROTOCOL,
    socks::PROTOCOL,
    tor_control::PROTOCOL,
    openvpn::PROTOCOL,
    isakmp::PROTOCOL,
    l2tp::PROTOCOL,
    pptp::PROTOCOL,
    bittorrent_tracker::PROTOCOL,
    bitcoin::PROTOCOL,
    xpra::PROTOCOL,
    spice::PROTOCOL,
    ws_discovery::PROTOCOL,
    mbap::PROTOCOL,
    s7::PROTOCOL,
    dnp::PROTOCOL,
    bacnet::PROTOCOL,
    domain::PROTOCOL,
    mdns::PROTOCOL,
    ntp::PROTOCOL,
    snmp::PROTOCOL,
    tftp::PROTOCOL,
    bootps::PROTOCOL,
    sip::PROTOCOL,
    rtsp::PROTOCOL,
    rtmp::PROTOCOL,
    ssdp::PROTOCOL,
    stun::PROTOCOL,
    mpd::PROTOCOL,
    mumble::PROTOCOL,
    teamspeak::PROTOCOL,
    minecraft::PROTOCOL,
    a2s::PROTOCOL,
    quake3::PROTOCOL,
    directplay8::PROTOCOL,
    openttd::PROTOCOL,
    minetest::PROTOCOL,
    teeworlds::PROTOCOL,
    bzflag::PROTOCOL,
    coap::PROTOCOL,
    dtls::PROTOCOL,
    munin::PROTOCOL,
    zabbix_agent::PROTOCOL,
    zabbix_trapper::PROTOCOL,
    nrpe::PROTOCOL,
    gpsd::PROTOCOL,
    qmp::PROTOCOL,
    nut::PROTOCOL,
    lirc::PROTOCOL,
    gmond::PROTOCOL,
    bacula_fd::PROTOCOL,
    echo::PROTOCOL,
    daytime::PROTOCOL,
    chargen::PROTOCOL,
    time::PROTOCOL,
    mongodb::PROTOCOL,
    memcache::PROTOCOL,
    mysql::PROTOCOL,
    mqtt::PROTOCOL,
    amqp::PROTOCOL,
    nats::PROTOCOL,
    zookeeper::PROTOCOL,
    stomp::PROTOCOL,
    beanstalkd::PROTOCOL,
    gearman::PROTOCOL,
    clickhouse::PROTOCOL,
    tarantool::PROTOCOL,
    epmd::PROTOCOL,
    erldp::PROTOCOL,
    ajp::PROTOCOL,
    openwire::PROTOCOL,
    nutcracker_stats::PROTOCOL,
    kafka::PROTOCOL,
    cassandra::PROTOCOL,
    ms_sql_s::PROTOCOL,
    oracle_tns::PROTOCOL,
    rmiregistry::PROTOCOL,
    bolt::PROTOCOL,
    gds_db::PROTOCOL,
    rethinkdb::PROTOCOL,
    aerospike::PROTOCOL,
    virtuoso::PROTOCOL,
    jdwp::PROTOCOL,
    irc::PROTOCOL,
    xmpp_client::PROTOCOL,
    xmpp_server::PROTOCOL,
    spamd::PROTOCOL,
    clamd::PROTOCOL,
    postfix_policy::PROTOCOL,
    milter::PROTOCOL,
    gopher::PROTOCOL,
    gemini::PROTOCOL,
    finger::PROTOCOL,
    auth::PROTOCOL,
    nicname::PROTOCOL,
];

/// The protocol of that name; `None` where the table has no such row.
#[must_use]
pub fn protocol(name: &str) -> Option<&'static Protocol> {
    TABLE.iter().find(|p| p.name == name)
}

impl Protocol {
    /// Whether it is spoken over TCP and the client begins.
    pub(crate) fn is_asked(&self) -> bool {
        self.stream.is_some_and(|s| s.speaker == Speaker::Client)
    }

    /// Whether it is spoken over TCP and the server begins.
    pub(crate) fn greets(&self) -> bool {
        self.stream.is_some_and(|s| s.speaker == Speaker::Server)
    }

    /// What its grammar for TCP makes of the bytes; [`Match::No`] where it has none.
    #[must_use]
    pub fn recognise(&self, received: &[u8]) -> Match {
        self.stream.map_or(Match::No, |s| (s.recognise)(received))
    }

    /// What its grammar for UDP makes of one datagram; [`Match::No`] where it has none.
    #[must_use]
    pub fn recognise_datagram(&self, received: &[u8]) -> Match {
        self.datagram.map_or(Match::No, |d| (d.recognise)(received))
    }

    /// The next packet on the same connection.
    #[must_use]
    pub fn follow(&self, received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
        (self.stream?.follow)(received, followed, target)
    }
}

/// Every protocol, in the table's order.
pub fn protocols() -> impl Iterator<Item = &'static Protocol> {
    TABLE.iter()
}

/// For protocols where one exchange proves enough.
fn no_follow(_received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    None
}
