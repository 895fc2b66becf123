//! Registration and modification dates.

use super::sheet::{Fault, Sheet, quoted};
use crate::Column;

/// Whether it is `YYYY-MM` or `YYYY-MM-DD`, the two forms in use, and a day of the calendar.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits =
        |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day) = match parts[..] {
        [year, month] => (year, month, "01"),
        [year, month, day] => (year, month, day),
        _ => return false,
    };
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(year), number(month), number(day));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=most).contains(&day)
}

pub(super) fn malformed(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        [Column::RegistrationDate, Column::ModificationDate]
            .map(|column| row.cell(column))
            .into_iter()
            .find(|date| !date.is_empty() && !is_date(date))
            .map(|date| format!("{} is neither YYYY-MM-DD nor YYYY-MM", quoted(date)))
    })
}

/// Compared as far as both tell: a month has no day to be before or after.
pub(super) fn backwards(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let registered = row.cell(Column::RegistrationDate);
        let modified = row.cell(Column::ModificationDate);
        let known = is_date(registered) && is_date(modified);
        let told = registered.len().min(modified.len());
        (known && modified[..told] < registered[..told])
            .then(|| format!("modified {modified}, before it was registered {registered}"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn days_of_the_calendar() {
        for good in ["2002-04", "2024-02-29", "2000-02-29", "1992-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "2024",
            "2024-13",
            "2024-00",
            "2023-02-29",
            "1900-02-29",
            "2024-4-1",
            "2024-04-31",
            "24-04-01",
            "2024-04-01-01",
            "2024/04/01",
            "２０２４-04",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
