//! Service codes (RFC 5595), as the procedures ask for them.

use super::Sheet;
use crate::site::procedure::required;

pub(in super::super) fn wrong(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each(|record| {
        required::check_code(&record.fields)
            .err()
            .map(|refusal| refusal.because)
    })
}
