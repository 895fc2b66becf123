//! A site registry's database of another version: an older one is brought forward after a backup,
//! which is told; a newer one is refused and left alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::alone;
use crate::site_source::{request, with};
use crate::sql::{execute, number};

const SCHEMA: &str = "SELECT MAX(version) FROM _sqlx_migrations";

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

/// Takes away what later schemas have more than the first. What is forgotten here cannot be made
/// twice, so they could not be reached again.
fn make_older(state: &Path) {
    execute(
        state,
        "DROP TRIGGER site_audit_no_update;
         DROP TRIGGER site_audit_no_delete;
         DROP TRIGGER site_audit_next;
         DROP TRIGGER site_record_no_delete;
         DROP INDEX site_record_host_ports;
         DROP INDEX site_record_host_name;
         DELETE FROM _sqlx_migrations WHERE version > 1;",
    );
    assert_eq!(number(state, SCHEMA), 1);
}

/// What a newer program leaves that has taken a step: tables that this one does not know.
fn make_newer(state: &Path) {
    execute(
        state,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (4, 'later', 1, x'00', 0);
         ALTER TABLE site_record ADD COLUMN later TEXT;
         PRAGMA user_version = 2;",
    );
}

#[test]
fn who_brings_an_older_database_forward_is_told_where_the_backup_is() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.toml");
    let imported = "[[assignment]]\nservice-name = \"other-bills\"\nassignee = \"Payments\"\ncontact = \"c\"\ndescription = \"d\"\nreference = \"r\"\nregistered = 2026-01-01\n";
    fs::write(&file, imported).unwrap();
    let file = file.display().to_string();
    let steps = [
        &["registry", "report-use", "15999/tcp", "--because", "seen"][..],
        &["registry", "review", "1", "--approve"],
        &["registry", "import", &file],
        &["suggest", "--for", "more-bills", "--assign", "--bare"],
    ];
    for step in steps {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path();
        request(state, "bills", "15432", "all");
        make_older(state);
        // The first look-up writes the index anew, as the file was written to.
        with(state, &["--no-live", "15432"]);

        // Whoever only reads leaves it as it is, and says nothing of it.
        let before = files(state);
        let listed = with(state, &["registry", "list"]);
        assert!(listed.out.contains("bills"), "{listed:?}");
        assert_eq!((listed.code, listed.err.as_str()), (Some(0), ""));
        let found = with(state, &["--no-live", "15432"]);
        assert!(found.out.contains("bills"), "{found:?}");
        assert!(files(state) == before, "{step:?}");

        let taken = with(state, step);
        assert_eq!(taken.code, Some(0), "{step:?}: {taken:?}");
        let backup = state.join("portolan.db.schema-1.backup");
        let said = format!(
            "the database was of an older version and was brought forward; it lies as it was in {}",
            backup.display()
        );
        let told = taken.err.lines().filter(|line| *line == said);
        assert_eq!(told.count(), 1, "{step:?}: {taken:?}");
        assert_eq!(number(state, SCHEMA), 3);

        // The backup is the registry as it was, and can be put in its place.
        let other = tempfile::tempdir().unwrap();
        fs::copy(&backup, other.path().join("portolan.db")).unwrap();
        assert_eq!(number(other.path(), SCHEMA), 1);
        let again = with(other.path(), &["registry", "list"]);
        assert_eq!(
            (again.code, again.out, again.err),
            (listed.code, listed.out, listed.err)
        );
        let verified = with(other.path(), &["registry", "audit", "--verify"]);
        assert!(
            verified.out.starts_with("1 entry, whole, head "),
            "{verified:?}"
        );

        // It is told once.
        let next = request(state, "yet-more-bills", "15434", "all");
        assert!(!next.err.contains("older version"), "{next:?}");
    }
}

#[test]
fn a_newer_database_is_refused_and_left_byte_for_byte() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    request(state, "bills", "15432", "all");
    make_newer(state);
    let before = files(state);
    let newer = format!(
        "{} was written by a newer version (schema 4, this program knows 3); update this program",
        state.join("portolan.db").display()
    );

    for (arguments, what) in [
        (&["registry", "list"][..], "cannot read the site registry"),
        (&["registry", "audit"], "cannot read the site registry"),
        (
            &["registry", "request", "more-bills"],
            "cannot read the site registry",
        ),
        (
            &["suggest", "--for", "more-bills", "--assign"],
            "cannot open the site registry",
        ),
    ] {
        let run = with(state, arguments);
        assert_eq!(
            run.err,
            format!("portolan: {what}: {newer}\n"),
            "{arguments:?}"
        );
        assert_eq!((run.code, run.out.as_str()), (Some(3), ""), "{arguments:?}");
        assert!(files(state) == before, "{arguments:?}");
    }

    // An answer about a port goes on without it: what IANA's registry says is told.
    for arguments in [&["--no-live", "2723"][..], &["2723"]] {
        let run = with(state, arguments);
        assert!(run.out.contains("watchdog-nt"), "{run:?}");
        assert_eq!(
            run.err,
            format!("portolan: cannot read the site registry: {newer}\n"),
            "{arguments:?}"
        );
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(files(state) == before, "{arguments:?}");
    }
    let run = with(state, &["--no-live", "15432", "--json"]);
    let said: Value = serde_json::from_str(&run.out).unwrap();
    let gaps = said["gaps"].as_array().unwrap();
    let gap = gaps.iter().find(|gap| gap["what"] == "site_registry");
    assert_eq!(gap.unwrap()["why"], "failed", "{run:?}");
    assert!(!run.out.contains("bills"), "{run:?}");
    assert!(files(state) == before);
}
