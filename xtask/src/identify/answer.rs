//! An answer: what one run of `portolan identify --json` said of one port.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What was told of a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) protocol: String,
    pub(crate) tls: bool,
    pub(crate) product: Option<String>,
    pub(crate) version: Option<String>,
}

/// By port and transport; `None` where nothing was told.
pub(crate) type Answers = BTreeMap<(u16, &'static str), Option<Answer>>;

/// Asks all of them in one run.
pub(crate) fn ask(portolan: &Path, targets: &[(u16, &'static str)]) -> Result<Answers> {
    let output = Command::new(portolan)
        .args(["identify", "--json"])
        .args(targets.iter().map(target))
        .output()
        .with_context(|| format!("cannot start {}", portolan.display()))?;
    // Exit 1 says that not everything was proven, which is so with the negatives.
    ensure!(
        matches!(output.status.code(), Some(0 | 1)),
        "portolan identify ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let document: Value =
        serde_json::from_slice(&output.stdout).context("portolan identify printed no JSON")?;
    read(&document, targets)
}

/// As a person types it; TCP goes without saying.
fn target((port, transport): &(u16, &'static str)) -> String {
    match *transport {
        "tcp" => format!("127.0.0.1:{port}"),
        other => format!("127.0.0.1:{port}/{other}"),
    }
}

fn read(document: &Value, targets: &[(u16, &'static str)]) -> Result<Answers> {
    let told = document["targets"]
        .as_array()
        .context("the document has no targets")?;
    let mut answers = Answers::new();
    for &(port, transport) in targets {
        let one = told
            .iter()
            .find(|one| one["port"] == port && one["transport"] == transport)
            .with_context(|| format!("nothing is said of {port}/{transport}"))?;
        answers.insert((port, transport), answer(&one["identified"]));
    }
    Ok(answers)
}

fn answer(identified: &Value) -> Option<Answer> {
    let text = |name: &str| identified[name].as_str().map(str::to_owned);
    let protocol = text("protocol")?;
    Some(Answer {
        // Where nothing inside was told, TLS itself is what was seen.
        tls: identified["tls"] != Value::Null && identified["tls"] != false || protocol == "tls",
        protocol,
        product: text("product"),
        version: text("version"),
    })
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)?;
        for word in [&self.product, &self.version].into_iter().flatten() {
            write!(f, " {word}")?;
        }
        if self.tls {
            f.write_str(" in TLS")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_target_finds_its_answer() {
        let one = |port, transport, identified| json!({ "port": port, "transport": transport, "identified": identified });
        let http = json!({ "protocol": "http", "tls": true, "product": "nginx", "version": null });
        let document = json!({ "targets": [one(5, "udp", json!(null)), one(5, "tcp", http)] });
        let answers = read(&document, &[(5, "tcp"), (5, "udp")]).unwrap();
        assert_eq!(answers[&(5, "udp")], None);
        let told = answers[&(5, "tcp")].clone().unwrap();
        assert_eq!(told.to_string(), "http nginx in TLS");
        assert!(read(&document, &[(6, "tcp")]).is_err());
        assert_eq!(target(&(5, "tcp")), "127.0.0.1:5");
        assert_eq!(target(&(5, "udp")), "127.0.0.1:5/udp");
    }
}
