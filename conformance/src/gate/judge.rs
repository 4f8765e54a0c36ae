//! Judges the runs of one scenario, one after the other.

use std::collections::{BTreeSet, VecDeque};

use rtm_scenarios::Scenario;
use rtm_scenarios::simulate::simulate;
use rtm_sim::acceptor::judgement::{Difference, Judgement, Verdict};
use rtm_sim::acceptor::{Acceptor, adopted_profile};
use rtm_sim::clause::{ClauseId, Strength};
use rtm_sim::history::{Entry, History};
use rtm_sim::model::Config;
use rtm_sim::program::Actor;
use rtm_sim::readings::Reading;
use rtm_sim::schedule::Replay;
use rtm_sim::vocabulary::basis::Basis;
use rtm_sim::vocabulary::observation::{Field, Place};

use super::report;
use super::verdict::{Fault, Kind, ScenarioResult};
use super::{Options, Selected};
use crate::pool::{End, Hello, JobReport, REMARKS_MAX, RunReport, Schedule};

/// Most runs of a scenario whose failure was not repeatable, before no other is repeated.
const UNREPEATABLE_MAX: u32 = 8;

/// What is known of a scenario from the runs that were judged.
///
/// Runs are judged in order, because each is first judged by the readings that fitted those before.
pub struct Judge<'a> {
    selected: &'a Selected,
    scenario: &'a Scenario,
    options: &'a Options,
    acceptor: Acceptor<'a>,
    result: ScenarioResult,
    readings: BTreeSet<(ClauseId, u8)>,
    adopted: BTreeSet<ClauseId>,
    /// Whether the library tells when it is settled.
    can_settle: bool,
    /// Runs that failed and have not been repeated yet, and whether a callback may only have been
    /// missed.
    to_repeat: VecDeque<(u32, bool)>,
    /// Whether a callback may only have been missed in the run that is repeated.
    repeats_missed: bool,
    /// Of the runs that were repeated, those that did not fail again.
    unrepeatable: u32,
    /// Whether a repeat has shown what is wrong.
    settled: bool,
    matched: bool,
    unmet: Option<String>,
}

impl<'a> Judge<'a> {
    /// No run yet.
    pub fn new(hello: &Hello, selected: &'a Selected, options: &'a Options) -> Judge<'a> {
        let scenario = &selected.scenario;
        let acceptor = Acceptor::new(&scenario.program, Config::default());
        let acceptor = if hello.can_advance() { acceptor } else { acceptor.in_real_time() };
        Judge {
            selected,
            scenario,
            options,
            acceptor,
            result: ScenarioResult::new(Kind::NotJudged, String::new()),
            readings: BTreeSet::new(),
            adopted: BTreeSet::new(),
            can_settle: hello.can_settle(),
            to_repeat: VecDeque::new(),
            repeats_missed: false,
            unrepeatable: 0,
            settled: false,
            matched: false,
            unmet: None,
        }
    }

    /// Keeps what was told of some runs beside their histories.
    pub fn hear(&mut self, report: &JobReport) {
        self.result.lost_cleanups += report.lost_cleanups;
        let remarks = &mut self.result.remarks;
        for remark in &report.remarks {
            if remarks.len() < REMARKS_MAX && !remarks.contains(remark) {
                remarks.push(remark.clone());
            }
        }
    }

    /// Judges the next run.
    pub fn take(&mut self, run: u32, report: RunReport) {
        self.result.runs += 1;
        self.compare_schedule(&report.history);
        if self.unmet.is_none() {
            self.unmet = unmet(self.scenario, &report);
        }
        if self.unmet.is_some() {
            return;
        }
        let (fault, judgement) = self.judge(&report);
        // Nobody knows how long to wait for a library that does not tell when it is settled.
        let missed = !self.can_settle
            && matches!(&fault, Some(Fault::Differ(difference, _)) if is_missing(difference));
        if let (End::Done, Some(judgement), false) = (&report.end, judgement, missed) {
            self.count(&judgement, &report.history);
        }
        if fault.is_some() {
            self.result.failed += 1;
            self.to_repeat.push_back((run, missed));
        }
    }

    /// Remarks on each turn that was not taken as the schedule says which the gate was given.
    fn compare_schedule(&mut self, history: &History) {
        let Some(Schedule::Replay { choices }) = &self.options.schedule else { return };
        for (turn, taken) in history.choices.iter().enumerate() {
            if choices.get(turn) != Some(taken) && self.result.remarks.len() < REMARKS_MAX {
                let remark = format!("turn {} of the token could not be followed", turn + 1);
                self.result.remarks.push(remark);
            }
        }
    }

    fn count(&mut self, judgement: &Judgement, history: &History) {
        self.result.judged.0 += u64::from(judgement.judged);
        self.result.judged.1 += u64::from(judgement.total);
        self.matched |= judgement.verdict == Verdict::Match;
        self.readings.extend(judgement.readings.iter().map(|r| (r.clause, r.value)));
        self.adopted.extend(&judgement.adopted);
        let tolerated = self.tolerated(judgement);
        self.result.implied_only |=
            tolerated.is_some_and(|difference| difference.strength() == Strength::Implied);
        if let (None, Some(difference)) = (&self.result.own_way, tolerated) {
            let own_way = report::own_way(&self.scenario.program, difference, history);
            self.result.own_way = Some(own_way);
        }
    }

    /// Where a library went its own way: what only an implied clause forbids is tolerated, too, and
    /// what follows from it is not judged.
    fn tolerated<'j>(&self, judgement: &'j Judgement) -> Option<&'j Difference> {
        match &judgement.verdict {
            Verdict::NotJudged(difference) => difference.as_deref(),
            Verdict::Differ(difference, Strength::Implied) if !self.options.strict => {
                Some(difference)
            }
            _ => None,
        }
    }

    /// What the model shows at the end of the step in which a run ended.
    fn step_in_model(&self, run: &RunReport) -> Vec<Field> {
        let step = run.last.as_ref().and_then(|last| last.step);
        let program = &self.scenario.program;
        let Some((step, known)) = step.and_then(|s| Some((s, program.steps.get(s as usize)?)))
        else {
            return Vec::new();
        };
        let begun = |e: &&Entry| matches!(e, Entry::Begin { step: begun, .. } if *begun == step);
        let times = run.history.entries.iter().filter(begun).count();
        let mut replay = Replay::new(run.history.choices.clone());
        let model = simulate(self.scenario, &mut replay).history;
        end_of(&model, known.actor, step, times).map(<[Field]>::to_vec).unwrap_or_default()
    }

    /// Whether a run ended in a hazard step of whose return the documentation says nothing firm.
    /// Any other end fails, whatever the strength of what the step has to show.
    fn is_excused(&self, run: &RunReport) -> bool {
        // The number comes from a page that the library can write to.
        let step = run.last.as_ref().and_then(|last| last.step);
        let step = step.and_then(|step| self.scenario.program.steps.get(step as usize));
        run.end != End::Done
            && step.is_some_and(|step| step.hazard)
            && self
                .step_in_model(run)
                .first()
                .is_some_and(|status| status.basis.strength() == Strength::Silent)
    }

    /// The next run that has to be repeated alone before anything can be said.
    pub fn next_to_repeat(&mut self) -> Option<u32> {
        match self.settled || UNREPEATABLE_MAX <= self.unrepeatable {
            true => None,
            false => {
                let (run, missed) = self.to_repeat.pop_front()?;
                self.repeats_missed = missed;
                Some(run)
            }
        }
    }

    /// Judges a run that was made again, alone in a process; `None` if it gave no answer.
    pub fn take_repeat(&mut self, repeated: Option<&RunReport>) {
        let Some(repeated) = repeated else {
            self.unrepeatable += 1;
            if self.result.report.is_empty() {
                self.result.report = String::from("a run failed, and its repeat gave no answer");
            }
            return;
        };
        let (fault, judgement) = self.judge(repeated);
        if self.is_excused(repeated) {
            // Others may have failed where the pages are not silent.
            self.result.failed -= 1;
            let last = report::last_call(&self.scenario.program, repeated);
            let what =
                format!("the library {}{last}, where the pages say nothing firm", repeated.end);
            self.result.own_way = Some(what);
            return;
        }
        if let (None, Some(judgement), true) = (&fault, &judgement, self.repeats_missed) {
            self.result.failed -= 1;
            self.count(judgement, &repeated.history);
            let remark =
                String::from("callbacks came late; RtmTestSettle would tell when all have");
            if !self.result.remarks.contains(&remark) {
                self.result.remarks.push(remark);
            }
            return;
        }
        self.settled = fault.is_some();
        let fault = fault.unwrap_or(Fault::NotRepeatable);
        if !self.settled {
            self.unrepeatable += 1;
            if !self.result.report.is_empty() {
                return;
            }
        }
        self.result.kind = fault.kind();
        self.result.clauses = match (&fault, &judgement) {
            (Fault::Differ(difference, _), _) => difference.basis.clauses().collect(),
            // What the call would have had to return, and what was wrong before.
            (Fault::Ended(_), Some(judgement)) => {
                let shown = self.step_in_model(repeated);
                let status = shown.first().into_iter().flat_map(|field| field.basis.clauses());
                let before = match &judgement.verdict {
                    Verdict::Differ(difference, _) => difference.basis,
                    _ => Basis::NONE,
                };
                status.chain(before.clauses()).collect()
            }
            _ => Vec::new(),
        };
        let failure = report::Failure {
            selected: self.selected,
            options: self.options,
            fault: &fault,
            judgement: judgement.as_ref(),
            run: repeated,
        };
        self.result.report = failure.text();
    }

    /// The result, once nothing has to be repeated any more.
    pub fn result(mut self) -> ScenarioResult {
        self.keep_readings();
        if self.settled {
            return self.result;
        }
        if self.unrepeatable != 0 {
            self.result.kind = Kind::Unstable;
            return self.result;
        }
        if let Some(unmet) = self.unmet {
            return ScenarioResult { kind: Kind::Unsupported, report: unmet, ..self.result };
        }
        self.result.kind = if self.matched { Kind::Match } else { Kind::NotJudged };
        self.result
    }

    fn keep_readings(&mut self) {
        let readings = self.readings.iter();
        self.result.readings =
            readings.map(|(clause, value)| Reading { clause: *clause, value: *value }).collect();
        self.result.adopted = self.adopted.iter().copied().collect();
    }

    /// What is wrong with a run, and the judgement of its history if it is whole.
    fn judge(&mut self, report: &RunReport) -> (Option<Fault>, Option<Judgement>) {
        if report.end != End::Done {
            // What was shown before the end, if it was sent at once, explains it perhaps.
            let before = self.acceptor.judge_broken_off(&report.history);
            return (Some(Fault::Ended(report.end.clone())), Some(before));
        }
        let judgement = self.acceptor.judge(&report.history);
        let fault = match &judgement.verdict {
            Verdict::Differ(difference, strength)
                if *strength == Strength::Stated || self.options.strict =>
            {
                Some(Fault::Differ(difference.clone(), *strength))
            }
            _ => None,
        };
        let overrun = report.overruns.first().map(|overrun| {
            let (length, size, offset) = (overrun.length, overrun.size, overrun.offset);
            let place = match offset {
                ..0 => format!("before a buffer of {size} bytes"),
                _ if offset < size.into() => format!("in a buffer of {size} bytes after its call"),
                _ => format!("past a buffer of {size} bytes"),
            };
            Fault::Overrun(format!(
                "wrote {length} bytes {place}, from offset {offset}{}",
                report::buffer_of(&self.scenario.program, &report.history, overrun),
            ))
        });
        (overrun.or(fault), Some(judgement))
    }
}

/// Whether it is a callback that did not come.
fn is_missing(difference: &Difference) -> bool {
    difference.place == Place::EVENT && difference.observed.is_none()
}

/// What a step of an actor showed when it was begun for the `times`-th time; for the first time if
/// nothing tells how often it was.
fn end_of(history: &History, actor: Actor, step: u32, times: usize) -> Option<&[Field]> {
    let begin = Entry::Begin { actor, step };
    let begun = history.entries.iter().enumerate().filter(|(_, entry)| **entry == begin);
    let (at, _) = begun.take(times.max(1)).last()?;
    // Callbacks of the same actor may run within it.
    let mut within = 0;
    for entry in &history.entries[at + 1..] {
        match entry {
            Entry::Begin { actor: other, .. } if *other == actor => within += 1,
            Entry::End { actor: other, fields } if *other == actor => {
                if within == 0 {
                    return Some(history.slice(*fields));
                }
                within -= 1;
            }
            _ => {}
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use rtm_sim::vocabulary::observation::Value;

    use super::*;

    #[test]
    fn the_end_of_a_step_is_its_own() {
        let mut history = History::default();
        let begin = |actor, step| Entry::Begin { actor, step };
        for number in 0..5_u64 {
            let value = Value::Number(number);
            history.keep(&[Field { place: Place::STATUS, value, basis: Basis::NONE }]);
        }
        let end = |actor, at| Entry::End { actor, fields: (at, at + 1) };
        // Another actor ends within the step, and the same one does within a callback.
        let entries = [begin(0, 7), begin(1, 3), end(1, 0), begin(0, 2), end(0, 1), end(0, 2)];
        history.entries.extend(entries);
        history.entries.extend([begin(0, 7), end(0, 3), begin(1, 7)]);
        let check = |actor, step, times, expect: Option<u64>| {
            let value = end_of(&history, actor, step, times).map(|fields| fields[0].value);
            assert_eq!(value, expect.map(Value::Number), "{actor} {step} {times}");
        };
        check(0, 7, 0, Some(2));
        check(0, 7, 1, Some(2));
        check(0, 7, 2, Some(3));
        check(0, 2, 1, Some(1));
        check(1, 3, 1, Some(0));
        check(1, 7, 1, None);
        check(0, 9, 1, None);
    }
}
