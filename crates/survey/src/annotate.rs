//! What another tool's scan result says of hosts, beside what is registered and known.
//!
//! What the other tool says stays its claim: it proves nothing, so no verdict rests on it. Nothing
//! is sent and no name is looked up.

mod claim;
mod json;
mod text;
mod xml;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use portolan_ports::site::{Record, Status};
use portolan_ports::{Expectation, Listener, Observation, Probe, Surroundings, Verdict, judge};
use portolan_registry::one_line;

use crate::Sources;
use claim::Collector;
pub use claim::{Claim, Fault};

/// The most bytes of a scan result.
pub const MOST_BYTES: u64 = 256 << 20;

/// The forms of a scan result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// XML with hosts, their ports, each with a state and a service.
    Xml,
    /// A JSON array of objects.
    JsonArray,
    /// JSON objects, one after another.
    JsonLines,
    /// Lines: `Host: … Ports: …`, `open tcp 80 ADDRESS`, `ADDRESS -> [22,80]`, `HOST:PORT`.
    Text,
}

impl Form {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::JsonArray => "json_array",
            Self::JsonLines => "json_lines",
            Self::Text => "text",
        }
    }

    /// Tells the form by how the content begins.
    fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match bytes.trim_ascii_start() {
            [] => None,
            [b'<', ..] => Some(Self::Xml),
            [b'{', ..] => Some(Self::JsonLines),
            // `[::1]:22` begins so too.
            [b'[', rest @ ..] => match rest.trim_ascii_start() {
                [b'{' | b']' | b'[' | b'"', ..] | [] => Some(Self::JsonArray),
                _ => Some(Self::Text),
            },
            _ => Some(Self::Text),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xml => "XML",
            Self::JsonArray => "a JSON array",
            Self::JsonLines => "JSON Lines",
            Self::Text => "text",
        })
    }
}

/// Why a text is no scan result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is in it.
    #[error("it is empty")]
    Empty,
    /// Nothing in it is of any of the forms.
    #[error(
        "line {}: {}; it holds no hosts and ports as XML, JSON or lines such as 192.0.2.7:22",
        .0.line, .0.why
    )]
    Unknown(Fault),
    /// An XML document that defines entities, with which a short text means a long one.
    #[error("line {line}: it defines entities of its own, which no scan result needs")]
    Entities {
        /// Where.
        line: u64,
    },
}

/// What a scan result says, before anything is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanResult {
    /// Its form.
    pub form: Form,
    /// The open ports, in the order of the text; each host, port and transport once.
    pub claims: Vec<Claim>,
    /// How many ports it says are in another state.
    pub not_open: usize,
    /// What could not be read: the first of it.
    pub faults: Vec<Fault>,
    /// How much could not be read.
    pub fault_count: usize,
    /// Whether there was more than [`Claim::MOST`] of it.
    pub cut: bool,
}

/// Reads a scan result of any form. Bounded in memory by the text's length; never panics.
///
/// # Errors
/// Where nothing in it is a host and port, or where it is dangerous to read on.
pub fn read(bytes: &[u8]) -> Result<ScanResult, Error> {
    let form = Form::of(bytes).ok_or(Error::Empty)?;
    let mut collector = Collector::default();
    match form {
        Form::Xml => xml::read(bytes, &mut collector)?,
        Form::JsonArray => json::read_array(bytes, &mut collector),
        Form::JsonLines => json::read_lines(bytes, &mut collector),
        Form::Text => text::read(bytes, &mut collector),
    }
    let read = collector.finish(form);
    match read.faults.first() {
        Some(fault) if read.claims.is_empty() && read.not_open == 0 => {
            Err(Error::Unknown(fault.clone()))
        }
        _ => Ok(read),
    }
}

/// A claim, beside what is registered and known of its port.
#[derive(Clone, Debug)]
pub struct Annotated<'a> {
    /// What the other tool says.
    pub claim: Claim,
    /// What is supposed to be there.
    pub expectation: Expectation<'a>,
    /// The site registry's records that are valid on all hosts and speak of the port.
    pub site: Vec<&'a Record>,
    /// The judgement without wire proof.
    pub verdict: Verdict,
    /// What a person should look at, as sentences without a full stop.
    pub look_at: Vec<String>,
}

/// Annotates every claim, in their order.
#[must_use]
pub fn annotate<'a>(sources: &Sources<'a>, claims: &[Claim]) -> Vec<Annotated<'a>> {
    claims.iter().map(|claim| one(sources, claim)).collect()
}

fn one<'a>(sources: &Sources<'a>, claim: &Claim) -> Annotated<'a> {
    let expectation = sources.foreign().expectation(claim.port, claim.transport);
    let ip = claim
        .host
        .parse()
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    // A name has no address here, and none may be made up: the findings of "all addresses" do not
    // hold for it, and are taken away below.
    let listener = Listener::new(claim.transport, SocketAddr::new(ip, claim.port));
    let probe = Probe::skipped("another tool's word is no proof");
    let mut verdict = judge(
        &expectation,
        &Observation {
            listener: &listener,
            probe: &probe,
            identification: None,
            surroundings: &Surroundings::default(),
        },
    );
    verdict
        .findings
        .retain(|f| f.kind != portolan_ports::FindingKind::BoundToAll);
    let covers = |record: &&Record| record.covers_on(claim.port, claim.transport);
    let site: Vec<&Record> = sources.on_all_hosts(claim.port).filter(covers).collect();
    let look_at = look_at(claim, &expectation, &site, &verdict);
    Annotated {
        claim: claim.clone(),
        expectation,
        site,
        verdict,
        look_at,
    }
}

fn look_at(
    claim: &Claim,
    expectation: &Expectation<'_>,
    site: &[&Record],
    verdict: &Verdict,
) -> Vec<String> {
    let mut look: Vec<String> = verdict
        .findings
        .iter()
        .filter(|finding| finding.severity.needs_attention())
        .map(|finding| finding.because.clone())
        .collect();
    let risks = expectation
        .facts
        .iter()
        .filter(|fact| fact.verified && fact.kind == portolan_ports::knowledge::FactKind::Risk);
    look.extend(risks.map(|fact| fact.text.trim_end_matches('.').to_owned()));
    let service = claim.service.as_deref().filter(|_| !claim.by_number);
    let assigned = site.iter().filter(|r| r.status == Status::Assigned);
    let by_site = assigned.map(|record| record.fields.service_name.as_str());
    let by_iana = expectation.named().map(|row| row.service_name());
    let names: Vec<&str> = by_site.chain(by_iana).collect();
    if let Some(service) = service
        && !names.is_empty()
        && !is_registered(service, claim.tls, &names)
    {
        look.push(format!(
            "the other tool says {}, and the port is registered for {}",
            one_line(service),
            names.join(", ")
        ));
    }
    look
}

/// Whether the claimed service is one that is registered here, or a wire form of one.
fn is_registered(service: &str, tls: bool, names: &[&str]) -> bool {
    use portolan_ports::protocol::{WireForm, Wrapping, wire_form};
    let plain = service.trim_end_matches('?');
    names.iter().any(|name| {
        name.eq_ignore_ascii_case(plain)
            || match wire_form(name) {
                Some(WireForm::Own(protocol, wrapping) | WireForm::Carried(protocol, wrapping)) => {
                    protocol.eq_ignore_ascii_case(plain) && (tls || wrapping != Wrapping::Tls)
                }
                None => false,
            }
    })
}

#[cfg(test)]
mod tests;
