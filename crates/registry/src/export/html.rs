//! One accessible HTML page that needs nothing else.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use super::Extract;
use crate::neutral::steers;
use crate::{Assignment, Transport, csv};

/// What the page looks like. `LABELS` stands for the names of the columns, which a narrow page
/// shows before each cell.
const STYLE: &str = include_str!("html/style.css");

/// Sorts by a column and filters. The page is whole without it.
const SCRIPT: &str = include_str!("html/script.js");

/// The script's SHA-256: the page allows this script and no other.
const SCRIPT_HASH: &str = "pThsd2Qin5ugMU6wFl+VqQafzYq92ZRaor3HPSBAvfU=";

/// Writes one page: heading, date, and a table with one row for each of the registry's.
///
/// Shape:  no outside resource. Each row has an anchor made of its port, transport and name, such
///         as `#4444-tcp-krb524`, which the row's own header links to. With scripts the columns
///         sort (a button in each header, told by `aria-sort`) and a box filters; without, the
///         rows stand in the registry's order. A narrow page shows a card for each row. Every
///         text is escaped, and what would turn text around is spelled out.
/// Source: WCAG 2.2 AA; ARIA Authoring Practices, sortable table.
/// Cost:   about 600 bytes a row, and the anchors in memory.
///
/// # Errors
/// Where the output cannot be written.
pub fn write(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    head(extract.title(), output)?;
    above(extract, output)?;
    let mut anchors = Anchors::new();
    let mut line = String::new();
    for row in extract.rows() {
        line.clear();
        put(&row, &mut anchors, &mut line);
        writeln!(output, "{line}")?;
    }
    writeln!(output, "</tbody>\n</table>\n</main>")?;
    writeln!(output, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(title: &str, output: &mut dyn io::Write) -> io::Result<()> {
    let mut labels = String::new();
    for (index, name) in csv::HEADER.iter().enumerate() {
        labels.extend(["  tbody tr > :nth-child(", &(index + 1).to_string()]);
        labels.extend([")::before { content: \"", name, "\"; }\n"]);
    }
    let (before, after) = STYLE.split_once("LABELS").unwrap_or((STYLE, ""));
    writeln!(
        output,
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <title>{title}</title>\n\
         <style>{before}{labels}{after}</style>\n\
         </head>"
    )
}

/// What stands above the rows.
fn above(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    let preface = extract.preface();
    let mut date = String::new();
    escape(preface.date, &mut date);
    let remark = preface.remark();
    let remark = remark.map_or(String::new(), |remark| format!("<p>{remark}</p>\n"));
    writeln!(
        output,
        "<body>\n\
         <a class=\"skip\" href=\"#assignments\">Skip to the table</a>\n\
         <header>\n\
         <h1>{title}</h1>\n\
         <dl><div><dt>Last updated</dt><dd>{date}</dd></div>\
         <div><dt>Rows</dt><dd>{rows}</dd></div></dl>\n\
         {remark}\
         </header>\n\
         <main>\n\
         <form id=\"filter\" role=\"search\" hidden>\n\
         <label for=\"words\">Show rows with all of these words</label>\n\
         <input id=\"words\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\">\n\
         </form>\n\
         <p id=\"status\" role=\"status\"></p>\n\
         <table id=\"assignments\" tabindex=\"-1\">\n\
         <caption>Port assignments of {date}, as registered {by}</caption>\n\
         <thead>\n<tr>",
        title = extract.title(),
        rows = preface.rows,
        by = if extract.is_site() {
            "here"
        } else {
            "with IANA"
        },
    )?;
    for name in csv::HEADER {
        writeln!(output, "<th scope=\"col\">{name}</th>")?;
    }
    writeln!(output, "</tr>\n</thead>\n<tbody>")
}

/// Places of the columns that are more than text, among the twelve.
const ASSIGNEE: usize = 4;
const CONTACT: usize = 5;
const REFERENCE: usize = 8;

fn put(row: &Assignment<'_>, anchors: &mut Anchors, line: &mut String) {
    let anchor = anchors.make(row);
    line.extend(["<tr id=\"", &anchor, "\">"]);
    // A row without a name is headed by its port.
    let header = usize::from(!row.is_named());
    for (index, cell) in csv::cells(row, &row.port_text()).into_iter().enumerate() {
        if index == header {
            line.extend(["<th scope=\"row\"><a href=\"#", &anchor, "\">"]);
            escape(cell, line);
            if cell.is_empty() {
                line.push_str("row");
            }
            line.push_str("</a></th>");
        } else {
            line.push_str("<td>");
            match index {
                REFERENCE => reference(cell, line),
                ASSIGNEE | CONTACT => person(cell, line),
                _ => escape(cell, line),
            }
            line.push_str("</td>");
        }
    }
    line.push_str("</tr>");
}

/// Escapes for text and quoted attributes. Line feeds stay, the style keeps them.
fn escape(text: &str, to: &mut String) {
    for c in text.chars() {
        match c {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            '\n' => to.push(c),
            c if steers(c) => to.extend(c.escape_default()),
            c => to.push(c),
        }
    }
}

/// The same; a long name may break where it has an underscore for a space.
fn person(text: &str, to: &mut String) {
    for word in text.split_inclusive('_') {
        escape(word, to);
        if word.ends_with('_') {
            to.push_str("<wbr>");
        }
    }
}

/// The same, with a link for each `[RFC6335]`.
fn reference(text: &str, to: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("[RFC") {
        let (before, from) = rest.split_at(at + "[".len());
        escape(before, to);
        let digits = from["RFC".len()..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let (label, after) = from.split_at("RFC".len() + digits);
        if (1..=5).contains(&digits) && after.starts_with(']') {
            let number = label["RFC".len()..].trim_start_matches('0');
            let _written = write!(
                to,
                "<a href=\"https://www.rfc-editor.org/rfc/rfc{number}\">{label}</a>"
            );
        } else {
            to.push_str(label);
        }
        rest = after;
    }
    escape(rest, to);
}

/// The anchors given so far, so that no two rows share one, nor one with the page's own parts.
struct Anchors {
    /// How often each was asked for.
    given: HashMap<String, u32>,
}

impl Anchors {
    fn new() -> Self {
        let own = ["assignments", "filter", "words", "status"];
        Self {
            given: own.map(|id| (id.to_owned(), 1)).into(),
        }
    }

    /// Port, transport and name in lower case, other characters as hyphens; a number is added
    /// from the second row of the same key on.
    fn make(&mut self, row: &Assignment<'_>) -> String {
        let name = row.service_name().to_ascii_lowercase();
        let port = row.port_text();
        let transport = row.transport.map_or("", Transport::as_str);
        let mut anchor = String::with_capacity(32);
        for part in [port.as_str(), transport, &name] {
            if !part.is_empty() && !anchor.is_empty() {
                anchor.push('-');
            }
            let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
            anchor.extend(part.chars().map(plain));
        }
        if anchor.is_empty() {
            anchor.push_str("row");
        }
        loop {
            let times = self.given.entry(anchor.clone()).or_default();
            *times += 1;
            if *times == 1 {
                return anchor;
            }
            let number = times.to_string();
            anchor.extend(["-", &number]);
        }
    }
}
