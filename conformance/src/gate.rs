//! The gate: every scenario in every order against a library, judged.
//!
//! A scenario is the unit of isolation: its runs share a process where the library can go back to
//! its first state, and every run that does not match is repeated alone in a fresh process before
//! it is reported. Results come in the order of the scenarios, whatever the number of threads.

pub mod verdict;

pub mod conduct;

pub mod report;

pub mod expectations;

pub mod journal;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rtm_scenarios::Scenario;

use crate::pool::{Isolation, LibrarySpec, Schedule, Unusable, Worker};
use verdict::ScenarioResult;

/// A scenario that was selected.
#[derive(Debug)]
pub struct Selected {
    /// `group/name`.
    pub name: String,
    /// What it does.
    pub scenario: Scenario,
}

/// How the gate is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether implied clauses are judged too.
    pub strict: bool,
    /// Whether scenarios with steps that a library may not survive are run.
    pub hazards: bool,
    /// First seed of random orders.
    pub seed: u64,
    /// How many random orders, instead of what the scenario says.
    pub seeds: Option<u32>,
    /// The one schedule to run, instead of what the scenario says.
    pub schedule: Option<Schedule>,
    /// Which processes make the runs.
    pub isolation: Isolation,
    /// Whether to stop after the first failure.
    pub fail_fast: bool,
    /// How long a run may take.
    pub timeout: Duration,
    /// Worker processes, each with a thread that judges.
    pub threads: usize,
    /// How the library is named in commands that repeat a difference; `None` for the default.
    pub shown_path: Option<String>,
    /// Options that such a command has to repeat, beside the library and the schedule.
    pub shown_options: String,
}

/// Applies the scenarios to the library and hands each result over, in order.
///
/// # Errors
/// When the library cannot be used.
pub fn run(
    spec: &LibrarySpec,
    selected: &[Selected],
    options: &Options,
    on_result: &mut (dyn FnMut(&Selected, &ScenarioResult) + Send),
) -> Result<(), Unusable> {
    // The first worker tells whether the library can be used at all.
    let first = Mutex::new(Some(Worker::spawn(spec)?));
    let next = AtomicUsize::new(0);
    let turn = Mutex::new(Turn {
        waiting: Vec::new(),
        next: 0,
        fail_fast: options.fail_fast,
        stopped: false,
        on_result,
    });
    let failure: Mutex<Option<Unusable>> = Mutex::new(None);
    let threads = options.threads.clamp(1, selected.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let taken = first.lock().expect("no judge panics with the lock").take();
                let mut worker = taken.map_or_else(|| Worker::spawn(spec), Ok);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = selected.get(at) else { return };
                    let result = match &mut worker {
                        Ok(worker) => conduct::conduct(worker, scenario, options),
                        Err(unusable) => Err(unusable.clone()),
                    };
                    match result {
                        Ok(result) => {
                            if options.fail_fast && result.kind.fails() {
                                // Nobody takes another one; what has been taken is finished.
                                next.store(selected.len(), Ordering::Relaxed);
                            }
                            let mut turn = turn.lock().expect("no judge panics with the lock");
                            turn.hand_over(selected, at, result);
                        }
                        Err(unusable) => {
                            *failure.lock().expect("no judge panics with the lock") =
                                Some(unusable);
                            return;
                        }
                    }
                }
            });
        }
    });
    match failure.into_inner().expect("no judge panics with the lock") {
        Some(unusable) => Err(unusable),
        None => Ok(()),
    }
}

/// Results that wait until those before them have come.
struct Turn<'a> {
    waiting: Vec<(usize, ScenarioResult)>,
    next: usize,
    /// Whether a failure stops everything, and whether it has.
    fail_fast: bool,
    stopped: bool,
    on_result: &'a mut (dyn FnMut(&Selected, &ScenarioResult) + Send),
}

impl Turn<'_> {
    fn hand_over(&mut self, selected: &[Selected], at: usize, result: ScenarioResult) {
        self.waiting.push((at, result));
        while let Some(found) = self.waiting.iter().position(|(at, _)| *at == self.next) {
            let (at, result) = self.waiting.swap_remove(found);
            if !self.stopped {
                (self.on_result)(&selected[at], &result);
            }
            self.stopped |= self.fail_fast && result.kind.fails();
            self.next += 1;
        }
    }
}
