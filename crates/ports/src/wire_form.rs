//! How a registered service appears on the wire: a declarative table, longer than most files.
//!
//! `build.rs` compiles this file as well, to know the protocols that a fact may name.

/// How a service appears on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireForm {
    /// It is the protocol itself: whoever proves the protocol proves the service.
    Own(&'static str, Wrapping),
    /// It is carried by another protocol: the carrier alone proves nothing.
    Carried(&'static str, Wrapping),
}

/// Whether a service speaks inside TLS from the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// In clear, as assigned.
    Clear,
    /// Inside TLS, as assigned.
    Tls,
    /// Either way.
    Either,
}

impl Wrapping {
    pub(crate) const fn admits(self, tls: bool) -> bool {
        match self {
            Self::Clear => !tls,
            Self::Tls => tls,
            Self::Either => true,
        }
    }
}

use WireForm::{Carried, Own};
use Wrapping::{Clear, Either, Tls};

/// Service names by wire form, ordered by name. A name that is missing has a form that Portolan
/// does not know, and is never contradicted by form alone.
///
/// Sources: the RFC or specification that each service's registry row names, or its project's
/// protocol documentation.
static WIRE_FORMS: &[(&str, WireForm)] = &[
    ("afpovertcp", Own("afp", Clear)),
    ("amqp", Own("amqp", Clear)),
    ("amqps", Own("amqp", Tls)),
    ("auth", Own("auth", Clear)),
    ("bacnet", Own("bacnet", Clear)),
    ("bacula-fd", Own("bacula-fd", Clear)),
    ("bgp", Own("bgp", Clear)),
    ("bolt", Own("bolt", Either)),
    ("bootps", Own("bootps", Clear)),
    ("bzflag", Own("bzflag", Clear)),
    ("caldav", Carried("http", Clear)),
    ("caldavs", Carried("http", Tls)),
    ("carddav", Carried("http", Clear)),
    ("carddavs", Carried("http", Tls)),
    ("chargen", Own("chargen", Clear)),
    ("coap", Own("coap", Clear)),
    ("couchdb", Carried("http", Either)),
    ("cvspserver", Own("cvspserver", Clear)),
    ("daap", Carried("http", Clear)),
    ("daytime", Own("daytime", Clear)),
    ("dict", Own("dict", Clear)),
    ("directplay8", Own("directplay8", Clear)),
    ("distcc", Own("distcc", Clear)),
    ("dnp", Own("dnp", Clear)),
    ("docker", Carried("http", Clear)),
    ("docker-s", Carried("http", Tls)),
    ("domain", Own("domain", Clear)),
    ("domain-s", Own("domain", Tls)),
    ("echo", Own("echo", Clear)),
    ("epmap", Own("epmap", Clear)),
    ("epmd", Own("epmd", Clear)),
    ("etcd-client", Carried("http", Either)),
    ("etcd-server", Carried("http", Either)),
    ("finger", Own("finger", Clear)),
    ("ftp", Own("ftp", Clear)),
    ("ftps", Own("ftp", Tls)),
    ("gds-db", Own("gds-db", Clear)),
    ("gds_db", Own("gds-db", Clear)),
    ("gearman", Own("gearman", Either)),
    ("git", Own("git", Clear)),
    ("gopher", Own("gopher", Clear)),
    ("gpsd", Own("gpsd", Clear)),
    ("http", Own("http", Clear)),
    ("http-alt", Own("http", Clear)),
    ("https", Own("http", Tls)),
    ("imap", Own("imap", Clear)),
    ("imaps", Own("imap", Tls)),
    ("ipp", Carried("http", Either)),
    ("ipps", Carried("http", Tls)),
    ("ipsec-nat-t", Own("isakmp", Clear)),
    ("irc", Own("irc", Clear)),
    ("ircs-u", Own("irc", Tls)),
    ("ircu", Own("irc", Clear)),
    ("isakmp", Own("isakmp", Clear)),
    ("iscsi-target", Own("iscsi-target", Clear)),
    ("kerberos", Own("kerberos", Clear)),
    ("l2tp", Own("l2tp", Clear)),
    ("ldap", Own("ldap", Clear)),
    ("ldaps", Own("ldap", Tls)),
    ("mbap", Own("mbap", Clear)),
    ("mdns", Own("mdns", Clear)),
    ("memcache", Own("memcache", Clear)),
    ("microsoft-ds", Own("microsoft-ds", Clear)),
    ("mongodb", Own("mongodb", Either)),
    ("mountd", Own("mountd", Clear)),
    ("mqtt", Own("mqtt", Clear)),
    ("ms-sql-s", Own("ms-sql-s", Clear)),
    ("ms-wbt-server", Own("ms-wbt-server", Either)),
    ("mumble", Own("mumble", Either)),
    ("munin", Own("munin", Either)),
    ("mysql", Own("mysql", Clear)),
    ("nbd", Own("nbd", Clear)),
    ("netbios-ns", Own("netbios-ns", Clear)),
    ("netbios-ssn", Own("netbios-ssn", Clear)),
    ("netconf-ssh", Carried("ssh", Clear)),
    ("nfs", Own("nfs", Clear)),
    ("nicname", Own("nicname", Clear)),
    ("nnsp", Own("nntp", Clear)),
    ("nntp", Own("nntp", Clear)),
    ("nntps", Own("nntp", Tls)),
    ("nrpe", Own("nrpe", Either)),
    ("ntp", Own("ntp", Clear)),
    ("nut", Own("nut", Either)),
    ("ollama", Carried("http", Either)),
    ("openvpn", Own("openvpn", Clear)),
    ("pgbouncer", Own("postgresql", Clear)),
    ("pop3", Own("pop3", Clear)),
    ("pop3s", Own("pop3", Tls)),
    ("postgresql", Own("postgresql", Clear)),
    ("pptp", Own("pptp", Clear)),
    ("printer", Own("printer", Clear)),
    ("puppet", Carried("http", Tls)),
    ("radius", Own("radius", Clear)),
    ("radius-acct", Own("radius", Clear)),
    ("redis", Own("redis", Either)),
    ("rfb", Own("rfb", Clear)),
    ("rmiregistry", Own("rmiregistry", Either)),
    ("rsync", Own("rsync", Clear)),
    ("rtsp", Own("rtsp", Clear)),
    ("rtsp-alt", Own("rtsp", Clear)),
    ("rtsps", Own("rtsp", Tls)),
    ("secure-mqtt", Own("mqtt", Tls)),
    ("sieve", Own("sieve", Clear)),
    ("sip", Own("sip", Clear)),
    ("sips", Own("sip", Tls)),
    ("smtp", Own("smtp", Clear)),
    ("snmp", Own("snmp", Clear)),
    ("socks", Own("socks", Clear)),
    ("spice", Own("spice", Either)),
    ("ssdp", Own("ssdp", Clear)),
    ("ssh", Own("ssh", Clear)),
    ("stun", Own("stun", Clear)),
    ("submission", Own("smtp", Clear)),
    ("submissions", Own("smtp", Tls)),
    ("sunrpc", Own("sunrpc", Clear)),
    ("svn", Own("svn", Clear)),
    ("tarantool", Own("tarantool", Clear)),
    ("telnet", Own("telnet", Clear)),
    ("telnets", Own("telnet", Tls)),
    ("tftp", Own("tftp", Clear)),
    ("time", Own("time", Clear)),
    ("turn", Own("stun", Clear)),
    ("webdav", Carried("http", Clear)),
    ("webdavs", Carried("http", Tls)),
    ("ws-discovery", Own("ws-discovery", Clear)),
    ("wsdapi", Carried("http", Clear)),
    ("wsdapi-s", Carried("http", Tls)),
    ("wsman", Carried("http", Clear)),
    ("wsmans", Carried("http", Tls)),
    ("www", Own("http", Clear)),
    ("www-http", Own("http", Clear)),
    ("x11", Own("x11", Clear)),
    ("xmpp-bosh", Carried("http", Either)),
    ("xmpp-client", Own("xmpp-client", Clear)),
    ("xmpp-server", Own("xmpp-server", Clear)),
    ("xpra", Own("xpra", Clear)),
    ("zabbix-agent", Own("zabbix-agent", Either)),
    ("zabbix-trapper", Own("zabbix-trapper", Either)),
];

/// How the registered service appears on the wire, where that is known.
#[must_use]
pub fn wire_form(service_name: &str) -> Option<WireForm> {
    WIRE_FORMS
        .binary_search_by(|(name, _)| (*name).cmp(service_name))
        .ok()
        .map(|found| WIRE_FORMS[found].1)
}

/// Protocols that Portolan proves and that neither a registered name nor the table above has;
/// ordered. A test of `survey` holds this to the protocols that there are.
pub static UNREGISTERED: &[&str] = &[
    "a2s",
    "aerospike",
    "ajp",
    "beanstalkd",
    "bitcoin",
    "bittorrent-tracker",
    "cassandra",
    "clamd",
    "clickhouse",
    "dtls",
    "erldp",
    "gemini",
    "gmond",
    "grpc",
    "h2",
    "jdwp",
    "kafka",
    "lirc",
    "lmtp",
    "milter",
    "minecraft",
    "minetest",
    "mpd",
    "nats",
    "nlockmgr",
    "nutcracker-stats",
    "openttd",
    "openwire",
    "oracle-tns",
    "postfix-policy",
    "qmp",
    "quake3",
    "rethinkdb",
    "rquotad",
    "rtmp",
    "s7",
    "spamd",
    "status",
    "stomp",
    "teamspeak",
    "teeworlds",
    "tls",
    "tor-control",
    "virtuoso",
    "websocket",
    "ypbind",
    "zookeeper",
];

/// Whether Portolan knows a protocol of this name, registered or not, beyond those whose name is
/// a registered service's.
#[must_use]
pub fn is_protocol(name: &str) -> bool {
    UNREGISTERED.binary_search(&name).is_ok()
        || WIRE_FORMS.iter().any(|(_, form)| match form {
            Own(spoken, _) | Carried(spoken, _) => *spoken == name,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_ordered_and_name_registered_services() {
        let registry = crate::embedded::registry();
        assert!(WIRE_FORMS.is_sorted_by_key(|(name, _)| *name));
        for (name, _) in WIRE_FORMS {
            assert!(
                !registry.named(name).is_empty(),
                "{name} is not in the registry"
            );
        }
        assert!(UNREGISTERED.is_sorted());
        for name in UNREGISTERED {
            let namesakes = registry.named(name);
            let same = |row: &&portolan_registry::Assignment<'_>| row.service_name() == *name;
            assert!(
                !namesakes.iter().any(|row| same(&row)),
                "{name} is registered"
            );
        }
    }
}
