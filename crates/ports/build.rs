//! Turns `data/iana/` and `data/knowledge/` into what the crate embeds, and refuses bad rows.
//!
//! A bad row fails the build with its file and line: what is wrong with the data is found by the
//! one who changes it, not by the one who asks. `PORTOLAN_KNOWLEDGE` names another folder of facts.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use portolan_registry::Registry;

#[path = "src/fact.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library's own file")]
mod fact;
#[path = "build/facts.rs"]
mod facts;
#[path = "src/knowledge.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library's own file")]
mod knowledge;
#[path = "build/snapshot.rs"]
mod snapshot;
#[path = "src/wire_form.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library's own file")]
mod wire_form;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.ancestors().nth(2).ok_or("no workspace above")?;
    let data = root.join("data");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", data.display());
    println!("cargo::rerun-if-env-changed=PORTOLAN_KNOWLEDGE");
    let (table, replaced) = snapshot::tables(&data.join("iana"))?;
    let registry = Registry::open(table.clone())?;
    fs::write(out.join("registry.flat"), table)?;
    fs::write(out.join("replaced.flat"), replaced)?;

    let folder = match env::var_os("PORTOLAN_KNOWLEDGE") {
        Some(other) => {
            let folder = PathBuf::from(other);
            println!("cargo::rerun-if-changed={}", folder.display());
            folder
        }
        None => data.join("knowledge"),
    };
    let grounds = facts::Grounds {
        registry: &registry,
        is_protocol: wire_form::is_protocol,
    };
    match facts::embed(&folder, &grounds)? {
        Ok(table) => fs::write(out.join("knowledge.flat"), table)?,
        Err(refusals) => {
            for refusal in refusals {
                println!("cargo::error={refusal}");
            }
        }
    }
    Ok(())
}
