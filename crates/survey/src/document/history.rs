//! How a port's rows changed, as JSON.

use portolan_registry::Port;
use portolan_registry::history::Moment;
use serde::Serialize;

use super::ChangeDocument;

/// `portolan registry history --json`.
#[derive(Debug, Serialize)]
pub struct HistoryDocument<'a> {
    schema: &'static str,
    port: Port,
    registries: &'a [&'a str],
    moments: Vec<MomentBody<'a>>,
}

#[derive(Debug, Serialize)]
struct MomentBody<'a> {
    since: &'a str,
    until: &'a str,
    changes: Vec<ChangeDocument<'a>>,
}

impl<'a> HistoryDocument<'a> {
    /// `dates` are those of all registries that were looked at, oldest first.
    #[must_use]
    pub fn new(port: Port, dates: &'a [&'a str], moments: &[Moment<'a>]) -> Self {
        let moment = |moment: &Moment<'a>| MomentBody {
            since: moment.since,
            until: moment.until,
            changes: moment.changes.iter().map(ChangeDocument::new).collect(),
        };
        Self {
            schema: "portolan.registry_history/1",
            port,
            registries: dates,
            moments: moments.iter().map(moment).collect(),
        }
    }
}
