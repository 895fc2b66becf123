//! The site registry read from its database, for want of an index that fits.

use std::path::Path;
use std::time::Duration;

use portolan_ports::site::Record;
use portolan_ports::{Gap, Unseen, Why};
use portolan_store::{Error, Index, Store};
use tokio::runtime::Builder;

/// How long another process's lock is waited for: only the end of a step has one, which takes a few
/// milliseconds; after a long import it may take longer than anybody waits for an answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// Every record of a folder's database, by number; `None` where there is none. The index is written
/// anew, where this user may.
///
/// The thread that works for the database has ended when this returns.
pub(super) fn read(folder: &Path) -> Result<Option<Vec<Record>>, Gap> {
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| failed(&format!("no runtime starts: {error}")))?;
    let before = Index::state(folder);
    let read = runtime
        .block_on(all(folder))
        .map_err(|error| unreadable(&error))?;
    Ok(read.map(|(generation, records)| {
        // Whoever may not write it asks the database the next time too.
        before
            .and_then(|before| Index::write_of(folder, &before, &records, generation))
            .unwrap_or_default();
        records
    }))
}

/// The generation is read first. An index is only used while the database still has it, and then no
/// step was taken between the two.
async fn all(folder: &Path) -> Result<Option<(u64, Vec<Record>)>, Error> {
    let Some(mut store) = Store::read(folder, PATIENCE).await? else {
        return Ok(None);
    };
    let mut site = store.site();
    let read = async { Ok((site.generation().await?, site.records().await?)) }.await;
    store.close().await;
    read.map(Some)
}

fn unreadable(error: &Error) -> Gap {
    match error {
        Error::Permission { .. } => Gap {
            why: Why::Permission,
            ..failed(&error.to_string())
        },
        _ => failed(&error.to_string()),
    }
}

fn failed(because: &str) -> Gap {
    Gap {
        what: Unseen::SiteRegistry,
        why: Why::Failed,
        detail: format!("cannot read the site registry: {because}"),
    }
}
