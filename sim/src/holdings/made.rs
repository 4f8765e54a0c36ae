//! What is kept of a call until it has ended, and the handles that its arguments name.

use super::effect::{Effect, effect};
use super::{Handles, Made};
use crate::program::Actor;
use crate::vocabulary::argument::{ArgKind, ArgRef, ArgValue, Parameter};
use crate::vocabulary::call::{Call, Function};
use crate::vocabulary::constants::INFINITE;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::structures::{DestInfo, NextHopInfo, RouteInfo};

impl Made {
    /// What is kept of this call.
    pub(super) fn new(actor: Actor, call: &Call) -> Made {
        let function = call.function();
        let parameters = function.parameters();
        let handle = |at: usize| match parameters.get(at).map(|_| call.argument(at)) {
            Some(ArgRef::Handle(handle)) => *handle,
            _ => Handle::NULL,
        };
        let slot = parameters.iter().position(|p| p.kind == ArgKind::Slot);
        let slot = slot.and_then(|at| match call.argument(at) {
            ArgRef::Slot(slot) => *slot,
            _ => None,
        });
        let effect = effect(function);
        let lives = matches!(effect, Effect::Adds | Effect::SwitchesOff(_));
        let life = function.parameter("TimeToLive").filter(|_| lives);
        let mortal = life.is_some_and(|at| call.argument(at) != ArgRef::Word(&INFINITE));
        let needed = matches!(effect, Effect::GivesBack | Effect::Counts | Effect::Switches(_));
        let (client, target, call) = (handle(0), handle(1), needed.then(|| call.clone()));
        Made { actor, function, client, target, slot, mortal, call }
    }

    /// Whether the argument of this name is a number other than 0.
    pub(super) fn is_set(&self, name: &str) -> bool {
        let Some((at, call)) = self.function.parameter(name).zip(self.call.as_ref()) else {
            return false;
        };
        matches!(call.argument(at), ArgRef::Word(word) if *word != 0)
    }

    pub(super) fn switches_the_same(&self, other: &Made) -> bool {
        let key = |made: &Made| (made.client, made.function, made.target);
        key(self) == key(other)
    }

    /// The registration for changes under which `back` takes back what this call handed out or
    /// gives back; NULL for functions that know of none.
    pub(super) fn notify_under(&self, back: Function) -> Handle {
        let under = |p: &Parameter| p.of == Some(HandleKind::Notify);
        match back.parameters().iter().rev().skip(1).any(under) {
            true => self.target,
            false => Handle::NULL,
        }
    }

    /// What the last argument names, element by element: the handles of a structure, or one
    /// handle. At most as many elements as the call counts.
    pub(super) fn each_element(&self, mut see: impl FnMut(Handles)) {
        let Some(call) = &self.call else { return };
        let parameters = self.function.parameters();
        let Some(last) = parameters.last() else { return };
        let counted = parameters.iter().position(|p| p.name.starts_with("Num"));
        let count = counted.map_or(1, |at| match call.argument(at) {
            ArgRef::Word(count) => *count as usize,
            _ => 1,
        });
        let of = last.of.unwrap_or(HandleKind::Entity);
        let one = |handle: Handle| without_null([(of, handle)].into_iter());
        match call.argument(parameters.len() - 1) {
            ArgRef::Handle(handle) => see(one(*handle)),
            ArgRef::Handles(Some(handles)) => {
                handles.iter().take(count).for_each(|handle| see(one(*handle)));
            }
            ArgRef::Dests(Some(dests)) => {
                dests.iter().take(count).for_each(|dest| see(of_dest(dest)));
            }
            ArgRef::Route(Some(route)) => see(of_route(route)),
            ArgRef::NextHop(Some(hop)) => see(of_next_hop(hop)),
            ArgRef::Entity(Some(_)) => see(Handles::new()),
            _ => {}
        }
    }

    /// Whether the last argument is this structure, and no other beside it.
    pub(super) fn names(&self, value: &ArgValue) -> bool {
        let last = self.function.parameters().len() - 1;
        match (self.call.as_ref().map(|call| call.argument(last)), value) {
            (Some(ArgRef::Entity(given)), ArgValue::Entity(kept)) => given == kept,
            (Some(ArgRef::Route(given)), ArgValue::Route(kept)) => given == kept,
            (Some(ArgRef::NextHop(given)), ArgValue::NextHop(kept)) => given == kept,
            (Some(ArgRef::Dests(given)), ArgValue::Dests(kept)) => given == kept,
            _ => false,
        }
    }
}

/// The handles of a structure.
pub(super) fn of_structure(value: &ArgValue) -> Handles {
    match value {
        ArgValue::Dests(Some(dests)) => dests.iter().flat_map(of_dest).collect(),
        ArgValue::Route(Some(route)) => of_route(route),
        ArgValue::NextHop(Some(hop)) => of_next_hop(hop),
        _ => Handles::new(),
    }
}

fn of_dest(dest: &DestInfo) -> Handles {
    let views = dest.views.iter().flat_map(|view| {
        [
            (HandleKind::Route, view.route),
            (HandleKind::Entity, view.owner),
            (HandleKind::Route, view.hold_route),
        ]
    });
    without_null([(HandleKind::Dest, dest.dest)].into_iter().chain(views))
}

fn of_route(route: &RouteInfo) -> Handles {
    let hops = [route.neighbour].into_iter().chain(route.next_hops.iter().copied());
    let hops = hops.map(|hop| (HandleKind::NextHop, hop));
    let named = [(HandleKind::Dest, route.dest), (HandleKind::Entity, route.owner)];
    without_null(named.into_iter().chain(hops))
}

fn of_next_hop(hop: &NextHopInfo) -> Handles {
    let named = [(HandleKind::Entity, hop.owner), (HandleKind::Dest, hop.remote_next_hop)];
    without_null(named.into_iter())
}

fn without_null(handles: impl Iterator<Item = (HandleKind, Handle)>) -> Handles {
    handles.filter(|(_, handle)| !handle.is_null()).collect()
}
