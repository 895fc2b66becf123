//! Who holds a listener, in one cell: a process, a container behind a proxy, a socket unit, or the
//! reason why nobody is known.

use portolan_ports::{Listener, Owner, Publication, redact};

use super::judged::why;
use super::neutral;

/// The process that serves, how many others hold it too, and where they live.
pub(super) fn holder(listener: &Listener) -> String {
    one(listener, principal(listener), others(listener), true)
}

/// One of the processes, and how many `others` to count beside it; `home` says whether to add the
/// unit or container that it lives in.
pub(super) fn one(listener: &Listener, owner: Option<&Owner>, others: usize, home: bool) -> String {
    let process = |owner: &Owner| format!("{} {}", owner.program, owner.pid);
    if let Some(to) = &listener.published {
        let by = owner.map_or_else(|| unknown(listener), process);
        return neutral(&format!("{} (published; {by})", to.container)).into_owned();
    }
    let Some(owner) = owner else {
        return neutral(&unknown(listener)).into_owned();
    };
    let mut text = process(owner);
    let mut place = None;
    if let Some(unit) = &listener.socket_unit {
        if is_systemd(owner) {
            return neutral(&format!("{unit} (systemd listens)")).into_owned();
        }
        place = Some(format!("by {unit}"));
    }
    if others > 0 {
        text.push_str(&format!(" +{others}"));
    }
    if home {
        let container = owner.container.as_ref().map(ToString::to_string);
        let lives = container.or_else(|| owner.unit.as_ref().map(|unit| unit.0.clone()));
        place = match (lives, place) {
            (Some(lives), Some(by)) => Some(format!("{lives}, {by}")),
            (lives, by) => lives.or(by),
        };
    }
    if let Some(place) = place {
        text.push_str(&format!(" ({place})"));
    }
    match neutral(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(shown) => shown,
    }
}

/// Whom a port is published for, where no socket listens.
pub(super) fn publication(publication: &Publication) -> String {
    let to = &publication.to;
    neutral(&format!("{} (published, no socket)", to.container)).into_owned()
}

/// The process that serves: behind a socket unit the service, once it runs, and not systemd.
pub(super) fn principal(listener: &Listener) -> Option<&Owner> {
    let activated = listener.socket_unit.is_some();
    let service = listener.owners.iter().find(|owner| !is_systemd(owner));
    service
        .filter(|_| activated)
        .or_else(|| listener.owners.first())
}

/// How many hold it beside the principal; systemd, which keeps its socket, does not count.
pub(super) fn others(listener: &Listener) -> usize {
    let all = listener.owners.len();
    let systemd = match &listener.socket_unit {
        Some(_) => listener.owners.iter().filter(|o| is_systemd(o)).count(),
        None => 0,
    };
    (all - systemd).saturating_sub(1)
}

/// The command line without its secrets, not yet neutral; an argument that is empty or has white
/// space in it stands in quotation marks.
pub(super) fn command(owner: &Owner) -> String {
    let arguments = redact(&owner.arguments).into_iter().map(|argument| {
        if argument.is_empty() || argument.contains(char::is_whitespace) {
            format!("'{argument}'")
        } else {
            argument
        }
    });
    arguments.collect::<Vec<_>>().join(" ")
}

/// The system's manager, or a person's.
fn is_systemd(owner: &Owner) -> bool {
    owner.pid == 1 || owner.program == "systemd"
}

fn unknown(listener: &Listener) -> String {
    let Some(gap) = &listener.owner_gap else {
        return "?".to_owned();
    };
    let maker = listener.creator.as_ref();
    let maker = maker.map(|creator| format!(", created by {creator}"));
    format!("? ({}{})", why(gap.why), maker.unwrap_or_default())
}
