//! The run loop: one program, one engine, one scheduler, one history.
//!
//! It resolves operands, takes turns and keeps labels and the history. It knows neither the model
//! nor a library: both are [`Engine`]s.

mod prepared;

pub mod standing;

pub mod cleanup;

use crate::engine::{Engine, Event, Host, Operation};
use crate::history::{Entry, History};
use crate::holdings::Holdings;
use crate::program::resolve::{Labels, Members};
use crate::program::{Action, Actor, ActorPlan, MethodPlan, Program, Step};
use crate::schedule::Scheduler;
use crate::vocabulary::callback::{Answer, Told};
use crate::vocabulary::observation::{self, Field, Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use prepared::{Prepared, prepare, until_end};
use standing::Lane;

/// Calls that one step with `until-end` may make in the smallest program.
const REPETITIONS_MIN: usize = 256;
/// Callbacks that may come during one step of the smallest program.
const CALLBACKS_MIN: usize = 4096;
/// Callbacks that may come during one step for each step of a larger one: some for each client.
const CALLBACKS_PER_STEP: usize = 64;
/// Deepest nesting of callbacks that are answered by the script; deeper ones just return.
pub const CALLBACK_DEPTH_MAX: usize = 16;

/// What is kept while a program runs.
#[derive(Clone, Debug)]
pub struct Run<'p> {
    program: &'p Program,
    /// What the labels stand for.
    pub labels: Labels,
    /// What has happened.
    pub history: History,
    /// Labels that each step needs before it can run.
    needs: Vec<Vec<u16>>,
    /// The interleaved steps of each actor.
    queues: Vec<Vec<u32>>,
    lanes: Vec<Lane>,
    remaining: Vec<u32>,
    /// Callbacks that run now.
    callbacks: usize,
    /// Callbacks so far during the outermost step.
    told: usize,
    /// What each step does, resolved as far as it does not depend on labels.
    prepared: Vec<Prepared>,
    /// What the preparation bound has been resolved in `prepared`.
    settled: bool,
    /// Actors that can take the next turn, as they were found last; whether they are still the
    /// same, and whether all that have steps left were among them.
    runnable: Vec<Actor>,
    same_can_run: bool,
    all_can_run: bool,
    scratch: Vec<Field>,
    /// What the clients hold, where somebody wants to know.
    holdings: Option<Holdings>,
    dead: bool,
}

impl<'p> Run<'p> {
    /// A run of `program` that has not begun.
    pub fn new(program: &'p Program) -> Run<'p> {
        let actors = program.actors.len();
        Run {
            program,
            labels: Labels::default(),
            history: History::default(),
            needs: program.steps.iter().map(Step::labels).collect(),
            queues: queues(program),
            lanes: vec![Lane::default(); actors],
            remaining: vec![0; actors],
            callbacks: 0,
            told: 0,
            prepared: prepare(program),
            settled: false,
            runnable: Vec::new(),
            same_can_run: false,
            all_can_run: false,
            scratch: Vec::new(),
            holdings: None,
            dead: false,
        }
    }

    /// Keeps account of what the clients hold from now on, so that it can be given back.
    pub fn keep_holdings(&mut self) {
        self.holdings = Some(Holdings::default());
    }

    /// Runs the whole program on an engine that is in its first state.
    pub fn run(&mut self, engine: &mut dyn Engine, scheduler: &mut dyn Scheduler) {
        self.prepare(engine);
        self.interleave(engine, scheduler);
        self.finish(engine);
    }

    /// Steps one after the other, up to one whose actor still waits in the one before.
    fn in_turn(&mut self, engine: &mut dyn Engine, steps: &[u32]) {
        for step in steps {
            let actor = self.program.steps[*step as usize].actor;
            let waits = |run: &Run<'_>| run.lanes[usize::from(actor)].blocked;
            if !self.dead && waits(self) {
                self.wait_for_blocked(engine);
            }
            if !self.dead && waits(self) {
                self.deadlock(engine);
            }
            if !self.dead {
                self.step(engine, *step);
            }
        }
    }

    /// The part that comes before the interleaved one.
    pub fn prepare(&mut self, engine: &mut dyn Engine) {
        self.reset();
        self.in_turn(engine, &self.program.before);
        for (prepared, step) in self.prepared.iter_mut().zip(&self.program.steps) {
            prepared.resolve(&self.labels, step, false);
        }
        // A step that still waits may bind its label later.
        self.settled = self.lanes.iter().all(|lane| !lane.blocked);
    }

    /// Drops the history so far: what comes is recorded on its own.
    pub fn forget_history(&mut self) {
        self.history.clear();
    }

    /// Back to before the run, memory kept.
    fn reset(&mut self) {
        self.labels.reset(self.program.labels.len());
        self.history.clear();
        self.lanes.fill(Lane::default());
        self.callbacks = 0;
        if let Some(holdings) = &mut self.holdings {
            holdings.clear();
        }
        self.dead = false;
        self.settled = false;
        self.same_can_run = false;
        for (remaining, queue) in self.remaining.iter_mut().zip(&self.queues) {
            *remaining = queue.len() as u32;
        }
    }

    /// The interleaved part.
    pub fn interleave(&mut self, engine: &mut dyn Engine, scheduler: &mut dyn Scheduler) {
        loop {
            if self.runnable().is_empty() && !self.wait_for_blocked(engine) {
                break;
            }
            let actor = scheduler.choose(&self.runnable, &self.remaining);
            self.turn(engine, actor);
        }
    }

    /// What comes when nobody can take a turn any more.
    pub fn finish(&mut self, engine: &mut dyn Engine) {
        if self.remaining.iter().any(|left| *left != 0) && !self.dead {
            self.deadlock(engine);
        }
        self.in_turn(engine, &self.program.after);
        self.wait_for_blocked(engine);
        if !self.dead && self.lanes.iter().any(|lane| lane.blocked) {
            self.deadlock(engine);
        }
        if !self.dead {
            self.settle(engine);
        }
    }

    /// Gives actors that are blocked a last time to go on; whether anybody can take a turn then.
    fn wait_for_blocked(&mut self, engine: &mut dyn Engine) -> bool {
        if self.dead || self.lanes.iter().all(|lane| !lane.blocked) {
            return false;
        }
        engine.wait_for_blocked();
        self.drain(engine);
        self.same_can_run = false;
        !self.runnable().is_empty()
    }

    /// Nobody can go on.
    fn deadlock(&mut self, engine: &mut dyn Engine) {
        let mut seen = Observation::default();
        for (waits, others) in engine.waits() {
            for other in others {
                let place = Place::AWAITED.at(usize::from(waits));
                seen.raw(place, Value::Number(other.into()));
            }
        }
        let fields = self.history.keep(&seen.fields);
        self.history.entries.push(Entry::Deadlock { fields });
        self.dead = true;
    }

    /// Actors that can take the next turn, ascending; none when the part is over or stuck.
    pub fn runnable(&mut self) -> &[Actor] {
        if !self.same_can_run {
            self.find_runnable();
            self.same_can_run = true;
        }
        &self.runnable
    }

    fn find_runnable(&mut self) {
        self.runnable.clear();
        self.all_can_run = !self.dead;
        if self.dead {
            return;
        }
        for actor in 0..self.lanes.len() {
            if self.remaining[actor] == 0 {
                continue;
            }
            match self.can_run(actor) {
                true => self.runnable.push(actor as Actor),
                false => self.all_can_run = false,
            }
        }
        if self.runnable.is_empty() {
            self.release_one_that_waits_in_vain();
        }
    }

    /// Whether an actor that has steps left can take the next one.
    fn can_run(&mut self, actor: usize) -> bool {
        let lane = &mut self.lanes[actor];
        if !lane.ready && !lane.blocked {
            let step = self.queues[actor][lane.position as usize];
            let needs = &self.needs[step as usize];
            lane.ready = needs.iter().all(|label| self.labels.is_bound(*label));
        }
        lane.ready && !lane.blocked
    }

    /// Interleaved steps left, one entry an actor.
    pub fn remaining(&self) -> &[u32] {
        &self.remaining
    }

    /// The next turn of an actor that can run.
    pub fn turn(&mut self, engine: &mut dyn Engine, actor: Actor) {
        let at = usize::from(actor);
        let lane = &mut self.lanes[at];
        let step = self.queues[at][lane.position as usize];
        lane.position += 1;
        lane.ready = false;
        self.remaining[at] -= 1;
        self.history.choices.push(actor);
        self.step(engine, step);
        // Where everybody could run, only this actor, or one that blocked, can be one less.
        self.same_can_run &=
            self.all_can_run && !self.dead && self.remaining[at] != 0 && self.can_run(at);
    }

    /// When a label can never be bound any more, because its step is behind a blocked actor or
    /// never ran, whoever waits for it goes on and finds NULL there.
    fn release_one_that_waits_in_vain(&mut self) {
        let mut lanes = self.lanes.iter().zip(&self.remaining);
        let waiting = lanes.position(|(lane, left)| *left != 0 && !lane.blocked);
        self.runnable.extend(waiting.map(|actor| actor as Actor));
    }

    /// Runs one step, repetitions included.
    fn step(&mut self, engine: &mut dyn Engine, index: u32) {
        let program = self.program;
        if self.callbacks == 0 {
            self.told = 0;
        }
        let step = &program.steps[index as usize];
        // A fetch gives an item at least, and an item comes of a step: more of them have no end.
        let most = REPETITIONS_MIN.max(4 * program.steps.len());
        for _ in 0..most {
            let actor = step.actor;
            self.history.entries.push(Entry::Begin { actor, step: index });
            self.lanes[usize::from(actor)].step = index;
            let prepared = &mut self.prepared[index as usize];
            prepared.resolve(&self.labels, step, self.settled);
            if let Some(holdings) = &mut self.holdings {
                holdings.begins(actor, &prepared.operation);
            }
            engine.begin(actor, &prepared.operation);
            let until_end = prepared.until_end;
            self.drain(engine);
            let Some(count) = until_end else { return };
            if self.lanes[usize::from(actor)].blocked || !self.goes_on(actor, count) {
                return;
            }
        }
        self.runs_away(step.actor);
    }

    /// An actor goes on without an end.
    fn runs_away(&mut self, actor: Actor) {
        self.history.entries.push(Entry::Runaway { actor });
        self.dead = true;
    }

    /// Whether a fetch that ended last for `actor` asks for another one.
    fn goes_on(&self, actor: Actor, count: Place) -> bool {
        let end = self.history.entries.iter().rev().find_map(|entry| match entry {
            Entry::End { actor: ended, fields } if *ended == actor => Some(*fields),
            _ => None,
        });
        let Some(fields) = end else { return false };
        let fields = self.history.slice(fields);
        let status = observation::number_at(fields, Place::STATUS);
        let items = observation::number_at(fields, count);
        status == Some(u64::from(Status::NO_ERROR.0)) && items.is_some_and(|n| n != 0)
    }

    /// Takes everything that the engine has to report.
    fn drain(&mut self, engine: &mut dyn Engine) {
        let mut seen = std::mem::take(&mut self.scratch);
        loop {
            seen.clear();
            match engine.next(self, &mut seen) {
                Event::Idle => break,
                Event::Ended(actor) => self.ended(actor, &seen),
                Event::Blocked(actor) => {
                    self.lanes[usize::from(actor)].blocked = true;
                    self.same_can_run = false;
                    let fields = self.history.keep(&seen);
                    self.history.entries.push(Entry::Blocked { actor, fields });
                    // Whoever called back waits for the callback, which waits for others.
                    if self.callbacks != 0 {
                        self.deadlock(engine);
                    }
                }
                Event::Callback { receiver, told } => {
                    let answer = self.callback(engine, receiver, told, &seen);
                    if self.dead {
                        break;
                    }
                    engine.answer(&answer);
                }
            }
        }
        self.scratch = seen;
    }

    /// Waits at the end until no event waits: what a run causes is part of its history.
    fn settle(&mut self, engine: &mut dyn Engine) {
        self.told = 0;
        engine.begin(0, &Operation::Settle);
        let mut seen = std::mem::take(&mut self.scratch);
        loop {
            seen.clear();
            match engine.next(self, &mut seen) {
                Event::Idle => break,
                Event::Ended(_) | Event::Blocked(_) => {}
                Event::Callback { receiver, told } => {
                    let answer = self.callback(engine, receiver, told, &seen);
                    if self.dead {
                        break;
                    }
                    engine.answer(&answer);
                }
            }
        }
        self.scratch = seen;
    }

    fn ended(&mut self, actor: Actor, seen: &[Field]) {
        let fields = self.history.keep(seen);
        self.history.entries.push(Entry::End { actor, fields });
        if let Some(holdings) = &mut self.holdings {
            holdings.ended(actor, seen);
        }
        let lane = &mut self.lanes[usize::from(actor)];
        lane.blocked = false;
        let step = &self.program.steps[lane.step as usize];
        bind(&mut self.labels, step, seen);
    }
}

impl Host for Run<'_> {
    fn callback(
        &mut self,
        engine: &mut dyn Engine,
        receiver: Option<Actor>,
        told: Told,
        seen: &[Field],
    ) -> Answer {
        let fields = self.history.keep(seen);
        self.history.entries.push(Entry::Callback { receiver, told, fields });
        if let (Some(holdings), Some(event)) = (&mut self.holdings, told.event()) {
            holdings.called_back(event, seen);
        }
        let program = self.program;
        self.told += 1;
        if CALLBACKS_MIN.max(CALLBACKS_PER_STEP * program.steps.len()) < self.told {
            self.runs_away(receiver.unwrap_or(0));
        }
        let plan = receiver.map(|actor| &program.actors[usize::from(actor)]);
        let script = plan.and_then(|plan| plan.script(told));
        if let (Some((label, steps)), Some(actor)) = (script, receiver)
            && self.callbacks < CALLBACK_DEPTH_MAX
        {
            self.callbacks += 1;
            let outer = self.lanes[usize::from(actor)].step;
            if let Some(label) = label {
                self.labels.bind(label, seen);
            }
            for step in steps {
                if !self.dead {
                    self.step(engine, *step);
                }
            }
            self.lanes[usize::from(actor)].step = outer;
            self.callbacks -= 1;
        }
        let answer = answer(plan, told, seen);
        // Whoever waits for ever does not answer.
        if self.dead {
            return answer;
        }
        if let (Some(holdings), Told::Event(event)) = (&mut self.holdings, told) {
            holdings.answered(event, seen, answer.value());
        }
        self.history.entries.push(Entry::CallbackEnd { answer: answer.clone() });
        answer
    }
}

/// What a client answers: a value that its script returns, or what its method writes.
pub fn answer(plan: Option<&ActorPlan>, told: Told, seen: &[Field]) -> Answer {
    match told {
        Told::Event(event) => {
            let reaction = plan.and_then(|plan| plan.reaction(event));
            Answer::Event(reaction.map_or(Status::NO_ERROR.0, |reaction| reaction.returns))
        }
        Told::Method(index) => {
            let method = plan.and_then(|plan| plan.method(index).cloned());
            let method = method.unwrap_or_else(|| MethodPlan::echo(index));
            // A manager that does not say how much room there is leaves a method to know it.
            let room = observation::number_at(seen, Place::ELEMENT.member(Member::OutputSize));
            let room = room.filter(|room| *room != 0).map(|room| room as usize);
            Answer::Method(Box::new(method.output(input_data(seen), room)))
        }
    }
}

/// The data that a method was given.
fn input_data(seen: &[Field]) -> impl Iterator<Item = u8> {
    let data = Place::INPUT.member(Member::InputData);
    let is_data = move |place: Place| place.slot == data.slot && place.member == data.member;
    seen.iter().filter(move |field| is_data(field.place)).map(|field| match field.value {
        Value::Number(byte) => byte as u8,
        _ => 0,
    })
}

/// The interleaved steps of each actor.
fn queues(program: &Program) -> Vec<Vec<u32>> {
    let mut queues = vec![Vec::new(); program.actors.len()];
    for step in &program.concurrent {
        queues[usize::from(program.steps[*step as usize].actor)].push(*step);
    }
    queues
}

/// What a step does, its operands resolved.
pub fn operation(labels: &Labels, step: &Step) -> Operation {
    match &step.action {
        Action::Call { function, arguments, .. } => {
            Operation::Call(labels.call(*function, arguments))
        }
        Action::Read { pointer, structure } => {
            Operation::Read { pointer: labels.handle(*pointer), structure: *structure }
        }
        Action::Write { pointer, structure, edits } => {
            let mut members = Members::new();
            edits.iter().for_each(|edit| labels.edit(edit, &mut members));
            let pointer = labels.handle(*pointer);
            Operation::Write { pointer, structure: *structure, members }
        }
        Action::Advance(milliseconds) => Operation::Advance(labels.number(*milliseconds)),
        Action::Settle => Operation::Settle,
    }
}

/// Binds the label of a step that has ended to what it showed.
pub fn bind(labels: &mut Labels, step: &Step, seen: &[Field]) {
    let Some(label) = step.bind else { return };
    match until_end(step) {
        Some((_, count)) if labels.is_bound(label) => labels.extend(label, count, seen),
        _ => labels.bind(label, seen),
    }
}
