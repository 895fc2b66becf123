//! Where a rule or a record is written, as a location (§3.28) with a URI (RFC 3986).

use std::path::{Component, Path, PathBuf};

use portolan_ports::site::Citation;
use portolan_survey::check::{Basis, SITE_REGISTRY};
use serde_json::{Map, Value, json};

/// The location; empty where the file has no name, which the standard allows.
pub(super) fn of(basis: &Basis, base: &Path) -> Map<String, Value> {
    let mut location = Map::new();
    let written = match basis {
        Basis::Rule(origin) => Some((&*origin.file, u64::from(origin.line), Some(origin.column))),
        Basis::Site(record) => {
            let line = record.as_ref().and_then(Citation::line);
            line.map(|(file, line)| (file, line, None))
        }
    };
    let Some((file, line, column)) = written else {
        // No file, but GitHub refuses a whole log for one result without a physical location.
        let place = json!({
            "artifactLocation": {
                "uri": SITE_REGISTRY.replace(' ', "-"),
                "description": { "text": basis.to_string() },
            },
            "region": { "startLine": 1 },
        });
        location.insert("physicalLocation".to_owned(), place);
        return location;
    };
    if let Some(uri) = uri(file, base) {
        let mut region = json!({ "startLine": line.max(1) });
        if let Some(column) = column {
            region["startColumn"] = json!(column.max(1));
        }
        let place = json!({ "artifactLocation": { "uri": uri }, "region": region });
        location.insert("physicalLocation".to_owned(), place);
    }
    location
}

/// A reference relative to `base` for a file below it, else an absolute URI (§3.10.1, §3.4.3).
pub(super) fn uri(file: &str, base: &Path) -> Option<String> {
    if file.is_empty() {
        return None;
    }
    let file = without_dots(&base.join(file));
    let base = without_dots(base);
    // Everything lies below the root, and nothing is relative to it.
    let relative = file.strip_prefix(&base).ok();
    let relative = relative.filter(|_| base.parent().is_some());
    let path = relative.filter(|path| !path.as_os_str().is_empty());
    Some(match path {
        Some(path) => encoded(path),
        None if file.is_absolute() => format!("file://{}", encoded(&file)),
        // `base` is no absolute path: nothing better is known.
        None => encoded(&file),
    })
}

/// The path without `.` and `..`, by its words alone: symbolic links are not followed (RFC 3986
/// section 5.2.4).
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The path's parts between slashes, every byte that is not unreserved percent-encoded (RFC 3986
/// section 2.3), so no part is taken for a scheme, a query or a fragment.
fn encoded(path: &Path) -> String {
    let mut out = String::new();
    for component in path.components() {
        match component {
            Component::RootDir if out.is_empty() => out.push('/'),
            Component::RootDir => {}
            // Only Windows has one: `file:///C:/…` (RFC 8089 appendix E.2).
            Component::Prefix(prefix) => {
                out.push('/');
                out.push_str(&prefix.as_os_str().to_string_lossy());
            }
            part => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('/');
                }
                let part = part.as_os_str().to_string_lossy();
                for byte in part.bytes() {
                    match byte {
                        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                            out.push(char::from(byte));
                        }
                        _ => out.push_str(&format!("%{byte:02X}")),
                    }
                }
            }
        }
    }
    out
}
