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
    ("CassandraDaemon", "cassandra"),
    ("Elasticsearch", "http"),
    ("Kafka", "kafka"),
    ("QuorumPeerMain", "zookeeper"),
    ("Xephyr", "x11"),
    ("Xnest", "x11"),
    ("Xorg", "x11"),
    ("Xtigervnc", "rfb"),
    ("Xtightvnc", "rfb"),
    ("Xvfb", "x11"),
    ("Xvnc", "rfb"),
    ("Xwayland", "x11"),
    ("accel-pppd", "pptp"),
    ("activemq", "openwire"),
    ("aerospike", "aerospike"),
    ("aiosmtpd", "smtp"),
    ("alertmanager", "http"),
    ("apache2", "http"),
    ("asd", "aerospike"),
    ("asterisk", "sip"),
    ("atftpd", "tftp"),
    ("avahi-daemon", "mdns"),
    ("bacula-fd", "bacula-fd"),
    ("beam.smp", "erldp"),
    ("beanstalkd", "beanstalkd"),
    ("bitcoind", "bitcoin"),
    ("bitlbee", "irc"),
    ("blackbox_exporter", "http"),
    ("bzfs", "bzflag"),
    ("caddy", "http"),
    ("calibre-server", "http"),
    ("cassandra", "cassandra"),
    ("charon", "isakmp"),
    ("charon-systemd", "isakmp"),
    ("charybdis", "irc"),
    ("cherokee", "http"),
    ("chronyd", "ntp"),
    ("clamd", "clamd"),
    ("clickhouse-server", "clickhouse"),
    ("coap-server", "coap"),
    ("coap-server-gnutls", "coap"),
    ("coap-server-notls", "coap"),
    ("coap-server-openssl", "coap"),
    ("cockpit-ws", "http"),
    ("consul", "http"),
    ("coredns", "domain"),
    ("coturn", "stun"),
    ("couriertcpd", "imap"),
    ("cupsd", "http"),
    ("cvs", "cvspserver"),
    ("cyrmaster", "imap"),
    ("danted", "socks"),
    ("darkstat", "http"),
    ("deluge-web", "http"),
    ("dhcpd", "bootps"),
    ("dictd", "dict"),
    ("distccd", "distcc"),
    ("dnsdist", "domain"),
    ("dnsmasq", "domain"),
    ("docker-registry", "http"),
    ("dovecot", "imap"),
    ("dragonfly", "redis"),
    ("dropbear", "ssh"),
    ("efingerd", "finger"),
    ("ejabberd", "xmpp-client"),
    ("emqx", "mqtt"),
    ("envoy", "http"),
    ("epmd", "epmd"),
    ("etcd", "http"),
    ("eturnal", "stun"),
    ("exim", "smtp"),
    ("exim4", "smtp"),
    ("fbserver", "gds-db"),
    ("fingerd", "finger"),
    ("firebird", "gds-db"),
    ("forgejo", "http"),
    ("fossil", "http"),
    ("freeradius", "radius"),
    ("freeswitch", "sip"),
    ("ftpd", "ftp"),
    ("ganesha.nfsd", "nfs"),
    ("garnet", "redis"),
    ("gdnsd", "domain"),
    ("gearmand", "gearman"),
    ("git-daemon", "git"),
    ("gitea", "http"),
    ("glances", "http"),
    ("gmetad", "gmond"),
    ("gmond", "gmond"),
    ("gophernicus", "gopher"),
    ("gotty", "http"),
    ("gpsd", "gpsd"),
    ("grafana", "http"),
    ("grafana-server", "http"),
    ("gunicorn", "http"),
    ("gunicorn3", "http"),
    ("h2o", "http"),
    ("haproxy", "http"),
    ("hlds_linux", "a2s"),
    ("http.server", "http"),
    ("httpd", "http"),
    ("hypercorn", "http"),
    ("icecast", "http"),
    ("icecast2", "http"),
    ("identd", "auth"),
    ("iked", "isakmp"),
    ("imap-login", "imap"),
    ("imapd", "imap"),
    ("in.fingerd", "finger"),
    ("in.ftpd", "ftp"),
    ("in.telnetd", "telnet"),
    ("in.tftpd", "tftp"),
    ("influxd", "http"),
    ("innd", "nntp"),
    ("inspircd", "irc"),
    ("ioq3ded", "quake3"),
    ("ioquake3", "quake3"),
    ("ircd", "irc"),
    ("ircd-hybrid", "irc"),
    ("jellyfin", "http"),
    ("jenkins", "http"),
    ("jupyter-lab", "http"),
    ("jupyter-notebook", "http"),
    ("kamailio", "sip"),
    ("kea-dhcp4", "bootps"),
    ("keydb-server", "redis"),
    ("kiwix-serve", "http"),
    ("knotd", "domain"),
    ("kong", "http"),
    ("krb5kdc", "kerberos"),
    ("kresd", "domain"),
    ("krfb", "rfb"),
    ("kvrocks", "redis"),
    ("leafnode", "nntp"),
    ("lighttpd", "http"),
    ("lircd", "lirc"),
    ("lmtpd", "lmtp"),
    ("luantiserver", "minetest"),
    ("managesieve-login", "sieve"),
    ("maradns", "domain"),
    ("mariadbd", "mysql"),
    ("master", "smtp"),
    ("mdnsd", "mdns"),
    ("mediamtx", "rtsp"),
    ("memcached", "memcache"),
    ("merecat", "http"),
    ("micro-httpd", "http"),
    ("microsocks", "socks"),
    ("minetestserver", "minetest"),
    ("minio", "http"),
    ("miniupnpd", "ssdp"),
    ("mitmdump", "http"),
    ("mitmproxy", "http"),
    ("mitmweb", "http"),
    ("molly-brown", "gemini"),
    ("mongod", "mongodb"),
    ("mongos", "mongodb"),
    ("mopidy", "mpd"),
    ("mosquitto", "mqtt"),
    ("mpd", "mpd"),
    ("msmtpd", "smtp"),
    ("mumble-server", "mumble"),
    ("munin-node", "munin"),
    ("murmurd", "mumble"),
    ("mysqld", "mysql"),
    ("named", "domain"),
    ("nats-server", "nats"),
    ("navidrome", "http"),
    ("nbd-server", "nbd"),
    ("nbdkit", "nbd"),
    ("neo4j", "bolt"),
    ("netdata", "http"),
    ("nghttpd", "h2"),
    ("nginx", "http"),
    ("ngircd", "irc"),
    ("nmbd", "netbios-ns"),
    ("nnrpd", "nntp"),
    ("node_exporter", "http"),
    ("nodejs", "http"),
    ("nrpe", "nrpe"),
    ("ns-slapd", "ldap"),
    ("nsd", "domain"),
    ("ntopng", "http"),
    ("ntpd", "ntp"),
    ("ntpsec", "ntp"),
    ("nutcracker", "memcache"),
    ("octoprint", "http"),
    ("odyssey", "postgresql"),
    ("oidentd", "auth"),
    ("ollama", "http"),
    ("opendkim", "milter"),
    ("opendmarc", "milter"),
    ("openntpd", "ntp"),
    ("openresty", "http"),
    ("opensips", "sip"),
    ("opensmtpd", "smtp"),
    ("opentracker", "bittorrent-tracker"),
    ("openttd", "openttd"),
    ("openvpn", "openvpn"),
    ("owntone", "http"),
    ("pdns_recursor", "domain"),
    ("pdns_server", "domain"),
    ("pgbouncer", "postgresql"),
    ("pgpool", "postgresql"),
    ("php-cgi", "http"),
    ("pluto", "isakmp"),
    ("pop3-login", "pop3"),
    ("pop3d", "pop3"),
    ("portmap", "sunrpc"),
    ("postgres", "postgresql"),
    ("postgrey", "postfix-policy"),
    ("pound", "http"),
    ("pptpd", "pptp"),
    ("proftpd", "ftp"),
    ("prometheus", "http"),
    ("prometheus-alertmanager", "http"),
    ("prometheus-blackbox-exporter", "http"),
    ("prometheus-node-exporter", "http"),
    ("prometheus-pushgateway", "http"),
    ("prosody", "xmpp-client"),
    ("puma", "http"),
    ("pure-ftpd", "ftp"),
    ("pushgateway", "http"),
    ("pygopherd", "gopher"),
    ("qemu-nbd", "nbd"),
    ("quake3-server", "quake3"),
    ("racoon", "isakmp"),
    ("radicale", "http"),
    ("radiusd", "radius"),
    ("redis-sentinel", "redis"),
    ("redis-server", "redis"),
    ("registry", "http"),
    ("restund", "stun"),
    ("rethinkdb", "rethinkdb"),
    ("rmiregistry", "rmiregistry"),
    ("rpc.mountd", "mountd"),
    ("rpc.rquotad", "rquotad"),
    ("rpc.statd", "status"),
    ("rpcbind", "sunrpc"),
    ("rspamd", "http"),
    ("rsync", "rsync"),
    ("samba", "microsoft-ds"),
    ("scylla", "cassandra"),
    ("sendmail", "smtp"),
    ("shellinaboxd", "http"),
    ("slapd", "ldap"),
    ("smbd", "microsoft-ds"),
    ("smtpd", "smtp"),
    ("snmpd", "snmp"),
    ("sockd", "socks"),
    ("solanum", "irc"),
    ("spamd", "spamd"),
    ("sqlservr", "ms-sql-s"),
    ("squid", "http"),
    ("srcds_linux", "a2s"),
    ("sshd", "ssh"),
    ("submission-login", "smtp"),
    ("svnserve", "svn"),
    ("syncthing", "http"),
    ("systemd-resolved", "domain"),
    ("tarantool", "tarantool"),
    ("teeworlds-server", "teeworlds"),
    ("telnetd", "telnet"),
    ("tftpd", "tftp"),
    ("tgtd", "iscsi-target"),
    ("thin", "http"),
    ("thttpd", "http"),
    ("timsieved", "sieve"),
    ("tinydns", "domain"),
    ("tnslsnr", "oracle-tns"),
    ("tor", "socks"),
    ("traefik", "http"),
    ("transmission-daemon", "http"),
    ("ts3server", "teamspeak"),
    ("turnserver", "stun"),
    ("tusd", "http"),
    ("udhcpd", "bootps"),
    ("umurmurd", "mumble"),
    ("unbound", "domain"),
    ("unrealircd", "irc"),
    ("upsd", "nut"),
    ("uvicorn", "http"),
    ("uwsgi", "http"),
    ("valkey-sentinel", "redis"),
    ("valkey-server", "redis"),
    ("varnishd", "http"),
    ("vault", "http"),
    ("vernemq", "mqtt"),
    ("victoria-metrics", "http"),
    ("vino-server", "rfb"),
    ("virtuoso-iodbc-t", "virtuoso"),
    ("virtuoso-t", "virtuoso"),
    ("vsftpd", "ftp"),
    ("waitress-serve", "http"),
    ("wayvnc", "rfb"),
    ("webfsd", "http"),
    ("wsdd", "ws-discovery"),
    ("wsdd2", "ws-discovery"),
    ("x0tigervncserver", "rfb"),
    ("x0vncserver", "rfb"),
    ("x11vnc", "rfb"),
    ("xandikos", "http"),
    ("xl2tpd", "l2tp"),
    ("xpra", "xpra"),
    ("xrdp", "ms-wbt-server"),
    ("yadifad", "domain"),
    ("ypbind", "ypbind"),
    ("zabbix_agent2", "zabbix-agent"),
    ("zabbix_agentd", "zabbix-agent"),
    ("zabbix_proxy", "zabbix-trapper"),
    ("zabbix_server", "zabbix-trapper"),
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
