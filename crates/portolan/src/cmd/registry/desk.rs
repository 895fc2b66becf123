//! The desk at which the site registry is asked and steps on it are taken: who stands there, which
//! day it is, where the registry lies, and what is said of a step when it is done.

mod asked;

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use jiff::civil::Date;
use portolan_ports::site::{Case, Decision, Fields, Record, Refusal, Section, Step, decide};
use portolan_survey::Sources;
use portolan_survey::assign::{Outcome, Registrar, Signature, conflicts};
use portolan_survey::document::{StepDocument, to_json};
use portolan_survey::suggest::reason::Reason;

use super::address::{Address, Unchosen};
use crate::arguments::{Arguments, SITE_IN_USE};
use crate::configuration::Site;
use crate::exit::{Exit, malformed};
use crate::print::{Output, one_line};
use crate::{clock, input, print, registrar, state};
pub(super) use asked::Asked;
use asked::abouts;

/// Who takes a step where, and when.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) output: &'a Output,
    pub(super) sources: Sources<'a>,
    /// What `[site]` says.
    pub(super) site: &'a Site,
    pub(super) today: Date,
    folder: PathBuf,
    at: String,
    by: String,
}

/// Calls `work` with a desk at which this person stands.
pub(super) fn at_desk(
    arguments: &Arguments,
    output: &Output,
    work: impl FnOnce(&Desk<'_>) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    input::with_database(arguments, |sources, configuration| {
        let folder = state::site_folder(arguments).ok_or_else(|| {
            anyhow!("there is no folder for the site registry: give one with --state")
        })?;
        let at = clock::now();
        let today = clock::today()
            .parse()
            .context("the clock shows no day of the calendar")?;
        work(&Desk {
            arguments,
            output,
            sources: *sources,
            site: &configuration.site,
            today,
            folder,
            at,
            by: input::login_name(),
        })
    })
}

impl Desk<'_> {
    /// Who stands here.
    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// Asks the registry; `None` where there is none.
    pub(super) fn read<T>(
        &self,
        ask: impl FnOnce(&mut Registrar) -> Result<T, portolan_store::Error>,
    ) -> anyhow::Result<Option<T>> {
        let opened = Registrar::read(&self.folder).context("cannot read the site registry")?;
        let Some(mut registrar) = opened else {
            return Ok(None);
        };
        let answer = ask(&mut registrar);
        let _nothing_was_written = registrar.close();
        Ok(Some(answer.context("cannot read the site registry")?))
    }

    /// Every record: of the database, or of the file that stands in its place.
    pub(super) fn records(&self) -> anyhow::Result<Vec<Record>> {
        if self.site.file.is_some() {
            let kept = self.sources.site;
            return Ok(kept.map(|site| site.records().to_vec()).unwrap_or_default());
        }
        Ok(self.read(Registrar::records)?.unwrap_or_default())
    }

    /// The record that is meant by what was typed. Of several those that `prefers` come first, then
    /// those that hold their number; nobody guesses between two.
    pub(super) fn record(
        &self,
        typed: &str,
        step: &str,
        prefers: impl Fn(&Record) -> bool,
    ) -> anyhow::Result<Result<Record, Exit>> {
        let address: Address = typed.parse().map_err(malformed)?;
        let found = self.records_of(&address)?;
        match address.choose(found, prefers) {
            Ok(record) => Ok(Ok(record)),
            Err(none) => self.unknown(&address, &none, step).map(Err),
        }
    }

    /// Says that no record was chosen.
    fn unknown(&self, address: &Address, none: &Unchosen, step: &str) -> anyhow::Result<Exit> {
        let said = match (address, none) {
            (Address::Name(name), Unchosen::Unknown(what, advice)) => {
                let near = self.sources.site.map(|site| site.beside(name));
                let near: Vec<String> = near.unwrap_or_default();
                let advice = match near.as_slice() {
                    [] => advice.clone(),
                    near => format!("near it: {}", near.join(", ")),
                };
                Unchosen::Unknown(what.clone(), advice).to_string()
            }
            _ => none.to_string(),
        };
        let said = one_line(&said);
        if self.arguments.json && !step.is_empty() {
            let remarks = [said.clone()];
            let document = StepDocument::new(step, false, &[]).unknown(&remarks);
            self.output.line(&to_json(&document, true)?)?;
        }
        self.output.complain(&said);
        Ok(Exit::BadNews)
    }

    /// Every record that may be meant.
    pub(super) fn records_of(&self, address: &Address) -> anyhow::Result<Vec<Record>> {
        if self.site.file.is_some() {
            return self.records();
        }
        let about = address.about();
        let found = self.read(|registrar| registrar.find(&about))?;
        Ok(found.unwrap_or_default())
    }

    /// What a request would collide with, on paper and on this machine. `own` is the record that is
    /// asked for.
    pub(super) fn conflicts(&self, fields: &Fields, own: Option<u64>) -> Vec<Reason> {
        conflicts(&self.sources, fields, own)
    }

    /// What says that the site registry is a file.
    pub(super) fn chosen_by(&self) -> &'static str {
        let flag = self.arguments.site.as_deref();
        match flag.is_some_and(|flag| flag.as_os_str() != SITE_IN_USE) {
            true => "--site",
            false => "[site] file",
        }
    }

    /// Why no step is taken here; `None` where the database is the site registry.
    fn elsewhere(&self) -> Option<Refusal> {
        let file = self.site.file.as_ref()?;
        Some(Refusal {
            section: Section::Site,
            because: format!(
                "the site registry is the file {} ({}), in which no steps are taken",
                file.display(),
                self.chosen_by()
            ),
            next: "change the file, check it with portolan registry lint, and have the change \
                   reviewed"
                .to_owned(),
        })
    }

    /// Takes a step that claims something: where it is not refused, what conflicts is told first.
    pub(super) fn claim(&self, asked: &Asked<'_>, wanted: &Fields) -> anyhow::Result<Exit> {
        if let Err(refusal) = self.rehearse(asked)? {
            return self.refuse(asked, &refusal);
        }
        let found = self.conflicts(wanted, asked.subject.map(|record| record.id));
        if !self.arguments.json {
            let told = print::site::conflicts(&found, self.output);
            let written = self.output.write(told.as_bytes());
            written.context("nothing was kept: what conflicts cannot be written")?;
        }
        self.take(&Asked {
            conflicts: &found,
            ..*asked
        })
    }

    /// What would come of a step, without taking it.
    pub(super) fn rehearse(&self, asked: &Asked<'_>) -> anyhow::Result<Result<Decision, Refusal>> {
        let Asked {
            step, subject, why, ..
        } = *asked;
        if let Some(refusal) = self.elsewhere() {
            return Ok(Err(refusal));
        }
        let fields = match step {
            Step::Request(fields)
            | Step::Draft(fields)
            | Step::Reuse { fields, .. }
            | Step::ReportUse(fields) => Some(fields),
            Step::Modify(fields) => Some(&**fields),
            _ => None,
        };
        let abouts = abouts(subject, fields);
        let found = self.read(|registrar| {
            let mut found = Vec::new();
            for about in &abouts {
                found.extend(registrar.find(about)?);
            }
            Ok(found)
        })?;
        let mut found: Vec<Record> = found.unwrap_or_default();
        found.sort_by_key(|record| record.id);
        found.dedup_by_key(|record| record.id);
        let own = subject.map(|record| record.id);
        let (subject, others): (Vec<Record>, Vec<Record>) =
            found.into_iter().partition(|record| Some(record.id) == own);
        Ok(decide(&Case {
            step,
            by: &self.by,
            why,
            today: self.today,
            subject: subject.first(),
            version: asked.version,
            others: &others,
            procedure: &self.site.procedure(),
            registry: self.sources.registry,
        }))
    }

    /// Takes the step, and says what came of it.
    pub(super) fn take(&self, asked: &Asked<'_>) -> anyhow::Result<Exit> {
        let outcome = if asked.dry_run {
            match self.rehearse(asked)? {
                Ok(decision) => Outcome::Taken(decision),
                Err(refusal) => Outcome::Refused(refusal),
            }
        } else {
            self.step(asked)?
        };
        match outcome {
            Outcome::Taken(decision) => self.tell(asked, &decision).map_err(|error| {
                // What is kept is no failure of the step.
                let kept = decision.records.iter().rfind(|_| !asked.dry_run);
                match kept.map(|record| asked.kept(record.id)) {
                    None => error,
                    Some(kept) => error.context(format!("{kept}; its answer could not be written")),
                }
            }),
            Outcome::Refused(refusal) => self.refuse(asked, &refusal),
        }
    }

    fn step(&self, asked: &Asked<'_>) -> anyhow::Result<Outcome> {
        if let Some(refusal) = self.elsewhere() {
            return Ok(Outcome::Refused(refusal));
        }
        let what = || format!("cannot keep the step {}", asked.step.as_str());
        let signature = Signature {
            at: self.at.clone(),
            by: self.by.clone(),
            why: asked.why.to_owned(),
        };
        let procedure = self.site.procedure();
        let mut registrar =
            registrar::open(&self.folder, procedure, self.output).with_context(what)?;
        let subject = asked.subject.map(|record| record.id);
        let taken = registrar.step(
            &self.sources,
            subject,
            asked.version,
            asked.step,
            &signature,
        );
        registrar::close(registrar, "the step is kept", self.output);
        taken.with_context(what)
    }

    /// Takes over all of these records of a file, or none; a refusal comes with the place of its
    /// record.
    pub(super) fn import(
        &self,
        records: Vec<Record>,
        why: &str,
    ) -> anyhow::Result<Result<Vec<Decision>, (usize, Refusal)>> {
        if let Some(refusal) = self.elsewhere() {
            return Ok(Err((0, refusal)));
        }
        let what = || "cannot keep the import";
        let signature = Signature {
            at: self.at.clone(),
            by: self.by.clone(),
            why: why.to_owned(),
        };
        let procedure = self.site.procedure();
        let mut registrar =
            registrar::open(&self.folder, procedure, self.output).with_context(what)?;
        let taken = registrar.import(&self.sources, records, &signature);
        registrar::close(registrar, "the import is kept", self.output);
        taken.with_context(what)
    }

    fn tell(&self, asked: &Asked<'_>, decision: &Decision) -> anyhow::Result<Exit> {
        let today = self.today;
        // Of a reuse the new record is what was asked for, not the one whose number it wants.
        let wanted = match asked.step {
            Step::Reuse { .. } => decision.records.iter().rposition(|_| true),
            _ => decision.records.iter().position(|_| true),
        };
        let Some((at, record)) = wanted.and_then(|at| Some((at, decision.records.get(at)?))) else {
            return Ok(Exit::Fine);
        };
        let others = decision.records.iter().enumerate();
        let others = others.filter_map(|(other, record)| (other != at).then_some(record));
        if self.arguments.json {
            let document = StepDocument::new(asked.step.as_str(), asked.dry_run, asked.conflicts);
            let document = document.taken(record, others, &decision.remarks, today);
            self.output.line(&to_json(&document, true)?)?;
            return Ok(Exit::Fine);
        }
        // What was asked for or changed is shown in full; after a decision on it, where it stands.
        let mut text = match asked.step {
            Step::Request(_) | Step::Reuse { .. } | Step::Modify(_) | Step::ReportUse(_) => {
                print::site::card(record, today, self.output)
            }
            _ => print::site::headline(record, self.output),
        };
        text.extend(others.map(|other| print::site::headline(other, self.output)));
        let mut told = String::new();
        for remark in &decision.remarks {
            told.push_str(&format!("Note: {}.\n", one_line(remark)));
        }
        let next = print::site::next(record, today);
        if asked.dry_run {
            told.push_str("Nothing was kept: this was a dry run.\n");
        } else if !next.is_empty() {
            told.push_str(&format!("Next: {next}.\n"));
        }
        text.push_str(&self.output.folded(&told));
        self.output.write(text.as_bytes())?;
        Ok(Exit::Fine)
    }

    /// Says that a step is refused, and by what; and what others did to the record since it was read.
    fn refuse(&self, asked: &Asked<'_>, refusal: &Refusal) -> anyhow::Result<Exit> {
        let meanwhile = self.meanwhile(asked)?;
        if self.arguments.json {
            let document = StepDocument::new(asked.step.as_str(), asked.dry_run, asked.conflicts);
            let document = match asked.subject {
                Some(record) => document.on(record, self.today),
                None => document,
            };
            let document = document.refused(refusal, &meanwhile);
            self.output.line(&to_json(&document, true)?)?;
        }
        self.output.complain(&one_line(&refusal.to_string()));
        for line in &meanwhile {
            self.output.remark(&one_line(line));
        }
        Ok(Exit::BadNews)
    }

    /// What was done to the record since the version that was read, a line each.
    fn meanwhile(&self, asked: &Asked<'_>) -> anyhow::Result<Vec<String>> {
        let (Some(record), Some(seen)) = (asked.subject, asked.version) else {
            return Ok(Vec::new());
        };
        if self.site.file.is_some() {
            return Ok(Vec::new());
        }
        let entries = self.read(|registrar| registrar.audit(Some(record.id)))?;
        let seen = usize::try_from(seen).unwrap_or(usize::MAX);
        let since = entries.unwrap_or_default().into_iter().skip(seen);
        Ok(since
            .map(|entry| {
                let because = match entry.entry.why.as_str() {
                    "" => String::new(),
                    why => format!(": {why}"),
                };
                format!(
                    "meanwhile, {}: {} by {}{because}",
                    entry.entry.at, entry.entry.step, entry.entry.by
                )
            })
            .collect())
    }
}
