//! The README's examples do what it says, and what it links to is there.

use std::path::Path;

use crate::command::{alone, run};
use crate::server::Server;

const README: &str = include_str!("../../../../README.md");

/// Where the README's server listens; a test has one of its own, on a port of as many digits.
const PORT: &str = "44440";

/// One command of a `console` block, what it prints, and its exit code.
#[derive(Debug)]
struct Example {
    command: String,
    printed: Vec<String>,
    code: i32,
}

#[test]
fn every_example_prints_what_the_readme_shows() {
    let _alone = alone();
    let server = Server::start("python3", "python3", |command, home, address| {
        command
            .current_dir(home)
            .args(["-m", "http.server", "--bind", "127.0.0.1"])
            .arg(address.port().to_string());
    });
    let count = examples_hold(&README.replace(PORT, &server.address().port().to_string()));
    assert!(count >= 10, "{count} examples");
}

/// Runs every example of a page, and says how many there are.
pub(crate) fn examples_hold(page: &str) -> usize {
    let examples = examples(page);
    let count = examples.len();
    for example in examples {
        let arguments: Vec<&str> = example.command.split_whitespace().collect();
        let run = run(&arguments);
        let seen = run.out + &run.err;
        let lines: Vec<&str> = seen.lines().collect();
        let printed: Vec<&str> = example.printed.iter().map(String::as_str).collect();
        assert!(
            fit(&printed, &lines) && run.code == Some(example.code),
            "portolan {}\n--- exit code {:?}, printed:\n{seen}--- the page has exit code {}:\n{}",
            example.command,
            run.code,
            example.code,
            printed.join("\n"),
        );
    }
    count
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let targets = README
        .split("](")
        .skip(1)
        .filter_map(|t| t.split(')').next());
    for target in targets {
        assert!(root.join(target).exists(), "{target}");
    }
}

#[test]
fn an_ellipsis_stands_for_lines_and_for_words() {
    for (pattern, lines, fits) in [
        (vec!["a", "...", "d"], vec!["a", "b", "c", "d"], true),
        (vec!["a", "..."], vec!["a"], true),
        (vec!["a"], vec!["a", "b"], false),
        (vec!["...", "d"], vec!["a"], false),
        (vec!["a … c…"], vec!["a b c"], true),
        (vec!["a…a"], vec!["a"], false),
    ] {
        assert_eq!(fit(&pattern, &lines), fits, "{pattern:?} {lines:?}");
    }
}

fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let blocks = text.split("```console\n").skip(1);
    for block in blocks.filter_map(|b| b.split("```").next()) {
        let before = examples.len();
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                let command = command.strip_prefix("portolan").unwrap();
                assert!(!command.contains(['\'', '"', '|', '>']), "{command}");
                examples.push(Example {
                    command: command.trim().to_owned(),
                    printed: Vec::new(),
                    code: 0,
                });
                continue;
            }
            let example = examples[before..].last_mut().unwrap();
            match line.strip_prefix("# exit ") {
                Some(code) => example.code = code.parse().unwrap(),
                None => example.printed.push(line.to_owned()),
            }
        }
    }
    examples
}

/// Whether the lines are as the pattern says; a line `...` stands for any run of lines.
fn fit(pattern: &[&str], lines: &[&str]) -> bool {
    match pattern {
        [] => lines.is_empty(),
        ["...", rest @ ..] => (0..=lines.len()).any(|skipped| fit(rest, &lines[skipped..])),
        [first, rest @ ..] => lines
            .split_first()
            .is_some_and(|(line, lines)| fits(first, line) && fit(rest, lines)),
    }
}

/// The same within a line, where `…` stands for any text.
fn fits(pattern: &str, line: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('…') else {
        return pattern == line;
    };
    let Some(mut left) = line.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('…').unwrap_or(("", rest));
    for part in middle.split('…') {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}
