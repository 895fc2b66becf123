//! A real systemd as the first process: socket units, activated and not.

use std::collections::BTreeMap;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::stand::{Groups, Lines, PATIENCE, Stand, this_program};

/// Where this test program lies inside.
const INSIDE: &str = "/usr/local/bin/portolan-test";

/// The units of the stand: name, and what stands in the file. The network is the stand's own, so
/// the ports are free.
const UNITS: &[(&str, &str)] = &[
    // A plain service.
    (
        "harbour-plain.service",
        "[Service]\nExecStart=/usr/bin/systemd-socket-activate --listen=127.0.0.1:7101 /bin/cat\n",
    ),
    // A service that runs and was handed its socket, on all addresses of both families.
    ("harbour-active.socket", "[Socket]\nListenStream=7102\n"),
    (
        "harbour-active.service",
        "[Unit]\nRequires=harbour-active.socket\nAfter=harbour-active.socket\n\
         [Service]\nExecStart=/usr/lib/systemd/systemd-socket-proxyd 127.0.0.1:7101\n",
    ),
    // One that nobody has called yet, and one on the same number over another transport.
    (
        "harbour-idle.socket",
        "[Socket]\nListenStream=127.0.0.1:7103\n",
    ),
    (
        "harbour-idle.service",
        "[Service]\nExecStart=/bin/sleep 1000\n",
    ),
    (
        "harbour-datagram.socket",
        "[Socket]\nListenDatagram=127.0.0.1:7103\nService=harbour-idle.service\n",
    ),
    // One port, two units, told apart by address, by family and by interface.
    (
        "harbour-left.socket",
        "[Socket]\nListenStream=127.0.0.2:7104\nService=harbour-idle.service\n",
    ),
    (
        "harbour-right.socket",
        "[Socket]\nListenStream=127.0.0.3:7104\nService=harbour-idle.service\n",
    ),
    (
        "harbour-six.socket",
        "[Socket]\nListenStream=[::]:7105\nBindIPv6Only=ipv6-only\nService=harbour-idle.service\n",
    ),
    (
        "harbour-four.socket",
        "[Socket]\nListenStream=0.0.0.0:7105\nService=harbour-idle.service\n",
    ),
    (
        "harbour-device.socket",
        "[Socket]\nListenStream=0.0.0.0:7106\nBindToDevice=lo\nService=harbour-idle.service\n",
    ),
    // A process for each connection.
    (
        "harbour-each.socket",
        "[Socket]\nListenStream=127.0.0.1:7107\nAccept=yes\n",
    ),
    (
        "harbour-each@.service",
        "[Service]\nStandardInput=socket\nExecStart=/bin/cat\n",
    ),
];

/// A machine of systemd's; its processes end before what they live in is removed.
struct Machine {
    stand: Stand,
    _groups: Groups,
    _folder: tempfile::TempDir,
}

/// Starts systemd, and waits until it says that it is up.
fn boot() -> Machine {
    let root = root();
    let folder = tempfile::tempdir().unwrap();
    let units = folder.path().join("units");
    let wants = units.join("multi-user.target.wants");
    std::fs::create_dir_all(&wants).unwrap();
    for (name, text) in UNITS {
        std::fs::write(units.join(name), text).unwrap();
        if !name.contains('@') && *name != "harbour-idle.service" {
            std::os::unix::fs::symlink(format!("../{name}"), wants.join(name)).unwrap();
        }
    }
    let complaint = folder.path().join("complaint");
    let ready = folder.path().join("ready");
    let socket = UnixDatagram::bind(&ready).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();

    // nspawn makes its groups below the one it is started in.
    let groups = Groups::new("systemd");
    let own: Vec<PathBuf> = groups.folders();
    // Only those of systemd's own trees may be joined without more ado.
    let own = own.iter().filter(|folder| {
        let tree = folder
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default();
        ["systemd", "unified", "cgroup"]
            .iter()
            .any(|name| tree == *name)
    });
    let mut script = String::new();
    for folder in own {
        std::fs::create_dir(folder).unwrap();
        script += &format!("echo $$ > {}/cgroup.procs && ", folder.display());
    }
    script += "exec systemd-nspawn \"$@\"";
    let mut launcher = Command::new("sh")
        .args(["-c", &script, "systemd-nspawn", "--boot", "--quiet"])
        .args(["--register=no", "--keep-unit", "--private-network"])
        .args(["--volatile=overlay", "--notify-ready=yes", "--console=pipe"])
        .arg(format!("--machine={}", groups.name()))
        .arg(format!("--directory={}", root.display()))
        .arg(format!(
            "--bind-ro={}:/usr/local/lib/systemd/system",
            units.display()
        ))
        .arg(format!("--bind-ro={}:{INSIDE}", this_program()))
        .env("NOTIFY_SOCKET", &ready)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&complaint).unwrap())
        .spawn()
        .unwrap();
    let _console = Lines::of(launcher.stdout.take().unwrap());
    // sd_notify(3): lines of KEY=VALUE, one datagram for each message.
    let mut said = String::new();
    let mut buffer = [0; 4096];
    let mut leader = None;
    while !said.lines().any(|line| line == "READY=1") {
        let length = match socket.recv(&mut buffer) {
            Ok(length) => length,
            Err(error) => {
                let _gone = launcher.kill();
                let complaint = std::fs::read_to_string(&complaint).unwrap();
                panic!("systemd did not come up: {error}; it said {said:?}, {complaint}");
            }
        };
        said += &String::from_utf8_lossy(&buffer[..length]);
        said += "\n";
        let pid = said
            .lines()
            .find_map(|line| line.strip_prefix("X_NSPAWN_LEADER_PID="));
        leader = pid.map(|pid| pid.parse().unwrap());
    }
    Machine {
        stand: Stand::new(launcher, leader.unwrap()),
        _groups: groups,
        _folder: folder,
    }
}

/// The folder with a Debian that holds systemd, made once by `cargo xtask test --install`.
fn root() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let root = target.join("stand/systemd-root");
    assert!(
        root.join("usr/lib/systemd/systemd").exists(),
        "no {}; run as root: cargo xtask test --install",
        root.display()
    );
    root
}

/// What systemctl says of a unit, by property.
fn show(stand: &Stand, unit: &str) -> BTreeMap<String, String> {
    let text = stand.run("systemctl", &["show", unit]);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Everything that systemctl says of the stand's socket units, as the places to look for.
fn expected(stand: &Stand) -> BTreeMap<String, String> {
    let mut expected = BTreeMap::new();
    for (unit, _) in UNITS.iter().filter(|(name, _)| name.ends_with(".socket")) {
        let shown = show(stand, unit);
        assert_eq!(shown["ActiveState"], "active", "{unit}");
        let (address, kind) = shown["Listen"].split_once(' ').unwrap();
        let transport = if kind == "(Stream)" { "tcp" } else { "udp" };
        expected.insert(
            format!("listener {transport} {address} "),
            (*unit).to_owned(),
        );
    }
    assert_eq!(expected.len(), 9);
    expected
}

#[test]
fn a_listener_names_the_socket_unit_that_it_comes_from() {
    let _alone = crate::alone();
    let machine = boot();
    let stand = &machine.stand;
    let expected = expected(stand);
    let plain = "listener tcp 127.0.0.1:7101 ";
    // A service counts as started before its program runs.
    let programs = ["systemd-socket-activate", "systemd-socket-proxyd"];
    let seen = stand.look_for(INSIDE, &[], |seen| {
        programs
            .iter()
            .all(|program| seen.iter().any(|line| line.contains(program)))
    });
    for (place, unit) in &expected {
        let line = seen.iter().find(|line| line.starts_with(place));
        let line = line.unwrap_or_else(|| panic!("no {place} in {seen:#?}"));
        assert!(
            line.starts_with(&format!("{place}unit {unit} to - owner 1 systemd")),
            "{line}"
        );
    }
    // Every listener was spoken of: those above, and the plain one.
    let count = seen
        .iter()
        .filter(|line| line.starts_with("listener"))
        .count();
    assert_eq!(count, expected.len() + 1, "{seen:#?}");
    assert_eq!(
        seen.iter()
            .find(|line| line.starts_with("gap socket_units")),
        None
    );

    // Which of their services run, and hold the socket too, systemctl knows.
    let owner = |unit: &str| {
        let pid = &show(stand, unit)["MainPID"];
        let service = format!(" owner {pid} ");
        seen.iter().find(|line| line.contains(&service)).cloned()
    };
    let active = owner("harbour-active.service").unwrap();
    assert!(
        active.starts_with("listener tcp [::]:7102 unit harbour-active.socket"),
        "{active}"
    );
    assert!(
        active.ends_with(" systemd-socket-proxyd harbour-active.service -"),
        "{active}"
    );
    let own = owner("harbour-plain.service").unwrap();
    assert!(
        own.starts_with(&format!("{plain}unit - to - owner ")),
        "{own}"
    );
    assert_eq!(show(stand, "harbour-idle.service")["MainPID"], "0");

    assert!(stand.hold_against_ss(INSIDE, &[]) >= expected.len());

    // An ordinary user sees no owner: who made the socket is known all the same, and so is its unit.
    let nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
    ];
    let seen = stand.look(INSIDE, &nobody);
    for (place, unit) in &expected {
        let line = seen.iter().find(|line| line.starts_with(place));
        assert_eq!(line, Some(&format!("{place}unit {unit} to -")), "{seen:#?}");
    }
    let own = seen.iter().find(|line| line.starts_with(plain));
    assert_eq!(own, Some(&format!("{plain}unit - to -")));
}

#[test]
fn without_a_bus_root_asks_systemd_itself_and_others_are_told_the_gap() {
    let _alone = crate::alone();
    let machine = boot();
    let stand = &machine.stand;
    let expected = expected(stand);
    // The file alone: the bus goes on for those that have it open.
    stand.run("rm", &["/run/dbus/system_bus_socket"]);
    let seen = stand.look(INSIDE, &[]);
    for (place, unit) in &expected {
        let begin = format!("{place}unit {unit} ");
        assert!(
            seen.iter().any(|line| line.starts_with(&begin)),
            "{seen:#?}"
        );
    }
    let nobody = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
    ];
    let seen = stand.look(INSIDE, &nobody);
    let begin = "gap socket_units failed cannot ask systemd for its socket units: ";
    assert!(seen.iter().any(|line| line.starts_with(begin)), "{seen:#?}");
}
