//! A record of a file is named by the file and its line, never by a number.

use std::fs;

use serde_json::{Value, json};

use super::{both, run_in};
use crate::schema;

#[test]
fn every_answer_names_the_file_and_the_line() {
    let folder = both();
    for (query, place) in [
        (&["8446", "--no-live"][..], "site.toml:1"),
        (&["8446/sctp", "--no-live"], "site.toml:1"),
        (&["8447", "--no-live"], "site.toml:18"),
        (&["8446-8448", "--no-live"], "site.toml:1"),
        (&["name-alone", "--no-live"], "site.toml:"),
        (&["show", "8446", "--no-live"], "site.toml:1"),
        (&["search", "billing"], "site.toml:18"),
        (&["suggest", "--check", "8446"], "site.toml:1"),
    ] {
        let run = run_in(folder.path(), &[query, &["--site", "site.toml"]].concat());
        assert!(run.out.contains(place), "{query:?}: {run:?}");
        assert!(!run.out.contains("record 1"), "{query:?}: {run:?}");
        let kept = run_in(folder.path(), query);
        assert!(kept.out.contains("record "), "{query:?}: {kept:?}");
        assert!(!kept.out.contains("site.toml"), "{query:?}: {kept:?}");
    }
}

#[test]
fn json_has_the_number_or_the_place() {
    let folder = both();
    let site_of = |more: &[&str]| {
        let arguments = [&["8447", "--no-live", "--json"], more].concat();
        let run = run_in(folder.path(), &arguments);
        let document: Value = serde_json::from_str(&run.out).unwrap();
        schema::check("lookup.json", &document);
        let tcp = &document["ports"][0]["transports"]["tcp"];
        let site = tcp["assignments"][0]["site"].clone();
        let because = tcp["because"].as_str().unwrap().to_owned();
        (json!([site["record"], site["file"], site["line"]]), because)
    };
    let (place, because) = site_of(&["--site", "site.toml"]);
    assert_eq!(place, json!([null, "site.toml", 18]));
    assert_eq!(because, "site registry, site.toml:18 holds the number back");
    let (place, because) = site_of(&[]);
    assert_eq!(place, json!([2, null, null]));
    assert_eq!(because, "site registry, record 2 holds the number back");
}

#[test]
fn the_file_is_called_as_it_was_named() {
    let folder = both();
    fs::create_dir(folder.path().join("site")).unwrap();
    fs::copy(
        folder.path().join("site.toml"),
        folder.path().join("site/all.toml"),
    )
    .unwrap();
    let run = run_in(
        folder.path(),
        &["8447", "--no-live", "--site", "./site/all.toml"],
    );
    assert!(run.out.contains("./site/all.toml:18"), "{run:?}");
}
