//! Turns `data/http-products.toml` into one text that is read in place, and refuses a file that
//! contradicts itself. A text costs a start nothing; a table of pointers would be relocated by
//! every start, also by those that ask nobody.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

const DATA: &str = "data/http-products.toml";

/// From what stands in front to what is merely built in: the order in which products are believed.
const RANKS: [&str; 4] = ["front", "application", "framework", "language"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    product: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    key: String,
    rank: String,
    #[serde(default)]
    cpe: String,
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    field: String,
    /// Left out only where the header's very name is the tell.
    #[serde(default)]
    literal: String,
    pattern: String,
    #[serde(default)]
    because: String,
    examples: Vec<Vec<String>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DATA}");
    println!("cargo::rerun-if-changed=build.rs");
    let mut table: Table = toml::from_str(&fs::read_to_string(DATA)?)?;
    for product in &table.product {
        if !RANKS.contains(&product.rank.as_str()) {
            return Err(format!("{DATA}: {}: no such rank: {}", product.key, product.rank).into());
        }
    }
    table
        .product
        .sort_by_key(|p| RANKS.iter().position(|r| *r == p.rank));

    let mut rules = String::new();
    let mut examples = String::from("static EXAMPLES: &[Example] = &[\n");
    for product in &table.product {
        for rule in &product.rule {
            let field = check(product, rule)?;
            let because = if rule.because.is_empty() {
                said(&rule.field)
            } else {
                rule.because.clone()
            };
            let settled = matches!(product.rank.as_str(), "front" | "application");
            let settled = settled.to_string();
            let fields = [
                &product.key,
                &product.cpe,
                &settled,
                &rule.field,
                &rule.literal,
                &rule.pattern,
                &because,
            ];
            if let Some(text) = fields.iter().find(|text| text.contains(char::is_control)) {
                return Err(format!("{DATA}: {text:?} holds a control character").into());
            }
            writeln!(rules, "{}", fields.map(String::as_str).join("\u{1f}"))?;
            for example in &rule.examples {
                let version = example.get(1);
                writeln!(
                    examples,
                    "({:?}, {field}, {:?}, {version:?}),",
                    product.key, example[0]
                )?;
            }
        }
    }
    examples.push_str("];\n");
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("http_products.txt"), rules)?;
    fs::write(Path::new(&out).join("http_examples.rs"), examples)?;
    Ok(())
}

/// The field as Rust writes it, once the rule has been found sound.
fn check(product: &Product, rule: &Rule) -> Result<String, Box<dyn Error>> {
    let fault = |what: &str| -> Box<dyn Error> {
        format!("{DATA}: {}, rule {}: {what}", product.key, rule.pattern).into()
    };
    let mut words = product.key.split('-');
    if !words.all(|w| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    }) {
        return Err(fault("the key is not lower-case words with hyphens"));
    }
    if rule.literal != rule.literal.to_ascii_lowercase() {
        return Err(fault("the literal is not lower-case"));
    }
    if rule.literal.is_empty() && matches!(rule.field.as_str(), "server" | "@title" | "@body") {
        return Err(fault("a field that every answer has needs a literal"));
    }
    if rule.examples.is_empty() || rule.examples.iter().any(|e| e.is_empty() || e.len() > 2) {
        return Err(fault(
            "an example is [text] or [text, version], and there is at least one",
        ));
    }
    regex::bytes::RegexBuilder::new(&rule.pattern)
        .unicode(false)
        .build()?;
    if rule
        .examples
        .iter()
        .any(|e| !e[0].to_ascii_lowercase().contains(&rule.literal))
    {
        return Err(fault("an example lacks the literal"));
    }
    Ok(match rule.field.as_str() {
        "@names" => "Field::Names".into(),
        "@reason" => "Field::Reason".into(),
        "@title" => "Field::Title".into(),
        "@body" => "Field::Body".into(),
        name if name.starts_with('@') || name != name.to_ascii_lowercase() => {
            return Err(fault("no such field; a header's name is lower-case"));
        }
        name => format!("Field::Header({name:?})"),
    })
}

fn said(field: &str) -> String {
    match field {
        "@names" => "the name of a header tells the product".into(),
        "@reason" => "the reason phrase tells the product".into(),
        "@title" => "the page's title tells the product".into(),
        "@body" => "the body tells the product".into(),
        name => format!("the {name} header tells the product"),
    }
}
