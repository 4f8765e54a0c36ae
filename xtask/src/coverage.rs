//! `cargo xtask coverage`: which clauses the corpus cites when it runs on the model.
//!
//! Measured, never claimed: a clause counts when a field of some observation carries it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use rtm_scenarios::simulate::simulate;
use rtm_scenarios::{corpus, parse, report};
use rtm_sim::clause::{ClauseId, Strength};

/// What is counted of a group and a strength.
#[derive(Default)]
struct Counts {
    all: usize,
    cited: usize,
    client: usize,
    unobservable: usize,
}

/// Prints the figures and the clauses that are owed; fails when one of `groups` owes any.
pub fn coverage(groups: &[String]) -> Result<u8> {
    let known = |group: &String| ClauseId::all().any(|id| id.clause().group == group);
    if let Some(unknown) = groups.iter().find(|group| !known(group)) {
        bail!("no group is called `{unknown}`");
    }
    let cited = cited()?;
    let mut table: BTreeMap<(&str, Strength), Counts> = BTreeMap::new();
    let mut owed: Vec<ClauseId> = Vec::new();
    for id in ClauseId::all() {
        let clause = id.clause();
        if !groups.is_empty() && !groups.iter().any(|group| group == clause.group) {
            continue;
        }
        let counts = table.entry((clause.group, clause.strength)).or_default();
        counts.all += 1;
        if cited.contains(&id) {
            counts.cited += 1;
        } else if clause.binds_client {
            counts.client += 1;
        } else if clause.unobservable.is_some() {
            counts.unobservable += 1;
        } else if clause.strength != Strength::Silent {
            owed.push(id);
        }
    }
    println!(
        "{:<14} {:<8} {:>6} {:>6} {:>7} {:>7} {:>6}",
        "group", "", "all", "cited", "client", "unseen", "owed"
    );
    for ((group, strength), c) in &table {
        let rest = c.all - c.cited - c.client - c.unobservable;
        let owed = if *strength == Strength::Silent { String::from("-") } else { rest.to_string() };
        let word = strength.word();
        println!(
            "{group:<14} {word:<8} {:>6} {:>6} {:>7} {:>7} {owed:>6}",
            c.all, c.cited, c.client, c.unobservable
        );
    }
    for id in &owed {
        println!("owed: {}{id}", id.strength().mark());
    }
    println!("{} clauses cited, {} owed", cited.len(), owed.len());
    Ok(u8::from(!owed.is_empty()))
}

fn cited() -> Result<BTreeSet<ClauseId>> {
    let mut cited = BTreeSet::new();
    for (name, text) in corpus() {
        let scenario = match parse(name, text) {
            Ok(scenario) => scenario,
            Err(diagnostics) => bail!("{}", report(&diagnostics, false)),
        };
        for strategy in scenario.strategies(1, None) {
            let simulation = simulate(&scenario, &mut *strategy.scheduler(&scenario.program));
            cited.extend(simulation.cited);
        }
    }
    Ok(cited)
}
