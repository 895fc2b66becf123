//! The cells and lines that listeners have in common, wherever they are shown.

use std::net::IpAddr;

use portolan_ports::{
    Gap, Identification, Listener, ProbeState, Severity, Unseen, Verdict, VerdictKind, Why,
};
use portolan_registry::Standing;
use portolan_survey::survey::Judged;

pub(super) use super::holder::holder as owners;
use super::{Output, Tone, neutral};

/// `4444/tcp`.
pub(super) fn place(listener: &Listener) -> String {
    format!("{}/{}", listener.port, listener.transport)
}

/// An address, as it stands before a port.
pub(super) fn bound(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// The bound address, with what else a dual-stack socket takes, whether it is a Multipath TCP one,
/// and how many sockets share it.
pub(super) fn address(listener: &Listener) -> String {
    let mut text = bound(listener.address);
    if listener.dual_stack && listener.address.is_unspecified() {
        text.push_str(" +IPv4");
    }
    if let Some(interface) = &listener.interface {
        text.push_str(&format!(" on {}", neutral(interface)));
    }
    if listener.multipath {
        text.push_str(" +mptcp");
    }
    if let Some(group) = listener.group {
        text.push_str(&format!(" ×{}", group.members));
    }
    text
}

/// A reason for not seeing, in a word or two.
pub(super) const fn why(why: Why) -> &'static str {
    match why {
        Why::Permission => "no permission",
        Why::OtherPidNamespace => "other pid namespace",
        Why::Kernel => "kernel",
        Why::Exited => "exited",
        Why::Unsupported => "not supported here",
        Why::Narrowed => "not looked for everywhere",
        Why::Failed => "failed",
    }
}

/// What answers: `http (nginx 1.22.1)`, or how asking ended.
pub(super) fn answer(judged: &Judged<'_>) -> (String, Tone) {
    match (&judged.identification, judged.probe.state) {
        (Some(seen), _) => (spoken(seen), Tone::Plain),
        (None, ProbeState::Skipped) => ("not asked".to_owned(), Tone::Faint),
        (None, ProbeState::Silent) => ("nothing".to_owned(), Tone::Faint),
        (None, ProbeState::Refused) => ("refused".to_owned(), Tone::Faint),
        (None, ProbeState::Inconclusive | ProbeState::Proven) => {
            ("something unknown".to_owned(), Tone::Faint)
        }
    }
}

/// `https (nginx 1.22.1)`: the protocol as people call it, and who speaks it.
pub(super) fn spoken(seen: &Identification) -> String {
    let mut text = neutral(&seen.spoken()).into_owned();
    if let Some(product) = &seen.product {
        let version = seen
            .version
            .as_ref()
            .map(|v| format!(" {v}"))
            .unwrap_or_default();
        text.push_str(&format!(" ({})", neutral(&format!("{product}{version}"))));
    }
    text
}

/// The service names that the registry gives to the port, or its state. A historic spelling of
/// another name (RFC 6335 §10.1) is left out beside it.
pub(super) fn registered(standing: &Standing<'_>) -> (String, Tone) {
    let mut names: Vec<&str> = standing
        .assignments
        .iter()
        .filter(|r| r.is_named() && !r.notes().contains("This entry is an alias to"))
        .map(|r| r.service_name())
        .collect();
    names.dedup();
    if names.is_empty() {
        (standing.state.as_str().to_owned(), Tone::Faint)
    } else {
        (neutral(&names.join(", ")).into_owned(), Tone::Plain)
    }
}

/// The verdict's word in its colour.
pub(super) fn verdict(verdict: &Verdict) -> (String, Tone) {
    let tone = match verdict.kind {
        VerdictKind::Violation | VerdictKind::Mismatch => Tone::Bad,
        VerdictKind::Expected | VerdictKind::Registered | VerdictKind::Customary => Tone::Good,
        VerdictKind::Unregistered => Tone::Warning,
        VerdictKind::Unknown => Tone::Faint,
    };
    (verdict.kind.as_str().to_owned(), tone)
}

/// The verdict's word for a table, with a mark where a finding is worse than the verdict.
pub(super) fn marked_verdict(own: &Verdict) -> (String, Tone) {
    let (word, tone) = verdict(own);
    let worst = own.findings.iter().map(|f| f.severity).max();
    match worst.filter(|severity| severity.needs_attention()) {
        Some(severity) if !own.kind.needs_attention() => {
            let tone = if severity == Severity::Alert {
                Tone::Bad
            } else {
                Tone::Warning
            };
            (format!("{word}, {}", severity.as_str()), tone)
        }
        _ => (word, tone),
    }
}

/// What could not be seen, each reason once with its count, as sentences.
pub(super) fn gap_lines<'a>(gaps: impl Iterator<Item = &'a Gap>, output: &Output) -> Vec<String> {
    let mut counts: std::collections::BTreeMap<(Unseen, Why), (usize, &str)> = Default::default();
    for gap in gaps {
        let count = counts.entry((gap.what, gap.why)).or_insert((0, ""));
        count.0 += 1;
        count.1 = if count.1.is_empty() {
            &gap.detail
        } else {
            count.1
        };
    }
    counts
        .into_iter()
        .map(|((what, reason), (count, detail))| {
            let what = match (what, count) {
                (Unseen::Owner, 1) => "the owner of 1 socket".to_owned(),
                (Unseen::Owner, n) => format!("the owners of {n} sockets"),
                (Unseen::CoOwners, _) => "who else holds these sockets".to_owned(),
                (Unseen::Listeners, _) => "some listeners".to_owned(),
                (Unseen::Namespaces, _) => "listeners of other network namespaces".to_owned(),
                (Unseen::Sockets, _) => "some sockets".to_owned(),
                (Unseen::OwnerDetail, 1) => "some detail of 1 owner".to_owned(),
                (Unseen::OwnerDetail, n) => format!("some detail of {n} owners"),
                (Unseen::Containers, _) => "what the containers are called and publish".to_owned(),
                (Unseen::SocketUnits, _) => "which socket units listen".to_owned(),
                (Unseen::SystemRanges, _) => "which ports this system sets aside".to_owned(),
                (Unseen::LocalNames, _) => "what other files here call a port".to_owned(),
                (Unseen::SiteRegistry, _) => "what the site registry says".to_owned(),
            };
            let hint = if reason == Why::Permission && !output.is_root() {
                "; run as root to see more"
            } else {
                ""
            };
            let detail = if detail.is_empty() {
                String::new()
            } else {
                format!(" ({})", neutral(detail))
            };
            format!("{what}: {}{detail}{hint}", why(reason))
        })
        .collect()
}
