//! What a command works on: the registry that the arguments name, and this person's permissions.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use portolan_inspect::privilege::Identity;
use portolan_registry::Registry;
use portolan_registry::read::{Error, MOST_BYTES};
use portolan_survey::Sources;
use portolan_survey::survey::Asking;

use crate::arguments::Arguments;
use crate::configuration::Configuration;
use crate::exit::malformed;

/// Calls `work` with what the arguments name: another registry, or the embedded one.
pub(crate) fn with_sources<T>(
    arguments: &Arguments,
    work: impl FnOnce(&Sources<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let embedded = Sources::embedded();
    match &arguments.registry {
        None => work(&embedded),
        Some(path) => work(&embedded.with_registry(&registry(path)?)),
    }
}

fn registry(path: &Path) -> anyhow::Result<Registry> {
    let file = File::open(path)
        .with_context(|| format!("cannot open the registry file {}", path.display()))?;
    // A file that is too large by far is refused before a byte of it is read.
    let too_large = file
        .metadata()
        .is_ok_and(|file| file.is_file() && file.len() > MOST_BYTES);
    let read = if too_large {
        Err(Error::TooLarge)
    } else {
        Registry::read(file)
    };
    read.map_err(|error| {
        malformed(anyhow::Error::new(error).context(format!(
            "cannot read {} as a registry, which is IANA's CSV or XML file",
            path.display()
        )))
    })
}

/// What may be asked: nothing with `--passive`, and nothing of those the configuration forbids.
pub(crate) fn asking(arguments: &Arguments, passive: bool) -> anyhow::Result<Asking> {
    let never = Configuration::load(arguments.config.as_deref())?.never;
    Ok(Asking {
        passive,
        never,
        identity: identity(),
    })
}

/// Whom to become before dialling, where this is root: who called sudo, else nobody.
pub(crate) fn identity() -> Identity {
    let variable = |name| std::env::var_os(name);
    Identity::of_sudo(
        variable("SUDO_UID").as_deref(),
        variable("SUDO_GID").as_deref(),
    )
}
