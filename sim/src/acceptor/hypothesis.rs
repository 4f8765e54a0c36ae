//! Hypotheses: a model with some readings fixed, walked along a history.

mod callbacks;
pub(super) mod merging;
mod methods;
mod timers;

use super::bindings::Bindings;
use super::compare::{Compared, compare};
use super::judgement::Difference;
use crate::clause::{ClauseId, lock_route};
use crate::engine::Operation;
use crate::history::{Entry, History};
use crate::model::calls::enumeration::fetch::Advice;
use crate::model::waiting::Progress;
use crate::model::{Config, Model};
use crate::program::resolve::Labels;
use crate::program::{Action, Actor, Program, Step};
use crate::readings::{Reading, Readings};
use crate::run;
use crate::vocabulary::call::{Call, Function};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{self, Field, Member, Observation, Place, Value};
use callbacks::missing_callback;
pub use timers::Slack;

/// What one entry did to a hypothesis.
#[derive(Debug)]
pub enum Outcome {
    /// It fits.
    Fits,
    /// It would fit if routes of this protocol were given this preference.
    Learnt(u32, u32, Difference),
    /// The scenario names the library's status as right; nothing more can be said.
    Accepted,
    /// It does not fit.
    Differs(Difference),
}

/// A step that has begun and not ended.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    actor: Actor,
    step: u32,
    seen: Observation,
    /// For an advance of the clock: where to, and the last timer armed before.
    advance: Option<(u64, u32)>,
    /// The ticket under which it waits in the model.
    ticket: Option<u32>,
    /// Whether it waits, or has waited, in the library.
    blocked: bool,
    /// The registration for changes that it ends.
    ends: Option<Handle>,
    /// Whether methods run for it.
    invoking: bool,
}

/// A model with some readings fixed, and how far it has come.
#[derive(Clone, Debug)]
pub struct Hypothesis<'p> {
    program: &'p Program,
    model: Model,
    slack: Slack,
    labels: Labels,
    bindings: Bindings,
    open: Vec<Open>,
    /// Silent clauses at which the library's answer was taken.
    pub adopted: Vec<ClauseId>,
}

/// The function that a step calls.
pub fn function_of(step: &Step) -> Option<Function> {
    match &step.action {
        Action::Call { function, .. } => Some(*function),
        _ => None,
    }
}

impl<'p> Hypothesis<'p> {
    /// Nothing walked yet.
    pub fn new(
        program: &'p Program,
        config: Config,
        readings: Readings,
        slack: Slack,
    ) -> Hypothesis<'p> {
        let mut labels = Labels::default();
        labels.reset(program.labels.len());
        Hypothesis {
            program,
            model: Model::new(config, readings),
            slack,
            labels,
            bindings: Bindings::default(),
            open: Vec::new(),
            adopted: Vec::new(),
        }
    }

    /// Whether timers may be early or late.
    pub fn has_slack(&self) -> bool {
        self.slack != Slack::default()
    }

    /// The readings that are fixed.
    pub fn readings(&self) -> &Readings {
        self.model.readings()
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.model.config()
    }

    /// Walks that many entries of the history; false at the first one that does not fit.
    pub fn walk(&mut self, history: &History, ends: &[usize], count: usize) -> bool {
        (0..count).all(|at| matches!(self.apply(history, at, ends), Outcome::Fits))
    }

    /// Applies one entry under every reading that it asks about and that is not fixed yet, and
    /// with every choice of timers that may have gone off before it.
    pub fn expand(
        self,
        history: &History,
        at: usize,
        ends: &[usize],
    ) -> Vec<(Hypothesis<'p>, Outcome)> {
        let mut results: Vec<(Hypothesis<'p>, Outcome, Vec<ClauseId>)> = Vec::new();
        let choices = self.choices(history.entries.get(at));
        let mut work: Vec<(usize, Vec<Reading>)> =
            (0..choices.len()).map(|choice| (choice, Vec::new())).collect();
        while let Some((choice, fixed)) = work.pop() {
            let mut trial = self.clone();
            fixed.iter().for_each(|reading| trial.model.fix(*reading));
            trial.model.record_questions();
            trial.go_off(&choices[choice]);
            let outcome = trial.apply(history, at, ends);
            let asked = trial.model.recorded_questions();
            let open: Vec<ClauseId> = asked
                .into_iter()
                .filter(|clause| !clause.clause().alternatives.is_empty())
                .filter(|clause| trial.readings().fixed(*clause).is_none())
                .collect();
            for (nth, clause) in open.iter().enumerate() {
                for value in 1..=clause.clause().alternatives.len() as u8 {
                    let mut more = fixed.clone();
                    more.extend(open[..nth].iter().map(|c| Reading { clause: *c, value: 0 }));
                    more.push(Reading { clause: *clause, value });
                    work.push((choice, more));
                }
            }
            results.push((trial, outcome, open));
        }
        merging::merge(results)
    }

    /// Applies one entry; the one behind the last stands for the end of the run.
    fn apply(&mut self, history: &History, at: usize, ends: &[usize]) -> Outcome {
        match history.entries.get(at) {
            None => match self.open.iter().position(|open| open.blocked && open.ticket.is_none()) {
                Some(at) => self.never_ended(self.open[at].actor),
                // Nobody waited at the end for what was still to come.
                None if history.entries.iter().any(|e| matches!(e, Entry::Deadlock { .. })) => {
                    Outcome::Fits
                }
                None => self.nothing_pending(None),
            },
            Some(Entry::Begin { actor, step }) => {
                let end = ends[at];
                let shown = match history.entries.get(end) {
                    Some(Entry::End { fields, .. }) => history.slice(*fields),
                    _ => &[],
                };
                self.begin(*actor, *step, shown);
                Outcome::Fits
            }
            Some(Entry::End { actor, fields }) => self.end(*actor, history.slice(*fields)),
            Some(Entry::Callback { receiver, told, fields }) => {
                self.callback(*receiver, *told, history.slice(*fields))
            }
            Some(Entry::CallbackEnd { answer }) => {
                self.model.answered(answer);
                self.resume();
                Outcome::Fits
            }
            Some(Entry::Blocked { actor, .. } | Entry::Runaway { actor }) => {
                if let Some(open) = self.open.iter_mut().rfind(|open| open.actor == *actor) {
                    open.blocked = true;
                    if open.ticket.is_some() {
                        return Outcome::Fits;
                    }
                }
                let ended = |e: &Entry| matches!(e, Entry::End { actor: a, .. } if a == actor);
                match history.entries[at..].iter().any(ended) {
                    // It was slow, and came to its end.
                    true => Outcome::Fits,
                    false => self.never_ended(*actor),
                }
            }
            Some(Entry::Deadlock { .. }) => Outcome::Fits,
        }
    }

    fn begin(&mut self, actor: Actor, step: u32, shown: &[Field]) {
        let operation = run::operation(&self.labels, &self.program.steps[step as usize]);
        let seen = Observation::default();
        let mut open = Open {
            actor,
            step,
            seen,
            advance: None,
            ticket: None,
            blocked: false,
            ends: None,
            invoking: false,
        };
        match operation {
            Operation::Advance(milliseconds) => {
                open.advance = Some((self.model.target(milliseconds), self.model.last_arming()));
            }
            operation => {
                if let Operation::Call(Call::DeregisterFromChangeNotification(call)) = &operation {
                    open.ends = Some(call.notify);
                }
                self.model.advice = self.advice(actor, &operation, shown);
                let invocations = self.model.invocations().len();
                let progress = self.model.operate(actor, &operation, &mut open.seen);
                if let Progress::Waits(ticket) = progress {
                    open.ticket = Some(ticket);
                }
                open.invoking = invocations < self.model.invocations().len();
                self.model.advice = Advice::default();
            }
        }
        self.open.push(open);
        self.resume();
    }

    /// Goes on with what need not wait any more in the model.
    fn resume(&mut self) {
        let mut seen = Observation::default();
        let mut invocations = self.model.invocations().len();
        while let Some((ticket, _)) = self.model.resume(&mut seen) {
            let invoking = invocations < self.model.invocations().len();
            invocations = self.model.invocations().len();
            if let Some(open) = self.open.iter_mut().find(|open| open.ticket == Some(ticket)) {
                open.ticket = None;
                open.invoking = invoking;
                open.seen = std::mem::take(&mut seen);
            }
        }
    }

    /// What the library gave, for a fetch.
    fn advice(&self, actor: Actor, operation: &Operation, shown: &[Field]) -> Advice {
        let Operation::Call(call) = operation else { return Advice::default() };
        let count = observation::number_at(shown, Place::output(2));
        let count = count.and_then(|count| usize::try_from(count).ok());
        let kind = match call.function() {
            Function::GetEnumDests => HandleKind::Dest,
            Function::GetEnumRoutes | Function::GetListEnumRoutes => HandleKind::Route,
            Function::GetEnumNextHops => HandleKind::NextHop,
            Function::GetChangedDests => HandleKind::Dest,
            Function::GetEntityMethods => return Advice { count, ..Advice::default() },
            _ => return Advice::default(),
        };
        let items = shown.iter().filter_map(|field| match field.value {
            Value::Handle(k, raw) if k == kind && field.place.member == Member::Whole => {
                Some(self.bindings.object(actor, kind, raw).unwrap_or(Handle::NULL))
            }
            _ => None,
        });
        let address = Place::output(3).member(Member::DestAddress);
        let addresses = shown.iter().filter_map(|field| match field.value {
            Value::Address(a) if Place { index: 0, ..field.place } == address => Some(a),
            _ => None,
        });
        let addresses = match call.function() {
            Function::GetChangedDests => addresses.collect(),
            _ => Vec::new(),
        };
        Advice { count, items: items.collect(), addresses }
    }

    fn end(&mut self, actor: Actor, shown: &[Field]) -> Outcome {
        let Some(at) = self.open.iter().rposition(|open| open.actor == actor) else {
            return Outcome::Fits;
        };
        let mut open = self.open.remove(at);
        let step = &self.program.steps[open.step as usize];
        if let Some((target, last_arming)) = open.advance
            && let Err(outcome) = self.arrive(target, last_arming, step)
        {
            return outcome;
        }
        if let Some(ticket) = open.ticket {
            return self.ended_instead(&open, ticket, shown);
        }
        let members;
        let mut shown = shown;
        if open.invoking {
            if let Some(difference) = self.end_invocation(&mut open, step, shown) {
                return Outcome::Differs(difference);
            }
            members = methods::with_members(&open.seen.fields, shown);
            shown = &members;
        }
        let fields = &mut open.seen.fields;
        let compared = compare(&self.model, &mut self.bindings, actor, Some(step), fields, shown);
        match compared {
            Compared::Fits(adopted) => {
                self.adopt(adopted);
                run::bind(&mut self.labels, step, &open.seen.fields);
            }
            Compared::Accepted => return Outcome::Accepted,
            Compared::Differs(difference) => return self.differs(difference, &open.seen),
        }
        match step.action {
            Action::Settle => match self.settled(step) {
                Ok(()) => self.nothing_pending(Some(step)),
                Err(outcome) => outcome,
            },
            _ => Outcome::Fits,
        }
    }

    /// What comes of `attempt` if it fits, and nothing but its outcome if it does not: what it
    /// asked about stays asked, since under another reading it may fit.
    fn attempt(&mut self, attempt: impl FnOnce(&mut Hypothesis<'p>) -> Outcome) -> Outcome {
        let mut trial = self.clone();
        let outcome = attempt(&mut trial);
        match outcome {
            Outcome::Fits => *self = trial,
            _ => self.model.ask_as(&trial.model),
        }
        outcome
    }

    /// A call has ended that waits in the model: it failed instead, which no page rules out, or it
    /// took what was not its.
    fn ended_instead(&mut self, open: &Open, ticket: u32, shown: &[Field]) -> Outcome {
        let step = &self.program.steps[open.step as usize];
        let observed = observation::find(shown, Place::STATUS);
        // No page lets a request for a lock fail instead, but none rules it out; that methods are
        // waited for without an error is said.
        let for_methods = matches!(open.seen.fields[0].value, Value::Handle(HandleKind::Entity, _));
        if for_methods || observed == Some(Value::Number(0)) {
            let waits = &open.seen.fields[0];
            return Outcome::Differs(Difference::field(Some(step), open.actor, waits, observed));
        }
        self.model.give_up(ticket);
        self.adopt(vec![lock_route::WAITS_WITHOUT_TIMEOUT]);
        self.resume();
        Outcome::Fits
    }

    fn adopt(&mut self, clauses: Vec<ClauseId>) {
        for clause in clauses {
            if !self.adopted.contains(&clause) {
                self.adopted.push(clause);
            }
        }
    }

    /// A difference, or what the library's policy turns out to be.
    fn differs(&self, difference: Difference, seen: &Observation) -> Outcome {
        if difference.place.member == Member::Preference
            && let Some(Value::Number(preference)) = difference.observed
            && let Ok(preference @ 1..) = u32::try_from(preference)
            && let owner = difference.place.member(Member::RouteOwner)
            && let Some(protocol) =
                self.model.protocol_of(observation::handle_at(&seen.fields, owner))
            && self.config().preferences.get(&protocol) != Some(&preference)
        {
            return Outcome::Learnt(protocol, preference, difference);
        }
        Outcome::Differs(difference)
    }

    /// Once settled, every event must have been delivered.
    fn nothing_pending(&mut self, step: Option<&Step>) -> Outcome {
        match self.model.pending().next() {
            Some((actor, event)) => Outcome::Differs(missing_callback(actor, &event, step)),
            None => Outcome::Fits,
        }
    }

    /// A step of an actor that never ended, where the model's has.
    fn never_ended(&self, actor: Actor) -> Outcome {
        let Some(open) = self.open.iter().rev().find(|open| open.actor == actor) else {
            return Outcome::Fits;
        };
        let step = &self.program.steps[open.step as usize];
        let mut seen = open.seen.clone();
        if open.invoking {
            if let Some(missing) = self.missing_method(actor, step) {
                return Outcome::Differs(missing);
            }
            self.model.clone().end_invocation(actor, &mut seen);
        }
        match seen.fields.first() {
            Some(field) => Outcome::Differs(Difference::field(Some(step), actor, field, None)),
            None => Outcome::Fits,
        }
    }
}
