//! `[site]` of the configuration: which host this is to the site registry, how the organisation
//! handles requests, and what a request says where nobody says it. It opens nothing.

use std::path::{Path, PathBuf};

use portolan_ports::site::{Here, Procedure, Review, Scope};
use portolan_registry::one_line;
use serde::Deserialize;
use toml::Spanned;

use crate::print::grouped;

/// The most groups of all files together: every look-up asks for each.
const MOST_GROUPS: usize = 256;

/// The longest notice, in days: ten years.
pub(crate) const MOST_NOTICE_DAYS: u16 = 3660;

/// What `[site]` says, in all files together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Site {
    host: Option<String>,
    groups: Vec<String>,
    review: Option<Review>,
    reviewers: Vec<String>,
    notice_days: Option<u16>,
    /// The file that is the site registry, instead of the database.
    pub(crate) file: Option<PathBuf>,
    /// Who a request is for, where it does not say.
    pub(crate) assignee: Option<String>,
    /// Who speaks for it, where it does not say.
    pub(crate) contact: Option<String>,
}

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a table: write [site]"
)]
pub(super) struct Written {
    host: Option<Spanned<String>>,
    #[serde(default)]
    groups: Vec<Spanned<String>>,
    file: Option<Spanned<String>>,
    review: Option<Spanned<String>>,
    #[serde(default)]
    reviewers: Vec<Spanned<String>>,
    notice_days: Option<Spanned<i64>>,
    assignee: Option<Spanned<String>>,
    contact: Option<Spanned<String>>,
}

/// What is wrong with a value, and the byte of the file at which it begins.
pub(super) type Mistake = (usize, String);

impl Site {
    /// This host, as assignments name it: the system's own name where no file says another.
    /// Cost: where none does, a system call.
    pub(crate) fn here(&self) -> Here {
        Here {
            host: self
                .host
                .clone()
                .unwrap_or_else(portolan_inspect::host_name),
            groups: self.groups.clone(),
        }
    }

    /// How requests are handled: as IANA does, where no file says otherwise.
    pub(crate) fn procedure(&self) -> Procedure {
        let usual = Procedure::default();
        Procedure {
            review: self.review.unwrap_or(usual.review),
            reviewers: self.reviewers.clone(),
            notice_days: self.notice_days.unwrap_or(usual.notice_days),
            protocols: portolan_probe::protocols().map(|p| p.name).collect(),
        }
    }

    /// Adds a file's table: its single values win over those of the files before, and its groups add
    /// up. How requests are handled is not for the last to say: of `review`, `reviewers` and
    /// `notice-days` the first file that has one decides, which is the system's, for whoever runs this
    /// through sudo(8) has a file of his own. A relative `file` lies beside the configuration that
    /// names it.
    ///
    /// # Errors
    /// The first value that has no meaning.
    pub(super) fn add(&mut self, configuration: &Path, written: Written) -> Result<(), Mistake> {
        if let Some(host) = written.host {
            self.host = Some(name("host", host)?);
        }
        for group in written.groups {
            let at = group.span().start;
            let group = name("group", group)?;
            if self
                .groups
                .iter()
                .all(|own| !own.eq_ignore_ascii_case(&group))
            {
                self.groups.push(group);
            }
            if self.groups.len() > MOST_GROUPS {
                let what =
                    format!("more than {MOST_GROUPS} groups; name those that have assignments");
                return Err((at, what));
            }
        }
        if let Some(file) = written.file {
            let file = line("file", file)?;
            let folder = configuration.parent().unwrap_or(Path::new(""));
            self.file = Some(folder.join(file));
        }
        if let Some(word) = written.review {
            let read = review(&word)?;
            self.review = self.review.or(Some(read));
        }
        let mut reviewers: Vec<String> = Vec::new();
        for reviewer in written.reviewers {
            let reviewer = line("reviewer", reviewer)?;
            if !reviewers.contains(&reviewer) {
                reviewers.push(reviewer);
            }
        }
        if self.reviewers.is_empty() {
            self.reviewers = reviewers;
        }
        if let Some(days) = written.notice_days {
            let read = notice(&days)?;
            self.notice_days = self.notice_days.or(Some(read));
        }
        if let Some(assignee) = written.assignee {
            self.assignee = Some(line("assignee", assignee)?);
        }
        if let Some(contact) = written.contact {
            self.contact = Some(line("contact", contact)?);
        }
        Ok(())
    }
}

/// A host's or a group's name, as a scope may have it.
fn name(kind: &str, written: Spanned<String>) -> Result<String, Mistake> {
    let at = written.span().start;
    let text = written.into_inner();
    match format!("{kind}:{text}").parse::<Scope>() {
        Ok(Scope::Group(name) | Scope::Host(name)) => Ok(name),
        Ok(Scope::All) | Err(_) => Err((
            at,
            format!(
                "{:?} is no {kind}'s name; write letters, digits, hyphens, underscores and dots",
                excerpt(&text)
            ),
        )),
    }
}

/// A text of one line that is not empty.
fn line(key: &str, written: Spanned<String>) -> Result<String, Mistake> {
    let at = written.span().start;
    let text = written.into_inner();
    match text.trim() {
        "" => Err((
            at,
            format!("the {key} is empty; take it out, or say who or what"),
        )),
        text if text.chars().any(char::is_control) => Err((
            at,
            format!("the {key} holds a control character; write one line"),
        )),
        text => Ok(text.to_owned()),
    }
}

fn review(written: &Spanned<String>) -> Result<Review, Mistake> {
    match written.get_ref().as_str() {
        "expert" => Ok(Review::Expert),
        "first-come" => Ok(Review::FirstCome),
        other => Err((
            written.span().start,
            format!(
                "{:?} is no way to review; write \"expert\" or \"first-come\"",
                excerpt(other)
            ),
        )),
    }
}

fn notice(written: &Spanned<i64>) -> Result<u16, Mistake> {
    let days = u16::try_from(*written.get_ref()).ok();
    days.filter(|days| *days <= MOST_NOTICE_DAYS)
        .ok_or_else(|| {
            let what = format!(
                "{} is no number of days for a notice; write 0 to {}",
                written.get_ref(),
                grouped(MOST_NOTICE_DAYS.into())
            );
            (written.span().start, what)
        })
}

/// So much of a text that a complaint stays a line.
fn excerpt(text: &str) -> String {
    one_line(text).chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Configuration;

    fn read(files: &[(&str, &str)]) -> Result<Site, String> {
        let files: Vec<(PathBuf, Vec<u8>)> = files
            .iter()
            .map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()))
            .collect();
        let read = Configuration::of(&files).map_err(|error| error.to_string())?;
        Ok(read.site)
    }

    #[test]
    fn without_a_word_it_is_as_iana_does() {
        let site = read(&[("a.toml", "[probe]\nnever = []\n")]).expect("no mistake");
        assert_eq!(site, Site::default());
        assert_eq!(site.here().host, portolan_inspect::host_name());
        assert_eq!(site.here().groups, [""; 0]);
        let as_usual = Procedure {
            protocols: site.procedure().protocols,
            ..Procedure::default()
        };
        assert_eq!(site.procedure(), as_usual);
        assert!(as_usual.protocols.contains(&"postgresql"));
    }

    #[test]
    fn the_later_file_wins_but_the_first_says_how_requests_are_handled() {
        let system = "[site]\nhost = \"web1\"\ngroups = [\"web\", \"eu\"]\nfile = \"site.toml\"\n\
                      review = \"first-come\"\nreviewers = [\"ada\"]\nnotice-days = 0\n";
        let own = "[site]\nhost = \"web1.example\"\ngroups = [\"WEB\", \"db\"]\n\
                   review = \"expert\"\nreviewers = [\"bob\", \"ada\"]\nnotice-days = 90\nassignee = \"Billing\"\n\
                   contact = \" billing@example.com \"\n";
        let site = read(&[("/etc/portolan/a.toml", system), ("b.toml", own)]).expect("no mistake");
        assert_eq!(
            site.here(),
            Here {
                host: "web1.example".to_owned(),
                groups: ["web", "eu", "db"].map(str::to_owned).to_vec(),
            }
        );
        assert_eq!(
            site.procedure(),
            Procedure {
                review: Review::FirstCome,
                reviewers: vec!["ada".to_owned()],
                notice_days: 0,
                protocols: portolan_probe::protocols().map(|p| p.name).collect(),
            }
        );
        assert_eq!(site.file, Some(PathBuf::from("/etc/portolan/site.toml")));
        assert_eq!(site.assignee.as_deref(), Some("Billing"));
        assert_eq!(site.contact.as_deref(), Some("billing@example.com"));
    }

    #[test]
    fn every_mistake_has_its_place() {
        let wrong = |text: &str| read(&[("FILE", text)]).expect_err("a mistake");
        let many: Vec<String> = (0..257).map(|n| format!("\"g{n}\"")).collect();
        let many = format!("[site]\ngroups = [{}]\n", many.join(", "));
        for (text, what) in [
            (
                "[site]\nhosts = \"a\"\n",
                "line 2, column 1: unknown field `hosts`, expected one of `host`, `groups`, `file`, \
                 `review`, `reviewers`, `notice-days`, `assignee`, `contact`",
            ),
            (
                "site = 1\n",
                "line 1, column 8: invalid type: integer `1`, expected a table: write [site]",
            ),
            (
                "[site]\nhost = \"a b\"\n",
                "line 2, column 8: \"a b\" is no host's name; write letters, digits, hyphens, \
                 underscores and dots",
            ),
            (
                "[site]\ngroups = [\"a\", \"\"]\n",
                "line 2, column 16: \"\" is no group's name; write letters, digits, hyphens, \
                 underscores and dots",
            ),
            (
                "[site]\nreview = \"none\"\n",
                "line 2, column 10: \"none\" is no way to review; write \"expert\" or \"first-come\"",
            ),
            (
                "[site]\nnotice-days = -1\n",
                "line 2, column 15: -1 is no number of days for a notice; write 0 to 3,660",
            ),
            (
                "[site]\nnotice-days = \"28\"\n",
                "line 2, column 15: invalid type: string \"28\", expected i64",
            ),
            (
                "[site]\nreviewers = [\"\"]\n",
                "line 2, column 14: the reviewer is empty; take it out, or say who or what",
            ),
            (
                "[site]\ncontact = \"a\\nb\"\n",
                "line 2, column 11: the contact holds a control character; write one line",
            ),
            (
                many.as_str(),
                "line 2, column 1949: more than 256 groups; name those that have assignments",
            ),
        ] {
            let expected = format!("cannot read the configuration FILE, {what}");
            assert_eq!(wrong(text), expected, "{text}");
        }
    }
}
