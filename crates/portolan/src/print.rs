//! What a person sees: one file per answer, and the stream, colours and columns they share.

pub(crate) mod annotate;
pub(crate) mod change;
pub(crate) mod check;
mod columns;
pub(crate) mod diff;
pub(crate) mod free;
pub(crate) mod history;
mod holder;
pub(crate) mod identify;
mod judged;
pub(crate) mod lint;
pub(crate) mod listen;
pub(crate) mod lookup;
pub(crate) mod map;
mod moment;
mod neighbours;
mod output;
mod progress;
pub(crate) mod registered;
pub(crate) mod registry;
pub(crate) mod search;
mod session;
pub(crate) mod site;
pub(crate) mod suggest;
pub(crate) mod survey;
pub(crate) mod sweep;
pub(crate) mod update;

pub(crate) use columns::{Cell, Columns, Grid, folded};
pub(crate) use output::{Output, Tone};
pub(crate) use portolan_registry::{neutral, one_line};
pub(crate) use progress::Progress;
pub(crate) use registry::grouped;
