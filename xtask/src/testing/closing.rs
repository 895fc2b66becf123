//! The closing lines of the test runner, and what they add up to.

use std::fmt;

/// Every `test result:` line seen.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    lines: Vec<String>,
}

impl Closing {
    /// Keeps the line if it is a closing one.
    pub(crate) fn see(&mut self, line: &str) {
        if line.starts_with("test result: ") {
            self.lines.push(line.to_owned());
        }
    }

    /// How many runs have ended.
    pub(crate) fn runs(&self) -> usize {
        self.lines.len()
    }

    fn sum(&self, word: &str) -> u64 {
        self.lines
            .iter()
            .filter_map(|line| {
                let (before, _) = line.split_once(&format!(" {word}"))?;
                before.rsplit([' ', ';']).next()?.parse::<u64>().ok()
            })
            .sum()
    }
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        write!(
            f,
            "all together: {} passed, {} failed, {} ignored in {} runs",
            self.sum("passed"),
            self.sum("failed"),
            self.sum("ignored"),
            self.runs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_kept_and_added_up() {
        let mut closing = Closing::default();
        for line in [
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ] {
            closing.see(line);
        }
        assert!(
            closing
                .to_string()
                .ends_with("all together: 15 passed, 2 failed, 1 ignored in 2 runs")
        );
    }
}
