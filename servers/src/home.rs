//! A home: the folder of one server, its certificate, its files, and what its placeholders stand for.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Error;
use crate::package;
use crate::place::Held;
use crate::row::Row;
use crate::template::Values;

/// The folder, gone with its server.
#[derive(Debug)]
pub(crate) struct Home {
    /// Holds the log and the server's own folder, so that the log is none of its files.
    outer: TempDir,
    owner: Option<Owner>,
    /// What placeholders stand for.
    pub(crate) values: Values,
}

/// Whom the server runs as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// So much of a log's end stands in a message.
const SAID: usize = 1500;

impl Home {
    /// Makes it and writes the row's files.
    pub(crate) fn make(row: &Row, ports: &[(String, &Held)]) -> Result<Self, Error> {
        let system = |operation: &str| {
            let (server, operation) = (row.name.clone(), operation.to_owned());
            move |source| Error::System {
                server,
                operation,
                source,
            }
        };
        let fault = |why| Error::Row {
            server: row.name.clone(),
            why,
        };
        let owner = match &row.user {
            Some(user) => Some(owner(user).ok_or_else(|| fault(format!("no user {user:?} here")))?),
            None => None,
        };
        let outer = tempfile::Builder::new()
            .prefix("portolan-")
            .tempdir()
            .map_err(system("make a folder"))?;
        let mut home = Self {
            outer,
            owner,
            values: Values::default(),
        };
        let folder = home.folder();
        // Servers that give up root must still reach it.
        set_mode(home.outer.path(), 0o755).map_err(system("open its folder"))?;
        home.folders(&folder).map_err(system("make its folder"))?;
        let (certificate, key) = certificate_paths(&folder);
        let values = &mut home.values;
        values.set("home", folder.display().to_string());
        values.set("address", "127.0.0.1");
        values.set("user", row.user.as_deref().unwrap_or("root"));
        values.set("aside", package::aside(&row.name).display().to_string());
        values.set("cert", certificate.display().to_string());
        values.set("key", key.display().to_string());
        for (name, held) in ports {
            let number = held.address.port().to_string();
            match name.is_empty() {
                true => values.set("port", number),
                false => values.set(&format!("port.{name}"), number),
            }
        }
        let (text, secret) = crate::certificate::make().map_err(fault)?;
        // Some servers refuse a key that others can read; those that start as root and read it
        // as somebody else need it readable.
        let secret_mode = if owner.is_some() { 0o600 } else { 0o644 };
        home.folders(&folder.join(".tls"))
            .and_then(|()| home.write(&certificate, &text, 0o644))
            .and_then(|()| home.write(&key, &secret, secret_mode))
            .map_err(system("write its certificate"))?;
        for file in &row.files {
            let mode = file.mode.as_deref().unwrap_or("644");
            let mode = u32::from_str_radix(mode, 8)
                .map_err(|_| fault(format!("{mode:?} is no mode of a file")))?;
            let name = home.values.fill(&file.path).map_err(fault)?;
            let text = home.values.fill(&file.text).map_err(fault)?;
            let path = folder.join(&name);
            let above = path.parent().unwrap_or(&folder);
            home.folders(above)
                .and_then(|()| home.write(&path, &text, mode))
                .map_err(system(&format!("write {}", path.display())))?;
        }
        Ok(home)
    }

    /// What `{home}` stands for.
    pub(crate) fn folder(&self) -> PathBuf {
        self.outer.path().join("home")
    }

    /// Whom it belongs to, where that is not us.
    pub(crate) fn owner(&self) -> Option<Owner> {
        self.owner
    }

    /// Where everything that is run here writes to.
    pub(crate) fn log(&self) -> io::Result<fs::File> {
        fs::File::options()
            .create(true)
            .append(true)
            .open(self.outer.path().join("log"))
    }

    /// The end of what was written there.
    pub(crate) fn said(&self) -> String {
        let said = fs::read(self.outer.path().join("log")).unwrap_or_default();
        let end = said
            .get(said.len().saturating_sub(SAID)..)
            .unwrap_or_default();
        String::from_utf8_lossy(end).trim().to_owned()
    }

    /// Makes a folder and those above it up to the home, all of its owner.
    fn folders(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let own = folder
            .ancestors()
            .take_while(|at| at.starts_with(self.folder()));
        own.into_iter().try_for_each(|at| self.give(at))
    }

    fn write(&self, path: &Path, text: &str, mode: u32) -> io::Result<()> {
        fs::write(path, text)?;
        set_mode(path, mode)?;
        self.give(path)
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        match self.owner {
            Some(Owner { user, group }) => chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }
}

/// In a folder that listings of files leave out.
fn certificate_paths(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join(".tls/cert.pem"), folder.join(".tls/key.pem"))
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// passwd(5).
fn owner(name: &str) -> Option<Owner> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let (user, group) = (fields.nth(1)?, fields.next()?);
        Some(Owner {
            user: user.parse().ok()?,
            group: group.parse().ok()?,
        })
    })
}
