//! From a name to its records, and to the names around it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::Error;
use std::ops::Bound::{Excluded, Included, Unbounded};

use portolan_ports::site::Record;

use super::form::{Bearer, Name, fold, key};
use super::patch::Head;
use super::{Index, NEAR, damaged};

impl Index {
    /// The records with this folded name, by number.
    pub(super) fn bearers(&self, folded: &str) -> Result<Vec<Record>, Error> {
        if folded.is_empty() {
            return Ok(Vec::new());
        }
        let mut records = self.own_bearers(folded)?;
        for head in self.patch.heads() {
            if head.now.is_named() && head.now.key == key(folded) {
                records.push(self.patch.record(head)?);
            }
        }
        records.retain(|record| fold(&record.fields.service_name) == folded);
        records.sort_by_key(|record| record.id);
        Ok(records)
    }

    /// Those of them that the patch does not replace.
    fn own_bearers(&self, folded: &str) -> Result<Vec<Record>, Error> {
        let place = self.place(folded)?;
        if place >= self.header.names.get() {
            return Ok(Vec::new());
        }
        let row = self.name(place)?;
        if self.compare(&row, folded)? != Ordering::Equal {
            return Ok(Vec::new());
        }
        let first = row.first_bearer.get();
        let end = first.checked_add(u64::from(row.bearers.get()));
        if end.is_none_or(|end| end > self.header.bearers.get()) {
            return Err(damaged("a name is borne by records that are not there"));
        }
        let at = self.sections.bearers + first * size_of::<Bearer>() as u64;
        let bearers: Vec<Bearer> = self.bytes.rows(at, row.bearers.get() as usize)?;
        let own = bearers
            .iter()
            .filter(|bearer| !self.patch.replaces(bearer.at.get()));
        own.map(|bearer| self.record(bearer.at.get(), bearer.length.get()))
            .collect()
    }

    /// The names around where this folded one would stand, nearest first below, then above.
    pub(super) fn around(&self, folded: &str) -> Result<Vec<String>, Error> {
        let place = self.place(folded)?;
        let mut found = BTreeMap::new();
        let lowest = self.walk((0..place).rev(), &mut found)?;
        let highest = self.walk(place..self.header.names.get(), &mut found)?;
        for head in self.patch.heads().iter().filter(|head| {
            head.now.is_named()
                && lowest.is_none_or(|lowest| lowest <= head.now.key)
                && highest.is_none_or(|highest| head.now.key <= highest)
        }) {
            self.patched_name(head, &mut found)?;
        }
        let below = found.range::<str, _>((Unbounded, Excluded(folded))).rev();
        let above = found.range::<str, _>((Included(folded), Unbounded));
        let near = below.take(NEAR).chain(above.take(NEAR));
        Ok(near.map(|(_, written)| written.clone()).collect())
    }

    /// The first names at these places that somebody still bears, with how they are written. Where
    /// there were as many as are wanted, the key of the last: no farther one is near.
    fn walk(
        &self,
        places: impl Iterator<Item = u64>,
        found: &mut BTreeMap<String, String>,
    ) -> Result<Option<[u8; 16]>, Error> {
        let mut near = 0;
        for place in places {
            let row = self.name(place)?;
            let mut written = Some(self.spelled(&row)?);
            let folded = fold(written.as_deref().unwrap_or_default());
            if self.patch.touches(row.key) {
                written = self.written(&folded)?;
            }
            if let Some(written) = written {
                found.insert(folded, written);
                near += 1;
            }
            if near == NEAR {
                return Ok(Some(row.key));
            }
        }
        Ok(None)
    }

    /// Adds a name of the patch.
    fn patched_name(&self, head: &Head, found: &mut BTreeMap<String, String>) -> Result<(), Error> {
        let folded = fold(&self.patch.record(head)?.fields.service_name);
        if !found.contains_key(&folded)
            && let Some(written) = self.written(&folded)?
        {
            found.insert(folded, written);
        }
        Ok(())
    }

    /// How the first record with this name writes it.
    fn written(&self, folded: &str) -> Result<Option<String>, Error> {
        let bearers = self.bearers(folded)?;
        Ok(bearers.into_iter().next().map(|r| r.fields.service_name))
    }

    /// Where a name stands among the sorted ones, or would.
    fn place(&self, folded: &str) -> Result<u64, Error> {
        let (mut low, mut high) = (0, self.header.names.get());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.compare(&self.name(middle)?, folded)? {
                Ordering::Less => low = middle + 1,
                Ordering::Equal | Ordering::Greater => high = middle,
            }
        }
        Ok(low)
    }

    fn compare(&self, row: &Name, folded: &str) -> Result<Ordering, Error> {
        match row.key.cmp(&key(folded)) {
            // What is longer than a key, or has a zero in it, is told apart by the whole.
            Ordering::Equal => Ok(fold(&self.spelled(row)?).as_str().cmp(folded)),
            apart => Ok(apart),
        }
    }

    fn name(&self, place: u64) -> Result<Name, Error> {
        self.bytes
            .row(self.sections.names + place * size_of::<Name>() as u64)
    }

    fn spelled(&self, row: &Name) -> Result<String, Error> {
        let bytes = self.slice(
            (self.sections.spelled, self.header.spelled.get()),
            row.spelled_at.get(),
            u64::from(row.spelled_length.get()),
        )?;
        String::from_utf8(bytes).map_err(|_| damaged("a name is no text"))
    }
}
