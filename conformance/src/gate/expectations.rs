//! Expectations: differences that are known, each with a reason.
//!
//! They are executed all the same. An entry whose scenarios pass, or that names none, fails.

use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use rtm_sim::clause::ClauseId;
use serde::Deserialize;

use super::verdict::ScenarioResult;

/// Bytes of the largest file.
const FILE_SIZE_MAX: u64 = 16 << 20;
/// Verdicts that can be expected.
const WORDS: [&str; 5] = ["differ", "crash", "timeout", "overrun", "unstable"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    expect: Vec<toml::Spanned<toml::Value>>,
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
    reason: String,
    /// Where to read more.
    link: Option<String>,
    /// How often it was met.
    met: u32,
    /// Clauses of a result that it names but for the clause.
    others: Option<Vec<ClauseId>>,
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
        let name = path.display();
        let failed = |error: io::Error| format!("read {name}: {error}; check the path");
        // A device or a pipe may give text without end, or none for ever.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(format!("read {name}: it is no file; check the path"));
        }
        let mut text = String::new();
        let file = fs::File::open(path).map_err(failed)?;
        file.take(FILE_SIZE_MAX + 1).read_to_string(&mut text).map_err(failed)?;
        if FILE_SIZE_MAX < text.len() as u64 {
            return Err(format!("read {name}: it has more than 16 MiB; split the corpus"));
        }
        Expectations::parse(&path.display().to_string(), &text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse(name: &str, text: &str) -> Result<Expectations, String> {
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let place = |span: Option<Range<usize>>| match span {
            Some(span) => format!("{name}:{}", line(span.start)),
            None => String::from(name),
        };
        let file: File = toml::from_str(text).map_err(|error| {
            format!("read {name}:\n  {}: {}", place(error.span()), error.message())
        })?;
        let mut entries = Vec::new();
        let mut faults = Vec::new();
        for raw in file.expect {
            let place = place(Some(raw.span()));
            match Entry::read(raw.into_inner()) {
                Ok(entry) => entries.push(entry),
                Err(found) => {
                    faults.extend(found.iter().map(|fault| format!("\n  {place}: {fault}")));
                }
            }
        }
        match faults.is_empty() {
            true => Ok(Expectations { entries }),
            false => Err(format!("read {name}:{}", faults.concat())),
        }
    }

    /// Why a result is expected, as the first entry that fits says; `None` if none does.
    pub fn reason(&mut self, name: &str, result: &ScenarioResult) -> Option<String> {
        let fits =
            |entry: &&mut Entry| entry.pattern.matches(name) && entry.verdict == result.kind.word();
        let mut reason = None;
        for entry in self.entries.iter_mut().filter(fits) {
            if entry.clause.is_some_and(|clause| !result.clauses.contains(&clause)) {
                entry.others.get_or_insert_with(|| result.clauses.clone());
                continue;
            }
            entry.met += 1;
            reason.get_or_insert_with(|| entry.why());
        }
        reason
    }

    /// Entries that nothing met, a line each; only those that could have been met, because all
    /// scenarios that they name ran, and those that name none.
    pub fn stale(&self, all: &[String], ran: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.met == 0) {
            let mut named = all.iter().filter(|name| entry.pattern.matches(name));
            let what = match named.clone().count() {
                0 => "names no scenario",
                _ if named.all(|name| ran.contains(&name.as_str())) => "does not occur any more",
                _ => continue,
            };
            let (pattern, verdict) = (entry.pattern.as_str(), &entry.verdict);
            if let Some(others) = &entry.others {
                let others: Vec<String> = others.iter().map(ToString::to_string).collect();
                let clauses = match others.as_slice() {
                    [] => String::from("breaks no clause; take its clause away"),
                    others => format!("breaks {}; name one of them", others.join(", ")),
                };
                lines.push(format!("expectation `{pattern}`: the {verdict} {clauses}"));
                continue;
            }
            lines.push(format!("expectation `{pattern}` ({verdict}) {what}; remove it"));
        }
        lines
    }
}

impl Entry {
    /// Why the difference is accepted, and where to read more, in a line.
    fn why(&self) -> String {
        let reason: Vec<&str> = self.reason.split_whitespace().collect();
        let link = self.link.as_ref().map_or(String::new(), |link| format!(" ({link})"));
        reason.join(" ") + &link
    }

    /// Reads an entry, or says everything that is wrong with it.
    fn read(value: toml::Value) -> Result<Entry, Vec<String>> {
        let raw = RawEntry::deserialize(value).map_err(|e| vec![e.message().to_owned()])?;
        let mut faults = Vec::new();
        let pattern = glob::Pattern::new(&raw.scenario)
            .map_err(|error| faults.push(format!("scenario `{}`: {error}", raw.scenario)));
        if !WORDS.contains(&raw.verdict.as_str()) {
            let words = WORDS.join(", ");
            faults.push(format!("verdict `{}` is none of {words}", raw.verdict));
        }
        let clause = raw.clause.as_deref().and_then(|id| {
            let found = ClauseId::find(id);
            if found.is_none() {
                faults.push(format!("no clause `{id}`; `rtm clauses` lists them"));
            }
            found
        });
        if raw.reason.trim().is_empty() {
            faults.push(String::from("the reason is empty; say why the difference is accepted"));
        }
        let (verdict, reason, link) = (raw.verdict, raw.reason, raw.link);
        match pattern {
            Ok(pattern) if faults.is_empty() => {
                Ok(Entry { pattern, verdict, clause, reason, link, met: 0, others: None })
            }
            _ => Err(faults),
        }
    }
}
