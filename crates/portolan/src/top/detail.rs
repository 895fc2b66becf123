//! Everything about one listener, line by line: what it is called and what it is.

use portolan_ports::{Listener, Owner};
use portolan_survey::Sources;

use crate::print::{change, neutral, registered};

/// The lines; a line without a name belongs to the one above or stands alone.
pub(super) fn lines(listener: &Listener, sources: &Sources<'_>) -> Vec<(String, String)> {
    let mut lines = Lines::default();
    lines.put("port", change::place(listener));
    lines.put("address", change::address(listener));
    lines.put("scope", listener.scope().as_str());
    let (named, _) = registered::of(sources, listener);
    lines.put("registered", named);
    lines.maybe("namespace", listener.namespace.as_ref());
    if let Some(queue) = listener.queue {
        let text = format!(
            "{} of {} waiting to be accepted",
            queue.pending, queue.backlog
        );
        lines.put("queue", text);
    }
    lines.maybe("drops", listener.drops);
    if let Some(group) = listener.group {
        lines.put("group", format!("{} sockets share it", group.members));
    }
    lines.maybe("socket unit", listener.socket_unit.as_ref());
    if let Some(published) = &listener.published {
        let text = format!("{}, port {}", published.container, published.port);
        lines.put("published for", text);
    }
    lines.maybe("made by uid", listener.uid);
    lines.maybe("created by", listener.creator.as_ref());
    lines.put("inode", listener.inode.to_string());
    lines.maybe("cookie", listener.cookie);
    if let Some(gap) = &listener.owner_gap {
        lines.put("owner", format!("not seen: {}", gap.detail));
    }
    for owner in &listener.owners {
        lines.owner(owner);
    }
    lines.0
}

#[derive(Default)]
struct Lines(Vec<(String, String)>);

impl Lines {
    fn put(&mut self, name: &str, text: impl AsRef<str>) {
        let text = neutral(text.as_ref()).into_owned();
        self.0.push((name.to_owned(), text));
    }

    fn maybe(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.put(name, value.to_string());
        }
    }

    /// The command line is left out: it may hold secrets.
    fn owner(&mut self, owner: &Owner) {
        self.0.push(Default::default());
        self.put("owner", format!("{} {}", owner.program, owner.pid));
        self.maybe("executable", owner.exe.as_ref());
        self.put("on disk", owner.exe_state.as_str());
        let uid = owner.uid.map(|uid| format!("uid {uid}"));
        self.maybe("user", owner.user.clone().or(uid));
        self.maybe("unit", owner.unit.as_ref());
        self.maybe("container", owner.container.as_ref());
        self.maybe("pod", owner.pod.as_ref().map(|pod| &pod.uid));
        self.maybe("folder", owner.working_folder.as_ref());
        let started = owner
            .started
            .and_then(|time| jiff::Timestamp::try_from(time).ok());
        self.maybe("started", started.map(|time| format!("{time:.0}")));
        let parents = owner
            .parents
            .iter()
            .map(|parent| format!("{} {}", parent.program, parent.pid));
        let parents = parents.collect::<Vec<_>>().join(", ");
        self.maybe("parents", (!parents.is_empty()).then_some(parents));
        if let Some(package) = &owner.package {
            let version = package.version.as_deref().unwrap_or_default();
            self.put(
                "package",
                format!("{} {version} ({})", package.name, package.system),
            );
        }
    }
}
