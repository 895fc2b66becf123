//! XML: hosts with addresses and ports, each port with a state and a service.

use portolan_registry::{Port, Transport};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Error;
use super::claim::{Claim, Collector};

/// Deeper nesting is no scan result.
const MOST_DEPTH: usize = 64;

pub(super) fn read(bytes: &[u8], collector: &mut Collector) -> Result<(), Error> {
    // Bytes that are no UTF-8 are shown as such; a tool that wrote them wrote the rest all the same.
    let text = String::from_utf8_lossy(bytes);
    let bytes = text.as_bytes();
    let mut reader = Reader::from_str(&text);
    let mut depth = 0_usize;
    let mut hosts = 0_usize;
    let mut host = Host::default();
    let mut place = Line::default();
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let line = place.of(bytes, at);
        match event {
            Ok(Event::Start(tag)) => {
                depth += 1;
                if depth > MOST_DEPTH {
                    collector.fault(line, "nested more than 64 deep");
                    return Ok(());
                }
                hosts += usize::from(tag.name().as_ref() == "host");
                host.open(&tag, line, collector);
            }
            Ok(Event::Empty(tag)) => {
                host.open(&tag, line, collector);
                host.close(tag.name().as_ref(), collector);
            }
            Ok(Event::End(tag)) => {
                depth = depth.saturating_sub(1);
                host.close(tag.name().as_ref(), collector);
            }
            Ok(Event::DocType(text)) => {
                if text.contains('[') {
                    return Err(Error::Entities { line });
                }
            }
            Ok(Event::Eof) => {
                if depth > 0 {
                    // A run that was broken off: what it wrote until then still holds.
                    host.close("host", collector);
                    collector.fault(line, "the document ends in the middle");
                } else if hosts == 0 {
                    collector.fault(line, "no <host> with ports in this XML");
                }
                return Ok(());
            }
            Ok(_) => {}
            Err(error) => {
                host.close("host", collector);
                collector.fault(line, format!("not XML: {error}"));
                return Ok(());
            }
        }
    }
}

/// The line of a growing offset, counted once over the whole text.
#[derive(Default)]
struct Line {
    at: usize,
    feeds: u64,
}

impl Line {
    fn of(&mut self, bytes: &[u8], at: usize) -> u64 {
        let passed = bytes.get(self.at..at.min(bytes.len())).unwrap_or_default();
        self.feeds += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = self.at.max(at.min(bytes.len()));
        self.feeds + 1
    }
}

/// A host as far as it was read. Its ports are claims once it is over, when its address is known.
#[derive(Default)]
struct Host {
    address: Option<String>,
    name: Option<String>,
    ports: Vec<(String, Claim)>,
    port: Option<(String, Claim)>,
}

impl Host {
    fn open(&mut self, tag: &BytesStart<'_>, line: u64, collector: &mut Collector) {
        match tag.name().as_ref() {
            "host" => *self = Self::default(),
            "address" => {
                let kind = value(tag, "addrtype");
                let ip = kind.as_deref().is_none_or(|kind| kind.starts_with("ip"));
                if ip && self.address.is_none() {
                    self.address = value(tag, "addr");
                }
            }
            "hostname" if self.name.is_none() => self.name = value(tag, "name"),
            "port" => {
                let port: Option<Port> = value(tag, "portid").and_then(|p| p.parse().ok());
                let transport = value(tag, "protocol").unwrap_or_else(|| "tcp".to_owned());
                match (port.filter(|p| *p > 0), transport.parse::<Transport>()) {
                    (Some(port), Ok(transport)) => {
                        let claim = Claim::new(String::new(), port, transport, line);
                        self.port = Some((String::new(), claim));
                    }
                    // "ip" is a scan of protocol numbers, which are no ports.
                    _ => collector.fault(line, "a <port> without portid and protocol"),
                }
            }
            "state" => {
                if let Some((state, _)) = &mut self.port {
                    *state = value(tag, "state").unwrap_or_default();
                }
            }
            "service" => {
                if let Some((_, claim)) = &mut self.port {
                    claim.service = value(tag, "name");
                    claim.product = value(tag, "product");
                    claim.version = value(tag, "version");
                    claim.tls = value(tag, "tunnel").is_some_and(|t| t == "ssl" || t == "tls");
                    claim.by_number = value(tag, "method").is_some_and(|m| m == "table");
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str, collector: &mut Collector) {
        match name {
            "port" => self.ports.extend(self.port.take()),
            "host" => {
                self.ports.extend(self.port.take());
                let host = std::mem::take(self);
                let Some(address) = host.address.or_else(|| host.name.clone()) else {
                    if let Some((_, claim)) = host.ports.first() {
                        collector.fault(claim.line, "a <host> with ports and no address");
                    }
                    return;
                };
                for (state, claim) in host.ports {
                    // This form always says it; what does not is damaged, and open by nobody's word.
                    if state.is_empty() {
                        collector.fault(claim.line, "a <port> without a state");
                        continue;
                    }
                    let claim = Claim {
                        host: address.clone(),
                        name: host.name.clone(),
                        ..claim
                    };
                    collector.take(&state, claim);
                }
            }
            _ => {}
        }
    }
}

/// An attribute's text. Entities of the document's own do not exist here, so none is replaced but
/// the five of XML itself.
fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.as_ref() == name)?;
    let raw = attribute.value.into_owned();
    let text = match quick_xml::escape::unescape(&raw) {
        Ok(text) => text.into_owned(),
        Err(_) => raw,
    };
    (!text.is_empty()).then_some(text)
}
