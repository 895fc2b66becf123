//! What else deserves attention about a listener, each with its evidence.

mod drift;
mod tls;

use jiff::civil::Date;
use portolan_registry::{PortRange, RangeKind, State};

use crate::browser::is_browser_blocked;
use crate::expectation::Expectation;
use crate::gap::Why;
use crate::identification::{Certainty, Identification};
use crate::knowledge::FactKind;
use crate::listener::{Listener, Scope};
use crate::owner::{ExeState, Owner};
use crate::program::disagreement;
use crate::verdict::Observation;

pub use drift::{Drift, site_drift};
pub use tls::tls_findings;

/// One thing about a listener that a verdict does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub kind: FindingKind,
    /// How much it matters.
    pub severity: Severity,
    /// The evidence, as one sentence without a full stop.
    pub because: String,
    /// Where the rule behind it was read, if it rests on one.
    pub source: Option<String>,
}

/// How much a [`Finding`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Look at it.
    Warning,
    /// Look at it now.
    Alert,
}

impl Severity {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Alert => "alert",
        }
    }

    /// Whether it asks for a person.
    #[must_use]
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::Warning | Self::Alert)
    }
}

/// The kinds of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// Bound to every address; the firewall was not consulted.
    BoundToAll,
    /// What is said can be read on the way.
    ClearText,
    /// It let us in without asking who we are.
    NoAuthentication,
    /// The program's file is gone.
    ExecutableDeleted,
    /// The program's file was replaced since it started.
    ExecutableReplaced,
    /// Two different programs hold the port.
    SharedPort,
    /// Who holds it could not be seen.
    OwnerHidden,
    /// Browsers refuse this port.
    BrowserBlocked,
    /// The system may hand this port to any program as a source port.
    EphemeralRange,
    /// A System port without an assignment.
    UnassignedSystemPort,
    /// Malware is on record for this number, and the owner is unknown.
    MalwarePort,
    /// The wire shows another protocol than the program usually speaks.
    WireAndProgramDisagree,
    /// The certificate's time is over.
    CertificateExpired,
    /// The certificate's time is nearly over.
    CertificateExpiring,
    /// The certificate's time has not come.
    CertificateNotYetValid,
    /// The certificate is for other hosts than the one that was named.
    CertificateNameMismatch,
    /// The certificate is signed by its own key.
    CertificateSelfSigned,
    /// A forbidden version of SSL or TLS is accepted.
    TlsOutdated,
    /// What listens is not what the site registry says.
    SiteDrift,
}

impl FindingKind {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BoundToAll => "bound_to_all",
            Self::ClearText => "clear_text",
            Self::NoAuthentication => "no_authentication",
            Self::ExecutableDeleted => "executable_deleted",
            Self::ExecutableReplaced => "executable_replaced",
            Self::SharedPort => "shared_port",
            Self::OwnerHidden => "owner_hidden",
            Self::BrowserBlocked => "browser_blocked",
            Self::EphemeralRange => "ephemeral_range",
            Self::UnassignedSystemPort => "unassigned_system_port",
            Self::MalwarePort => "malware_port",
            Self::WireAndProgramDisagree => "wire_and_program_disagree",
            Self::CertificateExpired => "certificate_expired",
            Self::CertificateExpiring => "certificate_expiring",
            Self::CertificateNotYetValid => "certificate_not_yet_valid",
            Self::CertificateNameMismatch => "certificate_name_mismatch",
            Self::CertificateSelfSigned => "certificate_self_signed",
            Self::TlsOutdated => "tls_outdated",
            Self::SiteDrift => "site_drift",
        }
    }
}

/// What else this machine says about a listener's port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// The range from which the system takes source ports, where this port is one that it may take.
    pub ephemeral: Option<PortRange>,
    /// The other listeners with the same transport, port and namespace.
    pub neighbours: &'a [&'a Listener],
    /// The moment, in seconds since 1970, for certificates and for the days of the site registry;
    /// nothing here has a clock.
    pub now: Option<i64>,
}

impl Surroundings<'_> {
    /// The day in UTC; `None` where the moment is not known.
    #[must_use]
    pub fn today(&self) -> Option<Date> {
        let moment = jiff::Timestamp::from_second(self.now?).ok()?;
        Some(jiff::tz::Offset::UTC.to_datetime(moment).date())
    }
}

/// Everything that deserves attention, the most severe first.
pub(crate) fn findings(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Vec<Finding> {
    let proven = seen
        .identification
        .filter(|i| i.certainty == Certainty::Proven);
    let listener = seen.listener;
    let mut found: Vec<Finding> = [
        no_authentication(listener, proven),
        executable(listener),
        shared_port(seen),
        malware_port(expectation, listener),
        wire_and_program(listener, proven),
        clear_text(listener, proven),
        bound_to_all(listener),
        owner_hidden(listener),
        browser_blocked(expectation, proven),
        ephemeral_range(expectation, seen),
        unassigned_system_port(expectation),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(answered) = proven {
        found.extend(tls_findings(answered, seen.surroundings.now));
    }
    found.extend(site_drift(expectation, seen).into_iter().map(Finding::from));
    found.sort_by_key(|f| std::cmp::Reverse(f.severity));
    found
}

fn finding(kind: FindingKind, severity: Severity, because: impl Into<String>) -> Finding {
    Finding {
        kind,
        severity,
        because: because.into(),
        source: None,
    }
}

fn no_authentication(listener: &Listener, proven: Option<&Identification>) -> Option<Finding> {
    let seen = proven.filter(|i| i.unauthenticated == Some(true))?;
    let severity = if listener.scope() == Scope::Loopback {
        Severity::Note
    } else {
        Severity::Alert
    };
    let reach = match listener.scope() {
        Scope::Loopback => "",
        Scope::Interface | Scope::Any => ", and it is bound beyond loopback",
    };
    let because = format!(
        "{} answered a question without asking who we are{reach}",
        seen.spoken()
    );
    Some(finding(FindingKind::NoAuthentication, severity, because))
}

fn executable(listener: &Listener) -> Option<Finding> {
    let (owner, kind, what) = listener
        .owners
        .iter()
        .find_map(|owner| match owner.exe_state {
            ExeState::Deleted => Some((owner, FindingKind::ExecutableDeleted, "is gone")),
            ExeState::Replaced => Some((owner, FindingKind::ExecutableReplaced, "was replaced")),
            ExeState::Present | ExeState::Unknown => None,
        })?;
    let because = format!(
        "the file of pid {}, {}, {what} since it started; the old code still runs",
        owner.pid,
        owner.exe.as_deref().unwrap_or(&owner.program),
    );
    Some(finding(kind, Severity::Warning, because))
}

/// A supervisor that holds a socket together with its service is no conflict: the same
/// descriptor is in both. Two sockets of two programs are.
fn shared_port(seen: &Observation<'_>) -> Option<Finding> {
    let own = seen.listener;
    let program = &own.owners.first()?.program;
    let other = seen
        .surroundings
        .neighbours
        .iter()
        .filter(|other| other.inode != own.inode && overlaps(own, other))
        .find_map(|other| {
            other
                .owners
                .first()
                .filter(|owner| owner.program != *program)
        })?;
    let because = format!(
        "{program} and {} (pid {}) both listen on it",
        other.program, other.pid
    );
    Some(finding(FindingKind::SharedPort, Severity::Warning, because))
}

fn overlaps(a: &Listener, b: &Listener) -> bool {
    let takes = |wide: &Listener, narrow: &Listener| {
        wide.address.is_unspecified()
            && (wide.address.is_ipv4() == narrow.address.is_ipv4() || wide.dual_stack)
    };
    a.address == b.address || takes(a, b) || takes(b, a)
}

fn malware_port(expectation: &Expectation<'_>, listener: &Listener) -> Option<Finding> {
    if !listener.owners.is_empty() {
        return None;
    }
    let fact = expectation
        .facts
        .iter()
        .find(|f| f.kind == FactKind::Malware && f.verified)?;
    let because = format!(
        "its owner is unknown, and malware is on record for this number, which proves nothing by \
         itself: {}",
        fact.text
    );
    let source = Some(fact.source.to_owned());
    Some(Finding {
        source,
        ..finding(FindingKind::MalwarePort, Severity::Warning, because)
    })
}

fn wire_and_program(listener: &Listener, proven: Option<&Identification>) -> Option<Finding> {
    program_finding(listener.owners.first()?, proven?)
}

/// What deserves attention where the program that holds a socket and what answers there disagree.
#[must_use]
pub fn program_finding(owner: &Owner, seen: &Identification) -> Option<Finding> {
    let because = disagreement(owner, seen)?;
    let kind = FindingKind::WireAndProgramDisagree;
    Some(finding(kind, Severity::Warning, because))
}

fn clear_text(listener: &Listener, proven: Option<&Identification>) -> Option<Finding> {
    let seen = proven.filter(|i| !i.tls && !i.starttls)?;
    if ![
        "http", "smtp", "redis", "ftp", "telnet", "pop3", "imap", "mqtt",
    ]
    .contains(&&*seen.protocol)
    {
        return None;
    }
    let (severity, reach) = match listener.scope() {
        Scope::Loopback => (Severity::Note, "on this machine alone"),
        Scope::Interface | Scope::Any => (Severity::Note, "by whoever can listen on the way"),
    };
    let because = format!("{} without TLS: it can be read {reach}", seen.spoken());
    Some(finding(FindingKind::ClearText, severity, because))
}

fn bound_to_all(listener: &Listener) -> Option<Finding> {
    let families = match (
        listener.scope(),
        listener.address.is_ipv4(),
        listener.dual_stack,
    ) {
        (Scope::Any, true, _) => "every IPv4 address",
        (Scope::Any, false, true) => "every IPv6 and IPv4 address",
        (Scope::Any, false, false) => "every IPv6 address",
        _ => return None,
    };
    let of = match &listener.namespace {
        Some(namespace) => format!("network namespace {namespace}"),
        None => "this machine".to_owned(),
    };
    let because = format!("bound to {families} of {of}; the firewall was not consulted");
    Some(finding(FindingKind::BoundToAll, Severity::Note, because))
}

fn owner_hidden(listener: &Listener) -> Option<Finding> {
    let gap = listener
        .owner_gap
        .as_ref()
        .filter(|_| listener.owners.is_empty())?;
    let because = match gap.why {
        Why::Permission => "this user may not see who holds it",
        Why::OtherPidNamespace => {
            "no process in sight holds it; its owner is in another pid namespace"
        }
        Why::Kernel => "the kernel itself holds it",
        Why::Exited => "its owner went away while we looked",
        Why::Unsupported => "this system does not tell who holds it",
        Why::Narrowed => "not every process was looked at, as was asked for",
        Why::Failed => "looking for its owner failed",
    };
    Some(finding(FindingKind::OwnerHidden, Severity::Note, because))
}

fn browser_blocked(
    expectation: &Expectation<'_>,
    proven: Option<&Identification>,
) -> Option<Finding> {
    proven.filter(|i| i.protocol == "http" && is_browser_blocked(expectation.port))?;
    let because = format!("browsers refuse to open port {}", expectation.port);
    let source = Some("https://fetch.spec.whatwg.org/#port-blocking".to_owned());
    Some(Finding {
        source,
        ..finding(FindingKind::BrowserBlocked, Severity::Note, because)
    })
}

fn ephemeral_range(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Option<Finding> {
    let range = seen
        .surroundings
        .ephemeral
        .filter(|range| range.contains(expectation.port))?;
    let because = format!(
        "inside {range}, from which this system takes source ports: when it starts, another \
         program may have the port"
    );
    Some(finding(
        FindingKind::EphemeralRange,
        Severity::Note,
        because,
    ))
}

fn unassigned_system_port(expectation: &Expectation<'_>) -> Option<Finding> {
    if expectation.range() != RangeKind::System || expectation.registry.state == State::Assigned {
        return None;
    }
    let because = format!(
        "a System port in use that nobody is assigned: {}",
        expectation.registry.because
    );
    let source = Some("RFC 6335 section 6".to_owned());
    Some(Finding {
        source,
        ..finding(FindingKind::UnassignedSystemPort, Severity::Note, because)
    })
}
