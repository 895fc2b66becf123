//! Real servers for tests and benches: how each is started, started so, and ended with all it began.
//!
//! Nothing of this is shipped. The rows in `data/` say how a server is started and what is true of
//! it; [`rows`] reads them, [`Server::start`] starts one on ports that the system gave, and its drop
//! ends it. Nothing is installed here: where a program is absent the error names what brings it.

mod certificate;
mod error;
mod group;
mod home;
mod listening;
mod package;
mod place;
mod program;
mod row;
mod server;
mod table;
mod template;

pub use error::Error;
pub use package::{aside, aside_versions, upstream, version};
pub use place::{Held, hold};
pub use program::find;
pub use row::{File, Port, Row, Transport};
pub use server::{Placed, Server, end_all, start_all};
pub use table::{read, rows, rows_of};
