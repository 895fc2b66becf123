//! What every form of a record has: how its service is known, and a revocation whose notice runs.

use portolan_ports::site::{Revocation, Serves};
use serde::Serialize;

use super::said;

/// How the service is known on a host.
#[derive(Debug, Serialize)]
pub(in crate::document) struct ServesDocument<'a> {
    program: Option<&'a str>,
    user: Option<&'a str>,
    unit: Option<&'a str>,
    container: Option<&'a str>,
    protocol: Option<&'a str>,
    product: Option<&'a str>,
}

impl<'a> ServesDocument<'a> {
    pub(in crate::document) fn new(serves: &'a Serves) -> Self {
        Self {
            program: serves.program.as_deref(),
            user: serves.user.as_deref(),
            unit: serves.unit.as_deref(),
            container: serves.container.as_deref(),
            protocol: serves.protocol.as_deref(),
            product: serves.product.as_deref(),
        }
    }
}

/// A revocation whose notice runs. Days are `YYYY-MM-DD`.
#[derive(Debug, Serialize)]
pub(in crate::document) struct RevocationDocument<'a> {
    announced: String,
    effective: String,
    because: Option<&'a str>,
}

impl<'a> RevocationDocument<'a> {
    pub(in crate::document) fn new(revocation: &'a Revocation) -> Self {
        Self {
            announced: revocation.announced.to_string(),
            effective: revocation.effective.to_string(),
            because: said(&revocation.because),
        }
    }
}
