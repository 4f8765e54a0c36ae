//! `rtm profile`: where a library goes its own way at points that the documentation leaves open.

use std::collections::BTreeSet;

use rtm_conformance::gate::verdict::ScenarioResult;
use rtm_conformance::gate::{self, Selected};
use rtm_sim::clause::ClauseId;
use rtm_sim::readings::Reading;

use super::conform::{Conduct, Selection};
use super::exit::{Failure, OK, Output};
use super::library::{Implementation, unusable};

/// List the choices that a library makes where the documentation is silent and the model's reading
/// is another one.
#[derive(clap::Args, Debug)]
pub struct Profile {
    #[command(flatten)]
    implementation: Implementation,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    conduct: Conduct,
}

impl Profile {
    /// Runs the command.
    pub fn run(self) -> Result<u8, Failure> {
        let (_, selected) = self.selection.select()?;
        let spec = self.implementation.spec()?;
        let options = self.conduct.options(&self.implementation, &selected, &self.selection)?;
        let mut readings: BTreeSet<(ClauseId, u8)> = BTreeSet::new();
        let mut adopted: BTreeSet<ClauseId> = BTreeSet::new();
        let mut failed = 0;
        let mut on_result = |_: &Selected, result: &ScenarioResult| {
            failed += u32::from(result.kind.fails());
            readings.extend(result.readings.iter().map(|r| (r.clause, r.value)));
            adopted.extend(&result.adopted);
        };
        gate::run(&spec, &selected, &options, &mut on_result).map_err(unusable)?;
        let mut out = Output::new();
        for (clause, value) in &readings {
            let reading = Reading { clause: *clause, value: *value };
            out.line(&format!("{reading}\n    {}", reading.text()));
        }
        let named: BTreeSet<ClauseId> = readings.iter().map(|(clause, _)| *clause).collect();
        for clause in adopted.difference(&named) {
            out.line(&format!(
                "{clause}\n    its own answer, where the model's reading is: {}",
                clause.clause().choice.unwrap_or("none")
            ));
        }
        let count = named.union(&adopted).count();
        let plural = if count == 1 { "" } else { "s" };
        out.line(&format!("{count} own choice{plural}"));
        if failed != 0 {
            let plural = if failed == 1 { "" } else { "s" };
            out.line(&format!(
                "note: {failed} scenario{plural} failed; choices that only they show may be missing"
            ));
        }
        out.end().map(|()| OK)
    }
}
