//! Which wire protocol a registered service speaks, and which programs and products speak it.
//! Mostly declarative tables.

use crate::identification::Identification;
pub use crate::wire_form::{UNREGISTERED, WireForm, Wrapping, is_protocol, wire_form};

use WireForm::{Carried, Own};

/// Protocols that carry other services, so that meeting them contradicts none.
pub const CARRIERS: [&str; 5] = ["http", "tls", "websocket", "grpc", "h2"];

/// Whether the protocol carries other services.
#[must_use]
pub fn is_carrier(protocol: &str) -> bool {
    CARRIERS.contains(&protocol)
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
        assert!(PRODUCT_SERVICES.is_sorted_by_key(|(key, _)| *key));
        assert!(USUAL_PROTOCOLS.is_sorted_by_key(|(name, _)| *name));
        let services = PRODUCT_SERVICES.iter().flat_map(|(_, names)| names.iter());
        for name in services {
            assert!(
                !registry.named(name).is_empty(),
                "{name} is not in the registry"
            );
        }
    }
}
