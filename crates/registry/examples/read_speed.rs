//! How long reading a registry takes, beside a loop over the same file that keeps nothing.
//!
//! `read_speed MODE FILE TIMES` reads the file once to warm up, then TIMES times, and prints the
//! median in nanoseconds. Every time includes opening the file and reading it from the page cache.
//!
//! | mode | does |
//! |---|---|
//! | `csv-loop` | one reused `ByteRecord` of the csv crate through all rows |
//! | `csv` | CSV to a typed, indexed `Registry` |
//! | `xml-loop` | all events of quick-xml through one reused buffer |
//! | `xml` | XML to a typed, indexed `Registry` |
//!
//! `read_speed write-xml FILE OUTPUT` writes the registry in FILE as XML, to be read by the others.
//! `cargo xtask bench` runs all of them.

#![expect(
    clippy::print_stdout,
    reason = "the figure is this program's whole output"
)]

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::time::{Duration, Instant};

use portolan_registry::{Registry, xml};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, file, last] = arguments.as_slice() else {
        return Err(
            "read_speed csv-loop|csv|xml-loop|xml FILE TIMES, or write-xml FILE OUTPUT".into(),
        );
    };
    let read: fn(&str) -> Outcome<usize> = match mode.as_str() {
        "csv-loop" => csv_loop,
        "xml-loop" => xml_loop,
        "csv" | "xml" => registry,
        "write-xml" => return write_xml(file, last),
        other => return Err(format!("{other} is no mode").into()),
    };
    println!("{}", median(last.parse()?, || read(file))?.as_nanos());
    Ok(())
}

fn csv_loop(file: &str) -> Outcome<usize> {
    let mut reader = csv::ReaderBuilder::new().from_path(file)?;
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    Ok(rows)
}

fn xml_loop(file: &str) -> Outcome<usize> {
    let mut reader = quick_xml::Reader::from_file(file)?;
    let mut buffer = Vec::new();
    let mut events = 0;
    while reader.read_event_into(&mut buffer)? != quick_xml::events::Event::Eof {
        events += 1;
        buffer.clear();
    }
    Ok(events)
}

fn registry(file: &str) -> Outcome<usize> {
    let registry = black_box(Registry::read(File::open(file)?)?);
    Ok(registry.len())
}

fn write_xml(file: &str, output: &str) -> Outcome<()> {
    let registry = Registry::read(File::open(file)?)?;
    xml::Document::of(&registry, registry.rows()).write(File::create(output)?)?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "measuring how long reading takes is what this program does"
)]
fn median(times: usize, mut work: impl FnMut() -> Outcome<usize>) -> Outcome<Duration> {
    black_box(work()?);
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let start = Instant::now();
        black_box(work()?);
        taken.push(start.elapsed());
    }
    taken.sort_unstable();
    taken
        .get(times / 2)
        .copied()
        .ok_or_else(|| "TIMES is at least 1".into())
}
