//! `portolan registry update` against servers that behave, and such that do not.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::command::{Run, alone, finished, portolan, portolan_as_nobody};
use crate::mirror::{Mirror, ok};
use crate::schema::check;

const BASE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../data/iana/service-names-port-numbers.csv"
);

/// The embedded registry's date.
const EMBEDDED: &str = "2026-09-17";

pub(crate) fn base() -> String {
    fs::read_to_string(BASE).unwrap()
}

/// A registry as it may look later: a row more, and one service described otherwise.
pub(crate) fn later() -> String {
    let row = "lighthouse,65000,tcp,A lamp,[Keeper],[Keeper],2026-11-20,,,,,\r\n";
    base()
        .replace(",KRB524,", ",KRB524 of old,")
        .replacen("\r\n", &format!("\r\n{row}"), 1)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn with_state(state: &Path, arguments: &[&str]) -> Run {
    let mut command = portolan();
    command.arg("--state").arg(state).args(arguments);
    finished(command.output().unwrap())
}

pub(crate) fn update(state: &Path, from: &str) -> Run {
    with_state(state, &["registry", "update", "--from", from])
}

/// Exit code and complaint, with the address and the folder written as names.
fn refused(state: &TempDir, from: &str) -> String {
    let run = update(state.path(), from);
    assert_eq!(
        (run.out.as_str(), run.err.lines().count()),
        ("", 1),
        "{run:?}"
    );
    let host = from
        .strip_prefix("http://")
        .and_then(|f| f.split('/').next())
        .unwrap_or("HOST");
    let said = run
        .err
        .trim_end()
        .replace(from, "FROM")
        .replace(host, "HOST");
    let said = said.replace(&state.path().display().to_string(), "STATE");
    format!("{} {said}", run.code.unwrap())
}

/// Which registry answers a look-up.
pub(crate) fn date(state: &Path) -> String {
    let run = with_state(state, &["--no-live", "--json", "80"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    document["registry"]["date"].as_str().unwrap().to_owned()
}

pub(crate) fn snapshots(state: &Path) -> Vec<String> {
    let folder = fs::read_dir(state.join("registry/snapshots")).unwrap();
    let mut names: Vec<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_newer_registry_is_kept_and_answers() {
    let state = tempfile::tempdir().unwrap();
    let mirror = Mirror::of(ok("", base().as_bytes()));
    let run = update(state.path(), &mirror.url());
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (
            Some(0),
            "Registry of 2024-06-12: 14,447 rows, 19 added, 42 removed, 38 changed since that of 2026-09-17; lint finds 205 errors, 8 more than before\n",
            "portolan: the registry of 2024-06-12 is older than that of 2026-09-17, which it replaces\n",
        )
    );
    assert_eq!(date(state.path()), "2024-06-12");

    let mirror = Mirror::of(ok(
        "Content-Encoding: gzip\r\n",
        &packed(later().as_bytes()),
    ));
    let run = with_state(
        state.path(),
        &["registry", "update", "--json", "--from", &mirror.url()],
    );
    let document = serde_json::from_str(&run.out).unwrap();
    check("registry-update.json", &document);
    assert_eq!(
        document,
        serde_json::json!({
            "schema": "portolan.registry_update/1", "updated": true, "date": "2026-11-20",
            "since": "2024-06-12", "rows": 14_448, "added": 1, "removed": 0, "changed": 2,
            "lint_errors": 206, "lint_errors_before": 205,
        })
    );
    let shown = with_state(state.path(), &["--no-live", "65000"]);
    assert!(shown.out.contains("lighthouse: A lamp"), "{}", shown.out);
    for command in [
        vec!["search", "lighthouse"],
        vec!["registry", "export"],
        vec!["registry", "stats", "--json"],
    ] {
        let run = with_state(state.path(), &command);
        assert!(
            run.out.contains("lighthouse") || run.out.contains("2026-11-20"),
            "{command:?}"
        );
    }
    let embedded = with_state(
        state.path(),
        &["--registry", "embedded", "registry", "stats", "--json"],
    );
    assert!(embedded.out.contains(EMBEDDED));

    let kept = snapshots(state.path());
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kept[0].starts_with("2024-06-12-") && kept[0].ends_with(".csv"));
    assert!(kept[1].starts_with("2026-11-20-") && kept[1].ends_with(".csv.gz"));
    let first = state.path().join("registry/snapshots").join(&kept[0]);
    assert!(fs::read(first).unwrap() == base().as_bytes());
}

#[test]
fn nothing_new_is_said_and_the_server_is_asked_for_no_more() {
    let _alone = alone();
    let state = tempfile::tempdir().unwrap();
    let mirror = Mirror::start(|head, stream| {
        let known = head.contains("if-none-match: \"v1\"\r\n")
            && head.contains("if-modified-since: fri, 20 nov 2026 10:00:00 gmt\r\n");
        let whole = ok(
            "ETag: \"v1\"\r\nLast-Modified: Fri, 20 Nov 2026 10:00:00 GMT\r\n",
            later().as_bytes(),
        );
        let none = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec();
        stream
            .write_all(if known { &none } else { &whole })
            .unwrap();
    });
    assert_eq!(update(state.path(), &mirror.url()).code, Some(0));
    let again = update(state.path(), &mirror.url());
    assert_eq!(
        (again.code, again.out.as_str(), again.err.as_str()),
        (
            Some(0),
            "Nothing new: the registry of 2026-11-20 stays in force\n",
            ""
        )
    );
    let heads = mirror.asked();
    assert!(!heads[0].contains("if-none-match") && heads[1].contains("if-none-match"));

    // What is damaged is not asked about, but fetched again.
    let table = state.path().join("registry/current.flat");
    let mut bytes = fs::read(&table).unwrap();
    bytes[5000] ^= 1;
    fs::write(&table, bytes).unwrap();
    let shown = with_state(state.path(), &["--no-live", "65000"]);
    assert_eq!(
        (shown.code, shown.err.as_str()),
        (
            Some(0),
            format!("portolan: {} is ignored and the registry inside the program answers: it is damaged or of another version of Portolan; make it again with: portolan registry update\n", table.display()).as_str(),
        )
    );
    assert!(!shown.out.contains("lighthouse"));
    assert_eq!(update(state.path(), &mirror.url()).code, Some(0));
    assert_eq!(date(state.path()), "2026-11-20");
    assert!(!mirror.asked()[2].contains("if-none-match"));
}

#[test]
fn the_same_file_from_elsewhere_is_nothing_new() {
    let state = tempfile::tempdir().unwrap();
    update(state.path(), BASE);
    let again = update(state.path(), &Mirror::of(ok("", base().as_bytes())).url());
    assert_eq!(
        again.out,
        "Nothing new: the registry of 2024-06-12 stays in force\n"
    );
    assert_eq!(snapshots(state.path()).len(), 1);
}

#[test]
fn what_is_broken_is_refused_with_one_line_and_the_old_registry_answers() {
    let state = tempfile::tempdir().unwrap();
    assert_eq!(
        update(state.path(), &Mirror::of(ok("", later().as_bytes())).url()).code,
        Some(0)
    );
    let kept = snapshots(state.path());
    let whole = later();
    let gzip = packed(whole.as_bytes());
    let rows: Vec<&str> = whole.split_inclusive("\r\n").collect();
    let half = rows[..rows.len() / 2].concat();
    let page = b"<!DOCTYPE html><html><body>Not here</body></html>\n";
    let bomb = packed(&vec![b'a'; 64 << 20]);
    let nameless = whole
        .replace("\r\na", "\r\nx-a")
        .replace("\r\ns", "\r\nx-s");
    for (answer, said) in [
        (
            [b"HTTP/1.1 404 Not Found\r\nContent-Length: 49\r\n\r\n".as_slice(), page].concat(),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): the server answered 404 Not Found; is the address right?",
        ),
        (
            ok("", page),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it is a web page (HTML), not a registry; is the address right?",
        ),
        (
            ok("", b""),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it is empty",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 314572800\r\n\r\nService Name".to_vec(),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it has 314572800 bytes, more than the 268435456 that are taken; a registry has about 4,000,000",
        ),
        (
            [b"HTTP/1.1 200 OK\r\nContent-Length: 1151951\r\n\r\n".as_slice(), &whole.as_bytes()[..100_000]].concat(),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): the download broke off after 100000 of 1151951 bytes; try again",
        ),
        (
            ok("", &gzip[..gzip.len() / 2]),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): its gzip compression is damaged or ends early; fetch it again: incomplete deflate stream",
        ),
        (
            ok("", &bomb),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it unpacks to more than 100 times its size, which no registry does: a compression bomb",
        ),
        (
            ok("", half.as_bytes()),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it has 7223 rows where the one in force has 14448; if that is right: --allow-shrink",
        ),
        (
            ok("", nameless.as_bytes()),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it lacks 1394 of the 7282 service names in force; if that is right: --allow-shrink",
        ),
        (
            [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".as_slice(), &whole.as_bytes()[..whole.len() - 5]].concat(),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it ends in the middle of a line; fetch it again",
        ),
        (
            ok("", b"a,b\r\n1,2\r\n"),
            "2 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): it cannot be read as a registry: line 1, column 1: the header says \"a\" where IANA's registry says \"Service Name\"",
        ),
        (
            ok("Content-Encoding: br\r\n", b"abc"),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): the server sent the content encoding \"br\", which was not asked for",
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): the server redirects more than 5 times",
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n".to_vec(),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): the server redirects to \"file:///etc/passwd\", which is no address",
        ),
        (
            b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec(),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): the server answered 304 Not Modified where nothing had been fetched before",
        ),
        (
            b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(),
            "3 portolan: cannot update the registry from FROM (that of 2026-11-20 stays in force): HOST does not keep to HTTP: protocol: http parse fail: invalid HTTP version",
        ),
    ] {
        let mirror = Mirror::of(answer);
        assert_eq!(refused(&state, &mirror.url()), said);
        assert_eq!(date(state.path()), "2026-11-20");
        assert_eq!(snapshots(state.path()), kept);
    }
}

#[test]
fn a_body_without_end_is_left_in_time() {
    let state = tempfile::tempdir().unwrap();
    let mirror = Mirror::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let row = "tcpmux,1,tcp,TCP Port Service Multiplexer,,,,,,,,\r\n".repeat(20_000);
        while stream.write_all(row.as_bytes()).is_ok() {}
    });
    assert_eq!(
        refused(&state, &mirror.url()),
        "2 portolan: cannot update the registry from FROM (that of 2026-09-17 stays in force): it goes on after the 268435456 bytes that are taken; a registry has about 4,000,000"
    );
    assert!(snapshots(state.path()).is_empty());
}

#[test]
fn a_smaller_registry_is_taken_when_told_so() {
    let state = tempfile::tempdir().unwrap();
    let few = base().split_inclusive("\r\n").take(101).collect::<String>();
    let mirror = Mirror::of(ok("", few.as_bytes()));
    let run = with_state(
        state.path(),
        &[
            "registry",
            "update",
            "--allow-shrink",
            "--from",
            &mirror.url(),
        ],
    );
    assert!(run.out.contains(": 100 rows, "), "{run:?}");
    assert_eq!(run.code, Some(0));
}

#[test]
fn what_cannot_be_reached_or_opened_says_so() {
    let state = tempfile::tempdir().unwrap();
    let closed = {
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", held.local_addr().unwrap())
    };
    assert_eq!(
        refused(&state, &closed),
        "3 portolan: cannot update the registry from FROM (that of 2026-09-17 stays in force): the connection to HOST failed: Connection refused (os error 111)"
    );
    assert_eq!(
        refused(&state, "/nonexistent.csv"),
        "3 portolan: cannot update the registry from FROM (that of 2026-09-17 stays in force): cannot open it: No such file or directory (os error 2)"
    );
    assert_eq!(
        refused(&state, "/dev/zero"),
        "2 portolan: cannot update the registry from FROM (that of 2026-09-17 stays in force): it is no regular file"
    );
    for (from, said) in [
        (
            "ftp://example.com/x",
            "only https://, http:// and files are read",
        ),
        (
            "https://me:secret@example.com/x",
            "an address with a name or password in it is not taken; fetch the file by other means and name it",
        ),
    ] {
        assert_eq!(
            refused(&state, from),
            format!("2 portolan: cannot update the registry: {said}")
        );
    }
    let mut command = portolan();
    command.env("https_proxy", "socks5://me:secret@127.0.0.1:1");
    let run = finished(
        command
            .arg("--state")
            .arg(state.path())
            .args(["registry", "update"])
            .output()
            .unwrap(),
    );
    assert_eq!(
        (run.code, run.err.as_str()),
        (
            Some(2),
            "portolan: cannot update the registry from https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv (that of 2026-09-17 stays in force): HTTPS_PROXY names no proxy of the form http://HOST:PORT; correct it or unset it\n"
        )
    );
}

/// A folder that this test may not write into: below a file, which stops root too.
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let state: PathBuf = file.join("state");
    let run = update(&state, BASE);
    assert_eq!(
        (run.code, run.err),
        (
            Some(3),
            format!(
                "portolan: cannot update the registry from {BASE} (that of 2026-09-17 stays in force): cannot make the folder {}/registry/snapshots; run as its owner, or name another folder with --state: Not a directory (os error 20)\n",
                state.display()
            ),
        )
    );
    assert_eq!(date(&state), EMBEDDED);
}

#[test]
fn a_folder_of_somebody_else_is_named() {
    let state = tempfile::tempdir().unwrap();
    fs::set_permissions(state.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let (_folder, mut command) = portolan_as_nobody();
    // There is no such file, but it never gets that far.
    command.arg("--state").arg(state.path());
    command.args(["registry", "update", "--from", "ports.csv"]);
    let run = finished(command.output().unwrap());
    assert_eq!(
        (run.code, run.err),
        (
            Some(3),
            format!(
                "portolan: cannot update the registry from ports.csv (that of 2026-09-17 stays in force): cannot make the folder {}/registry/snapshots; run as its owner, or name another folder with --state: Permission denied (os error 13)\n",
                state.path().display()
            ),
        )
    );
}
