//! What keeping costs: one step, an import of many, reading and verifying them all.
//!
//! `cargo run --release -p portolan-store --example cost -- FOLDER COUNT`; the folder must be empty.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::civil::date;
use portolan_ports::site::{Decision, Fields, Record, Scope, Status};
use portolan_registry::{PortRange, Transport};
use portolan_store::{About, Entry, Error, Found, Store};

/// How often one step is taken, of which the middle one is told.
const STEPS: usize = 101;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("say which folder")?);
    let count: u32 = arguments.next().ok_or("say how many")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(folder, count))
}

async fn measure(folder: PathBuf, count: u32) -> Result<(), Box<dyn std::error::Error>> {
    let mut store = told("open, made anew", Store::open(&folder, PATIENCE)).await?;
    let abouts: Vec<About> = (0..count).map(|n| about(&record(n))).collect();
    let mut decide = |place: usize, _: &Found| {
        let number = u32::try_from(place).map_err(|_| "too many")?;
        Ok::<_, &str>(becomes(record(number)))
    };
    let mut site = store.site();
    let taken = told("import", site.steps(&entry(), &abouts, &mut decide)).await?;
    taken.map_err(|(place, because)| format!("{place}: {because}"))?;
    told("records", site.records()).await?;
    told("audit", site.audit(None)).await?;
    let verified = told("verify", site.verify()).await?;
    say(&format!(
        "{} entries, {} faults",
        verified.entries,
        verified.faults.len()
    ));
    let mut times = Vec::new();
    for _ in 0..STEPS {
        let started = now();
        let subject = About {
            record: Some(1),
            ..About::default()
        };
        let mut decide = |found: &Found| found.subject.clone().map(becomes).ok_or("gone");
        site.step(&subject, &entry(), &mut decide).await??;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    say(&format!("one step: {:?}", times[STEPS / 2]));
    store.close().await;
    let store = told("open", Store::open(&folder, PATIENCE)).await?;
    let started = now();
    store.close().await;
    say(&format!("close: {:?}", started.elapsed()));
    Ok(())
}

async fn told<T>(what: &str, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let started = now();
    let done = work.await;
    say(&format!("{what}: {:?}", started.elapsed()));
    done
}

#[expect(clippy::disallowed_methods, reason = "a measurement holds a clock")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::print_stdout, reason = "the answer of an example")]
fn say(text: &str) {
    println!("{text}");
}

fn becomes(record: Record) -> Decision {
    Decision {
        records: vec![record],
        remarks: Vec::new(),
    }
}

fn about(record: &Record) -> About {
    About {
        record: None,
        name: Some(record.fields.service_name.clone()),
        ports: record.fields.ports,
        scope: Some(record.fields.scope.clone()),
    }
}

fn record(number: u32) -> Record {
    let day = date(2026, 3, 14);
    let port = u16::try_from(1024 + number % 60_000).unwrap_or(u16::MAX);
    Record {
        id: 0,
        file: None,
        version: 0,
        status: Status::Assigned,
        fields: Fields {
            service_name: format!("service-{number}"),
            ports: Some(PortRange::single(port)),
            transports: vec![Transport::Tcp],
            assignee: "Payments".to_owned(),
            contact: "payments@example.org".to_owned(),
            description: "Takes orders in and passes them on".to_owned(),
            scope: Scope::Host(format!("host-{}", number / 60_000)),
            ..Fields::default()
        },
        requested_by: "ada".to_owned(),
        requested: day,
        assigned: Some(day),
        modified: day,
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn entry() -> Entry {
    Entry {
        at: "2026-03-14T09:26:53Z".to_owned(),
        by: "ada".to_owned(),
        step: "import".to_owned(),
        why: "moved from the wiki".to_owned(),
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
