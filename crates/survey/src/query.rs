//! What a person typed, as one of the forms that have an answer.

use portolan_registry::{PortError, PortRange, Transport};

/// One argument of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// `4444`, `:4444`, `tcp/4444`, `2723/udp`, `717-728`.
    Ports {
        /// The ports.
        ports: PortRange,
        /// The one transport that is asked for.
        transport: Option<Transport>,
    },
    /// `watchdog-nt`, `ssh/tcp`: a service name, or else a program's.
    Name {
        /// As typed.
        name: String,
        /// The one transport that is asked for.
        transport: Option<Transport>,
    },
    /// `localhost:22`, `[::1]:22`, `10.0.0.1:53/udp`: an address to identify.
    Target(Target),
}

/// A host and port to ask, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The transport.
    pub transport: Transport,
}

/// Why an argument has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Digits that are no port.
    #[error("cannot look up {text:?}: {why}; a port is 0 to 65535, a range is 717-728")]
    Port {
        /// As typed; cut at 60 characters.
        text: String,
        /// What is wrong with it.
        why: PortError,
    },
    /// Something with an obvious other spelling.
    #[error("cannot look up {text:?}: {hint}")]
    Spelling {
        /// As typed; cut at 60 characters.
        text: String,
        /// What to write instead.
        hint: &'static str,
    },
    /// Nothing, or something that no name, port or address looks like.
    #[error(
        "cannot look up {text:?}: neither a port (4444), a range (717-728), a service name (ssh) nor an address (localhost:22)"
    )]
    Form {
        /// As typed; cut at 60 characters.
        text: String,
    },
}

impl Query {
    /// Reads one argument.
    ///
    /// # Errors
    /// Where it is digits that are no port, or fits no form.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if let Some(hint) = spelling(text) {
            let text = excerpt(text);
            return Err(QueryError::Spelling { text, hint });
        }
        let (body, transport) = split_transport(text);
        if let Some(target) = target(body, transport) {
            return target.map_err(|why| port_error(text, why));
        }
        let body = body.strip_prefix(':').unwrap_or(body);
        if !body.is_empty() && body.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            let ports = body.parse().map_err(|why| port_error(text, why))?;
            return Ok(Self::Ports { ports, transport });
        }
        let fits = |c: char| c.is_ascii_graphic() || c.is_alphanumeric() || c == ' ';
        if body.is_empty() || body.chars().count() > 100 || !body.chars().all(fits) {
            return Err(QueryError::Form {
                text: excerpt(text),
            });
        }
        Ok(Self::Name {
            name: body.to_owned(),
            transport,
        })
    }
}

/// What to write instead of forms that people bring from elsewhere.
fn spelling(text: &str) -> Option<&'static str> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if text.contains("://") {
        return Some("write a web address as its host and port: localhost:80");
    }
    if text.contains(',') && text.split(',').all(digits) {
        return Some("write several ports apart: 80 443");
    }
    match text.split_once('/') {
        Some((port, word)) if digits(port) && word.parse::<Transport>().is_err() => {
            Some("the transports are tcp, udp, sctp and dccp: 22/tcp")
        }
        _ => None,
    }
}

fn port_error(text: &str, why: PortError) -> QueryError {
    QueryError::Port {
        text: excerpt(text),
        why,
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Takes `tcp/` from the front or `/tcp` from the end.
fn split_transport(text: &str) -> (&str, Option<Transport>) {
    if let Some((front, rest)) = text.split_once('/')
        && let Ok(transport) = front.parse()
    {
        return (rest, Some(transport));
    }
    if let Some((rest, end)) = text.rsplit_once('/')
        && let Ok(transport) = end.parse()
    {
        return (rest, Some(transport));
    }
    (text, None)
}

fn target(body: &str, transport: Option<Transport>) -> Option<Result<Query, PortError>> {
    let (host, port) = body.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    if host.is_empty() || port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let transport = transport.unwrap_or(Transport::Tcp);
    let single = |ports: PortRange| {
        Query::Target(Target {
            host: host.to_owned(),
            port: ports.first(),
            transport,
        })
    };
    Some(port.parse().map(single))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(first: u16, last: u16, transport: Option<Transport>) -> Query {
        Query::Ports {
            ports: PortRange::new(first, last).unwrap(),
            transport,
        }
    }

    fn name(name: &str, transport: Option<Transport>) -> Query {
        Query::Name {
            name: name.into(),
            transport,
        }
    }

    fn target(host: &str, port: u16, transport: Transport) -> Query {
        Query::Target(Target {
            host: host.into(),
            port,
            transport,
        })
    }

    #[test]
    fn every_form() {
        use Transport::{Tcp, Udp};
        for (text, query) in [
            ("4444", ports(4444, 4444, None)),
            (":4444", ports(4444, 4444, None)),
            ("tcp/4444", ports(4444, 4444, Some(Tcp))),
            ("2723/udp", ports(2723, 2723, Some(Udp))),
            ("UDP/717-728", ports(717, 728, Some(Udp))),
            ("717-728", ports(717, 728, None)),
            ("watchdog-nt", name("watchdog-nt", None)),
            ("3com-tsmux", name("3com-tsmux", None)),
            ("914c/g", name("914c/g", None)),
            ("ssh/tcp", name("ssh", Some(Tcp))),
            ("localhost:22", target("localhost", 22, Tcp)),
            ("127.0.0.1:53/udp", target("127.0.0.1", 53, Udp)),
            ("[::1]:22", target("::1", 22, Tcp)),
        ] {
            assert_eq!(Query::parse(text), Ok(query), "{text}");
        }
    }

    #[test]
    fn what_is_refused_says_why() {
        let said = |text| Query::parse(text).unwrap_err().to_string();
        assert_eq!(
            said("99999"),
            "cannot look up \"99999\": beyond 65535, the highest port; a port is 0 to 65535, a range is 717-728"
        );
        assert_eq!(
            said("10-5"),
            "cannot look up \"10-5\": the range runs backwards; a port is 0 to 65535, a range is 717-728"
        );
        assert_eq!(
            said("80,443"),
            "cannot look up \"80,443\": write several ports apart: 80 443"
        );
        assert!(
            said("http://localhost:80/")
                .ends_with("write a web address as its host and port: localhost:80")
        );
        assert!(said("22/quic").ends_with("the transports are tcp, udp, sctp and dccp: 22/tcp"));
        assert!(said("localhost:99999").contains("beyond 65535"));
        assert!(said("").contains("neither a port"));
        assert!(said("\u{1b}[2J").contains("neither a port"));
    }
}
