//! What a misspelt service name may have meant.

use std::borrow::Cow;

use portolan_registry::search;

use super::site;
use crate::Sources;

/// How many names near a misspelt one are told.
const MOST_NEAREST: usize = 3;

/// The names of both registries that are nearest to one that neither has; among equally near ones
/// the site's come first.
pub(super) fn nearest<'a>(sources: &Sources<'a>, name: &str) -> Vec<Cow<'a, str>> {
    let of_iana = search::nearest(sources.registry, name, MOST_NEAREST);
    let of_iana = of_iana.into_iter().map(Cow::Borrowed);
    let Some(registry) = sources.site else {
        return of_iana.collect();
    };
    let folded = |name: &str| -> String {
        let letters = name.chars().filter(|c| *c != '-');
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = folded(name);
    let allowed = search::most_slips(&wanted);
    // What would be told of: not the name of a request that came to nothing.
    let told = |own: &String| !site::named(sources, own, None).is_empty();
    let slips = |own: &str| strsim::osa_distance(&wanted, &folded(own));
    let of_site = registry
        .beside(name)
        .into_iter()
        .filter(|own| slips(own) <= allowed && told(own))
        .map(Cow::Owned);
    let mut near: Vec<(usize, Cow<'a, str>)> = of_site
        .chain(of_iana)
        .map(|own| (slips(&own), own))
        .collect();
    near.sort_by_key(|(slips, _)| *slips);
    let mut told: Vec<Cow<'a, str>> = Vec::new();
    for (_, own) in near {
        if told.len() < MOST_NEAREST && !told.iter().any(|t| folded(t) == folded(&own)) {
            told.push(own);
        }
    }
    told
}
