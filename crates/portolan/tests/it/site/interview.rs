//! The questions of a request and a review in a real terminal, which tmux(1) keeps.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Site;
use crate::command::alone;

/// A tmux server of this test's own, with one terminal.
pub(super) struct Terminal {
    name: String,
}

impl Terminal {
    /// Runs `portolan registry` between two lines of a shell.
    pub(super) fn start(site: &Site, test: &str, arguments: &str) -> Self {
        Self::wide(site, test, "200", arguments)
    }

    /// The same in so many columns.
    pub(super) fn wide(site: &Site, test: &str, columns: &str, arguments: &str) -> Self {
        let terminal = Self {
            name: format!("portolan-site-{test}-{}", std::process::id()),
        };
        let program = env!("CARGO_BIN_EXE_portolan");
        let state = site.folder().display();
        let script = format!(
            "trap : INT; echo before; '{program}' --state '{state}' registry {arguments}; echo ended $?; exec cat"
        );
        let started = terminal
            .tmux(&[
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                columns,
                "-y",
                "120",
            ])
            .arg(script)
            .env("HOME", "/nonexistent")
            .env("SHELL", "/bin/sh")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("TMUX")
            .status();
        let advice = "apt-get install --no-install-recommends tmux";
        let started = started.unwrap_or_else(|e| panic!("tmux: {e}; {advice}"));
        assert!(started.success());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-L", &self.name]).args(arguments);
        command.stderr(Stdio::null());
        command
    }

    pub(super) fn press(&self, keys: &[&str]) {
        let pressed = self.tmux(&["send-keys"]).args(keys).status();
        assert!(pressed.unwrap().success());
    }

    /// Waits for the question, and answers it.
    pub(super) fn answer(&self, question: &str, answer: &str) {
        let before = prompts(&self.until(|screen| is_asked(screen, question)));
        if !answer.is_empty() {
            self.press(&["-l", answer]);
        }
        self.press(&["Enter"]);
        // What is shown next stands below the answer.
        self.until(|screen| prompts(screen) > before || screen.contains("\nended "));
    }

    /// The screen, once it shows what is wanted.
    #[expect(clippy::disallowed_methods, reason = "a test waits with a bound")]
    pub(super) fn until(&self, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        let mut seen = String::new();
        while begun.elapsed() < Duration::from_secs(30) {
            let screen = self.tmux(&["capture-pane", "-p"]).output().unwrap();
            seen = String::from_utf8(screen.stdout).unwrap();
            if wanted(&seen) {
                return seen;
            }
            std::thread::yield_now();
        }
        panic!("it was never shown:\n{seen}");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _gone = self.tmux(&["kill-server"]).status();
    }
}

/// How often somebody was asked.
fn prompts(screen: &str) -> usize {
    screen.lines().filter(|line| line.starts_with('>')).count()
}

/// Whether the question is the last thing on the screen, and waits.
pub(super) fn is_asked(screen: &str, question: &str) -> bool {
    let text = screen.trim_end();
    let last = text.rfind("\n\n").map_or(text, |at| &text[at..]);
    last.contains(question) && text.ends_with('>')
}

#[test]
fn what_is_missing_is_asked_and_each_answer_is_checked() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    let terminal = Terminal::start(&site, "request", "request --because 'a new shop'");
    terminal.answer("On which hosts?", "billing-api");
    terminal.until(|screen| screen.contains("the service's name is asked next"));
    terminal.answer("On which hosts?", "");
    terminal.answer("Service name?", "bad--name");
    terminal.until(|screen| screen.contains("! refused by RFC 6335 section 5.1: the service name"));
    terminal.answer("Service name?", "billing-api");
    terminal.answer("Over which transports?", "");
    terminal.answer("Port?", "18325");
    terminal.until(|screen| screen.contains("18325/tcp is held by record 1 (shop-api)"));
    terminal.answer("Port?", "52000");
    terminal.until(|screen| screen.contains("! refused by RFC 6335 section 8.1.2"));
    terminal.answer("Port?", "suggest");
    let seen = terminal.until(|screen| screen.contains(" is quiet: nothing"));
    let line = seen
        .lines()
        .find(|line| line.contains(" is quiet: nothing"))
        .unwrap();
    let port = line.split_whitespace().next().unwrap().to_owned();
    terminal.answer("Port?", "");
    terminal.answer("What is the service?", "Billing API");
    terminal.answer("Where is its protocol", "");
    terminal.until(|screen| screen.contains("! an answer is needed here"));
    terminal.answer("Where is its protocol", "Design 3");
    terminal.answer("Which organisation", "Payments");
    terminal.answer("Who speaks for it?", "pay@example.net");
    terminal.answer("Why will no Dynamic port do", "firewalls");
    terminal.answer("Does it speak to many", "");
    terminal.answer("Ticket", "");
    terminal.answer("Last day", "");
    let seen = terminal.until(|screen| is_asked(screen, "File it? [y/n]"));
    assert!(
        seen.contains(&format!("To be filed: billing-api, {port}/tcp, requested")),
        "{seen}"
    );
    // A slip throws nothing away.
    terminal.answer("File it?", "");
    terminal.until(|screen| screen.contains("! write y or n"));
    terminal.answer("File it?", "y");
    let seen = terminal.until(|screen| screen.contains("ended 0"));
    assert!(seen.contains("Next: a reviewer decides it"), "{seen}");
    let (document, _) = site.json(&["list", "billing-api"], "site.json");
    let record = &document["records"][0];
    assert_eq!(record["port"], port.as_str());
    assert_eq!(record["because"], "a new shop");
    assert_eq!(record["expires"], serde_json::Value::Null);
}

#[test]
fn an_end_of_the_answers_files_nothing() {
    let _alone = alone();
    for (key, said) in [
        ("C-d", "nothing was filed: the answers ended"),
        ("C-c", "ended 130"),
    ] {
        let site = Site::new();
        let terminal = Terminal::start(&site, key, "request");
        terminal.answer("On which hosts?", "");
        terminal.until(|screen| is_asked(screen, "Service name?"));
        terminal.press(&[key]);
        terminal.until(|screen| screen.contains(said));
        assert!(!site.folder().join("portolan.db").exists());
    }
}

#[test]
fn a_decision_is_asked_for() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("shop-api", "18325", &[]).code, Some(0));
    let terminal = Terminal::start(&site, "review", "review shop-api");
    let seen = terminal.until(|screen| is_asked(screen, "approve, decline or ask?"));
    assert!(
        seen.contains("Record 1: shop-api, 18325/tcp, requested"),
        "{seen}"
    );
    terminal.answer("approve, decline or ask?", "perhaps");
    terminal.until(|screen| screen.contains("! write approve, decline or ask"));
    terminal.answer("approve, decline or ask?", "ask");
    terminal.answer("What do you ask?", "which firewalls?");
    terminal.until(|screen| screen.contains("ended 0"));
    let (document, _) = site.json(&["list"], "site.json");
    assert_eq!(document["records"][0]["status"], "questioned");
    assert_eq!(document["records"][0]["because"], "which firewalls?");
}
