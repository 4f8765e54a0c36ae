//! What a client leaves behind when it goes.

use crate::clause::{delete_route_list, deregister_entity as deregister};
use crate::model::Model;
use crate::model::references::Object;
use crate::model::state::arena::Index;

impl Model {
    /// Reports what a client leaves behind; whether that is anything.
    pub(super) fn report_leftovers(&mut self, client: Index) -> bool {
        let owned = self.routes.iter().any(|(_, r)| r.owner == client && r.is_listed())
            || !self.entities[client].next_hops.is_empty();
        let held = self.entities.iter().any(|(_, e)| e.ledger.held(client) != 0)
            || self.dests.iter().any(|(_, d)| d.ledger.held(client) != 0)
            || self.routes.iter().any(|(_, r)| r.ledger.held(client) != 0)
            || self.next_hops.iter().any(|(_, n)| n.ledger.held(client) != 0);
        let locked =
            self.next_hops.iter().any(|(_, n)| n.lock.is_some_and(|lock| lock.holder == client))
                || !self.locked_by(client).is_empty();
        let lists = self.lists.iter().any(|(_, l)| l.owner == client);
        let told = self.notifications.iter().any(|(_, g)| g.owner == client);
        let open = lists || told || self.enums.iter().any(|(_, e)| e.owner == client);
        for (found, clause) in [
            (owned, deregister::LEFTOVER_ROUTES),
            (held, deregister::LEFTOVER_REFERENCES),
            (locked, deregister::LEFTOVER_LOCKS),
            (open, deregister::LEFTOVER_NOTIFICATIONS_ENUMS_LISTS),
            (lists, delete_route_list::OPEN_AT_ENTITY_DEREGISTER),
            (told, crate::clause::deregister_from_change_notification::OPEN_AT_ENTITY_DEREGISTER),
        ] {
            if found {
                self.misuse(clause);
            }
        }
        owned || held || locked || open
    }

    /// Locks are dropped, enumerations and registrations for changes closed.
    pub(super) fn close_what_is_open(&mut self, client: Index) {
        let owned = self.routes.iter().filter(|(_, r)| r.owner == client && r.is_listed());
        let owned: Vec<Index> = owned.map(|(index, _)| index).collect();
        let hops: Vec<Index> = self.entities[client].next_hops.values().copied().collect();
        let nothing = owned.is_empty() && hops.is_empty();
        if !nothing && self.oracle.takes(deregister::LEFTOVER_ROUTES_DELETED) {
            for route in owned {
                self.unlist(route);
            }
            for hop in hops {
                self.take_off_list(client, hop, false);
            }
        }
        let hops: Vec<Index> = self.next_hops.iter().map(|(index, _)| index).collect();
        for hop in hops {
            let lock = &mut self.next_hops[hop].lock;
            if lock.is_some_and(|lock| lock.holder == client) {
                *lock = None;
            }
        }
        for dest in self.locked_by(client) {
            self.drop_edits(dest, client);
            self.notes.add(Object::Dest(dest), deregister::LEFTOVER_LOCKS);
            self.unlock(dest, |holder| holder.client == client);
        }
        let open = self.enums.iter().filter(|(_, e)| e.owner == client);
        let open: Vec<Index> = open.map(|(index, _)| index).collect();
        for enumeration in open {
            self.close_enumeration(enumeration);
        }
        let lists = self.lists.iter().filter(|(_, l)| l.owner == client);
        let lists: Vec<Index> = lists.map(|(index, _)| index).collect();
        for list in lists {
            self.close_list(list);
        }
        let open = self.notifications.iter().filter(|(_, g)| g.owner == client);
        let open: Vec<Index> = open.map(|(index, _)| index).collect();
        for notification in open {
            self.close_notification(notification);
        }
    }
}
