//! The page: a run's outcome for the terminal and for `docs/identification.md`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::IN_TIME;
use super::peer::Peer;
use super::score::{Line, Mark, Score, Total};

/// All there is to say of a run.
pub(crate) struct Page {
    pub(crate) score: Score,
    pub(crate) negatives: usize,
    /// Negatives of which something was told, and what.
    pub(crate) false_positives: Vec<(&'static str, String)>,
    pub(crate) ports: usize,
    pub(crate) took: Duration,
    pub(crate) peer: Option<Peer>,
    /// Servers that no longer ran after they were asked.
    pub(crate) gone: Vec<String>,
}

/// The shares that are wanted: protocol, product, version.
const WANTED: [f64; 3] = [95.0, 85.0, 50.0];

const OPENING: &str = "\
# Identification: the servers it is held against

Written by `cargo xtask identify-bench --held-out --write`. Real servers from Debian's packages are started on ports of
127.0.0.1 that the system gave, so that no number gives a hint, with listeners that speak nothing anybody knows. One
`portolan identify --json` asks all of them at once; every answer is held against what is known of the server. The
version that is true is the package's. `servers/data` says how each is started, and which of it the wire can tell.

- **yes**: told, and so. **part**: the leading parts of the version. **no**: not told although others can tell it, or
  although the package has one. **–**: the wire does not tell it, and nothing was told.
- Shares are of all ports, so that what no wire tells counts as not told; beside them, how many the wire tells.
- Held out: no rule was written against these servers, and they were asked only for this page.

To run it: `cargo xtask identify-bench --install` (root, Debian) installs what is missing, with nothing started by it;
`--only nginx,mail` takes servers and families, `--nmap` times `nmap -sV` on the same ports.
";

impl Page {
    /// What is wrong with the run; the task fails on any.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for line in &self.score.lines {
            for (what, mark) in line.marks() {
                if mark == Mark::Wrong {
                    faults.push(format!("{}: {what} is wrong", line.server));
                }
            }
            if line.tls == Mark::Untold {
                faults.push(format!("{}: TLS was not seen", line.server));
            }
        }
        for (name, told) in &self.false_positives {
            faults.push(format!("the negative that {name} was taken for {told}"));
        }
        let total = Total::of(self.score.part(false));
        let shares = [total.protocol, total.product, total.version];
        let names = ["protocol", "product", "version"];
        for ((name, count), wanted) in names.iter().zip(shares).zip(WANTED) {
            let share = total.percent(count);
            if total.ports > 0 && share < wanted {
                faults.push(format!("{name} {share:.1} % of {wanted} % wanted"));
            }
        }
        if self.took > IN_TIME {
            let (took, wanted) = (self.took.as_secs_f64(), IN_TIME.as_secs());
            faults.push(format!("{took:.1} s of {wanted} s wanted"));
        }
        faults
    }

    /// For the person who runs it: what is not as it should be, then totals.
    pub(crate) fn terminal(&self) -> String {
        let mut text = format!(
            "{:<22} {:<4} {:<16} {:<9} {:<9} {:<9} {:<7} told\n",
            "server", "", "expected", "protocol", "product", "version", "tls"
        );
        for line in &self.score.lines {
            let [protocol, product, version, tls] = line.marks().map(|(_, mark)| word(mark));
            let told = line
                .told
                .as_ref()
                .map_or_else(String::new, ToString::to_string);
            let (transport, expected) = (line.expected.transport.as_str(), &line.expected.protocol);
            text.push_str(&format!(
                "{:<22} {transport:<4} {expected:<16} {protocol:<9} {product:<9} {version:<9} {tls:<7} {told}\n",
                line.server
            ));
        }
        for (name, told) in &self.false_positives {
            text.push_str(&format!("FALSE POSITIVE: {name}: {told}\n"));
        }
        text.push('\n');
        text.push_str(&self.totals());
        if !self.gone.is_empty() {
            text.push_str(&format!("no longer running: {}\n", self.gone.join(", ")));
        }
        text
    }

    /// `docs/identification.md`.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{OPENING}\n## Score\n\n{}\n", self.totals());
        for (held_out, title) in [(false, "Servers"), (true, "Held out")] {
            let mut lines = self.score.part(held_out).peekable();
            if lines.peek().is_none() {
                continue;
            }
            text.push_str(&format!(
                "## {title}\n\n| Server | Package | Version | Protocol | Told? | Product | Told? | Version told? |\n\
                 |---|---|---|---|---|---|---|---|\n"
            ));
            lines.for_each(|line| text.push_str(&row(line)));
            text.push('\n');
        }
        let trimmed = text.trim_end().len();
        text.truncate(trimmed);
        text.push('\n');
        text
    }

    fn totals(&self) -> String {
        let mut text = String::from(
            "| | Servers | Ports | Protocol | Product | Version | TLS seen | Wrong |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        for (held_out, title) in [(false, "Servers"), (true, "Held out")] {
            let names: BTreeSet<&str> = self
                .score
                .part(held_out)
                .map(|line| line.server.as_str())
                .collect();
            let total = Total::of(self.score.part(held_out));
            if total.ports == 0 {
                text.push_str(&format!("| {title} | not asked in this run |||||||\n"));
                continue;
            }
            let share = |count| format!("{count} ({:.1} %)", total.percent(count));
            let of = |count, told| format!("{}, of {told} that are told", share(count));
            text.push_str(&format!(
                "| {title} | {} | {} | {} | {} | {} | {} of {} | {} |\n",
                names.len(),
                total.ports,
                share(total.protocol),
                of(total.product, total.product_told),
                of(total.version, total.version_told),
                total.tls_seen,
                total.tls,
                total.wrong
            ));
        }
        text.push_str(&format!(
            "\n{} ports in one run: {:.2} s, with {} negatives among them, of which {} were taken for something.\n",
            self.ports,
            self.took.as_secs_f64(),
            self.negatives,
            self.false_positives.len()
        ));
        match &self.peer {
            Some(Ok(took)) => text.push_str(&format!(
                "`nmap -sV` took {:.1} s on the same ports.\n",
                took.as_secs_f64()
            )),
            Some(Err(why)) => text.push_str(&format!("{why}\n")),
            None => {}
        }
        text
    }
}

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Right => "yes",
        Mark::Part => "part",
        Mark::Untold => "no",
        Mark::Quiet => "–",
        Mark::Wrong => "WRONG",
    }
}

fn row(line: &Line) -> String {
    let port = &line.expected;
    let mut protocol = port.protocol.clone();
    if port.tls {
        protocol.push_str(" in TLS");
    }
    if port.transport.as_str() == "udp" {
        protocol.push_str(", udp");
    }
    let product = match port.product.as_str() {
        "" => "–",
        product => product,
    };
    format!(
        "| {} | {} | {} | {protocol} | {} | {product} | {} | {} |\n",
        line.server,
        line.package,
        line.packaged,
        word(line.protocol),
        word(line.product),
        word(line.version)
    )
}
