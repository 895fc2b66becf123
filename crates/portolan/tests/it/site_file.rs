//! The site registry as a file: lint, export, import, and the same answers as from a database.

mod lint;
mod place;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{Run, finished, portolan};
use crate::schema;

/// Two assignments, a number that is held back, a request, and a name alone.
const SITE: &str = r#"[[assignment]]
service-name = "billing-api"
port = 8446
transport = ["tcp", "udp"]
assignee = "Team Billing"
contact = "billing@example.org"
description = "Invoices over HTTPS"
reference = "https://wiki.example.org/billing"
notes = """
First line.
Scope: host:nowhere."""
why-not-dynamic = "clients find it by its number"
ticket = "OPS-17"
program = "billingd"
registered = 2026-11-20
modified = 2026-11-21

[[assignment]]
service-name = "billing-old"
port = 8447
transport = "tcp"
status = "reserved"
assignee = "Team Billing"
registered = 2020-01-01
modified = 2024-05-06

[[assignment]]
service-name = "metrics-in"
port = 8448
transport = "tcp"
status = "requested"
assignee = "Team Metrics"
contact = "metrics@example.org"
scope = "group:web"
requested = 2026-11-22
requested-by = "anna"

[[assignment]]
service-name = "replica"
port = 8449
transport = ["sctp", "dccp"]
assignee = "Team Data [2]"
contact = "data@example.org"
description = "Copies"
reference = "https://wiki.example.org/replica"
service-code = 1145656131
why-not-dynamic = "firewalls"
scope = "host:db1"
registered = 2026-11-20

[[assignment]]
service-name = "name-alone"
assignee = "Team Names"
contact = "names@example.org"
description = "Found by SRV records"
reference = "https://wiki.example.org/names"
registered = 2026-11-20
"#;

/// Runs in `folder`, in which the state is too.
fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = portolan();
    command
        .current_dir(folder)
        .env("STATE_DIRECTORY", folder.join("state"));
    finished(command.args(arguments).output().unwrap())
}

/// A folder with the file, and its records in the database.
fn both() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("site.toml"), SITE).unwrap();
    let run = run_in(folder.path(), &["registry", "import", "site.toml"]);
    assert_eq!(run.out, "imported 5, already there 0\n", "{run:?}");
    assert_eq!(run.code, Some(0));
    folder
}

/// Without the numbers of records, which a file has none of, their versions, and where a record of
/// the file stands in it.
fn numberless(text: &str) -> String {
    let mut told = String::new();
    for line in text.lines() {
        let key = line.trim_start();
        let keys = ["record", "version", "file", "line"];
        let starts = |word: &&str| key.starts_with(&format!("\"{word}\":"));
        if keys.iter().any(starts) {
            continue;
        }
        let line = line.replace("site.toml:", "record ");
        let mut rest = &*line;
        while let Some((before, after)) = rest.split_once("record ") {
            told.push_str(before);
            told.push_str("record N");
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        told.push_str(rest);
        told.push('\n');
    }
    told
}

#[test]
fn a_file_and_a_database_give_the_same_answers() {
    let folder = both();
    fs::write(
        folder.path().join("portolan.toml"),
        "[[expect]]\nport = 8446\nrequired = true\n",
    )
    .unwrap();
    for query in [
        &["8446", "--no-live"][..],
        &["8446/udp", "8447", "8448", "8449", "--no-live"],
        &["billing-api", "name-alone", "replica", "--no-live"],
        &["8440-8450", "--no-live"],
        &["search", "billing"],
        &["suggest", "--check", "8446"],
        &["check", "--config", "portolan.toml"],
    ] {
        let kept = run_in(folder.path(), &[query, &["--json"]].concat());
        let of_file = run_in(
            folder.path(),
            &[query, &["--json", "--site", "site.toml"]].concat(),
        );
        assert!(
            serde_json::from_str::<Value>(&kept.out).is_ok(),
            "{query:?}: {kept:?}"
        );
        assert_eq!(numberless(&of_file.out), numberless(&kept.out), "{query:?}");
        assert_eq!(of_file.code, kept.code, "{query:?}");
    }
    let looked = run_in(
        folder.path(),
        &["8446", "--no-live", "--json", "--site", "site.toml"],
    );
    assert!(looked.out.contains("\"source\": \"site\""), "{looked:?}");
    // The configuration may name the file, too.
    fs::write(
        folder.path().join("portolan.toml"),
        "[site]\nfile = \"site.toml\"\n",
    )
    .unwrap();
    let configured = ["8446", "--no-live", "--json", "--config", "portolan.toml"];
    assert_eq!(run_in(folder.path(), &configured).out, looked.out);
}

#[test]
fn every_form_is_read_back_as_the_same_records() {
    let folder = both();
    let kept = run_in(
        folder.path(),
        &["registry", "export", "--site", "--format", "toml"],
    );
    assert_eq!(kept.out, SITE);
    for form in ["csv", "xml", "json", "jsonl", "toml"] {
        let there = run_in(
            folder.path(),
            &["registry", "export", "--site", "--format", form],
        );
        let name = format!("site.{form}");
        fs::write(folder.path().join(&name), &there.out).unwrap();
        let again = run_in(folder.path(), &["registry", "import", &name]);
        assert_eq!(
            again.out, "imported 0, already there 5\n",
            "{form}: {again:?}"
        );
        let state = ["--state", form];
        let taken = run_in(
            folder.path(),
            &[&state[..], &["registry", "import", &name]].concat(),
        );
        assert_eq!(
            taken.out, "imported 5, already there 0\n",
            "{form}: {taken:?}"
        );
        let export = ["registry", "export", "--site", "--format", form];
        let back = run_in(folder.path(), &[&state[..], &export].concat());
        assert_eq!(back.out, there.out, "{form}");
    }
    let json = run_in(folder.path(), &["registry", "export", "--site", "--json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    schema::check("registry-export.json", &json);
    let csv = run_in(
        folder.path(),
        &[
            "--registry",
            "site.csv",
            "registry",
            "export",
            "--format",
            "toml",
        ],
    );
    assert_eq!(
        csv.out, SITE,
        "rows that were exported are records wherever they are read"
    );
}

#[test]
fn only_what_is_assigned_is_a_service() {
    let folder = both();
    let export = [
        "registry",
        "export",
        "--site",
        "site.toml",
        "--format",
        "services",
    ];
    let services = run_in(folder.path(), &export);
    insta::assert_snapshot!(services.out, @r"
    # Network services, Internet style: services(5)
    # from the site registry of 2026-11-22
    billing-api     8446/tcp        # Invoices over HTTPS
    billing-api     8446/udp        # Invoices over HTTPS
    replica         8449/sctp       # Copies
    replica         8449/dccp       # Copies
    # left out, names without a port: 1
    ");
    let none = run_in(
        folder.path(),
        &["registry", "export", "--site", "--ports", "1"],
    );
    assert_eq!(none.code, Some(1));
    assert_eq!(
        none.err,
        "portolan: no record of the site registry fits --ports and --transport; try fewer of them\n"
    );
    let iana = run_in(
        folder.path(),
        &["registry", "export", "--format", "toml", "--ports", "22"],
    );
    assert_eq!(iana.code, Some(2));
    assert_eq!(
        iana.err,
        "portolan: cannot export: the row 22/tcp \"ssh\" is no record of a site registry: it has no date: neither a registration date nor a line \"Requested: 2026-11-22.\" in its notes; export the site registry with --site\n"
    );
}

#[test]
fn an_import_is_whole_or_nothing() {
    let folder = both();
    let new = format!(
        "{SITE}\n[[assignment]]\nservice-name = \"new-one\"\nport = 9461\ntransport = \"tcp\"\nassignee = \"Team New\"\ncontact = \"x@example.org\"\ndescription = \"x\"\nreference = \"https://example.org\"\nwhy-not-dynamic = \"x\"\nregistered = 2026-11-22\n\n[[assignment]]\nservice-name = \"late\"\nport = 8446\ntransport = \"tcp\"\nassignee = \"Team Late\"\ncontact = \"x@example.org\"\ndescription = \"x\"\nreference = \"https://example.org\"\nwhy-not-dynamic = \"x\"\nregistered = 2026-11-22\n"
    );
    fs::write(folder.path().join("more.toml"), &new).unwrap();
    for dry in [&["--dry-run"][..], &[]] {
        let run = run_in(
            folder.path(),
            &[&["registry", "import", "more.toml"], dry].concat(),
        );
        assert_eq!(run.code, Some(1), "{run:?}");
        assert_eq!(
            run.err,
            "portolan: cannot import more.toml, line 70, late 8446/tcp: refused by RFC 6335 section 6: 8446/tcp,udp is held by more.toml:1 (billing-api), assigned to Team Billing; give one of the two another port; of one assignee's, join the two records; nothing was imported\n"
        );
        let kept = run_in(
            folder.path(),
            &["registry", "export", "--site", "--format", "toml"],
        );
        assert_eq!(kept.out, SITE);
    }
    let json = run_in(
        folder.path(),
        &["registry", "import", "more.toml", "--json"],
    );
    let json: Value = serde_json::from_str(&json.out).unwrap();
    schema::check("site-import.json", &json);
    assert_eq!(json["refused"]["line"], 70);
    fs::write(
        folder.path().join("more.toml"),
        new.replace(
            "port = 8446\ntransport = \"tcp\"\nassignee = \"Team Late\"",
            "port = 9462\ntransport = \"tcp\"\nassignee = \"Team Late\"",
        ),
    )
    .unwrap();
    let dry = run_in(
        folder.path(),
        &["registry", "import", "more.toml", "--dry-run"],
    );
    assert_eq!(
        dry.out,
        "would import 2, already there 5; nothing was kept\n"
    );
    let done = run_in(
        folder.path(),
        &[
            "registry",
            "import",
            "more.toml",
            "--because",
            "from the wiki",
        ],
    );
    assert_eq!(done.out, "imported 2, already there 5\n");
    let audit = run_in(folder.path(), &["registry", "audit"]);
    assert!(audit.out.contains("from the wiki"), "{audit:?}");
}

#[test]
fn an_import_says_what_lint_says() {
    let folder = tempfile::tempdir().unwrap();
    let bare = "[[assignment]]\nservice-name = \"bare\"\nport = 9461\nregistered = 2026-11-22\n";
    fs::write(folder.path().join("bare.toml"), bare).unwrap();
    let run = run_in(folder.path(), &["registry", "import", "bare.toml"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(
        run.err,
        "portolan: cannot import bare.toml, line 1, bare 9461: refused by RFC 6335 section 8.1.1: no transport; write transport; nothing was imported\n"
    );
    let lint = run_in(folder.path(), &["registry", "lint", "bare.toml"]);
    assert_eq!(lint.code, Some(1), "{lint:?}");
    // What is only older or odd is told: each of twenty, then how many of each kind.
    let mut odd = String::new();
    for n in 0..30 {
        odd.push_str(&format!(
            "[[assignment]]\nservice-name = \"run-{n}\"\nport = \"{}-{}\"\ntransport = \"tcp\"\nassignee = \"A\"\ncontact = \"c\"\ndescription = \"d\"\nreference = \"r\"\nregistered = 2026-11-22\n\n",
            21_000 + n * 4,
            21_002 + n * 4
        ));
    }
    fs::write(folder.path().join("odd.toml"), odd).unwrap();
    let run = run_in(folder.path(), &["registry", "import", "odd.toml"]);
    assert_eq!(run.out, "imported 30, already there 0\n", "{run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 22, "{run:?}");
    assert!(
        lines[0].ends_with(
            "odd.toml, line 1: it does not say why-not-dynamic (why no Dynamic port will do)"
        ),
        "{run:?}"
    );
    assert!(
        lines[20].ends_with("odd.toml: 20 more: N are N ports, and a service gets one"),
        "{run:?}"
    );
    assert!(
        lines[21].ends_with("odd.toml: 20 more: it does not say why-not-dynamic"),
        "{run:?}"
    );
}

#[test]
fn an_export_that_cannot_be_read_back_is_told_as_such() {
    let folder = both();
    for form in ["services", "markdown", "html", "text"] {
        let arguments = ["registry", "export", "--site", "--format", form];
        let export = run_in(folder.path(), &arguments);
        fs::write(folder.path().join("export"), &export.out).unwrap();
        let run = run_in(folder.path(), &["registry", "import", "export"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert_eq!(
            run.err,
            format!(
                "portolan: cannot import export: an export as {form} cannot be read back; those that can are toml, csv, xml, json and jsonl: portolan registry export --site --format toml\n"
            )
        );
    }
}

#[test]
fn what_is_no_site_registry_is_malformed_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, said) in [
        (
            "a.toml",
            "[[assignment]]\nprot = 1\n",
            "cannot import a.toml, line 2, column 1: there is no key \"prot\" in [[assignment]]; the nearest is \"port\"",
        ),
        ("b", "", "cannot import b: the file is empty"),
        (
            "c",
            "{\"schema\":\"x\",\"rows\":[]}",
            "cannot import c: its schema is \"x\"; an exported registry has \"portolan.registry/1\"",
        ),
        (
            "d",
            "{\"schema\":\"portolan.registry/1\",\"rows\":[\n{\"service_name\":\"a\",\"port\":\"70000\"}]}",
            "cannot import d, line 2: this is no record: its port is beyond 65535, the highest port",
        ),
        (
            "e",
            "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n,1,tcp,Free,,,,,,,,\n",
            "cannot import e, line 2: this is no record: it has no service name, and says neither Reserved nor Unassigned",
        ),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
        let run = run_in(folder.path(), &["registry", "import", name]);
        assert_eq!(run.err, format!("portolan: {said}\n"));
        assert_eq!(run.code, Some(2), "{run:?}");
    }
    let looked = run_in(folder.path(), &["80", "--no-live", "--site", "a.toml"]);
    assert_eq!(looked.code, Some(2));
    assert_eq!(
        looked.err,
        "portolan: cannot read the site registry a.toml, line 2, column 1: there is no key \"prot\" in [[assignment]]; the nearest is \"port\"; portolan registry lint tells all mistakes\n"
    );
    let absent = run_in(folder.path(), &["registry", "import", "none.toml"]);
    assert_eq!(absent.code, Some(3), "{absent:?}");
    let step = [
        "--site", "b", "registry", "request", "x-one", "--port", "9461",
    ];
    fs::write(folder.path().join("b"), "\n").unwrap();
    let step = run_in(folder.path(), &step);
    assert_eq!(step.code, Some(1), "{step:?}");
    assert!(
        step.err.contains("the site registry is the file b"),
        "{step:?}"
    );
}
