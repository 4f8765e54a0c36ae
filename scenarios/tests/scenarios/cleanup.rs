//! What a scenario still holds at its end is given back: every call that does so is answered well,
//! and the model has nothing left that anybody holds.

use std::collections::BTreeSet;

use rtm_scenarios::simulate::{Simulation, Strategy, simulate_on};
use rtm_scenarios::{Scenario, corpus, parse};
use rtm_sim::clause::{ClauseId, delete_next_hop, deregister_entity};
use rtm_sim::history::Entry;
use rtm_sim::model::{Config, Model};
use rtm_sim::readings::{Reading, Readings};
use rtm_sim::vocabulary::call::Function;

/// Random orders of each scenario that has several.
const SEEDS: u32 = 6;

/// The scenarios of the corpus that are cleaned up.
fn scenarios() -> Vec<(&'static str, Scenario)> {
    let parsed = |(name, text)| (name, parse(name, text).expect("the corpus holds no mistake"));
    let all = corpus().map(parsed);
    all.filter(|(_, scenario): &(_, Scenario)| scenario.cleans_up()).collect()
}

fn run(scenario: &Scenario, strategy: Strategy, readings: &Readings) -> (Simulation, Model) {
    let mut model = Model::new(Config::default(), readings.clone());
    model.record_questions();
    let mut scheduler = strategy.scheduler(&scenario.program);
    let simulation = simulate_on(&mut model, scenario, &mut *scheduler);
    (simulation, model)
}

/// What is wrong with how a run was cleaned up.
fn faults(simulation: &Simulation, model: &Model) -> Vec<String> {
    let mut faults = Vec::new();
    // Whoever waits for ever gives nothing back: such a run ends with its process.
    if simulation.history.entries.iter().any(|entry| matches!(entry, Entry::Deadlock { .. })) {
        return faults;
    }
    let cleanup = &simulation.cleanup;
    if !cleanup.refused.is_empty() || cleanup.blocked.is_some() || !simulation.broken.is_empty() {
        faults.push(format!("{cleanup:?}, {:?}", simulation.broken));
    }
    let held = model.all_held();
    if !held.is_empty() {
        faults.push(format!("still held: {held:?}"));
    }
    faults
}

/// What clients left behind when they were deregistered at the end, their own routes and next hops
/// apart: those stay when the scenario has no handle of them.
fn left(simulation: &Simulation, model: &Model) -> BTreeSet<ClauseId> {
    let misuses = &model.misuses()[simulation.misuses.len()..];
    let clauses = misuses.iter().map(|(_, clause)| *clause);
    clauses.filter(|clause| *clause != deregister_entity::LEFTOVER_ROUTES).collect()
}

#[test]
fn nothing_is_held_after_a_scenario_of_the_corpus() {
    let mut problems = Vec::new();
    let (mut exact, mut runs) = (0, 0);
    for (name, scenario) in scenarios() {
        for strategy in scenario.strategies(1, Some(SEEDS)) {
            let (simulation, model) = run(&scenario, strategy, &Readings::own());
            let mut faults = faults(&simulation, &model);
            let left = left(&simulation, &model);
            runs += 1;
            // Where nothing was left open, nothing is kept: deregistration has nothing to drop.
            if simulation.cleanup.forgotten == 0 {
                exact += 1;
                faults.extend((!left.is_empty()).then(|| format!("left: {left:?}")));
            }
            let at = |fault| format!("{name} ({}): {fault}", strategy.name());
            problems.extend(faults.into_iter().map(at));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(runs * 9 / 10 < exact, "of {runs} runs {exact} leave nothing open");
}

/// Whatever an implementation chooses where the documentation leaves a choice, nothing is given
/// back that is not held. Only a next hop that a route uses may refuse to be deleted.
#[test]
fn nothing_is_released_once_too_often_under_any_permitted_reading() {
    let mut problems = Vec::new();
    let permitted: Vec<Reading> = Reading::all().filter(|r| !r.is_forbidden()).collect();
    let mut together = Readings::own();
    permitted.iter().filter(|r| r.value == 1).for_each(|r| together.set(*r));
    for (name, scenario) in scenarios() {
        let (_, mut model) = run(&scenario, Strategy::Listed, &Readings::own());
        let asked = model.recorded_questions();
        let singly = permitted.iter().filter(|r| asked.contains(&r.clause)).map(|reading| {
            let mut readings = Readings::own();
            readings.set(*reading);
            (reading.to_string(), readings)
        });
        for (what, readings) in singly.chain([(String::from("all"), together.clone())]) {
            let (mut simulation, model) = run(&scenario, Strategy::Listed, &readings);
            if readings.takes(delete_next_hop::USED_BY_ROUTE_REFUSED) {
                simulation.cleanup.refused.retain(|f| *f != Function::DeleteNextHop);
            }
            let faults = faults(&simulation, &model).into_iter();
            problems.extend(faults.map(|fault| format!("{name} ({what}): {fault}")));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn nothing_is_given_back_when_the_file_does_not_want_it() {
    let text = |cleanup: &str, hazard: &str| {
        format!(
            "format = 1\ntitle = \"t\"\n{cleanup}client.rip = {{ protocol = 8 }}\n\
             [[step]]\ncall = \"RtmAddNextHop\"\n\
             next-hop-info = {{ next-hop-address = \"10.0.0.1\" }}\n{hazard}"
        )
    };
    let check = |text: &str, calls: u32, held: usize| {
        let scenario = parse("t", text).expect("the file holds no mistake");
        let (simulation, model) = run(&scenario, Strategy::Listed, &Readings::own());
        assert_eq!((simulation.cleanup.calls, model.all_held().len()), (calls, held), "{text}");
    };
    check(&text("", ""), 2, 0);
    check(&text("cleanup = \"auto\"\n", ""), 2, 0);
    check(&text("cleanup = \"none\"\n", ""), 0, 2);
    check(&text("", "hazard = true\n"), 0, 2);
}
