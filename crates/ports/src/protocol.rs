//! Which wire protocol a registered service speaks, and which programs and products speak it.
//! Mostly declarative tables.

use crate::identification::Identification;

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
    const fn admits(self, tls: bool) -> bool {
        match self {
            Self::Clear => !tls,
            Self::Tls => tls,
            Self::Either => true,
        }
    }
}

/// Protocols that carry other services, so that meeting them contradicts none.
pub const CARRIERS: [&str; 5] = ["http", "tls", "websocket", "grpc", "h2"];

/// Whether the protocol carries other services.
#[must_use]
pub fn is_carrier(protocol: &str) -> bool {
    CARRIERS.contains(&protocol)
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
    ("bacnet", Own("bacnet", Clear)),
    ("bacula-fd", Own("bacula-fd", Clear)),
    ("auth", Own("auth", Clear)),
    ("bgp", Own("bgp", Clear)),
    ("bootps", Own("bootps", Clear)),
    ("bzflag", Own("bzflag", Clear)),
    ("bolt", Own("bolt", Either)),
    ("caldav", Carried("http", Clear)),
    ("chargen", Own("chargen", Clear)),
    ("coap", Own("coap", Clear)),
    ("couchdb", Carried("http", Either)),
    ("cvspserver", Own("cvspserver", Clear)),
    ("dict", Own("dict", Clear)),
    ("distcc", Own("distcc", Clear)),
    ("dnp", Own("dnp", Clear)),
    ("daytime", Own("daytime", Clear)),
    ("dict", Own("dict", Clear)),
    ("directplay8", Own("directplay8", Clear)),
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
    ("socks", Own("socks", Clear)),
    ("spice", Own("spice", Either)),
    ("snmp", Own("snmp", Clear)),
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
    ("ws-discovery", Own("ws-discovery", Clear)),
    ("tftp", Own("tftp", Clear)),
    ("time", Own("time", Clear)),
    ("turn", Own("stun", Clear)),
    ("www", Own("http", Clear)),
    ("www-http", Own("http", Clear)),
    ("x11", Own("x11", Clear)),
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

/// Products that are a registered service although a carrier is all that their wire shows,
/// by product key; ordered.
static PRODUCT_SERVICES: &[(&str, &[&str])] = &[
    ("couchdb", &["couchdb"]),
    ("cups", &["ipp", "ipps"]),
    ("docker", &["docker", "docker-s"]),
    ("etcd", &["etcd-client", "etcd-server"]),
    ("ollama", &["ollama"]),
];

/// The registered services that a product is, beyond the protocol it speaks.
#[must_use]
pub fn product_services(product: &str) -> &'static [&'static str] {
    PRODUCT_SERVICES
        .binary_search_by(|(key, _)| (*key).cmp(product))
        .map_or(&[], |found| PRODUCT_SERVICES[found].1)
}

/// The protocol that a program usually speaks first, by its executable's name; ordered.
/// It decides what is asked first and what counts as a disagreement, never what was seen.
static USUAL_PROTOCOLS: &[(&str, &str)] = &[
    ("Xephyr", "x11"),
    ("Xnest", "x11"),
    ("Xorg", "x11"),
    ("Xtigervnc", "rfb"),
    ("Xtightvnc", "rfb"),
    ("Xvfb", "x11"),
    ("Xvnc", "rfb"),
    ("Xwayland", "x11"),
    ("accel-pppd", "pptp"),
    ("apache2", "http"),
    ("bitcoind", "bitcoin"),
    ("caddy", "http"),
    ("charon", "isakmp"),
    ("charon-systemd", "isakmp"),
    ("cvs", "cvspserver"),
    ("danted", "socks"),
    ("distccd", "distcc"),
    ("asterisk", "sip"),
    ("atftpd", "tftp"),
    ("avahi-daemon", "mdns"),
    ("bacula-fd", "bacula-fd"),
    ("bzfs", "bzflag"),
    ("caddy", "http"),
    ("chronyd", "ntp"),
    ("coap-server", "coap"),
    ("coap-server-gnutls", "coap"),
    ("coap-server-notls", "coap"),
    ("coap-server-openssl", "coap"),
    ("coredns", "domain"),
    ("coturn", "stun"),
    ("dhcpd", "bootps"),
    ("dnsdist", "domain"),
    ("dnsmasq", "domain"),
    ("dropbear", "ssh"),
    ("eturnal", "stun"),
    ("exim4", "smtp"),
    ("freeradius", "radius"),
    ("ganesha.nfsd", "nfs"),
    ("git-daemon", "git"),
    ("freeswitch", "sip"),
    ("gdnsd", "domain"),
    ("gmetad", "gmond"),
    ("gmond", "gmond"),
    ("gpsd", "gpsd"),
    ("activemq", "openwire"),
    ("aerospike", "aerospike"),
    ("apache2", "http"),
    ("asd", "aerospike"),
    ("beam.smp", "erldp"),
    ("beanstalkd", "beanstalkd"),
    ("caddy", "http"),
    ("cassandra", "cassandra"),
    ("clickhouse-server", "clickhouse"),
    ("dragonfly", "redis"),
    ("dropbear", "ssh"),
    ("emqx", "mqtt"),
    ("epmd", "epmd"),
    ("exim4", "smtp"),
    ("fbserver", "gds-db"),
    ("firebird", "gds-db"),
    ("garnet", "redis"),
    ("gearmand", "gearman"),
    ("aiosmtpd", "smtp"),
    ("apache2", "http"),
    ("bitlbee", "irc"),
    ("caddy", "http"),
    ("charybdis", "irc"),
    ("clamd", "clamd"),
    ("couriertcpd", "imap"),
    ("cyrmaster", "imap"),
    ("dictd", "dict"),
    ("dovecot", "imap"),
    ("dropbear", "ssh"),
    ("efingerd", "finger"),
    ("ejabberd", "xmpp-client"),
    ("exim", "smtp"),
    ("exim4", "smtp"),
    ("fingerd", "finger"),
    ("ftpd", "ftp"),
    ("gophernicus", "gopher"),
    ("grafana", "http"),
    ("grafana-server", "http"),
    ("gunicorn", "http"),
    ("haproxy", "http"),
    ("hlds_linux", "a2s"),
    ("httpd", "http"),
    ("iked", "isakmp"),
    ("keydb-server", "redis"),
    ("krb5kdc", "kerberos"),
    ("krfb", "rfb"),
    ("lighttpd", "http"),
    ("microsocks", "socks"),
    ("nbd-server", "nbd"),
    ("nbdkit", "nbd"),
    ("nginx", "http"),
    ("nmbd", "netbios-ns"),
    ("ns-slapd", "ldap"),
    ("opensmtpd", "smtp"),
    ("opentracker", "bittorrent-tracker"),
    ("openvpn", "openvpn"),
    ("pluto", "isakmp"),
    ("portmap", "sunrpc"),
    ("in.tftpd", "tftp"),
    ("ioq3ded", "quake3"),
    ("ioquake3", "quake3"),
    ("kamailio", "sip"),
    ("kea-dhcp4", "bootps"),
    ("keydb-server", "redis"),
    ("knotd", "domain"),
    ("kresd", "domain"),
    ("lighttpd", "http"),
    ("lircd", "lirc"),
    ("luantiserver", "minetest"),
    ("maradns", "domain"),
    ("mdnsd", "mdns"),
    ("mediamtx", "rtsp"),
    ("minetestserver", "minetest"),
    ("miniupnpd", "ssdp"),
    ("mopidy", "mpd"),
    ("mpd", "mpd"),
    ("mumble-server", "mumble"),
    ("munin-node", "munin"),
    ("murmurd", "mumble"),
    ("named", "domain"),
    ("nginx", "http"),
    ("nrpe", "nrpe"),
    ("nsd", "domain"),
    ("ntpd", "ntp"),
    ("ntpsec", "ntp"),
    ("openntpd", "ntp"),
    ("opensips", "sip"),
    ("opensmtpd", "smtp"),
    ("openttd", "openttd"),
    ("pdns_recursor", "domain"),
    ("pdns_server", "domain"),
    ("kvrocks", "redis"),
    ("lighttpd", "http"),
    ("mariadbd", "mysql"),
    ("memcached", "memcache"),
    ("mongod", "mongodb"),
    ("mongos", "mongodb"),
    ("mosquitto", "mqtt"),
    ("mysqld", "mysql"),
    ("nats-server", "nats"),
    ("neo4j", "bolt"),
    ("nginx", "http"),
    ("nutcracker", "memcache"),
    ("odyssey", "postgresql"),
    ("opensmtpd", "smtp"),
    ("pgbouncer", "postgresql"),
    ("pgpool", "postgresql"),
    ("postgres", "postgresql"),
    ("pptpd", "pptp"),
    ("prometheus", "http"),
    ("qemu-nbd", "nbd"),
    ("racoon", "isakmp"),
    ("radiusd", "radius"),
    ("redis-server", "redis"),
    ("rpc.mountd", "mountd"),
    ("rpc.rquotad", "rquotad"),
    ("rpc.statd", "status"),
    ("rpcbind", "sunrpc"),
    ("rsync", "rsync"),
    ("samba", "microsoft-ds"),
    ("slapd", "ldap"),
    ("smbd", "microsoft-ds"),
    ("smtpd", "smtp"),
    ("sockd", "socks"),
    ("sshd", "ssh"),
    ("svnserve", "svn"),
    ("tgtd", "iscsi-target"),
    ("tor", "socks"),
    ("quake3-server", "quake3"),
    ("redis-server", "redis"),
    ("restund", "stun"),
    ("smtpd", "smtp"),
    ("snmpd", "snmp"),
    ("srcds_linux", "a2s"),
    ("sshd", "ssh"),
    ("systemd-resolved", "domain"),
    ("teeworlds-server", "teeworlds"),
    ("tftpd", "tftp"),
    ("tinydns", "domain"),
    ("redis-sentinel", "redis"),
    ("redis-server", "redis"),
    ("rethinkdb", "rethinkdb"),
    ("rmiregistry", "rmiregistry"),
    ("scylla", "cassandra"),
    ("smtpd", "smtp"),
    ("sqlservr", "ms-sql-s"),
    ("sshd", "ssh"),
    ("tarantool", "tarantool"),
    ("tnslsnr", "oracle-tns"),
    ("traefik", "http"),
    ("ts3server", "teamspeak"),
    ("turnserver", "stun"),
    ("udhcpd", "bootps"),
    ("umurmurd", "mumble"),
    ("unbound", "domain"),
    ("upsd", "nut"),
    ("identd", "auth"),
    ("imap-login", "imap"),
    ("imapd", "imap"),
    ("in.fingerd", "finger"),
    ("in.ftpd", "ftp"),
    ("in.telnetd", "telnet"),
    ("innd", "nntp"),
    ("inspircd", "irc"),
    ("ircd", "irc"),
    ("ircd-hybrid", "irc"),
    ("keydb-server", "redis"),
    ("leafnode", "nntp"),
    ("lighttpd", "http"),
    ("lmtpd", "lmtp"),
    ("managesieve-login", "sieve"),
    ("master", "smtp"),
    ("molly-brown", "gemini"),
    ("msmtpd", "smtp"),
    ("nginx", "http"),
    ("ngircd", "irc"),
    ("nnrpd", "nntp"),
    ("oidentd", "auth"),
    ("opendkim", "milter"),
    ("opendmarc", "milter"),
    ("opensmtpd", "smtp"),
    ("pop3-login", "pop3"),
    ("pop3d", "pop3"),
    ("postgres", "postgresql"),
    ("postgrey", "postfix-policy"),
    ("proftpd", "ftp"),
    ("prometheus", "http"),
    ("prosody", "xmpp-client"),
    ("pure-ftpd", "ftp"),
    ("pygopherd", "gopher"),
    ("redis-server", "redis"),
    ("sendmail", "smtp"),
    ("smtpd", "smtp"),
    ("solanum", "irc"),
    ("spamd", "spamd"),
    ("sshd", "ssh"),
    ("submission-login", "smtp"),
    ("telnetd", "telnet"),
    ("timsieved", "sieve"),
    ("traefik", "http"),
    ("unrealircd", "irc"),
    ("uvicorn", "http"),
    ("valkey-sentinel", "redis"),
    ("valkey-server", "redis"),
    ("vino-server", "rfb"),
    ("virtuoso-iodbc-t", "virtuoso"),
    ("virtuoso-t", "virtuoso"),
    ("wayvnc", "rfb"),
    ("wsdd", "ws-discovery"),
    ("wsdd2", "ws-discovery"),
    ("x0tigervncserver", "rfb"),
    ("x0vncserver", "rfb"),
    ("x11vnc", "rfb"),
    ("xl2tpd", "l2tp"),
    ("xpra", "xpra"),
    ("xrdp", "ms-wbt-server"),
    ("ypbind", "ypbind"),
    ("yadifad", "domain"),
    ("zabbix_agent2", "zabbix-agent"),
    ("zabbix_agentd", "zabbix-agent"),
    ("zabbix_proxy", "zabbix-trapper"),
    ("zabbix_server", "zabbix-trapper"),
    ("vernemq", "mqtt"),
    ("vsftpd", "ftp"),
];

/// The protocol that a program of this name usually speaks.
#[must_use]
pub fn usual_protocol(program: &str) -> Option<&'static str> {
    USUAL_PROTOCOLS
        .binary_search_by(|(name, _)| (*name).cmp(program))
        .ok()
        .map(|found| USUAL_PROTOCOLS[found].1)
}

/// How what answered stands to one registered service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is that service.
    Satisfied,
    /// It cannot be that service; the reason, as the end of a sentence.
    Contradicted(String),
    /// Neither is proven; the reason, as the end of a sentence.
    Undecided(String),
}

/// Holds what answered against one registered service.
#[must_use]
pub fn relate(seen: &Identification, service_name: &str) -> Relation {
    let product = seen.product.as_deref();
    if product.is_some_and(|p| product_services(p).contains(&service_name)) {
        return Relation::Satisfied;
    }
    let other_product = |product: &str| {
        Relation::Contradicted(format!(
            "the product that answers, {product}, is not {service_name}"
        ))
    };
    let spoken = seen.spoken();
    match (wire_form(service_name), product) {
        (Some(Own(protocol, wrapping)), _) if protocol == seen.protocol => {
            if wrapping.admits(seen.tls) {
                Relation::Satisfied
            } else if seen.tls {
                Relation::Contradicted(format!(
                    "{service_name} is {protocol} in clear, and {spoken} answers"
                ))
            } else {
                Relation::Contradicted(format!(
                    "{service_name} is {protocol} inside TLS, and clear {protocol} answers"
                ))
            }
        }
        (Some(Own(_, wrapping) | Carried(_, wrapping)), _)
            if seen.protocol == "tls" && wrapping.admits(true) =>
        {
            Relation::Undecided(format!(
                "what {service_name} would say inside TLS was not seen"
            ))
        }
        (Some(Own(protocol, _)), _) => Relation::Contradicted(format!(
            "{service_name} speaks {protocol}, and {spoken} answers"
        )),
        (Some(Carried(carrier, wrapping)), product) if carrier == seen.protocol => match product {
            _ if !wrapping.admits(seen.tls) => Relation::Contradicted(format!(
                "{service_name} speaks {carrier} {}, and {spoken} answers",
                if seen.tls { "in clear" } else { "inside TLS" }
            )),
            Some(product) => other_product(product),
            None => Relation::Undecided(format!(
                "{service_name} speaks {carrier}, and the {spoken} that answers does not say which product it is"
            )),
        },
        (Some(Carried(carrier, _)), _) => Relation::Contradicted(format!(
            "{service_name} speaks {carrier}, and {spoken} answers"
        )),
        (None, Some(product)) => other_product(product),
        (None, None) if is_carrier(&seen.protocol) => Relation::Undecided(format!(
            "{spoken} carries many services, its product is not told, and how {service_name} speaks is not known"
        )),
        (None, None) => Relation::Contradicted(format!(
            "{spoken} is a service of its own and carries no other, so it is not {service_name}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_ordered_and_name_registered_services() {
        let registry = crate::embedded::registry();
        assert!(WIRE_FORMS.is_sorted_by_key(|(name, _)| *name));
        assert!(PRODUCT_SERVICES.is_sorted_by_key(|(key, _)| *key));
        assert!(USUAL_PROTOCOLS.is_sorted_by_key(|(name, _)| *name));
        let services = PRODUCT_SERVICES.iter().flat_map(|(_, names)| names.iter());
        for name in WIRE_FORMS.iter().map(|(name, _)| name).chain(services) {
            assert!(
                !registry.named(name).is_empty(),
                "{name} is not in the registry"
            );
        }
    }
}
