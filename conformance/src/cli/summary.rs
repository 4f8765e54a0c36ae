//! The last lines of the gate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use rtm_conformance::gate::verdict::{Kind, ScenarioResult};

/// What all results come to.
#[derive(Default, Debug)]
pub struct Summary {
    counts: BTreeMap<Kind, u32>,
    expected: u32,
    runs: u64,
    judged: u64,
    total: u64,
    choices: BTreeSet<String>,
    lost_cleanups: u32,
    implied_only: u32,
    failing: Vec<String>,
}

impl Summary {
    /// Adds a result.
    pub fn add(&mut self, name: &str, result: &ScenarioResult, expected: bool) {
        if expected {
            self.expected += 1;
        } else {
            *self.counts.entry(result.kind).or_default() += 1;
        }
        if result.kind.fails() && !expected {
            self.failing.push(name.to_owned());
        }
        self.implied_only += u32::from(result.kind == Kind::NotJudged && result.implied_only);
        self.runs += u64::from(result.runs);
        self.judged += result.judged.0;
        self.total += result.judged.1;
        self.lost_cleanups += result.lost_cleanups;
        self.choices.extend(result.readings.iter().map(|r| r.clause.to_string()));
        self.choices.extend(result.adopted.iter().map(ToString::to_string));
    }

    /// Failures that nobody expected.
    pub fn failed(&self) -> usize {
        self.failing.len()
    }

    /// Scenarios that passed.
    pub fn passed(&self) -> u32 {
        self.counts.get(&Kind::Match).copied().unwrap_or(0)
    }

    /// The last lines.
    pub fn text(&self, elapsed: Duration, stale: usize) -> String {
        let mut text = String::from("\n");
        if !self.failing.is_empty() {
            text += "failing:\n";
            for name in &self.failing {
                let _ = writeln!(text, "  {name}");
            }
        }
        let counts: Vec<String> =
            self.counts.iter().map(|(kind, count)| format!("{count} {}", kind.word())).collect();
        let scenarios = self.counts.values().sum::<u32>() + self.expected;
        let mut parts = counts;
        if self.expected != 0 {
            parts.push(format!("{} expected", self.expected));
        }
        let _ = writeln!(
            text,
            "{scenarios} {}: {}; {} {} in {:.2} s",
            if scenarios == 1 { "scenario" } else { "scenarios" },
            parts.join(", "),
            self.runs,
            if self.runs == 1 { "run" } else { "runs" },
            elapsed.as_secs_f64()
        );
        if self.judged < self.total {
            let share = 100.0 * (self.total - self.judged) as f64 / self.total as f64;
            let _ = writeln!(text, "{share:.1} % of the steps were not judged");
        }
        if self.implied_only != 0 {
            let _ = writeln!(
                text,
                "{} of them not judged, for clauses that are only implied: --strict judges them",
                self.implied_only
            );
        }
        if !self.choices.is_empty() {
            let count = self.choices.len();
            let plural = if count == 1 { "" } else { "s" };
            let _ = writeln!(text, "{count} own choice{plural}, see `rtm profile`");
        }
        if self.lost_cleanups != 0 {
            let (count, plural) = match self.lost_cleanups {
                1 => (1, ""),
                count => (count, "es"),
            };
            let _ = writeln!(
                text,
                "note: {count} process{plural} died while cleaning up, after the judged part"
            );
        }
        let passed = self.passed();
        if passed == 0 && self.failing.is_empty() && self.expected == 0 {
            text += "note: nothing was judged; --passes-min makes that a failure\n";
        }
        let _ = write!(text, "{passed} passed, {} failed", self.failing.len());
        let silent = scenarios as usize - passed as usize - self.failing.len();
        for (count, what) in [
            (self.expected as usize, "failed as expected"),
            (silent - self.expected as usize, "skipped"),
            (stale, "stale in the expectations"),
        ] {
            if count != 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        text
    }
}
