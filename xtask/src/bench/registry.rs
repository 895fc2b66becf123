//! Reading the registry: into a typed, indexed table, beside loops that keep nothing and Python.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::contender::Contender;
use super::sample::{self, Spread};
use super::target::Target;
use super::{Section, page, peer};
use crate::tree;

const CSV: &str = "data/iana/service-names-port-numbers.csv";
/// How often each program reads its file in one round, after once to warm up.
const TIMES: &str = "21";

const CSV_LOOP: usize = 0;
const CSV_OWN: usize = 1;
const CSV_PYTHON: usize = 2;
const XML_LOOP: usize = 3;
const XML_OWN: usize = 4;
const XML_PYTHON: usize = 5;

/// What both scripts share: the median of several reads, printed as the other programs print it.
const PYTHON_TIMER: &str = "
import statistics, sys, time
file, times = sys.argv[1], int(sys.argv[2])
def timed():
    start = time.perf_counter_ns()
    read()
    return time.perf_counter_ns() - start
read()
print(int(statistics.median(timed() for _ in range(times))))
";
/// One dictionary for each row.
const PYTHON_CSV: &str = "
import csv
def read():
    with open(file, newline='', encoding='utf-8') as rows:
        return list(csv.DictReader(rows))
";
/// One dictionary for each record; what stands in it more than once is a list.
const PYTHON_XML: &str = "
import xml.etree.ElementTree
def read():
    records = []
    for element in xml.etree.ElementTree.parse(file).getroot().iter('{http://www.iana.org/assignments}record'):
        record = dict(element.attrib)
        for child in element:
            record.setdefault(child.tag, []).append(child.attrib or child.text)
        records.append(record)
    return records
";

/// A program that says itself how long one read took.
struct Reading {
    what: &'static str,
    contender: Contender,
    /// One for each round, or why there are none.
    taken: Result<Vec<Duration>>,
}

impl Reading {
    fn spread(&self) -> Option<Spread> {
        sample::spread(self.taken.as_ref().ok()?.clone())
    }
}

/// Measures both forms.
pub(crate) fn section(read_speed: &Path, rounds: usize) -> Result<Section> {
    println!("reading the registry: {rounds} rounds");
    let folder = tempfile::tempdir().context("cannot make a folder for the XML form")?;
    let csv = tree::root().join(CSV);
    let xml = folder.path().join("registry.xml");
    let (csv, xml) = (csv.display().to_string(), xml.display().to_string());
    Contender::new("read_speed", read_speed, &["write-xml", &csv, &xml]).output()?;

    let own =
        |mode: &str, file: &str| Contender::new("read_speed", read_speed, &[mode, file, TIMES]);
    let python = |read: &str, file: &str| {
        peer::contender(
            "python3",
            &["-c", &format!("{read}{PYTHON_TIMER}"), file, TIMES],
        )
    };
    let all = interleave(
        [
            (
                "csv crate, `ByteRecord` loop that keeps nothing",
                own("csv-loop", &csv),
            ),
            (
                "portolan, CSV to a typed, indexed registry",
                own("csv", &csv),
            ),
            (
                "Python, `csv.DictReader` to dictionaries",
                python(PYTHON_CSV, &csv),
            ),
            (
                "quick-xml, event loop that keeps nothing",
                own("xml-loop", &xml),
            ),
            (
                "portolan, XML to a typed, indexed registry",
                own("xml", &xml),
            ),
            (
                "Python, `xml.etree.ElementTree` to dictionaries",
                python(PYTHON_XML, &xml),
            ),
        ],
        rounds,
    );
    Ok(Section {
        text: text(&all),
        targets: targets(&all),
    })
}

/// Runs everyone once per round, one after another; who fails is not measured any further.
fn interleave(contenders: [(&'static str, Contender); 6], rounds: usize) -> [Reading; 6] {
    let mut all = contenders.map(|(what, contender)| Reading {
        what,
        contender,
        taken: Ok(Vec::with_capacity(rounds)),
    });
    for _ in 0..rounds {
        for Reading {
            contender, taken, ..
        } in &mut all
        {
            let Ok(so_far) = taken else { continue };
            match said(contender) {
                Ok(time) => so_far.push(time),
                Err(error) => *taken = Err(error),
            }
        }
    }
    all
}

fn said(contender: &Contender) -> Result<Duration> {
    let nanoseconds = contender.output()?;
    let nanoseconds = nanoseconds
        .trim()
        .parse()
        .context("it printed no number of nanoseconds")?;
    Ok(Duration::from_nanos(nanoseconds))
}

fn targets(all: &[Reading; 6]) -> Vec<Target> {
    let target = |what, bound, own: usize, peer: usize| Target {
        what,
        bound,
        measured: page::ratio(all[own].spread(), all[peer].spread()),
        unit: "x",
    };
    vec![
        target(
            "CSV to a registry, time against a csv loop",
            1.5,
            CSV_OWN,
            CSV_LOOP,
        ),
        target(
            "XML to a registry, time against a quick-xml loop",
            1.5,
            XML_OWN,
            XML_LOOP,
        ),
        // At least ten times faster.
        target(
            "CSV to a registry, time against Python",
            0.1,
            CSV_OWN,
            CSV_PYTHON,
        ),
        target(
            "XML to a registry, time against Python",
            0.1,
            XML_OWN,
            XML_PYTHON,
        ),
    ]
}

fn text(all: &[Reading; 6]) -> String {
    let mut text = format!(
        "\n## Reading the registry\n\nFrom `{CSV}`, and from the XML form that portolan writes of it. Unlike above, a program reads \
         its file {TIMES} times in one process after once to warm up, and tells the median; each time includes opening the \
         file and reading it from the page cache. The programs take turns, and the figure is the median of the rounds, with \
         the quartiles in brackets. The loops of the csv crate and of quick-xml look at every row or event through a \
         buffered reader and keep nothing; portolan keeps everything, typed, checked, and indexed by port and name. \
         Ratios are to the loop over the same form.\n\n\
         | What | Time, ms | ratio | Rounds |\n|---|---:|---:|---:|\n"
    );
    for (index, reading) in all.iter().enumerate() {
        let peer = if index < XML_LOOP { CSV_LOOP } else { XML_LOOP };
        let what = reading.what;
        match &reading.taken {
            Ok(taken) => text.push_str(&format!(
                "| {what} | {} | {} | {} |\n",
                page::cell(reading.spread()),
                page::ratio_cell(reading.spread(), all[peer].spread()),
                taken.len()
            )),
            Err(error) => text.push_str(&format!("| {what} | not measured: {error:#} |||\n")),
        }
    }
    text
}
