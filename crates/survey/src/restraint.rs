//! Whom the survey leaves alone, and why: a connection may end what takes only one, start what
//! waits to be started, or write into a log.

use portolan_ports::{Expectation, Gap, Listener, Owner, Why};
use portolan_probe::{Hints, Plan};
use portolan_registry::{PortRange, Transport};

/// What the owner of this machine has forbidden to ask: `[probe] never` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Never {
    rules: Vec<NeverRule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum NeverRule {
    Ports(PortRange),
    Program(String),
    Unit(String),
}

/// An entry of `[probe] never` that is none of the three forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no entry for [probe] never; write a port (\"5432\"), a range (\"9000-9010\"), \"program:java\" or \"unit:backup.service\""
)]
pub struct UnknownEntry(pub String);

impl Never {
    /// Reads the entries.
    ///
    /// # Errors
    /// The first entry that is neither a port, a range, a program nor a unit.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownEntry> {
        let rule = |entry: &str| {
            let named = entry.split_once(':').filter(|(_, name)| !name.is_empty());
            match named {
                Some(("program", name)) => Ok(NeverRule::Program(name.to_owned())),
                Some(("unit", name)) => Ok(NeverRule::Unit(name.to_owned())),
                _ => entry
                    .parse()
                    .map(NeverRule::Ports)
                    .map_err(|_| UnknownEntry(entry.to_owned())),
            }
        };
        Ok(Self {
            rules: entries.into_iter().map(rule).collect::<Result<_, _>>()?,
        })
    }

    fn forbids(&self, listener: &Listener) -> Option<String> {
        self.rules.iter().find_map(|rule| match rule {
            NeverRule::Ports(ports) => ports
                .contains(listener.port)
                .then(|| format!("[probe] never of the configuration names {ports}")),
            NeverRule::Program(name) => listener
                .owners
                .iter()
                .any(|owner| owner.program == *name)
                .then(|| format!("[probe] never of the configuration names program {name}")),
            NeverRule::Unit(name) => listener
                .owners
                .iter()
                .any(|owner| owner.unit.as_ref().is_some_and(|unit| unit.0 == *name))
                .then(|| format!("[probe] never of the configuration names unit {name}")),
        })
    }
}

/// What kind of program had better not be dialled.
#[derive(Clone, Copy)]
enum Delicate {
    OneShot,
    Sink,
    Debugger,
}

impl Delicate {
    const fn reason(self) -> &'static str {
        match self {
            Self::OneShot => "may take one connection only and end with it",
            Self::Sink => "takes whatever comes as a log or metric",
            Self::Debugger => "is a debugger, which a connection may stop or steer",
        }
    }
}

use Delicate::{Debugger, OneShot, Sink};

/// Programs by their executable's name.
static DELICATE_PROGRAMS: &[(&str, Delicate)] = &[
    ("nc", OneShot),
    ("nc.openbsd", OneShot),
    ("nc.traditional", OneShot),
    ("ncat", OneShot),
    ("netcat", OneShot),
    ("socat", OneShot),
    ("gdbserver", Debugger),
    ("lldb-server", Debugger),
    ("dlv", Debugger),
    ("debugpy", Debugger),
    ("rdbg", Debugger),
    ("rsyslogd", Sink),
    ("syslog-ng", Sink),
    ("syslogd", Sink),
    ("systemd-journal-remote", Sink),
    ("carbon-cache", Sink),
    ("carbon-relay", Sink),
    ("statsd", Sink),
    ("collectd", Sink),
    ("fluentd", Sink),
    ("fluent-bit", Sink),
    ("logstash", Sink),
    ("telegraf", Sink),
    ("vector", Sink),
];

/// Marks in an argument that make any program a delicate one.
static DELICATE_ARGUMENTS: &[(&str, Delicate)] = &[
    ("-incoming", OneShot),
    ("-agentlib:jdwp", Debugger),
    ("-Xrunjdwp", Debugger),
    ("debugpy", Debugger),
    ("--inspect", Debugger),
    ("carbon-cache", Sink),
    ("carbon-relay", Sink),
    ("statsd", Sink),
    ("fluentd", Sink),
    ("logstash", Sink),
];

/// Ports whose servers take whatever comes as a record: syslog, its TLS and reliable forms,
/// Graphite, StatsD, GELF, Fluentd's forward input, Beats.
static SINK_PORTS: [u16; 9] = [514, 601, 2003, 2004, 5044, 6514, 8125, 12201, 24224];

/// Raw printing (AppSocket, "JetDirect"): what is sent there is printed.
pub(crate) const PRINTER_PORTS: std::ops::RangeInclusive<u16> = 9100..=9107;

/// What is known of those who may hold a listener whose owner could not be seen.
#[derive(Clone, Debug, Default)]
pub struct Crowd {
    root_looked: bool,
    delicate: Vec<Owner>,
}

impl Crowd {
    /// Looks at the processes in sight, if an owner is hidden. `root_looked` says whether root
    /// looked for the owners.
    #[must_use]
    pub fn of(listeners: &[Listener], root_looked: bool) -> Self {
        let delicate = if listeners.iter().any(is_hidden) {
            let mut processes = portolan_inspect::processes();
            processes.retain(|process| delicacy(process).is_some());
            processes
        } else {
            Vec::new()
        };
        Self {
            root_looked,
            delicate,
        }
    }

    /// Why a listener with a hidden owner had better be left alone. Erring on this side costs an
    /// answer; erring on the other ends somebody's transfer.
    fn may_forbid(&self, listener: &Listener) -> Option<String> {
        if !is_hidden(listener) {
            return None;
        }
        if self.root_looked {
            return Some("its owner hides even from root, as only pid 1 and its like do".into());
        }
        if let Some(unit) = listener
            .creator
            .as_ref()
            .and_then(|made| made.unit.as_ref())
            && (unit.0.ends_with(".socket") || unit.0 == "init.scope")
        {
            return Some(format!(
                "{unit} made it, and a connection could start a service"
            ));
        }
        let port = listener.port.to_string();
        let names_port = |argument: &String| {
            argument
                .split(|c: char| !c.is_ascii_digit())
                .any(|n| n == port)
        };
        let may_hold = |process: &&Owner| {
            process.uid == listener.uid && process.arguments.iter().skip(1).any(names_port)
        };
        let process = self.delicate.iter().find(may_hold)?;
        let (_, kind) = delicacy(process)?;
        let (program, pid) = (&process.program, process.pid);
        Some(format!(
            "its owner is hidden and may be {program} (pid {pid}), which {}",
            kind.reason()
        ))
    }
}

fn is_hidden(listener: &Listener) -> bool {
    let denied = |gap: &Gap| gap.why == Why::Permission;
    listener.owners.is_empty() && listener.owner_gap.as_ref().is_some_and(denied)
}

/// How to ask a listener, or why to leave it alone.
///
/// # Errors
/// The reason for leaving it alone, as the end of a sentence.
pub fn plan(
    listener: &Listener,
    expectation: &Expectation<'_>,
    never: &Never,
    crowd: &Crowd,
) -> Result<Plan, String> {
    if !matches!(listener.transport, Transport::Tcp | Transport::Udp) {
        return Err(format!(
            "no first packet for {} is known",
            listener.transport
        ));
    }
    allow(listener, never, crowd)?;
    let usual = listener
        .owners
        .iter()
        .find_map(portolan_ports::program::usual_protocol_of);
    let registered = if expectation.usually_tls() {
        Some("tls")
    } else {
        expectation.usual_protocol()
    };
    let hints = Hints {
        program: usual,
        registered,
    };
    let plan = Plan::survey(listener.transport, hints);
    // Over UDP nobody says what is wrong with a packet that was meant for another protocol.
    if listener.transport == Transport::Udp && plan.protocols.iter().all(|p| p.datagram.is_none()) {
        return Err(
            "which protocol to expect is not known, and over UDP only that is asked".into(),
        );
    }
    Ok(plan)
}

/// Whether a listener may be asked at all, whatever is sent.
///
/// # Errors
/// The reason for leaving it alone, as the end of a sentence.
pub fn allow(listener: &Listener, never: &Never, crowd: &Crowd) -> Result<(), String> {
    if let Some(namespace) = &listener.namespace {
        return Err(format!(
            "it listens in network namespace {namespace}, which this machine's addresses do not reach"
        ));
    }
    let reason = forbidden(listener, never).or_else(|| crowd.may_forbid(listener));
    reason.map_or(Ok(()), Err)
}

fn forbidden(listener: &Listener, never: &Never) -> Option<String> {
    if let Some(reason) = never.forbids(listener) {
        return Some(reason);
    }
    if PRINTER_PORTS.contains(&listener.port) {
        return Some("what is sent to 9100-9107 may be printed".into());
    }
    if SINK_PORTS.contains(&listener.port) {
        return Some(format!("a server on {} {}", listener.port, Sink.reason()));
    }
    listener.owners.iter().find_map(held_by)
}

fn held_by(owner: &Owner) -> Option<String> {
    if owner.pid == 1 {
        return Some("pid 1 holds it, and a connection could start a service".into());
    }
    if let Some(unit) = owner
        .unit
        .as_ref()
        .filter(|unit| unit.0.ends_with(".socket"))
    {
        return Some(format!(
            "{unit} holds it, and a connection could start its service"
        ));
    }
    let (mark, kind) = delicacy(owner)?;
    let program = &owner.program;
    Some(if mark == program {
        format!("{program} {}", kind.reason())
    } else {
        format!("{program} with {mark} {}", kind.reason())
    })
}

/// What makes a process delicate, by its program or by an argument.
fn delicacy(owner: &Owner) -> Option<(&'static str, Delicate)> {
    let by_name = DELICATE_PROGRAMS
        .iter()
        .find(|(name, _)| *name == owner.program);
    let by_argument = || {
        let marked = |mark: &str| owner.arguments.iter().skip(1).any(|a| has_mark(a, mark));
        DELICATE_ARGUMENTS.iter().find(|(mark, _)| marked(mark))
    };
    by_name.or_else(by_argument).copied()
}

/// The argument itself, the argument with a value, or a script of that name.
fn has_mark(argument: &str, mark: &str) -> bool {
    let script = argument.rsplit('/').next().unwrap_or(argument);
    let script = script
        .strip_suffix(".py")
        .or_else(|| script.strip_suffix(".js"))
        .unwrap_or(script);
    let valued = |text: &str| {
        text.strip_prefix(mark)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', ':', '-']))
    };
    script == mark || (mark.starts_with('-') && valued(argument))
}

#[cfg(test)]
mod tests;
