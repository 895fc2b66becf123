//! `docs/site-transcript.md` is one run of the program, to the letter.

use std::fs;
use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::{Captures, Regex};
use tempfile::TempDir;

use crate::command::{alone, finished, portolan};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/site-transcript.md");

/// The day of the run, as the page has it.
const DAY: &str = "2026-03-02";
/// Who ran it, as the page has it.
const WHO: &str = "ada";

#[test]
fn the_transcript_is_what_the_program_prints() {
    let _alone = alone();
    let page = fs::read_to_string(PAGE).unwrap();
    let seen = loop {
        // A run over midnight would have two days in it.
        let run = Run::begin();
        let seen = run.page(&page);
        if today() == seen.1 {
            break seen.0;
        }
    };
    if std::env::var_os("PORTOLAN_WRITE").is_some() {
        fs::write(PAGE, &seen).unwrap();
        return;
    }
    for (line, (page, seen)) in page.lines().zip(seen.lines()).enumerate() {
        assert_eq!(page, seen, "line {}", line + 1);
    }
    assert_eq!(page.lines().count(), seen.lines().count());
    let refusals = seen.matches("refused by RFC 6335 section").count();
    assert!(refusals >= 30, "{refusals} refusals");
    for section in [
        "5", "5.1", "6", "6.1", "7.2", "8.1", "8.1.1", "8.1.2", "8.2", "8.3", "8.4", "8.5", "8.6",
    ] {
        let refused = format!("refused by RFC 6335 section {section}:");
        assert!(seen.contains(&refused), "{refused}");
    }
}

fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// A registry of its own, and what is written differently.
struct Run {
    home: TempDir,
    who: String,
    today: Date,
    hashes: Vec<String>,
}

impl Run {
    fn begin() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("configuration/portolan")).unwrap();
        let who = portolan_inspect::privilege::login_name(None);
        Self {
            home,
            who,
            today: today(),
            hashes: Vec::new(),
        }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The page with what the commands print now, and the day on which they began.
    fn page(mut self, page: &str) -> (String, Date) {
        let mut written = String::new();
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            written.push_str(&format!("{line}\n"));
            let block: Vec<&str> = match line {
                "```toml" | "```console" => {
                    lines.by_ref().take_while(|line| *line != "```").collect()
                }
                _ => continue,
            };
            match line {
                "```toml" => {
                    let path = self.folder("configuration/portolan/portolan.toml");
                    fs::write(path, self.with_the_own_name(&block.join("\n"))).unwrap();
                    written.push_str(&block.join("\n"));
                    written.push('\n');
                }
                _ => self.console(&block, &mut written),
            }
            written.push_str("```\n");
        }
        (written, self.today)
    }

    fn console(&mut self, block: &[&str], written: &mut String) {
        let mut lines = block.iter().copied();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("$ ") else {
                continue;
            };
            let mut command = first.to_owned();
            written.push_str(&format!("{line}\n"));
            while let Some(before) = command.strip_suffix('\\') {
                let more = lines.next().unwrap();
                written.push_str(&format!("{more}\n"));
                command = format!("{before} {}", more.trim_start());
            }
            written.push_str(&self.run(&command));
        }
    }

    fn run(&mut self, command: &str) -> String {
        let command = self.real_hashes(command);
        let words = shlex::split(&command).unwrap();
        assert_eq!(words[0], "portolan", "{command}");
        let output = portolan()
            .args(&words[1..])
            .env("STATE_DIRECTORY", self.folder("state"))
            .env("XDG_CONFIG_HOME", self.folder("configuration"))
            .env_remove("SUDO_UID")
            .output()
            .unwrap();
        let run = finished(output);
        let mut seen = self.normal(&without_the_machine(&run.out)) + &self.normal(&run.err);
        if run.code != Some(0) {
            seen.push_str(&format!("# exit {}\n", run.code.unwrap()));
        }
        seen
    }

    /// The reviewer of the page is whoever runs it.
    fn with_the_own_name(&self, configuration: &str) -> String {
        configuration.replace(&format!("\"{WHO}\""), &format!("{:?}", self.who))
    }

    /// Days, times, hashes and the login name as the page has them.
    fn normal(&mut self, text: &str) -> String {
        let day: Date = DAY.parse().unwrap();
        let last = self.today.checked_add(400.days()).unwrap();
        let days = Regex::new(r"\b\d{4}-\d{2}-\d{2}").unwrap();
        let text = days.replace_all(text, |found: &Captures<'_>| {
            match found[0].parse::<Date>() {
                Ok(date) if (self.today..=last).contains(&date) => {
                    let since = self.today.until(date).unwrap();
                    day.checked_add(since).unwrap().to_string()
                }
                _ => found[0].to_owned(),
            }
        });
        let times = Regex::new(r"\d{2}:\d{2}:\d{2}").unwrap();
        let text = times.replace_all(&text, "12:00:00").into_owned();
        // A column is as wide as the name in it.
        let who = Regex::new(&format!(r"\b{}( {{2,}}|\b)", regex::escape(&self.who))).unwrap();
        let text = who.replace_all(&text, |found: &Captures<'_>| match &found[1] {
            "" => WHO.to_owned(),
            _ => format!("{WHO}  "),
        });
        let head = Regex::new("WHO {2,}").unwrap();
        let text = head.replace_all(&text, "WHO  ").into_owned();
        let hashes = Regex::new(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b").unwrap();
        hashes
            .replace_all(&text, |found: &Captures<'_>| {
                let hash = &found[0];
                // One that the page made up is nobody's.
                if hash.bytes().all(|digit| digit == b'f') {
                    return hash.to_owned();
                }
                let same = |known: &String| known.starts_with(&hash[..12]);
                let at = self.hashes.iter().position(same).unwrap_or_else(|| {
                    self.hashes.push(hash.to_owned());
                    self.hashes.len() - 1
                });
                format!("{:02}", at + 1).repeat(hash.len() / 2)
            })
            .into_owned()
    }

    /// The hashes of this run in the place of the page's.
    fn real_hashes(&self, command: &str) -> String {
        let mut command = command.to_owned();
        for (at, hash) in self.hashes.iter().enumerate() {
            let shown = format!("{:02}", at + 1).repeat(6);
            command = command.replace(&shown, &hash[..12]);
        }
        command
    }
}

/// What is said without this machine's own word on the ports, and without a title that is left with
/// nothing.
fn without_the_machine(text: &str) -> String {
    let own = [
        "[this machine's sockets]",
        "[bind(2)]",
        "[a container engine]",
        "[/proc/",
    ];
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !own.iter().any(|source| line.contains(source)))
        .collect();
    let mut left = String::new();
    for (at, line) in lines.iter().enumerate() {
        let is_title = [
            "What conflicts",
            "What else speaks against it",
            "Worth knowing",
        ]
        .contains(line);
        let has_more = lines.get(at + 1).is_some_and(|next| next.starts_with("  "));
        if !is_title || has_more {
            left.push_str(&format!("{line}\n"));
        }
    }
    left
}
