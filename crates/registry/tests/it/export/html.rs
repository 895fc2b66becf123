//! The page, read back with an HTML parser that tells every fault.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use insta::assert_snapshot;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use portolan_registry::Registry;
use portolan_registry::export::{Extract, html};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

use super::{six, written};
use crate::base;

#[test]
fn the_table_of_six_rows() {
    let six = six();
    let page = written(html::write, &Extract::whole(&six));
    let (_, from) = page.split_once("<table").unwrap();
    let (table, _) = from.split_once("</table>").unwrap();
    assert_snapshot!(table, @r###"
     id="assignments" tabindex="-1">
    <caption>Port assignments of 2024-06-12, as registered with IANA</caption>
    <thead>
    <tr>
    <th scope="col">Service Name</th>
    <th scope="col">Port Number</th>
    <th scope="col">Transport Protocol</th>
    <th scope="col">Description</th>
    <th scope="col">Assignee</th>
    <th scope="col">Contact</th>
    <th scope="col">Registration Date</th>
    <th scope="col">Modification Date</th>
    <th scope="col">Reference</th>
    <th scope="col">Service Code</th>
    <th scope="col">Unauthorized Use Reported</th>
    <th scope="col">Assignment Notes</th>
    </tr>
    </thead>
    <tbody>
    <tr id="2049-tcp-shilp"><th scope="row"><a href="#2049-tcp-shilp">shilp</a></th><td>2049</td><td>tcp</td><td></td><td></td><td></td><td></td><td></td><td></td><td></td><td></td><td>two
       lines, and a &quot;quote&quot;</td></tr>
    <tr id="2049-tcp-nfs"><th scope="row"><a href="#2049-tcp-nfs">nfs</a></th><td>2049</td><td>tcp</td><td>Network | File System</td><td>[Brent_<wbr>Callaghan]</td><td>[Brent_<wbr>Callaghan]</td><td>1998-02</td><td>2009-05-11</td><td>[<a href="https://www.rfc-editor.org/rfc/rfc7530">RFC7530</a>][<a href="https://www.rfc-editor.org/rfc/rfc768">RFC0768</a>]</td><td></td><td></td><td>Défined * by 日本</td></tr>
    <tr id="2049-tcp-nfs-old"><th scope="row"><a href="#2049-tcp-nfs-old">nfs_old</a></th><td>2049</td><td>tcp</td><td></td><td></td><td></td><td></td><td></td><td></td><td></td><td>port 2049, \u{202e}eht ni\u{202c}</td><td></td></tr>
    <tr id="6000-6002-x11"><th scope="row"><a href="#6000-6002-x11">x11</a></th><td>6000-6002</td><td></td><td>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</td><td></td><td></td><td></td><td></td><td>[<a href="https://www.rfc-editor.org/rfc/rfc1013">RFC1013</a>]</td><td></td><td></td><td></td></tr>
    <tr id="6003-65000-udp"><td></td><th scope="row"><a href="#6003-65000-udp">6003-65000</a></th><td>udp</td><td>Unassigned</td><td></td><td></td><td></td><td></td><td></td><td></td><td></td><td></td></tr>
    <tr id="a-disc"><th scope="row"><a href="#a-disc">a-disc</a></th><td></td><td></td><td>no port</td><td>[A]</td><td>[A]</td><td>2024-06-12</td><td></td><td></td><td>1145656131</td><td></td><td>\u{1b}[2J</td></tr>
    </tbody>
    "###);
}

#[test]
fn the_page_is_flawless_and_holds_every_row() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    let page = Page::read(&written(html::write, &Extract::whole(&registry)));
    assert_eq!(page.faults, [""; 0]);
    assert_eq!(page.texts("title").len(), 1);
    assert_eq!(page.texts("caption").len(), 1);
    assert_eq!(page.texts("h1").len(), 1);
    assert_eq!(page.attribute("html", "lang"), ["en"]);

    let rows = page.all("tr");
    assert_eq!(rows.len(), 1 + registry.len());
    let mut anchors = HashSet::new();
    for (row, assignment) in rows[1..].iter().zip(registry.rows()) {
        let cells = children(row);
        assert_eq!(cells.len(), 12);
        let header = usize::from(!assignment.is_named());
        assert_eq!(attribute(&cells[header], "scope").as_deref(), Some("row"));
        assert_eq!(text(&cells[0]), assignment.service_name());
        assert_eq!(text(&cells[1]), assignment.port_text());
        assert_eq!(text(&cells[3]), assignment.description());
        assert_eq!(text(&cells[11]), assignment.notes());
        anchors.insert(attribute(row, "id").unwrap());
    }
    assert_eq!(anchors.len(), registry.len());
    let heads = page.all("th");
    let scopes = heads.iter().filter_map(|th| attribute(th, "scope"));
    assert_eq!(scopes.filter(|s| s == "col").count(), 12);
}

#[test]
fn every_link_leads_to_a_row_or_an_rfc_and_nothing_is_loaded() {
    let registry = Registry::from_csv(base().as_slice()).unwrap();
    let page = Page::read(&written(html::write, &Extract::whole(&registry)));
    let ids: HashSet<String> = page.attribute("*", "id").into_iter().collect();
    assert_eq!(ids.len(), page.attribute("*", "id").len(), "ids are unique");
    for link in page.attribute("a", "href") {
        match link.strip_prefix('#') {
            Some(id) => assert!(ids.contains(id), "{link}"),
            None => assert!(
                link.starts_with("https://www.rfc-editor.org/rfc/rfc"),
                "{link}"
            ),
        }
    }
    assert!(page.attribute("*", "src").is_empty());
    assert!(page.all("link").is_empty() && page.all("img").is_empty());
    let style = page.texts("style").concat();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn rows_that_are_alike_and_rows_named_like_the_page_s_parts_have_anchors_of_their_own() {
    let registry = crate::registry(
        "filter,,,,,,,,,,,\nfilter,,,,,,,,,,,\na_b,1,tcp,,,,,,,,,\na-b,1,tcp,,,,,,,,,\n,,,,,,,,,,,\n",
    );
    let page = Page::read(&written(html::write, &Extract::whole(&registry)));
    assert_eq!(
        page.attribute("tr", "id"),
        ["filter-2", "filter-3", "1-tcp-a-b", "1-tcp-a-b-2", "row"]
    );
    assert_eq!(page.faults, [""; 0]);
}

/// The policy names the script by its hash; one changed without the other would not run.
#[test]
fn the_policy_allows_the_page_s_own_script() {
    let six = six();
    let page = Page::read(&written(html::write, &Extract::whole(&six)));
    let script = page.texts("script");
    assert_eq!(script.len(), 1, "markup in a cell is no script");
    let hash = base64(&Sha256::digest(script[0].as_bytes()));
    let policy = page.attribute("meta", "content").concat();
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{hash}");
}

/// WCAG 2.2, 1.4.3: 4.5 to 1 for text, in both colour schemes.
#[test]
fn colours_are_far_enough_apart() {
    let six = six();
    let page = written(html::write, &Extract::whole(&six));
    let schemes: Vec<&str> = page.split("--page:").skip(1).collect();
    assert_eq!(schemes.len(), 2);
    for scheme in schemes {
        let scheme = format!("--page:{scheme}");
        let colour = |name: &str| {
            let (_, from) = scheme.split_once(&format!("--{name}: #")).unwrap();
            luminance(&from[..6])
        };
        for ink in ["ink", "faint", "link"] {
            for ground in ["page", "head", "mark"] {
                let (a, b) = (colour(ink), colour(ground));
                let ratio = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(ratio >= 4.5, "{ink} on {ground}: {ratio:.2}");
            }
        }
    }
}

/// WCAG's relative luminance.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=three.len()].copy_from_slice(three);
        let number = u32::from_be_bytes(padded);
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place)) & 63;
            text.push(if place <= three.len() {
                char::from(DIGITS[digit as usize])
            } else {
                '='
            });
        }
    }
    text
}

/// A parsed page, and what the parser had to forgive.
struct Page {
    dom: RcDom,
    faults: Vec<String>,
}

impl Page {
    fn read(page: &str) -> Self {
        let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
        let faults = dom
            .errors
            .borrow()
            .iter()
            .map(ToString::to_string)
            .collect();
        Self { dom, faults }
    }

    /// Every element of that name, `*` for any.
    fn all(&self, name: &str) -> Vec<Handle> {
        let mut found = Vec::new();
        let mut open = vec![self.dom.document.clone()];
        while let Some(node) = open.pop() {
            if let NodeData::Element { name: own, .. } = &node.data
                && (name == "*" || &*own.local == name)
            {
                found.push(node.clone());
            }
            open.extend(node.children.borrow().iter().rev().cloned());
        }
        found
    }

    fn attribute(&self, name: &str, of: &str) -> Vec<String> {
        let all = self.all(name);
        all.iter().filter_map(|node| attribute(node, of)).collect()
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.all(name).iter().map(text).collect()
    }
}

fn attribute(node: &Handle, name: &str) -> Option<String> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return None;
    };
    let attrs = attrs.borrow();
    let found = attrs.iter().find(|a| &*a.name.local == name)?;
    Some(found.value.to_string())
}

fn children(node: &Handle) -> Vec<Handle> {
    let is_element = |n: &&Handle| matches!(n.data, NodeData::Element { .. });
    node.children
        .borrow()
        .iter()
        .filter(is_element)
        .cloned()
        .collect()
}

fn text(node: &Handle) -> String {
    if let NodeData::Text { contents } = &node.data {
        return contents.borrow().to_string();
    }
    node.children.borrow().iter().map(text).collect()
}
