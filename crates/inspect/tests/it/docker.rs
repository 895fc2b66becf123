//! A real docker engine: the names of its containers, and where its published ports lead.

use std::process::{Command, Stdio};

use crate::stand::{Groups, Lines, Stand, output, this_program, wait_until};

/// An engine with network, mounts, processes and `/run` of its own.
struct Engine {
    stand: Stand,
    _groups: Groups,
    _folder: tempfile::TempDir,
}

impl Engine {
    fn start(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, configuration) = (folder.path().join("data"), folder.path().join("none.json"));
        std::fs::write(&configuration, "{}").unwrap();
        let groups = Groups::new("engine");
        // The first process in its pid namespace: with it, all others end.
        let script = "mount -t tmpfs tmpfs /run && ip link set lo up && exec dockerd \"$@\"";
        let mut launcher = Command::new("unshare")
            .args(["--net", "--mount", "--propagation", "private"])
            .args(["--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", script, "dockerd", "--data-root"])
            .arg(&data)
            .arg("--config-file")
            .arg(&configuration)
            .args(["--cgroup-parent", &format!("/{}/docker", groups.name())])
            .args(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = Lines::of(launcher.stderr.take().unwrap());
        let pid = launcher.id();
        let mut init = None;
        let begun = wait_until(|| {
            let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            init = children.ok().and_then(|text| text.trim().parse().ok());
            init.is_some()
        });
        assert!(begun, "unshare started nothing");
        let stand = Stand::new(launcher, init.unwrap());
        let engine = Self {
            stand,
            _groups: groups,
            _folder: folder,
        };
        lines.wait_for("API listen on");
        engine.import();
        engine
    }

    /// Makes the image `harbour:1`, which holds busybox alone.
    fn import(&self) {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("bin")).unwrap();
        std::fs::copy("/usr/bin/busybox", root.path().join("bin/busybox"))
            .unwrap_or_else(|error| panic!("{error}; run as root: cargo xtask test --install"));
        let mut archive = Command::new("tar")
            .arg("-C")
            .arg(root.path())
            .args(["-c", "."])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut import = self.stand.command("docker", &["import", "-", "harbour:1"]);
        output(import.stdin(archive.stdout.take().unwrap()));
        assert!(archive.wait().unwrap().success());
    }

    fn docker(&self, arguments: &[&str]) -> String {
        self.stand.run("docker", arguments).trim().to_owned()
    }

    /// Starts a web server that is published at a port that docker chooses; tells its id.
    fn serve(&self, name: &str, publish: &str) -> String {
        self.docker(&[
            "run",
            "--detach",
            "--name",
            name,
            "--publish",
            publish,
            "harbour:1",
            "/bin/busybox",
            "httpd",
            "-f",
            "-p",
            "8080",
            "-h",
            "/",
        ])
    }

    fn look(&self, by: &[&str]) -> Vec<String> {
        self.stand.look(&this_program(), by)
    }

    /// A container's first process, by the number it has inside the stand.
    fn first_process(&self, name: &str) -> String {
        self.docker(&["inspect", "--format", "{{.State.Pid}}", name])
    }
}

/// The line about one place.
fn line<'a>(seen: &'a [String], begin: &str) -> &'a str {
    let line = seen.iter().find(|line| line.starts_with(begin));
    line.unwrap_or_else(|| panic!("no {begin} in {seen:#?}"))
}

#[test]
fn a_port_that_a_proxy_holds_is_named_by_its_container() {
    let _alone = crate::alone();
    let engine = Engine::start(&[]);
    let id = engine.serve("web1", "127.0.0.1::8080");
    let port = engine.docker(&["port", "web1", "8080/tcp"]);
    assert!(port.starts_with("127.0.0.1:"), "{port}");

    let container = format!("docker/{id}/web1/harbour:1");
    let seen = engine.look(&[]);
    let published = line(&seen, &format!("listener tcp {port} "));
    assert!(
        published.contains(&format!("unit - to {container} port 8080 owner ")),
        "{published}"
    );
    assert!(published.contains(" docker-proxy - -"), "{published}");
    assert_eq!(seen.iter().find(|l| l.starts_with("publication")), None);
    assert_eq!(seen.iter().find(|l| l.starts_with("gap containers")), None);

    // Inside, where the server itself listens.
    let pid = engine.first_process("web1");
    let by = ["nsenter", "--target", &pid, "--net", "--"];
    let inside = "listener tcp [::]:8080 ";
    let seen = engine.stand.look_for(&this_program(), &by, |seen| {
        seen.iter().any(|line| line.starts_with(inside))
    });
    let served = line(&seen, inside);
    assert!(
        served.ends_with(&format!("unit - to - owner {pid} busybox - {container}")),
        "{served}"
    );
    // From the engine's own network it is another namespace's, and known as well.
    let outside = engine.look(&[]);
    assert_eq!(line(&outside, inside), served);

    // The engine's ports are not those of this network.
    assert_eq!(seen.iter().find(|l| l.starts_with("publication")), None);

    // The proxy, and the server inside.
    assert!(engine.stand.hold_against_ss(&this_program(), &[]) > 0);
    assert!(engine.stand.hold_against_ss(&this_program(), &by) > 0);

    // Another one, over UDP, and the proxy of this one gone: the packet filter goes on without it.
    let udp = engine.serve("web2", "127.0.0.1::53/udp");
    let udp_port = engine.docker(&["port", "web2", "53/udp"]);
    let proxy = published.split(" owner ").nth(1).unwrap();
    let proxy = proxy.split(' ').next().unwrap();
    engine.stand.run("sh", &["-c", &format!("kill -9 {proxy}")]);
    let gone = format!("publication tcp {port} {container} port 8080");
    let seen = engine
        .stand
        .look_for(&this_program(), &[], |seen| seen.contains(&gone));
    let published = line(&seen, &format!("listener udp {udp_port} "));
    let to = format!("to docker/{udp}/web2/harbour:1 port 53 owner");
    assert!(published.contains(&to), "{published}");
    assert!(
        seen.iter()
            .all(|line| !line.contains(&format!("tcp {port} unit")))
    );
}

#[test]
fn a_port_without_a_proxy_is_named_by_its_container() {
    let _alone = crate::alone();
    let engine = Engine::start(&["--userland-proxy=false"]);
    let id = engine.serve("web3", "127.0.0.1::8080");
    let port = engine.docker(&["port", "web3", "8080/tcp"]);
    let to = format!("docker/{id}/web3/harbour:1 port 8080");
    let seen = engine.look(&[]);
    // Some engines hold the port without a proxy, that nobody else takes it; others do not.
    let told = seen.iter().filter(|line| line.contains(&port));
    let told: Vec<&String> = told.collect();
    let [told] = &told[..] else {
        panic!("{seen:#?}")
    };
    let held = format!("listener tcp {port} unit - to {to} owner 1 dockerd - -");
    let published = format!("publication tcp {port} {to}");
    assert!([held, published].contains(told), "{told}");
}

#[test]
fn without_the_engines_leave_the_gap_says_what_the_proxy_does() {
    let _alone = crate::alone();
    let engine = Engine::start(&["--group", "root"]);
    engine.serve("web4", "127.0.0.1::8080");
    let port = engine.docker(&["port", "web4", "8080/tcp"]);
    // Root without its power over files, in a mount of the socket that lets nobody in.
    let program = this_program();
    engine.stand.run("chmod", &["000", "/run/docker.sock"]);
    let by = [
        "setpriv",
        "--bounding-set",
        "-dac_override,-dac_read_search",
        "--inh-caps",
        "-dac_override,-dac_read_search",
        "--",
    ];
    let seen = engine.stand.look(&program, &by);
    assert!(line(&seen, &format!("listener tcp {port} ")).contains(" to - owner "));
    let gap = line(&seen, "gap containers permission");
    assert!(
        gap.contains("cannot ask docker at /run/docker.sock"),
        "{gap}"
    );
    assert!(
        gap.contains(&format!("docker-proxy passes {port} on to ")),
        "{gap}"
    );
}
