//! A target: what was promised, beside what was measured.

use std::fmt;

/// One promise, of something that should be at most `bound`.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// What is promised.
    pub(crate) what: &'static str,
    /// The most it may be.
    pub(crate) bound: f64,
    /// What it was; `None` where it could not be measured.
    pub(crate) measured: Option<f64>,
    /// `x`, `s`, ...
    pub(crate) unit: &'static str,
}

impl Target {
    /// Whether it was kept.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(measured) if measured <= self.bound => "pass",
            Some(_) => "FAIL",
        }
    }

    fn value(&self) -> String {
        self.measured
            .map_or_else(|| "–".into(), |value| format!("{value:.2} {}", self.unit))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, at most {} {}: {}",
            self.what,
            self.value(),
            self.bound,
            self.unit,
            self.verdict()
        )
    }
}

/// All of them as one table.
pub(crate) fn table(targets: &[&Target]) -> String {
    let mut text =
        String::from("\n## Targets\n\n| What | Measured | At most | |\n|---|---:|---:|---|\n");
    for target in targets {
        text.push_str(&format!(
            "| {} | {} | {} {} | {} |\n",
            target.what,
            target.value(),
            target.bound,
            target.unit,
            target.verdict()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_that_is_met_exactly_is_kept() {
        let target = |measured| Target {
            what: "w",
            bound: 1.5,
            measured,
            unit: "s",
        };
        assert_eq!(target(Some(1.5)).verdict(), "pass");
        assert_eq!(target(Some(1.51)).verdict(), "FAIL");
        assert_eq!(target(None).verdict(), "not measured");
    }
}
