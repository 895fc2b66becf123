//! Questions at a terminal: one at a time, each with why it is asked and a proposal; answers are
//! checked at once. Where the answers end nothing is done.

use std::io::{self, BufRead, Read, Write};

use anyhow::anyhow;

use crate::exit::malformed;
use crate::print::{Output, folded, one_line};

/// More than this is no answer, in bytes.
const MOST_BYTES: u64 = 16 << 10;

/// Somebody who answers.
pub(super) struct Asking<R, W> {
    answers: R,
    questions: W,
    /// What is said where the answers end: that nothing was done.
    undone: &'static str,
    /// Of the terminal.
    width: Option<usize>,
}

impl Asking<io::StdinLock<'static>, io::Stderr> {
    /// Whoever sits at the terminal: standard input, and standard error.
    pub(super) fn at_terminal(undone: &'static str, output: &Output) -> Self {
        Self {
            answers: io::stdin().lock(),
            questions: io::stderr(),
            undone,
            width: output.told_width(),
        }
    }
}

impl<R: BufRead, W: Write> Asking<R, W> {
    #[cfg(test)]
    pub(super) fn of(answers: R, questions: W) -> Self {
        Self {
            answers,
            questions,
            undone: "nothing was done",
            width: None,
        }
    }

    /// Says something between the questions, in sentences.
    pub(super) fn say(&mut self, text: &str) -> anyhow::Result<()> {
        let text = folded(text, self.width);
        Ok(writeln!(self.questions, "{text}")?)
    }

    /// Shows what has its lines already.
    pub(super) fn show(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.questions, "{}", text.trim_end())?)
    }

    /// Asks until `read` takes the answer; an empty one means the proposal, where there is one. What
    /// `read` says of an answer that it does not take is shown.
    pub(super) fn ask<T>(
        &mut self,
        question: &str,
        why: &str,
        proposal: &str,
        mut read: impl FnMut(&str) -> Result<T, String>,
    ) -> anyhow::Result<T> {
        self.say("")?;
        let why = match why {
            "" => String::new(),
            why => format!("  ({why})\n"),
        };
        loop {
            let shown = match proposal {
                "" => String::new(),
                proposal => format!(" [{}]", one_line(proposal)),
            };
            let asked = folded(&format!("{question}{shown}\n{why}"), self.width);
            write!(self.questions, "{asked}> ")?;
            self.questions.flush()?;
            let answer = self.answer()?;
            let answer = match answer.as_str() {
                "" => proposal,
                answer => answer,
            };
            match read(answer) {
                Ok(taken) => return Ok(taken),
                Err(fault) => self.say(&format!("! {}", one_line(&fault)))?,
            }
        }
    }

    /// A text of one line that is not empty.
    pub(super) fn text(
        &mut self,
        question: &str,
        why: &str,
        proposal: &str,
    ) -> anyhow::Result<String> {
        self.ask(question, why, proposal, |answer| match answer {
            "" => Err("an answer is needed here".to_owned()),
            answer => Ok(answer.to_owned()),
        })
    }

    /// A text that may be empty.
    pub(super) fn optional(
        &mut self,
        question: &str,
        why: &str,
        proposal: &str,
    ) -> anyhow::Result<String> {
        self.ask(question, why, proposal, |answer| Ok(answer.to_owned()))
    }

    /// Yes or no; asked again where neither is said, so that no slip throws answers away.
    pub(super) fn confirm(&mut self, question: &str) -> anyhow::Result<bool> {
        self.ask(&format!("{question} [y/n]"), "", "", |answer| match answer
            .to_ascii_lowercase()
            .as_str()
        {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("write y or n".to_owned()),
        })
    }

    /// The next line, without white space at its ends.
    fn answer(&mut self) -> anyhow::Result<String> {
        let mut bytes = Vec::new();
        let mut bounded = (&mut self.answers).take(MOST_BYTES);
        let read = bounded.read_until(b'\n', &mut bytes)?;
        if read == 0 || !bytes.ends_with(b"\n") {
            self.say("")?;
            return Err(malformed(anyhow!("{}: the answers ended", self.undone)));
        }
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_checked_at_once_and_an_empty_one_is_the_proposal() {
        let mut shown = Vec::new();
        let mut asking = Asking::of(&b"x\n\n"[..], &mut shown);
        let number = asking.ask("Port?", "why not", "8", |answer| {
            answer
                .parse::<u16>()
                .map_err(|_| "no \u{1b}port".to_owned())
        });
        assert_eq!(number.unwrap(), 8);
        assert_eq!(
            String::from_utf8(shown).unwrap(),
            "\nPort? [8]\n  (why not)\n> ! no \\u{1b}port\nPort? [8]\n  (why not)\n> "
        );
    }

    #[test]
    fn where_the_answers_end_nothing_is_done() {
        for answers in [&b""[..], b"yes"] {
            let mut asking = Asking::of(answers, Vec::new());
            let error = asking.confirm("Go on?").unwrap_err();
            assert_eq!(error.to_string(), "nothing was done: the answers ended");
        }
    }
}
