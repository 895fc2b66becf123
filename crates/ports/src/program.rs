//! What a program is known to be, held against what answers on its socket. Mostly two tables.
//!
//! A program is no proof of a protocol, nor a banner of a program: where the two disagree, one of
//! them is not what it says, and that deserves a look.

use crate::identification::Identification;
use crate::owner::Owner;
use crate::protocol::{is_carrier, usual_protocol};

/// Programs through which others speak, or which speak many protocols: what answers there says
/// nothing against them. By executable name; ordered.
static SPEAKS_FOR_MANY: &[&str] = &[
    "apache2",
    "beam.smp",
    "busybox",
    "caddy",
    "conmon",
    "docker-proxy",
    "dovecot",
    "envoy",
    "ghostunnel",
    "haproxy",
    "hitch",
    "httpd",
    "imap-login",
    "inetd",
    "inetutils-inetd",
    "java",
    "kubectl",
    "master",
    "nginx",
    "nghttpx",
    "node",
    "nodejs",
    "perl",
    "php",
    "pop3-login",
    "python",
    "python3",
    "rootlessport",
    "ruby",
    "smbd",
    "slirp4netns",
    "socat",
    "squid",
    "ssh",
    "sshd",
    "sslh",
    "stunnel4",
    "systemd",
    "traefik",
    "trafficserver",
    "traffic_server",
    "varnishd",
    "xinetd",
];

/// The products that a program can be on the wire, by executable name; ordered. Only programs that
/// pass nobody else's words on.
static PRODUCTS: &[(&str, &[&str])] = &[
    ("beanstalkd", &["beanstalkd"]),
    ("chronyd", &["chrony"]),
    ("cupsd", &["cups"]),
    ("dictd", &["dictd"]),
    ("dnsmasq", &["dnsmasq"]),
    ("dropbear", &["dropbear"]),
    ("exim4", &["exim"]),
    ("icecast2", &["icecast"]),
    ("keydb-server", &["keydb"]),
    ("lighttpd", &["lighttpd"]),
    ("mariadbd", &["mariadb"]),
    ("memcached", &["memcached"]),
    ("mosquitto", &["mosquitto"]),
    ("mpd", &["mpd"]),
    ("named", &["bind"]),
    ("nats-server", &["nats", "nats-server"]),
    ("ngircd", &["ngircd"]),
    ("nsd", &["nsd"]),
    ("postgres", &["postgresql"]),
    ("proftpd", &["proftpd", "proftpd-mod-sftp"]),
    ("pure-ftpd", &["pure-ftpd"]),
    ("redis-server", &["redis", "redis-sentinel"]),
    ("rsync", &["rsync"]),
    ("unbound", &["unbound"]),
    ("valkey-server", &["valkey"]),
    ("vsftpd", &["vsftpd"]),
];

/// Whether others speak through the program, or it speaks many protocols.
#[must_use]
pub fn speaks_for_many(program: &str) -> bool {
    SPEAKS_FOR_MANY.contains(&program)
}

/// The products that a program of this name can be; `None` where that is not known.
#[must_use]
pub fn products(program: &str) -> Option<&'static [&'static str]> {
    PRODUCTS
        .binary_search_by(|(name, _)| (*name).cmp(program))
        .ok()
        .map(|found| PRODUCTS[found].1)
}

/// The protocol that a process usually speaks: by its program, or where that only runs others, by
/// what it runs.
#[must_use]
pub fn usual_protocol_of(owner: &Owner) -> Option<&'static str> {
    usual_protocol(&owner.program).or_else(|| usual_protocol(script(owner)?))
}

/// Programs that run scripts, up to a version in their name.
const INTERPRETERS: [&str; 8] = [
    "python", "perl", "ruby", "node", "php", "bash", "sh", "java",
];

/// The name of what an interpreter runs: `/usr/bin/xpra` is xpra, `-m http.server` http.server, the
/// class `org.apache.zookeeper.server.quorum.QuorumPeerMain` QuorumPeerMain.
fn script(owner: &Owner) -> Option<&str> {
    let bare = owner
        .program
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !INTERPRETERS.contains(&bare) {
        return None;
    }
    let mut arguments = owner.arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-m" => return arguments.next().map(String::as_str),
            // Java's options with a value of their own.
            "-cp" | "-classpath" | "--class-path" | "-jar" if bare == "java" => {
                let value = arguments.next()?;
                if argument == "-jar" {
                    return value.rsplit('/').next();
                }
            }
            option if option.starts_with('-') => {}
            name => {
                let name = name.rsplit('/').next().unwrap_or(name);
                return match bare {
                    "java" => name.rsplit('.').next(),
                    _ => Some(name.split('.').next().unwrap_or(name)),
                };
            }
        }
    }
    None
}

/// How the program and the wire disagree, as one sentence without a full stop; `None` where they
/// agree, or where neither says enough.
#[must_use]
pub fn disagreement(owner: &Owner, seen: &Identification) -> Option<String> {
    let program = owner.program.as_str();
    if !seen.is_proven() || speaks_for_many(program) {
        return None;
    }
    if let Some(usual) = usual_protocol(program)
        && usual != seen.protocol
        && !(is_carrier(&seen.protocol) && is_carrier(usual))
    {
        let spoken = seen.spoken();
        return Some(format!(
            "{program} usually speaks {usual}, and {spoken} answers"
        ));
    }
    let told = seen.product.as_deref()?;
    let known = products(program)?;
    if !known.contains(&told) {
        return Some(format!(
            "{program} is {}, and what answers says that it is {told}",
            known.join(" or ")
        ));
    }
    let package = owner.package.as_ref()?;
    let (wire, installed) = (seen.version.as_deref()?, package.version.as_deref()?);
    let installed = upstream(installed);
    if agree(wire, installed) {
        return None;
    }
    Some(format!(
        "it says version {wire}, and the package {} on this machine is {installed}",
        package.name
    ))
}

/// A Debian or RPM version without epoch and revision: `1:9.2p1-2+deb12u3` is 9.2p1
/// (deb-version(7)).
fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, v)| v);
    let version = version.rsplit_once('-').map_or(version, |(v, _)| v);
    version.split(['+', '~']).next().unwrap_or(version)
}

/// Whether two ways of writing a version can mean the same: one begins with the other.
fn agree(wire: &str, installed: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    begins(wire, installed) || begins(installed, wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_ordered() {
        assert!(PRODUCTS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn what_an_interpreter_runs_is_looked_up() {
        let run = |program: &str, arguments: &[&str]| {
            let owner = Owner {
                program: program.to_owned(),
                arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
                ..Owner::default()
            };
            script(&owner).map(str::to_owned)
        };
        let of = |name: &str| Some(name.to_owned());
        assert_eq!(
            run("python3.11", &["python3", "/usr/bin/xpra", "start"]),
            of("xpra")
        );
        assert_eq!(
            run("python3", &["python3", "-u", "-m", "http.server"]),
            of("http.server")
        );
        let class = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
        assert_eq!(
            run(
                "java",
                &["java", "-cp", "/usr/share/java/x.jar", class, "zoo.cfg"]
            ),
            of("QuorumPeerMain")
        );
        assert_eq!(run("perl", &["perl"]), None);
        assert_eq!(run("redis-server", &["redis-server", "conf"]), None);
    }

    #[test]
    fn versions_are_compared_without_what_the_distribution_adds() {
        assert_eq!(upstream("1:9.2p1-2+deb12u3"), "9.2p1");
        assert_eq!(upstream("5:7.0.15-1~deb12u1"), "7.0.15");
        assert_eq!(upstream("1.4.69-1"), "1.4.69");
        assert!(agree("9.2p1", "9.2p1"));
        assert!(agree("10.11.6-MariaDB", "10.11.6"));
        assert!(agree("4.96", "4.96"));
        assert!(!agree("1.22.1", "1.22.10"));
        assert!(!agree("1.18.0", "1.22.1"));
    }
}
