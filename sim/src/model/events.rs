//! Events: one queue for all of them, and the callbacks that run.
//!
//! An event is queued once its cause is visible. Who works the queue off, and when, is decided
//! outside: by the outermost call in the model's own runs, by what was seen in the acceptor's.

use super::Model;
use super::grounds::Grounds;
use super::references::Object;
use super::state::arena::Index;
use super::state::notification::Announced;
use crate::clause::{
    add_route_to_dest as add, block_methods, deregister_entity, event_callback as event,
    register_entity,
};
use crate::program::Actor;
use crate::vocabulary::callback::Answer;
use crate::vocabulary::constants::EventType;
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::EntityInfo;

/// What an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Detail {
    /// A client, and who it is: it may be gone when the event is delivered.
    Entity(Index, EntityInfo),
    /// A route, on which the receiver has been given a reference, and the number of its creation:
    /// its place may be used anew before the callback ends.
    Route(Index, u32),
    /// A registration for changes.
    Change(Announced),
}

/// An event that waits to be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PendingEvent {
    /// Whose callback is to be called.
    pub receiver: Index,
    /// Which event.
    pub event: EventType,
    /// What it is about.
    pub detail: Detail,
}

/// What a callback runs for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    /// An event.
    Event(PendingEvent),
    /// A method of `callee`, for a call that `invoker` made.
    Method {
        /// Who made the call.
        invoker: Actor,
        /// The client whose method it is.
        callee: Index,
    },
}

impl Cause {
    /// The event, if it is one.
    pub fn event(&self) -> Option<&PendingEvent> {
        match self {
            Cause::Event(event) => Some(event),
            Cause::Method { .. } => None,
        }
    }
}

/// A callback that has begun and not ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RunningCallback {
    /// What it was called for.
    pub cause: Cause,
    /// The actor that it runs for.
    pub actor: Actor,
}

impl RunningCallback {
    /// The client that is called.
    pub fn client(&self) -> Index {
        match self.cause {
            Cause::Event(event) => event.receiver,
            Cause::Method { callee, .. } => callee,
        }
    }
}

impl Model {
    /// Queues an entity event for every other client of the table that has a callback.
    pub(super) fn queue_entity_event(&mut self, about: Index, event: EventType) {
        let e = &self.entities[about];
        let (table, info) = (e.table, e.info);
        let mut receivers: Vec<Index> = self.tables[table].entities.clone();
        if self.oracle.takes(register_entity::REGISTERED_EVENT_SCOPE_ALL_TABLES) {
            receivers = self.tables.iter().flat_map(|t| t.entities.iter().copied()).collect();
        }
        if self.oracle.takes(register_entity::REGISTERED_EVENT_ORDER_NEWEST_FIRST) {
            receivers.reverse();
        }
        let not_self = !self.oracle.takes(register_entity::REGISTERED_EVENT_NOT_SELF_SELF_TOO);
        for receiver in receivers {
            if self.entities[receiver].callback && !(not_self && receiver == about) {
                // The client stays alive as long as an event tells of it.
                self.entities[about].ledger.structural += 1;
                let detail = Detail::Entity(about, info);
                self.queue.push_back(PendingEvent { receiver, event, detail });
            }
        }
    }

    /// Drops the events that wait for a client.
    pub(super) fn drop_events_for(&mut self, receiver: Index) {
        self.drop_events(|event| event.receiver == receiver);
    }

    /// Drops the events that wait to tell of the expiry of a route. Whether there were any.
    pub(super) fn drop_expiries_of(&mut self, route: Index) -> bool {
        self.drop_events(|event| matches!(event.detail, Detail::Route(about, _) if about == route))
    }

    fn drop_events(&mut self, is_dropped: impl Fn(&PendingEvent) -> bool) -> bool {
        if !self.queue.iter().any(&is_dropped) {
            return false;
        }
        let (dropped, kept): (Vec<_>, Vec<_>) = self.queue.drain(..).partition(is_dropped);
        self.queue.extend(kept);
        dropped.into_iter().for_each(|event| self.forget(event));
        true
    }

    /// Lets go of what an event kept alive.
    fn forget(&mut self, event: PendingEvent) {
        match event.detail {
            Detail::Entity(about, _) => self.unref_entity(about),
            Detail::Route(route, _) => {
                // A client may have given back more than it was told of.
                if self.held(event.receiver, Object::Route(route)) != 0 {
                    self.give_back(event.receiver, Object::Route(route), 1);
                }
                self.unref_route(route);
            }
            Detail::Change(_) => {}
        }
    }

    /// References of a client on an object that it has been given by events that still wait.
    pub(super) fn untold(&self, client: Index, object: Object) -> u32 {
        let tells = |e: &&PendingEvent| match e.detail {
            Detail::Route(route, _) => e.receiver == client && object == Object::Route(route),
            Detail::Entity(..) | Detail::Change(_) => false,
        };
        self.queue.iter().filter(tells).count() as u32
    }

    /// Events whose callbacks run, outermost first, each with the actor that is told.
    pub(super) fn events_running(&self) -> impl Iterator<Item = (Actor, &PendingEvent)> {
        self.running.iter().filter_map(|r| r.cause.event().map(|event| (r.actor, event)))
    }

    /// Events that wait, oldest first, each with the actor that is told.
    pub fn pending(&self) -> impl DoubleEndedIterator<Item = (Actor, PendingEvent)> + '_ {
        self.queue.iter().map(|e| (self.entities[e.receiver].actor, *e))
    }

    /// Delivers the event at place `at` of the queue: the callback has begun from now on, and
    /// `out` holds its arguments. Gives the actor that is told.
    ///
    /// # Panics
    /// When the queue is not that long.
    pub fn deliver(&mut self, at: usize, out: &mut Observation) -> (Actor, EventType) {
        let cause = self.queue.remove(at).expect("an event at this place");
        self.describe(&cause, out);
        if let Detail::Route(route, _) = cause.detail {
            // From now on the reference of the receiver keeps it.
            self.unref_route(route);
        }
        let actor = self.entities[cause.receiver].actor;
        self.running.push(RunningCallback { cause: Cause::Event(cause), actor });
        (actor, cause.event)
    }

    /// Ends the callback that began last.
    ///
    /// # Panics
    /// When none runs, or one of another kind.
    pub fn answered(&mut self, answer: &Answer) {
        let running = self.running.pop().expect("an answer follows a callback");
        self.leave_locks(&running);
        let (cause, value) = match (running.cause, answer) {
            (Cause::Event(cause), Answer::Event(value)) => (cause, *value),
            (Cause::Method { invoker, .. }, Answer::Method(output)) => {
                return self.method_ended(invoker, output);
            }
            (cause, answer) => panic!("{answer:?} is no answer to {cause:?}"),
        };
        self.note_answer(&cause, value);
        match cause.detail {
            Detail::Entity(about, _) => self.unref_entity(about),
            Detail::Route(route, creation) if self.is_same_route(route, creation) => {
                self.expiry_answered(cause.receiver, route, value);
            }
            // The route has gone within the callback, so the answer is about nothing.
            Detail::Route(..) => {}
            Detail::Change(announced) => self.change_answered(announced, value),
        }
    }

    /// Whether the route of this creation still lives, at this place.
    pub(super) fn is_same_route(&self, route: Index, creation: u32) -> bool {
        self.routes.contains(route) && self.routes[route].creation == creation
    }

    /// Remembers what an answer decides, or that it decides nothing.
    fn note_answer(&mut self, cause: &PendingEvent, value: u32) {
        let deletes = value == Status::ERROR_NOT_SUPPORTED.0;
        let (object, clause) = match cause.detail {
            Detail::Entity(..) | Detail::Change(_) => {
                (Object::Entity(cause.receiver), event::RETURN_IGNORED)
            }
            Detail::Route(route, _) if deletes => {
                (Object::Route(route), event::EXPIRED_NOT_SUPPORTED)
            }
            Detail::Route(route, _) => (Object::Route(route), event::EXPIRED_OTHER_RETURN),
        };
        let lives = match cause.detail {
            Detail::Entity(..) | Detail::Change(_) => value != 0,
            Detail::Route(route, creation) => {
                self.is_same_route(route, creation) && self.routes[route].is_listed()
            }
        };
        if lives {
            self.notes.add(object, clause);
        }
        if let (Detail::Route(..), true, false) = (cause.detail, lives, deletes) {
            self.notes.add(object, event::EXPIRED_HANDLE_OWNERSHIP);
        }
    }

    /// The arguments of a callback, with what decided them.
    fn describe(&self, cause: &PendingEvent, out: &mut Observation) {
        if let Detail::Change(announced) = cause.detail {
            return self.describe_change(cause.receiver, &announced, out);
        }
        let receiver = self.entities.handle(cause.receiver);
        let receiver = match (self.oracle.takes(event::RECEIVER_HANDLE_OF_THE_OTHER), cause.detail)
        {
            (true, Detail::Entity(about, _)) => self.entities.handle(about),
            _ => receiver,
        };
        let handle = Value::Handle(HandleKind::Entity, receiver);
        let told = told_because(cause.event).and(&[event::RECEIVER_HANDLE]);
        out.add(Place::RECEIVER, handle, told);
        let grounds = self
            .noted(Object::Entity(cause.receiver), &[event::RETURN_IGNORED], 1)
            .and(&[event::EVENT_NUMBERS, event::EVENT_MEANINGS])
            .when(true, event::ENTITY_EVENTS_UNCONDITIONAL)
            .needs(self.blocks_of(cause.receiver) != 0, block_methods::EVENTS_NOT_AFFECTED)
            .and(&[register_entity::CALLBACK_EVENTS]);
        out.number(Place::EVENT, cause.event.number(), grounds);
        if cause.event == EventType::RouteExpired {
            out.cite(Place::RECEIVER, add::EXPIRED_TO_OWNER);
            out.cite(Place::EVENT, add::TTL_MILLISECONDS);
            if let Detail::Route(route, _) = cause.detail {
                self.cite_committed_time(route, out);
            }
        }
        match cause.detail {
            Detail::Entity(about, info) => {
                let (first, second) = match cause.event {
                    EventType::EntityRegistered => {
                        (event::REGISTERED_CONTEXT1, event::REGISTERED_CONTEXT2)
                    }
                    _ => (event::DEREGISTERED_CONTEXT1, event::DEREGISTERED_CONTEXT2),
                };
                let handle = Value::Handle(HandleKind::Entity, self.entities.handle(about));
                let refused = self.notes.was_refused(self.entities[cause.receiver].table);
                let grounds = Grounds::of(&[first])
                    .when(refused, register_entity::FAILED_REGISTRATION_NO_EVENT);
                out.add(Place::CONTEXT1, handle, grounds);
                super::calls::info::entity_members(&info, Place::CONTEXT2, &[second], out);
            }
            Detail::Route(route, _) => {
                let handle = Value::Handle(HandleKind::Route, self.routes.handle(route));
                out.add(Place::CONTEXT1, handle, &[event::EXPIRED_CONTEXT1, add::EXPIRED_CONTEXTS]);
                let basis = &[event::EXPIRED_CONTEXT2, add::EXPIRED_CONTEXTS];
                out.add(Place::CONTEXT2, self.route_pointer(route), basis);
                self.borrowed_route_members(route, Place::CONTEXT2, basis, out);
            }
            Detail::Change(_) => {}
        }
    }
}

/// Why this client is told and no other.
fn told_because(event: EventType) -> Grounds {
    match event {
        EventType::EntityRegistered => Grounds::of(&[
            register_entity::REGISTERED_EVENT,
            register_entity::REGISTERED_EVENT_SCOPE,
            register_entity::REGISTERED_EVENT_NOT_SELF,
        ]),
        EventType::EntityDeregistered => Grounds::of(&[
            deregister_entity::DEREGISTERED_EVENT,
            deregister_entity::DEREGISTERED_EVENT_SCOPE,
            deregister_entity::NO_CALLBACK_AFTER_RETURN,
        ]),
        EventType::RouteExpired => Grounds::of(&[event::EXPIRED_RECIPIENT, add::EXPIRED_CALLBACK]),
        EventType::ChangeNotification => Grounds::of(&[event::EVENT_MEANINGS]),
    }
}

impl PendingEvent {
    /// What makes the event happen.
    pub fn grounds(&self) -> Grounds {
        match (self.event, self.detail) {
            (_, Detail::Change(announced)) => announced.grounds(),
            (EventType::EntityRegistered, _) => Grounds::of(&[register_entity::REGISTERED_EVENT]),
            (EventType::EntityDeregistered, _) => {
                Grounds::of(&[deregister_entity::DEREGISTERED_EVENT])
            }
            (EventType::RouteExpired, _) => Grounds::of(&[add::EXPIRED_CALLBACK]),
            (EventType::ChangeNotification, _) => Grounds::of(&[event::EVENT_MEANINGS]),
        }
    }
}
