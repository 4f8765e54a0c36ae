//! What clients hold: the handles and structures that calls handed out and nobody gave back.
//!
//! Fed with every call of a run as it begins and ends, it can tell at the end which calls give
//! everything back; see [`Holdings::give_back`]. It knows the interface and no implementation of
//! it.
//!
//! Invariant: what it holds a client to hold, the client holds, whatever an implementation does
//! where the documentation is silent. Where that leaves open whether a reference is still there,
//! it is taken to be gone: what is kept leaks, what is released once too often may end the
//! process. [`Holdings::forgotten`] counts how often that was so.
//!
//! Not here: what a handle refers to. Two values are two things, even if they name one object.

mod effect;

mod made;

mod booking;

mod giving;

use std::collections::{BTreeMap, BTreeSet};

use smallvec::SmallVec;

use crate::engine::Operation;
use crate::program::{Actor, Structure};
use crate::vocabulary::argument::ArgValue;
use crate::vocabulary::call::{Call, Function};
use crate::vocabulary::constants::EventType;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{self, Field, Place};
use crate::vocabulary::status::Status;
use effect::concerns;

/// References of one client on one handle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Held {
    handle: Handle,
    kind: HandleKind,
    /// The registration for changes that they were delivered under; NULL for all others.
    notify: Handle,
    client: Handle,
}

/// The handles of one structure, in their order; NULL is left out.
type Handles = SmallVec<[(HandleKind, Handle); 8]>;

/// A structure that goes back as one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Bundle {
    client: Handle,
    /// The function that takes it back.
    back: Function,
    notify: Handle,
    handles: Handles,
}

/// A registered client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Client {
    handle: Handle,
    actor: Actor,
}

/// What is kept of a call until it has ended.
#[derive(Clone, PartialEq, Debug)]
struct Made {
    actor: Actor,
    function: Function,
    /// The registration that it was made with.
    client: Handle,
    /// The handle behind the registration, NULL if none stands there.
    target: Handle,
    /// What was in its slot, if it has one.
    slot: Option<Handle>,
    /// Whether it gave a route a life that ends.
    mortal: bool,
    /// The call itself, where more of it is needed.
    call: Option<Call>,
}

/// What the clients of a run hold.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Holdings {
    /// In the order of their registration.
    clients: Vec<Client>,
    /// An entry stays when nothing is left. A count is below zero while a route that was edited
    /// in place has been given a reference that is still to be taken.
    counts: BTreeMap<Held, i32>,
    structures: BTreeMap<Bundle, SmallVec<[ArgValue; 1]>>,
    /// Calls that switched something on, oldest first.
    switched: Vec<Made>,
    /// Objects of a client's own that have not been deleted and cannot have expired.
    own: BTreeSet<(Handle, HandleKind, Handle)>,
    /// Operations that have begun and not ended; those that need no look as `None`.
    begun: Vec<(Actor, Option<Made>)>,
    forgotten: u32,
}

impl Holdings {
    /// Nothing is held.
    pub fn clear(&mut self) {
        self.clients.clear();
        self.counts.clear();
        self.structures.clear();
        self.switched.clear();
        self.own.clear();
        self.begun.clear();
        self.forgotten = 0;
    }

    /// How often a reference or a lock was taken to be gone because nobody can know whether it is.
    pub fn forgotten(&self) -> u32 {
        self.forgotten
    }

    /// An operation begins.
    pub fn begins(&mut self, actor: Actor, operation: &Operation) {
        let made = match operation {
            Operation::Call(call) if concerns(call.function()) => Some(Made::new(actor, call)),
            Operation::Write { structure: Structure::Route, members, .. } => {
                self.edited(actor, members);
                None
            }
            _ => None,
        };
        self.begun.push((actor, made));
    }

    /// The operation that this actor began last and that has not ended has ended.
    pub fn ended(&mut self, actor: Actor, seen: &[Field]) {
        let Some(at) = self.begun.iter().rposition(|(other, _)| *other == actor) else { return };
        let Some(made) = self.begun.remove(at).1 else { return };
        // A call that showed no status was not made.
        let Some(status) = observation::number_at(seen, Place::STATUS) else { return };
        let status = Status(u32::try_from(status).unwrap_or(u32::MAX));
        if made.function == Function::RegisterEntity {
            return self.registered(&made, status, seen);
        }
        if !self.clients.iter().any(|other| other.handle == made.client) {
            return;
        }
        self.take_from(&made, status == Status::NO_ERROR, seen);
        // Clause: RtmGetRegisteredEntities.insufficient-references.
        if matches!(
            status,
            Status::NO_ERROR | Status::ERROR_NO_MORE_ITEMS | Status::ERROR_INSUFFICIENT_BUFFER
        ) {
            self.hand_out(&made, seen);
        }
    }

    /// A callback begins.
    pub fn called_back(&mut self, event: u32, seen: &[Field]) {
        let count = i32::from(event == EventType::RouteExpired.number());
        self.add_from_callback(count, seen);
    }

    /// A callback has returned `value`.
    pub fn answered(&mut self, event: u32, seen: &[Field], value: u32) {
        // Clause: RTM_EVENT_CALLBACK.expired-handle-ownership.
        if event == EventType::RouteExpired.number() && value == Status::ERROR_NOT_SUPPORTED.0 {
            self.add_from_callback(-1, seen);
        }
    }

    /// What anybody holds, or has held, of a handle.
    fn entries_of(&self, handle: Handle) -> impl Iterator<Item = (&Held, &i32)> {
        let [kind, ..] = HandleKind::ALL;
        let first = Held { handle, kind, notify: Handle::NULL, client: Handle::NULL };
        self.counts.range(first..).take_while(move |(held, _)| held.handle == handle)
    }
}
