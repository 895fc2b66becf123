//! Turns the files of `data/products` into texts that are read in place, and refuses a file that
//! contradicts itself. A text costs a start nothing; a table of pointers would be relocated by
//! every start, also by those that ask nobody.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

/// One file for each protocol, named after it.
const DATA: &str = "data/products";

/// Which further questions HTTP's answers lead to.
const FOLLOW_UPS: &str = "data/follow-ups.toml";

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
    /// Where it was read that the server says so; a rule without one is a guess.
    source: String,
    #[serde(default = "settled")]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowUps {
    #[serde(rename = "follow-up")]
    follow_up: Vec<FollowUp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowUp {
    #[serde(default)]
    product: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    literal: String,
    #[serde(default)]
    pattern: String,
    path: String,
    example: Option<String>,
}

/// Protocols other than HTTP have no layers: whoever answers is the product.
fn settled() -> String {
    RANKS[1].to_owned()
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DATA}");
    println!("cargo::rerun-if-changed={FOLLOW_UPS}");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files: Vec<_> = fs::read_dir(DATA)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let mut rules = String::new();
    let mut examples = String::from("static EXAMPLES: &[Example] = &[\n");
    for path in &files {
        let protocol = path.file_stem().and_then(|s| s.to_str());
        let protocol = protocol.ok_or_else(|| format!("{}: no name", path.display()))?;
        table(path, protocol, &mut rules, &mut examples)
            .map_err(|e| format!("{}: {e}", path.display()))?;
    }
    examples.push_str("];\n");
    let out = env::var("OUT_DIR")?;
    let (rows, tried) = follow_ups().map_err(|e| format!("{FOLLOW_UPS}: {e}"))?;
    fs::write(Path::new(&out).join("follow-ups.txt"), rows)?;
    fs::write(Path::new(&out).join("follow-up-examples.rs"), tried)?;
    fs::write(Path::new(&out).join("products.txt"), rules)?;
    fs::write(Path::new(&out).join("examples.rs"), examples)?;
    Ok(())
}

/// The rows and the examples of the further questions.
fn follow_ups() -> Result<(String, String), Box<dyn Error>> {
    let table: FollowUps = toml::from_str(&fs::read_to_string(FOLLOW_UPS)?)?;
    let mut rows = String::new();
    let mut examples = String::from("static EXAMPLES: &[(&str, &str, &str)] = &[\n");
    for row in &table.follow_up {
        let fault = |what: &str| format!("{} {}: {what}", row.product, row.path);
        if !row.path.starts_with('/') || !row.path.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(fault("no path").into());
        }
        if row.product.is_empty() == row.field.is_empty()
            || row.field.is_empty() != row.example.is_none()
        {
            return Err(fault("either a product, or a field with an example").into());
        }
        regex::bytes::RegexBuilder::new(&row.pattern)
            .unicode(false)
            .build()?;
        let fields: [&str; 5] = [
            &row.product,
            &row.field,
            &row.literal,
            &row.pattern,
            &row.path,
        ];
        if fields.iter().any(|text| text.contains(char::is_control)) {
            return Err(fault("a control character").into());
        }
        writeln!(rows, "{}", fields.join("\u{1f}"))?;
        if let Some(example) = &row.example {
            writeln!(examples, "({:?}, {example:?}, {:?}),", row.field, row.path)?;
        }
    }
    examples.push_str("];\n");
    Ok((rows, examples))
}

/// Adds the rules and the examples of one file.
fn table(
    path: &Path,
    protocol: &str,
    rules: &mut String,
    examples: &mut String,
) -> Result<(), Box<dyn Error>> {
    let mut table: Table = toml::from_str(&fs::read_to_string(path)?)?;
    for product in &table.product {
        if !RANKS.contains(&product.rank.as_str()) {
            return Err(format!("{}: no such rank: {}", product.key, product.rank).into());
        }
    }
    table
        .product
        .sort_by_key(|p| RANKS.iter().position(|r| *r == p.rank));
    for product in &table.product {
        for rule in &product.rule {
            check(product, rule)?;
            let because = if rule.because.is_empty() {
                said(&rule.field)
            } else {
                rule.because.clone()
            };
            let settled = matches!(product.rank.as_str(), "front" | "application");
            let settled = settled.to_string();
            let fields = [
                protocol,
                &product.key,
                &product.cpe,
                &settled,
                &rule.field,
                &rule.literal,
                &rule.pattern,
                &because,
            ];
            if let Some(text) = fields.iter().find(|text| text.contains(char::is_control)) {
                return Err(format!("{text:?} holds a control character").into());
            }
            writeln!(rules, "{}", fields.join("\u{1f}"))?;
            for example in &rule.examples {
                writeln!(
                    examples,
                    "({protocol:?}, {:?}, {:?}, {:?}, {:?}),",
                    product.key,
                    rule.field,
                    example[0],
                    example.get(1)
                )?;
            }
        }
    }
    Ok(())
}

/// Whether the rule is sound.
fn check(product: &Product, rule: &Rule) -> Result<(), Box<dyn Error>> {
    let fault = |what: &str| -> Box<dyn Error> {
        format!("{}, rule {}: {what}", product.key, rule.pattern).into()
    };
    let mut words = product.key.split('-');
    if !words.all(|w| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    }) {
        return Err(fault("the key is not lower-case words with hyphens"));
    }
    if product.source.trim().is_empty() {
        return Err(fault("no source"));
    }
    if rule.literal != rule.literal.to_ascii_lowercase() {
        return Err(fault("the literal is not lower-case"));
    }
    let common = rule.field == "server" || (rule.field.starts_with('@') && rule.field != "@names");
    if rule.literal.is_empty() && common {
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
    let name = rule.field.trim_start_matches('@');
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if name.is_empty() || !name.bytes().all(sound) {
        return Err(fault("a field's name is lower-case"));
    }
    Ok(())
}

fn said(field: &str) -> String {
    match field {
        "@names" => "the name of a header tells the product".into(),
        "@reason" => "the reason phrase tells the product".into(),
        "@title" => "the page's title tells the product".into(),
        "@body" => "the body tells the product".into(),
        name if name.starts_with("@at-") => {
            "the answer to a further question tells the product's version".into()
        }
        name => match name.strip_prefix('@') {
            Some(name) => format!("the {name} tells the product"),
            None => format!("the {name} header tells the product"),
        },
    }
}
