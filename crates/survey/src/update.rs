//! Bringing the registry up to date: fetch, read, compare, keep.
//!
//! In reading order: [`Source`] (what to fetch), `download` and `proxy` (over HTTP), `content`
//! (what arrived, unpacked and read), [`Changes`] (against the one in force, and whether it
//! shrank), `folder` (where it is kept, and in which order), [`Installed`] (how a look-up finds it
//! again), [`Refusal`] (why not).
//!
//! Nothing of the registry in force is touched before the new one lies whole on the disk. An end
//! at any moment, also by a signal, leaves one of the two answering.

mod changes;
mod content;
mod download;
mod folder;
mod installed;
mod proxy;
mod refusal;
mod source;

use std::path::Path;
use std::time::Duration;

use portolan_registry::Registry;
use portolan_registry::lint::{Severity, lint};

pub use changes::Changes;
pub use installed::{Ignored, Installed};
pub use proxy::Proxies;
pub use refusal::{Error, Refusal};
pub use source::{DEFAULT_URL, Source};

use content::Content;
use folder::{Folder, Record};

/// What bounds an update. [`Limits::default`] is what the program uses.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes that are fetched, and the most they may unpack to.
    pub bytes: u64,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long the server may stay silent.
    pub idle: Duration,
    /// How long all of it may take.
    pub total: Duration,
    /// How often the server may point elsewhere.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(600),
            redirects: 5,
        }
    }
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Where the registry comes from.
    pub source: Source,
    /// The folder of all state; the registry lies in `registry` below it.
    pub state: &'a Path,
    /// The day, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// Whether a registry that lost rows or names is taken too.
    pub allow_shrink: bool,
    /// Which proxies stand in between.
    pub proxies: Proxies,
    /// The bounds.
    pub limits: Limits,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The source has what is in force.
    NothingNew {
        /// How new that is.
        date: String,
    },
    /// The new registry is in force.
    Updated(Updated),
}

/// A registry that was taken.
#[derive(Clone, Debug)]
pub struct Updated {
    /// How new it is.
    pub date: String,
    /// How new the one before was.
    pub before: String,
    /// How many rows it has.
    pub rows: usize,
    /// What is different.
    pub changes: Changes,
    /// How many errors lint finds in it.
    pub errors: usize,
    /// How many it finds in the one before.
    pub errors_before: usize,
}

/// Fetches the registry, and puts it in force if it is whole and sound.
///
/// `on_bytes` is told how many bytes have come, and how many will where that is known.
///
/// # Errors
/// [`Error`] with the reason; the registry that was in force stays so.
pub fn update(
    request: &Request<'_>,
    embedded: &Registry,
    on_bytes: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Outcome, Error> {
    let installed = Installed::open(request.state, embedded).unwrap_or_default();
    let in_force = installed.as_ref().map_or(embedded, |i| &i.registry);
    attempt(request, installed.as_ref(), in_force, on_bytes).map_err(|refusal| Error {
        from: request.source.to_string(),
        date: in_force.date().to_owned(),
        refusal: Box::new(refusal),
    })
}

fn attempt(
    request: &Request<'_>,
    installed: Option<&Installed>,
    in_force: &Registry,
    on_bytes: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Outcome, Refusal> {
    let folder = Folder::lock(request.state)?;
    // What was remembered counts only if it speaks of the table that answers: a crash between two
    // writes may leave them apart.
    let record = folder
        .record()
        .filter(|record| installed.is_some_and(|i| i.sha256() == record.sha256))
        .filter(|record| record.source == request.source.to_string());
    let arrival = source::fetch(request, &folder, record.as_ref(), on_bytes)?;
    let unchanged = |record: Record, installed: &Installed| {
        folder.confirm(installed, request.today, record)?;
        let date = installed.registry.date().to_owned();
        Ok(Outcome::NothingNew { date })
    };
    let (arrival, content) = match arrival {
        None => match (record, installed) {
            (Some(record), Some(installed)) => return unchanged(record, installed),
            _ => return Err(Refusal::Unasked),
        },
        Some(arrival) => {
            let content = Content::read(folder.incoming(), request.limits.bytes)?;
            (arrival, content)
        }
    };
    let new = content.registry()?;
    let record = Record {
        source: request.source.to_string(),
        etag: arrival.etag,
        last_modified: arrival.last_modified,
        sha256: content.sha256.clone(),
        date: new.date().to_owned(),
        rows: new.len(),
        fetched: request.today.to_owned(),
        checked: request.today.to_owned(),
        snapshot: content.snapshot_name(&new, request.today),
    };
    if let Some(installed) = installed.filter(|i| i.sha256() == record.sha256) {
        return unchanged(record, installed);
    }
    if !request.allow_shrink {
        sound(in_force, &new)?;
    }
    let changes = Changes::between(in_force, &new);
    folder.keep(&new, &record)?;
    Ok(Outcome::Updated(Updated {
        date: record.date,
        before: in_force.date().to_owned(),
        rows: record.rows,
        changes,
        errors: errors(&new),
        errors_before: errors(in_force),
    }))
}

/// What a registry must be, beyond readable, to replace the one in force. The rules of RFC 6335
/// are none of these: IANA's own file breaks some, so what lint finds is told and refuses nothing.
fn sound(in_force: &Registry, new: &Registry) -> Result<(), Refusal> {
    changes::not_shrunk(in_force, new)
}

/// How often a registry breaks a rule that nobody may break.
fn errors(registry: &Registry) -> usize {
    lint(registry, &[]).count(Severity::Error)
}
