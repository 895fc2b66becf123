//! The configuration file: `/etc/portolan/portolan.toml`, then the person's own, then `--config`.
//! Each holds this host's policy, which `portolan_ports::policy` reads, and `[probe]` and `[site]`,
//! read here.

mod site;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use portolan_ports::policy::{MOST_BYTES, Policy, Reader};
use portolan_survey::restraint::Never;
use serde::Deserialize;
use toml::Spanned;

use crate::exit::malformed;

pub(crate) use site::{MOST_NOTICE_DAYS, Site};

/// What the configuration files say, all together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configuration {
    /// Whom the survey must never ask.
    pub(crate) never: Never,
    /// What this host's owner says about its ports.
    pub(crate) policy: Policy,
    /// What `[site]` says.
    pub(crate) site: Site,
    /// The files that were read.
    pub(crate) files: Vec<String>,
}

/// What is read here of the file's form. Of the rest the policy's reader knows every key.
#[derive(Debug, Default, Deserialize)]
struct Written {
    #[serde(default)]
    probe: Probe,
    #[serde(default)]
    site: site::Written,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table: write [probe]")]
struct Probe {
    /// Ports, ranges, `program:NAME` and `unit:NAME` that are never asked.
    #[serde(default)]
    never: Vec<Spanned<String>>,
}

/// The keys at the top of a file that are no part of the policy.
const OTHERS: [&str; 2] = ["probe", "site"];

impl Configuration {
    /// Reads every configuration file there is; what each forbids and demands adds up. A file named
    /// by `--config` must exist; the usual ones need not, and cost one failed open(2) each then.
    ///
    /// # Errors
    /// A file that cannot be read, or the first mistake in one: nothing of any file is used then. A
    /// file that was named and cannot be read is malformed input.
    pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Self> {
        let mut read = Self::of(&files(named)?)?;
        read.policy.resolve(|path| {
            let real = std::fs::canonicalize(path).ok()?;
            real.into_os_string().into_string().ok()
        });
        Ok(read)
    }

    /// What `[site]` says, for commands that need nothing else. A file that does not speak of it costs
    /// no more than reading it, and may have mistakes.
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub(crate) fn site(named: Option<&Path>) -> anyhow::Result<Site> {
        let mut files = files(named)?;
        files.retain(|(_, bytes)| bytes.windows(4).any(|word| word == b"site"));
        Ok(Self::of(&files)?.site)
    }

    /// Whether a file that was named has no mistake, for commands that need nothing of it.
    pub(crate) fn check(named: &Path) -> anyhow::Result<()> {
        Self::of(&Vec::from_iter(named_file(Some(named))?)).map(drop)
    }

    fn of(files: &[(PathBuf, Vec<u8>)]) -> anyhow::Result<Self> {
        if files.is_empty() {
            return Ok(Self::default());
        }
        let protocols: Vec<&str> = portolan_probe::protocols().map(|p| p.name).collect();
        let mut reader = Reader::new(&protocols, &OTHERS);
        let mut never = Vec::new();
        let mut site = Site::default();
        let mut names = Vec::new();
        for (path, bytes) in files {
            let name = path.display().to_string();
            let text = reader
                .file(&name, bytes)
                .map_err(|mistake| malformed(anyhow!("cannot read the configuration {mistake}")))?;
            if let Some(text) = text {
                let source = Source { name: &name, text };
                let written = source.read()?;
                never.extend(source.forbidden(written.probe)?);
                site.add(path, written.site)
                    .map_err(|(at, what)| source.mistake(at, &what))?;
            }
            names.push(name);
        }
        Ok(Self {
            never: Never::new(never.iter().map(String::as_str)).map_err(malformed)?,
            policy: reader.policy(),
            site,
            files: names,
        })
    }

    /// Where the usual files lie, whether they are there or not, for whoever finds none.
    pub(crate) fn usual_places() -> String {
        let paths = usual_paths().into_iter();
        let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
        paths.join(" and ")
    }
}

/// A variable that is empty or no absolute path counts as unset (XDG Base Directory Specification
/// 0.8, "Basics"): nobody's policy lies in whichever folder a command is run in.
fn usual_paths() -> Vec<PathBuf> {
    let folder = |variable| {
        let folder = std::env::var_os(variable).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let own = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".config")))
        // Only Windows sets it, and it has no HOME.
        .or_else(|| folder("APPDATA"))
        .filter(|folder| !is_somebody_elses(folder));
    let system = PathBuf::from("/etc/portolan/portolan.toml");
    std::iter::once(system)
        .chain(own.map(|home| home.join("portolan/portolan.toml")))
        .collect()
}

/// Whether this user may not even look whether the folder is there. HOME is often another's after
/// setpriv(1) or su(1), and no policy of this user lies there.
fn is_somebody_elses(folder: &Path) -> bool {
    std::fs::metadata(folder).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Every configuration file there is, and its bytes.
fn files(named: Option<&Path>) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for path in usual_paths() {
        if named.is_some_and(|named| is_same(named, &path)) {
            continue;
        }
        if let Some(bytes) = read(&path, false)? {
            files.push((path, bytes));
        }
    }
    files.extend(named_file(named)?);
    Ok(files)
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

fn named_file(named: Option<&Path>) -> anyhow::Result<Option<(PathBuf, Vec<u8>)>> {
    let Some(path) = named else { return Ok(None) };
    let bytes = read(path, true)?;
    Ok(bytes.map(|bytes| (path.to_owned(), bytes)))
}

/// The bytes of a file, one more than is taken at most; `None` where it need not exist and does not.
fn read(path: &Path, is_named: bool) -> anyhow::Result<Option<Vec<u8>>> {
    let error = match bytes(path) {
        Ok(bytes) => return Ok(Some(bytes)),
        Err(error) if !is_named && error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => error,
    };
    let what = format!("cannot read the configuration {}: {error}", path.display());
    // A pipeline must not take a policy that is not there for a rule that could not be judged.
    Err(if is_named {
        malformed(anyhow!(
            "{what}; give --config a file that is there and that you may read"
        ))
    } else {
        anyhow!(
            "{what}; it may say what to expect and whom not to ask, so nothing was asked; make it \
             readable, or set XDG_CONFIG_HOME to another folder"
        )
    })
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MOST_BYTES as u64 + 1;
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file's text, and what the file is called.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn read(&self) -> anyhow::Result<Written> {
        toml::from_str(self.text).map_err(|error| {
            self.mistake(error.span().map_or(0, |span| span.start), error.message())
        })
    }

    /// The entries of `[probe] never`, each known to be one.
    fn forbidden(&self, probe: Probe) -> anyhow::Result<Vec<String>> {
        let mut entries = Vec::new();
        for entry in probe.never {
            Never::new([entry.get_ref().as_str()])
                .map_err(|error| self.mistake(entry.span().start, &error.to_string()))?;
            entries.push(entry.into_inner());
        }
        Ok(entries)
    }

    fn mistake(&self, offset: usize, what: &str) -> anyhow::Error {
        let (line, column) = place(self.text, offset);
        let name = self.name;
        malformed(anyhow!(
            "cannot read the configuration {name}, line {line}, column {column}: {what}"
        ))
    }
}

/// The line and the column in characters, from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
