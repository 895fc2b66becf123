//! The processes that hold a listener: what they run, why, since when, and what else they hold.

use portolan_ports::{ExeState, Listener, Owner};
use portolan_survey::lookup::Besides;

use crate::clock;
use crate::print::judged::bound;
use crate::print::{Columns, Output, Tone, holder, moment, one_line};

/// The most owners that are told one by one; workers of one program say the same.
const MOST_OWNERS: usize = 3;
/// The longest command line that is shown, in characters.
const LONGEST_COMMAND: usize = 400;
/// The most listeners of one program that are named.
const MOST_PLACES: usize = 8;

/// What is known of the listener beyond its address, and of each owner.
pub(super) fn lines(listener: &Listener, columns: &mut Columns<2>) {
    let mut line = |what: &str, said: &str, tone: Tone| {
        columns.push([(what.to_owned(), Tone::Faint), (one_line(said), tone)]);
    };
    for owner in listener.owners.iter().take(MOST_OWNERS) {
        let several = listener.owners.len() > 1;
        match runs(owner) {
            Some(runs) => line("", &runs, Tone::Faint),
            None if several => {
                let is = format!("pid {} is {}", owner.pid, owner.program);
                line("", &is, Tone::Faint);
            }
            None => {}
        }
        if !owner.arguments.is_empty() {
            line("command", &command(owner), Tone::Plain);
        }
        if let Some(why) = why(listener, owner) {
            line("why", &why, Tone::Plain);
        }
        if let Some(started) = owner.started
            && let Some(stamp) = moment::stamp(started)
        {
            let ago = moment::ago(started, clock::moment());
            line("since", &format!("{stamp}, {ago}"), Tone::Plain);
        }
        if let Some(package) = &owner.package {
            let version = package.version.as_deref().unwrap_or("version unknown");
            let said = format!("{} {version} ({})", package.name, package.system);
            line("package", &said, Tone::Plain);
        }
    }
    if listener.owners.len() > MOST_OWNERS {
        let more = match listener.owners.len() - MOST_OWNERS {
            1 => "1 more process".to_owned(),
            n => format!("{n} more processes"),
        };
        line("", &format!("... and {more}; --json has all"), Tone::Faint);
    }
    if let Some(to) = &listener.published {
        let image = to.container.image.as_ref();
        let image = image.map(|image| format!(" (image {image})"));
        let said = format!(
            "{}{}, its port {}",
            to.container,
            image.unwrap_or_default(),
            to.port
        );
        line("leads to", &said, Tone::Plain);
    }
    if let Some(group) = listener.group {
        let how = match group.reuse_port {
            Some(true) => "by SO_REUSEPORT",
            Some(false) => "without SO_REUSEPORT",
            None => "in a way that could not be seen",
        };
        let said = format!(
            "{} sockets share this address and port, {how}",
            group.members
        );
        line("group", &said, Tone::Plain);
    }
    if let Some(queue) = load(listener) {
        line("queue", &queue.0, queue.1);
    }
}

/// `pid 12 runs /usr/sbin/nginx, as www-data, in /srv`.
fn runs(owner: &Owner) -> Option<String> {
    let exe = owner.exe.as_ref()?;
    let state = match owner.exe_state {
        ExeState::Deleted => ", which was deleted since",
        ExeState::Replaced => ", where another file lies since",
        ExeState::Present | ExeState::Unknown => "",
    };
    let mut text = format!("pid {} runs {exe}{state}", owner.pid);
    if let Some(user) = &owner.user {
        text.push_str(&format!(", as {user}"));
    }
    if let Some(folder) = &owner.working_folder {
        text.push_str(&format!(", in {folder}"));
    }
    Some(text)
}

/// The command line, cut where it is very long.
fn command(owner: &Owner) -> String {
    let whole = holder::command(owner);
    match whole.char_indices().nth(LONGEST_COMMAND) {
        Some((end, _)) => format!("{} ...", &whole[..end]),
        None => whole,
    }
}

/// What started it: container, pod, unit with its socket unit, and the processes above it.
fn why(listener: &Listener, owner: &Owner) -> Option<String> {
    let mut reasons = Vec::new();
    if let Some(container) = &owner.container {
        let image = container.image.as_ref();
        let image = image.map(|image| format!(" (image {image})"));
        reasons.push(format!(
            "container {container}{}",
            image.unwrap_or_default()
        ));
    }
    if let Some(pod) = &owner.pod {
        reasons.push(format!("pod {}", pod.name.as_ref().unwrap_or(&pod.uid)));
    }
    match (&owner.unit, &listener.socket_unit) {
        // systemd itself, which nothing started.
        (_, Some(socket)) if owner.pid == 1 => reasons.push(format!("listens for {socket}")),
        (Some(unit), Some(socket)) => reasons.push(format!("{unit}, started by {socket}")),
        (Some(unit), None) => reasons.push(unit.to_string()),
        (None, Some(socket)) => reasons.push(socket.to_string()),
        (None, None) => {}
    }
    if !owner.parents.is_empty() {
        let above = owner.parents.iter().rev();
        let chain = above.map(|parent| format!("{}({}) > ", parent.program, parent.pid));
        reasons.push(format!(
            "{}{}({})",
            chain.collect::<String>(),
            owner.program,
            owner.pid
        ));
    }
    Some(reasons.join("; ")).filter(|text| !text.is_empty())
}

/// How full the accept queue is, and what was thrown away.
fn load(listener: &Listener) -> Option<(String, Tone)> {
    let mut said = Vec::new();
    let mut tone = Tone::Plain;
    if let Some(queue) = listener.queue {
        said.push(format!(
            "{} of {} wait to be accepted",
            queue.pending, queue.backlog
        ));
        if queue.pending > queue.backlog {
            tone = Tone::Warning;
        }
    }
    if let Some(drops) = listener.drops.filter(|drops| *drops > 0) {
        said.push(format!("{drops} thrown away since it was made"));
        tone = Tone::Warning;
    }
    Some((said.join(", "), tone)).filter(|(text, _)| !text.is_empty())
}

/// What the holders hold besides the port, a line for each program.
pub(super) fn besides(all: &[Besides], output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    for besides in all {
        let pids: Vec<String> = besides.pids.iter().map(u32::to_string).collect();
        let who = one_line(&format!("{} {}", besides.program, pids.join(", ")));
        let places = besides.listeners.iter().take(MOST_PLACES);
        let mut said: Vec<String> = places
            .map(|(transport, at)| format!("{}/{transport} at {}", at.port(), bound(at.ip())))
            .collect();
        if besides.listeners.len() > MOST_PLACES {
            let more = besides.listeners.len() - MOST_PLACES;
            said.push(format!("{more} more listeners"));
        }
        match besides.connections {
            0 => {}
            1 => said.push("1 connection".to_owned()),
            n => said.push(format!("{n} connections")),
        }
        columns.push([(who, Tone::Plain), (said.join(", "), Tone::Plain)]);
    }
    let text = columns.text(4, output);
    if text.is_empty() {
        text
    } else {
        let title = output.paint(Tone::Strong, "held by the same processes");
        format!("  {title}\n{text}")
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Duration, UNIX_EPOCH};

    use insta::assert_snapshot;
    use portolan_ports::{Ancestor, Container, Group, Package, Published, Queue, Unit};
    use portolan_registry::Transport;

    use super::*;
    use crate::arguments::Colour;

    fn node() -> Owner {
        Owner {
            pid: 1234,
            program: "node".to_owned(),
            exe: Some("/usr/bin/node".to_owned()),
            exe_state: ExeState::Replaced,
            arguments: ["node", "a b", "--password=hunter2", "\u{1b}[2J"]
                .map(str::to_owned)
                .to_vec(),
            uid: Some(1000),
            user: Some("ada".to_owned()),
            unit: Some(Unit("app.service".to_owned())),
            working_folder: Some("/srv/app".to_owned()),
            started: Some(UNIX_EPOCH + Duration::from_secs(1)),
            parents: [(900, "bash"), (812, "sshd"), (1, "systemd")]
                .map(|(pid, program)| Ancestor {
                    pid,
                    program: program.to_owned(),
                })
                .to_vec(),
            package: Some(Package {
                system: "dpkg",
                name: "nodejs".to_owned(),
                version: Some("18.19.0+dfsg-6".to_owned()),
            }),
            ..Owner::default()
        }
    }

    fn other() -> Owner {
        Owner {
            pid: 5,
            program: "node".to_owned(),
            ..Owner::default()
        }
    }

    #[test]
    fn a_listener_tells_its_whole_story() {
        let listener = Listener {
            transport: Transport::Tcp,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            dual_stack: false,
            multipath: false,
            interface: None,
            namespace: None,
            queue: Some(Queue {
                pending: 6,
                backlog: 5,
            }),
            drops: Some(3),
            group: Some(Group {
                members: 2,
                reuse_port: Some(true),
            }),
            uid: None,
            inode: 1,
            cookie: None,
            control_group: None,
            creator: None,
            socket_unit: Some(Unit("app.socket".to_owned())),
            published: Some(Published {
                container: Container {
                    runtime: "docker".to_owned(),
                    id: "f".repeat(64),
                    name: Some("web1".to_owned()),
                    image: Some("app:2".to_owned()),
                },
                port: 80,
            }),
            owners: vec![node(), other(), other(), other()],
            owner_gap: None,
        };
        let mut columns = Columns::new(["", ""]);
        lines(&listener, &mut columns);
        let text = columns.text(0, &Output::of_width(Colour::Never, None));
        let since = text.lines().find(|line| line.starts_with("since")).unwrap();
        assert!(since.contains("1970-01-01 00:00:01 UTC, ") && since.ends_with(" days ago"));
        assert_snapshot!(text.replace(since, "since"), @r##"
              pid 1234 runs /usr/bin/node, where another file lies since, as ada, in /srv/app
    command   node 'a b' --password=*** \u{1b}[2J
    why       app.service, started by app.socket; systemd(1) > sshd(812) > bash(900) > node(1234)
    since
    package   nodejs 18.19.0+dfsg-6 (dpkg)
              pid 5 is node
    why       app.socket
              pid 5 is node
    why       app.socket
              ... and 1 more process; --json has all
    leads to  docker web1 (image app:2), its port 80
    group     2 sockets share this address and port, by SO_REUSEPORT
    queue     6 of 5 wait to be accepted, 3 thrown away since it was made
    "##);
    }
}
