//! What holds after every step. Each function names the rule that is broken.
//!
//! Run in tests and explorations, never in the run loop: a broken rule is a fault of the model.

use super::Model;
use super::clock::Due;
use super::events::{Detail, PendingEvent};
use super::state::arena::{Index, NONE};
use super::state::notification::Notification;
use super::state::objects::EnumKind;
use crate::clause::insert_in_route_list;
use crate::clause::mark_dest_for_change_notification as mark;
use crate::vocabulary::constants::NEXTHOP_STATE_CREATED;

impl Model {
    /// Every rule that does not hold now.
    pub fn broken_invariants(&self) -> Vec<String> {
        let mut broken = Vec::new();
        self.check_tables(&mut broken);
        self.check_dests(&mut broken);
        self.check_routes(&mut broken);
        self.check_holds(&mut broken);
        self.check_next_hops(&mut broken);
        self.check_cells(&mut broken);
        self.check_lists(&mut broken);
        self.check_counts(&mut broken);
        self.check_notifications(&mut broken);
        self.check_invocations(&mut broken);
        broken
    }

    fn check_tables(&self, broken: &mut Vec<String>) {
        let is_locked =
            |dest: &Index| self.dests.contains(*dest) && self.dests[*dest].lock.is_some();
        if !self.locked.iter().all(is_locked) {
            broken.push(String::from("what counts as locked is not, or is gone"));
        }
        for table in &self.tables {
            let mut ids: Vec<(u32, u32)> = table
                .entities
                .iter()
                .map(|e| {
                    (self.entities[*e].info.protocol, self.entities[*e].info.protocol_instance)
                })
                .collect();
            ids.sort_unstable();
            if ids.windows(2).any(|pair| pair[0] == pair[1]) {
                broken.push(String::from("two registered clients of a table have one identity"));
            }
            if table.entities.iter().any(|e| !self.entities[*e].registered) {
                broken.push(String::from("a client that has left is listed"));
            }
            for (prefix, dest) in &table.dests {
                if self.dests[*dest].prefix != *prefix {
                    broken.push(format!("destination {dest} is filed under another prefix"));
                }
            }
        }
    }

    /// Slots are distinct and within the limit; a cell has a destination and a client.
    fn check_cells(&self, broken: &mut Vec<String>) {
        for (at, table) in self.tables.iter().enumerate() {
            let slots = table.entities.iter().filter_map(|e| self.entities[*e].opaque);
            let mut slots: Vec<_> = slots.collect();
            slots.sort_unstable();
            if slots.windows(2).any(|pair| pair[0] == pair[1]) {
                broken.push(String::from("two clients of a table have one opaque slot"));
            }
            if slots.iter().any(|slot| self.config.opaque_slots <= *slot) {
                broken.push(String::from("an opaque slot lies beyond the limit"));
            }
            let of_table = |dest: Index| self.dests.contains(dest) && self.dests[dest].table == at;
            let mut cells = self.cells.iter().filter(|cell| of_table(cell.dest));
            if cells.any(|cell| slots.binary_search(&cell.slot).is_err()) {
                broken.push(String::from("an opaque cell belongs to a slot that nobody has"));
            }
        }
        if self.cells.iter().any(|cell| !self.dests.contains(cell.dest)) {
            broken.push(String::from("an opaque cell outlives its destination"));
        }
        if self.entities.iter().any(|(_, e)| e.opaque.is_some() && !e.registered) {
            broken.push(String::from("a client that has left has an opaque slot"));
        }
    }

    fn check_dests(&self, broken: &mut Vec<String>) {
        for (index, dest) in self.dests.iter() {
            let ranks: Vec<_> = dest.routes.iter().map(|route| self.rank(*route)).collect();
            if !ranks.is_sorted() && !dest.stale {
                broken.push(format!("the routes of destination {index} are out of order"));
            }
            for (view, best) in dest.best.iter().enumerate() {
                let first = dest.routes.iter().find(|r| self.routes[**r].views & 1 << view != 0);
                if first.copied().unwrap_or(NONE) != *best && !dest.stale {
                    broken.push(format!("best route of destination {index} in view {view}"));
                }
            }
            if dest.routes.iter().any(|route| self.routes[*route].dest != index) {
                broken.push(format!("destination {index} lists a route of another"));
            }
        }
    }

    /// What is held is not listed, and ends when its timer goes off.
    fn check_holds(&self, broken: &mut Vec<String>) {
        let mut armed = 0;
        for (index, dest) in self.dests.iter() {
            let Some(hold) = &dest.hold else { continue };
            let ends = hold.held.iter().flatten().filter_map(|held| held.until).min();
            if hold.timer.map(|(at, _)| at) != ends {
                broken.push(format!("destination {index}: the timer of its hold-down"));
            }
            armed += usize::from(hold.timer.is_some());
            let timer = hold.timer.map(|(at, arming)| (at, arming, Due::Hold(index)));
            if timer.is_some_and(|timer| !self.timers.contains(&timer)) {
                broken.push(format!("destination {index} holds a route for a time without timer"));
            }
            for route in hold.routes() {
                if self.routes[route].is_listed() || self.routes[route].dest != index {
                    broken.push(format!("destination {index} holds route {route}, which it lists"));
                }
            }
            if ends.is_some_and(|end| end < self.now) && dest.lock.is_none() {
                broken.push(format!("destination {index} holds a route for too long"));
            }
        }
        let mut known = self.dests.iter().filter(|(_, dest)| dest.hold.is_some());
        if known.any(|(index, _)| !self.holding.contains(&index)) {
            broken.push(String::from("a destination with a hold-down is not known to have one"));
        }
        if self.holding.iter().any(|dest| !self.dests.contains(*dest)) {
            broken.push(String::from("a destination that held a route is gone and not forgotten"));
        }
        let running = self.timers.iter().filter(|(_, _, due)| matches!(due, Due::Hold(_))).count();
        if armed != running {
            broken.push(format!("{armed} hold-downs are armed and {running} timers run"));
        }
    }

    fn check_routes(&self, broken: &mut Vec<String>) {
        for (index, route) in self.routes.iter() {
            let listed = self.dests[route.dest].routes.contains(&index);
            if listed != route.is_listed() {
                broken.push(format!("route {index}: state {} and its list", route.state));
            }
            let most = self.config.max_next_hops_in_route as usize;
            if most < route.next_hops.len() {
                broken.push(format!("route {index} has more than {most} next hops"));
            }
            let armed = route.deadline.map(|(at, arming)| (at, arming, Due::Route(index)));
            if armed.is_some_and(|timer| !self.timers.contains(&timer)) {
                broken.push(format!("route {index} has a deadline and no timer"));
            }
            let hops = route.next_hops.iter().chain([&route.neighbour]).filter(|h| **h != NONE);
            if hops.into_iter().any(|hop| self.next_hops[*hop].owner != route.owner) {
                broken.push(format!("route {index} uses a next hop of another client"));
            }
        }
        let armed = self.routes.iter().filter(|(_, r)| r.deadline.is_some()).count();
        let running = self.timers.iter().filter(|(_, _, due)| matches!(due, Due::Route(_))).count();
        if armed != running {
            broken.push(format!("{armed} routes are armed and {running} timers run"));
        }
    }

    fn check_next_hops(&self, broken: &mut Vec<String>) {
        for (index, hop) in self.next_hops.iter() {
            let key = (hop.address, hop.interface);
            let listed = self.entities[hop.owner].next_hops.get(&key) == Some(&index);
            if listed != (hop.state == NEXTHOP_STATE_CREATED) {
                broken.push(format!("next hop {index}: state {} and its list", hop.state));
            }
        }
    }

    /// A route is on the list that it names and on no other; lists hold routes of their clients
    /// that are in the table, unless a reading says otherwise.
    fn check_lists(&self, broken: &mut Vec<String>) {
        let dead = self.oracle.takes(insert_in_route_list::DELETED_ROUTE_LEAVES_STAYS);
        let foreign = self.oracle.takes(insert_in_route_list::NOT_OWNER_ACCEPTED);
        for (index, list) in self.lists.iter() {
            for (place, route) in &list.routes {
                let r = &self.routes[*route];
                if r.list != (index, *place) || list.next_place <= *place {
                    broken.push(format!("route {route} and place {place} of list {index}"));
                }
                if !(r.owner == list.owner || foreign) || !(r.is_listed() || dead) {
                    broken.push(format!("route {route} does not belong on list {index}"));
                }
            }
            if !self.entities.contains(list.owner) || !self.entities[list.owner].registered {
                broken.push(format!("list {index} outlives its client"));
            }
        }
        let on = self.routes.iter().filter(|(_, r)| r.list.0 != NONE).count();
        let listed: usize = self.lists.iter().map(|(_, l)| l.routes.len()).sum();
        if on != listed {
            broken.push(format!("{on} routes name a list, and {listed} are on one"));
        }
        for (index, e) in self.enums.iter() {
            if let EnumKind::List(walk) = &e.kind
                && walk.list != NONE
                && !self.lists.contains(walk.list)
            {
                broken.push(format!("enumeration {index} runs over a list that is gone"));
            }
        }
    }

    /// Structural counts are those that the objects explain, and nothing lives unreferenced.
    fn check_counts(&self, broken: &mut Vec<String>) {
        let mut check = |what: &str, index: Index, counted: u32, explained: usize, free: bool| {
            if counted as usize != explained {
                broken.push(format!("{what} {index}: {counted} counted, {explained} explained"));
            }
            if free {
                broken.push(format!("{what} {index} lives although nobody refers to it"));
            }
        };
        for (index, entity) in self.entities.iter() {
            let owned = self.routes.iter().filter(|(_, r)| r.owner == index).count()
                + self.next_hops.iter().filter(|(_, n)| n.owner == index).count();
            let explained = owned
                + usize::from(entity.registered)
                + self.events_about(index)
                + self.invocations_of(index)
                + self.criteria_count(|c| usize::from(c.owner == Some(index)));
            let ledger = &entity.ledger;
            check("client", index, ledger.structural, explained, ledger.is_free());
        }
        for (index, dest) in self.dests.iter() {
            let explained = self.routes.iter().filter(|(_, r)| r.dest == index).count()
                + self.next_hops.iter().filter(|(_, n)| n.remote == index).count()
                + self.enum_count(|k| match k {
                    EnumKind::Routes { dest, .. } => usize::from(*dest == Some(index)),
                    _ => 0,
                })
                + self.notifications.iter().map(|(_, g)| self.kept_by(g, index)).sum::<usize>()
                + usize::from(dest.hold.as_deref().is_some_and(|hold| hold.lingers));
            let ledger = &dest.ledger;
            check("destination", index, ledger.structural, explained, ledger.is_free());
        }
        for (index, route) in self.routes.iter() {
            let hold = self.dests[route.dest].hold.as_deref();
            let held = hold.map_or(0, |hold| {
                hold.held.iter().flatten().filter(|held| held.route == index).count()
            });
            let explained = usize::from(route.is_listed())
                + held
                + self.expiries_of(index)
                + self.enum_count(|k| match k {
                    EnumKind::Routes { captured, .. } => {
                        captured.iter().filter(|r| **r == index).count()
                    }
                    EnumKind::List(walk) => walk.kept.values().filter(|r| **r == index).count(),
                    _ => 0,
                });
            let ledger = &route.ledger;
            check("route", index, ledger.structural, explained, ledger.is_free());
        }
        for (index, hop) in self.next_hops.iter() {
            let in_route = |r: &super::state::objects::Route| {
                r.next_hops.iter().filter(|h| **h == index).count()
                    + usize::from(r.neighbour == index)
            };
            let explained = usize::from(hop.state == NEXTHOP_STATE_CREATED)
                + self.routes.iter().map(|(_, r)| in_route(r)).sum::<usize>()
                + self.criteria_count(|c| {
                    let listed = c.next_hops.as_ref().and_then(|h| h.as_ref().ok());
                    let listed = listed.map_or(0, |h| h.iter().filter(|h| **h == index).count());
                    listed + usize::from(c.neighbour == Some(Ok(index)))
                });
            let ledger = &hop.ledger;
            check("next hop", index, ledger.structural, explained, ledger.is_free());
        }
    }

    /// References of a registration for changes on a destination.
    fn kept_by(&self, g: &Notification, dest: Index) -> usize {
        let keeps = self.oracle.takes(mark::MARK_AND_LIFETIME_KEPT_ALIVE);
        usize::from(g.pending.contains(dest)) + usize::from(keeps && g.marks.contains(&dest))
    }

    fn check_notifications(&self, broken: &mut Vec<String>) {
        let supported = self.config.views_supported;
        // Readings may announce more, or less.
        let own = self.oracle.readings().is_own();
        for (index, g) in self.notifications.iter() {
            let owner = &self.entities[g.owner];
            if !owner.registered || !self.tables[owner.table].notifications.contains(&index) {
                broken.push(format!("registration for changes {index} is not listed"));
            }
            let queued = self.queue.iter().filter(|event| {
                matches!(event.detail, Detail::Change(announced) if announced.index == index)
            });
            let nothing = g.pending.is_empty();
            if own && nothing && queued.count() != 0 {
                broken.push(format!("registration {index}: a callback waits, and no change"));
            }
            if own && owner.callback && g.announced == nothing {
                broken.push(format!("registration {index}: announced is {}", g.announced));
            }
            let views = if g.views == 0 { supported } else { g.views & supported };
            let waiting = || g.pending.dests().filter_map(|dest| g.pending.get(dest));
            if own && waiting().any(|w| w.views == 0 || w.views & !views != 0) {
                broken.push(format!("registration {index}: a change in views not asked for"));
            }
            if waiting().count() != g.pending.len() {
                broken.push(format!("registration {index}: what is pending is filed twice"));
            }
            for object in g.booked.keys() {
                if self.held(g.owner, *object) < self.booked(g.owner, *object) {
                    broken.push(format!("{object:?}: more references are booked than held"));
                }
            }
        }
    }

    fn enum_count(&self, count: impl Fn(&EnumKind) -> usize) -> usize {
        self.enums.iter().map(|(_, e)| count(&e.kind)).sum()
    }

    fn criteria_count(&self, count: impl Fn(&super::state::objects::Criteria) -> usize) -> usize {
        self.enum_count(|kind| match kind {
            EnumKind::Routes { criteria, .. } => count(criteria),
            _ => 0,
        })
    }

    fn events_about(&self, entity: Index) -> usize {
        use super::events::{Cause, Detail};
        let waiting = self.queue.iter().map(|e| e.detail);
        let running = self.running.iter().filter_map(|r| match r.cause {
            Cause::Event(cause) => Some(cause.detail),
            Cause::Method { .. } => None,
        });
        waiting
            .chain(running)
            .filter(|d| matches!(d, Detail::Entity(about, _) if *about == entity))
            .count()
    }

    /// Events that wait to tell of the expiry of a route.
    fn expiries_of(&self, route: Index) -> usize {
        let tells =
            |e: &&PendingEvent| matches!(e.detail, Detail::Route(about, _) if about == route);
        self.queue.iter().filter(tells).count()
    }

    /// Invocations that a client takes part in, on either side.
    fn invocations_of(&self, entity: Index) -> usize {
        let sides = self.invocations().iter().flat_map(|i| [i.caller, i.target]);
        sides.filter(|side| *side == entity).count()
    }
}
