//! firewalld's services, firewalld.service(5): a file each, the machine's own in place of those of
//! the same name that were installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portolan_ports::{NameOrigin, Why};
use portolan_registry::{PortRange, Transport};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Found, below, range};

/// In the order in which a later one replaces an earlier one.
const FOLDERS: [&str; 2] = ["usr/lib/firewalld/services", "etc/firewalld/services"];

const SUFFIX: &str = ".xml";

pub(super) fn read(root: &Path, found: &mut Found<'_>) {
    let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
    for folder in FOLDERS {
        let folder = below(root, folder);
        for name in found.folder(&folder, |name| name.ends_with(SUFFIX)) {
            let path = folder.join(&name);
            let name = name.to_string_lossy();
            let name = name.strip_suffix(SUFFIX).unwrap_or(&name);
            files.insert(name.to_owned(), path);
        }
    }
    for (name, file) in files {
        let Some(bytes) = found.file(&file) else {
            continue;
        };
        match service(&String::from_utf8_lossy(&bytes)) {
            Ok(service) => {
                for (ports, transport) in service.ports {
                    let title = service.short.as_deref();
                    let place = (ports, Some(transport));
                    found.add(NameOrigin::Firewalld, &file, place, &name, title);
                }
            }
            Err(why) => found.gap(Why::Failed, &file, &why),
        }
    }
}

#[derive(Default)]
struct Service {
    short: Option<String>,
    ports: Vec<(PortRange, Transport)>,
}

/// What is not about ports to listen on is passed over: source ports, protocols, helpers,
/// destinations. A service that includes others has their ports under their own names.
fn service(text: &str) -> Result<Service, String> {
    let mut reader = Reader::from_str(text);
    let mut service = Service::default();
    let mut begun = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.name().as_ref() == "port" => {
                service.ports.extend(port(&tag)?);
            }
            Ok(Event::Start(tag)) if tag.name().as_ref() == "short" => {
                let inner = reader.read_text(tag.name()).map_err(|e| not_xml(&e))?;
                let inner: &str = &inner;
                let plain = quick_xml::escape::unescape(inner);
                service.short = Some(plain.map_or_else(|_| inner.to_owned(), |t| t.into_owned()));
            }
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                begun |= tag.name().as_ref() == "service";
            }
            Ok(Event::Eof) if begun => return Ok(service),
            Ok(Event::Eof) => return Err("it holds no <service>".to_owned()),
            Ok(_) => {}
            Err(error) => return Err(not_xml(&error)),
        }
    }
}

fn not_xml(error: &quick_xml::Error) -> String {
    format!("it is no XML: {error}")
}

/// A protocol without a port was once written as a port too; nothing listens on that.
fn port(tag: &BytesStart<'_>) -> Result<Option<(PortRange, Transport)>, String> {
    let value = |name: &str| {
        let mut attributes = tag.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let own = attributes.find(|attribute| attribute.key.as_ref() == name)?;
        Some(own.value.into_owned())
    };
    let Some(ports) = value("port").filter(|ports| !ports.is_empty()) else {
        return Ok(None);
    };
    let transport = value("protocol").unwrap_or_default();
    match (range(&ports, '-'), transport.parse()) {
        (Some(ports), Ok(transport)) => Ok(Some((ports, transport))),
        _ => Err(format!("{ports:?} over {transport:?} is no port")),
    }
}
