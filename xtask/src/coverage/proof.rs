//! Which clauses are proven: a fault of meaning that breaks the clause is caught, and what is
//! printed cites it.
//!
//! On the model: it plays the implementation with the fault, and the acceptor judges it, as the
//! gate does with the reference. `cargo xtask mutants` does the same through the C interface.

use std::collections::BTreeSet;

use rtm_scenarios::Scenario;
use rtm_scenarios::simulate::Strategy;
use rtm_sim::acceptor::Acceptor;
use rtm_sim::acceptor::judgement::Verdict;
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::history::History;
use rtm_sim::model::{Config, Model};
use rtm_sim::readings::{Reading, Readings};
use rtm_sim::run::Run;

/// Those of `wanted` that are proven.
pub fn proven(scenarios: &[(&'static str, Scenario)], wanted: &[ClauseId]) -> BTreeSet<ClauseId> {
    let own: Vec<History> =
        scenarios.iter().map(|(_, scenario)| run(scenario, Readings::own())).collect();
    let faults = Reading::all().filter(|reading| reading.is_forbidden());
    let faults = faults.filter(|fault| wanted.contains(&fault.clause));
    let is_proven = |fault: &Reading| {
        let near = |name: &str| name.split('/').next() == Some(fault.clause.clause().group);
        let mut order: Vec<usize> = (0..scenarios.len()).collect();
        // Its own group shows a fault first.
        order.sort_by_key(|at| !near(scenarios[*at].0));
        order.into_iter().any(|at| proves(&scenarios[at].1, &own[at], *fault))
    };
    faults.filter(is_proven).map(|fault| fault.clause).collect()
}

/// Whether a scenario fails because of the very clause that a fault breaks.
fn proves(scenario: &Scenario, own: &History, fault: Reading) -> bool {
    let mut readings = Readings::own();
    readings.set(fault);
    let history = run(scenario, readings);
    if history == *own {
        return false;
    }
    match Acceptor::new(&scenario.program, Config::default()).judge(&history).verdict {
        Verdict::Differ(difference, strength) => {
            strength != Strength::Silent
                && difference.basis.clauses().any(|clause| clause == fault.clause)
        }
        Verdict::Match | Verdict::NotJudged(_) => false,
    }
}

fn run(scenario: &Scenario, readings: Readings) -> History {
    let mut model = Model::new(Config::default(), readings);
    let mut run = Run::new(&scenario.program);
    run.run(&mut model, &mut *Strategy::Listed.scheduler(&scenario.program));
    run.history
}
