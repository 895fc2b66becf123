use super::*;

#[test]
fn every_file_has_its_part_of_the_answer() {
    let answer = "nginx\t1:1.22.1-3.el9\nfile /proc/version is not owned by any package\n\
        file /opt/x is not owned by any package\nfile /proc/version is not owned by any package\n\
        file /proc/version is not owned by any package\na\t1-1\nb\t2-1\n\
        file /proc/version is not owned by any package\n";
    let told: Vec<Option<(String, Option<String>)>> = parts(answer)
        .map(|package| package.map(|package| (package.name, package.version)))
        .collect();
    let some = |name: &str, version: &str| Some((name.to_owned(), Some(version.to_owned())));
    assert_eq!(
        told,
        [
            some("nginx", "1:1.22.1-3.el9"),
            None,
            None,
            some("a", "1-1")
        ]
    );
}

#[test]
fn a_system_without_the_database_is_not_asked() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(database(root.path()), None);
    let folder = root.path().join("usr/lib/sysimage/rpm");
    std::fs::create_dir_all(&folder).unwrap();
    assert_eq!(database(root.path()), None);
    std::fs::write(folder.join("rpmdb.sqlite"), "").unwrap();
    assert_eq!(database(root.path()), Some(folder));
}

/// A program that says what it is told to, read as rpm is.
fn said(script: &str) -> (Option<Vec<u8>>, Child) {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    (child.stdout.take().and_then(whole), child)
}

#[test]
fn an_answer_has_an_end_in_time_and_in_length() {
    let (answer, mut child) = said("echo a; echo b");
    assert_eq!(answer.as_deref(), Some(&b"a\nb\n"[..]));
    end(&mut child);
    for script in ["echo a; exec tail -f /dev/null", "exec yes"] {
        let (answer, mut child) = said(script);
        assert_eq!(answer, None);
        end(&mut child);
        assert!(child.try_wait().unwrap().is_some());
    }
}
