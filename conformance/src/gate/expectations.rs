//! Expectations: differences that are known, each with a reason.
//!
//! They are executed all the same. An entry whose scenarios pass, or that names none, fails.

use std::path::Path;

use rtm_sim::clause::ClauseId;
use serde::Deserialize;

use super::verdict::ScenarioResult;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    expect: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawEntry {
    scenario: String,
    verdict: String,
    clause: Option<String>,
    reason: String,
    link: Option<String>,
}

/// A difference that is known.
#[derive(Debug)]
pub struct Entry {
    pattern: glob::Pattern,
    verdict: String,
    clause: Option<ClauseId>,
    /// Why it is there.
    pub reason: String,
    /// Where to read more.
    pub link: Option<String>,
    /// How often it was met.
    met: u32,
}

/// All entries of a file.
#[derive(Debug, Default)]
pub struct Expectations {
    entries: Vec<Entry>,
}

impl Expectations {
    /// Reads a file.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn load(path: &Path) -> Result<Expectations, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("read {}: {error}", path.display()))?;
        Expectations::parse(&path.display().to_string(), &text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse(name: &str, text: &str) -> Result<Expectations, String> {
        let file: File = toml::from_str(text).map_err(|error| format!("read {name}: {error}"))?;
        let mut entries = Vec::new();
        for (at, raw) in file.expect.into_iter().enumerate() {
            let wrong = |what: String| format!("read {name}: entry {}: {what}", at + 1);
            let pattern = glob::Pattern::new(&raw.scenario)
                .map_err(|error| wrong(format!("scenario `{}`: {error}", raw.scenario)))?;
            const WORDS: [&str; 5] = ["differ", "crash", "timeout", "overrun", "unstable"];
            if !WORDS.contains(&raw.verdict.as_str()) {
                return Err(wrong(format!("verdict `{}` is none of {WORDS:?}", raw.verdict)));
            }
            let clause = match raw.clause {
                Some(id) => {
                    Some(ClauseId::find(&id).ok_or_else(|| wrong(format!("no clause `{id}`")))?)
                }
                None => None,
            };
            if raw.reason.trim().is_empty() {
                return Err(wrong(String::from("the reason is empty")));
            }
            let (verdict, reason, link) = (raw.verdict, raw.reason, raw.link);
            entries.push(Entry { pattern, verdict, clause, reason, link, met: 0 });
        }
        Ok(Expectations { entries })
    }

    /// Whether a result is expected.
    pub fn expects(&mut self, name: &str, result: &ScenarioResult) -> bool {
        let fits = |entry: &&mut Entry| {
            entry.pattern.matches(name)
                && entry.verdict == result.kind.word()
                && entry.clause.is_none_or(|clause| result.clauses.contains(&clause))
        };
        let mut expected = false;
        for entry in self.entries.iter_mut().filter(fits) {
            entry.met += 1;
            expected = true;
        }
        expected
    }

    /// Entries that nothing met, a line each; only those that `ran` says could have been met.
    pub fn stale(&self, ran: &[&str]) -> Vec<String> {
        let stale = self.entries.iter().filter(|entry| entry.met == 0);
        stale
            .map(|entry| {
                let runs = ran.iter().any(|name| entry.pattern.matches(name));
                let what =
                    if runs { "does not occur any more" } else { "names no scenario that ran" };
                let pattern = entry.pattern.as_str();
                format!("expectation `{pattern}` ({}) {what}: remove it", entry.verdict)
            })
            .collect()
    }
}
