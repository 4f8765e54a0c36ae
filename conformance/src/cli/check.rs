//! `rtm check`: every mistake in scenario files, and whether they keep their word on the model.

use std::path::PathBuf;

use rtm_scenarios::simulate::simulate;
use rtm_scenarios::{Code, explain};

use super::corpus::{Named, load, one};
use super::exit::{CORPUS, Failure, OK, USAGE, print};

/// Find every mistake in scenario files.
///
/// Each file is read, and run on the model in every order that it asks for: a clause that it claims
/// must be cited, and a status that it expects must come.
#[derive(clap::Args, Debug)]
pub struct Check {
    /// Files and folders; the corpus that is built in when there are none.
    paths: Vec<PathBuf>,
    /// Say what a code of a diagnostic means, and check nothing.
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    explain: Option<String>,
}

impl Check {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        if let Some(code) = &self.explain {
            return explained(code);
        }
        let mut reports = Vec::new();
        let files = self.files(&mut reports)?;
        let count = files.len() + reports.len();
        reports.extend(files.iter().map(mistakes).filter(|report| !report.is_empty()));
        let wrong = reports.len();
        let mut text = reports.join("\n");
        if wrong != 0 {
            text += "\n";
        }
        let scenarios = if count == 1 { "scenario" } else { "scenarios" };
        let hint = hint(&text);
        text += &format!("{count} {scenarios} checked, {wrong} with mistakes{hint}\n");
        print(&text)?;
        Ok(if wrong == 0 { OK } else { CORPUS })
    }

    /// The files; what cannot be read is added to the reports.
    fn files(&self, reports: &mut Vec<String>) -> Result<Vec<Named>, Failure> {
        if self.paths.is_empty() {
            return load(None);
        }
        let mut files = Vec::new();
        for path in &self.paths {
            let found = match path.is_dir() {
                true => load(Some(path)),
                false => one(&path.display().to_string()).map(|named| vec![named]),
            };
            match found {
                Ok(found) => files.extend(found),
                Err(failure) => reports.push(format!("{failure}\n")),
            }
        }
        Ok(files)
    }
}

/// Says what a code means.
fn explained(code: &str) -> Result<u8, Failure> {
    match explain(code) {
        Some(text) => print(&format!("{}: {text}\n", code.to_ascii_uppercase())),
        None => {
            let (first, last) = (Code::ALL.first(), Code::ALL.last());
            let ends = [first, last].map(|code| code.map_or("", |code| code.id()));
            let message = format!(
                "explain `{code}`: there is no such code; they go from {} to {}",
                ends[0], ends[1]
            );
            Err(Failure::new(USAGE, message))
        }
    }
}

/// How to read more about the first code in a report.
fn hint(text: &str) -> String {
    let code = text.split_once("error[").and_then(|(_, rest)| rest.split_once(']'));
    let known = code.filter(|(code, _)| explain(code).is_some());
    known.map_or_else(String::new, |(code, _)| format!("; see `rtm check --explain {code}`"))
}

/// Everything that is wrong with a scenario; nothing for a good one.
fn mistakes(named: &Named) -> String {
    let scenario = match named.check() {
        Ok(scenario) => scenario,
        Err(report) => return report,
    };
    let mut text = String::new();
    for strategy in scenario.strategies(1, None) {
        let simulation = simulate(&scenario, &mut *strategy.scheduler(&scenario.program));
        for problem in simulation.problems(&scenario) {
            text += &format!("{}: {problem} ({})\n", named.file, strategy.name());
        }
    }
    text
}
