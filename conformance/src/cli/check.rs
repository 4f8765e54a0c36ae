//! `rtm check`: every mistake in scenario files, and whether they keep their word on the model.

use std::path::PathBuf;

use rtm_scenarios::simulate::simulate;

use super::corpus::{Named, load, one};
use super::exit::{CORPUS, Failure, OK, print};

/// Find every mistake in scenario files.
///
/// Each file is read, and run on the model in every order that it asks for: a clause that it claims
/// must be cited, and a status that it expects must come.
#[derive(clap::Args, Debug)]
pub struct Check {
    /// Files and folders; the corpus that is built in when there are none.
    paths: Vec<PathBuf>,
}

impl Check {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
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
        text += &format!("{count} {scenarios} checked, {wrong} with mistakes\n");
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
