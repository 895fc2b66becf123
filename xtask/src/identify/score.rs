//! The score: each answer held against what is true of its server.

use portolan_servers::{Port, Row};

use super::HELD_OUT;
use super::answer::Answer;

/// What became of one thing that could be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It was told, and it is so.
    Right,
    /// The leading parts of the version were told, and they are so; counts as not told.
    Part,
    /// Nothing was told, though something could be.
    Untold,
    /// Nothing was told, and the wire tells nothing.
    Quiet,
    /// What was told is not so.
    Wrong,
}

/// One port's answer, judged.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) server: String,
    pub(crate) family: String,
    pub(crate) package: String,
    /// The version of the package, which is the truth.
    pub(crate) packaged: String,
    pub(crate) expected: Port,
    pub(crate) told: Option<Answer>,
    pub(crate) protocol: Mark,
    pub(crate) product: Mark,
    pub(crate) version: Mark,
    pub(crate) tls: Mark,
}

impl Line {
    /// Judges what was told of a row's port.
    pub(crate) fn new(
        row: &Row,
        port: &Port,
        packaged: Option<&str>,
        told: Option<&Answer>,
    ) -> Self {
        let packaged = packaged.unwrap_or_default();
        let protocol = match told {
            None => Mark::Untold,
            Some(told) if told.protocol == port.protocol => Mark::Right,
            Some(told) if port.accept.contains(&told.protocol) => Mark::Right,
            // Seen through as far as TLS: that is so, and not what was asked.
            Some(told) if port.tls && told.protocol == "tls" => Mark::Untold,
            Some(_) => Mark::Wrong,
        };
        let product = told.and_then(|told| told.product.as_deref());
        let version = told.and_then(|told| told.version.as_deref());
        let truth = match port.version.as_str() {
            "package" => packaged,
            literal => literal,
        };
        Self {
            server: row.name.clone(),
            family: row.family.clone(),
            package: row.package.first().cloned().unwrap_or_default(),
            packaged: packaged.to_owned(),
            protocol,
            product: mark(&port.product, product, |told| {
                if told == port.product {
                    Mark::Right
                } else {
                    Mark::Wrong
                }
            }),
            version: mark(&port.version, version, |told| compare(told, truth)),
            tls: match (port.tls, told.is_some_and(|told| told.tls)) {
                (true, true) => Mark::Right,
                (true, false) => Mark::Untold,
                (false, false) => Mark::Quiet,
                (false, true) => Mark::Wrong,
            },
            expected: port.clone(),
            told: told.cloned(),
        }
    }

    /// Each thing's mark.
    pub(crate) fn marks(&self) -> [(&'static str, Mark); 4] {
        [
            ("protocol", self.protocol),
            ("product", self.product),
            ("version", self.version),
            ("tls", self.tls),
        ]
    }
}

fn mark(expected: &str, told: Option<&str>, judge: impl Fn(&str) -> Mark) -> Mark {
    match (expected.is_empty(), told) {
        (true, None) => Mark::Quiet,
        (true, Some(_)) => Mark::Wrong,
        (false, None) => Mark::Untold,
        (false, Some(told)) => judge(told),
    }
}

/// Compares versions as people write them: `2.11.0~beta2` and `2.11.0-Beta2` are one.
fn compare(told: &str, truth: &str) -> Mark {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(|c| !"~-_+".contains(*c));
        kept.map(|c| c.to_ascii_lowercase()).collect()
    };
    if plain(told) == plain(truth) {
        return Mark::Right;
    }
    match truth.strip_prefix(told) {
        Some(rest) if rest.starts_with(['.', '+', '~', '-']) => Mark::Part,
        _ => Mark::Wrong,
    }
}

/// All answers of a run.
#[derive(Clone, Debug)]
pub(crate) struct Score {
    pub(crate) lines: Vec<Line>,
}

/// How often each thing was told, of how many ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) ports: usize,
    pub(crate) protocol: usize,
    pub(crate) product: usize,
    pub(crate) version: usize,
    /// Ports whose wire tells the product, and the version.
    pub(crate) product_told: usize,
    pub(crate) version_told: usize,
    pub(crate) tls: usize,
    pub(crate) tls_seen: usize,
    pub(crate) wrong: usize,
}

impl Score {
    /// The lines of the held-out servers, or of all others.
    pub(crate) fn part(&self, held_out: bool) -> impl Iterator<Item = &Line> {
        let lines = self.lines.iter();
        lines.filter(move |line| (line.family == HELD_OUT) == held_out)
    }
}

impl Total {
    /// Adds lines up.
    pub(crate) fn of<'a>(lines: impl Iterator<Item = &'a Line>) -> Self {
        let mut total = Self::default();
        for line in lines {
            let one = |mark| usize::from(mark == Mark::Right);
            total.ports += 1;
            total.protocol += one(line.protocol);
            total.product += one(line.product);
            total.version += one(line.version);
            total.product_told += usize::from(!line.expected.product.is_empty());
            total.version_told += usize::from(!line.expected.version.is_empty());
            total.tls += usize::from(line.expected.tls);
            total.tls_seen += one(line.tls);
            let wrong = |(_, mark): &(_, Mark)| *mark == Mark::Wrong;
            total.wrong += line.marks().iter().filter(|one| wrong(one)).count();
        }
        total
    }

    /// A share of all ports, in percent.
    pub(crate) fn percent(&self, count: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "hundreds of ports at most")]
        let share = count as f64 / self.ports.max(1) as f64;
        share * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portolan_servers::rows_of;
    use std::path::Path;

    fn line(port: &str, told: Option<Answer>) -> Line {
        let text = format!(
            "[[server]]\nname = 'x'\npackage = ['p']\nprogram = 'x'\n\
             [[server.port]]\ntransport = 'tcp'\n{port}"
        );
        let rows = rows_of(Path::new("x.toml"), &text).unwrap();
        Line::new(&rows[0], &rows[0].ports[0], Some("1.2.3"), told.as_ref())
    }

    fn told(protocol: &str, product: Option<&str>, version: Option<&str>) -> Option<Answer> {
        Some(Answer {
            protocol: protocol.into(),
            tls: false,
            product: product.map(str::to_owned),
            version: version.map(str::to_owned),
        })
    }

    const HTTP: &str = "protocol = 'http'\nproduct = 'p'\nversion = 'package'\naccept = ['h2']";

    #[test]
    fn what_is_so_is_right_and_silence_is_not_wrong() {
        let right = line(HTTP, told("h2", Some("p"), Some("1.2.3")));
        assert_eq!(
            right.marks().map(|(_, mark)| mark),
            [Mark::Right, Mark::Right, Mark::Right, Mark::Quiet]
        );
        let silent = line(HTTP, None);
        assert_eq!(
            silent.marks().map(|(_, mark)| mark),
            [Mark::Untold, Mark::Untold, Mark::Untold, Mark::Quiet]
        );
        assert_eq!(
            line(HTTP, told("http", Some("p"), Some("1.2"))).version,
            Mark::Part
        );
    }

    #[test]
    fn what_is_not_so_is_wrong_and_so_is_knowing_too_much() {
        let wrong = line(HTTP, told("ftp", Some("q"), Some("1.2.30")));
        assert_eq!(
            wrong.marks().map(|(_, mark)| mark),
            [Mark::Wrong, Mark::Wrong, Mark::Wrong, Mark::Quiet]
        );
        let much = line("protocol = 'http'", told("http", Some("p"), Some("1")));
        assert_eq!(
            much.marks().map(|(_, mark)| mark),
            [Mark::Right, Mark::Wrong, Mark::Wrong, Mark::Quiet]
        );
        let total = Total::of([wrong, much].iter());
        assert_eq!((total.ports, total.protocol, total.wrong), (2, 1, 5));
        assert_eq!((total.product_told, total.version_told), (1, 1));
    }

    #[test]
    fn tls_must_be_seen_where_it_is_and_only_there() {
        let tls = "protocol = 'http'\ntls = true";
        assert_eq!(line(tls, told("http", None, None)).tls, Mark::Untold);
        let inside = |protocol| told(protocol, None, None).map(|one| Answer { tls: true, ..one });
        assert_eq!(line(tls, inside("http")).tls, Mark::Right);
        assert_eq!(line("protocol = 'http'", inside("http")).tls, Mark::Wrong);
        let only = line(tls, inside("tls"));
        assert_eq!((only.protocol, only.tls), (Mark::Untold, Mark::Right));
    }

    #[test]
    fn versions_are_compared_as_people_write_them() {
        assert_eq!(compare("2.11.0-Beta2", "2.11.0~beta2"), Mark::Right);
        assert_eq!(compare("15", "15.8"), Mark::Part);
        assert_eq!(compare("1", "15.8"), Mark::Wrong);
        assert_eq!(compare("7.0.16", "7.0.15"), Mark::Wrong);
    }
}
