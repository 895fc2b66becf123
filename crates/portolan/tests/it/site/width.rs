//! Tables and sentences at a terminal of any width.

use super::Site;
use super::interview::Terminal;
use crate::command::alone;

const ASSIGNEE: &str = "Payments and settlements of the northern region";

fn site() -> Site {
    let site = Site::new();
    let because = [
        "--because",
        "one two three four five six seven eight nine ten",
    ];
    for (name, port) in [("billing-api", "18325"), ("night-sync-feed", "18326")] {
        let more = ["--notes", "n"];
        let run = site.run(
            &[
                &["request", name, "--port", port, "--transport", "tcp"][..],
                &["--assignee", ASSIGNEE, "--contact", "pay@example.net"],
                &[
                    "--description",
                    "An API for the nightly transfer of accounts",
                ],
                &["--reference", "Design 1", "--why-not-dynamic", "firewalls"],
                &more,
                &because,
            ]
            .concat(),
        );
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    assert_eq!(
        site.run(&["review", "1", "--ask", "--because", "which?"])
            .code,
        Some(0)
    );
    site
}

/// The lines between the shell's two.
fn shown(site: &Site, columns: &str, arguments: &str) -> Vec<String> {
    let name = format!("w{columns}{}", &arguments[..4]);
    let terminal = Terminal::wide(site, &name, columns, arguments);
    let screen = terminal.until(|screen| screen.contains("\nended "));
    let lines = screen.lines().skip(1);
    let lines = lines.take_while(|line| !line.starts_with("ended "));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_list_is_read_at_every_width() {
    let _alone = alone();
    let site = site();
    for (columns, heads, most) in [
        ("60", &["ID", "PORT", "NAME", "STATUS"][..], 9),
        ("80", &["ID", "PORT", "NAME", "STATUS", "DESCRIPTION"], 7),
        (
            "200",
            &[
                "ID",
                "PORT",
                "NAME",
                "STATUS",
                "SCOPE",
                "ASSIGNEE",
                "SINCE",
                "DESCRIPTION",
            ],
            3,
        ),
    ] {
        let lines = shown(&site, columns, "list");
        let first: Vec<&str> = lines[0].split_whitespace().collect();
        for head in heads {
            assert!(first.contains(head), "{columns}: {lines:?}");
        }
        assert!(lines.len() <= most, "{columns}: {lines:?}");
        if columns == "200" {
            assert!(lines[1].contains("Payments and settlement…"), "{lines:?}");
        }
        for whole in [
            "billing-api",
            "night-sync-feed",
            "18325/tcp",
            "questioned",
            "requested",
        ] {
            let is_whole = lines.iter().any(|line| line.contains(whole));
            assert!(is_whole, "{columns}: {whole}: {lines:?}");
        }
    }
}

#[test]
fn a_trail_keeps_its_hashes_whole() {
    let _alone = alone();
    let site = site();
    let (trail, _) = site.json(&["audit"], "site-audit.json");
    for columns in ["60", "80", "200"] {
        let lines = shown(&site, columns, "audit");
        for entry in trail["entries"].as_array().unwrap() {
            let hash = &entry["hash"].as_str().unwrap()[..12];
            assert!(
                lines.iter().any(|line| line.contains(hash)),
                "{columns}: {lines:?}"
            );
        }
        assert!(
            lines.iter().any(|line| line.contains("nine ten")),
            "{lines:?}"
        );
    }
}

#[test]
fn sentences_are_broken_between_words() {
    let _alone = alone();
    let site = site();
    let said = |text: &str| -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    };
    for arguments in [
        // A refusal; a conflict, a note and what comes next; the request in full.
        "deassign 2 --because b",
        "request shop-api --port 6514 --transport tcp --assignee A --contact c --description d \
         --reference r --why-not-dynamic w --dry-run",
        "reuse 7 shop-api",
    ] {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let run = site.run(&words);
        // A terminal shows both streams; a word that was broken would have a space in it.
        let lines = shown(&site, "60", arguments);
        assert!(
            lines.iter().all(|line| line.chars().count() <= 60),
            "{lines:?}"
        );
        let seen = said(&lines.join(" "));
        for sentence in run.out.lines().chain(run.err.lines()) {
            // The card is a table; what is no table begins with a word that is no field.
            let is_sentence = ["portolan:", "Note:", "Next:", "Nothing"]
                .iter()
                .any(|word| sentence.starts_with(word));
            let is_conflict = sentence.starts_with("  ") && sentence.ends_with(']');
            // An address that is longer than a line is broken where it has to be.
            let fits = sentence.split_whitespace().all(|word| word.len() < 50);
            if fits && (is_sentence || is_conflict) {
                assert!(seen.contains(&said(sentence)), "{sentence}\n{lines:#?}");
            }
        }
        assert!(run.out.len() + run.err.len() > 60, "{run:?}");
    }
}
