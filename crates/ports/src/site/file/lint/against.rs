//! Records against each other, as the procedures hold a claim against what is there.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::Sheet;
use crate::site::procedure::collision::Claim;
use crate::site::{Fields, Record};

/// What the records of a file say of each other, each of the later ones of those before it.
pub(in super::super) struct Met {
    numbers: Vec<(usize, String)>,
    names: Vec<(usize, String)>,
    perhaps: Vec<(usize, String)>,
}

/// The most records of one number or name that are held against each other.
const MOST_RIVALS: usize = 64;

impl Met {
    pub(super) fn new(records: &[Record], today: Date) -> Self {
        let mut met = Self {
            numbers: Vec::new(),
            names: Vec::new(),
            perhaps: Vec::new(),
        };
        let mut by_port: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        // Runs of ports are few, and looked at one by one.
        let mut runs: Vec<usize> = Vec::new();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, record) in records.iter().enumerate() {
            if !record.status.holds() {
                continue;
            }
            let Fields {
                ports,
                service_name,
                ..
            } = &record.fields;
            let mut others: Vec<usize> = Vec::new();
            if let Some(ports) = ports {
                let range = by_port.range(ports.first()..=ports.last());
                others.extend(
                    range
                        .flat_map(|(_, places)| places.iter().take(MOST_RIVALS))
                        .take(MOST_RIVALS),
                );
                others.extend(&runs);
                match ports.is_single() {
                    true => by_port.entry(ports.first()).or_default().push(place),
                    false if runs.len() < MOST_RIVALS => runs.push(place),
                    false => {}
                }
            }
            if !service_name.is_empty() {
                let named = by_name
                    .entry(service_name.to_ascii_lowercase())
                    .or_default();
                others.extend(named.iter().take(MOST_RIVALS));
                named.push(place);
            }
            others.sort_unstable();
            others.dedup();
            for other in others.into_iter().filter_map(|other| records.get(other)) {
                met.hold(place, record, other, today);
            }
        }
        met
    }

    /// Holds one record against one before it.
    fn hold(&mut self, place: usize, record: &Record, other: &Record, today: Date) {
        let claim = Claim {
            fields: &record.fields,
            id: record.id,
            status: record.status,
            reuses: record.reuses,
            today,
        };
        let other = std::slice::from_ref(other);
        match claim.against(other) {
            Err(refusal) => {
                let list = match other.iter().any(|o| record.fields.shares_number(&o.fields)) {
                    true => &mut self.numbers,
                    false => &mut self.names,
                };
                list.push((place, refusal.because));
            }
            Ok(remarks) => {
                let told = remarks.into_iter().map(|remark| (place, remark));
                self.perhaps.extend(told);
            }
        }
    }
}

pub(in super::super) fn number(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.met.numbers.clone()
}

pub(in super::super) fn name(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.met.names.clone()
}

pub(in super::super) fn perhaps(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.met.perhaps.clone()
}
