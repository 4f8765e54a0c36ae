//! Exploration: a way through the graph of states shows what a run of its own shows, in the same
//! words, and the graph leaves no interleaving out.

use std::collections::BTreeMap;

use rtm_scenarios::{Scenario, corpus, parse};
use rtm_sim::explore::{Graph, NODES_MAX, NodeId};
use rtm_sim::history::{Entry, History};
use rtm_sim::model::{Config, Model};
use rtm_sim::program::{Action, Program};
use rtm_sim::readings::{Reading, Readings};
use rtm_sim::run::Run;
use rtm_sim::schedule::Random;

fn model() -> Model {
    Model::new(Config::default(), Readings::own())
}

fn scenarios() -> impl Iterator<Item = (&'static str, Scenario)> {
    corpus().map(|(name, text)| (name, parse(name, text).expect("the corpus holds no mistake")))
}

fn run_alone(program: &Program, model: &mut Model, seed: u64) -> History {
    let mut run = Run::new(program);
    run.run(model, &mut Random::new(seed));
    run.history
}

/// What came in the interleaved part of some runs.
#[derive(Default, Debug)]
struct Met {
    programs: u32,
    callbacks: u32,
    waits: u32,
    deadlocks: u32,
    advances: u32,
}

impl Met {
    fn count(&mut self, program: &Program, entries: &[Entry]) {
        let any = |is_one: fn(&Entry) -> bool| u32::from(entries.iter().any(is_one));
        self.callbacks += any(|entry| matches!(entry, Entry::Callback { .. }));
        self.waits += any(|entry| matches!(entry, Entry::Blocked { .. }));
        self.deadlocks += any(|entry| matches!(entry, Entry::Deadlock { .. }));
        let is_advance = |entry: &Entry| match entry {
            Entry::Begin { step, .. } => {
                matches!(program.steps[*step as usize].action, Action::Advance(_))
            }
            _ => false,
        };
        self.advances += u32::from(entries.iter().any(is_advance));
    }
}

/// Compares the histories of some seeds, whole and in order; the graph at the end.
fn compare<'p>(
    name: &str,
    program: &'p Program,
    model: &Model,
    (seeds, nodes_max): (u64, usize),
    met: &mut Met,
) -> Graph<'p> {
    let mut graph = Graph::new(program, model.clone(), nodes_max);
    let before = graph.beginning().entries.len();
    for seed in 0..seeds {
        let alone = run_alone(program, &mut model.clone(), seed);
        let seen = graph.walk(&mut Random::new(seed));
        assert_eq!(*seen, alone, "{name}, seed {seed}, {:?}", model.readings());
        met.count(program, &alone.entries[before..]);
    }
    met.programs += 1;
    graph
}

#[test]
fn a_way_shows_what_a_run_shows() {
    let mut met = Met::default();
    for (name, scenario) in scenarios() {
        let program = &scenario.program;
        // Without an interleaved part there is one way only.
        match program.concurrent.is_empty() {
            true => compare(name, program, &model(), (1, NODES_MAX), &mut Met::default()),
            false => compare(name, program, &model(), (20, NODES_MAX), &mut met),
        };
    }
    let kinds = [met.callbacks, met.waits, met.deadlocks, met.advances];
    assert!(10 <= met.programs && kinds.iter().all(|runs| 0 < *runs), "{met:?}");
}

#[test]
fn a_way_shows_what_a_run_shows_whatever_reading_is_taken() {
    let interleaved: Vec<_> =
        scenarios().filter(|(_, scenario)| !scenario.program.concurrent.is_empty()).collect();
    for (nth, reading) in Reading::all().enumerate() {
        let mut readings = Readings::own();
        readings.set(reading);
        let model = Model::new(Config::default(), readings);
        // Each reading with a few programs; the readings of one clause with different ones.
        for (name, scenario) in interleaved.iter().skip(nth % 43).step_by(43) {
            compare(name, &scenario.program, &model, (1, NODES_MAX), &mut Met::default());
        }
    }
}

#[test]
fn a_way_that_leaves_the_nodes_shows_the_same() {
    for (name, scenario) in scenarios().filter(|(name, _)| name.starts_with("races/")) {
        for nodes_max in [1, 7, 30] {
            let bounds = (40, nodes_max);
            let graph = compare(name, &scenario.program, &model(), bounds, &mut Met::default());
            assert!(graph.nodes() <= nodes_max);
        }
    }
}

#[test]
fn no_interleaving_is_left_out() {
    let (_, scenario) = scenarios().find(|(name, _)| *name == "races/smallest").expect("the race");
    let mut graph = Graph::new(&scenario.program, model(), NODES_MAX);
    let first = graph.first();
    // Three clients with four calls each: 12! / 4!^3.
    assert_eq!(ways(&mut graph, first, &mut BTreeMap::new()), 34_650);
    assert!(graph.nodes() < 34_650 / 4, "{} nodes", graph.nodes());
}

#[test]
fn by_step_nothing_is_lost_and_steps_come_in_the_order_of_the_file() {
    let mut interleaved = 0;
    for (name, scenario) in scenarios() {
        let program = &scenario.program;
        let listed = run_alone(program, &mut model(), 0);
        if program.concurrent.is_empty() {
            assert_eq!(listed.by_step().entries, listed.entries, "{name}");
            continue;
        }
        for seed in 0..10 {
            let history = run_alone(program, &mut model(), seed);
            let sorted = history.by_step();
            let mut missing = sorted.entries.clone();
            for entry in &history.entries {
                let at = missing.iter().position(|other| other == entry).expect(name);
                missing.swap_remove(at);
            }
            assert!(missing.is_empty() && sorted.fields == history.fields, "{name}, seed {seed}");
            let mut depth = 0;
            let outermost = sorted.entries.iter().filter_map(|entry| {
                match entry {
                    Entry::Callback { .. } => depth += 1,
                    Entry::CallbackEnd { .. } => depth -= 1,
                    Entry::Begin { step, .. } if depth == 0 => return Some(step),
                    _ => {}
                }
                None
            });
            assert!(outermost.is_sorted(), "{name}, seed {seed}");
            interleaved += u32::from(sorted.entries != history.entries);
        }
    }
    assert!(100 <= interleaved, "{interleaved} interleavings were sorted");
}

/// How many ways lead from a node to an end.
fn ways(graph: &mut Graph<'_>, node: NodeId, known: &mut BTreeMap<NodeId, u64>) -> u64 {
    if let Some(ways) = known.get(&node) {
        return *ways;
    }
    let runnable = graph.runnable(node).to_vec();
    let turns = runnable.iter().map(|actor| {
        let to = graph.turn(node, *actor).expect("there is room for all nodes");
        ways(graph, to, known)
    });
    let ways = if runnable.is_empty() { 1 } else { turns.sum() };
    known.insert(node, ways);
    ways
}
