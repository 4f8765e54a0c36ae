//! References: taking them, giving them back, and freeing what nobody refers to.
//!
//! Invariant: an object whose ledger is free does not outlive the call that freed it.

use super::Model;
use super::state::arena::{Index, NONE};
use crate::clause::register_entity;
use crate::vocabulary::handle::{Handle, HandleKind};

/// An object that clients can hold references to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Object {
    /// A client.
    Entity(Index),
    /// A destination.
    Dest(Index),
    /// A route.
    Route(Index),
    /// A next hop.
    NextHop(Index),
}

impl Model {
    /// The live object that a handle names, if it is one that clients hold references to.
    pub(super) fn object(&self, handle: Handle) -> Option<Object> {
        let kind = (handle.0 >> 60).checked_sub(1)?;
        match HandleKind::ALL.get(kind as usize)? {
            HandleKind::Entity => self.entities.find(handle).map(Object::Entity),
            HandleKind::Dest => self.dests.find(handle).map(Object::Dest),
            HandleKind::Route => self.routes.find(handle).map(Object::Route),
            HandleKind::NextHop => self.next_hops.find(handle).map(Object::NextHop),
            _ => None,
        }
    }

    /// The table that an object belongs to.
    pub(super) fn table_of(&self, object: Object) -> usize {
        match object {
            Object::Entity(index) => self.entities[index].table,
            Object::Dest(index) => self.dests[index].table,
            Object::Route(index) => self.dests[self.routes[index].dest].table,
            Object::NextHop(index) => self.entities[self.next_hops[index].owner].table,
        }
    }

    /// Books one reference for `client` and gives the handle; NULL for [`NONE`].
    pub(super) fn hand_entity(&mut self, client: Index, index: Index) -> Handle {
        if index != NONE {
            self.entities[index].ledger.take(client);
        }
        self.entities.handle(index)
    }

    /// Books one reference for `client` and gives the handle; NULL for [`NONE`].
    pub(super) fn hand_dest(&mut self, client: Index, index: Index) -> Handle {
        if index != NONE {
            self.dests[index].ledger.take(client);
        }
        self.dests.handle(index)
    }

    /// Books one reference for `client` and gives the handle; NULL for [`NONE`].
    pub(super) fn hand_route(&mut self, client: Index, index: Index) -> Handle {
        if index != NONE {
            self.routes[index].ledger.take(client);
        }
        self.routes.handle(index)
    }

    /// Books one reference for `client` and gives the handle; NULL for [`NONE`].
    pub(super) fn hand_next_hop(&mut self, client: Index, index: Index) -> Handle {
        if index != NONE {
            self.next_hops[index].ledger.take(client);
        }
        self.next_hops.handle(index)
    }

    /// Whether a handle names an enumeration, a route list or a registration for changes that is
    /// open.
    pub(super) fn is_open(&self, handle: Handle) -> bool {
        let open =
            [self.enums.find(handle), self.lists.find(handle), self.notifications.find(handle)];
        open.iter().any(Option::is_some)
    }

    /// References on an object that a client was given under its registrations for changes.
    pub(super) fn booked(&self, client: Index, object: Object) -> u32 {
        if self.notifications.is_empty() {
            return 0;
        }
        let listeners = &self.tables[self.entities[client].table].notifications;
        let own = listeners.iter().map(|listener| &self.notifications[*listener]);
        let own = own.filter(|g| g.owner == client);
        own.map(|g| g.booked.get(&object).copied().unwrap_or(0)).sum()
    }

    /// References that a client holds on an object and can give back as plain handles.
    pub(super) fn unbooked(&self, client: Index, object: Object) -> u32 {
        // A planted fault may book more than it has given.
        self.held(client, object).saturating_sub(self.booked(client, object))
    }

    /// Makes one reference of a client a plain one, where it has none but booked ones.
    pub(super) fn unbook_one(&mut self, client: Index, object: Object) {
        if !self.notifications.is_empty() && self.unbooked(client, object) == 0 {
            self.unbook_any(client, object);
        }
    }

    /// Makes one booked reference of a client a plain one, the latest first.
    pub(super) fn unbook_any(&mut self, client: Index, object: Object) {
        let listeners = self.tables[self.entities[client].table].notifications.clone();
        let holds = |listener: &Index| {
            let g = &self.notifications[*listener];
            g.owner == client && g.booked.contains_key(&object)
        };
        if let Some(listener) = listeners.into_iter().rfind(holds) {
            self.unbook(listener, object, 1);
        }
    }

    /// Makes booked references plain ones, at most as many as there are.
    pub(super) fn unbook(&mut self, listener: Index, object: Object, count: u32) {
        let booked = &mut self.notifications[listener].booked;
        if let Some(held) = booked.get_mut(&object) {
            *held = held.saturating_sub(count);
            if *held == 0 {
                booked.remove(&object);
            }
        }
    }

    /// References that a client holds on an object.
    pub(super) fn held(&self, client: Index, object: Object) -> u32 {
        match object {
            Object::Entity(index) => self.entities[index].ledger.held(client),
            Object::Dest(index) => self.dests[index].ledger.held(client),
            Object::Route(index) => self.routes[index].ledger.held(client),
            Object::NextHop(index) => self.next_hops[index].ledger.held(client),
        }
    }

    /// Whether another client holds references on an object.
    pub(super) fn held_by_others(&self, client: Index, object: Object) -> bool {
        let ledger = match object {
            Object::Entity(index) => &self.entities[index].ledger,
            Object::Dest(index) => &self.dests[index].ledger,
            Object::Route(index) => &self.routes[index].ledger,
            Object::NextHop(index) => &self.next_hops[index].ledger,
        };
        ledger.holders().any(|(other, _)| other != client)
    }

    /// Books one more reference.
    pub(super) fn take(&mut self, client: Index, object: Object) {
        match object {
            Object::Entity(index) => self.entities[index].ledger.take(client),
            Object::Dest(index) => self.dests[index].ledger.take(client),
            Object::Route(index) => self.routes[index].ledger.take(client),
            Object::NextHop(index) => self.next_hops[index].ledger.take(client),
        }
    }

    /// Gives references of a client back and frees the object if they were the last.
    pub(super) fn give_back(&mut self, client: Index, object: Object, count: u32) {
        match object {
            Object::Entity(index) => {
                self.entities[index].ledger.give_back(client, count);
                self.free_entity(index);
            }
            Object::Dest(index) => {
                self.dests[index].ledger.give_back(client, count);
                self.free_dest(index);
            }
            Object::Route(index) => {
                self.routes[index].ledger.give_back(client, count);
                self.free_route(index);
            }
            Object::NextHop(index) => {
                self.next_hops[index].ledger.give_back(client, count);
                self.free_next_hop(index);
            }
        }
    }

    pub(super) fn reuses_values(&self) -> bool {
        self.oracle.takes(register_entity::HANDLE_VALUE_REUSE_REUSED)
    }

    /// Drops a structural reference.
    pub(super) fn unref_entity(&mut self, index: Index) {
        self.entities[index].ledger.structural -= 1;
        self.free_entity(index);
    }

    /// Drops a structural reference; nothing for [`NONE`].
    pub(super) fn unref_dest(&mut self, index: Index) {
        if index != NONE {
            self.dests[index].ledger.structural -= 1;
            self.free_dest(index);
        }
    }

    /// Drops a structural reference.
    pub(super) fn unref_route(&mut self, index: Index) {
        self.routes[index].ledger.structural -= 1;
        self.free_route(index);
    }

    /// Drops a structural reference; nothing for [`NONE`].
    pub(super) fn unref_next_hop(&mut self, index: Index) {
        if index != NONE {
            self.next_hops[index].ledger.structural -= 1;
            self.free_next_hop(index);
        }
    }

    fn free_entity(&mut self, index: Index) {
        if self.entities[index].ledger.is_free() {
            let reuse = self.reuses_values();
            self.notes.forget(Object::Entity(index));
            self.entities.remove(index, reuse);
        }
    }

    fn free_dest(&mut self, index: Index) {
        if self.dests[index].ledger.is_free() {
            let reuse = self.reuses_values();
            self.notes.forget(Object::Dest(index));
            self.forget_dest(self.dests[index].table, index);
            let dest = self.dests.remove(index, reuse);
            self.holding.remove(&index);
            if dest.lock.is_some() {
                self.locked.retain(|other| *other != index);
            }
            self.close_cells_of_dest(index, dest.table, dest.prefix);
            debug_assert!(dest.routes.is_empty(), "a destination with routes is referred to");
            let dests = &mut self.tables[dest.table].dests;
            if dests.get(&dest.prefix) == Some(&index) {
                dests.remove(&dest.prefix);
            }
        }
    }

    fn free_route(&mut self, index: Index) {
        if self.routes[index].ledger.is_free() {
            let reuse = self.reuses_values();
            self.notes.forget(Object::Route(index));
            // A planted fault lets the timer of a deleted route run on, but not beyond its life.
            self.disarm(index);
            self.take_off_route_list(index);
            let route = self.routes.remove(index, reuse);
            let named = route.next_hops.iter().copied().chain([route.neighbour]);
            for hop in named.filter(|hop| *hop != NONE) {
                let handle = self.next_hops.handle(hop);
                self.unref_next_hop(hop);
                if !self.next_hops.contains(hop) {
                    let clause = crate::clause::delete_route_to_dest::NEXT_HOPS_LET_GO;
                    self.notes.note(super::notes::Topic::Reference(NONE, handle), clause);
                }
            }
            self.unref_dest(route.dest);
            self.unref_entity(route.owner);
        }
    }

    fn free_next_hop(&mut self, index: Index) {
        if self.next_hops[index].ledger.is_free() {
            let reuse = self.reuses_values();
            self.notes.forget(Object::NextHop(index));
            let next_hop = self.next_hops.remove(index, reuse);
            self.unref_dest(next_hop.remote);
            self.unref_entity(next_hop.owner);
        }
    }

    /// Drops every reference that a client holds, on whatever it holds.
    pub(super) fn drop_all_held(&mut self, client: Index) {
        let mut held: Vec<(Object, u32)> = Vec::new();
        let count = |n: u32| (n != 0).then_some(n);
        held.extend(
            self.entities
                .iter()
                .filter_map(|(i, e)| Some((Object::Entity(i), count(e.ledger.held(client))?))),
        );
        held.extend(
            self.dests
                .iter()
                .filter_map(|(i, d)| Some((Object::Dest(i), count(d.ledger.held(client))?))),
        );
        held.extend(
            self.routes
                .iter()
                .filter_map(|(i, r)| Some((Object::Route(i), count(r.ledger.held(client))?))),
        );
        held.extend(
            self.next_hops
                .iter()
                .filter_map(|(i, n)| Some((Object::NextHop(i), count(n.ledger.held(client))?))),
        );
        for (object, count) in held {
            self.give_back(client, object, count);
        }
    }
}
