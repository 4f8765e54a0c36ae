//! `cargo xtask mutants`: whether the gate catches what is forbidden and leaves alone what is not.
//!
//! Each planted fault is a forbidden reading that the reference is told to take; each permitted
//! variant another reading of a silent clause. The gate runs as its users run it, in a process of
//! its own, on the library, hazards included, and stops at the first failure. A run is void unless
//! the control is green and a canary dies.
//!
//! Besides these there are faults that are made of the vocabulary, see [`generated`].

mod generated;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rtm_sim::readings::Reading;
use serde_json::Value;

use crate::conform::build;

/// A fault that no gate may miss.
const CANARY: &str = "RtmRegisterEntity.already-registered=accepted";
/// Tells the reference which readings to take.
const READINGS: &str = "RTM_REFERENCE_READINGS";
/// The filter that selects the faults that are made of the vocabulary.
const GENERATED: &str = "generated";
/// The filter that selects the faults of meaning, and of the variants only all of them together.
const MEANING: &str = "meaning";
/// Of the steps so many in a hundred may stay unjudged under a variant: where it is adopted for
/// good, what hangs on it cannot be told.
const UNJUDGED_MAX: f64 = 1.0;
/// The share of faults that must still be caught with all variants on.
const SHARE_MIN: f64 = 0.95;

/// What one run of the gate said.
struct Gate {
    strict: bool,
    failed: Vec<(String, Vec<String>)>,
    judged: u64,
    total: u64,
}

/// Runs all of it; fails when a fault survives or a variant is refused.
pub fn mutants(root: &Path, filter: &str, release: bool) -> Result<u8> {
    let folder = build(root, release)?;
    let gate_on = |scenarios: &Scenarios, readings: &[Reading], strict: bool| {
        let text: Vec<String> = readings.iter().map(ToString::to_string).collect();
        run(&folder, (READINGS, &text.join(";")), strict, scenarios)
    };
    let gate = |readings: &[Reading], strict| gate_on(&Scenarios::All, readings, strict);
    // Most faults show in the group of their function.
    let hunt = |fault: Reading, readings: &[Reading], strict| {
        let group = Scenarios::Group(fault.clause.clause().group);
        let result = gate_on(&group, readings, strict)?;
        if result.failed.is_empty() { gate(readings, strict) } else { Ok(result) }
    };
    for strict in [false, true] {
        let control = gate(&[], strict)?;
        ensure!(control.failed.is_empty(), "void: the control fails {:?}", control.failed);
        // So whatever is not judged of another run is the doing of its fault.
        let (judged, total) = (control.judged, control.total);
        ensure!(judged == total, "void: {judged} of {total} entries of the control are judged");
    }
    let canary = Reading::parse(CANARY).map_err(anyhow::Error::msg)?;
    ensure!(!gate(&[canary], true)?.failed.is_empty(), "void: the canary lives");

    let names = if filter == MEANING { "" } else { filter };
    let fits = |reading: &Reading| reading.to_string().contains(names);
    let (faults, variants): (Vec<Reading>, Vec<Reading>) =
        Reading::all().filter(fits).partition(|reading| reading.is_forbidden());
    let some = !faults.is_empty() || !variants.is_empty() || filter == GENERATED;
    ensure!(some, "no reading is called `{filter}`");
    let mut wrong = 0;
    if filter.is_empty() || filter == GENERATED {
        wrong += generated::run_all(&folder)?;
    }
    if filter == GENERATED {
        return Ok(u8::from(wrong != 0));
    }
    println!("faults of meaning");
    let mut by_default = 0;
    for fault in &faults {
        // Most are caught by stated clauses; the rest needs the implied ones.
        let default = hunt(*fault, &[*fault], false)?;
        let result = match default.failed.is_empty() {
            true => hunt(*fault, &[*fault], true)?,
            false => default,
        };
        by_default += usize::from(!result.strict);
        wrong += usize::from(!caught(*fault, &result, true));
    }
    println!("{by_default} of {} faults are caught without --strict", faults.len());
    println!("variants");
    let alone = if filter == MEANING { &[][..] } else { &variants };
    for variant in alone {
        let result = gate(&[*variant], true)?;
        wrong += usize::from(!left_alone(&variant.to_string(), &result));
    }
    // Of each clause the first variant, all of them on together.
    let mut first: BTreeMap<_, Reading> = BTreeMap::new();
    for variant in Reading::all().filter(|reading| !reading.is_forbidden()) {
        first.entry(variant.clause).or_insert(variant);
    }
    let all: Vec<Reading> = first.into_values().collect();
    for strict in [false, true] {
        wrong += usize::from(!left_alone("all variants on", &gate(&all, strict)?));
    }
    println!("faults with all variants on");
    let mut survivors = 0;
    for fault in &faults {
        let mut readings = all.clone();
        readings.push(*fault);
        survivors += usize::from(!caught(*fault, &hunt(*fault, &readings, true)?, false));
    }
    let share = 1.0 - survivors as f64 / faults.len().max(1) as f64;
    let (faults, alone) = (faults.len(), alone.len());
    println!(
        "{faults} faults, {alone} variants alone and all together: {wrong} wrong; \
         with all variants on {:.1} % of the faults caught",
        share * 100.0
    );
    Ok(u8::from(wrong != 0 || share < SHARE_MIN))
}

fn caught(fault: Reading, gate: &Gate, print_all: bool) -> bool {
    let clause = fault.clause.to_string();
    match gate.failed.first() {
        None => {
            println!("  SURVIVES {fault}");
            false
        }
        Some((scenario, _)) => {
            let cites = gate.failed.iter().any(|(_, clauses)| clauses.contains(&clause));
            let how = if cites { "proven" } else { "caught" };
            if print_all {
                println!("  {how}  {fault} by {scenario}");
            }
            true
        }
    }
}

fn left_alone(name: &str, gate: &Gate) -> bool {
    let unjudged = match gate.total {
        0 => 0.0,
        total => 100.0 * (total - gate.judged) as f64 / total as f64,
    };
    let word = match gate.failed.is_empty() {
        true if unjudged <= UNJUDGED_MAX => "left alone",
        true => "NOT JUDGED",
        false => "REFUSED",
    };
    let failed: Vec<&str> = gate.failed.iter().map(|(name, _)| name.as_str()).collect();
    println!("  {word} {name}, {unjudged:.1} % not judged {}", failed.join(" "));
    word == "left alone"
}

/// Scenarios of the corpus.
enum Scenarios<'a> {
    /// All of them.
    All,
    /// Those of a group.
    Group(&'a str),
    /// These.
    Named(&'a [String]),
}

/// Runs the gate on the reference with a variable set.
fn run(
    folder: &Path,
    (variable, value): (&str, &str),
    strict: bool,
    scenarios: &Scenarios,
) -> Result<Gate> {
    let journal = folder.join("mutants.json");
    let mut command = Command::new(folder.join("rtm"));
    command.arg("conform").arg("--report").arg(format!("json={}", journal.display()));
    command.args(["--hazards", "--fail-fast"]);
    match scenarios {
        Scenarios::All => {}
        Scenarios::Group(group) => {
            command.arg(format!("{group}/"));
        }
        Scenarios::Named(names) => {
            command.arg("--exact").args(*names);
        }
    }
    if strict {
        command.arg("--strict");
    }
    let output = command.env(variable, value).output().context("failed to run rtm conform")?;
    let code = output.status.code();
    ensure!(
        matches!(code, Some(0 | 100)),
        "rtm conform ended with {code:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&journal).context("failed to read the journal")?;
    let mut gate = Gate { strict, failed: Vec::new(), judged: 0, total: 0 };
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).context("failed to understand the journal")?;
        gate.judged += line["judged"].as_u64().unwrap_or(0);
        gate.total += line["total"].as_u64().unwrap_or(0);
        if line["failed"].as_u64().unwrap_or(0) != 0
            && let Some(name) = line["scenario"].as_str()
        {
            let clauses = line["clauses"].as_array().map(Vec::as_slice).unwrap_or_default();
            let clauses = clauses.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            gate.failed.push((name.to_owned(), clauses));
        }
    }
    ensure!((code == Some(0)) == gate.failed.is_empty(), "exit code and journal disagree");
    Ok(gate)
}
