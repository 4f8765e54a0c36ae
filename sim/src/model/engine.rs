//! The model as an engine: operations and callbacks as plain data, on a stack of frames.
//!
//! The outermost operation works the queue of events off before it ends; what is called from
//! inside a callback only adds to the queue.

use std::hash::{Hash, Hasher};

use super::Model;
use super::methods::Next;
use super::waiting::Progress;
use crate::clause::register_entity;
use crate::engine::{Engine, Event, Host, Operation};
use crate::program::Actor;
use crate::vocabulary::callback::{Answer, Told};
use crate::vocabulary::observation::{Field, Observation};

/// An operation or a callback that has begun and not ended.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Frame {
    /// An operation that has taken effect; it ends when the events it caused are delivered.
    Ending {
        /// Who began it.
        actor: Actor,
        /// What it showed.
        seen: Observation,
        /// Whether it delivers events before it ends.
        delivers: bool,
    },
    /// A call that runs methods, one after the other.
    Invoking {
        /// Who began it.
        actor: Actor,
        /// Memory for what it shows.
        seen: Observation,
        /// Whether it delivers events before it ends.
        delivers: bool,
    },
    /// An advance of the clock.
    Advancing {
        /// Who began it.
        actor: Actor,
        /// Where the clock is to stand.
        target: u64,
        /// Number of the last timer that was armed before.
        last_arming: u32,
    },
    /// A call that must wait, before that is reported.
    Waiting {
        /// Who began it.
        actor: Actor,
        /// What it waits for.
        seen: Observation,
    },
    /// A callback.
    Callback,
}

/// Memory for the next observation; no part of the state.
#[derive(Default, Debug)]
pub struct Spare(Vec<Field>);

impl Clone for Spare {
    fn clone(&self) -> Spare {
        Spare::default()
    }
}

impl PartialEq for Spare {
    fn eq(&self, _: &Spare) -> bool {
        true
    }
}

impl Eq for Spare {}

impl Hash for Spare {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Engine for Model {
    fn begin(&mut self, actor: Actor, operation: &Operation) {
        let nested = self.frames.iter().any(|frame| matches!(frame, Frame::Callback));
        // What it brings about is its work, whoever made the call before.
        self.actor = actor;
        if let Operation::Advance(milliseconds) = operation {
            let (target, last_arming) = (self.target(*milliseconds), self.armings);
            self.frames.push(Frame::Advancing { actor, target, last_arming });
            return;
        }
        let mut seen = Observation { fields: std::mem::take(&mut self.spare.0) };
        seen.fields.clear();
        let late = self.oracle.takes(register_entity::REGISTERED_EVENT_TIMING_WHEN_SETTLED)
            && *operation != Operation::Settle;
        let invocations = self.invocations.len();
        let frame = match self.operate(actor, operation, &mut seen) {
            Progress::Ended => self.frame(invocations, actor, seen, !nested && !late),
            Progress::Waits(_) => Frame::Waiting { actor, seen },
        };
        self.frames.push(frame);
    }

    fn next(&mut self, _host: &mut dyn Host, seen: &mut Vec<Field>) -> Event {
        // What comes nearly always: an operation ends, and then there is nothing more.
        match self.frames.last() {
            None if self.waiting.is_empty() => return Event::Idle,
            Some(Frame::Ending { .. }) if self.queue.is_empty() => return self.end(seen),
            _ => {}
        }
        if self.frames.is_empty() {
            self.go_on();
        }
        match self.frames.last() {
            None | Some(Frame::Callback) => Event::Idle,
            Some(Frame::Waiting { actor, seen: what }) => {
                let actor = *actor;
                seen.extend_from_slice(&what.fields);
                self.frames.pop();
                Event::Blocked(actor)
            }
            Some(Frame::Advancing { actor, target, last_arming }) => {
                let (actor, target, last_arming) = (*actor, *target, *last_arming);
                while self.queue.is_empty() {
                    let Some(due) = self.next_due(target, last_arming) else {
                        self.arrive(target);
                        self.frames.pop();
                        return Event::Ended(actor);
                    };
                    self.fire(due);
                }
                self.call_back(seen)
            }
            Some(Frame::Invoking { actor, .. }) => {
                let actor = *actor;
                match self.next_method(actor) {
                    Next::Method(index) => self.run_method(actor, index, seen),
                    Next::Done | Next::TooSmall => self.methods_have_run(seen),
                }
            }
            Some(Frame::Ending { delivers: true, .. }) if !self.queue.is_empty() => {
                self.call_back(seen)
            }
            Some(Frame::Ending { .. }) => self.end(seen),
        }
    }

    fn waits(&self) -> Vec<(Actor, Vec<Actor>)> {
        Model::waits(self)
    }

    fn answer(&mut self, answer: &Answer) {
        let frame = self.frames.pop();
        debug_assert_eq!(frame, Some(Frame::Callback), "an answer ends the innermost callback");
        self.answered(answer);
    }
}

impl Model {
    /// Ends the innermost operation.
    fn end(&mut self, seen: &mut Vec<Field>) -> Event {
        let Some(Frame::Ending { actor, seen: mut observation, .. }) = self.frames.pop() else {
            unreachable!("an operation is innermost");
        };
        if seen.is_empty() {
            std::mem::swap(seen, &mut observation.fields);
        } else {
            seen.append(&mut observation.fields);
        }
        self.spare.0 = observation.fields;
        Event::Ended(actor)
    }

    /// Goes on with the first call that need not wait any more.
    fn go_on(&mut self) {
        let mut seen = Observation::default();
        let invocations = self.invocations.len();
        if let Some((_, actor)) = self.resume(&mut seen) {
            let frame = self.frame(invocations, actor, seen, true);
            self.frames.push(frame);
        }
    }

    /// The frame of an operation that does not wait, begun when there were so many invocations.
    fn frame(&self, before: usize, actor: Actor, seen: Observation, delivers: bool) -> Frame {
        match before < self.invocations.len() {
            true => Frame::Invoking { actor, seen, delivers },
            false => Frame::Ending { actor, seen, delivers },
        }
    }

    /// Begins a call anew that waits under a ticket; false when it still has to.
    pub fn begin_again(&mut self, ticket: u32) -> bool {
        let mut seen = Observation::default();
        let invocations = self.invocations.len();
        let Some(actor) = self.resume_one(ticket, &mut seen) else { return false };
        let nested = self.frames.iter().any(|frame| matches!(frame, Frame::Callback));
        let frame = self.frame(invocations, actor, seen, !nested);
        self.frames.push(frame);
        true
    }

    fn call_back(&mut self, seen: &mut Vec<Field>) -> Event {
        let mut arguments = Observation::default();
        let (actor, event) = self.deliver(0, &mut arguments);
        self.frames.push(Frame::Callback);
        seen.append(&mut arguments.fields);
        Event::Callback { receiver: Some(actor), told: Told::Event(event.number()) }
    }

    fn run_method(&mut self, actor: Actor, index: u8, seen: &mut Vec<Field>) -> Event {
        let mut arguments = Observation::default();
        let receiver = self.start_method(actor, index, &mut arguments);
        self.frames.push(Frame::Callback);
        seen.append(&mut arguments.fields);
        Event::Callback { receiver: Some(receiver), told: Told::Method(index) }
    }

    /// No method is left: the call ends like any other.
    fn methods_have_run(&mut self, fields: &mut Vec<Field>) -> Event {
        let Some(Frame::Invoking { actor, mut seen, delivers }) = self.frames.pop() else {
            unreachable!("the frame was looked at");
        };
        self.end_invocation(actor, &mut seen);
        self.frames.push(Frame::Ending { actor, seen, delivers });
        match delivers && !self.queue.is_empty() {
            true => self.call_back(fields),
            false => self.end(fields),
        }
    }
}
