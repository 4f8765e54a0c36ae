//! `cargo xtask coverage`: which clauses the corpus cites when it runs on the model, and which of
//! them are proven.
//!
//! Measured, never claimed: a clause is *cited* when a field of some observation carries it, and
//! *proven* when a planted fault that breaks it is caught and the difference cites it.

mod page;

mod proof;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use rtm_scenarios::{Scenario, corpus, parse, report, simulate};
use rtm_sim::clause::{ClauseId, Strength};

/// How the figures are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Columns for a terminal.
    Text,
    /// A table for a page of text.
    Markdown,
    /// A page for a browser, every clause included.
    Html,
}

/// How a clause stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// No scenario shows it, and one should.
    Missing,
    /// No scenario shows it; silent clauses need not be shown.
    Unshown,
    /// Nothing that the interface shows depends on it.
    Unobservable,
    /// It binds the caller only.
    Client,
    /// The corpus cites it.
    Cited,
    /// And a fault that breaks it is caught because of it.
    Proven,
}

/// Every clause that was asked for, with how it stands.
pub struct Coverage {
    /// In catalogue order.
    pub clauses: Vec<(ClauseId, Standing)>,
}

/// Prints the figures; fails when a stated or implied clause that can be seen is missing.
pub fn coverage(groups: &[String], form: Form) -> Result<u8> {
    let known = |group: &String| ClauseId::all().any(|id| id.clause().group == group);
    if let Some(unknown) = groups.iter().find(|group| !known(group)) {
        bail!("no group is called `{unknown}`");
    }
    let scenarios = scenarios()?;
    let cited: BTreeSet<ClauseId> =
        scenarios.iter().flat_map(|(_, scenario)| simulate::cited(scenario)).collect();
    let wanted = |id: &ClauseId| groups.is_empty() || groups.iter().any(|g| g == id.clause().group);
    let wanted: Vec<ClauseId> = ClauseId::all().filter(wanted).collect();
    let proven = proof::proven(&scenarios, &wanted);
    let standing = |id: ClauseId| match id.clause() {
        _ if proven.contains(&id) => Standing::Proven,
        _ if cited.contains(&id) => Standing::Cited,
        clause if clause.is_owed() => Standing::Missing,
        clause if clause.binds_client => Standing::Client,
        clause if clause.unobservable.is_some() => Standing::Unobservable,
        _ => Standing::Unshown,
    };
    let coverage = Coverage { clauses: wanted.into_iter().map(|id| (id, standing(id))).collect() };
    print!("{}", page::page(&coverage, form));
    Ok(u8::from(coverage.count(None, Standing::Missing) != 0))
}

impl Coverage {
    /// Clauses of a strength, or of all, that stand so.
    pub fn count(&self, strength: Option<Strength>, standing: Standing) -> usize {
        let fits = |id: &ClauseId| strength.is_none_or(|strength| id.strength() == strength);
        self.clauses.iter().filter(|(id, s)| fits(id) && *s == standing).count()
    }

    /// The same clauses by function, in the order of the catalogue.
    pub fn by_function(&self) -> Vec<(&'static str, Coverage)> {
        let mut order: Vec<&'static str> = Vec::new();
        let mut parts: BTreeMap<&'static str, Coverage> = BTreeMap::new();
        for (id, standing) in &self.clauses {
            let function = id.clause().function;
            let part = parts.entry(function).or_insert_with(|| {
                order.push(function);
                Coverage { clauses: Vec::new() }
            });
            part.clauses.push((*id, *standing));
        }
        order.into_iter().filter_map(|name| Some((name, parts.remove(name)?))).collect()
    }
}

fn scenarios() -> Result<Vec<(&'static str, Scenario)>> {
    let parsed = corpus().map(|(name, text)| match parse(name, text) {
        Ok(scenario) => Ok((name, scenario)),
        Err(diagnostics) => bail!("{}", report(&diagnostics, false)),
    });
    parsed.collect()
}
