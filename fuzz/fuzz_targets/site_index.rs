//! Any bytes are an index of a site registry or none; what is wrong with one is said in one line, and
//! no question of one that is damaged panics or asks for memory that the file does not have.
//!
//! An input is a list of changes to a small index, whose header is mended after them; one that begins
//! with 0xff is an index as it stands. One that begins with 0xfe is a list of changes to a patch of that
//! index, whose checksum is mended.

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
        Some((0xfe, bytes)) => {
            if let Ok(index) = Index::of_patched(WHOLE.clone(), patch(bytes)) {
                ask(&index);
            }
            return;
        }
        Some((0xff, bytes)) => bytes.to_vec(),
        _ => changed(bytes),
    };
    if let Ok(index) = Index::of(bytes) {
        ask(&index);
    }
});

fn ask(index: &Index) {
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
}

/// The header of a patch, with its checksum at the end.
const PATCH_HEADER: usize = 80;

static PATCH: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let index = Index::of(WHOLE.clone()).expect("an index");
    let mut changed: Vec<Record> = records().into_iter().step_by(9).collect();
    for (record, id) in changed.iter_mut().zip(0..) {
        record.fields.service_name = format!("ab-{}", id % 7);
        record.fields.ports = PortRange::new(id % 11, id % 11 + 70 * (id % 2));
        record.id += u64::from(id % 3) * 300;
    }
    index.patch(&changed).expect("records").expect("few")
});

/// The small patch with these changes, three bytes each: where it stands, what is written there. What
/// is left over cuts it.
fn patch(changes: &[u8]) -> Vec<u8> {
    let mut bytes = PATCH.clone();
    let (changes, cut) = changes.as_chunks::<3>();
    for [a, b, value] in changes {
        let place = usize::from(u16::from_le_bytes([*a, *b])) % bytes.len();
        bytes[place] = *value;
    }
    if let [length, ..] = cut {
        bytes.truncate(bytes.len() - usize::from(*length));
    }
    let length = (bytes.len() as u64).to_le_bytes();
    bytes[PATCH_HEADER - 16..PATCH_HEADER - 8].copy_from_slice(&length);
    let mut summed = bytes.clone();
    summed.drain(PATCH_HEADER - 8..PATCH_HEADER);
    // A last word that is not full is filled up; there always is one, and be it of zeros.
    summed.resize(summed.len() / 8 * 8 + 8, 0);
    let words = summed.as_chunks::<8>().0.iter();
    let sum = words.fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
        (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    bytes[PATCH_HEADER - 8..PATCH_HEADER].copy_from_slice(&sum.to_le_bytes());
    bytes
}

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
            file: None,
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
