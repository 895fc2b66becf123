//! What a service name had better not be. Its syntax is the reader's.

use super::Sheet;
use crate::site::procedure::name;

pub(in super::super) fn advice(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each_wanted(|record| {
        let remarks = name::remarks(&record.fields, sheet.registry);
        (!remarks.is_empty()).then(|| remarks.join("; "))
    })
}
