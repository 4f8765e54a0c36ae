//! `rtm check`: every mistake in scenario files, and whether they keep their word on the model.

use std::path::{Path, PathBuf};

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
        let mut text = String::new();
        let mut count = 0;
        let mut wrong = 0;
        for named in self.files()? {
            count += 1;
            let faults = match named.check() {
                Ok(scenario) => {
                    let mut faults = Vec::new();
                    for strategy in scenario.strategies(1, None) {
                        let mut scheduler = strategy.scheduler(&scenario.program);
                        let simulation = simulate(&scenario, &mut *scheduler);
                        for problem in simulation.problems(&scenario) {
                            let line = format!("{}: {problem} ({})\n", named.name, strategy.name());
                            faults.push(line);
                        }
                    }
                    faults.concat()
                }
                Err(report) => report,
            };
            wrong += usize::from(!faults.is_empty());
            text += &faults;
        }
        text += &format!("{count} scenarios checked, {wrong} with mistakes\n");
        print(&text)?;
        Ok(if wrong == 0 { OK } else { CORPUS })
    }

    fn files(&self) -> Result<Vec<Named>, Failure> {
        if self.paths.is_empty() {
            return load(None);
        }
        let mut files = Vec::new();
        for path in &self.paths {
            let shown = path.display().to_string();
            if path.is_dir() {
                let prefix = |n: Named| Named { name: join(path, &n.name), ..n };
                files.extend(load(Some(path))?.into_iter().map(prefix));
            } else {
                files.push(one(&shown)?);
            }
        }
        Ok(files)
    }
}

fn join(folder: &Path, name: &str) -> String {
    folder.join(format!("{name}.toml")).display().to_string()
}
