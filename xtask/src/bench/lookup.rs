//! A cold look-up of one port.

use std::path::Path;

use anyhow::Result;

use super::contender::Contender;
use super::target::Target;
use super::{Section, page, peer, sample};

const BARE: usize = 0;
const WITHOUT_SOCKETS: usize = 2;
const WITH_SOCKETS: usize = 3;

/// Measures it.
pub(crate) fn section(portolan: &Path, bare: &Contender, rounds: usize) -> Result<Section> {
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
        "\n## Look-up of one port\n\nRatios to the bare program. `getent` and `grep` know only what \
         /etc/services lists: an exit code other than 0 means that they did not find the port.\n\n{}",
        page::table(&all, BARE)
    );
    Ok(Section { text, targets })
}
