//! The callback for changes: its arguments, and what its answer does.

use crate::clause::{
    ClauseId, deregister_from_change_notification as deregister, event_callback as event,
    reference_handles as references, register_for_change_notification as c,
};
use crate::model::Model;
use crate::model::events::{Cause, Detail, PendingEvent, RunningCallback};
use crate::model::grounds::Grounds;
use crate::model::state::arena::{Index, NONE};
use crate::model::state::notification::{Announced, Aside, Why};
use crate::program::Actor;
use crate::vocabulary::constants::EventType;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Observation, Place, Value};

impl Announced {
    /// What makes the callback due.
    pub(in crate::model) fn grounds(&self) -> Grounds {
        // It may be silent whether a change that follows what emptied the set is announced.
        let silent = self.armed.0.clause().choice.is_some();
        let room = if silent { 2 } else { 3 };
        let mut needed: Vec<ClauseId> = self.why.0.clauses().take(room).collect();
        if silent {
            needed.insert(0, self.armed.0);
        }
        needed.push(c::CALLBACK_AT_LEAST_ONCE);
        Grounds::of(&needed)
    }
}

impl Model {
    /// The arguments of a callback for changes, with what decided them.
    pub(in crate::model) fn describe_change(
        &self,
        receiver: Index,
        announced: &Announced,
        out: &mut Observation,
    ) {
        let told = &self.entities[receiver];
        let listeners = &self.tables[told.table].notifications;
        let own = |g: &&Index| self.notifications[**g].owner == receiver;
        let several = 1 < listeners.iter().filter(own).count();
        let others = listeners.iter().any(|g| !own(&g));
        let handle = match self.oracle.takes(c::CALLBACK_REG_HANDLE_OF_THE_CHANGER) {
            true => self.another_client(receiver),
            false => self.entities.handle(receiver),
        };
        let reached = match others {
            true => c::CALLBACK_ALL_REGISTRANTS,
            false => c::CALLBACK_ONLY_REQUESTED,
        };
        let ended = told.ended.0.any;
        let grounds = Grounds::of(&[c::CALLBACK_REG_HANDLE, event::RECEIVER_HANDLE])
            .when(ended, c::CALLBACK_NONE_AFTER_DEREGISTER)
            .when(true, reached)
            .when(true, c::CALLBACK_USED);
        out.add(Place::RECEIVER, Value::Handle(HandleKind::Entity, handle), grounds);
        let number = EventType::ChangeNotification.number();
        out.number(Place::EVENT, number, self.why_called(receiver, announced));
        let oldest = listeners.iter().find(own).copied().unwrap_or(announced.index);
        let context1 = match self.oracle.takes(c::CALLBACK_CONTEXT1_OF_THE_OLDEST) {
            true => self.notifications.handle(oldest),
            false => announced.handle,
        };
        let grounds = Grounds::of(&[c::CALLBACK_CONTEXT1, event::CHANGE_CONTEXT1])
            .when(ended, crate::clause::deregister_from_change_notification::STOPS_NOTIFICATION)
            .when(several, c::CALLBACK_ONE_PER_REGISTRATION)
            .when(several, c::SEVERAL_REGISTRATIONS)
            .when(true, references::GENERAL_CALLBACK_NOTIFY);
        out.add(Place::CONTEXT1, Value::Handle(HandleKind::Notify, context1), grounds);
        let context2 = match self.oracle.takes(c::CONTEXT_RETURNED_NULL) {
            true => 0,
            false => announced.context,
        };
        let odd = context2 == 0 || u64::from(u32::MAX) < context2;
        let grounds = Grounds::of(&[c::CONTEXT_RETURNED, event::CHANGE_CONTEXT2])
            .when(odd, c::CONTEXT_OPAQUE)
            .when(several || odd, c::CALLBACK_ANNOUNCES_ONLY)
            .when(true, event::CHANGE_CARRIES_NO_DATA);
        out.number(Place::CONTEXT2, context2, grounds);
    }

    /// Some client of the table that is not the one told.
    fn another_client(&self, receiver: Index) -> Handle {
        let clients = &self.tables[self.entities[receiver].table].entities;
        let other = clients.iter().find(|client| **client != receiver);
        self.entities.handle(other.copied().unwrap_or(receiver))
    }

    /// Why a client is called back, and once.
    fn why_called(&self, receiver: Index, announced: &Announced) -> Grounds {
        let alive = self.notifications.contains(announced.index);
        let pending = alive.then(|| &self.notifications[announced.index].pending);
        let changes = pending.map_or(0, |pending| {
            pending.dests().take(2).filter_map(|d| pending.get(d)).map(|w| w.changes).sum::<u32>()
        });
        let elsewhere = self
            .queue
            .iter()
            .any(|e| e.receiver != receiver && e.event == EventType::ChangeNotification);
        let caused_by_other = self.entities[receiver].actor != self.actor;
        let nested = announced.nested.0;
        let first = announced.armed.0 == c::CALLBACK_USED;
        Grounds::NONE
            .when(1 < changes, c::CALLBACK_BATCHING)
            .when(nested, c::CALLBACK_OTHER_CALLS)
            .when(nested, c::CALLBACK_NO_LOCKS)
            .when(elsewhere, c::CALLBACK_ORDER_OF_CLIENTS)
            .when(!first, announced.armed.0)
            .and(&self.told_of(announced))
            .when(!first, c::CALLBACK_EVENT_TYPE)
            .when(first, c::CALLBACK_EVENT_VALUE)
            .when(caused_by_other, c::CALLBACK_THREAD)
    }

    /// Why the change was reported, in as few clauses as say it.
    fn told_of(&self, announced: &Announced) -> Vec<ClauseId> {
        announced.why.0.clauses().take(2).collect()
    }

    /// A callback for changes has returned.
    pub(in crate::model) fn change_answered(&mut self, announced: Announced, value: u32) {
        let index = announced.index;
        let drops = value != 0 && self.oracle.takes(c::CALLBACK_RETURN_IGNORED_DROPS);
        if !drops || self.notifications.find(announced.handle) != Some(index) {
            return;
        }
        let dests: Vec<Index> = self.notifications[index].pending.dests().collect();
        for dest in dests {
            self.no_longer_pending(index, dest);
        }
        self.settle_pending(index, c::CALLBACK_RETURN_IGNORED);
    }

    /// Begins a callback for changes that the model does not make itself: implementations may
    /// call back more than once for what they report, and on the way out of a registration.
    /// `leaving` tells that the registration is being ended. Gives the silent clause that allows
    /// it; nothing when none does.
    pub fn deliver_again(
        &mut self,
        actor: Actor,
        handle: Handle,
        (context, leaving): (u64, bool),
        out: &mut Observation,
    ) -> Option<ClauseId> {
        let called = |e: &Index| self.entities[*e].callback && self.entities[*e].actor == actor;
        let (receiver, index, context, allowed) = match self.notifications.find(handle) {
            Some(index) => {
                let g = &self.notifications[index];
                let clause = match g.pending.is_empty() {
                    true => c::CALLBACK_SPURIOUS,
                    false => c::CALLBACK_BATCHING,
                };
                let allowed = g.stirred && called(&g.owner);
                (g.owner, index, g.context, Some(clause).filter(|_| allowed))
            }
            None => {
                let mut clients = self.tables.iter().flat_map(|t| t.entities.iter());
                let client = clients.find(|e| called(e)).copied()?;
                let clause = Some(deregister::QUEUED_CALLBACK).filter(|_| leaving);
                (client, NONE, context, clause)
            }
        };
        let clause = allowed?;
        let (why, armed) = (Aside(Why::of(&[clause])), Aside(clause));
        let announced = Announced { index, handle, context, why, armed, nested: Aside(false) };
        self.describe_change(receiver, &announced, out);
        let detail = Detail::Change(announced);
        let cause = PendingEvent { receiver, event: EventType::ChangeNotification, detail };
        self.running.push(RunningCallback { cause: Cause::Event(cause), actor });
        Some(clause)
    }

    /// What forbids a callback for changes that nothing caused; `registration` is its Context1,
    /// if that is one that the client was given.
    pub fn why_no_change(&self, actor: Actor, registration: Option<Handle>) -> Grounds {
        let Some(handle) = registration else {
            return Grounds::of(&[c::CALLBACK_CONTEXT1, event::CHANGE_CONTEXT1]);
        };
        match self.notifications.find(handle) {
            None => {
                Grounds::of(&[deregister::STOPS_NOTIFICATION, c::CALLBACK_NONE_AFTER_DEREGISTER])
            }
            Some(index) if self.entities[self.notifications[index].owner].actor != actor => {
                Grounds::of(&[c::CALLBACK_REG_HANDLE, c::CALLBACK_ONLY_REQUESTED])
            }
            Some(index) => {
                let quiet = self.notifications[index].quiet.0;
                quiet.grounds().and(&[c::CALLBACK_ONLY_REQUESTED])
            }
        }
    }
}
