//! The corpus on the model: every scenario keeps its word, twice the same, as its snapshot says.

use rtm_scenarios::simulate::{Simulation, Strategy, simulate};
use rtm_scenarios::{Scenario, corpus, parse, report};
use rtm_snapshots::render;
use rtm_snapshots::render::misuses;

use crate::keep::{Kept, assert_all};

fn scenarios() -> Vec<(&'static str, Scenario)> {
    corpus()
        .map(|(name, text)| match parse(name, text) {
            Ok(scenario) => (name, scenario),
            Err(diagnostics) => panic!("{}", report(&diagnostics, false)),
        })
        .collect()
}

fn run(scenario: &Scenario, strategy: Strategy) -> Simulation {
    simulate(scenario, &mut *strategy.scheduler(&scenario.program))
}

#[test]
fn every_scenario_is_as_its_snapshot_says() {
    let kept: Vec<Kept> = scenarios()
        .into_iter()
        .map(|(name, scenario)| {
            let simulation = run(&scenario, Strategy::Listed);
            let end = misuses(&scenario.program, &simulation.misuses);
            let options = rtm_snapshots::Options { end, ..rtm_snapshots::Options::default() };
            let text = render(&scenario.program, &scenario.title, &simulation.history, &options);
            Kept { path: name.to_owned(), title: scenario.title, text }
        })
        .collect();
    assert_all(&kept);
}

#[test]
fn every_scenario_keeps_its_word_in_every_order_and_repeats_it() {
    let mut problems = Vec::new();
    for (name, scenario) in scenarios() {
        for strategy in scenario.strategies(1, None) {
            let simulation = run(&scenario, strategy);
            for problem in simulation.problems(&scenario) {
                problems.push(format!("{name} ({}): {problem}", strategy.name()));
            }
            if run(&scenario, strategy) != simulation {
                problems.push(format!("{name} ({}): a second run differs", strategy.name()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
