//! Remembers: one [`Store`], whichever database is behind it. It decides nothing: what a step makes
//! of the records is handed in as a function, and what that says is kept whole or not at all.
//!
//! In reading order: [`Store`], [`Site`] (the site registry), [`audit`] (its trail), [`Index`] (the
//! file from which look-ups read, without opening a database).

pub mod audit;
mod error;
mod regular;
mod site;
mod site_index;
mod store;

pub use error::Error;
pub use site::{About, Entry, Found, Site};
pub use site_index::{Change, Index, IndexError, State};
pub use store::Store;
