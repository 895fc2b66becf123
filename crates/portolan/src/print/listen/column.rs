//! The columns of a listing: one table of names, and what each holds.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use portolan_ports::{Owner, Scope};
use portolan_registry::{Port, Transport};
use portolan_survey::Sources;
use portolan_survey::document::moment;

use super::row::{Row, Seen};
use crate::print::{holder, registered};

/// A column, in the order of [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Port,
    Transport,
    Address,
    Scope,
    User,
    Program,
    Pid,
    Owners,
    Unit,
    SocketUnit,
    Container,
    Image,
    Pod,
    Namespace,
    Registered,
    Exe,
    ExeState,
    Command,
    Folder,
    Started,
    Parents,
    Package,
    Version,
    Uid,
    Gap,
    CreatedBy,
    Published,
    PublishedPort,
    Queue,
    Backlog,
    Drops,
    Group,
    ReusePort,
    DualStack,
    Multipath,
    Interface,
    MadeBy,
    Inode,
    Cookie,
    ControlGroup,
}

/// Every column.
pub(crate) const ALL: [Column; 40] = {
    use Column::*;
    [
        Port,
        Transport,
        Address,
        Scope,
        User,
        Program,
        Pid,
        Owners,
        Unit,
        SocketUnit,
        Container,
        Image,
        Pod,
        Namespace,
        Registered,
        Exe,
        ExeState,
        Command,
        Folder,
        Started,
        Parents,
        Package,
        Version,
        Uid,
        Gap,
        CreatedBy,
        Published,
        PublishedPort,
        Queue,
        Backlog,
        Drops,
        Group,
        ReusePort,
        DualStack,
        Multipath,
        Interface,
        MadeBy,
        Inode,
        Cookie,
        ControlGroup,
    ]
};

/// What each is called, and what it tells. Text, because a table of pointers costs every start of
/// the program a little.
pub(crate) const TABLE: &str = "\
port            the port; in a table with its transport
transport       tcp, udp, sctp or dccp
address         the bound address; 0.0.0.0 and :: mean all of them
scope           who can reach it by its address: any, interface or loopback
user            the owner's effective user
program         the owner's program; in a table with its pid, or why it is unknown
pid             the owner's process id
owners          how many processes hold it
unit            the owner's systemd unit
socket_unit     the socket unit that systemd listens for
container       the owner's container, or the one that the port is published for
image           that container's image
pod             the owner's Kubernetes pod
namespace       the network namespace, where it is not the own one
registered      the names that the registries give to the port; the site's as site:NAME
exe             the owner's executable
exe_state       present, deleted or replaced since the owner started
command         the owner's command line, without its secrets
folder          the owner's working folder (details)
started         when the owner started (details)
parents         the processes above the owner, the nearest first (details)
package         the package of the owner's executable (details)
version         that package's version (details)
uid             the owner's effective user id
gap             why the owner is unknown
created_by      what made the socket, where no owner was seen
published       the container that an engine publishes the port for
published_port  the port inside that container
queue           connections that wait to be accepted
backlog         how many may wait
drops           connections or datagrams thrown away since it was made
group           how many sockets share its address and port
reuse_port      whether they share them by SO_REUSEPORT: yes or no
dual_stack      whether an IPv6 socket takes IPv4 too: yes or no
multipath       whether it is a Multipath TCP socket: yes or no
interface       the interface or VRF it is bound to
made_by         the user id that made the socket
inode           the kernel's inode number of the socket
cookie          the kernel's cookie of the socket
control_group   the kernel's number of the control group that made it
";

/// What a cell holds, before it is made fit to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Nothing,
    Number(u64),
    Address(IpAddr),
    Text(Cow<'a, str>),
}

impl Column {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        let line = TABLE.lines().nth(self as usize).unwrap_or_default();
        line.split(' ').next().unwrap_or_default()
    }

    /// The column of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|column| column.name() == name)
    }

    /// What stands above it in a table.
    pub(super) fn head(self) -> String {
        self.name().to_uppercase().replace('_', " ")
    }

    /// Whether it tells what is only looked for with `--details`.
    pub(crate) const fn needs_details(self) -> bool {
        matches!(
            self,
            Self::Folder | Self::Started | Self::Parents | Self::Package | Self::Version
        )
    }

    /// What the row has in it, raw.
    pub(super) fn value<'a>(self, row: &Row<'a>, sources: &'a Sources<'a>) -> Value<'a> {
        match row.seen {
            Seen::Listener(_) => self.of_listener(row, sources).unwrap_or(Value::Nothing),
            Seen::Publication(_) => self.of_publication(row, sources).unwrap_or(Value::Nothing),
        }
    }

    fn of_listener<'a>(self, row: &Row<'a>, sources: &'a Sources<'a>) -> Option<Value<'a>> {
        let Seen::Listener(listener) = row.seen else {
            return None;
        };
        let owner = row.owner;
        Some(match self {
            Self::Port => Value::Number(listener.port.into()),
            Self::Transport => listener.transport.as_str().into(),
            Self::Address => Value::Address(listener.address),
            Self::Scope => listener.scope().as_str().into(),
            Self::Owners => number(listener.owners.len()),
            Self::SocketUnit => listener.socket_unit.as_ref()?.0.as_str().into(),
            Self::Container => {
                let own = owner.and_then(|owner| owner.container.as_ref());
                let published = listener.published.as_ref().map(|to| &to.container);
                published.or(own)?.to_string().into()
            }
            Self::Image => {
                let own = owner.and_then(|owner| owner.container.as_ref());
                let published = listener.published.as_ref().map(|to| &to.container);
                published.or(own)?.image.as_deref()?.into()
            }
            Self::Namespace => listener.namespace.as_ref()?.to_string().into(),
            Self::Registered => names(
                sources,
                listener.port,
                listener.transport,
                listener.namespace.is_none(),
            )?,
            Self::Gap => listener.owner_gap.as_ref()?.why.as_str().into(),
            Self::CreatedBy => listener.creator.as_ref()?.to_string().into(),
            Self::Published => listener.published.as_ref()?.container.to_string().into(),
            Self::PublishedPort => Value::Number(listener.published.as_ref()?.port.into()),
            Self::Queue => Value::Number(listener.queue?.pending.into()),
            Self::Backlog => Value::Number(listener.queue?.backlog.into()),
            Self::Drops => Value::Number(listener.drops?.into()),
            Self::Group => number(listener.group?.members),
            Self::ReusePort => yes_or_no(listener.group?.reuse_port?),
            Self::DualStack => yes_or_no(listener.dual_stack),
            Self::Multipath => yes_or_no(listener.multipath),
            Self::Interface => listener.interface.as_deref()?.into(),
            Self::MadeBy => Value::Number(listener.uid?.into()),
            Self::Inode => Value::Number(listener.inode),
            Self::Cookie => Value::Number(listener.cookie?),
            Self::ControlGroup => Value::Number(listener.control_group?),
            _ => self.of_owner(owner?)?,
        })
    }

    fn of_owner(self, owner: &Owner) -> Option<Value<'_>> {
        Some(match self {
            Self::User => match &owner.user {
                Some(name) => name.as_str().into(),
                None => Value::Number(owner.uid?.into()),
            },
            Self::Program => owner.program.as_str().into(),
            Self::Pid => Value::Number(owner.pid.into()),
            Self::Unit => owner.unit.as_ref()?.0.as_str().into(),
            Self::Pod => {
                let pod = owner.pod.as_ref()?;
                pod.name.as_deref().unwrap_or(&pod.uid).into()
            }
            Self::Exe => owner.exe.as_deref()?.into(),
            Self::ExeState => owner.exe_state.as_str().into(),
            Self::Command => {
                let command = holder::command(owner);
                Some(command).filter(|text| !text.is_empty())?.into()
            }
            Self::Folder => owner.working_folder.as_deref()?.into(),
            Self::Started => moment(owner.started?)?.into(),
            Self::Parents => {
                let parents = owner.parents.iter();
                let named = parents.map(|p| format!("{}({})", p.program, p.pid));
                let chain = named.collect::<Vec<_>>().join(" < ");
                Some(chain).filter(|chain| !chain.is_empty())?.into()
            }
            Self::Package => owner.package.as_ref()?.name.as_str().into(),
            Self::Version => owner.package.as_ref()?.version.as_deref()?.into(),
            Self::Uid => Value::Number(owner.uid?.into()),
            _ => return None,
        })
    }

    fn of_publication<'a>(self, row: &Row<'a>, sources: &'a Sources<'a>) -> Option<Value<'a>> {
        let Seen::Publication(publication) = row.seen else {
            return None;
        };
        let container = &publication.to.container;
        Some(match self {
            Self::Port => Value::Number(publication.port.into()),
            Self::Transport => publication.transport.as_str().into(),
            Self::Address => Value::Address(publication.address),
            Self::Scope => Scope::of(publication.address).as_str().into(),
            Self::Owners => Value::Number(0),
            Self::Container | Self::Published => container.to_string().into(),
            Self::Image => container.image.as_deref()?.into(),
            Self::PublishedPort => Value::Number(publication.to.port.into()),
            Self::Registered => names(sources, publication.port, publication.transport, true)?,
            _ => return None,
        })
    }
}

/// By both registries, in this host's own namespace; the site's names as `site:billing-api`, which no service name can be.
fn names<'a>(
    sources: &Sources<'a>,
    port: Port,
    transport: Transport,
    own: bool,
) -> Option<Value<'a>> {
    let standing = sources.registry.standing(port, transport);
    let rows = standing.assignments.iter().filter(|row| row.is_named());
    let mut names: Vec<&str> = rows.map(|row| row.service_name()).collect();
    names.dedup();
    let records = if own { sources.site_records(port) } else { &[] };
    let by_site = registered::names(records.iter(), port, transport);
    let by_site = by_site.into_iter().map(|name| format!("site:{name}"));
    let all: Vec<Cow<'_, str>> = by_site
        .map(Cow::Owned)
        .chain(names.into_iter().map(Cow::Borrowed))
        .collect();
    Some(all.join(" "))
        .filter(|names| !names.is_empty())
        .map(Value::from)
}

fn number<'a>(count: usize) -> Value<'a> {
    Value::Number(count.try_into().unwrap_or(u64::MAX))
}

fn yes_or_no<'a>(is: bool) -> Value<'a> {
    if is { "yes" } else { "no" }.into()
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Number(number) => number.fmt(f),
            Self::Address(address) => address.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Value<'_> {
    /// Numbers by size, texts by letters of either case; what is absent is not compared.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(own), Self::Number(other)) => own.cmp(other),
            (Self::Address(own), Self::Address(other)) => own.cmp(other),
            (Self::Text(own), Self::Text(other)) => {
                let letters = |text: &str| text.to_lowercase();
                letters(own).cmp(&letters(other))
            }
            // A user without a name is shown by number, before the named ones.
            (own, other) => own.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Number(_) => 1,
            Self::Address(_) => 2,
            Self::Text(_) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_stands_in_the_table_once() {
        assert_eq!(TABLE.lines().count(), ALL.len());
        for (at, column) in ALL.into_iter().enumerate() {
            assert_eq!(column as usize, at);
            assert_eq!(Column::named(column.name()), Some(column));
        }
        let marked = TABLE.lines().filter(|line| line.ends_with("(details)"));
        let needs = ALL.into_iter().filter(|column| column.needs_details());
        assert!(marked.eq(needs.map(|c| TABLE.lines().nth(c as usize).unwrap())));
    }
}
