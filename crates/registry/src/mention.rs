//! Ports that are named inside free text, as in "Known UNAUTHORIZED USE: Ports 44515 & 44516".

use crate::{PortRange, Transport};

/// Every port and range that the text names after "port", "ports" or "on".
///
/// The registry has no fixed form for these remarks; at least six phrasings are in use. Numbers
/// that do not follow such a word (versions) and dates are no ports.
#[must_use]
pub fn mentioned_ports(text: &str) -> Vec<PortRange> {
    let mut found = Vec::new();
    let mut listing = false;
    for word in
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '&' | ':' | '(' | ')'))
    {
        let word = word.trim_end_matches('.');
        match word.split_once('/') {
            Some((port, transport)) if transport.parse::<Transport>().is_ok() => {
                listing |= port.parse::<PortRange>().map(|p| found.push(p)).is_ok();
                continue;
            }
            _ => {}
        }
        if ["port", "ports", "on"]
            .iter()
            .any(|w| word.eq_ignore_ascii_case(w))
        {
            listing = true;
        } else if listing && !word.is_empty() && !is_joint(word) {
            match word.parse() {
                Ok(ports) => found.push(ports),
                Err(_) => listing = false,
            }
        }
    }
    found
}

fn is_joint(word: &str) -> bool {
    ["and", "or", "number", "numbers", "tcp", "udp"]
        .iter()
        .any(|j| word.eq_ignore_ascii_case(j))
}

#[cfg(test)]
mod tests {
    use super::mentioned_ports;

    #[test]
    fn every_phrasing_in_use() {
        let ports = |text| {
            mentioned_ports(text)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ports("Known UNAUTHORIZED USE: Ports 44515 & 44516"),
            ["44515", "44516"]
        );
        assert_eq!(ports("Known UNAUTHORIZED USE: port 2793"), ["2793"]);
        assert_eq!(ports("Known Unauthorized Use on port 8161"), ["8161"]);
        assert_eq!(
            ports("Unauthorized Use Known on ports 4444, 4446-4450 and 4455."),
            ["4444", "4446-4450", "4455"]
        );
        assert_eq!(ports("Known Unauthorized Use on 7011"), ["7011"]);
        assert_eq!(ports("Known Unauthorized Use on 5601/tcp"), ["5601"]);
        assert_eq!(ports("removed on 2006-05-25"), Vec::<String>::new());
        assert_eq!(
            ports("used since 2004 without an assignment"),
            Vec::<String>::new()
        );
        assert_eq!(ports("port 99999"), Vec::<String>::new());
    }
}
