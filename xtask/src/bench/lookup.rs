//! A cold look-up of one port.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::contender::Contender;
use super::target::Target;
use super::{Section, page, peer, sample};

const BARE: usize = 0;
const WITHOUT_SOCKETS: usize = 2;
const WITH_SOCKETS: usize = 3;

/// Measures it.
pub(crate) fn section(portolan: &Path, bare: &Contender, rounds: usize) -> Result<Section> {
    wait_for_the_end_of_connections();
    println!("look-up: {rounds} rounds");
    let contenders = vec![
        bare.renamed("bare Rust program, one line"),
        bare.renamed("the same once more"),
        Contender::new("portolan", portolan, &["--no-live", "2723"]),
        Contender::new("portolan", portolan, &["2723"]),
        peer::contender("getent", &["services", "2723/tcp"]).may_exit(&[0, 2]),
        peer::contender("grep", &["-w", "2723/tcp", "/etc/services"]).may_exit(&[0, 1]),
    ];
    let all = sample::interleave(contenders, rounds);
    let ratio = |index: usize| page::ratio(all[index].cpu(), all[BARE].cpu());
    let targets = vec![
        Target {
            what: "Look-up without sockets, CPU against a bare program",
            bound: 1.3,
            measured: ratio(WITHOUT_SOCKETS),
            unit: "x",
        },
        Target {
            what: "Look-up with sockets, CPU against a bare program",
            bound: 1.6,
            measured: ratio(WITH_SOCKETS),
            unit: "x",
        },
    ];
    let text = format!(
        "\n## Look-up of one port\n\nRatios to the bare program. Measured with {} connections in TIME-WAIT: where there are \
         any, a look-up walks the kernel's whole table of connections, and costs more for it. `getent` and `grep` know only what \
         /etc/services lists: an exit code other than 0 means that they did not find the port.\n\n{}",
        in_time_wait(),
        page::table(&all, BARE)
    );
    Ok(Section { text, targets })
}

/// Connections that other measurements made stay in TIME-WAIT for a minute (`TCP_TIMEWAIT_LEN`).
const MOST_SECONDS: u32 = 75;

/// A look-up with sockets walks over them, and would be measured with them.
pub(super) fn wait_for_the_end_of_connections() {
    for _ in 0..MOST_SECONDS {
        if in_time_wait() == 0 {
            return;
        }
        thread::park_timeout(Duration::from_secs(1));
    }
}

/// How many there are, from `/proc/net/sockstat`; 0 where it does not say.
fn in_time_wait() -> u32 {
    let stat = fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let mut words = stat.split_ascii_whitespace();
    let count = words.find(|word| *word == "tw").and_then(|_| words.next());
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}
