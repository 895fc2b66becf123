//! What a command works on: the registry that the arguments name, and this person's permissions.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use portolan_inspect::privilege::Identity;
use portolan_ports::site::Here;
use portolan_ports::{Gap, Unseen, Why};
use portolan_registry::read::{Error, MOST_BYTES};
use portolan_registry::{Registry, lint};
use portolan_survey::Sources;
use portolan_survey::site::SiteRegistry;
use portolan_survey::survey::Asking;
use portolan_survey::update::Installed;

use crate::arguments::{Arguments, SITE_IN_USE};
use crate::configuration::{self, Configuration};
use crate::exit::malformed;
use crate::print::Output;
use crate::{clock, site_file, state};

/// What `--registry` says for the registry inside the program.
const EMBEDDED: &str = "embedded";

/// What `--site` says for the database, whatever the configuration says.
pub(crate) const DATABASE: &str = "database";

/// Calls `work` with what the arguments name: another registry, the one that an update put in
/// force, or the embedded one. Files are read here, before any privilege is dropped.
pub(crate) fn with_sources<T>(
    arguments: &Arguments,
    work: impl FnOnce(&Sources<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(path) = &arguments.config {
        Configuration::check(path)?;
    }
    let site = match Configuration::site(arguments.config.as_deref()) {
        Ok(mut configured) => {
            site_named(arguments, &mut configured);
            site(arguments, &configured)?
        }
        Err(error) => Some(unknown_here(&error)),
    };
    complain_of(site.as_ref(), arguments);
    with_registry(arguments, |sources| work(&sources.with_site(site.as_ref())))
}

/// The same, with this host's policy and what else its configuration says.
pub(crate) fn with_configuration<T>(
    arguments: &Arguments,
    work: impl FnOnce(&Sources<'_>, &Configuration) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database(arguments, |sources, configuration| {
        complain_of(sources.site, arguments);
        work(sources, configuration)
    })
}

/// The same for a command that asks the site registry's database itself, and fails where it cannot
/// be read: nothing is said of that before.
pub(crate) fn with_database<T>(
    arguments: &Arguments,
    work: impl FnOnce(&Sources<'_>, &Configuration) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut configuration = Configuration::load(arguments.config.as_deref())?;
    site_named(arguments, &mut configuration.site);
    let site = site(arguments, &configuration.site)?;
    with_registry(arguments, |sources| {
        let sources = sources.with_policy(&configuration.policy);
        work(&sources.with_site(site.as_ref()), &configuration)
    })
}

/// Lets `--site` win over the configuration: a file, or the database in spite of its file.
fn site_named(arguments: &Arguments, configured: &mut configuration::Site) {
    match arguments.site.as_deref() {
        None => {}
        Some(word) if word.as_os_str() == SITE_IN_USE => {}
        Some(word) if word.as_os_str() == DATABASE => configured.file = None,
        Some(path) => configured.file = Some(path.to_owned()),
    }
}

/// The organisation's own registry: a file where one is named, else the database of the folder of
/// state. Where there is none this costs one failed open(2), and a stat(2) for whoever is not root.
///
/// # Errors
/// A named file that cannot be read, or a mistake in it.
fn site(
    arguments: &Arguments,
    configured: &configuration::Site,
) -> anyhow::Result<Option<SiteRegistry>> {
    if let Some(path) = &configured.file {
        let records = site_file::records(path)?;
        return Ok(Some(SiteRegistry::of(records, configured.here())));
    }
    let folder = state::site_folder(arguments);
    Ok(folder.and_then(|folder| SiteRegistry::open(&folder, || configured.here())))
}

/// What becomes of the site registry where nobody can tell what the configuration says of it.
fn unknown_here(error: &anyhow::Error) -> SiteRegistry {
    let gap = Gap {
        what: Unseen::SiteRegistry,
        why: Why::Failed,
        detail: format!("{error:#}; the site registry is left out"),
    };
    SiteRegistry::unseen(gap, Here::default())
}

/// Says once what of the site registry could not be read; the answer goes on without it.
fn complain_of(site: Option<&SiteRegistry>, arguments: &Arguments) {
    for gap in site.map(SiteRegistry::gaps).unwrap_or_default() {
        Output::new(arguments.colour).complain(&gap.detail);
    }
}

/// The same with the registry alone.
pub(crate) fn with_registry<T>(
    arguments: &Arguments,
    work: impl FnOnce(&Sources<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let embedded = Sources::embedded();
    match &arguments.registry {
        Some(path) if path.as_os_str() == EMBEDDED => work(&embedded),
        Some(path) => work(&embedded.with_registry(&registry(path)?)),
        None => match installed(arguments, embedded.registry) {
            Some(installed) => work(&embedded.with_registry(&installed.registry)),
            None => work(&embedded),
        },
    }
}

/// The registry that an update put in force. One that cannot be used is complained of, once, and
/// the answer rests on the embedded one. Where there is none this costs one failed open(2).
fn installed(arguments: &Arguments, embedded: &Registry) -> Option<Installed> {
    let state = state::folder(arguments)?;
    Installed::open(&state, embedded).unwrap_or_else(|ignored| {
        Output::new(arguments.colour).complain(&ignored.to_string());
        None
    })
}

/// The registry in a file, or the one inside the program for the word `embedded`.
pub(crate) fn registry_or_embedded(path: &Path) -> anyhow::Result<Cow<'static, Registry>> {
    if path.as_os_str() == EMBEDDED {
        Ok(Cow::Borrowed(Sources::embedded().registry))
    } else {
        registry(path).map(Cow::Owned)
    }
}

/// The registry in a file, and the line on which each row begins.
pub(crate) fn registry_with_lines(path: &Path) -> anyhow::Result<(Registry, Vec<u64>)> {
    read_with(path, lint::read)
}

/// The registry in a file.
pub(crate) fn registry(path: &Path) -> anyhow::Result<Registry> {
    read_with(path, Registry::read)
}

fn read_with<T>(path: &Path, read: impl FnOnce(File) -> Result<T, Error>) -> anyhow::Result<T> {
    let file = File::open(path)
        .with_context(|| format!("cannot open the registry file {}", path.display()))?;
    // A file that is too large by far is refused before a byte of it is read.
    let too_large = file
        .metadata()
        .is_ok_and(|file| file.is_file() && file.len() > MOST_BYTES);
    let read = if too_large {
        Err(Error::TooLarge)
    } else {
        read(file)
    };
    read.map_err(|error| {
        malformed(anyhow::Error::new(error).context(format!(
            "cannot read {} as a registry, which is IANA's CSV or XML file",
            path.display()
        )))
    })
}

/// What may be asked: nothing with `--passive`, and nothing of those the configuration forbids.
pub(crate) fn asking(configuration: &Configuration, passive: bool) -> Asking {
    Asking {
        passive: passive.then_some("--passive sends nothing"),
        never: configuration.never.clone(),
        identity: identity(),
        now: clock::seconds(),
    }
}

/// Whom to become before dialling, where this is root: who called sudo, else nobody.
pub(crate) fn identity() -> Identity {
    let variable = |name| std::env::var_os(name);
    Identity::of_sudo(
        variable("SUDO_UID").as_deref(),
        variable("SUDO_GID").as_deref(),
    )
}

/// The login name of whoever runs this; of root through sudo, who called it.
pub(crate) fn login_name() -> String {
    portolan_inspect::privilege::login_name(std::env::var_os("SUDO_UID").as_deref())
}

/// The text of the registry file that the arguments name, unpacked; `None` without one. A file that
/// is no text has no document either.
pub(crate) fn registry_text(arguments: &Arguments) -> anyhow::Result<Option<String>> {
    let Some(path) = arguments
        .registry
        .as_deref()
        .filter(|path| *path != Path::new("embedded"))
    else {
        return Ok(None);
    };
    let file = File::open(path)
        .with_context(|| format!("cannot open the registry file {}", path.display()))?;
    let bytes = portolan_registry::read::bytes(file).map_err(malformed)?;
    Ok(String::from_utf8(bytes).ok())
}
