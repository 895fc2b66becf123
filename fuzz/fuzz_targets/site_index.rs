//! Any bytes are an index of a site registry or none; what is wrong with one is said in one line, and
//! no question of one that is damaged panics or asks for memory that the file does not have.
//!
//! An input is a list of changes to a small index, whose header is mended after them; one that begins
//! with 0xff is an index as it stands.

#![no_main]

use std::sync::LazyLock;

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use portolan_ports::site::{Fields, Here, Record, Scope, Status};
use portolan_registry::PortRange;
use portolan_store::{Index, IndexError};

/// The header without its checksum, which stands behind it.
const SUMMED: usize = 120;

static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| Index::bytes(&records()).expect("records"));

fuzz_target!(|bytes: &[u8]| {
    let bytes = match bytes.split_first() {
        Some((0xff, bytes)) => bytes.to_vec(),
        _ => changed(bytes),
    };
    let Ok(index) = Index::of(bytes) else { return };
    let here = Here {
        host: "web1".to_owned(),
        groups: vec!["web".to_owned()],
    };
    for ports in [0, 1, 2, 9, u16::MAX]
        .map(PortRange::single)
        .into_iter()
        .chain([PortRange::ALL])
    {
        match index.covering(ports, &here) {
            Ok((found, _)) => assert!(found.iter().all(|record| here.is_in(&record.fields.scope))),
            Err(error) => told(&error),
        }
    }
    for name in ["", "a", "ab", "a-name-that-is-longer-than-a-key", "zz"] {
        index
            .named(name)
            .map(drop)
            .unwrap_or_else(|error| told(&error));
        match index.beside(name) {
            Ok(names) => assert!(names.len() <= 32),
            Err(error) => told(&error),
        }
    }
    index
        .records()
        .map(drop)
        .unwrap_or_else(|error| told(&error));
});

/// The small index with these changes, five bytes each: whether it is counted from the end, where it
/// stands, and what is written there. The last bytes cut it.
fn changed(changes: &[u8]) -> Vec<u8> {
    let mut bytes = WHOLE.clone();
    let (changes, cut) = changes.as_chunks::<5>();
    for [side, a, b, c, value] in changes {
        let place = u32::from_le_bytes([*a, *b, *c, 0]) as usize % bytes.len();
        let place = if side % 2 == 0 {
            place
        } else {
            bytes.len() - 1 - place
        };
        bytes[place] = *value;
    }
    if let [length, ..] = cut {
        bytes.truncate(bytes.len() - usize::from(*length));
    }
    let length = (bytes.len() as u64).to_le_bytes();
    bytes[56..64].copy_from_slice(&length);
    let sum = bytes[..SUMMED]
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    bytes[SUMMED..SUMMED + 8].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn told(error: &IndexError) {
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
}

/// A few of each kind, and on port 9 so many that they are searched and not read one by one.
fn records() -> Vec<Record> {
    let scopes = [
        Scope::All,
        Scope::Host("web1".to_owned()),
        Scope::Host("db1".to_owned()),
        Scope::Group("web".to_owned()),
    ];
    let few = (0..24u16).map(|n| {
        let names = [
            "a",
            "ab",
            "b",
            "",
            "a-name-that-is-longer-than-a-key",
            "a-name-that-is-longer-than-b",
        ];
        let scope = scopes[usize::from(n) % 4].clone();
        let last = if n % 8 == 7 {
            9 + 100 * n
        } else {
            n % 5 + n % 3
        };
        let ports = PortRange::new(n % 5, last).filter(|_| n % 9 != 8);
        (names[usize::from(n) % 6].to_owned(), ports, scope)
    });
    let many = (0..400u16).map(|n| {
        let scope = Scope::Host(format!("web{n}"));
        ("exporter".to_owned(), Some(PortRange::single(9)), scope)
    });
    let day = date(2026, 3, 4);
    few.chain(many)
        .zip(1..)
        .map(|((service_name, ports, scope), id)| Record {
            id,
            version: 1,
            status: Status::ALL[id as usize % 7],
            fields: Fields {
                service_name,
                ports,
                scope,
                ..Fields::default()
            },
            requested_by: "ada".to_owned(),
            requested: day,
            assigned: Some(day),
            modified: day,
            because: String::new(),
            revocation: None,
            reuses: None,
        })
        .collect()
}
