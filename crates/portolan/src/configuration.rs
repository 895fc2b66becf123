//! The configuration file: `/etc/portolan/portolan.toml`, then the person's own, then `--config`.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use portolan_survey::restraint::Never;
use serde::Deserialize;

use crate::exit::malformed;

/// What the configuration files say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configuration {
    /// Whom the survey must never ask.
    pub(crate) never: Never,
}

/// The file's form.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    probe: Probe,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    /// Ports, ranges, `program:NAME` and `unit:NAME` that are never asked.
    #[serde(default)]
    never: Vec<String>,
}

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 1 << 20;

impl Configuration {
    /// Reads every configuration file there is; what each forbids adds up. A file named by
    /// `--config` must exist; the usual ones need not.
    pub(crate) fn load(named: Option<&Path>) -> anyhow::Result<Self> {
        let mut never = Vec::new();
        for path in usual_paths() {
            never.extend(read(&path, false)?);
        }
        if let Some(path) = named {
            never.extend(read(path, true)?);
        }
        let never = Never::new(never.iter().map(String::as_str)).map_err(malformed)?;
        Ok(Self { never })
    }
}

impl Configuration {
    /// Whether a file that was named can be read, for commands that need nothing of it.
    pub(crate) fn check(named: &Path) -> anyhow::Result<()> {
        let never = read(named, true)?;
        Never::new(never.iter().map(String::as_str)).map_err(malformed)?;
        Ok(())
    }
}

fn usual_paths() -> Vec<PathBuf> {
    let own = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
        // Only Windows sets it, and it has no HOME.
        .or_else(|| std::env::var_os("APPDATA").map(PathBuf::from));
    let system = PathBuf::from("/etc/portolan/portolan.toml");
    std::iter::once(system)
        .chain(own.map(|home| home.join("portolan/portolan.toml")))
        .collect()
}

fn read(path: &Path, must_exist: bool) -> anyhow::Result<Vec<String>> {
    let doing = || format!("cannot read the configuration {}", path.display());
    let advice = "it may say whom not to ask, so nothing was asked; make it readable, or set \
                  XDG_CONFIG_HOME to another folder";
    let size = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if !must_exist && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Vec::new());
        }
        Err(error) if must_exist => return Err(error).with_context(doing),
        Err(error) => return Err(anyhow!("{}: {error}; {advice}", doing())),
    };
    if size > MOST_BYTES {
        return Err(malformed(anyhow!("{}: it is larger than 1 MiB", doing())));
    }
    let text = std::fs::read_to_string(path).with_context(doing)?;
    let written: Written = toml::from_str(&text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let before = text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let message = error.message();
        malformed(anyhow!(
            "{}, line {line}, column {column}: {message}",
            doing()
        ))
    })?;
    Ok(written.probe.never)
}
