//! Container engines: what their containers are called, and the ports that they publish.
//!
//! Source: the engines' own word. `docker` asks one over its unix socket, `bundle` reads what the
//!         others leave on the disk. A proxy's command line names nobody; where the engine may not
//!         be asked it is told as a detail of the gap.
//! Cost:   a few stat(2) where no engine runs; else one question to each engine concerned. An
//!         engine that sleeps behind a socket unit is not woken for a port that is none of its own.

mod bundle;
mod docker;
mod local;
mod place;
mod proxy;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use portolan_ports::{
    Container, Gap, Listener, Owner, Pod, Publication, Published, Socket, Unseen, Why,
};
use portolan_registry::Port;

use super::gap;
use bundle::{Found, Roots};
use docker::{Mapping, Refusal, Running};
use local::Locals;
use place::{Engine, Places};

/// Programs that hold a published port for an engine: the proxies, and those engines that keep the
/// port themselves where the packet filter passes it on.
const HOLDERS: [(&str, &str); 8] = [
    ("docker-proxy", "docker"),
    ("dockerd", "docker"),
    ("rootlesskit", "docker"),
    ("rootlessport", "podman"),
    ("conmon", "podman"),
    ("pasta", "podman"),
    ("pasta.avx2", "podman"),
    ("slirp4netns", "podman"),
];

/// What an engine tells of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    /// The engine, where the control group did not tell it.
    runtime: Option<&'static str>,
    name: Option<String>,
    image: Option<String>,
    /// The pod's namespace and name.
    pod: Option<String>,
}

/// "namespace/name" of a pod, where both are known.
fn pod_name(namespace: Option<&str>, name: Option<&str>) -> Option<String> {
    Some(format!("{}/{}", namespace?, name?))
}

/// Names the containers of owners and creators, and says where published ports lead.
///
/// Returned are the published ports at which no socket listens, among those `wanted`, and what
/// could not be seen.
pub(super) fn name(
    listeners: &mut [Listener],
    sockets: &mut [Socket],
    wanted: impl Fn(Port) -> bool,
) -> (Vec<Publication>, Vec<Gap>) {
    let nothing = listeners.is_empty() && sockets.is_empty();
    let places = Places::of_this_machine(nothing);
    let mut looking = Looking::new(listeners, sockets, &places);
    looking.ask_engines(&places.engines, wanted);
    looking.read_bundles(&places.roots);
    let gaps = looking.gaps();
    (looking.publications, gaps)
}

/// A look in progress.
struct Looking<'a> {
    listeners: &'a mut [Listener],
    sockets: &'a mut [Socket],
    publications: Vec<Publication>,
    /// Engines that were asked and would not tell, with what to say of it.
    refusals: Vec<(&'static str, PathBuf, Refusal)>,
    /// Engines that told, however little.
    told: Vec<&'static str>,
    /// A file of an engine's that may not be read.
    hidden: Option<PathBuf>,
    /// Whether there is an engine's socket at all.
    any_engine: bool,
}

impl<'a> Looking<'a> {
    fn new(listeners: &'a mut [Listener], sockets: &'a mut [Socket], places: &Places) -> Self {
        Self {
            listeners,
            sockets,
            publications: Vec::new(),
            refusals: Vec::new(),
            told: Vec::new(),
            hidden: None,
            any_engine: !places.engines.is_empty(),
        }
    }

    fn ask_engines(&mut self, engines: &[Engine], wanted: impl Fn(Port) -> bool) {
        for engine in engines {
            if !engine.awake && !self.concerns(engine.runtime) {
                continue;
            }
            match docker::ask(&engine.socket) {
                Ok(running) => {
                    self.told.push(engine.runtime);
                    self.take(engine.runtime, &running, &wanted);
                }
                Err(refusal) => {
                    let socket = engine.socket.clone();
                    self.refusals.push((engine.runtime, socket, refusal));
                }
            }
        }
    }

    /// Whether anything that was seen may be this engine's.
    fn concerns(&mut self, runtime: &str) -> bool {
        let holds = |listener: &Listener| {
            let unit = listener.creator.as_ref().and_then(|c| c.unit.as_ref());
            let service = unit.and_then(|unit| unit.0.strip_suffix(".service"));
            service == Some(runtime) || holder_of(listener) == Some(runtime)
        };
        if self.listeners.iter().any(holds) {
            return true;
        }
        let mut found = false;
        self.each_container(|container, _| {
            found |= container.runtime == runtime || container.runtime == "kubernetes";
        });
        found
    }

    /// Takes an engine's answer in.
    fn take(&mut self, runtime: &str, running: &[Running], wanted: impl Fn(Port) -> bool) {
        self.each_container(|container, pod| {
            if container.runtime != runtime && container.runtime != "kubernetes" {
                return;
            }
            // A control group may hold a shortened id.
            let known = running.iter().find(|r| r.id.starts_with(&container.id));
            if let Some(known) = known {
                fill(container, pod, &known.told);
            }
        });
        let mut locals = None;
        for container in running {
            for mapping in &container.mappings {
                if !wanted(mapping.port) {
                    continue;
                }
                let to = Published {
                    container: Container {
                        runtime: runtime.to_owned(),
                        id: container.id.clone(),
                        name: container.told.name.clone(),
                        image: container.told.image.clone(),
                    },
                    port: mapping.inside,
                };
                let mut held = false;
                for listener in &mut *self.listeners {
                    if mapping.is_of(listener) {
                        listener.published = Some(to.clone());
                        held = true;
                    }
                }
                let locals = locals.get_or_insert_with(Locals::read);
                if !held && locals.have_any(&container.gateways) {
                    let publications = mapping.addresses().into_iter().map(|address| Publication {
                        transport: mapping.transport,
                        address,
                        port: mapping.port,
                        to: to.clone(),
                    });
                    self.publications.extend(publications);
                }
            }
        }
        self.publications
            .sort_by_key(|p| (p.transport, p.port, p.address));
        self.publications.dedup();
    }

    /// Asks the disk about the containers that still have no name.
    fn read_bundles(&mut self, roots: &Roots) {
        let mut known: BTreeMap<(String, String), Found> = BTreeMap::new();
        let mut hidden = None;
        self.each_container(|container, pod| {
            if container.name.is_some() {
                return;
            }
            // Theirs have no id beside the name.
            if matches!(&*container.runtime, "lxc" | "systemd-nspawn") {
                container.name = Some(container.id.clone());
                return;
            }
            let key = (container.runtime.clone(), container.id.clone());
            let found = known
                .entry(key)
                .or_insert_with_key(|(runtime, id)| roots.find(runtime, id));
            match found {
                Found::Told(told) => fill(container, pod, told),
                Found::Hidden(path) => hidden = Some(path.clone()),
                Found::Nothing => {}
            }
        });
        self.hidden = hidden;
    }

    /// What is still without a name, and why.
    fn gaps(&mut self) -> Vec<Gap> {
        let mut nameless: BTreeMap<String, Vec<String>> = BTreeMap::new();
        self.each_container(|container, _| {
            if container.name.is_none() {
                let ids = nameless.entry(container.runtime.clone()).or_default();
                if !ids.contains(&container.id) {
                    ids.push(container.id.clone());
                }
            }
        });
        let mut gaps: Vec<Gap> = Vec::new();
        // A published port whose engine would not tell.
        for (runtime, socket, refusal) in std::mem::take(&mut self.refusals) {
            let ids = nameless.remove(runtime).unwrap_or_default();
            let passing = self.passing(runtime);
            if ids.is_empty() && passing.is_empty() && !self.concerns(runtime) {
                continue;
            }
            let mut detail = format!("cannot ask {} at {}: ", runtime, socket.display());
            detail.push_str(&refusal.detail);
            if refusal.why == Why::Permission {
                detail.push_str("; root and the members of the socket's group may ask it");
            }
            for line in passing {
                detail.push_str("; ");
                detail.push_str(&line);
            }
            gaps.push(gap(Unseen::Containers, refusal.why, detail));
        }
        for (runtime, ids) in nameless {
            gaps.push(self.nameless(&runtime, &ids));
        }
        // No engine's socket at all, yet a proxy of one.
        if !self.any_engine {
            let passing = self.passing("docker");
            if !passing.is_empty() {
                let detail = format!("no engine's socket is in sight; {}", passing.join("; "));
                gaps.push(gap(Unseen::Containers, Why::Unsupported, detail));
            }
        }
        gaps.dedup();
        gaps
    }

    fn nameless(&self, runtime: &str, ids: &[String]) -> Gap {
        let first = ids.first().map(String::as_str).unwrap_or_default();
        let first = first.get(..12).unwrap_or(first);
        let which = match ids.len() {
            1 => format!("container {first}"),
            n => format!("{n} containers ({first}, ...)"),
        };
        if let Some(path) = &self.hidden {
            let detail = format!("cannot read {} of {which}: run as root", path.display());
            return gap(Unseen::Containers, Why::Permission, detail);
        }
        if self.told.contains(&runtime) {
            let detail = format!("{runtime} does not know {which}; it may be gone");
            return gap(Unseen::Containers, Why::Exited, detail);
        }
        let detail = format!("nothing here tells the name of {which} of {runtime}");
        gap(Unseen::Containers, Why::Unsupported, detail)
    }

    /// What docker's proxies were told to do, of those ports whose container is not known.
    fn passing(&self, runtime: &str) -> Vec<String> {
        if runtime != "docker" {
            return Vec::new();
        }
        let unknown = self.listeners.iter().filter(|l| l.published.is_none());
        let proxies = unknown.flat_map(|listener| &listener.owners);
        let mut lines: Vec<String> = proxies.filter_map(proxy::passing).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// Every container in sight, with the pod of the same process.
    fn each_container(&mut self, mut look: impl FnMut(&mut Container, Option<&mut Pod>)) {
        for listener in &mut *self.listeners {
            for owner in &mut listener.owners {
                if let Some(container) = &mut owner.container {
                    look(container, owner.pod.as_mut());
                }
            }
            let creator = listener.creator.as_mut();
            if let Some(container) = creator.and_then(|creator| creator.container.as_mut()) {
                look(container, None);
            }
        }
        for owner in self.sockets.iter_mut().flat_map(|s| &mut s.owners) {
            if let Some(container) = &mut owner.container {
                look(container, owner.pod.as_mut());
            }
        }
    }
}

/// Writes what an engine told to where it belongs; what is known already stays.
fn fill(container: &mut Container, pod: Option<&mut Pod>, told: &Told) {
    if let Some(runtime) = told.runtime
        && container.runtime == "kubernetes"
    {
        runtime.clone_into(&mut container.runtime);
    }
    if container.name.is_none() {
        container.name.clone_from(&told.name);
    }
    if container.image.is_none() {
        container.image.clone_from(&told.image);
    }
    if let Some(pod) = pod
        && pod.name.is_none()
    {
        pod.name.clone_from(&told.pod);
    }
}

/// The engine for which one of its owners holds a listener.
fn holder_of(listener: &Listener) -> Option<&'static str> {
    let engine_of = |owner: &Owner| {
        let row = HOLDERS.iter().find(|(name, _)| *name == owner.program)?;
        Some(row.1)
    };
    listener.owners.iter().find_map(engine_of)
}

impl Mapping {
    /// Whether this listener holds this published port.
    ///
    /// The engine's word decides; a holder of another kind, beside or before the engine's rules in
    /// the packet filter, is no proxy. Where nobody was seen holding it, two programs cannot have
    /// bound the same address and port without meaning to.
    fn is_of(&self, listener: &Listener) -> bool {
        listener.namespace.is_none()
            && listener.transport == self.transport
            && listener.port == self.port
            && self.covers(listener.address, listener.dual_stack)
            && (listener.owners.is_empty() || holder_of(listener).is_some())
    }

    fn covers(&self, address: IpAddr, dual_stack: bool) -> bool {
        match self.address {
            None => address.is_unspecified(),
            Some(published) => {
                published == address
                    || (dual_stack && published.is_unspecified() && published.is_ipv4())
            }
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        match self.address {
            Some(address) => vec![address],
            None => vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
        }
    }
}

#[cfg(test)]
mod tests;
