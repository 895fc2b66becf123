//! One file per command. Each reads its arguments, asks for the answer and prints it.

pub(crate) mod annotate;
pub(crate) mod check;
pub(crate) mod completions;
mod export;
#[cfg(unix)]
mod follow;
pub(crate) mod free;
#[cfg(unix)]
pub(crate) use follow::{Ready, Signals};
pub(crate) mod identify;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod map;
pub(crate) mod registry;
pub(crate) mod search;
pub(crate) mod show;
pub(crate) mod suggest;
pub(crate) mod survey;
pub(crate) mod sweep;
pub(crate) mod top;
