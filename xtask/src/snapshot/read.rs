//! Reads the two sources into what the comparison needs.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use portolan_registry::PortRange;

use super::change::{Claim, Pair, Row};

/// The base's rows and the newest date any of them carries.
pub(crate) struct Base {
    pub(crate) rows: Vec<Row>,
    pub(crate) newest: String,
}

const COLUMNS: [&str; 12] = [
    "Service Name",
    "Port Number",
    "Transport Protocol",
    "Description",
    "Assignee",
    "Contact",
    "Registration Date",
    "Modification Date",
    "Reference",
    "Service Code",
    "Unauthorized Use Reported",
    "Assignment Notes",
];

/// Reads IANA's CSV; a row it cannot understand fails with its line.
pub(crate) fn base(bytes: &[u8]) -> Result<Base> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().context("cannot read the base's header")?;
    ensure!(
        header.iter().eq(COLUMNS),
        "the base's columns are not IANA's twelve: {header:?}"
    );

    let mut rows = Vec::new();
    let mut newest = String::new();
    for record in reader.records() {
        let record = record.context("cannot read a row of the base")?;
        let line = record
            .position()
            .map_or(0, |start| line_of(bytes, start.byte()));
        let cell = |column: usize| record.get(column).unwrap_or_default();
        rows.push(Row {
            ports: optional(cell(1)).with_context(|| format!("base, line {line}, port"))?,
            transport: optional(cell(2))
                .with_context(|| format!("base, line {line}, transport"))?,
            claim: Claim {
                name: cell(0).into(),
                description: cell(3).into(),
            },
        });
        for date in [cell(6), cell(7)] {
            if date > newest.as_str() {
                newest = date.into();
            }
        }
    }
    Ok(Base { rows, newest })
}

/// The line that a record starts on. The reader's own count lags where CRLF ends the rows: it takes a record
/// to start at the LF of the row before.
fn line_of(bytes: &[u8], start: u64) -> usize {
    let start = usize::try_from(start)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    let ends = bytes[..start].iter().filter(|byte| **byte == b'\n').count();
    ends + 1 + usize::from(bytes.get(start) == Some(&b'\n'))
}

/// Reads `{"80/tcp": ["http", "World Wide Web HTTP"], ...}`.
pub(crate) fn newer(bytes: &[u8]) -> Result<BTreeMap<Pair, Claim>> {
    let entries: BTreeMap<String, (String, String)> =
        serde_json::from_slice(bytes).context("the newer source is not pairs of two texts")?;
    entries
        .into_iter()
        .map(|(key, (name, description))| {
            let pair = pair(&key).with_context(|| format!("newer source, key {key:?}"))?;
            Ok((pair, Claim { name, description }))
        })
        .collect()
}

fn pair(key: &str) -> Result<Pair> {
    let Some((port, transport)) = key.split_once('/') else {
        bail!("no slash between port and transport");
    };
    let ports: PortRange = port.parse()?;
    ensure!(ports.is_single(), "a range, where single ports are known");
    Ok((ports.first(), transport.parse()?))
}

fn optional<T: std::str::FromStr>(cell: &str) -> Result<Option<T>, T::Err> {
    if cell.is_empty() {
        Ok(None)
    } else {
        cell.parse().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,\
        Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n";

    #[test]
    fn the_newest_of_both_dates_is_kept() {
        let text = format!(
            "{HEADER}a,1,tcp,A,,,2001-02,,,,,\r\nb,2,udp,\"two\nlines\",,,2001-01-01,2024-06-12,,,,\r\n"
        );
        let base = base(text.as_bytes()).unwrap();
        assert_eq!(base.newest, "2024-06-12");
        assert_eq!(base.rows.len(), 2);
    }

    #[test]
    fn a_bad_row_names_its_line() {
        let text = format!("{HEADER}a,1,tcp,A,,,,,,,,\r\nb,70000,tcp,B,,,,,,,,\r\n");
        let error = format!("{:#}", base(text.as_bytes()).err().unwrap());
        assert_eq!(error, "base, line 3, port: beyond 65535, the highest port");
    }

    #[test]
    fn a_renamed_column_is_refused() {
        let text = HEADER.replace("Unauthorized Use Reported", "Known Unauthorized Uses");
        assert!(base(text.as_bytes()).is_err());
    }

    #[test]
    fn a_key_must_be_one_port_and_one_transport() {
        assert!(newer(br#"{"80/tcp": ["http", "Web"]}"#).is_ok());
        for bad in [
            r#"{"80": ["a", "b"]}"#,
            r#"{"1-2/tcp": ["a", "b"]}"#,
            r#"{"80/tcp": ["a"]}"#,
        ] {
            assert!(newer(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
