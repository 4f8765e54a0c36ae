//! The race on the model: random interleavings a second.
//!
//! `race alone|shared ROUNDS SCHEDULES SEED` runs the interleaved part of `races/smallest` so many
//! times, each in the interleaving of a seed of its own, every observation with its clauses. Each
//! client makes its four calls ROUNDS times. What comes before, the registrations, is done once.
//! `alone` makes every call of every interleaving, `shared` makes each turn of the graph of states
//! once. Prints `schedules=<n> seconds=<s> rate=<n/s>`, as the program of the peer does.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use rtm_scenarios::{corpus, parse, report};
use rtm_sim::explore::{Graph, NODES_MAX};
use rtm_sim::history::Entry;
use rtm_sim::model::{Config, Model};
use rtm_sim::program::Program;
use rtm_sim::readings::Readings;
use rtm_sim::run::Run;
use rtm_sim::run::standing::Needed;
use rtm_sim::schedule::Random;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [how, rounds, schedules, seed] = arguments.as_slice() else {
        anyhow::bail!("usage: race alone|shared ROUNDS SCHEDULES SEED");
    };
    let rounds: usize = rounds.parse().context("ROUNDS is a number")?;
    ensure!(1 <= rounds, "there is at least one round");
    let schedules: u64 = schedules.parse().context("SCHEDULES is a number")?;
    let seed: u64 = seed.parse().context("SEED is a number")?;
    let (_, text) = corpus().find(|(name, _)| *name == "races/smallest").context("the race")?;
    let text = repeated(text, rounds);
    let scenario =
        parse("races/smallest", &text).map_err(|d| anyhow::anyhow!(report(&d, false)))?;
    let program = &scenario.program;
    check(program, rounds, seed)?;

    let model = Model::new(Config::default(), Readings::own());
    let start = Instant::now();
    let fields = match how.as_str() {
        "alone" => alone(program, model, schedules, seed),
        "shared" => shared(program, model, schedules, seed),
        other => anyhow::bail!("`{other}` is neither alone nor shared"),
    };
    let seconds = start.elapsed().as_secs_f64();
    ensure!(schedules == 0 || fields != 0, "nothing was observed");
    let rate = schedules as f64 / seconds;
    println!("schedules={schedules} seconds={seconds:.3} rate={rate:.0}");
    Ok(())
}

/// The scenario with all its steps so many times, each time with labels of their own.
fn repeated(text: &str, rounds: usize) -> String {
    let (head, steps) = text.split_at(text.find("[[step]]").unwrap_or(text.len()));
    let mut repeated = head.to_owned();
    for round in 0..rounds {
        for line in steps.lines() {
            let names_label = ["bind = ", "dest-info = ", "route-handle = "]
                .iter()
                .any(|key| line.starts_with(key));
            match line.strip_suffix('"').filter(|_| names_label && round != 0) {
                Some(line) => repeated.push_str(&format!("{line}-{round}\"\n")),
                None => repeated.push_str(&format!("{line}\n")),
            }
        }
    }
    repeated
}

/// Each interleaving on its own; the number of fields seen.
fn alone(program: &Program, model: Model, schedules: u64, seed: u64) -> usize {
    let mut prepared = model;
    let mut run = Run::new(program);
    run.prepare(&mut prepared);
    let standing = run.standing(&Needed::new(program));
    let mut model = prepared.clone();
    let mut fields = 0;
    for schedule in 0..schedules {
        model.restore(&prepared);
        run.stand_at(&standing);
        run.interleave(&mut model, &mut Random::new(seed.wrapping_add(schedule)));
        fields += run.history.fields.len();
    }
    fields
}

/// The same interleavings on a graph of states; the number of fields seen, over all of them.
fn shared(program: &Program, model: Model, schedules: u64, seed: u64) -> usize {
    let mut graph = Graph::new(program, model, NODES_MAX);
    let before = graph.beginning().fields.len();
    let mut fields = 0;
    for schedule in 0..schedules {
        let history = graph.walk(&mut Random::new(seed.wrapping_add(schedule)));
        fields += history.fields.len() - before;
    }
    fields
}

/// The measured loop does what it says: orders differ, every call ends, fields have a basis, and
/// the model keeps its rules.
fn check(program: &Program, rounds: usize, seed: u64) -> Result<()> {
    ensure!(program.concurrent.len() == 12 * rounds, "three clients make four calls a round");
    let mut orders = BTreeSet::new();
    for n in 0..200 {
        let mut model = Model::new(Config::default(), Readings::own());
        let mut run = Run::new(program);
        run.prepare(&mut model);
        let before = run.history.entries.len();
        run.interleave(&mut model, &mut Random::new(seed.wrapping_add(n)));
        let broken = model.broken_invariants();
        ensure!(broken.is_empty(), "the model breaks its rules: {broken:?}");
        let ended = run.history.entries[before..].iter();
        let ended = ended.filter(|entry| matches!(entry, Entry::End { .. })).count();
        ensure!(ended == program.concurrent.len(), "{ended} calls ended");
        let based = run.history.fields.iter().all(|f| f.basis.clauses().next().is_some());
        ensure!(based, "a field has no basis");
        orders.insert(run.history.choices);
    }
    ensure!(100 < orders.len(), "only {} orders in 200 seeds", orders.len());
    let model = || Model::new(Config::default(), Readings::own());
    let both = (alone(program, model(), 500, seed), shared(program, model(), 500, seed));
    ensure!(both.0 == both.1, "alone and shared see {both:?} fields");
    Ok(())
}
