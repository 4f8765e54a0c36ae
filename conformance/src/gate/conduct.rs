//! One scenario on one worker: its runs, their judgement, the repeat of what fails.

use std::collections::BTreeSet;

use rtm_scenarios::Scenario;
use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_sim::acceptor::judgement::{Judgement, Verdict};
use rtm_sim::acceptor::{Acceptor, adopted_profile};
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::history::Entry;
use rtm_sim::model::Config;
use rtm_sim::readings::Reading;
use rtm_sim::schedule::Replay;

use super::report;
use super::verdict::{Fault, Kind, ScenarioResult};
use super::{Options, Selected};
use crate::pool::{End, Isolation, Job, RunReport, Schedule, Unusable, Worker};

/// Runs a scenario in all its orders and judges every run.
///
/// # Errors
/// When no worker can be started any more.
pub fn conduct(
    worker: &mut Worker,
    selected: &Selected,
    options: &Options,
) -> Result<ScenarioResult, Unusable> {
    let scenario = &selected.scenario;
    if scenario.has_hazard() && !options.hazards {
        let report = String::from("a step that a library may not survive; see --hazards");
        return Ok(ScenarioResult::new(Kind::LeftOut, report));
    }
    if let Some(lacking) = lacking(worker, scenario) {
        return Ok(ScenarioResult::new(Kind::Unsupported, lacking));
    }
    let cleanup = scenario.cleans_up();
    let result = judge_all(worker, selected, options, cleanup)?;
    if !cleanup || result.kind != Kind::Unstable {
        return Ok(result);
    }
    // Giving back what one run held may have changed what the next one saw.
    let again = judge_all(worker, selected, options, false)?;
    if again.kind == Kind::Unstable {
        return Ok(result);
    }
    let mut remarks = result.remarks;
    remarks.push(String::from("cleaning up after one run changes the next; judged without"));
    for remark in again.remarks {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    Ok(ScenarioResult { remarks, lost_cleanups: result.lost_cleanups, ..again })
}

fn judge_all(
    worker: &mut Worker,
    selected: &Selected,
    options: &Options,
    cleanup: bool,
) -> Result<ScenarioResult, Unusable> {
    let scenario = &selected.scenario;
    let schedules = schedules(scenario, options);
    let isolation = if scenario.has_hazard() { Isolation::Fresh } else { options.isolation };
    let mut judge = Judge::new(scenario, options);
    let mut job = job(scenario, &schedules, isolation, options, 0);
    job.cleanup = cleanup;
    let finished = worker.run(&job, &mut |run, report| judge.take(run, report))?;
    judge.result.remarks = finished.remarks;
    judge.result.lost_cleanups = finished.lost_cleanups;
    judge.finish(worker, selected, &schedules)
}

fn job<'a>(
    scenario: &'a Scenario,
    schedules: &'a [Schedule],
    isolation: Isolation,
    options: &Options,
    parity: u32,
) -> Job<'a> {
    Job {
        program: &scenario.program,
        schedules,
        isolation,
        timeout: options.timeout,
        flushed: false,
        cleanup: false,
        parity,
        configure: &[],
    }
}

/// Functions that the scenario calls and the library lacks.
fn lacking(worker: &Worker, scenario: &Scenario) -> Option<String> {
    let functions = scenario.program.functions();
    let missing = &worker.hello().missing;
    let lacking: Vec<&str> = functions
        .iter()
        .map(|function| function.name())
        .filter(|name| missing.iter().any(|other| other == name))
        .collect();
    (!lacking.is_empty()).then(|| format!("lacks {}", lacking.join(", ")))
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

/// Judges the runs of one scenario.
struct Judge<'a> {
    scenario: &'a Scenario,
    options: &'a Options,
    acceptor: Acceptor<'a>,
    result: ScenarioResult,
    readings: BTreeSet<(ClauseId, u8)>,
    adopted: BTreeSet<ClauseId>,
    /// The first run that failed.
    first_failed: Option<u32>,
    matched: bool,
    unmet: Option<String>,
}

impl<'a> Judge<'a> {
    fn new(scenario: &'a Scenario, options: &'a Options) -> Judge<'a> {
        Judge {
            scenario,
            options,
            acceptor: Acceptor::new(&scenario.program, Config::default()),
            result: ScenarioResult::new(Kind::NotJudged, String::new()),
            readings: BTreeSet::new(),
            adopted: BTreeSet::new(),
            first_failed: None,
            matched: false,
            unmet: None,
        }
    }

    fn take(&mut self, run: u32, report: RunReport) {
        self.result.runs += 1;
        if self.unmet.is_none() {
            self.unmet = unmet(self.scenario, &report);
        }
        if self.unmet.is_some() {
            return;
        }
        let (fault, judgement) = judge(&mut self.acceptor, &report, self.options);
        if let Some(judgement) = judgement {
            self.count(&judgement);
        }
        if fault.is_some() {
            self.result.failed += 1;
            self.first_failed.get_or_insert(run);
        }
    }

    fn count(&mut self, judgement: &Judgement) {
        self.result.judged.0 += u64::from(judgement.judged);
        self.result.judged.1 += u64::from(judgement.total);
        self.matched |= judgement.verdict == Verdict::Match;
        self.readings.extend(judgement.readings.iter().map(|r| (r.clause, r.value)));
        self.adopted.extend(&judgement.adopted);
        // What only an implied clause forbids is tolerated, and what follows from it is not judged.
        let tolerated = match &judgement.verdict {
            Verdict::NotJudged(difference) => difference.as_ref(),
            Verdict::Differ(difference, Strength::Implied) if !self.options.strict => {
                Some(difference)
            }
            _ => None,
        };
        if let (None, Some(difference)) = (&self.result.own_way, tolerated) {
            self.result.own_way = Some(report::own_way(&self.scenario.program, difference));
        }
    }

    /// Whether a run ended in a hazard step of which the documentation says nothing.
    fn is_excused(&self, run: &RunReport) -> bool {
        let step = run.last.as_ref().and_then(|last| last.step);
        let Some(step) = step.filter(|_| run.end != End::Done) else { return false };
        let program = &self.scenario.program;
        if !program.steps.get(step as usize).is_some_and(|s| s.hazard) {
            return false;
        }
        let mut replay = Replay::new(run.history.choices.clone());
        let history = simulate(self.scenario, &mut replay).history;
        let mut entries = history.entries.iter();
        entries.find(|e| matches!(e, Entry::Begin { step: begun, .. } if *begun == step));
        let status = entries.find_map(|e| match e {
            Entry::End { fields, .. } => history.slice(*fields).first(),
            _ => None,
        });
        status.is_some_and(|field| field.basis.strength() == Strength::Silent)
    }

    /// The result, after the first failure has been repeated alone.
    fn finish(
        mut self,
        worker: &mut Worker,
        selected: &Selected,
        schedules: &[Schedule],
    ) -> Result<ScenarioResult, Unusable> {
        let readings = self.readings.iter();
        self.result.readings =
            readings.map(|(clause, value)| Reading { clause: *clause, value: *value }).collect();
        self.result.adopted = self.adopted.iter().copied().collect();
        let Some(run) = self.first_failed else {
            if let Some(unmet) = self.unmet {
                return Ok(ScenarioResult {
                    kind: Kind::Unsupported,
                    report: unmet,
                    ..self.result
                });
            }
            self.result.kind = if self.matched { Kind::Match } else { Kind::NotJudged };
            return Ok(self.result);
        };
        let schedule = std::slice::from_ref(&schedules[run as usize]);
        let parity = run;
        let mut job = job(self.scenario, schedule, Isolation::Fresh, self.options, parity);
        job.flushed = true;
        let mut repeated = None;
        worker.run(&job, &mut |_, report| repeated = Some(report))?;
        let Some(repeated) = repeated else {
            self.result.kind = Kind::Unstable;
            self.result.report = String::from("a run failed, and its repeat gave no answer");
            return Ok(self.result);
        };
        if self.is_excused(&repeated) {
            self.result.kind = Kind::NotJudged;
            self.result.failed = 0;
            let end = &repeated.end;
            self.result.own_way =
                Some(format!("the library {end} in a hazard step where the pages are silent"));
            return Ok(self.result);
        }
        let (fault, judgement) = judge(&mut self.acceptor, &repeated, self.options);
        let fault = fault.unwrap_or(Fault::NotRepeatable);
        self.result.kind = fault.kind();
        if let Fault::Differ(difference, _) = &fault {
            self.result.clauses = difference.basis.clauses().collect();
        }
        let failure = report::Failure {
            selected,
            options: self.options,
            fault: &fault,
            judgement: judgement.as_ref(),
            run: &repeated,
        };
        self.result.report = failure.text();
        Ok(self.result)
    }
}

/// What is wrong with a run, and the judgement of its history if it is whole.
fn judge(
    acceptor: &mut Acceptor<'_>,
    report: &RunReport,
    options: &Options,
) -> (Option<Fault>, Option<Judgement>) {
    if report.end != End::Done {
        return (Some(Fault::Ended(report.end.clone())), None);
    }
    let judgement = acceptor.judge(&report.history);
    let fault = match &judgement.verdict {
        Verdict::Differ(difference, strength)
            if *strength == Strength::Stated || options.strict =>
        {
            Some(Fault::Differ(difference.clone(), *strength))
        }
        _ => None,
    };
    let overrun = report.overruns.first().map(|overrun| {
        let side = if overrun.offset < 0 { "before" } else { "past" };
        Fault::Overrun(format!(
            "wrote {} bytes {side} a buffer of {} bytes, from offset {}, \
             parameter {} of operation {}",
            overrun.length,
            overrun.size,
            overrun.offset,
            overrun.parameter + 1,
            overrun.operation + 1,
        ))
    });
    (overrun.or(fault), Some(judgement))
}

/// What the library does not offer of that which the scenario requires.
fn unmet(scenario: &Scenario, report: &RunReport) -> Option<String> {
    let requires = &scenario.requires;
    let profile = adopted_profile(&scenario.program, &report.history, &Config::default());
    let views = profile.views_supported.count_ones();
    let limits = [
        (requires.views, views, "views"),
        (requires.max_next_hops, profile.max_next_hops_in_route, "next hops in a route"),
        (requires.max_handles, profile.max_handles_in_enum, "handles in a fetch"),
    ];
    let limit = limits.into_iter().find(|(limit, value, _)| !limit.holds(*value));
    if let Some((limit, value, what)) = limit {
        let wanted = match limit.most {
            u32::MAX => format!("at least {}", limit.least),
            most => format!("{} to {most}", limit.least),
        };
        return Some(format!("offers {value} {what}, the scenario needs {wanted}"));
    }
    report::refused_family(scenario, &report.history)
}
