//! What a request to the site registry may say (RFC 6335 section 8.1.1, and what an organisation
//! adds), and what a change may clear.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use portolan_ports::site::{Communication, Scope};
use portolan_registry::{Port, PortError, Transport};

/// The fields of a request.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FieldArguments {
    /// The port; without it a request is for a name alone.
    #[arg(long, value_name = "N", value_parser = port, help_heading = WANTED)]
    pub(crate) port: Option<Port>,
    /// The transports, with commas: tcp, udp, sctp, dccp. Only what the service uses.
    #[arg(long, value_name = "TRANSPORT", value_delimiter = ',', value_parser = transport, help_heading = WANTED)]
    pub(crate) transport: Vec<Transport>,
    /// The organisation or team that has the assignment.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) assignee: Option<String>,
    /// Who speaks for it: a name, a mail address.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) contact: Option<String>,
    /// What the service is.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) description: Option<String>,
    /// A document that describes the protocol or application.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) reference: Option<String>,
    /// Why no Dynamic port (49152-65535) will do; asked of every request for a port.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) why_not_dynamic: Option<String>,
    /// Why no User port (1024-49151) will do; asked of every request for a System port.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) why_not_user: Option<String>,
    /// How it speaks to many at once, with commas: broadcast, multicast, anycast.
    #[arg(long, value_name = "WAY", value_delimiter = ',', value_parser = communication(), help_heading = WANTED)]
    pub(crate) communication: Vec<Communication>,
    /// The service code of DCCP, in decimal or as 0x….
    #[arg(long, value_name = "N", value_parser = service_code, help_heading = WANTED)]
    pub(crate) service_code: Option<u32>,
    /// Notes for whoever reads the registry.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) notes: Option<String>,
    /// On which hosts it is valid: all, group:NAME or host:NAME.
    #[arg(long, value_name = "SCOPE", help_heading = WANTED)]
    pub(crate) scope: Option<Scope>,
    /// Where the request is talked about.
    #[arg(long, value_name = "TEXT", help_heading = WANTED)]
    pub(crate) ticket: Option<String>,
    /// The last day on which it is valid, as 2030-12-31.
    #[arg(long, value_name = "DATE", value_parser = date, help_heading = WANTED)]
    pub(crate) expires: Option<Date>,
    /// The program that serves it: a name, or the path of its executable.
    #[arg(long, value_name = "NAME", help_heading = SERVES)]
    pub(crate) program: Option<String>,
    /// The user that it runs as.
    #[arg(long, value_name = "NAME", help_heading = SERVES)]
    pub(crate) user: Option<String>,
    /// Its systemd unit.
    #[arg(long, value_name = "NAME", help_heading = SERVES)]
    pub(crate) unit: Option<String>,
    /// Its container.
    #[arg(long, value_name = "NAME", help_heading = SERVES)]
    pub(crate) container: Option<String>,
    /// What has to be proven on the wire: a protocol, or a registered service that it satisfies.
    #[arg(long, value_name = "NAME", help_heading = SERVES)]
    pub(crate) protocol: Option<String>,
    /// Which product has to have said its name.
    #[arg(long, value_name = "NAME", help_heading = SERVES)]
    pub(crate) product: Option<String>,
}

/// Fields that a change leaves empty.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct ClearArguments {
    /// It speaks to one at a time.
    #[arg(long, conflicts_with = "communication", help_heading = CLEAR)]
    pub(crate) no_communication: bool,
    /// Without a service code.
    #[arg(long, conflicts_with = "service_code", help_heading = CLEAR)]
    pub(crate) no_service_code: bool,
    /// Without notes.
    #[arg(long, conflicts_with = "notes", help_heading = CLEAR)]
    pub(crate) no_notes: bool,
    /// Without a ticket.
    #[arg(long, conflicts_with = "ticket", help_heading = CLEAR)]
    pub(crate) no_ticket: bool,
    /// Valid without an end.
    #[arg(long, conflicts_with = "expires", help_heading = CLEAR)]
    pub(crate) no_expires: bool,
    /// Any program.
    #[arg(long, conflicts_with = "program", help_heading = CLEAR)]
    pub(crate) no_program: bool,
    /// Any user.
    #[arg(long, conflicts_with = "user", help_heading = CLEAR)]
    pub(crate) no_user: bool,
    /// Any unit.
    #[arg(long, conflicts_with = "unit", help_heading = CLEAR)]
    pub(crate) no_unit: bool,
    /// Any container.
    #[arg(long, conflicts_with = "container", help_heading = CLEAR)]
    pub(crate) no_container: bool,
    /// Nothing has to be proven on the wire.
    #[arg(long, conflicts_with = "protocol", help_heading = CLEAR)]
    pub(crate) no_protocol: bool,
    /// Any product.
    #[arg(long, conflicts_with = "product", help_heading = CLEAR)]
    pub(crate) no_product: bool,
}

const WANTED: &str = "What is asked for";
const SERVES: &str = "How the service is known on a host";
const CLEAR: &str = "What is taken out";

/// One port, as a number alone.
pub(crate) fn port(text: &str) -> Result<Port, String> {
    match text.parse::<Port>() {
        Ok(port) => Ok(port),
        Err(_) if text.contains('-') => {
            Err("a request is for one port, not for a range".to_owned())
        }
        Err(_) if text.contains('/') => {
            Err("write the number alone, and the transport with --transport".to_owned())
        }
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(PortError::TooHigh.to_string())
        }
        Err(_) => Err(format!(
            "{}: write one of 0 to 65535",
            PortError::NotANumber
        )),
    }
}

/// A transport, with blanks around it.
pub(crate) fn transport(text: &str) -> Result<Transport, String> {
    let word = text.trim().parse::<Transport>();
    word.map_err(|error| error.to_string())
}

/// A day of the calendar.
pub(crate) fn date(text: &str) -> Result<Date, &'static str> {
    text.parse().map_err(|_| "write a day as 2030-12-31")
}

/// A number of 32 bits (RFC 5595 section 4 writes them in hexadecimal, too).
pub(crate) fn service_code(text: &str) -> Result<u32, &'static str> {
    let lower = text.to_ascii_lowercase();
    let read = match lower.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => lower.parse(),
    };
    read.map_err(|_| "write a number up to 4294967295, or 0x and up to eight hexadecimal digits")
}

fn communication() -> impl TypedValueParser<Value = Communication> {
    PossibleValuesParser::new(Communication::ALL.map(Communication::as_str))
        .try_map(|word| communication_named(&word).ok_or("not a way to speak to many"))
}

/// The way of that name.
pub(crate) fn communication_named(word: &str) -> Option<Communication> {
    let mut ways = Communication::ALL.into_iter();
    ways.find(|way| way.as_str().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stands_alone() {
        assert_eq!(port("8443"), Ok(8443));
        for (text, said) in [
            ("1-2", "a request is for one port, not for a range"),
            (
                "80/tcp",
                "write the number alone, and the transport with --transport",
            ),
            ("65536", "beyond 65535, the highest port"),
            ("http", "not a port number: write one of 0 to 65535"),
        ] {
            assert_eq!(port(text).unwrap_err(), said);
        }
    }

    #[test]
    fn a_service_code_is_read_in_both_forms() {
        assert_eq!(service_code("0x4c4f4747"), Ok(0x4c4f_4747));
        assert_eq!(service_code("1"), Ok(1));
        assert!(service_code("0x1ffffffff").is_err() && service_code("x").is_err());
    }
}
