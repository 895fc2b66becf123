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
    ("bgp", Own("bgp", Clear)),
    ("caldav", Carried("http", Clear)),
    ("couchdb", Carried("http", Either)),
    ("dict", Own("dict", Clear)),
    ("docker", Carried("http", Clear)),
    ("docker-s", Carried("http", Tls)),
    ("domain", Own("domain", Clear)),
    ("domain-s", Own("domain", Tls)),
    ("echo", Own("echo", Clear)),
    ("epmd", Own("epmd", Clear)),
    ("etcd-client", Carried("http", Either)),
    ("etcd-server", Carried("http", Either)),
    ("finger", Own("finger", Clear)),
    ("ftp", Own("ftp", Clear)),
    ("ftps", Own("ftp", Tls)),
    ("git", Own("git", Clear)),
    ("gopher", Own("gopher", Clear)),
    ("http", Own("http", Clear)),
    ("http-alt", Own("http", Clear)),
    ("https", Own("http", Tls)),
    ("imap", Own("imap", Clear)),
    ("imaps", Own("imap", Tls)),
    ("ipp", Carried("http", Either)),
    ("ipps", Carried("http", Tls)),
    ("irc", Own("irc", Clear)),
    ("ircs-u", Own("irc", Tls)),
    ("ircu", Own("irc", Clear)),
    ("iscsi-target", Own("iscsi-target", Clear)),
    ("kerberos", Own("kerberos", Clear)),
    ("ldap", Own("ldap", Clear)),
    ("ldaps", Own("ldap", Tls)),
    ("memcache", Own("memcache", Clear)),
    ("microsoft-ds", Own("microsoft-ds", Clear)),
    ("mongodb", Own("mongodb", Either)),
    ("mqtt", Own("mqtt", Clear)),
    ("ms-sql-s", Own("ms-sql-s", Clear)),
    ("ms-wbt-server", Own("ms-wbt-server", Either)),
    ("mysql", Own("mysql", Clear)),
    ("nbd", Own("nbd", Clear)),
    ("netconf-ssh", Carried("ssh", Clear)),
    ("nfs", Own("nfs", Clear)),
    ("nicname", Own("nicname", Clear)),
    ("nnsp", Own("nntp", Clear)),
    ("nntp", Own("nntp", Clear)),
    ("nntps", Own("nntp", Tls)),
    ("ollama", Carried("http", Either)),
    ("pop3", Own("pop3", Clear)),
    ("pop3s", Own("pop3", Tls)),
    ("postgresql", Own("postgresql", Clear)),
    ("printer", Own("printer", Clear)),
    ("redis", Own("redis", Either)),
    ("rfb", Own("rfb", Clear)),
    ("rsync", Own("rsync", Clear)),
    ("rtsp", Own("rtsp", Clear)),
    ("secure-mqtt", Own("mqtt", Tls)),
    ("sieve", Own("sieve", Clear)),
    ("sip", Own("sip", Clear)),
    ("sips", Own("sip", Tls)),
    ("smtp", Own("smtp", Clear)),
    ("ssh", Own("ssh", Clear)),
    ("submission", Own("smtp", Clear)),
    ("submissions", Own("smtp", Tls)),
    ("sunrpc", Own("sunrpc", Clear)),
    ("svn", Own("svn", Clear)),
    ("telnet", Own("telnet", Clear)),
    ("telnets", Own("telnet", Tls)),
    ("www", Own("http", Clear)),
    ("www-http", Own("http", Clear)),
    ("x11", Own("x11", Clear)),
    ("xmpp-client", Own("xmpp-client", Clear)),
    ("xmpp-server", Own("xmpp-server", Clear)),
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
    ("httpd", "http"),
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
    ("valkey-server", "redis"),
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
