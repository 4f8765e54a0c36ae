//! `cargo xtask bench`: speed, as ratios against programs of peers, in one run.
//!
//! Candidates take turns, a fresh process each; medians of the rounds. Nothing here is a test.
//!
//! Each is measured as it is when it has been installed: from a copy. What a linker has just
//! written lies in the memory of the system page by page, and a process that runs it meets more
//! page faults.

mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::conform::{build, cargo, target};

/// The races: how often each client makes its four calls, schedules at a time, and what to know
/// about them.
const RACES: [(&str, &str, &str); 3] = [
    ("1", "200000", "each interleaving comes about six times: there are 34,650"),
    ("1", "20000", "about a quarter repeat an earlier one"),
    ("2", "20000", "eight calls a client, none repeats an earlier one"),
];
/// Runs of the gate in one round.
const RUNS_RESET: u32 = 40_000;
/// Batches of calls through the C interface in one round.
const BATCHES: &str = "2000";
/// Runs of the gate in one round, each in a process of its own.
const RUNS_FRESH: u32 = 6_000;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum What {
    /// Interleavings of the race, and the gate.
    Race,
    /// A table as large as that of the Internet.
    Table,
}

/// Measures `rounds` times; a table of the prefixes in `file`, or of made-up ones.
pub fn bench(root: &Path, what: What, rounds: u32, file: Option<&Path>) -> Result<u8> {
    let built = cargo(root).args(["build", "--release", "--package", "xtask", "--bins"]).status();
    ensure!(built.context("failed to run cargo")?.success(), "the candidates do not build");
    let peers = root.join("xtask/peers");
    let built = cargo(&peers).args(["build", "--release", "--locked"]).status();
    ensure!(built.context("failed to run cargo")?.success(), "the peers do not build");
    let (ours, theirs) = (target(root).join("release"), peers.join("target/release"));
    match what {
        What::Race => {
            let gate = build(root, true)?;
            let installed = install(
                root,
                &[
                    theirs.join("shuttle-race"),
                    ours.join("race"),
                    ours.join("interface"),
                    gate.join("rtm"),
                    gate.join("librtm_reference.so"),
                ],
            )?;
            race(&installed, rounds)
        }
        What::Table => {
            let installed = install(root, &[ours.join("table"), theirs.join("routes")])?;
            table::bench(&installed, rounds, file)
        }
    }
}

/// Copies files to a folder of their own; gives the folder.
fn install(root: &Path, files: &[PathBuf]) -> Result<PathBuf> {
    let folder = target(root).join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    for file in files {
        let name = file.file_name().context("a program has a name")?;
        let to = folder.join(name);
        // A file that is written over would keep its pages.
        let _ = fs::remove_file(&to);
        fs::copy(file, &to).with_context(|| format!("failed to copy {}", file.display()))?;
    }
    Ok(folder)
}

fn race(folder: &Path, rounds: u32) -> Result<u8> {
    let (shuttle, race) = (folder.join("shuttle-race"), folder.join("race"));
    let mut races: [Race; RACES.len()] = Default::default();
    let (mut reset, mut fresh, mut threads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut list, mut exact) = (Vec::new(), Vec::new());
    let mut calls = BTreeMap::new();
    for round in 0..rounds.max(1) {
        let seed = (round + 1).to_string();
        for ((calls, schedules, _), rates) in RACES.iter().zip(&mut races) {
            let size = [calls, schedules, seed.as_str()];
            rates.peer.push(rate(Command::new(&shuttle).args(size))?);
            rates.alone.push(rate(Command::new(&race).arg("alone").args(size))?);
            rates.shared.push(rate(Command::new(&race).arg("shared").args(size))?);
        }
        let rtm = || Command::new(folder.join("rtm"));
        reset.push(gate(rtm(), "races/smallest", RUNS_RESET, &[])?);
        fresh.push(gate(rtm(), "races/smallest", RUNS_FRESH, &["--fresh"])?);
        threads.push(gate(rtm(), "races/smallest-threads", RUNS_FRESH, &[])?);
        list.push(milliseconds(rtm().arg("list"))?);
        let one = ["conform", "--exact", "registration/first-call"];
        exact.push(milliseconds(rtm().args(one))?);
        interface(folder, &mut calls)?;
    }
    println!("the race, schedules a second, median of {rounds} rounds taking turns");
    for ((_, schedules, about), rates) in RACES.iter().zip(&races) {
        println!("  {schedules} seeds: {about}");
        let peer = median(&rates.peer);
        println!("    shuttle, random scheduler    {peer:>10.0}");
        for (name, rates) in
            [("run by run", &rates.alone), ("equal states run once", &rates.shared)]
        {
            let rate = median(rates);
            println!("    model, {name:<21} {rate:>10.0}  {:>5.1} times", rate / peer);
        }
    }
    println!("rtm conform of the race, judged, runs a second");
    println!("  with RtmTestReset              {:>10.0}", median(&reset));
    println!("  a process a run                {:>10.0}", median(&fresh));
    println!("  with actor threads             {:>10.0}", median(&threads));
    println!("from start to end, milliseconds");
    println!("  rtm list                       {:>10.1}", median(&list));
    println!("  rtm conform, one scenario      {:>10.1}", median(&exact));
    println!("a call of the reference, nanoseconds");
    for (function, (model, added)) in &calls {
        let (model, added) = (median(model), median(added));
        println!(
            "  {function:<28} {model:>6.0} of the model, {added:>4.0} added by the C interface"
        );
    }
    Ok(0)
}

/// Schedules a second of one race.
#[derive(Default)]
struct Race {
    peer: Vec<f64>,
    alone: Vec<f64>,
    shared: Vec<f64>,
}

fn rate(command: &mut Command) -> Result<f64> {
    let output = command.output().with_context(|| format!("failed to run {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.split_whitespace().find_map(|word| word.strip_prefix("rate="));
    rate.context("no rate was printed")?.parse().context("the rate is a number")
}

/// Nanoseconds of calls by function: those of the model, and what the C interface adds.
type Calls = BTreeMap<String, (Vec<f64>, Vec<f64>)>;

fn interface(folder: &Path, calls: &mut Calls) -> Result<()> {
    let mut command = Command::new(folder.join("interface"));
    let output = command.arg(folder.join("librtm_reference.so")).arg(BATCHES).output();
    let output = output.with_context(|| format!("failed to run {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (function, times) = line.split_once('=').context("a line is NAME=TIMES")?;
        let (model, added) = times.split_once(' ').context("two times are printed")?;
        let (models, addeds) = calls.entry(function.to_owned()).or_default();
        models.push(model.parse().context("a time is a number")?);
        addeds.push(added.parse().context("a time is a number")?);
    }
    Ok(())
}

/// Runs a second of the gate, from the start of the process to its end.
fn gate(mut rtm: Command, scenario: &str, runs: u32, more: &[&str]) -> Result<f64> {
    rtm.args(["conform", "--exact", scenario, "--seeds", &runs.to_string()]).args(more);
    let start = Instant::now();
    let output = rtm.output().context("failed to run rtm conform")?;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(f64::from(runs) / seconds)
}

fn milliseconds(command: &mut Command) -> Result<f64> {
    let start = Instant::now();
    let output = command.output().with_context(|| format!("failed to run {command:?}"))?;
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(milliseconds)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
