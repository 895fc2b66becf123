//! What makes one row a better answer than another that fits as well: signs of a service that
//! people really use, read off the registry itself. There is no list of famous services here.

use hashbrown::HashMap;

use super::words::{Field, Words};
use crate::{Assignment, Column, Port, RangeKind};

/// One sign, and what it adds. All are small beside how well a row fits.
///
/// | sign | why |
/// |---|---|
/// | a service name | a remark is no service |
/// | other rows speak of the name | `http`, `nfs` and `ssh` are in names and descriptions all over the registry, `shilp` is in none |
/// | a reference to an RFC; the IESG as assignee | a protocol with a public specification |
/// | the System range | given only by IETF Review or IESG Approval (RFC 6335 §8.1.2) |
/// | a port, and the same name on several transports | most traffic goes to ports |
/// | an alias or a duplicate, by IANA's own note | loses: the other row is the one to use |
pub(super) fn merits(rows: &[Assignment<'_>], words: &Words) -> Vec<u32> {
    let mut transports: HashMap<(Port, &str), u32> = HashMap::new();
    for row in rows {
        if let (Some(ports), true) = (row.ports, row.is_named()) {
            *transports
                .entry((ports.first(), row.service_name()))
                .or_default() += 1;
        }
    }
    let mut spoken_of: HashMap<&str, u32> = HashMap::new();
    rows.iter()
        .map(|row| {
            let name = row.service_name();
            if name.is_empty() {
                return 0;
            }
            let mentions = *spoken_of
                .entry(name)
                .or_insert_with(|| mentions(words, name));
            let ports = row.ports.map_or(0, |ports| {
                let on = transports.get(&(ports.first(), name)).copied();
                let system = RangeKind::of(ports.first()) == RangeKind::System;
                4 + on.unwrap_or(1).min(3) * 2 + u32::from(system) * 4
            });
            let earned = 20 + (mentions + 1).min(32).ilog2() * 4 + ports + documented(row);
            earned - if is_secondary(row) { 20 } else { 0 }
        })
        .collect()
}

/// How many rows of other names hold this one as a part of their name or in their text.
fn mentions(words: &Words, name: &str) -> u32 {
    let folded: String = crate::name::folded(name).collect();
    // Its own rows hold it as their name, which is the better field.
    let others = words
        .holding(&folded)
        .iter()
        .filter(|(_, field)| matches!(field, Field::Part | Field::Text));
    others.count() as u32
}

fn documented(row: &Assignment<'_>) -> u32 {
    let rfc = row.cell(Column::Reference).contains("[RFC");
    let iesg = row.cell(Column::Assignee) == "[IESG]";
    u32::from(rfc) * 8 + u32::from(iesg) * 4
}

/// Whether IANA's note sends whoever reads it to another row.
fn is_secondary(row: &Assignment<'_>) -> bool {
    row.alias_of().is_some() || row.notes().contains("is a duplicate of")
}
