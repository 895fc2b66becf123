//! The live view: what it knows (`state`), what keys mean (`key`), how it looks (`view`), and the
//! terminal that carries it (`screen`). State, keys and view are pure.

mod detail;
mod key;
pub(crate) mod screen;
mod state;
mod view;
