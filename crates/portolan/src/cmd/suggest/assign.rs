//! `portolan suggest --assign`: a number for each name, filed with the site registry.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, anyhow};
use portolan_ports::site::{Fields, Refusal, Section};
use portolan_survey::Sources;
use portolan_survey::assign::{Registrar, Signature};
use portolan_survey::document::{SuggestDocument, to_json};
use portolan_survey::suggest::{Applicant, Criteria, Filing};

use crate::arguments::{Arguments, Suggest};
use crate::configuration::Site;
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress, one_line};
use crate::{clock, input, print, registrar, state};

/// The largest file of names: a million of the longest.
const MOST_BYTES: u64 = 16 << 20;

pub(super) fn run(
    arguments: &Arguments,
    wanted: &Suggest,
    criteria: &Criteria,
    output: &Output,
) -> anyhow::Result<Exit> {
    let names = names(wanted)?;
    input::with_database(arguments, |sources, configuration| {
        if let Some(refusal) = elsewhere(&configuration.site) {
            output.complain(&one_line(&refusal.to_string()));
            return Ok(Exit::BadNews);
        }
        let folder = state::site_folder(arguments).ok_or_else(|| {
            anyhow!("there is no folder for the site registry: give one with --state")
        })?;
        let procedure = configuration.site.procedure();
        let mut registrar =
            registrar::open(&folder, procedure, output).context("cannot open the site registry")?;
        let filing = Counter {
            arguments,
            wanted,
            criteria,
            output,
            sources,
            many: names.len() > 1 || wanted.assign.for_each.is_some(),
        };
        let done = filing.each(&names, &configuration.site, &mut registrar);
        registrar::close(registrar, "all is kept", output);
        done
    })
}

/// Where requests are filed, one name after another.
struct Counter<'a> {
    arguments: &'a Arguments,
    wanted: &'a Suggest,
    criteria: &'a Criteria,
    output: &'a Output,
    sources: &'a Sources<'a>,
    /// Whether each name gets a line of its own.
    many: bool,
}

impl Counter<'_> {
    fn each(
        &self,
        names: &[String],
        site: &Site,
        registrar: &mut Registrar,
    ) -> anyhow::Result<Exit> {
        let assign = &self.wanted.assign;
        let scope = assign.scope.clone().unwrap_or_default();
        let by = input::login_name();
        let why = assign.because.clone().unwrap_or_default();
        let mut applicant = Applicant::new(
            self.sources,
            self.criteria,
            self.wanted.range.0,
            scope,
            registrar,
        )
        .context("cannot read the site registry")?;
        let mut progress = Progress::new("names");
        let (mut failed, mut waiting) = (0_usize, 0_usize);
        for (done, name) in names.iter().enumerate() {
            if self.many {
                progress.show(done, names.len());
            }
            let signature = Signature {
                at: clock::now(),
                by: by.clone(),
                why: why.clone(),
            };
            let filing = applicant.apply(&self.fields(name, site), &signature);
            progress.clear();
            let filing = filing.with_context(|| match done {
                0 => format!("cannot file a request for {}", one_line(name)),
                done => format!(
                    "cannot file a request for {}, after {done} of {} names, which keep theirs",
                    one_line(name),
                    names.len()
                ),
            })?;
            match &filing {
                Filing::Filed { record, .. } => waiting += usize::from(record.status.is_pending()),
                Filing::Before { .. } => {}
                Filing::Refused(_) | Filing::NoneLeft(_) => failed += 1,
            }
            self.tell(name, &filing, &applicant, &signature.at)?;
        }
        progress.clear();
        if self.many && !self.wanted.bare && !self.arguments.json && waiting > 0 {
            self.output.remark(&print::suggest::waiting(waiting));
        }
        Ok(match failed {
            0 => Exit::Fine,
            _ => Exit::BadNews,
        })
    }

    fn fields(&self, name: &str, site: &Site) -> Fields {
        let assign = &self.wanted.assign;
        let text = |given: &Option<String>| given.clone().unwrap_or_default();
        Fields {
            service_name: name.to_owned(),
            assignee: text(&assign.assignee.clone().or_else(|| site.assignee.clone())),
            contact: text(&assign.contact.clone().or_else(|| site.contact.clone())),
            description: text(&assign.description),
            reference: text(&assign.reference),
            why_not_dynamic: text(&assign.why_not_dynamic),
            ..Fields::default()
        }
    }

    fn tell(
        &self,
        name: &str,
        filing: &Filing,
        applicant: &Applicant<'_>,
        at: &str,
    ) -> anyhow::Result<()> {
        let output = self.output;
        if self.arguments.json {
            let host = portolan_inspect::host_name();
            let document = SuggestDocument::new(&host, at, self.sources, self.criteria);
            let gaps = applicant.gaps();
            let document = document.filed(name, self.wanted.range.0, filing, &gaps);
            output.line(&to_json(&document, !self.many)?)?;
        } else if self.wanted.bare {
            output.write(print::suggest::bare_filing(filing, self.many).as_bytes())?;
        } else if self.many {
            output.write(print::suggest::filing_line(name, filing).as_bytes())?;
        } else {
            output.write(print::suggest::filing(filing, self.criteria, output).as_bytes())?;
        }
        match filing {
            Filing::Filed { .. } => {}
            Filing::Before { record, .. } => {
                let id = record.id;
                output.remark(&one_line(&match self.many {
                    true => format!("{name} is already filed as record {id}"),
                    false => format!("already filed as record {id}"),
                }));
            }
            Filing::Refused(refusal) => {
                output.complain(&one_line(&format!("no number for {name}: {refusal}")));
            }
            Filing::NoneLeft(refusal) => {
                let advice = super::advice(refusal, self.criteria.local.ephemeral);
                let line = format!("no number for {name}: {refusal}; {advice}");
                output.complain(&one_line(&line));
            }
        }
        Ok(())
    }
}

/// Why no request is filed here; `None` where the database is the site registry.
fn elsewhere(site: &Site) -> Option<Refusal> {
    let file = site.file.as_ref()?;
    Some(Refusal {
        section: Section::Site,
        because: format!(
            "the site registry is the file {} ([site] file), in which no steps are taken",
            file.display()
        ),
        next: "add an [[assignment]] to the file, with a port that portolan suggest --for NAME \
               finds"
            .to_owned(),
    })
}

/// Every name that was given, in order; at least one.
fn names(wanted: &Suggest) -> anyhow::Result<Vec<String>> {
    let mut names = wanted.names.clone();
    if let Some(path) = &wanted.assign.for_each {
        let bytes = read(path).with_context(|| format!("cannot read the names in {}", place(path)));
        let bytes = bytes.map_err(malformed)?;
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(str::trim);
        let named = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        names.extend(named.map(str::to_owned));
    }
    match names.is_empty() {
        false => Ok(names),
        true => Err(malformed(match &wanted.assign.for_each {
            Some(path) => anyhow!(
                "there is no name in {}: write one on each line",
                place(path)
            ),
            None => {
                anyhow!("a request is for a name: give one with --for, or many with --for-each")
            }
        })),
    }
}

fn place(path: &Path) -> String {
    match path.as_os_str() == "-" {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false => Box::new(File::open(path)?),
    };
    source.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= MOST_BYTES => Ok(bytes),
        _ => Err(anyhow!("it is larger than {} MiB", MOST_BYTES >> 20)),
    }
}
