//! Every reading of the catalogue: a planted fault is caught by some scenario of the corpus, and a
//! permitted variant is left alone by all of them.
//!
//! Not here: whether the difference cites the very clause that a fault breaks; the report of the
//! planted faults tells that.

use std::collections::BTreeSet;

use rtm_scenarios::simulate::Strategy;
use rtm_scenarios::{Scenario, corpus, parse};
use rtm_sim::acceptor::Acceptor;
use rtm_sim::acceptor::judgement::Verdict;
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::history::History;
use rtm_sim::model::{Config, Model};
use rtm_sim::readings::{Reading, Readings, count};
use rtm_sim::run::Run;

/// A scenario, and what the model shows of its own.
struct Case {
    name: &'static str,
    scenario: Scenario,
    own: History,
    /// Clauses at which the model asks for an alternative; those of other clauses cannot show.
    asked: BTreeSet<ClauseId>,
}

fn cases() -> Vec<Case> {
    let case = |(name, text)| {
        let scenario = parse(name, text).expect("the corpus holds no mistake");
        let mut model = Model::new(Config::default(), Readings::own());
        model.record_questions();
        let own = run(&scenario, &mut model, Strategy::Listed);
        Case { name, scenario, own, asked: model.recorded_questions().into_iter().collect() }
    };
    corpus().map(case).collect()
}

fn run(scenario: &Scenario, model: &mut Model, strategy: Strategy) -> History {
    let mut scheduler = strategy.scheduler(&scenario.program);
    let mut run = Run::new(&scenario.program);
    run.run(model, &mut *scheduler);
    run.history
}

/// What the acceptor says of an implementation with these readings; nothing when they do not show.
fn verdict(case: &Case, readings: &Readings) -> Option<Verdict> {
    let may_show = |r: Reading| r.is_forbidden() || case.asked.contains(&r.clause);
    if !readings.iter().any(may_show) {
        return None;
    }
    let mut model = Model::new(Config::default(), readings.clone());
    let history = run(&case.scenario, &mut model, Strategy::Listed);
    let shows = history != case.own;
    shows.then(|| Acceptor::new(&case.scenario.program, Config::default()).judge(&history).verdict)
}

/// Whether the verdict is a difference that the documentation decides.
fn rejects(case: &Case, readings: &Readings) -> Option<Verdict> {
    let is_firm = |verdict: &Verdict| match verdict {
        Verdict::Differ(_, strength) => *strength != Strength::Silent,
        Verdict::Match | Verdict::NotJudged(_) => false,
    };
    verdict(case, readings).filter(is_firm)
}

/// Whether a scenario stands in the folder of the group that a reading belongs to.
fn is_of_group(case: &Case, reading: Reading) -> bool {
    case.name.split('/').next() == Some(reading.clause.clause().group)
}

/// What is wrong with how the corpus treats one reading, a line each.
fn faults_of(cases: &[Case], reading: Reading) -> Vec<String> {
    let mut readings = Readings::own();
    readings.set(reading);
    if reading.is_forbidden() {
        let (near, far): (Vec<_>, Vec<_>) = cases.iter().partition(|c| is_of_group(c, reading));
        let mut ordered = near.into_iter().chain(far);
        let caught = ordered.any(|case| rejects(case, &readings).is_some());
        return if caught {
            Vec::new()
        } else {
            vec![format!("{reading}: no scenario catches it")]
        };
    }
    let rejected = |case: &Case| {
        let verdict = rejects(case, &readings)?;
        Some(format!("{reading}: {} rejects it: {verdict:?}", case.name))
    };
    cases.iter().filter_map(rejected).collect()
}

/// The first alternative of every clause that has one.
fn first_alternatives() -> Readings {
    let mut readings = Readings::own();
    let firsts = Reading::all().filter(|reading| reading.value == 1 && !reading.is_forbidden());
    firsts.for_each(|reading| readings.set(reading));
    readings
}

#[test]
fn faults_are_caught_and_variants_left_alone() {
    let cases = cases();
    let readings: Vec<Reading> = Reading::all().collect();
    let (permitted, forbidden) = count();
    assert_eq!(readings.len(), permitted + forbidden);
    let faults: Vec<String> =
        readings.iter().flat_map(|reading| faults_of(&cases, *reading)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn all_first_alternatives_together_are_left_alone() {
    let readings = first_alternatives();
    let rejected = |case: &Case| Some((case.name, rejects(case, &readings)?));
    let cases = cases();
    let rejected: Vec<_> = cases.iter().filter_map(rejected).collect();
    assert!(rejected.is_empty(), "{rejected:#?}");
}

#[test]
fn the_model_matches_itself_in_every_order() {
    for case in cases() {
        let program = &case.scenario.program;
        for strategy in case.scenario.strategies(1, Some(2)) {
            let mut model = Model::new(Config::default(), Readings::own());
            let history = run(&case.scenario, &mut model, strategy);
            let verdict = Acceptor::new(program, Config::default()).judge(&history).verdict;
            assert_eq!(verdict, Verdict::Match, "{}, {}", case.name, strategy.name());
        }
    }
}
