//! The scenarios that a command works on.

use std::path::Path;

use rtm_scenarios::{Options, Scenario, corpus, corpus_dir, parse_with, report};

use super::exit::{CORPUS, Failure};

/// A scenario and where it comes from.
#[derive(Debug)]
pub struct Named {
    /// `group/name`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// All scenarios, by name.
pub fn load(folder: Option<&Path>) -> Result<Vec<Named>, Failure> {
    let Some(folder) = folder else {
        let built_in = corpus().map(|(name, text)| Named { name: name.into(), text: text.into() });
        return Ok(built_in.collect());
    };
    let found = corpus_dir(folder).map_err(|error| match error {
        rtm_scenarios::CorpusError::Invalid(diagnostics) => {
            Failure::new(CORPUS, format!("read the corpus:\n{}", report(&diagnostics, false)))
        }
        error => Failure::new(CORPUS, error),
    })?;
    Ok(found.into_iter().map(|(name, text)| Named { name, text }).collect())
}

/// Options that refuse what the model does not answer.
pub fn options() -> Options {
    Options { modelled: rtm_sim::model::is_modelled }
}

impl Named {
    /// The scenario, or a report of all mistakes in it.
    pub fn check(&self) -> Result<Scenario, String> {
        parse_with(&self.name, &self.text, &options())
            .map_err(|diagnostics| report(&diagnostics, false))
    }

    /// The scenario, or a failure with all mistakes in it.
    pub fn parse(&self) -> Result<Scenario, Failure> {
        let fault = |report| Failure::new(CORPUS, format!("read {}:\n{report}", self.name));
        self.check().map_err(fault)
    }
}

/// One scenario: a file, or the name of one that is built in.
pub fn one(name: &str) -> Result<Named, Failure> {
    let path = Path::new(name);
    if path.is_dir() {
        return Err(Failure::new(CORPUS, format!("read {name}: it is a folder")));
    }
    if !path.exists() {
        let bare = name.trim_end_matches(".toml");
        if let Some((name, text)) = corpus().find(|(n, _)| *n == bare) {
            return Ok(Named { name: name.into(), text: text.into() });
        }
        let message = format!(
            "read {name}: there is no such file, and no such scenario; `rtm list` names them"
        );
        return Err(Failure::new(CORPUS, message));
    }
    let text = rtm_scenarios::read_file(path).map_err(|error| match error {
        rtm_scenarios::CorpusError::Invalid(diagnostics) => {
            Failure::new(CORPUS, format!("read {name}:\n{}", report(&diagnostics, false)))
        }
        error => Failure::new(CORPUS, error),
    })?;
    Ok(Named { name: name.into(), text })
}
