//! Things that tests make on this machine, each taken away again when it is dropped, and what
//! other programs say of it.

use std::path::PathBuf;
use std::process::{Command, Output};

/// What a program printed; it must have gone well.
pub(crate) fn run(program: &str, arguments: &[&str]) -> String {
    let output = attempt(program, arguments);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn attempt(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| {
        panic!("{program} is needed; `cargo xtask test --install` brings it: {error}")
    })
}

/// Cargo's target folder, in which `cargo xtask test --install` puts a kernel and packages.
pub(crate) fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(3).unwrap().to_owned()
}

/// A namespace of ip-netns(8), with its loopback up.
pub(crate) struct Netns(pub(crate) String);

impl Netns {
    pub(crate) fn new(what: &str) -> Self {
        let name = format!("portolan-{what}-{}", std::process::id());
        run("ip", &["netns", "add", &name]);
        let made = Self(name);
        run("ip", &["-n", &made.0, "link", "set", "lo", "up"]);
        made
    }

    /// Its number, by stat(2) of the file that keeps it.
    pub(crate) fn inode(&self) -> u64 {
        rustix::fs::stat(format!("/run/netns/{}", self.0))
            .unwrap()
            .st_ino
    }

    /// Does something on a thread inside.
    pub(crate) fn inside<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        use std::os::fd::AsFd;
        let door = std::fs::File::open(format!("/run/netns/{}", self.0)).unwrap();
        let enter = || {
            let kind = rustix::thread::LinkNameSpaceType::Network;
            rustix::thread::move_into_link_name_space(door.as_fd(), Some(kind)).unwrap();
            what()
        };
        std::thread::scope(|scope| scope.spawn(enter).join().unwrap())
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        attempt("ip", &["netns", "del", &self.0]);
    }
}

/// The words of the one line of ss(8) that has all of `parts`.
pub(crate) fn line_with(text: &str, parts: &[&str]) -> Vec<String> {
    let mut lines = text
        .lines()
        .filter(|l| parts.iter().all(|part| l.contains(part)));
    let line = lines
        .next()
        .unwrap_or_else(|| panic!("no {parts:?} in\n{text}"));
    line.split_ascii_whitespace().map(str::to_owned).collect()
}
