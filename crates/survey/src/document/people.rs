//! Those to whom rows refer, as JSON.

use std::collections::BTreeMap;

use portolan_registry::{Column, Person, Registry, person_ids};
use serde::Serialize;

use crate::lookup::Answer;

/// Someone to whom an assignee or a contact refers by `[id]`. What the registry does not tell is
/// `null`, and so is the mail address where it was not asked for.
#[derive(Debug, Serialize)]
pub struct PersonDocument<'a> {
    id: &'a str,
    name: Option<&'a str>,
    organisation: Option<&'a str>,
    mail: Option<String>,
    updated: Option<&'a str>,
}

impl<'a> PersonDocument<'a> {
    /// The person, with the mail address where that is wanted.
    #[must_use]
    pub fn new(person: &Person<'a>, mail: bool) -> Self {
        let told = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Self {
            id: person.id,
            name: told(person.name),
            organisation: told(person.organisation),
            mail: person.mail().filter(|_| mail),
            updated: told(person.updated),
        }
    }
}

/// Each of the registry's people to whom a row of the answers refers, once, by id.
pub(super) fn referenced<'a>(
    answers: &[Answer<'a>],
    registry: &'a Registry,
    mail: bool,
) -> Vec<PersonDocument<'a>> {
    // Only IANA's XML form knows people, and 65,536 ports have many rows to look through.
    if registry.people().len() == 0 {
        return Vec::new();
    }
    let of_ports = answers.iter().flat_map(|answer| &answer.ports);
    let standings = of_ports.flat_map(|port| &port.standings);
    let rows = standings.flat_map(|(_, standing)| &standing.assignments);
    let portless = answers.iter().flat_map(|answer| &answer.portless);
    let mut people = BTreeMap::new();
    for row in rows.chain(portless) {
        for cell in [row.cell(Column::Assignee), row.cell(Column::Contact)] {
            for id in person_ids(cell).filter(|id| !id.is_empty()) {
                people.entry(id).or_insert_with(|| registry.person(id));
            }
        }
    }
    let known = people.into_values().flatten();
    known
        .map(|person| PersonDocument::new(&person, mail))
        .collect()
}
