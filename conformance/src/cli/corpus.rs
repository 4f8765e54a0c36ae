//! The scenarios that a command works on.

use std::path::Path;

use rtm_scenarios::simulate::simulate;
use rtm_scenarios::{
    CorpusError, Diagnostic, Scenario, corpus, corpus_dir, corpus_files, parse, read_file, report,
};

use super::exit::{CORPUS, Failure};

/// A scenario and where it comes from.
#[derive(Debug)]
pub struct Named {
    /// `group/name`.
    pub name: String,
    /// Where its text comes from, as diagnostics name it.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// All scenarios, by name.
pub fn load(folder: Option<&Path>) -> Result<Vec<Named>, Failure> {
    let Some(folder) = folder else {
        return Ok(corpus().map(|(name, text)| Named::built_in(name, text)).collect());
    };
    let found = corpus_dir(folder).map_err(|error| unread("the corpus", error))?;
    let named = found.into_iter().map(|(name, text)| Named::within(folder, name, text));
    Ok(named.collect())
}

/// The scenarios of a folder, or a failure for each that is no text.
pub fn each_in(folder: &Path) -> Result<Vec<Result<Named, Failure>>, Failure> {
    let found = corpus_files(folder).map_err(|error| unread("the corpus", error))?;
    let named = found.into_iter().map(|(name, text)| match text {
        Ok(text) => Ok(Named::within(folder, name, text)),
        Err(error) => Err(unread(&name, error)),
    });
    Ok(named.collect())
}

/// The failure to read something.
fn unread(what: &str, error: CorpusError) -> Failure {
    match error {
        CorpusError::Invalid(diagnostics) => {
            Failure::new(CORPUS, format!("read {what}:\n{}", report(&diagnostics, false)))
        }
        error => Failure::new(CORPUS, error),
    }
}

/// The scenarios, or a failure with all mistakes in all of them.
pub fn parse_all(all: Vec<Named>) -> Result<Vec<(Named, Scenario)>, Failure> {
    let mut parsed = Vec::new();
    let mut reports = Vec::new();
    let checked = check_all(&all);
    for (named, checked) in all.into_iter().zip(checked) {
        match checked {
            Ok(scenario) => parsed.push((named, scenario)),
            Err(report) => reports.push(report),
        }
    }
    match reports.len() {
        0 => Ok(parsed),
        count => {
            let scenarios = if count == 1 { "scenario" } else { "scenarios" };
            let reports = reports.join("\n");
            Err(Failure::new(CORPUS, format!("read {count} {scenarios}:\n{reports}")))
        }
    }
}

/// Checks each, in their order, on as many threads as there are cores.
fn check_all(all: &[Named]) -> Vec<Result<Scenario, String>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = all.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let check = |part: &[Named]| part.iter().map(Named::check).collect::<Vec<_>>();
        let parts: Vec<_> =
            all.chunks(share).map(|part| scope.spawn(move || check(part))).collect();
        let join = |part: std::thread::ScopedJoinHandle<'_, Vec<_>>| match part.join() {
            Ok(checked) => checked,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        parts.into_iter().flat_map(join).collect()
    })
}

impl Named {
    /// A scenario that is built in.
    pub fn built_in(name: &str, text: &str) -> Named {
        Named { name: name.into(), file: name.into(), text: text.into() }
    }

    fn within(folder: &Path, name: String, text: String) -> Named {
        let file = folder.join(format!("{name}.toml")).display().to_string();
        Named { name, file, text }
    }

    /// The scenario, or a report of all mistakes in it.
    pub fn check(&self) -> Result<Scenario, String> {
        parse(&self.file, &self.text).map_err(|diagnostics| report(&diagnostics, false))
    }

    /// What the file claims and the model does not do; nothing for a good one.
    pub fn problems(scenario: &Scenario) -> String {
        let mut problems: Vec<Diagnostic> = Vec::new();
        for strategy in scenario.strategies(1, None) {
            let simulation = simulate(scenario, &mut *strategy.scheduler(&scenario.program));
            for problem in simulation.problems(scenario) {
                // Each is told once, with the first order in which it shows.
                let is_same = |p: &Diagnostic| p.to_string() == problem.to_string();
                if !problems.iter().any(is_same) {
                    problems.push(problem);
                }
            }
        }
        report(&problems, false)
    }

    /// The scenario, or a failure with all mistakes in it.
    pub fn parse(&self) -> Result<Scenario, Failure> {
        let fault = |report| Failure::new(CORPUS, format!("read {}:\n{report}", self.file));
        self.check().map_err(fault)
    }
}

/// One scenario: a file, or the name of one that is built in.
pub fn one(name: &str) -> Result<Named, Failure> {
    let path = Path::new(name);
    if path.is_dir() {
        return Err(Failure::new(CORPUS, format!("read {name}: it is a folder; name a file")));
    }
    if !path.exists() {
        let bare = name.trim_end_matches(".toml");
        if let Some((name, text)) = corpus().find(|(n, _)| *n == bare) {
            return Ok(Named::built_in(name, text));
        }
        let message = format!(
            "read {name}: there is no such file, and no such scenario; `rtm list` names them"
        );
        return Err(Failure::new(CORPUS, message));
    }
    let text = read_file(path).map_err(|error| unread(name, error))?;
    Ok(Named { name: name.into(), file: name.into(), text })
}
