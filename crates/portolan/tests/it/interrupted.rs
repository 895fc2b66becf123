//! Updates that are killed, and updates that meet.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use tempfile::TempDir;

use crate::command::{alone, finished, portolan};
use crate::mirror::{Mirror, ok};
use crate::update::{base, date, later, snapshots, update, with_state};

fn start(state: &TempDir, from: &str) -> Child {
    let mut command = portolan();
    command
        .arg("--state")
        .arg(state.path())
        .args(["registry", "update", "--from", from]);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for the event, or until the moment has come.
fn at_the_latest(moment: Duration, event: &Receiver<()>) {
    match event.recv_timeout(moment) {
        Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
    }
}

/// A server that tells when its answer, or a part of it, is on its way.
fn telling(answer: Vec<u8>, part: usize) -> (Mirror, Receiver<()>) {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let mirror = Mirror::start(move |_, stream| {
        let sent = stream.write_all(&answer[..part]);
        let _ended = tell.lock().unwrap().send(());
        if sent.is_ok() {
            // The client may be dead by now.
            let _refused = stream.write_all(&answer[part..]);
        }
    });
    (mirror, told)
}

/// What tells that a step of the update is done: a file that is there, or is another one.
const STEPS: [&str; 5] = [
    "snapshots/.incoming",
    ".current.flat.new",
    "current.flat",
    ".current.toml.new",
    "current.toml",
];

fn inode(state: &TempDir, step: &str) -> Option<u64> {
    let path = state.path().join("registry").join(step);
    Some(std::fs::metadata(path).ok()?.ino())
}

#[test]
fn a_kill_at_any_moment_leaves_a_registry_that_answers() {
    let _alone = alone();
    let state = tempfile::tempdir().unwrap();
    let answers = [base(), later()].map(|text| ok("", text.as_bytes()));
    let mirrors = answers.map(|answer| {
        let whole = answer.len();
        telling(answer, whole)
    });
    assert_eq!(update(state.path(), &mirrors[0].0.url()).code, Some(0));
    mirrors[0].1.recv().unwrap();
    let (_never, nothing) = mpsc::channel();
    let (mut killed, mut in_force) = (0, [0, 0]);
    for round in 0..30 {
        // Each round wants the registry that is not in force, so that none has nothing to do.
        let before = date(state.path());
        let (mirror, told) = &mirrors[usize::from(before == "2024-06-12")];
        let was = STEPS.map(|step| inode(&state, step));
        let mut child = start(&state, &mirror.url());
        told.recv_timeout(Duration::from_secs(20)).unwrap();
        match round % 2 {
            0 => at_the_latest(Duration::from_millis(round * 15), &nothing),
            _ => {
                let step = round as usize / 2 % STEPS.len();
                let done = || inode(&state, STEPS[step]).is_some_and(|now| Some(now) != was[step]);
                while !done() && child.try_wait().unwrap().is_none() {
                    std::thread::yield_now();
                }
            }
        }
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().signal().is_some());
        // `date` wants a look-up without a complaint, so a damaged table fails here.
        match date(state.path()).as_str() {
            "2024-06-12" => in_force[0] += 1,
            "2026-11-20" => in_force[1] += 1,
            other => panic!("{other} answers after {before} in round {round}"),
        }
    }
    assert!(
        killed > 0 && in_force.iter().all(|rounds| *rounds > 0),
        "{killed} killed, in force {in_force:?}"
    );
    for (mirror, _) in &mirrors {
        assert_eq!(update(state.path(), &mirror.url()).code, Some(0));
    }
    assert_eq!(date(state.path()), "2026-11-20");
    assert_eq!(snapshots(state.path()).len(), 2);
}

#[test]
fn a_kill_in_the_middle_of_the_download_leaves_the_old_one() {
    let _alone = alone();
    let state = tempfile::tempdir().unwrap();
    assert_eq!(
        update(state.path(), &Mirror::of(ok("", base().as_bytes())).url()).code,
        Some(0)
    );
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let stuck = Mirror::start(move |_, stream| {
        let answer = ok("", later().as_bytes());
        stream.write_all(&answer[..answer.len() / 2]).unwrap();
        tell.lock().unwrap().send(()).unwrap();
        let mut end = [0];
        let _killed = std::io::Read::read(stream, &mut end);
    });
    let mut child = start(&state, &stuck.url());
    told.recv_timeout(Duration::from_secs(20)).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(date(state.path()), "2024-06-12");
    let fresh = Mirror::of(ok("", later().as_bytes()));
    assert_eq!(update(state.path(), &fresh.url()).code, Some(0));
    assert!(!snapshots(state.path()).contains(&".incoming".to_owned()));
}

#[test]
fn of_two_at_once_one_is_told_to_wait() {
    let _alone = alone();
    let state = tempfile::tempdir().unwrap();
    let (arrived, arrival) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let (arrived, wait) = (Mutex::new(arrived), Mutex::new(wait));
    let mirror = Mirror::start(move |_, stream| {
        arrived.lock().unwrap().send(()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        stream.write_all(&ok("", later().as_bytes())).unwrap();
    });
    let first = start(&state, &mirror.url());
    arrival.recv_timeout(Duration::from_secs(20)).unwrap();
    let second = update(state.path(), &mirror.url());
    assert_eq!(
        (second.code, second.err),
        (
            Some(3),
            format!(
                "portolan: cannot update the registry from {} (that of 2026-09-17 stays in force): another update is running; wait for it to end\n",
                mirror.url()
            )
        )
    );
    go_on.send(()).unwrap();
    let first = finished(first.wait_with_output().unwrap());
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""));
    assert_eq!(
        with_state(state.path(), &["registry", "stats", "--json"]).code,
        Some(0)
    );
    assert_eq!(date(state.path()), "2026-11-20");
}
