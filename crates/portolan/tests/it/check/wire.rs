//! What a check sends, and to whom.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Stdio};

use insta::assert_snapshot;

use super::said;
use super::stand::Stand;

/// Listeners that count who calls them, out of reach of other tests' surveys.
struct Recorder {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Recorder {
    /// Listens at these ports, and says how often each was called whenever it is asked.
    fn new(stand: &Stand, ports: &[u16]) -> Self {
        let code = format!(
            "import socket, sys
held = [socket.create_server(('127.0.0.1', port)) for port in {ports:?}]
def calls(one):
    one.setblocking(False)
    count = 0
    try:
        while one.accept():
            count += 1
    except BlockingIOError:
        return str(count)
print('ready', flush=True)
for line in sys.stdin:
    print(' '.join(map(calls, held)), flush=True)"
        );
        let mut command = stand.command(&[], "python3");
        command.args(["-c", &code]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut recorder = Self { child, said };
        assert_eq!(recorder.line(), "ready");
        recorder
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// How often each was called since it was asked last.
    fn calls(&mut self) -> Vec<usize> {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(b"\n").unwrap();
        let counts = self.line();
        counts.split(' ').map(|n| n.parse().unwrap()).collect()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn only_a_listener_whose_rule_speaks_of_the_wire_is_called() {
    let stand = Stand::new();
    let mut recorder = Recorder::new(&stand, &[7100, 7101, 7102, 7103]);
    let mut check = |protocol: &str| {
        stand.policy(&format!(
            "allow-unlisted = true\ndeny = [7103]\n[[expect]]\nname = \"spoken\"\nport = 7100\n{protocol}\n\
             [[expect]]\nname = \"silent\"\nport = 7101\nscope = \"loopback\"\n"
        ));
        (said(&stand.check(&[])), recorder.calls())
    };
    let (_, calls) = check("");
    assert_eq!(calls, [0, 0, 0, 0]);
    let (told, calls) = check("protocol = \"http\"");
    // Nobody answers, so that nothing is proven: that is not seen, and no violation.
    let because = "spoken  its protocol is not proven: it takes connections and says nothing";
    assert!(told.contains(because), "{told}");
    assert!((1..=3).contains(&calls[0]), "{calls:?}");
    assert_eq!(calls[1..], [0, 0, 0]);
}

#[test]
fn a_protocol_is_proven_contradicted_or_left_unseen() {
    let stand = Stand::new();
    let _cache = stand.redis("redis-server", "127.0.0.1", 7777);
    let with = |words: &str| {
        stand.policy(&format!(
            "[[expect]]\nname = \"cache\"\nport = 7777\n{words}\n"
        ));
        said(&stand.check(&[]))
    };
    assert_snapshot!(with("protocol = \"redis\"\nproduct = \"redis\""), @r"
    1 rule, 1 listener: everything is as the policy wants it
    exit 0
    ");
    assert_snapshot!(with("protocol = \"ssh\""), @r"
    alert  7777/tcp at 127.0.0.1  cache  its protocol is redis, not ssh [portolan.toml:1]

    1 rule, 1 listener: 1 violation
    exit 1
    ");
    stand.policy(
        "[probe]\nnever = [\"7777\"]\n[[expect]]\nname = \"cache\"\nport = 7777\nprotocol = \"redis\"\n",
    );
    assert_snapshot!(said(&stand.check(&[])), @r"
    not seen  7777/tcp at 127.0.0.1  cache  its protocol is not proven: not asked: [probe] never of the configuration names 7777 [portolan.toml:3]

    1 rule, 1 listener: 1 rule could not be judged
    exit 3
    ");
}
