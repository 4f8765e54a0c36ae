//! Keeps the journal while a program runs, and sends entries at once if that is wanted.
//!
//! The run loop tells an engine who acts, not which step it is. The recorder follows the program
//! beside it: steps come in order, and an interleaved one is known when it is chosen.

use std::cell::RefCell;
use std::rc::Rc;

use rtm_sim::engine::Operation;
use rtm_sim::history::Entry;
use rtm_sim::program::operand::Argument;
use rtm_sim::program::{Action, Actor, Program, Step};
use rtm_sim::schedule::Scheduler;
use rtm_sim::vocabulary::argument::ArgKind;
use rtm_sim::vocabulary::callback::{Answer, Told};
use rtm_sim::vocabulary::observation::{self, Field, Place};
use rtm_sim::vocabulary::status::Status;

use super::journal::Journal;
use super::outbox::Outbox;
use crate::engine::Watcher;
use crate::wire::history::{put_choice, put_entry};
use crate::wire::message::{ENTRIES, Order};

/// A list of steps that is being worked through.
#[derive(Clone, Debug, Default)]
struct Level {
    /// Whose steps are made, and in which callback; `None` at the top.
    script: Option<(Actor, Told)>,
    next: usize,
    current: Option<(Actor, u32)>,
    /// The current step is made again.
    repeats: bool,
}

/// Where a run stands.
#[derive(Debug)]
pub struct Recorder {
    order: Rc<Order<Program>>,
    journal: &'static Journal,
    outbox: Option<Rc<RefCell<Outbox>>>,
    queues: Vec<Vec<u32>>,
    positions: Vec<usize>,
    /// The interleaved step that was chosen and has not begun.
    chosen: Option<u32>,
    after: usize,
    levels: Vec<Level>,
    /// The run is over: what comes now belongs to no step and is no history.
    is_over: bool,
}

impl Recorder {
    /// A recorder of runs of the program of `order`.
    pub fn new(order: Rc<Order<Program>>, journal: &'static Journal) -> Recorder {
        let program = &order.program;
        let mut queues = vec![Vec::new(); program.actors.len()];
        for step in &program.concurrent {
            queues[usize::from(program.steps[*step as usize].actor)].push(*step);
        }
        let positions = vec![0; queues.len()];
        Recorder {
            order,
            journal,
            outbox: None,
            queues,
            positions,
            chosen: None,
            after: 0,
            levels: vec![Level::default()],
            is_over: false,
        }
    }

    /// Entries go to `outbox` as they come.
    pub fn send_at_once(&mut self, outbox: Rc<RefCell<Outbox>>) {
        self.outbox = Some(outbox);
    }

    /// A run begins.
    pub fn begin_run(&mut self) {
        self.positions.fill(0);
        self.chosen = None;
        self.after = 0;
        self.levels.truncate(1);
        self.levels[0] = Level::default();
        self.is_over = false;
    }

    /// The run is over; what it still holds is given back.
    pub fn end_run(&mut self) {
        self.is_over = true;
    }

    fn chose(&mut self, actor: Actor) {
        let at = usize::from(actor);
        self.chosen = self.queues[at].get(self.positions[at]).copied();
        self.positions[at] += 1;
        self.send(|bytes| put_choice(bytes, actor));
    }

    /// The step that begins now.
    fn step(&mut self, actor: Actor) -> u32 {
        let program = &self.order.program;
        let Some(level) = self.levels.last_mut() else { return 0 };
        if level.repeats
            && let Some((_, step)) = level.current
        {
            level.repeats = false;
            return step;
        }
        let step = match level.script {
            Some((actor, told)) => {
                level.next += 1;
                let script = program.actors[usize::from(actor)].script(told);
                script.and_then(|(_, steps)| steps.get(level.next - 1).copied())
            }
            None => self.chosen.take().or_else(|| {
                let before = program.before.get(level.next).copied();
                let list = if before.is_some() { &mut level.next } else { &mut self.after };
                *list += 1;
                before.or_else(|| program.after.get(*list - 1).copied())
            }),
        };
        let step = step.unwrap_or(0);
        level.current = Some((actor, step));
        step
    }

    fn send(&self, fill: impl FnOnce(&mut Vec<u8>)) {
        if let Some(outbox) = self.outbox.as_ref().filter(|_| !self.is_over) {
            let mut outbox = outbox.borrow_mut();
            outbox.add(ENTRIES, fill);
            outbox.flush();
        }
    }

    fn begins(&mut self, actor: Actor, operation: &Operation) {
        if self.is_over {
            return self.journal.begin_operation_of_no_step(actor, operation);
        }
        let step = self.step(actor);
        self.journal.begin_operation(actor, step, operation);
        self.send(|bytes| put_entry(bytes, &Entry::Begin { actor, step }, &[]));
    }

    fn ended(&mut self, actor: Actor, fields: &[Field]) {
        self.send(|bytes| put_entry(bytes, &Entry::End { actor, fields: (0, 0) }, fields));
        let program = &self.order.program;
        let Some(level) = self.levels.last_mut().filter(|_| !self.is_over) else { return };
        if let Some((current, step)) = level.current
            && current == actor
        {
            level.repeats = goes_on(&program.steps[step as usize], fields);
        }
    }

    fn called_back(&mut self, receiver: Option<Actor>, told: Told, fields: &[Field]) {
        self.journal.begin_callback();
        let entry = Entry::Callback { receiver, told, fields: (0, 0) };
        self.send(|bytes| put_entry(bytes, &entry, fields));
        let script = receiver.map(|actor| (actor, told));
        self.levels.push(Level { script, ..Level::default() });
    }

    fn answers(&mut self, answer: &Answer) {
        self.journal.end_callback();
        self.send(|bytes| put_entry(bytes, &Entry::CallbackEnd { answer: answer.clone() }, &[]));
        if 1 < self.levels.len() {
            self.levels.pop();
        }
    }
}

/// Whether a fetch that showed these fields is made again.
fn goes_on(step: &Step, fields: &[Field]) -> bool {
    let Action::Call { function, until_end: true, arguments } = &step.action else { return false };
    let Some(count) = function.parameters().iter().position(|p| p.kind == ArgKind::Count) else {
        return false;
    };
    matches!(arguments[count], Argument::Count(Some(_)))
        && observation::number_at(fields, Place::STATUS) == Some(Status::NO_ERROR.0.into())
        && observation::number_at(fields, Place::output(count as u8)).is_some_and(|n| n != 0)
}

/// A recorder that engine and scheduler share.
#[derive(Clone, Debug)]
pub struct Shared(pub Rc<RefCell<Recorder>>);

impl Watcher for Shared {
    fn begins(&mut self, actor: Actor, operation: &Operation) {
        self.0.borrow_mut().begins(actor, operation);
    }

    fn ended(&mut self, actor: Actor, fields: &[Field]) {
        self.0.borrow_mut().ended(actor, fields);
    }

    fn called_back(&mut self, receiver: Option<Actor>, told: Told, fields: &[Field]) {
        self.0.borrow_mut().called_back(receiver, told, fields);
    }

    fn answers(&mut self, answer: &Answer) {
        self.0.borrow_mut().answers(answer);
    }
}

/// A scheduler whose choices the recorder hears of.
pub struct Heard<'a> {
    /// Who chooses.
    pub scheduler: &'a mut dyn Scheduler,
    /// Who hears of it.
    pub recorder: &'a Shared,
}

impl Scheduler for Heard<'_> {
    fn choose(&mut self, runnable: &[Actor], remaining: &[u32]) -> Actor {
        let actor = self.scheduler.choose(runnable, remaining);
        self.recorder.0.borrow_mut().chose(actor);
        actor
    }
}
