//! The gate: every scenario in every order against a library, judged.
//!
//! A scenario is the unit of isolation: its runs share a process where the library can go back to
//! its first state, and every run that does not match is repeated alone in a fresh process before
//! it is reported. Where each run has a process of its own, several workers make the runs of one
//! scenario. Results come in the order of the scenarios, whatever the number of threads.

pub mod verdict;

pub mod conduct;

mod judge;

pub mod report;

pub mod expectations;

pub mod journal;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rtm_scenarios::Scenario;

use crate::pool::{Hello, Isolation, LibrarySpec, Schedule, Unusable, Worker};
use conduct::Conduct;
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
    /// Limits of the library that its hook sets before the first run.
    pub configure: Vec<(String, u64)>,
    /// Worker processes, each with a thread that judges.
    pub threads: usize,
    /// How this program is called in commands that repeat a difference, as words for a shell.
    pub shown_program: String,
    /// How the library is named there; `None` for the default.
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
    let first = Worker::spawn(spec)?;
    let dealer = Mutex::new(Dealer::new(first.hello().clone(), selected, options));
    let first = Mutex::new(Some(first));
    let turn = Mutex::new(Turn {
        waiting: Vec::new(),
        next: 0,
        fail_fast: options.fail_fast,
        stopped: false,
        on_result,
    });
    let failure: Mutex<Option<Unusable>> = Mutex::new(None);
    // The lock is given back before a share is made.
    let deal = || lock(&dealer).deal();
    let make_shares = || {
        let mut worker = None;
        while let Some(mut share) = deal() {
            let mut make = || {
                let worker = match &mut worker {
                    Some(worker) => worker,
                    none => {
                        let taken = lock(&first).take();
                        none.insert(taken.map_or_else(|| Worker::spawn(spec), Ok)?)
                    }
                };
                share.conduct.take_part(worker, share.index)
            };
            let made = make();
            share.is_done = made.is_ok();
            match made {
                Ok(None) => {}
                Ok(Some(result)) => {
                    if options.fail_fast && result.kind.fails() {
                        // Nobody takes another one; what has been taken is finished.
                        lock(&dealer).close();
                    }
                    lock(&turn).hand_over(selected, share.scenario, result);
                }
                Err(unusable) => {
                    lock(&dealer).close();
                    *lock(&failure) = Some(unusable);
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(make_shares);
        }
    });
    match failure.into_inner().expect("no judge panics with the lock") {
        Some(unusable) => Err(unusable),
        None => Ok(()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no judge panics with the lock")
}

/// Deals the runs of all scenarios out, in order.
struct Dealer<'a> {
    hello: Hello,
    selected: &'a [Selected],
    options: &'a Options,
    /// The scenario that is dealt out next when the current one is.
    next: usize,
    /// The scenario that is being dealt out, and its shares that are left.
    current: Option<(Arc<Conduct<'a>>, Range<u32>)>,
}

/// Some runs of a scenario, for one worker.
struct Share<'a> {
    scenario: usize,
    conduct: Arc<Conduct<'a>>,
    index: u32,
    is_done: bool,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.conduct.abandon();
        }
    }
}

impl<'a> Dealer<'a> {
    fn new(hello: Hello, selected: &'a [Selected], options: &'a Options) -> Dealer<'a> {
        Dealer { hello, selected, options, next: 0, current: None }
    }

    fn deal(&mut self) -> Option<Share<'a>> {
        loop {
            if let Some((conduct, shares)) = &mut self.current
                && let Some(index) = shares.next()
            {
                let conduct = Arc::clone(conduct);
                return Some(Share { scenario: self.next - 1, conduct, index, is_done: false });
            }
            self.current = None;
            let scenario = self.selected.get(self.next)?;
            self.next += 1;
            let conduct = Conduct::new(&self.hello, scenario, self.options);
            let shares = 0..conduct.shares();
            self.current = Some((Arc::new(conduct), shares));
        }
    }

    /// Deals nothing any more.
    fn close(&mut self) {
        self.next = self.selected.len();
        self.current = None;
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
