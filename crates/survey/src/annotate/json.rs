//! JSON: objects with a host and a port, one after another or in an array.

use std::fmt;

use portolan_registry::{Port, Transport};
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::Value;

use super::claim::{Claim, Collector};

pub(super) fn read_lines(bytes: &[u8], collector: &mut Collector) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    let whole = first.map(serde_json::from_slice::<Value>);
    if matches!(whole, Some(Err(error)) if error.is_eof()) {
        return read_spread(bytes, collector);
    }
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(line) {
            Ok(value) => object(&value, number, collector),
            Err(error) => collector.fault(number, reason(&error)),
        }
    }
}

/// Objects that are spread over several lines each.
fn read_spread(bytes: &[u8], collector: &mut Collector) {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    loop {
        let before = values.byte_offset();
        match values.next() {
            None => return,
            Some(Ok(value)) => {
                let line = line_at(bytes, before);
                object(&value, line, collector);
            }
            Some(Err(error)) => {
                return collector.fault(error.line() as u64, reason(&error));
            }
        }
    }
}

/// Element by element, so that a fault costs what stands behind it and no more.
pub(super) fn read_array(bytes: &[u8], collector: &mut Collector) {
    struct Elements<'c>(&'c mut Collector);
    impl<'de> Visitor<'de> for Elements<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array of objects with a host and a port")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
            while let Some(value) = elements.next_element::<Value>()? {
                object(&value, 0, self.0);
            }
            Ok(())
        }
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = reader.deserialize_seq(Elements(collector));
    if let Err(error) = read.and_then(|()| reader.end()) {
        collector.fault(error.line() as u64, reason(&error));
    }
}

fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {text}")
}

fn line_at(bytes: &[u8], offset: usize) -> u64 {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let blank = |b: &&u8| b.is_ascii_whitespace();
    let after = bytes.get(offset..).unwrap_or_default();
    let skipped = after.iter().take_while(blank);
    1 + before
        .iter()
        .chain(skipped)
        .filter(|b| **b == b'\n')
        .count() as u64
}

fn object(value: &Value, line: u64, collector: &mut Collector) {
    let text = |value: &Value, names: &[&str]| {
        names
            .iter()
            .find_map(|name| value.get(name)?.as_str())
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    // A line with which a host ends, as our own sweep writes it, names no port.
    if text(value, &["schema"]).is_some_and(|schema| schema.starts_with("portolan.sweep_host/")) {
        return;
    }
    // Some tools end with a line about the run, which has neither.
    let Some(host) = text(value, &["ip", "address", "addr", "host", "domain"]) else {
        if value.is_object() && !value.as_object().is_some_and(|o| o.contains_key("port")) {
            return;
        }
        return collector.fault(line, "no \"ip\", \"address\" or \"host\"");
    };
    let name = text(value, &["host", "hostname", "domain", "name"]).filter(|name| *name != host);
    let made = |entry: &Value| -> Option<(String, Claim)> {
        let port = port(entry.get("port")?)?;
        let said = |names: &[&str]| text(entry, names);
        // "protocol" is the transport with some tools and the service with others.
        let words = ["transport", "proto", "protocol"].iter();
        let transport = words
            .clone()
            .find_map(|name| entry.get(name)?.as_str()?.parse::<Transport>().ok());
        let service = entry.get("service");
        let identified = entry.get("identified").unwrap_or(&Value::Null);
        let protocol = said(&["protocol"]).filter(|p| p.parse::<Transport>().is_err());
        let named = match service {
            Some(Value::String(name)) => Some(name.clone()),
            Some(of) => text(of, &["name"]),
            None => None,
        };
        let of = service.unwrap_or(&Value::Null);
        let either = |names: &[&str]| {
            said(names)
                .or_else(|| text(of, names))
                .or_else(|| text(identified, names))
        };
        let tls = [entry, identified, of]
            .iter()
            .any(|place| place.get("tls") == Some(&Value::Bool(true)));
        let claim = Claim {
            host: host.clone(),
            name: name.clone(),
            port,
            transport: transport.unwrap_or(Transport::Tcp),
            service: named
                .or(protocol)
                .or_else(|| text(identified, &["protocol"])),
            product: either(&["product"]),
            version: either(&["version"]),
            tls,
            by_number: false,
            line,
        };
        Some((said(&["state", "status"]).unwrap_or_default(), claim))
    };
    let mut found = false;
    let mut take = |entry: &Value, collector: &mut Collector| {
        if let Some((state, claim)) = made(entry) {
            found = true;
            collector.take(&state, claim);
        }
    };
    for list in ["ports", "open"] {
        for entry in value
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            take(entry, collector);
        }
    }
    let modules = value.get("data").and_then(Value::as_object);
    if modules.is_none() {
        take(value, collector);
    }
    // One object for each module that asked: its name is the service where it succeeded.
    for (module, said) in modules.into_iter().flatten() {
        let port = said.get("port").or_else(|| value.get("port"));
        if let Some(port) = port {
            let protocol = text(said, &["protocol"]).unwrap_or_else(|| module.clone());
            let entry = serde_json::json!({
                "port": port,
                "service": protocol,
                "status": said.get("status"),
            });
            take(&entry, collector);
        }
    }
    if !found {
        collector.fault(line, "no \"port\" from 1 to 65535");
    }
}

/// A number, or its digits as text.
fn port(value: &Value) -> Option<Port> {
    let port = match value {
        Value::Number(number) => number.as_u64()?.try_into().ok()?,
        Value::String(digits) => digits.parse().ok()?,
        _ => return None,
    };
    (port > 0).then_some(port)
}
