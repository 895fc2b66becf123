//! Servers started, found listening without a connection, and ended with all they began.

use std::fs;
use std::path::Path;

use portolan_servers::{Error, Row, Server, end_all, rows_of, start_all};

/// A row around a shell script in the server's folder.
fn script(name: &str, text: &str, rest: &str) -> Row {
    let table = format!(
        "[[server]]\nname = '{name}'\npackage = ['python3']\nprogram = 'python3'\n\
         arguments = ['{{home}}/x.py']\n{rest}\nfiles = [{{ path = 'x.py', text = '''{text}''' }}]\n\
         [[server.port]]\ntransport = 'tcp'\nprotocol = 'x'\n"
    );
    rows_of(Path::new("x.toml"), &table).unwrap().remove(0)
}

/// Listens, counts connections into a file, and has a child that left its group.
const COUNTING: &str = r"
import os, socket, signal
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open('{home}/child', 'w').write(str(os.getpid()))
    signal.pause()
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('{address}', {port}))
s.listen()
while True:
    s.accept()
    open('{home}/accepted', 'w').write('x')
";

/// Does not share its port with a socket that holds it.
const SELFISH: &str = r"
import socket, signal
s = socket.socket()
s.bind(('{address}', {port}))
s.listen()
signal.pause()
";

#[test]
fn all_it_began_ends_with_it_and_nobody_connects() {
    let after = "after = [['sh', '-c', 'until test -s child; do :; done']]";
    let server = Server::start(&script("counting", COUNTING, after)).unwrap();
    let child = fs::read_to_string(server.home().join("child")).unwrap();
    let child = Path::new("/proc").join(child);
    assert!(child.exists());
    assert!(!server.home().join("accepted").exists());
    let (home, address) = (server.home(), server.address().unwrap());
    drop(server);
    let state = fs::read_to_string(child.join("stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
    assert!(!home.exists());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn one_that_does_not_share_its_port_gets_it_in_the_end() {
    let row = script("selfish", SELFISH, "");
    let servers = start_all(&[&row, &row, &row], 3);
    let servers: Vec<Server> = servers.into_iter().map(Result::unwrap).collect();
    let homes: Vec<_> = servers.iter().map(Server::home).collect();
    end_all(servers);
    assert!(homes.iter().all(|home| !home.exists()));
}

#[test]
fn why_there_is_none_is_said() {
    let ended = Server::start(&script("ending", "raise SystemExit('no such luck')", ""));
    let Err(Error::Ended { said, .. }) = ended else {
        panic!("{ended:?}")
    };
    assert!(said.contains("no such luck"), "{said}");

    let before = "before = [['sh', '-c', 'echo {user} not prepared; exit 3']]";
    let failed = Server::start(&script("unprepared", SELFISH, before));
    let message = failed.unwrap_err().to_string();
    assert!(
        message.contains("exit status: 3: root not prepared"),
        "{message}"
    );

    let mut absent = script("absent", "", "");
    absent.program = "no-such-server".into();
    assert_eq!(
        Server::start(&absent).unwrap_err().to_string(),
        "server \"absent\": no-such-server is absent; \
         run as root: apt-get install --no-install-recommends python3"
    );
    absent.aside = true;
    assert!(
        Server::start(&absent)
            .unwrap_err()
            .to_string()
            .contains("identify-bench --install")
    );
}

#[test]
fn it_runs_as_its_user() {
    let text = format!("import os\nopen('{{home}}/user', 'w').write(str(os.geteuid()))\n{SELFISH}");
    let server = Server::start(&script("nobody", &text, "user = 'nobody'")).unwrap();
    assert_eq!(
        fs::read_to_string(server.home().join("user")).unwrap(),
        "65534"
    );
}
