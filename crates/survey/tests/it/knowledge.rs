//! The facts beside what Portolan can prove: a use that is spelled otherwise would never be met.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use portolan_ports::embedded;
use portolan_ports::protocol::{UNREGISTERED, is_protocol};

/// The keys of all products that rules name, by their letters and digits alone.
fn proven_products() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../probe/data/products");
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let file: toml::Table = toml::from_str(&text).unwrap();
        for product in file["product"].as_array().unwrap() {
            let key = product["key"].as_str().unwrap().to_owned();
            keys.entry(letters(&key)).or_default().insert(key);
        }
    }
    keys
}

fn letters(key: &str) -> String {
    let alphanumeric = key.chars().filter(|c| c.is_ascii_alphanumeric());
    alphanumeric.map(|c| c.to_ascii_lowercase()).collect()
}

#[test]
fn a_product_of_a_fact_is_spelled_as_the_rules_that_prove_it() {
    let proven = proven_products();
    let mut wrong = Vec::new();
    let mut met = 0;
    for fact in embedded::knowledge().facts() {
        let Some(product) = fact.product else {
            continue;
        };
        let Some(keys) = proven.get(&letters(product)) else {
            continue;
        };
        met += 1;
        if !keys.contains(product) {
            wrong.push(format!(
                "{}.toml, ports {}: product {product:?} is proven as {keys:?}",
                fact.area, fact.ports
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(met >= 20, "only {met} products of facts can be proven");
}

#[test]
fn what_a_fact_may_name_as_a_protocol_is_what_can_be_proven_or_is_registered() {
    let registered = |name: &str| {
        let namesakes = embedded::registry().named(name);
        namesakes.iter().any(|row| row.service_name() == name)
    };
    for protocol in portolan_probe::protocols() {
        assert!(
            is_protocol(protocol.name) || registered(protocol.name),
            "{} is missing in UNREGISTERED of crates/ports/src/wire_form.rs",
            protocol.name
        );
    }
    for name in UNREGISTERED {
        let proven = portolan_probe::protocol(name);
        assert!(proven.is_some(), "nothing proves {name}");
    }
}
