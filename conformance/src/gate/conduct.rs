//! One scenario: its runs, dealt out in shares to one or several workers, judged in order, and the
//! repeat of what fails.
//!
//! Invariant: which runs make a share depends on nothing but their number, and what is known of a
//! scenario is put together in the order of the runs. So the result does not depend on how many
//! workers there are, nor on which of them is faster.
//!
//! What a process of its own leaves behind reaches nobody. It is looked for, and what runs still
//! hold is given back, in the first share only: a library that dies of it, or hangs, does so once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rtm_scenarios::Scenario;
use rtm_scenarios::simulate::Strategy;
use rtm_sim::program::Reaction;
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::status::Status;

use super::judge::Judge;
use super::verdict::{Kind, ScenarioResult};
use super::{Options, Selected};
use crate::pool::{Hello, Isolation, Job, JobReport, RunReport, Schedule, Unusable, Worker};

/// Runs of a share, where each has a process of its own.
const SHARE_RUNS_MAX: u32 = 64;
/// How many shares a thread may be ahead of the runs that are judged, times the threads.
const SHARES_AHEAD_MAX: u32 = 2;

/// Runs a scenario in all its orders on one worker and judges every run.
///
/// # Errors
/// When no worker can be started any more.
pub fn conduct(
    worker: &mut Worker,
    selected: &Selected,
    options: &Options,
) -> Result<ScenarioResult, Unusable> {
    let conduct = Conduct::new(worker.hello(), selected, options);
    let mut share = 0;
    loop {
        if let Some(result) = conduct.take_part(worker, share)? {
            return Ok(result);
        }
        share += 1;
    }
}

/// A scenario that is being run.
pub struct Conduct<'a> {
    selected: &'a Selected,
    options: &'a Options,
    plan: Plan,
    state: Mutex<State<'a>>,
    /// Something has changed for who waits for the shares before its own.
    progress: Condvar,
}

/// What is to be done.
enum Plan {
    /// Nothing, for this reason.
    Nothing(Kind, String),
    /// Runs.
    Runs(Runs),
}

/// The runs of a scenario.
struct Runs {
    schedules: Vec<Schedule>,
    isolation: Isolation,
    /// How many make a share.
    share_max: u32,
    /// Whether what they still hold at their end is given back.
    cleanup: bool,
}

impl Runs {
    /// Whether they share a process.
    fn share_process(&self) -> bool {
        self.share_max == u32::MAX
    }
}

/// How far it is done.
struct State<'a> {
    /// Who judges; taken away by the one thread that lets it judge now.
    judge: Option<Judge<'a>>,
    /// The first run that has not been judged.
    next: u32,
    /// Runs that wait for those before them.
    waiting: BTreeMap<u32, RunReport>,
    /// What was told of each share that is done.
    reports: BTreeMap<u32, JobReport>,
    /// Nobody makes the missing runs any more.
    abandoned: bool,
}

impl<'a> Conduct<'a> {
    /// A scenario of which no run was made, on a library that says this of itself.
    pub fn new(hello: &Hello, selected: &'a Selected, options: &'a Options) -> Conduct<'a> {
        let judge = Some(Judge::new(hello, selected, options));
        let (waiting, reports) = (BTreeMap::new(), BTreeMap::new());
        Conduct {
            selected,
            options,
            plan: plan(hello, &selected.scenario, options),
            state: Mutex::new(State { judge, next: 0, waiting, reports, abandoned: false }),
            progress: Condvar::new(),
        }
    }

    /// How many shares there are; at least one.
    pub fn shares(&self) -> u32 {
        match &self.plan {
            Plan::Nothing(..) => 1,
            Plan::Runs(runs) => (runs.schedules.len() as u32).div_ceil(runs.share_max).max(1),
        }
    }

    /// Makes the runs of a share; gives the result to whoever ends the last one.
    ///
    /// Shares are taken in order, each once. A share that is far ahead of one that is not done
    /// waits, so that not too many runs have to be kept.
    ///
    /// # Errors
    /// When no worker can be started any more.
    pub fn take_part(
        &self,
        worker: &mut Worker,
        share: u32,
    ) -> Result<Option<ScenarioResult>, Unusable> {
        let runs = match &self.plan {
            Plan::Nothing(kind, why) => {
                return Ok(Some(ScenarioResult::new(*kind, why.clone())));
            }
            Plan::Runs(runs) => runs,
        };
        let first = share * runs.share_max;
        let end = first.saturating_add(runs.share_max).min(runs.schedules.len() as u32);
        self.wait_for_others(first, runs.share_max);
        let mut job = self.job(runs, first..end);
        if share == 0 {
            job.cleanup = runs.cleanup;
        } else {
            job.isolation = Isolation::Unwatched;
        }
        let report = worker.run(&job, &mut |run, report| self.hand_in(first + run, report))?;
        let Some(judge) = self.end_share(share, report) else { return Ok(None) };
        let result = self.finish(judge, worker, runs)?;
        if !runs.cleanup || !runs.share_process() || result.kind != Kind::Unstable {
            return Ok(Some(result));
        }
        // Giving back what one run held may have changed what the next one saw.
        let again = self.without_cleanup(worker, runs)?;
        Ok(Some(if again.kind == Kind::Unstable { result } else { joined(result, again) }))
    }

    /// The result when nothing is given back.
    fn without_cleanup(
        &self,
        worker: &mut Worker,
        runs: &Runs,
    ) -> Result<ScenarioResult, Unusable> {
        let mut judge = Judge::new(worker.hello(), self.selected, self.options);
        let job = self.job(runs, 0..runs.schedules.len() as u32);
        let report = worker.run(&job, &mut |run, report| judge.take(run, report))?;
        judge.hear(&report);
        self.finish(judge, worker, runs)
    }

    /// Says that a share will never be done, so that nobody waits for it.
    pub fn abandon(&self) {
        self.lock().abandoned = true;
        self.progress.notify_all();
    }

    fn job<'b>(&'b self, runs: &'b Runs, range: Range<u32>) -> Job<'b> {
        let first = range.start;
        Job {
            program: &self.selected.scenario.program,
            schedules: &runs.schedules[range.start as usize..range.end as usize],
            isolation: runs.isolation,
            timeout: self.options.timeout,
            flushed: false,
            patient: false,
            cleanup: false,
            parity: first,
            configure: &self.options.configure,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the runs before `first` are judged but for a few shares.
    fn wait_for_others(&self, first: u32, share_max: u32) {
        let shares = SHARES_AHEAD_MAX.saturating_mul(self.options.threads as u32);
        let ahead_max = share_max.saturating_mul(shares);
        let mut state = self.lock();
        while !state.abandoned && state.next.saturating_add(ahead_max) < first {
            state = self.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Judges a run and those that waited for it, or leaves it to whoever judges now.
    fn hand_in(&self, run: u32, report: RunReport) {
        let mut state = self.lock();
        state.waiting.insert(run, report);
        let Some(mut judge) = state.judge.take() else { return };
        loop {
            let next = state.next;
            let Some(report) = state.waiting.remove(&next) else { break };
            state.next += 1;
            drop(state);
            judge.take(next, report);
            state = self.lock();
        }
        state.judge = Some(judge);
    }

    /// Keeps what was told of a share; gives the judge when it was the last one.
    fn end_share(&self, share: u32, report: JobReport) -> Option<Judge<'a>> {
        let mut state = self.lock();
        state.reports.insert(share, report);
        self.progress.notify_all();
        if state.reports.len() < self.shares() as usize {
            return None;
        }
        let mut judge = state.judge.take()?;
        state.reports.values().for_each(|report| judge.hear(report));
        Some(judge)
    }

    /// The result, after failures have been repeated alone until one of them was seen again.
    fn finish(
        &self,
        mut judge: Judge<'_>,
        worker: &mut Worker,
        runs: &Runs,
    ) -> Result<ScenarioResult, Unusable> {
        while let Some(run) = judge.next_to_repeat() {
            let mut job = self.job(runs, run..run + 1);
            job.isolation = Isolation::Fresh;
            job.flushed = true;
            job.patient = true;
            let mut repeated = None;
            worker.run(&job, &mut |_, report| repeated = Some(report))?;
            judge.take_repeat(repeated.as_ref());
        }
        Ok(judge.result())
    }
}

/// The result of runs of which nothing was given back, where giving back spoilt those before.
fn joined(spoilt: ScenarioResult, again: ScenarioResult) -> ScenarioResult {
    let mut remarks = spoilt.remarks;
    remarks.push(String::from("cleaning up after one run changes the next; judged without"));
    for remark in again.remarks {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    ScenarioResult { remarks, lost_cleanups: spoilt.lost_cleanups, ..again }
}

fn plan(hello: &Hello, scenario: &Scenario, options: &Options) -> Plan {
    // Said first: --hazards would not help.
    if let Some(lacking) = lacking(hello, scenario) {
        return Plan::Nothing(Kind::Unsupported, lacking);
    }
    let hazard = scenario.has_hazard();
    if hazard && !options.hazards {
        let report = String::from("a step that a library may not survive; see --hazards");
        return Plan::Nothing(Kind::LeftOut, report);
    }
    if !options.configure.is_empty() && !hello.can_configure() {
        let why = "limits are to be set, and there is no RtmTestConfigure";
        return Plan::Nothing(Kind::Unsupported, String::from(why));
    }
    if let Some(why) = needs_hook(hello, scenario, options) {
        return Plan::Nothing(Kind::Unsupported, why);
    }
    let isolation = if hazard { Isolation::Fresh } else { options.isolation };
    let share_process = isolation == Isolation::Shared && hello.can_reset();
    Plan::Runs(Runs {
        schedules: schedules(scenario, options),
        isolation,
        share_max: if share_process { u32::MAX } else { SHARE_RUNS_MAX },
        cleanup: scenario.cleans_up(),
    })
}

/// Functions that the scenario calls and the library lacks.
fn lacking(hello: &Hello, scenario: &Scenario) -> Option<String> {
    let functions = scenario.program.functions();
    let lacking: Vec<&str> = functions
        .iter()
        .map(|function| function.name())
        .filter(|name| hello.missing.iter().any(|other| other == name))
        .collect();
    (!lacking.is_empty()).then(|| format!("lacks {}", lacking.join(", ")))
}

/// Why the times of a scenario cannot be waited for in real time.
fn needs_hook(hello: &Hello, scenario: &Scenario, options: &Options) -> Option<String> {
    if hello.can_advance() {
        return None;
    }
    // Nobody is asked on a thread of a client then: calls of a reaction are made when the callback
    // has returned, and find nothing of what its answer has deleted.
    let gives_up = |r: &Reaction| {
        let gone = r.returns == Status::ERROR_NOT_SUPPORTED.0 && !r.steps.is_empty();
        r.event == EventType::RouteExpired && gone
    };
    if scenario.program.actors.iter().flat_map(|actor| &actor.reactions).any(gives_up) {
        let why = "makes calls while a route expires, and there is no RtmTestAdvanceClock";
        return Some(String::from(why));
    }
    // Half of what a run may take is left for everything else.
    let most = options.timeout / 2;
    match scenario.program.time_passed().map(Duration::from_millis) {
        Some(time) if time <= most => None,
        _ => Some(format!("lets more than {most:?} pass, and there is no RtmTestAdvanceClock")),
    }
}

fn schedules(scenario: &Scenario, options: &Options) -> Vec<Schedule> {
    if let Some(schedule) = &options.schedule {
        return vec![schedule.clone()];
    }
    let strategies = scenario.strategies(options.seed, options.seeds);
    let schedule = |strategy| match strategy {
        Strategy::Listed => Schedule::Listed,
        Strategy::RoundRobin => Schedule::RoundRobin,
        Strategy::Random(seed) => Schedule::Random { seed },
    };
    strategies.into_iter().map(schedule).collect()
}
