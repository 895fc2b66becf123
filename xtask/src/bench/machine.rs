//! The machine that was measured on.

use std::fs;
use std::process::Command;
use std::thread;

/// A Markdown table of what matters to the figures.
pub(crate) fn describe() -> String {
    let uname = rustix::system::uname();
    let cpu = field(&read("/proc/cpuinfo"), "model name");
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let system = read("/etc/os-release")
        .lines()
        .find_map(|line| {
            Some(
                line.strip_prefix("PRETTY_NAME=")?
                    .trim_matches('"')
                    .to_owned(),
            )
        })
        .unwrap_or_else(|| "unknown".into());
    let point = read("/etc/debian_version");
    let load = read("/proc/loadavg");
    let rows = [
        ("CPU", cpu),
        (
            "Cores",
            thread::available_parallelism()
                .map_or(0, usize::from)
                .to_string(),
        ),
        ("Memory", memory),
        ("Kernel", uname.release().to_string_lossy().into_owned()),
        ("System", format!("{system}, {}", point.trim())),
        ("Compiler", said("rustc", "--version")),
        ("Processes", processes().to_string()),
        (
            "Load at the end",
            load.split(' ').take(3).collect::<Vec<_>>().join(" "),
        ),
        (
            "As root",
            if rustix::process::geteuid().is_root() {
                "yes"
            } else {
                "no"
            }
            .into(),
        ),
        ("Day", said("date", "+%Y-%m-%d")),
    ];
    let mut text = String::from("| | |\n|---|---|\n");
    for (name, value) in rows {
        text.push_str(&format!("| {name} | {value} |\n"));
    }
    text
}

/// How many TCP sockets listen in this network namespace.
pub(crate) fn listeners() -> usize {
    // Column 4 is the state; 0A is LISTEN (proc(5)).
    let listens = |line: &&str| line.split_whitespace().nth(3) == Some("0A");
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .map(|path| read(path).lines().filter(listens).count())
        .iter()
        .sum()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn field(text: &str, name: &str) -> String {
    text.lines()
        .find_map(|line| {
            Some(
                line.strip_prefix(name)?
                    .split_once(':')?
                    .1
                    .trim()
                    .to_owned(),
            )
        })
        .unwrap_or_else(|| "unknown".into())
}

fn processes() -> usize {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter(is_number)
        .count()
}

fn is_number(entry: &fs::DirEntry) -> bool {
    entry
        .file_name()
        .to_str()
        .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

fn said(program: &str, argument: &str) -> String {
    Command::new(program).arg(argument).output().map_or_else(
        |_| "unknown".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_without_its_padding() {
        assert_eq!(
            field(
                "processor\t: 0\nmodel name\t: A CPU @ 2 GHz\n",
                "model name"
            ),
            "A CPU @ 2 GHz"
        );
        assert_eq!(field("", "model name"), "unknown");
    }
}
