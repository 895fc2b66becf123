//! What a policy can say of whoever holds a listener.

use std::collections::BTreeSet;

use portolan_ports::{Container, Listener, Owner};

use super::text::{join, plain};

/// What a rule says of the holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stated {
    pub(super) program: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) container: Option<String>,
    pub(super) user: Option<String>,
}

impl Stated {
    /// What a rule may say of the holder so that a check right after it is clean: only what every
    /// owner shows, what a policy can say, and nothing that changes with the next start.
    pub(super) fn of(listener: &Listener, notes: &mut Vec<String>) -> Self {
        if let Some(unit) = &listener.socket_unit {
            notes.push(format!(
                "systemd listens here for {} until somebody calls, and the service does after that: \
                 a rule that names one program or user would not hold for both.",
                plain(&unit.0)
            ));
            return Self {
                unit: sayable(unit.0.clone()),
                ..Self::default()
            };
        }
        let owners = &listener.owners;
        let mut stated = Self {
            program: shared(owners, program),
            container: container(listener),
            ..Self::default()
        };
        let programs: Vec<String> = programs(listener).iter().map(|p| plain(p)).collect();
        if programs.len() > 1 {
            notes.push(format!(
                "Held by {} together: a rule names one program, so this one names none.",
                join(&programs)
            ));
        }
        // A container's unit is made anew with it, and its users are named by another table.
        if stated.container.is_none() {
            stated.unit = shared(owners, |owner| sayable(owner.unit.as_ref()?.0.clone()))
                .filter(|unit| lasts(unit));
            stated.user = shared(owners, user);
            let users: BTreeSet<String> = owners.iter().filter_map(user).collect();
            if users.len() > 1 {
                let users: Vec<String> = users.iter().map(|user| plain(user)).collect();
                notes.push(format!(
                    "Its processes run as {}: a rule names one user, so this one names none.",
                    join(&users)
                ));
            }
        }
        stated
    }

    /// Whether what fits `other` fits this one too.
    pub(super) fn is_weaker_than(&self, other: &Self) -> bool {
        let fits = |own: &Option<String>, its: &Option<String>| own.is_none() || own == its;
        self != other
            && fits(&self.program, &other.program)
            && fits(&self.unit, &other.unit)
            && fits(&self.container, &other.container)
            && fits(&self.user, &other.user)
    }
}

/// The names of the programs that hold a listener.
pub(super) fn programs(listener: &Listener) -> BTreeSet<String> {
    let owners = listener.owners.iter();
    owners.map(|owner| owner.program.clone()).collect()
}

/// What a policy's reader takes for a text: one that says something.
fn sayable(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

/// What a rule calls a program: its name; its path, where a slash would make the name one.
fn program(owner: &Owner) -> Option<String> {
    let named = sayable(owner.program.clone()).filter(|name| !name.contains('/'));
    let by_path = || owner.exe.clone().filter(|exe| exe.contains('/'));
    named.or_else(by_path)
}

/// What a rule calls a user: the name, else the number.
fn user(owner: &Owner) -> Option<String> {
    let name = owner.user.clone().and_then(sayable);
    name.or_else(|| owner.uid.map(|uid| uid.to_string()))
}

/// The container to which an engine passes the port on, else the one that every owner is in.
fn container(listener: &Listener) -> Option<String> {
    match &listener.published {
        Some(published) => called(&published.container),
        None => shared(&listener.owners, |owner| called(owner.container.as_ref()?)),
    }
}

/// What a rule calls a container: its name, which a new one of the same kind has too, else its id,
/// where that is so long that it can be no other's.
pub(super) fn called(container: &Container) -> Option<String> {
    const SHORTEST: usize = 12;
    let id = (container.id.len() >= SHORTEST).then(|| container.id.clone());
    match &container.name {
        Some(name) => sayable(name.clone()).or(id),
        None => id,
    }
}

/// What all owners have, where all have the same.
fn shared(owners: &[Owner], of: impl Fn(&Owner) -> Option<String>) -> Option<String> {
    let (first, others) = owners.split_first()?;
    let first = of(first)?;
    others
        .iter()
        .all(|owner| of(owner).as_ref() == Some(&first))
        .then_some(first)
}

/// Whether a unit has the same name after its next start. Scopes are made by programs as they go
/// (systemd.scope(5)), `run-…` by systemd-run(1), `user@…` is a person's session, and D-Bus numbers
/// what it starts.
pub(super) fn lasts(unit: &str) -> bool {
    let made_as_it_goes = ["run-", "user@", "dbus-:"];
    unit.ends_with(".service") && !made_as_it_goes.iter().any(|start| unit.starts_with(start))
}
