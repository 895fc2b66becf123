//! What a finding of a check is about, in a few words that are the same on every run.

use std::collections::BTreeSet;

use portolan_ports::{Gap, Listener};
use portolan_registry::{PortRange, Transport};
use portolan_survey::check::ViolationKind;

use crate::print::one_line;

/// How many programs are named.
const MOST: usize = 4;

/// `4444/tcp at 0.0.0.0 (nc)`; never a pid. Nothing in it steers a terminal.
pub(super) fn subject(
    ports: PortRange,
    transport: Option<Transport>,
    listener: Option<&Listener>,
) -> String {
    let mut text = match transport {
        Some(transport) => format!("{ports}/{transport}"),
        None => ports.to_string(),
    };
    let Some(listener) = listener else {
        return text;
    };
    text.push_str(&format!(" at {}", listener.address));
    if let Some(interface) = &listener.interface {
        text.push_str(&format!(" on {}", one_line(interface)));
    }
    let programs: BTreeSet<&str> = listener.owners.iter().map(|o| &*o.program).collect();
    let named: Vec<String> = programs.iter().take(MOST).map(|p| one_line(p)).collect();
    let more = match programs.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match named.is_empty() {
        true => text.push_str(" (owner not seen)"),
        false => text.push_str(&format!(" ({}{more})", named.join(", "))),
    }
    text
}

/// What is wrong with it, behind the subject.
pub(super) const fn state(kind: ViolationKind) -> &'static str {
    match kind {
        ViolationKind::Denied => "is denied",
        ViolationKind::Differs => "is not what its rule expects",
        ViolationKind::Missing => "is missing",
        ViolationKind::Unlisted => "is unlisted",
        ViolationKind::SiteDrift => "is not what the site registry says",
    }
}

/// What could not be seen beyond single rules: `owner (permission): /proc/7/fd`.
pub(super) fn gap(gap: &Gap) -> String {
    let what = gap.what.as_str().replace('_', " ");
    let why = gap.why.as_str().replace('_', " ");
    match gap.detail.is_empty() {
        true => format!("{what} ({why})"),
        false => format!("{what} ({why}): {}", one_line(&gap.detail)),
    }
}
