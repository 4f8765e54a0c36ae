//! Booking a call: what it took away, and what it handed out.

use super::effect::{Effect, effect};
use super::{Bundle, Client, Held, Holdings, Made};
use crate::program::Actor;
use crate::program::resolve::{Members, structure};
use crate::vocabulary::argument::{ArgKind, ArgValue, Parameter};
use crate::vocabulary::call::Function;
use crate::vocabulary::constants::INFINITE;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{self, Field, Member, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::DestInfo;

impl Holdings {
    /// A registration has ended, perhaps well.
    pub(super) fn registered(&mut self, made: &Made, status: Status, seen: &[Field]) {
        let slot = made.arguments.len() - 1;
        let handle = observation::handle_at(seen, Place::output(slot as u8));
        let known = self.clients.iter().any(|client| client.handle == handle);
        if status == Status::NO_ERROR && !handle.is_null() && !known {
            self.clients.push(Client { handle, actor: made.actor });
        }
    }

    /// Books what a call took away, or switched, or made.
    pub(super) fn take_from(&mut self, client: Handle, made: &Made, ok: bool, seen: &[Field]) {
        match effect(made.function) {
            Effect::None | Effect::Registers | Effect::Fills(_) => {}
            Effect::GivesBack => self.gives_back(client, made, ok),
            Effect::Deletes => self.deletes(client, made, ok),
            // What failed has done nothing.
            _ if !ok => {}
            Effect::Deregisters => self.leaves(client),
            Effect::Counts => self.counts_again(client, made),
            Effect::Adds => self.adds(client, made, seen),
            Effect::Switches(flag) if made.word(flag) != 0 => {
                let known = self.switched.iter().any(|other| other.switches_the_same(made));
                if !known {
                    self.switched.push(made.clone());
                }
            }
            Effect::Switches(_) => self.switched_off(client, made.function, made.target()),
            Effect::SwitchesOff(function) => {
                self.switched_off(client, function, made.target());
                self.lives(client, made, Some((HandleKind::Route, made.target())));
            }
        }
    }

    /// Books what a call handed out.
    pub(super) fn hand_out(&mut self, client: Handle, made: &Made, seen: &[Field]) {
        let parameters = made.function.parameters();
        let parts =
            |a: &Field, b: &Field| (a.place.slot, a.place.index) == (b.place.slot, b.place.index);
        for fields in seen.chunk_by(parts) {
            let slot = usize::from(fields[0].place.slot);
            let Some(parameter) = parameters.get(slot) else { continue };
            match (parameter.kind, fields[0].value) {
                // Clause: RtmReferenceHandles.general-update-given-handle.
                (ArgKind::Slot, Value::Handle(kind, handle))
                    if made.arguments[slot] == ArgValue::Slot(Some(Handle::NULL)) =>
                {
                    self.add(client, Handle::NULL, (kind, handle), 1);
                }
                (ArgKind::OutHandle | ArgKind::OutHandles, Value::Handle(kind, handle)) => {
                    self.add(client, Handle::NULL, (kind, handle), 1);
                }
                (ArgKind::Out | ArgKind::RouteSlot, _) => self.fills(client, made, fields),
                _ => {}
            }
        }
    }

    /// A call filled a structure with these fields.
    fn fills(&mut self, client: Handle, made: &Made, fields: &[Field]) {
        let Effect::Fills(back) = effect(made.function) else { return };
        let kind = back.parameters().last().map(|p| p.kind);
        let Some(value) = kind.and_then(|kind| structure(kind, fields)) else { return };
        // An implementation may leave memory as it was; what is left there is no structure.
        let known = match &value {
            ArgValue::Entity(_) => {
                let number = |f: &Field| matches!(f.value, Value::Number(_));
                fields.iter().any(|f| f.place.member == Member::AddressFamily && number(f))
            }
            ArgValue::Dests(Some(dests)) => dests.iter().all(|dest| !dest.dest.is_null()),
            value => !elements(value, 1)[0].is_empty(),
        };
        if !known {
            return;
        }
        let handles = elements(&value, 1).swap_remove(0);
        let notify = made.notify_under(back);
        for handle in &handles {
            self.add(client, notify, *handle, 1);
        }
        self.structures.entry(Bundle { client, back, notify, handles }).or_default().push(value);
    }

    /// Adds references of a client; for NULL nothing.
    fn add(&mut self, client: Handle, notify: Handle, what: (HandleKind, Handle), count: i32) {
        let (kind, handle) = what;
        if !handle.is_null() {
            *self.counts.entry(Held { handle, kind, notify, client }).or_default() += count;
        }
    }

    /// Adds references on the object that a callback names.
    pub(super) fn add_from_callback(&mut self, count: i32, seen: &[Field]) {
        let client = observation::handle_at(seen, Place::RECEIVER);
        let known = self.clients.iter().any(|other| other.handle == client);
        if let (true, Some(Value::Handle(kind, handle))) =
            (known, observation::find(seen, Place::CONTEXT1))
        {
            self.add(client, Handle::NULL, (kind, handle), count);
        }
    }

    /// What a call that gives back names is gone, whatever it answered: how much of it a failing
    /// call has taken is not said.
    fn gives_back(&mut self, client: Handle, made: &Made, ok: bool) {
        let Some(value) = made.arguments.last() else { return };
        let notify = made.notify_under(made.function);
        let of = made.function.parameters().last().and_then(|p| p.of);
        let counted = made.function.parameters().iter().position(|p| p.name.starts_with("Num"));
        let count = counted.map_or(1, |at| match made.arguments[at] {
            ArgValue::Word(count) => count as usize,
            _ => 1,
        });
        for handles in elements_of(value, of, count) {
            for what in &handles {
                self.remove(client, notify, *what, ok);
            }
            if of.is_some() {
                continue;
            }
            let bundle = Bundle { client, back: made.function, notify, handles };
            if let Some(values) = self.structures.get_mut(&bundle) {
                let at = values.iter().position(|other| other == value);
                values.swap_remove(at.unwrap_or(0));
                if values.is_empty() {
                    self.structures.remove(&bundle);
                }
            }
        }
        if let (true, Some(HandleKind::Notify), ArgValue::Handle(ended)) = (ok, of, value) {
            // Clause: RtmDeregisterFromChangeNotification.structures-outstanding.
            let under = self.counts.iter_mut().filter(|(held, _)| held.notify == *ended);
            for (_, count) in under {
                self.forgotten += u32::from(0 < *count);
                *count = 0;
            }
        }
    }

    /// Takes one reference off.
    fn remove(&mut self, client: Handle, notify: Handle, what: (HandleKind, Handle), ok: bool) {
        let (kind, handle) = what;
        let held = Held { handle, kind, notify, client };
        match self.counts.get_mut(&held) {
            Some(count) if 0 < *count => {
                *count -= 1;
                self.forgotten += u32::from(!ok);
            }
            // It has taken a reference, and nobody knows whose.
            // Clause: RtmReferenceHandles.general-release-needs-reference.
            _ if ok => {
                for (_, count) in self.counts.iter_mut().filter(|(h, _)| h.handle == handle) {
                    self.forgotten += u32::from(0 < *count);
                    *count = (*count).min(0);
                }
            }
            _ => {}
        }
    }

    fn deletes(&mut self, client: Handle, made: &Made, ok: bool) {
        let handle = made.target();
        let Some(kind) = made.function.parameters()[1].of else { return };
        if handle.is_null() {
            // One of them is gone. Its handles stay.
            // Clause: RtmDeleteNextHop.by-info-no-handle-released.
            self.own.retain(|(owner, other, _)| !ok || (*owner, *other) != (client, kind));
            return;
        }
        self.own.remove(&(client, kind, handle));
        self.remove(client, Handle::NULL, (kind, handle), ok);
        let held = Held { handle, kind, notify: Handle::NULL, client };
        // Clause: RtmReferenceHandles.general-delete-consumes-one.
        if let Some(count) = self.counts.get_mut(&held).filter(|count| ok && 0 < **count) {
            *count = 0;
            self.forgotten += 1;
        }
    }

    fn leaves(&mut self, client: Handle) {
        self.clients.retain(|other| other.handle != client);
        self.counts.retain(|held, _| held.client != client);
        self.structures.retain(|bundle, _| bundle.client != client);
        self.switched.retain(|made| made.client() != client);
        self.own.retain(|(owner, _, _)| *owner != client);
    }

    fn counts_again(&mut self, client: Handle, made: &Made) {
        let Some(ArgValue::Handles(Some(handles))) = made.arguments.last() else { return };
        let Some(ArgValue::Word(count)) = made.arguments.get(1) else { return };
        let mut handles: Vec<Handle> = handles.iter().take(*count as usize).copied().collect();
        let all = handles.len();
        handles.sort_unstable();
        handles.dedup();
        // Clause: RtmReferenceHandles.duplicate-elements.
        self.forgotten += (all - handles.len()) as u32;
        for handle in handles {
            match self.kind_of(handle) {
                Some(kind) => self.add(client, Handle::NULL, (kind, handle), 1),
                None => self.forgotten += 1,
            }
        }
    }

    /// The kind that a handle was shown as; `None` when it was not, or as two.
    fn kind_of(&self, handle: Handle) -> Option<HandleKind> {
        let mut kinds = self.entries_of(handle).map(|(held, _)| held.kind);
        let first = kinds.next()?;
        kinds.all(|other| other == first).then_some(first)
    }

    fn adds(&mut self, client: Handle, made: &Made, seen: &[Field]) {
        let parameters = made.function.parameters();
        let Some(slot) = parameters.iter().position(|p| p.kind == ArgKind::Slot) else { return };
        let given = match made.arguments[slot] {
            ArgValue::Slot(Some(handle)) if !handle.is_null() => handle,
            _ => observation::handle_at(seen, Place::output(slot as u8)),
        };
        let kind = parameters[slot].of.filter(|_| !given.is_null());
        self.lives(client, made, kind.map(|kind| (kind, given)));
    }

    /// An object of a client's own has been made or updated, perhaps one without a known handle.
    fn lives(&mut self, client: Handle, made: &Made, object: Option<(HandleKind, Handle)>) {
        let life = made.function.parameter("TimeToLive").map(|at| &made.arguments[at]);
        let for_ever = life.is_none_or(|life| *life == ArgValue::Word(INFINITE));
        match object {
            Some((kind, handle)) if for_ever => {
                self.own.insert((client, kind, handle));
            }
            Some((kind, handle)) => {
                self.own.remove(&(client, kind, handle));
            }
            None if for_ever => {}
            // It may be any of the routes that were there.
            None => {
                self.own.retain(|(owner, kind, _)| (*owner, *kind) != (client, HandleKind::Route))
            }
        }
    }

    /// What `function` had switched on for `target` is off.
    fn switched_off(&mut self, client: Handle, function: Function, target: Handle) {
        let own = |made: &Made| made.client() == client;
        let same = |made: &Made| own(made) && (made.function, made.target()) == (function, target);
        match self.switched.iter().position(same) {
            Some(at) => {
                self.switched.remove(at);
            }
            None if target.is_null() => {}
            // A lock has been given back through another handle, and nobody knows which.
            // Clause: RtmLockRoute.unlock-through-other-call.
            None => {
                let before = self.switched.len();
                self.switched.retain(|made| !own(made) || made.target().is_null());
                self.forgotten += (before - self.switched.len()) as u32;
            }
        }
    }

    /// A route was edited in place: each next hop that was written takes over a reference that
    /// its owner has counted for it, or will. What stood there before gives one back, and what that
    /// was nobody knows.
    // Clause: RtmReferenceHandles.in-place-added-next-hop.
    pub(super) fn edited(&mut self, actor: Actor, members: &Members) {
        let clients: Vec<Handle> =
            self.clients.iter().filter(|c| c.actor == actor).map(|c| c.handle).collect();
        for (member, _, value) in members {
            let (Member::NextHops | Member::Neighbour, Value::Handle(_, hop)) = (member, value)
            else {
                continue;
            };
            for client in &clients {
                self.add(*client, Handle::NULL, (HandleKind::NextHop, *hop), -1);
            }
            self.forgotten += 1;
        }
    }
}

impl Made {
    /// The registration that the call was made with.
    pub(super) fn client(&self) -> Handle {
        self.handle(0)
    }

    /// The handle behind the registration.
    pub(super) fn target(&self) -> Handle {
        self.handle(1)
    }

    fn handle(&self, at: usize) -> Handle {
        match self.arguments.get(at) {
            Some(ArgValue::Handle(handle)) => *handle,
            _ => Handle::NULL,
        }
    }

    fn word(&self, name: &str) -> u32 {
        match self.function.parameter(name).map(|at| &self.arguments[at]) {
            Some(ArgValue::Word(word)) => *word,
            _ => 0,
        }
    }

    fn switches_the_same(&self, other: &Made) -> bool {
        let key = |made: &Made| (made.client(), made.function, made.target());
        key(self) == key(other)
    }

    /// The registration for changes under which `back` takes back what this call handed out or
    /// gives back; NULL for functions that know of none.
    fn notify_under(&self, back: Function) -> Handle {
        let under = |p: &Parameter| p.of == Some(HandleKind::Notify);
        match back.parameters().iter().rev().skip(1).any(under) {
            true => self.target(),
            false => Handle::NULL,
        }
    }
}

/// The handles of each structure of an argument, at most `count` structures.
fn elements(value: &ArgValue, count: usize) -> Vec<Vec<(HandleKind, Handle)>> {
    elements_of(value, None, count)
}

/// What an argument names, at most `count` elements of it: handles of kind `of`, one each, or the
/// handles of each structure. NULL is left out.
fn elements_of(
    value: &ArgValue,
    of: Option<HandleKind>,
    count: usize,
) -> Vec<Vec<(HandleKind, Handle)>> {
    use HandleKind as K;
    let of = of.unwrap_or(K::Entity);
    let all = match value {
        ArgValue::Handle(handle) => vec![vec![(of, *handle)]],
        ArgValue::Handles(Some(handles)) => {
            handles.iter().take(count).map(|handle| vec![(of, *handle)]).collect()
        }
        ArgValue::Dests(Some(dests)) => dests.iter().take(count).map(dest_handles).collect(),
        ArgValue::Route(Some(route)) => {
            let hops = [route.neighbour].into_iter().chain(route.next_hops.iter().copied());
            let named = [(K::Dest, route.dest), (K::Entity, route.owner)].into_iter();
            vec![named.chain(hops.map(|hop| (K::NextHop, hop))).collect()]
        }
        ArgValue::NextHop(Some(hop)) => {
            vec![vec![(K::Entity, hop.owner), (K::Dest, hop.remote_next_hop)]]
        }
        ArgValue::Entity(Some(_)) => vec![Vec::new()],
        _ => Vec::new(),
    };
    let without_null = |mut handles: Vec<(HandleKind, Handle)>| {
        handles.retain(|(_, handle)| !handle.is_null());
        handles
    };
    all.into_iter().map(without_null).collect()
}

fn dest_handles(dest: &DestInfo) -> Vec<(HandleKind, Handle)> {
    let views = dest.views.iter().flat_map(|view| {
        [
            (HandleKind::Route, view.route),
            (HandleKind::Entity, view.owner),
            (HandleKind::Route, view.hold_route),
        ]
    });
    [(HandleKind::Dest, dest.dest)].into_iter().chain(views).collect()
}
