//! The calls that give everything back, in an order in which each of them is allowed.
//!
//! What is switched on goes first, because whoever holds a lock may make no other call; then what
//! structures and handles keep, then what is open, then a client's own objects, and last the
//! clients. One call gives back one thing: what a call with several of them does when one is
//! refused is not said.

use smallvec::smallvec;

use super::effect::{Effect, effect, taker};
use super::{Bundle, Held, Holdings, Made};
use crate::program::Actor;
use crate::program::resolve::NO_DEST;
use crate::vocabulary::argument::{ArgKind, ArgValue};
use crate::vocabulary::call::{Call, Function};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::structures::DestInfo;

/// Kinds of which a client holds one reference on a thing, which ends when it is given back.
const ENDING: [HandleKind; 3] = [HandleKind::Enum, HandleKind::RouteList, HandleKind::Notify];

/// The order in which a client's own objects are deleted: routes use next hops.
const OWN: [(HandleKind, Function); 2] = [
    (HandleKind::Route, Function::DeleteRouteToDest),
    (HandleKind::NextHop, Function::DeleteNextHop),
];

impl Holdings {
    /// The calls that give back all that is held, and who makes them. Nothing is held afterwards.
    pub fn give_back(&mut self) -> Vec<(Actor, Call)> {
        let mut calls = Vec::new();
        while let Some(made) = self.switched.pop() {
            let mut entries = self.entries_of(made.target);
            let held = |(held, count): (&Held, &i32)| held.client == made.client && 0 < *count;
            if made.target.is_null() || entries.any(held) {
                let actor = made.actor;
                calls.extend(made.switched_off().map(|call| (actor, call)));
            }
        }
        while let Some((bundle, values)) = self.structures.pop_first() {
            for value in values {
                if self.covers(&bundle) {
                    let call = call_of(bundle.back, bundle.client, bundle.notify, value);
                    calls.push((self.actor_of(bundle.client), call));
                }
            }
        }
        // What is left of a structure of changes has no call of its own, and stays.
        self.counts.retain(|held, count| held.notify.is_null() && 0 < *count);
        self.give_back_handles(&mut calls);
        for client in self.clients.iter().rev() {
            let call = Call::build(Function::DeregisterEntity, |_| ArgValue::Handle(client.handle));
            calls.push((client.actor, call));
        }
        self.clear();
        calls
    }

    fn give_back_handles(&mut self, calls: &mut Vec<(Actor, Call)>) {
        let mut give = |held: &Held, function: Function, value: ArgValue| {
            let call = call_of(function, held.client, Handle::NULL, value);
            calls.push((self.actor_of(held.client), call));
        };
        let counts = || self.counts.iter();
        for (held, count) in counts().filter(|(held, _)| !ENDING.contains(&held.kind)) {
            // Deletion uses up the last one.
            let kept = i32::from(self.own.contains(&(held.client, held.kind, held.handle)));
            for _ in kept..*count {
                give(held, taker(held.kind), alone(held.kind, held.handle));
            }
        }
        for kind in ENDING {
            for (held, _) in counts().filter(|(held, _)| held.kind == kind) {
                give(held, taker(kind), ArgValue::Handle(held.handle));
            }
        }
        for (kind, function) in OWN {
            let own = |held: &Held| self.own.contains(&(held.client, kind, held.handle));
            for (held, _) in counts().filter(|(held, _)| held.kind == kind && own(held)) {
                give(held, function, ArgValue::Handle(held.handle));
            }
        }
    }

    fn actor_of(&self, client: Handle) -> Actor {
        self.clients.iter().find(|other| other.handle == client).map_or(0, |other| other.actor)
    }

    /// Takes the handles of a structure off; whether all of them were held.
    fn covers(&mut self, bundle: &Bundle) -> bool {
        let Bundle { client, notify, .. } = *bundle;
        for (at, (kind, handle)) in bundle.handles.iter().enumerate() {
            let held = |kind, handle| Held { handle, kind, notify, client };
            match self.counts.get_mut(&held(*kind, *handle)) {
                Some(count) if 0 < *count => *count -= 1,
                _ => {
                    for (kind, handle) in &bundle.handles[..at] {
                        *self.counts.entry(held(*kind, *handle)).or_default() += 1;
                    }
                    return false;
                }
            }
        }
        true
    }
}

impl Made {
    /// The same call, with which off is switched what it switched on.
    fn switched_off(self) -> Option<Call> {
        let Effect::Switches(flag) = effect(self.function) else { return None };
        let (at, mut call) = self.function.parameter(flag).zip(self.call)?;
        call.argument_mut(at).put(ArgValue::Word(0));
        Some(call)
    }
}

/// One handle, as its taker wants it.
fn alone(kind: HandleKind, handle: Handle) -> ArgValue {
    match kind {
        HandleKind::Dest => ArgValue::Dests(Some(smallvec![DestInfo { dest: handle, ..NO_DEST }])),
        _ => ArgValue::Handles(Some(vec![handle])),
    }
}

/// A call that gives back one thing, or deletes it.
fn call_of(function: Function, client: Handle, notify: Handle, value: ArgValue) -> Call {
    let parameters = function.parameters();
    let place = match effect(function) {
        Effect::Deletes => 1,
        _ => parameters.len() - 1,
    };
    Call::build(function, |at| match parameters[at].kind {
        _ if at == 0 => ArgValue::Handle(client),
        _ if at == place => value.clone(),
        ArgKind::Handle => ArgValue::Handle(notify),
        ArgKind::NextHop => ArgValue::NextHop(None),
        ArgKind::OutWord => ArgValue::OutWord(true),
        // How many things the value has.
        _ => ArgValue::Word(1),
    })
}
