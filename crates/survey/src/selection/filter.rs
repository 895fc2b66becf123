//! One filter: a key, values of which any may fit, and maybe a negation.

use portolan_ports::{Container, Listener, Owner, Publication, Scope, Unit, Why};
use portolan_registry::{PortRange, Transport};

use super::Decision;
use super::key::{self, Key};
use super::network::Network;
use super::pattern::Pattern;

/// One condition on a listener: `KEY:VALUE[,VALUE…]`, or a bare port or range of ports.
///
/// A leading `!` or `not:` turns it round: `!user:root` fits where no owner is root's.
#[derive(Clone, Debug)]
pub struct Filter {
    word: String,
    negated: bool,
    key: Key,
    values: Values,
}

/// Why a word is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The key is none of [`super::KEYS`].
    #[error("cannot filter by {word:?}: there is no key {key:?}; the nearest is {nearest:?}")]
    UnknownKey {
        /// The word as typed.
        word: String,
        /// What stands before the colon.
        key: String,
        /// The known key that resembles it most.
        nearest: &'static str,
    },
    /// Neither a port nor a key and a value.
    #[error(
        "cannot filter by {word:?}: a filter is a port or KEY:VALUE; for a program write program:{word}"
    )]
    NoKey {
        /// The word as typed.
        word: String,
    },
    /// The value does not suit the key.
    #[error("cannot filter by {word:?}: {value:?} is no value for {key}, which takes {form}")]
    Value {
        /// The word as typed.
        word: String,
        /// The part of it that does not suit.
        value: String,
        /// The key.
        key: &'static str,
        /// What the key takes.
        form: &'static str,
    },
}

#[derive(Clone, Debug)]
enum Values {
    Ports(Vec<PortRange>),
    Transports(Vec<Transport>),
    Networks(Vec<Network>),
    Scopes(Vec<Scope>),
    YesOrNo(Vec<bool>),
    Numbers(Vec<u32>),
    Patterns(Vec<Pattern>),
    /// `None` means any reason.
    Reasons(Vec<Option<Why>>),
}

impl Filter {
    /// Reads a word.
    ///
    /// # Errors
    /// [`FilterError`] where it has another form, an unknown key or an unsuitable value.
    pub fn parse(word: &str) -> Result<Self, FilterError> {
        let (mut rest, mut negated) = (word, false);
        while let Some(inner) = rest.strip_prefix('!').or_else(|| rest.strip_prefix("not:")) {
            (rest, negated) = (inner, !negated);
        }
        let bare = rest.starts_with(|c: char| c.is_ascii_digit())
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || b"-,".contains(&b));
        let (key, values) = if bare {
            (Key::Port, rest)
        } else {
            let no_key = || FilterError::NoKey {
                word: word.to_owned(),
            };
            let (key, values) = rest.split_once(':').ok_or_else(no_key)?;
            let known = Key::named(key).ok_or_else(|| FilterError::UnknownKey {
                word: word.to_owned(),
                key: key.to_owned(),
                nearest: Key::nearest(key),
            })?;
            (known, values)
        };
        let values = Values::parse(key, values).map_err(|value| FilterError::Value {
            word: word.to_owned(),
            value: value.to_owned(),
            key: key.word(),
            form: key.form(),
        })?;
        Ok(Self {
            word: word.to_owned(),
            negated,
            key,
            values,
        })
    }

    /// As it was typed.
    #[must_use]
    pub fn word(&self) -> &str {
        &self.word
    }

    /// What it speaks of.
    #[must_use]
    pub const fn key(&self) -> Key {
        self.key
    }

    /// The ports outside of which nothing fits, where it bounds them.
    pub(super) fn ports(&self) -> Option<&[PortRange]> {
        match &self.values {
            Values::Ports(ranges) if !self.negated => Some(ranges),
            _ => None,
        }
    }

    /// Whether only the own network namespace fits.
    pub(super) fn is_own_namespace(&self) -> bool {
        let own = |pattern: &Pattern| pattern.text() == OWN;
        self.key == Key::Namespace && !self.negated && !self.values.any(|pattern| !own(pattern))
    }

    /// Whether only other network namespaces fit.
    pub(super) fn is_other_namespaces(&self) -> bool {
        let own = self.values.any(|pattern| pattern.text() == OWN);
        self.key == Key::Namespace && own == self.negated
    }

    /// What it makes of a listener.
    #[must_use]
    pub fn decide(&self, listener: &Listener) -> Decision {
        let decision = self.values.decide(self.key, listener);
        if self.negated {
            decision.negated()
        } else {
            decision
        }
    }

    /// What it makes of a port that is published without a socket: no process holds it.
    #[must_use]
    pub fn decide_publication(&self, publication: &Publication) -> Decision {
        let Publication {
            transport,
            address,
            port,
            to,
        } = publication;
        let values = &self.values;
        let fits = match self.key {
            Key::Port => values.port(*port),
            Key::Transport => values.transport(*transport),
            Key::Address => values.address(*address),
            Key::Scope => values.scope(Scope::of(*address)),
            Key::Namespace => values.any(|pattern| pattern.text() == OWN),
            Key::Container => values.any(|pattern| is_container(pattern, &to.container)),
            Key::Group => values.yes_or_no(false),
            Key::Interface
            | Key::Program
            | Key::Exe
            | Key::Pid
            | Key::User
            | Key::Unit
            | Key::Pod
            | Key::Package
            | Key::Gap => false,
        };
        Decision::of(fits != self.negated)
    }
}

/// The value of `namespace:` for the observer's own.
const OWN: &str = "own";

impl Values {
    /// Reads values with commas between; the one that does not suit is the error.
    fn parse(key: Key, text: &str) -> Result<Self, &str> {
        fn all<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, &str> {
            let values = text.split(',').map(|value| match value {
                "" => Err(text),
                value => read(value).ok_or(value),
            });
            values.collect()
        }
        let yes = |value: &str| match value {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let reason = |value: &str| match value {
            "any" => Some(None),
            value => key::why(value).map(Some),
        };
        Ok(match key {
            Key::Port => Self::Ports(all(text, |value| value.parse().ok())?),
            Key::Transport => Self::Transports(all(text, |value| value.parse().ok())?),
            Key::Address => Self::Networks(all(text, |value| value.parse().ok())?),
            Key::Scope => Self::Scopes(all(text, key::scope)?),
            Key::Group => Self::YesOrNo(all(text, yes)?),
            Key::Pid => Self::Numbers(all(text, |value| value.parse().ok())?),
            Key::Gap => Self::Reasons(all(text, reason)?),
            Key::Interface
            | Key::Namespace
            | Key::Program
            | Key::Exe
            | Key::User
            | Key::Unit
            | Key::Container
            | Key::Pod
            | Key::Package => Self::Patterns(all(text, |value| Some(Pattern::new(value)))?),
        })
    }

    fn decide(&self, key: Key, listener: &Listener) -> Decision {
        match key {
            Key::Port => Decision::of(self.port(listener.port)),
            Key::Transport => Decision::of(self.transport(listener.transport)),
            Key::Address => Decision::of(self.address(listener.address)),
            Key::Scope => Decision::of(self.scope(listener.scope())),
            Key::Group => Decision::of(self.yes_or_no(listener.group.is_some())),
            Key::Interface => Decision::of(self.any(|pattern| {
                let bound = listener.interface.as_deref();
                bound.is_some_and(|name| pattern.fits(name))
            })),
            Key::Namespace => Decision::of(self.any(|pattern| match &listener.namespace {
                None => pattern.text() == OWN,
                Some(namespace) => {
                    let name = namespace.name.as_deref();
                    pattern.text() != OWN && name.is_some_and(|name| pattern.fits(name))
                        || pattern.fits(&namespace.inode.to_string())
                        || pattern.fits(&format!("net:[{}]", namespace.inode))
                }
            })),
            Key::Gap => Decision::of(match (self, &listener.owner_gap) {
                (Self::Reasons(reasons), Some(gap)) => reasons
                    .iter()
                    .any(|why| why.is_none_or(|why| why == gap.why)),
                _ => false,
            }),
            Key::Program => self.owners(listener, |pattern, owner| {
                Some(pattern.fits_in_any_case(&owner.program))
            }),
            Key::Exe => self.owners(listener, |pattern, owner| {
                Some(pattern.fits(owner.exe.as_deref()?))
            }),
            Key::Pid => match self {
                Self::Numbers(pids) => any_owner(listener, |owner| Some(pids.contains(&owner.pid))),
                _ => Decision::Differs,
            },
            Key::User => self.owners(listener, |pattern, owner| {
                let uid = owner.uid?.to_string();
                let name = owner.user.as_deref();
                Some(pattern.text() == uid || name.is_some_and(|name| pattern.fits(name)))
            }),
            Key::Unit => {
                if let Some(unit) = &listener.socket_unit
                    && self.any(|pattern| is_unit(pattern, unit))
                {
                    return Decision::Fits;
                }
                self.owners(listener, |pattern, owner| {
                    Some(
                        owner
                            .unit
                            .as_ref()
                            .is_some_and(|unit| is_unit(pattern, unit)),
                    )
                })
            }
            Key::Container => match &listener.published {
                // Who holds it is the engine's proxy: the container is known.
                Some(to) => Decision::of(self.any(|p| is_container(p, &to.container))),
                None => self.owners(listener, |pattern, owner| {
                    let container = owner.container.as_ref();
                    Some(container.is_some_and(|container| is_container(pattern, container)))
                }),
            },
            Key::Pod => self.owners(listener, |pattern, owner| {
                Some(owner.pod.as_ref().is_some_and(|pod| {
                    let name = pod.name.as_deref();
                    let last = name.and_then(|name| name.rsplit('/').next());
                    pod.uid.starts_with(pattern.text())
                        || pattern.fits(&pod.uid)
                        || [name, last]
                            .into_iter()
                            .flatten()
                            .any(|name| pattern.fits(name))
                }))
            }),
            Key::Package => self.owners(listener, |pattern, owner| {
                owner.exe.as_ref()?;
                let package = owner.package.as_ref();
                Some(package.is_some_and(|package| pattern.fits(&package.name)))
            }),
        }
    }

    fn owners(
        &self,
        listener: &Listener,
        fits: impl Fn(&Pattern, &Owner) -> Option<bool>,
    ) -> Decision {
        let Self::Patterns(patterns) = self else {
            return Decision::Differs;
        };
        any_owner(listener, |owner| {
            let mut seen = Some(false);
            for pattern in patterns {
                match fits(pattern, owner) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => seen = None,
                }
            }
            seen
        })
    }

    fn any(&self, fits: impl Fn(&Pattern) -> bool) -> bool {
        matches!(self, Self::Patterns(patterns) if patterns.iter().any(fits))
    }

    fn port(&self, port: u16) -> bool {
        matches!(self, Self::Ports(ranges) if ranges.iter().any(|r| r.contains(port)))
    }

    fn transport(&self, transport: Transport) -> bool {
        matches!(self, Self::Transports(all) if all.contains(&transport))
    }

    fn address(&self, address: std::net::IpAddr) -> bool {
        matches!(self, Self::Networks(all) if all.iter().any(|n| n.contains(address)))
    }

    fn scope(&self, scope: Scope) -> bool {
        matches!(self, Self::Scopes(all) if all.contains(&scope))
    }

    fn yes_or_no(&self, is: bool) -> bool {
        matches!(self, Self::YesOrNo(all) if all.contains(&is))
    }
}

/// Fits where one owner does; undecided where none does and one, or all of them, are hidden.
fn any_owner(listener: &Listener, fits: impl Fn(&Owner) -> Option<bool>) -> Decision {
    let mut decision = if listener.owners.is_empty() {
        Decision::Undecided
    } else {
        Decision::Differs
    };
    for owner in &listener.owners {
        match fits(owner) {
            Some(true) => return Decision::Fits,
            Some(false) => {}
            None => decision = Decision::Undecided,
        }
    }
    decision
}

/// With the suffix or without it.
fn is_unit(pattern: &Pattern, unit: &Unit) -> bool {
    let bare = unit.0.rsplit_once('.').map(|(bare, _)| bare);
    pattern.fits(&unit.0) || bare.is_some_and(|bare| pattern.fits(bare))
}

/// Fewer digits of an id could as well be a name.
const FEWEST_DIGITS: usize = 4;

/// By name, by image with or without its tag, or by the start of the id.
fn is_container(pattern: &Pattern, container: &Container) -> bool {
    let text = pattern.text();
    let digits = text.len() >= FEWEST_DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    let image = container.image.as_deref();
    let folder = image.and_then(|image| image.rfind('/')).unwrap_or(0);
    let untagged = image.and_then(|image| {
        let tag = image[folder..].find([':', '@'])?;
        image.get(..folder + tag)
    });
    let names = [container.name.as_deref(), image, untagged];
    digits && container.id.starts_with(text)
        || pattern.fits(&container.id)
        || names.into_iter().flatten().any(|name| pattern.fits(name))
}
