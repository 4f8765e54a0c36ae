//! `rtm check`: every mistake in scenario files, and whether they keep their word on the model.

use std::path::PathBuf;

use rtm_scenarios::{Code, explain};

use super::corpus::{Named, each_in, load, one};
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
        let Found { files, unread, nowhere } = self.find()?;
        let count = files.len() + unread.len();
        let mistakes = files.iter().map(mistakes).filter(|report| !report.is_empty());
        let reports: Vec<String> = unread.into_iter().chain(mistakes).collect();
        let wrong = reports.len();
        let missing = nowhere.len();
        let mut text = nowhere.into_iter().chain(reports).collect::<Vec<_>>().join("\n");
        if !text.is_empty() {
            text += "\n";
        }
        let hint = hint(&text);
        let scenarios = if count == 1 { "scenario" } else { "scenarios" };
        text += &format!("{count} {scenarios} checked, {wrong} with mistakes");
        match missing {
            0 => {}
            1 => text += ", 1 path without any",
            _ => text += &format!(", {missing} paths without any"),
        }
        text += &format!("{hint}\n");
        print(&text)?;
        Ok(if wrong + missing == 0 { OK } else { CORPUS })
    }

    /// What there is to check.
    fn find(&self) -> Result<Found, Failure> {
        let mut found = Found::default();
        if self.paths.is_empty() {
            found.files = load(None)?;
            return Ok(found);
        }
        for path in &self.paths {
            if !path.is_dir() {
                match one(&path.display().to_string()) {
                    Ok(named) => found.files.push(named),
                    Err(failure) if path.exists() => found.unread.push(format!("{failure}\n")),
                    Err(failure) => found.nowhere.push(format!("{failure}\n")),
                }
                continue;
            }
            match each_in(path) {
                Ok(files) => {
                    for file in files {
                        match file {
                            Ok(named) => found.files.push(named),
                            Err(failure) => found.unread.push(format!("{failure}\n")),
                        }
                    }
                }
                Err(failure) => found.nowhere.push(format!("{failure}\n")),
            }
        }
        Ok(found)
    }
}

/// What there is to check, and what is wrong with the rest.
#[derive(Default)]
struct Found {
    files: Vec<Named>,
    /// A report for each file that is no text.
    unread: Vec<String>,
    /// A report for each path at which there is no scenario.
    nowhere: Vec<String>,
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
    Named::problems(&scenario)
}
