//! Where state is kept between runs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use portolan_survey::site::SiteRegistry;

use crate::arguments::Arguments;

/// The system's folder.
const SYSTEM: &str = "/var/lib/portolan";

/// The folder of state: `--state`, what systemd gives a unit with `StateDirectory=`
/// (systemd.exec(5)), `/var/lib/portolan` for root, and a person's own by the XDG Base Directory
/// Specification, on Windows below LOCALAPPDATA. `None` for a person without a home.
pub(crate) fn folder(arguments: &Arguments) -> Option<PathBuf> {
    arguments.state.clone().or_else(|| {
        let root = portolan_inspect::privilege::is_root();
        usual(root, |name| std::env::var_os(name))
    })
}

/// The folder of the site registry, whether there is one or not: `--state`, what systemd gives a
/// unit; the system's where it has one, since the organisation's word is meant for everybody; else
/// as [`folder`]. Cost: for whoever is not root a stat(2).
pub(crate) fn site_folder(arguments: &Arguments) -> Option<PathBuf> {
    arguments.state.clone().or_else(|| {
        let root = portolan_inspect::privilege::is_root();
        let variable = |name: &str| std::env::var_os(name);
        site(root, variable, SiteRegistry::lies_in)
    })
}

fn site(
    root: bool,
    variable: impl Fn(&str) -> Option<OsString>,
    has_site: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let system = Path::new(SYSTEM);
    let is_unit = variable("STATE_DIRECTORY").is_some_and(|folders| !folders.is_empty());
    let is_systems = !root && !is_unit && has_site(system);
    match is_systems {
        true => Some(system.to_owned()),
        false => usual(root, variable),
    }
}

fn usual(root: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // A relative path in such a variable is to be ignored, says the specification.
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    let of_unit = variable("STATE_DIRECTORY").and_then(|folders| {
        let first = folders.to_str()?.split(':').next().map(PathBuf::from)?;
        first.is_absolute().then_some(first)
    });
    if of_unit.is_some() {
        return of_unit;
    }
    if root {
        return Some(PathBuf::from(SYSTEM));
    }
    // Only Windows sets LOCALAPPDATA, and it has no HOME.
    let home = absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))
        .or_else(|| absolute("LOCALAPPDATA"));
    home.map(|home| home.join("portolan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_user_has_a_folder() {
        let folder = |root, set: &[(&str, &str)]| {
            let found = usual(root, |name| {
                let found = set.iter().find(|(n, _)| *n == name);
                found.map(|(_, value)| (*value).into())
            });
            found
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(folder(true, &[home]), "/var/lib/portolan");
        assert_eq!(folder(false, &[home]), "/home/ada/.local/state/portolan");
        assert_eq!(
            folder(false, &[home, ("XDG_STATE_HOME", "/x")]),
            "/x/portolan"
        );
        assert_eq!(
            folder(false, &[home, ("XDG_STATE_HOME", "x")]),
            "/home/ada/.local/state/portolan"
        );
        assert_eq!(folder(true, &[("STATE_DIRECTORY", "/a:/b")]), "/a");
        assert_eq!(folder(false, &[]), "");
    }

    #[test]
    fn the_systems_site_registry_is_everybodys() {
        let folder = |root, unit: &str, systems: bool| {
            let set = [("HOME", "/home/ada"), ("STATE_DIRECTORY", unit)];
            let variable = |name: &str| {
                let found = set
                    .iter()
                    .find(|(n, value)| *n == name && !value.is_empty());
                found.map(|(_, value)| (*value).into())
            };
            let found = site(root, variable, |folder| {
                assert_eq!(folder, Path::new("/var/lib/portolan"));
                systems
            });
            found
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        assert_eq!(folder(false, "", true), "/var/lib/portolan");
        assert_eq!(folder(false, "", false), "/home/ada/.local/state/portolan");
        assert_eq!(folder(true, "", false), "/var/lib/portolan");
        assert_eq!(folder(false, "/a", true), "/a");
    }
}
