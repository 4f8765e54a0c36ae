//! Booking a call: what it took away, and what it handed out.

use super::effect::{Effect, effect};
use super::made::of_structure;
use super::{Bundle, Client, Held, Holdings, Made};
use crate::program::Actor;
use crate::program::resolve::{Members, structure};
use crate::vocabulary::argument::{ArgKind, ArgValue};
use crate::vocabulary::call::Function;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{self, Field, Member, Place, Value};
use crate::vocabulary::status::Status;

impl Holdings {
    /// A registration has ended, perhaps well.
    pub(super) fn registered(&mut self, made: &Made, status: Status, seen: &[Field]) {
        let slot = made.function.parameters().len() - 1;
        let handle = observation::handle_at(seen, Place::output(slot as u8));
        let known = self.clients.iter().any(|client| client.handle == handle);
        if status == Status::NO_ERROR && !handle.is_null() && !known {
            self.clients.push(Client { handle, actor: made.actor });
        }
    }

    /// Books what a call took away, or switched, or made.
    pub(super) fn take_from(&mut self, made: &Made, ok: bool, seen: &[Field]) {
        match effect(made.function) {
            Effect::None | Effect::Registers | Effect::Fills(_) => {}
            Effect::GivesBack => self.gives_back(made, ok),
            Effect::Deletes => self.deletes(made, ok),
            // What failed has done nothing.
            _ if !ok => {}
            Effect::Deregisters => self.leaves(made.client),
            Effect::Counts => self.counts_again(made),
            Effect::Adds => self.adds(made, seen),
            Effect::Switches(flag) if made.is_set(flag) => {
                if !self.switched.iter().any(|other| other.switches_the_same(made)) {
                    self.switched.push(made.clone());
                }
            }
            Effect::Switches(_) => self.switched_off(made, made.function),
            Effect::SwitchesOff(function) => {
                self.switched_off(made, function);
                self.lives(made, Some((HandleKind::Route, made.target)));
            }
        }
    }

    /// Books what a call handed out.
    pub(super) fn hand_out(&mut self, made: &Made, seen: &[Field]) {
        let parameters = made.function.parameters();
        let parts =
            |a: &Field, b: &Field| (a.place.slot, a.place.index) == (b.place.slot, b.place.index);
        for fields in seen.chunk_by(parts) {
            let Some(parameter) = parameters.get(usize::from(fields[0].place.slot)) else {
                continue;
            };
            match (parameter.kind, fields[0].value) {
                // Clause: RtmReferenceHandles.general-update-given-handle.
                (ArgKind::Slot, Value::Handle(kind, handle)) if made.slot == Some(Handle::NULL) => {
                    self.add(made.client, Handle::NULL, (kind, handle), 1);
                }
                (ArgKind::OutHandle | ArgKind::OutHandles, Value::Handle(kind, handle)) => {
                    self.add(made.client, Handle::NULL, (kind, handle), 1);
                }
                (ArgKind::Out | ArgKind::RouteSlot, _) => self.fills(made, fields),
                _ => {}
            }
        }
    }

    /// A call filled a structure with these fields.
    fn fills(&mut self, made: &Made, fields: &[Field]) {
        let Effect::Fills(back) = effect(made.function) else { return };
        let kind = back.parameters().last().map(|p| p.kind);
        let Some(value) = kind.and_then(|kind| structure(kind, fields)) else { return };
        let handles = of_structure(&value);
        // An implementation may leave memory as it was; what is left there is no structure.
        let known = match &value {
            ArgValue::Entity(_) => {
                let number = |f: &Field| matches!(f.value, Value::Number(_));
                fields.iter().any(|f| f.place.member == Member::AddressFamily && number(f))
            }
            ArgValue::Dests(_) => {
                handles.first().is_some_and(|(kind, _)| *kind == HandleKind::Dest)
            }
            _ => !handles.is_empty(),
        };
        if !known {
            return;
        }
        let (client, notify) = (made.client, made.notify_under(back));
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
    fn gives_back(&mut self, made: &Made, ok: bool) {
        let (client, back) = (made.client, made.function);
        let notify = made.notify_under(back);
        let of = back.parameters().last().and_then(|p| p.of);
        made.each_element(|handles| {
            for what in &handles {
                self.remove(client, notify, *what, ok);
            }
            if of.is_none() {
                self.drop_structure(made, Bundle { client, back, notify, handles });
            }
        });
        if ok && of == Some(HandleKind::Notify) {
            // Clause: RtmDeregisterFromChangeNotification.structures-outstanding.
            for (_, count) in self.counts.iter_mut().filter(|(h, _)| h.notify == made.target) {
                self.forgotten += u32::from(0 < *count);
                *count = 0;
            }
        }
    }

    /// One structure with these handles is gone, the very one that was given back if it is there.
    fn drop_structure(&mut self, made: &Made, bundle: Bundle) {
        let Some(values) = self.structures.get_mut(&bundle) else { return };
        let at = values.iter().position(|value| made.names(value));
        values.swap_remove(at.unwrap_or(0));
        if values.is_empty() {
            self.structures.remove(&bundle);
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

    fn deletes(&mut self, made: &Made, ok: bool) {
        let (client, handle) = (made.client, made.target);
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
        self.switched.retain(|made| made.client != client);
        self.own.retain(|(owner, _, _)| *owner != client);
    }

    fn counts_again(&mut self, made: &Made) {
        let mut handles = Vec::new();
        made.each_element(|element| handles.extend(element.iter().map(|(_, handle)| *handle)));
        let all = handles.len();
        handles.sort_unstable();
        handles.dedup();
        // Clause: RtmReferenceHandles.duplicate-elements.
        self.forgotten += (all - handles.len()) as u32;
        for handle in handles {
            match self.kind_of(handle) {
                Some(kind) => self.add(made.client, Handle::NULL, (kind, handle), 1),
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

    fn adds(&mut self, made: &Made, seen: &[Field]) {
        let parameters = made.function.parameters();
        let Some(slot) = parameters.iter().position(|p| p.kind == ArgKind::Slot) else { return };
        let given = made.slot.filter(|handle| !handle.is_null());
        let handle =
            given.unwrap_or_else(|| observation::handle_at(seen, Place::output(slot as u8)));
        let kind = parameters[slot].of.filter(|_| !handle.is_null());
        self.lives(made, kind.map(|kind| (kind, handle)));
    }

    /// An object of a client's own has been made or updated, perhaps one without a known handle.
    fn lives(&mut self, made: &Made, object: Option<(HandleKind, Handle)>) {
        let client = made.client;
        match object {
            Some((kind, handle)) if made.mortal => {
                self.own.remove(&(client, kind, handle));
            }
            Some((kind, handle)) => {
                self.own.insert((client, kind, handle));
            }
            // It may be any of the routes that were there.
            None if made.mortal => {
                self.own.retain(|(owner, kind, _)| (*owner, *kind) != (client, HandleKind::Route))
            }
            None => {}
        }
    }

    /// What `function` had switched on for the target of this call is off.
    fn switched_off(&mut self, made: &Made, function: Function) {
        let own = |other: &Made| other.client == made.client;
        let same =
            |other: &Made| own(other) && (other.function, other.target) == (function, made.target);
        match self.switched.iter().position(same) {
            Some(at) => {
                self.switched.remove(at);
            }
            None if made.target.is_null() => {}
            // A lock has been given back through another handle, and nobody knows which.
            // Clause: RtmLockRoute.unlock-through-other-call.
            None => {
                let before = self.switched.len();
                self.switched.retain(|other| !own(other) || other.target.is_null());
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
