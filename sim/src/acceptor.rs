//! The acceptor: whether the model could have behaved as a library did.
//!
//! It walks the model along a raw history. Handles of the library are bound to objects of the
//! model as they appear; where the documentation leaves a choice, every set of readings that fits
//! what was seen is kept. A history that no reading fits is a difference, as strong as the clauses
//! that decided the field in question.
//!
//! What fitted the history before is tried first and alone, at the beginning the model's own
//! readings, since most libraries take most of them; only when it does not fit is the history
//! walked again with all readings.

pub mod bindings;

pub mod compare;

pub mod hypothesis;

pub mod judgement;

use std::collections::BTreeMap;

use crate::history::{Entry, History};
use crate::model::Config;
use crate::program::{Action, Actor, Program};
use crate::readings::Readings;
use crate::vocabulary::call::Function;
use crate::vocabulary::observation::{self, Field, Member, Place};
use hypothesis::{Hypothesis, Outcome, Slack, merging};
use judgement::{Difference, Judgement, Verdict};

/// Most hypotheses that are kept at a time; those nearest to the model's own readings stay.
const HYPOTHESES_MAX: usize = 64;
/// Most times that a history is walked anew because something was learnt of the configuration.
const RESTARTS_MAX: usize = 16;

/// Judges histories of one program.
#[derive(Clone, Debug)]
pub struct Acceptor<'p> {
    program: &'p Program,
    base: Config,
    slack: Slack,
    /// What fitted the last history; tried first for the next.
    first_guess: (Config, Readings),
}

impl<'p> Acceptor<'p> {
    /// Judges histories of `program` against a model configured as `base`, but for what a library
    /// says of itself at registration.
    pub fn new(program: &'p Program, base: Config) -> Acceptor<'p> {
        let first_guess = (base.clone(), Readings::own());
        Acceptor { program, first_guess, base, slack: Slack::default() }
    }

    /// The same for a library that waits in real time.
    #[must_use]
    pub fn in_real_time(self) -> Acceptor<'p> {
        Acceptor { slack: Slack::REAL_TIME, ..self }
    }

    /// Judges one history. From the first entry on that no run can have shown nothing is said.
    pub fn judge(&mut self, history: &History) -> Judgement {
        self.judge_entries(history, history.entries.len() + 1)
    }

    /// Judges what there is of a history that broke off: all before the first step that was begun
    /// and neither ended nor waits. What the end of a whole history shows is not asked for.
    pub fn judge_broken_off(&mut self, history: &History) -> Judgement {
        let ends = match_ends(history);
        let waits = |by: Actor, at: usize| {
            let waits = |e: &Entry| matches!(e, Entry::Blocked { actor, .. } if *actor == by);
            history.entries[at..].iter().any(waits)
        };
        let is_cut = |at: &usize| match history.entries[*at] {
            Entry::Begin { actor, .. } => ends[*at] == ends.len() && !waits(actor, *at),
            _ => false,
        };
        let cut = (0..ends.len()).find(is_cut).unwrap_or(ends.len());
        let mut before = history.clone();
        before.entries.truncate(cut);
        self.judge_entries(&before, cut)
    }

    /// Judges that many entries; the one behind the last is the end of the history.
    fn judge_entries(&mut self, history: &History, count: usize) -> Judgement {
        if let Some(at) = history.unsound_at(self.program) {
            return Judgement::not_judged(history, at);
        }
        let ends = match_ends(history);
        let mut config = adopted_profile(self.program, history, &self.base);
        let guess = self.guess(&config);
        let mut first = Hypothesis::new(self.program, guess.0, guess.1, self.slack);
        if first.walk(history, &ends, count) {
            return self.matched(history, &first);
        }
        let mut learnt = BTreeMap::new();
        for _ in 0..RESTARTS_MAX {
            let start = Hypothesis::new(self.program, config.clone(), Readings::own(), self.slack);
            match search(start, &learnt, history, &ends, count) {
                Searched::Fits(hypothesis) => return self.matched(history, &hypothesis),
                Searched::Learnt(protocol, preference) => {
                    learnt.insert(protocol, preference);
                    config.preferences.insert(protocol, preference);
                }
                Searched::Fails(judgement) => return *judgement,
            }
        }
        Judgement::not_judged(history, 0)
    }

    /// The guess that the last history left, if it is for this profile.
    fn guess(&self, config: &Config) -> (Config, Readings) {
        let (guessed, readings) = &self.first_guess;
        let same = Config { preferences: config.preferences.clone(), ..guessed.clone() } == *config;
        if same { (guessed.clone(), readings.clone()) } else { (config.clone(), Readings::own()) }
    }

    fn matched(&mut self, history: &History, hypothesis: &Hypothesis<'_>) -> Judgement {
        let readings = hypothesis.readings();
        if self.first_guess.1 != *readings || self.first_guess.0 != *hypothesis.config() {
            self.first_guess = (hypothesis.config().clone(), readings.clone());
        }
        Judgement {
            verdict: Verdict::Match,
            readings: readings.iter().filter(|r| r.value != 0).collect(),
            adopted: hypothesis.adopted.clone(),
            judged: history.entries.len() as u32,
            total: history.entries.len() as u32,
        }
    }
}

enum Searched<'p> {
    Fits(Box<Hypothesis<'p>>),
    /// Policy gives routes of this protocol this preference.
    Learnt(u32, u32),
    Fails(Box<Judgement>),
}

/// Walks that many entries of the history with every reading that fits so far.
fn search<'p>(
    start: Hypothesis<'p>,
    learnt: &BTreeMap<u32, u32>,
    history: &History,
    ends: &[usize],
    count: usize,
) -> Searched<'p> {
    // What would explain a later failure: a status that the scenario names as right, a policy that
    // is not known yet, hypotheses for which there was no room or that nobody made.
    let mut otherwise: Option<Searched<'p>> = None;
    let has_slack = start.has_slack();
    let mut kept = vec![start];
    for at in 0..count {
        let mut next: Vec<Hypothesis<'p>> = Vec::new();
        let mut failed: Vec<(Hypothesis<'p>, Difference)> = Vec::new();
        for hypothesis in kept {
            if !hypothesis.tries_every_choice(history.entries.get(at)) {
                let judgement = Box::new(Judgement::not_judged(history, at));
                otherwise.get_or_insert(Searched::Fails(judgement));
            }
            for (hypothesis, outcome) in hypothesis.expand(history, at, ends) {
                match outcome {
                    Outcome::Fits => next.push(hypothesis),
                    Outcome::Differs(difference) => failed.push((hypothesis, difference)),
                    // Policy has one preference a protocol: a second one is a difference.
                    Outcome::Learnt(protocol, _, difference) if learnt.contains_key(&protocol) => {
                        failed.push((hypothesis, difference));
                    }
                    Outcome::Learnt(protocol, preference, _) => {
                        if !matches!(otherwise, Some(Searched::Learnt(..))) {
                            otherwise = Some(Searched::Learnt(protocol, preference));
                        }
                    }
                    Outcome::Accepted => {
                        let judgement = Box::new(Judgement::accepted(history, at));
                        otherwise.get_or_insert(Searched::Fails(judgement));
                    }
                }
            }
        }
        if next.is_empty() {
            let judgement = || Box::new(Judgement::failed(history, at, failed));
            return otherwise.unwrap_or_else(|| Searched::Fails(judgement()));
        }
        if has_slack {
            merging::drop_doubles(&mut next);
        }
        next.sort_by_key(|h| h.readings().iter().filter(|r| r.value != 0).count());
        if HYPOTHESES_MAX < next.len() {
            next.truncate(HYPOTHESES_MAX);
            let judgement = Box::new(Judgement::not_judged(history, at));
            otherwise.get_or_insert(Searched::Fails(judgement));
        }
        kept = next;
    }
    Searched::Fits(Box::new(kept.swap_remove(0)))
}

/// For each `Begin`, the place of its `End`; the length of the history where there is none.
fn match_ends(history: &History) -> Vec<usize> {
    let mut ends = vec![history.entries.len(); history.entries.len()];
    let mut open: Vec<(u8, usize)> = Vec::new();
    for (at, entry) in history.entries.iter().enumerate() {
        match entry {
            Entry::Begin { actor, .. } => open.push((*actor, at)),
            Entry::End { actor, .. } => {
                if let Some(found) = open.iter().rposition(|(a, _)| a == actor) {
                    ends[open.remove(found).1] = at;
                }
            }
            _ => {}
        }
    }
    ends
}

/// The configuration that a library says it has: limits and views of the first profile that it
/// filled. What makes no sense is not adopted and shows as a difference.
pub fn adopted_profile(program: &Program, history: &History, base: &Config) -> Config {
    let mut config = base.clone();
    let mut step = None;
    for entry in &history.entries {
        match entry {
            Entry::Begin { step: begun, .. } => step = Some(*begun),
            Entry::End { fields, .. } => {
                let registers = step.is_some_and(|step| {
                    matches!(
                        program.steps[step as usize].action,
                        Action::Call { function: Function::RegisterEntity, .. }
                    )
                });
                let fields = history.slice(*fields);
                if registers && observation::number_at(fields, Place::STATUS) == Some(0) {
                    adopt(fields, &mut config);
                    return config;
                }
            }
            _ => {}
        }
    }
    config
}

fn adopt(fields: &[Field], config: &mut Config) {
    let member = |member| observation::number_at(fields, Place::output(4).member(member));
    let limit = |member| member_in(member, 1..=u64::from(u16::MAX));
    if let Some(most) = limit(member(Member::MaxNextHopsInRoute)) {
        config.max_next_hops_in_route = most;
    }
    if let Some(most) = limit(member(Member::MaxHandlesInEnum)) {
        config.max_handles_in_enum = most;
    }
    if let Some(views) = member_in(member(Member::ViewsSupported), 1..=3) {
        config.views_supported = views;
    }
}

fn member_in(value: Option<u64>, range: std::ops::RangeInclusive<u64>) -> Option<u32> {
    value.filter(|value| range.contains(value)).and_then(|value| u32::try_from(value).ok())
}
