//! DCCP Service Codes: RFC 6335 §8.1.1, with the form of RFC 4340 §8.1.2.

use super::sheet::{Fault, Sheet, quoted};
use crate::{Assignment, Column, Transport};

const PRIVATE: std::ops::RangeInclusive<u32> = 0x3F00_0000..=0x3FFF_FFFF;

fn text<'a>(row: &Assignment<'a>) -> Option<&'a str> {
    Some(row.cell(Column::ServiceCode)).filter(|code| !code.is_empty())
}

/// The code as a number: decimal as IANA writes it, or one of RFC 4340's three notations.
fn value(text: &str) -> Option<u32> {
    if let Some(hex) = text
        .strip_prefix("SC=x")
        .or_else(|| text.strip_prefix("SC=X"))
    {
        return u32::from_str_radix(hex, 16).ok();
    }
    if let Some(ascii) = text.strip_prefix("SC:") {
        let mut bytes = [b' '; 4];
        bytes
            .get_mut(..ascii.len())?
            .copy_from_slice(ascii.as_bytes());
        return (!ascii.is_empty()).then(|| u32::from_be_bytes(bytes));
    }
    let digits = text.strip_prefix("SC=").unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

fn of_dccp<'a>(row: &Assignment<'a>) -> Option<&'a str> {
    text(row).filter(|_| row.transport == Some(Transport::Dccp))
}

pub(super) fn missing(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_told(|row| {
        let missing = row.transport == Some(Transport::Dccp) && text(row).is_none();
        missing.then(|| "DCCP without a Service Code".to_owned())
    })
}

pub(super) fn misplaced(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let code = text(row).filter(|_| row.transport != Some(Transport::Dccp))?;
        Some(format!("Service Code {} outside of DCCP", quoted(code)))
    })
}

pub(super) fn malformed(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let code = of_dccp(row)?;
        let bad = value(code).is_none();
        bad.then(|| format!("{} is no 32-bit Service Code", quoted(code)))
    })
}

pub(super) fn reserved(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let code = value(of_dccp(row)?)?;
        (code == 0 || code == u32::MAX).then(|| format!("Service Code {code} is reserved"))
    })
}

pub(super) fn private(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let code = value(of_dccp(row)?)?;
        let private = PRIVATE.contains(&code);
        private.then(|| format!("Service Code {code} is in 0x3F000000-0x3FFFFFFF"))
    })
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn four_notations_of_one_code() {
        for text in ["1145656131", "SC=1145656131", "SC=x44495343", "SC:DISC"] {
            assert_eq!(value(text), Some(1_145_656_131), "{text}");
        }
        for text in ["", "+1", "4294967296", "DISC", "SC:", "SC:DISCO", "SC=x"] {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
