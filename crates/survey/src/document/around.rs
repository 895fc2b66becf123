//! What stands around a port beside registry and sockets, as JSON: what is on record, what systems
//! set aside, what other files call it, and what to type.

use portolan_ports::LocalName;
use portolan_ports::knowledge::FactKind;
use portolan_registry::Transport;
use serde::Serialize;

use crate::lookup::{PortAnswer, SetAside, commands};

/// Which kinds of facts there are, so that "nothing" is said and not only meant.
#[derive(Debug, Serialize)]
pub(super) struct OnRecordDocument<'a> {
    r#use: bool,
    risk: bool,
    malware: bool,
    history: bool,
    knowledge_date: &'a str,
}

impl<'a> OnRecordDocument<'a> {
    pub(super) fn new(answer: &PortAnswer<'_>, knowledge_date: &'a str) -> Self {
        Self {
            r#use: answer.has_on_record(&[FactKind::OfficialUse, FactKind::UnofficialUse]),
            risk: answer.has_on_record(&[FactKind::Risk]),
            malware: answer.has_on_record(&[FactKind::Malware]),
            history: answer.has_on_record(&[FactKind::History]),
            knowledge_date,
        }
    }
}

/// What this machine's system does with the number; `null` where it does not tell.
#[derive(Debug, Serialize)]
pub(super) struct SystemDocument {
    ephemeral: Option<bool>,
    ephemeral_range: Option<String>,
    reserved: Option<bool>,
    privileged: Option<bool>,
    unprivileged_from: Option<u16>,
}

impl SystemDocument {
    /// `None` where this machine was not looked at.
    pub(super) fn new(set_aside: &SetAside) -> Option<Self> {
        set_aside.looked.then(|| Self {
            ephemeral: set_aside.ephemeral,
            ephemeral_range: set_aside.ephemeral_range.map(|range| range.to_string()),
            reserved: set_aside.reserved,
            privileged: set_aside.privileged,
            unprivileged_from: set_aside.unprivileged_from,
        })
    }
}

/// A name from another file of this machine.
#[derive(Debug, Serialize)]
pub(super) struct LocalNameDocument<'a> {
    origin: &'static str,
    file: &'a str,
    ports: String,
    transport: Option<&'static str>,
    name: &'a str,
    title: Option<&'a str>,
}

impl<'a> LocalNameDocument<'a> {
    pub(super) fn new(name: &'a LocalName) -> Self {
        Self {
            origin: name.origin.as_str(),
            file: &name.file,
            ports: name.ports.to_string(),
            transport: name.transport.map(Transport::as_str),
            name: &name.name,
            title: name.title.as_deref(),
        }
    }
}

/// What to type to see who is on the port.
#[derive(Debug, Serialize)]
pub(super) struct CommandsDocument {
    linux: Vec<String>,
    macos: Vec<String>,
    windows: Vec<String>,
}

impl CommandsDocument {
    pub(super) fn new(answer: &PortAnswer<'_>) -> Self {
        let asked: Vec<Transport> = answer.transports().collect();
        let commands = commands(answer.port, &asked);
        Self {
            linux: commands.linux,
            macos: commands.macos,
            windows: commands.windows,
        }
    }
}
