//! What a site registry of 100,000 assignments costs a cold look-up: the same program beside itself
//! with an empty folder of state.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::civil::date;
use portolan_ports::site::{Decision, Fields, Record, Scope, Status};
use portolan_registry::{Port, PortRange, Transport};
use portolan_store::{About, Entry, Found, Store};

use super::contender::Contender;
use super::sample::{self, Measured};
use super::target::Target;
use super::{Section, lookup, page};

/// How many assignments there are.
const COUNT: u32 = 100_000;

/// What is looked up, and what it is to the site registry.
const QUERIES: [(&str, &str); 9] = [
    (
        "8443",
        "a port with an assignment for all hosts and one for a group",
    ),
    (
        "9100",
        "a port with 5,000 assignments, one of them of this host",
    ),
    ("9256", "a port with 5,000 assignments of other hosts"),
    ("5432", "a port that IANA alone assigns"),
    ("2397", "a port that nobody assigns"),
    ("61111", "a dynamic port"),
    ("postgresql", "a name that both have"),
    ("postgrezql", "a name that neither has"),
    ("8440-8450", "a small range"),
];

/// Both sorts of look-up.
const LOOK_UPS: [(&str, &[&str], &str); 2] = [
    (
        "without sockets",
        &["--no-live"],
        "Look-up without sockets, CPU with 100,000 site assignments against none, the dearest query",
    ),
    (
        "with sockets",
        &[],
        "Look-up with sockets, CPU with 100,000 site assignments against none, the dearest query",
    ),
];

/// This host and its groups; both folders of state are read with it.
const CONFIGURATION: &str = "[site]\nhost = \"web1.example\"\ngroups = [\"web\", \"eu\"]\n";

/// Measures it.
pub(crate) fn section(portolan: &Path, rounds: usize) -> Result<Section> {
    let folder = tempfile::tempdir().context("cannot make a folder for a site registry")?;
    let [configuration, none, full] =
        ["configuration", "none", "full"].map(|name| folder.path().join(name));
    for made in [&configuration.join("portolan"), &none, &full] {
        fs::create_dir_all(made).context("cannot make a folder for a site registry")?;
    }
    fs::write(configuration.join("portolan/portolan.toml"), CONFIGURATION)
        .context("cannot write a configuration")?;
    keep(&full)?;
    index(portolan, &full)?;

    lookup::wait_for_the_end_of_connections();
    println!("site: {rounds} rounds");
    let mut text = format!(
        "\n## What a site registry costs a look-up\n\nThe same program with an empty folder of state and with a site \
         registry of {COUNT} assignments: 60 of 100 for one host, 25 for a group, 15 for all hosts; on four ports \
         5,000 hosts have one each. Both read a configuration that names this host and two groups. All commands of a \
         table take turns.\n",
    );
    let mut targets = Vec::new();
    for (how, arguments, what) in LOOK_UPS {
        let of = |query: &str, state: &Path| {
            let state = state.to_string_lossy();
            let arguments: Vec<&str> = ["--state", &*state]
                .into_iter()
                .chain(arguments.iter().copied())
                .chain([query])
                .collect();
            Contender::new("portolan", portolan, &arguments)
                .with("XDG_CONFIG_HOME", &configuration)
                .may_exit(&[0, 1])
        };
        // Without, the same once more, with: the second tells how far the figures scatter.
        let contenders = QUERIES
            .iter()
            .flat_map(|(query, _)| [of(query, &none), of(query, &none), of(query, &full)]);
        let all = sample::interleave(contenders.collect(), rounds);
        text.push_str(&table(how, &all));
        let ratios: Option<Vec<f64>> = all
            .chunks(3)
            .map(|own| page::ratio(own.get(2)?.cpu(), own.first()?.cpu()))
            .collect();
        targets.push(Target {
            what,
            bound: 1.1,
            measured: ratios.and_then(|ratios| ratios.into_iter().reduce(f64::max)),
            unit: "x",
        });
    }
    Ok(Section { text, targets })
}

fn table(how: &str, all: &[Measured]) -> String {
    let mut text = format!(
        "\n### Look-ups {how}\n\n| Query | What it is | CPU without, ms | the same again, ratio | CPU with, ms | ratio | \
         Wall without, ms | Wall with, ms | ratio |\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n"
    );
    for ((query, what), own) in QUERIES.iter().zip(all.chunks(3)) {
        let [without, again, with] = own else {
            continue;
        };
        let failed = own
            .iter()
            .find_map(|measured| measured.samples.as_ref().err());
        if let Some(error) = failed {
            text.push_str(&format!("| {query} | not measured: {error:#} ||||||||\n"));
            continue;
        }
        text.push_str(&format!(
            "| {query} | {what} | {} | {} | {} | {} | {} | {} | {} |\n",
            page::cell(without.cpu()),
            page::ratio_cell(again.cpu(), without.cpu()),
            page::cell(with.cpu()),
            page::ratio_cell(with.cpu(), without.cpu()),
            page::cell(without.wall()),
            page::cell(with.wall()),
            page::ratio_cell(with.wall(), without.wall()),
        ));
    }
    text
}

/// Has the program write its index, as it does after a step, and makes sure that it reads it.
fn index(portolan: &Path, folder: &Path) -> Result<()> {
    let state = folder.to_string_lossy();
    let ask = Contender::new(
        "portolan",
        portolan,
        &["--state", &state, "--no-live", "8443"],
    );
    ask.output()?;
    let index = folder.join("site.index");
    ensure!(
        index.is_file(),
        "this portolan wrote no {}; there is nothing to measure",
        index.display()
    );
    Ok(())
}

/// Keeps the assignments in a database, in one step.
fn keep(folder: &Path) -> Result<()> {
    let records: Vec<Record> = (0..COUNT).map(record).collect();
    let abouts = vec![About::default(); records.len()];
    let entry = Entry {
        at: "2026-03-04T05:06:07Z".to_owned(),
        by: "registrar".to_owned(),
        step: "import".to_owned(),
        why: "measured".to_owned(),
    };
    let mut decide = |place: usize, _: &Found| {
        let record = records.get(place).ok_or("there is no such record")?;
        Ok::<_, &str>(Decision {
            records: vec![record.clone()],
            remarks: Vec::new(),
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .context("cannot start a runtime")?;
    runtime.block_on(async {
        let mut store = Store::open(folder, Duration::from_secs(60)).await?;
        let kept = store.site().steps(&entry, &abouts, &mut decide).await;
        store.close().await;
        match kept? {
            Ok(_) => Ok(()),
            Err((place, because)) => bail!("record {place} was refused: {because}"),
        }
    })
}

/// One assignment. The first few are those that are looked up.
fn record(number: u32) -> Record {
    let team = number % 97;
    let (name, ports, scope) = match number {
        0 => ("billing-api".to_owned(), single(8443), Scope::All),
        1 => (
            "billing-beta".to_owned(),
            single(8443),
            Scope::Group("web".to_owned()),
        ),
        2 => (
            "node-exporter".to_owned(),
            single(9100),
            Scope::Host("web1.example".to_owned()),
        ),
        3 => ("postgresql".to_owned(), single(15_432), Scope::All),
        4..20_000 => {
            let (name, port) = [
                ("node-exporter", 9100),
                ("process-exp", 9256),
                ("log-shipper", 24_224),
                ("local-cache", 11_311),
            ][number as usize % 4];
            (name.to_owned(), single(port), host(number))
        }
        _ => {
            // Spread over User ports that no query names.
            let port = 10_000 + (number.wrapping_mul(7919) % 39_000) as Port;
            let last = if number.is_multiple_of(50) {
                port + 9
            } else {
                port
            };
            let scope = match number % 80 {
                0..15 => Scope::All,
                15..40 => Scope::Group(format!("group-{team}")),
                _ => host(number),
            };
            (format!("svc-{number}"), PortRange::new(port, last), scope)
        }
    };
    let day = date(2025, 1, 1);
    Record {
        id: 0,
        file: None,
        version: 0,
        status: Status::Assigned,
        fields: Fields {
            service_name: name,
            ports,
            transports: vec![Transport::Tcp],
            assignee: format!("Team {team}"),
            contact: format!("team-{team}@example.com"),
            description: format!("What team {team} runs for its own applications"),
            reference: format!("https://wiki.example/services/{number}"),
            why_not_dynamic: "clients in other networks have the number written down".to_owned(),
            scope,
            ticket: format!("PORT-{number}"),
            ..Fields::default()
        },
        requested_by: "registrar".to_owned(),
        requested: day,
        assigned: Some(day),
        modified: day,
        because: String::new(),
        revocation: None,
        reuses: None,
    }
}

fn single(port: Port) -> Option<PortRange> {
    Some(PortRange::single(port))
}

fn host(number: u32) -> Scope {
    Scope::Host(format!("node{number}.example"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mix that is told in the page has to be the one that is measured.
    #[test]
    fn the_assignments_are_as_the_page_says() {
        let records: Vec<Record> = (0..COUNT).map(record).collect();
        let share = |is: fn(&Scope) -> bool| {
            let of = records.iter().filter(|record| is(&record.fields.scope));
            (of.count() * 100 + records.len() / 2) / records.len()
        };
        assert_eq!(share(|scope| matches!(scope, Scope::Host(_))), 60);
        assert_eq!(share(|scope| matches!(scope, Scope::Group(_))), 25);
        assert_eq!(share(|scope| matches!(scope, Scope::All)), 15);
        for port in [9100, 9256, 24_224, 11_311] {
            let on = records.iter().filter(|record| record.covers(port)).count();
            assert!((4990..5100).contains(&on), "{on} on {port}");
        }
        for port in [5432, 2397, 61_111] {
            assert!(records.iter().all(|record| !record.covers(port)), "{port}");
        }
    }
}
