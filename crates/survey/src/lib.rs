//! Composes the answers: look, ask, judge. The one place where the edges meet.
//!
//! In reading order: [`Sources`] (what is supposed to be), [`query`] (what a person typed),
//! [`lookup`] and [`survey`](mod@survey) (what is there, and whether that is right), [`selection`]
//! (which listeners were asked for), [`restraint`] (whom we leave alone),
//! [`identify`](mod@identify), [`sweep`](mod@sweep) (which ports of a host are open), [`annotate`]
//! (what another tool says of hosts), [`search`](mod@search), [`update`](mod@update) (a newer registry),
//! [`free`](mod@free) (a port that is to be free again), [`suggest`](mod@suggest) (a quiet port),
//! [`site`] (the site registry, read) and [`assign`] (steps on it), [`changes`]: what a follower saw, as
//! changes; and [`document`]: the JSON documents, once, for every way of showing them;
//! [`export`]: the forms a registry is written in, [`import`]: a site registry read from them.

pub mod annotate;
pub mod assign;
pub mod changes;
pub mod check;
pub mod document;
pub mod export;
pub mod free;
pub mod identify;
pub mod import;
pub mod lookup;
pub mod query;
pub mod restraint;
pub mod search;
pub mod selection;
pub mod site;
mod sources;
pub mod suggest;
pub mod survey;
pub mod sweep;
pub mod update;

pub use sources::Sources;
