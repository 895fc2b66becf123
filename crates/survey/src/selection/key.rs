//! What a filter may speak of: one table.

use portolan_ports::{Scope, Why};

/// What a filter speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The port.
    Port,
    /// The transport.
    Transport,
    /// The bound address.
    Address,
    /// Who can reach it, by its address.
    Scope,
    /// The interface or VRF it is bound to.
    Interface,
    /// The network namespace.
    Namespace,
    /// Whether others share its address and port.
    Group,
    /// The owner's program.
    Program,
    /// The owner's executable.
    Exe,
    /// The owner's process id.
    Pid,
    /// The owner's user.
    User,
    /// The owner's systemd unit, or the socket unit that listens.
    Unit,
    /// The container that holds it or that it is published for.
    Container,
    /// The owner's Kubernetes pod.
    Pod,
    /// The package of the owner's executable.
    Package,
    /// Why its owner is unknown.
    Gap,
}

/// Every key with its word and what its values look like, as the help shows them.
pub const KEYS: [(Key, &str, &str); 16] = [
    (
        Key::Port,
        "port",
        "8080 or 8000-8999; a bare number means this",
    ),
    (Key::Transport, "transport", "tcp, udp, sctp or dccp"),
    (
        Key::Address,
        "address",
        "an address, or a network as 127.0.0.0/8",
    ),
    (Key::Scope, "scope", "any, interface or loopback"),
    (Key::Interface, "interface", "a name; * stands for any text"),
    (
        Key::Namespace,
        "namespace",
        "own, a name or a number; * stands for any text",
    ),
    (
        Key::Group,
        "group",
        "yes or no: do several sockets share its address and port",
    ),
    (Key::Program, "program", "a name; * stands for any text"),
    (Key::Exe, "exe", "a path; * stands for any text"),
    (Key::Pid, "pid", "a process id"),
    (
        Key::User,
        "user",
        "a name or a number; * stands for any text",
    ),
    (
        Key::Unit,
        "unit",
        "a systemd unit, with or without its suffix; * stands for any text",
    ),
    (
        Key::Container,
        "container",
        "a name, an image or the start of an id; * stands for any text",
    ),
    (
        Key::Pod,
        "pod",
        "a name, or the start of a uid; * stands for any text",
    ),
    (Key::Package, "package", "a name; * stands for any text"),
    (
        Key::Gap,
        "gap",
        "why the owner is unknown: permission, other_pid_namespace, kernel, exited, unsupported, narrowed, failed; or any",
    ),
];

impl Key {
    /// The word before the colon.
    #[must_use]
    pub fn word(self) -> &'static str {
        KEYS.iter()
            .find(|(key, ..)| *key == self)
            .map_or("", |k| k.1)
    }

    /// What its values look like.
    pub(super) fn form(self) -> &'static str {
        KEYS.iter()
            .find(|(key, ..)| *key == self)
            .map_or("", |k| k.2)
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        let named = KEYS.iter().find(|k| k.1.eq_ignore_ascii_case(word));
        named.map(|k| k.0)
    }

    /// The word that a slip of the finger may have meant.
    pub(super) fn nearest(word: &str) -> &'static str {
        let word = word.to_ascii_lowercase();
        let far = |known: &str| strsim::osa_distance(known, &word);
        let words = KEYS.iter().map(|k| k.1);
        words.min_by_key(|known| far(known)).unwrap_or("port")
    }

    pub(super) const fn needs_owners(self) -> bool {
        matches!(
            self,
            Self::Program
                | Self::Exe
                | Self::Pid
                | Self::User
                | Self::Unit
                | Self::Container
                | Self::Pod
                | Self::Package
                | Self::Gap
        )
    }

    pub(super) const fn needs_details(self) -> bool {
        matches!(self, Self::Package)
    }
}

/// The scope that a word names.
pub(super) fn scope(word: &str) -> Option<Scope> {
    let all = [Scope::Any, Scope::Interface, Scope::Loopback];
    all.into_iter().find(|scope| scope.as_str() == word)
}

/// The reason that a word names.
pub(super) fn why(word: &str) -> Option<Why> {
    let all = [
        Why::Permission,
        Why::OtherPidNamespace,
        Why::Kernel,
        Why::Exited,
        Why::Unsupported,
        Why::Narrowed,
        Why::Failed,
    ];
    all.into_iter().find(|why| why.as_str() == word)
}
