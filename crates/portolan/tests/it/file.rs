//! Registries from files: each form, packed or not, and what is too large to be one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::GzEncoder;

use crate::command::run;
use crate::update::{base, date, later, snapshots, update, with_state};

/// What is read into memory and packed takes longer than this; what is refused at sight does not.
const AT_ONCE: Duration = Duration::from_secs(2);

fn packed(bytes: impl Read) -> Vec<u8> {
    let mut gzip = Vec::new();
    GzEncoder::new(bytes, Compression::fast())
        .read_to_end(&mut gzip)
        .unwrap();
    gzip
}

/// Writes the file, and gives its path as an argument.
fn written(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// IANA's XML form of the CSV file.
fn as_xml(csv: &str) -> Vec<u8> {
    let export = run(&["--registry", csv, "registry", "export", "--format", "xml"]);
    assert_eq!((export.code, export.err.as_str()), (Some(0), ""));
    export.out.into_bytes()
}

#[test]
fn an_update_takes_xml_and_finds_the_same_rows_as_in_csv() {
    let state = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let csv = written(folder.path(), "later.csv", later().as_bytes());
    assert_eq!(update(state.path(), &csv).code, Some(0));
    let xml = written(folder.path(), "later", &as_xml(&csv));
    let run = update(state.path(), &xml);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(
        run.out,
        "Registry of 2026-11-20: 14,448 rows, 0 added, 0 removed, 0 changed since that of 2026-11-20; lint finds 206 errors, as before\n"
    );
    let shown = with_state(state.path(), &["--no-live", "65000"]).out;
    assert!(shown.contains("lighthouse: A lamp"), "{shown}");
    let kept = snapshots(state.path());
    assert!(kept.iter().any(|name| name.ends_with(".xml")), "{kept:?}");

    // A page in XML's clothes, and a file that was cut, leave it in force.
    let whole = fs::read(&xml).unwrap();
    for (name, bytes) in [
        ("cut.xml", &whole[..whole.len() / 2]),
        ("other.xml", b"<feed><title>News</title></feed>"),
    ] {
        let run = update(state.path(), &written(folder.path(), name, bytes));
        assert_eq!((run.code, run.err.lines().count()), (Some(2), 1), "{run:?}");
        assert_eq!(date(state.path()), "2026-11-20");
        assert_eq!(snapshots(state.path()), kept);
    }
}

#[test]
fn an_update_takes_gzip_of_either_form() {
    let folder = tempfile::tempdir().unwrap();
    let csv = written(folder.path(), "base.csv", base().as_bytes());
    for (bytes, suffix) in [(base().into_bytes(), ".csv.gz"), (as_xml(&csv), ".xml.gz")] {
        let state = tempfile::tempdir().unwrap();
        let file = written(folder.path(), "packed", &packed(bytes.as_slice()));
        let run = update(state.path(), &file);
        assert!(
            run.out.starts_with("Registry of 2024-06-12: 14,447 rows, "),
            "{run:?}"
        );
        assert_eq!(date(state.path()), "2024-06-12");
        let kept = snapshots(state.path());
        assert!(kept.len() == 1 && kept[0].ends_with(suffix), "{kept:?}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
fn what_is_too_large_is_refused_at_once_and_the_old_registry_answers() {
    let state = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let csv = written(folder.path(), "later.csv", later().as_bytes());
    assert_eq!(update(state.path(), &csv).code, Some(0));
    let kept = snapshots(state.path());

    let huge = written(folder.path(), "huge.csv", b"");
    let file = File::options().write(true).open(&huge).unwrap();
    file.set_len(300 << 20).unwrap();
    let bomb = packed(io::repeat(b'a').take(100 << 20));
    let bomb = written(folder.path(), "bomb.csv.gz", &bomb);
    let one_run = |file| ["--registry", file, "--no-live", "80"];
    let fetch = |file| ["registry", "update", "--from", file];
    for (arguments, said) in [
        (
            one_run(&huge),
            format!(
                "cannot read {huge} as a registry, which is IANA's CSV or XML file: larger than 64 MiB; a registry has about 4 MB"
            ),
        ),
        (
            fetch(&huge),
            format!(
                "cannot update the registry from {huge} (that of 2026-11-20 stays in force): it has 314572800 bytes, more than the 268435456 that are taken; a registry has about 4,000,000"
            ),
        ),
        (
            one_run(&bomb),
            format!(
                "cannot read {bomb} as a registry, which is IANA's CSV or XML file: the gzip file unpacks to more than 64 MiB; a registry has about 4 MB"
            ),
        ),
        (
            fetch(&bomb),
            format!(
                "cannot update the registry from {bomb} (that of 2026-11-20 stays in force): it unpacks to more than 100 times its size, which no registry does: a compression bomb"
            ),
        ),
    ] {
        let start = Instant::now();
        let run = with_state(state.path(), &arguments);
        let took = start.elapsed();
        assert_eq!(
            (run.code, run.out.as_str(), run.err),
            (Some(2), "", format!("portolan: {said}\n"))
        );
        if arguments.contains(&huge.as_str()) {
            assert!(took < AT_ONCE, "{took:?}");
        }
        assert_eq!(date(state.path()), "2026-11-20");
        assert_eq!(snapshots(state.path()), kept);
    }
}
