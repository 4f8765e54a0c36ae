//! Routes: added, updated, deleted, expired.

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_to_dest as delete,
    reference_handles as references,
};
use crate::model::Model;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::{Dest, Route, VIEWS};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::{AddRouteToDest, DeleteRouteToDest};
use crate::vocabulary::constants::{NEXTHOP_STATE_DELETED, ROUTE_STATE_CREATED, RouteChangeFlags};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::RouteInfo;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;
const DENIED: Status = Status::ERROR_ACCESS_DENIED;

/// What a route is to hold, its handles resolved.
struct Content {
    neighbour: Index,
    next_hops: Vec<Index>,
    views: u32,
}

impl Model {
    pub(super) fn add_route_to_dest(
        &mut self,
        call: &AddRouteToDest,
        out: &mut Observation,
    ) -> Reply {
        use add as c;
        const INVALID_REG: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID_REG)?;
        let Some(address) = &call.dest_address else {
            return refuse(WRONG, &[c::NULL_DEST_ADDRESS]);
        };
        let Some(info) = &call.route_info else { return refuse(WRONG, &[c::NULL_ROUTE_INFO]) };
        let Some(flags) = call.change_flags else { return refuse(WRONG, &[c::NULL_CHANGE_FLAGS]) };
        let too_long = c::LENGTH_ABOVE_FAMILY_WIDTH;
        let prefix = self.prefix(client, address, c::FAMILY_MISMATCH, too_long)?;
        let given = call.route.filter(|handle| !handle.is_null());
        let named = match given {
            Some(handle) => Some(self.own_route_to_update(client, handle, prefix, call)?),
            None => {
                self.check_route_list(call)?;
                self.same_route(client, prefix, info, RouteChangeFlags(flags))
            }
        };
        let content = self.check_content(client, named, info)?;
        if call.notify_type != 0 || !call.notify.is_null() {
            self.misuse(c::RESERVED_NONZERO);
        }
        let (route, new) = match named {
            Some(route) => (route, false),
            None => (self.insert_route(client, prefix), true),
        };
        self.store_route(route, info, content);
        let dest = self.routes[route].dest;
        let best = self.reorder(dest, route);
        self.arm(route, call.time_to_live);
        if !self.oracle.takes(c::LAST_CHANGED_NEVER) {
            self.dests[dest].last_changed = self.stamp();
        }
        self.report_add(client, route, new, best, call, out);
        Ok(())
    }

    /// A route list that is given and does not exist; none exists in this model yet.
    fn check_route_list(&self, call: &AddRouteToDest) -> Reply {
        match call.route_list {
            Handle::NULL => Ok(()),
            _ => refuse(INVALID, &[add::ROUTE_LIST_BAD_HANDLE, add::ERR_INVALID_HANDLE]),
        }
    }

    fn own_route_to_update(
        &mut self,
        client: Index,
        handle: Handle,
        prefix: Prefix,
        call: &AddRouteToDest,
    ) -> Result<Index, Refusal> {
        let clauses = HandleClauses {
            wrong_kind: &[add::HANDLE_OF_OTHER_KIND],
            ..HandleClauses::all(&[add::INVALID_HANDLE_WHICH, add::ERR_INVALID_HANDLE])
        };
        let route = self.route_argument(client, handle, &clauses)?;
        let r = &self.routes[route];
        if !r.is_listed() {
            return refuse(INVALID, &[add::HANDLE_OF_DELETED_ROUTE]);
        }
        self.check_route_list(call)?;
        if r.owner != client && !self.oracle.takes(add::ERR_ACCESS_DENIED_ALLOWED) {
            return refuse(DENIED, &[add::ERR_ACCESS_DENIED, add::ACCESS_DENIED_BY_HANDLE_ONLY]);
        }
        if self.dests[r.dest].prefix != prefix {
            return refuse(WRONG, &[add::HANDLE_DEST_DIFFERS]);
        }
        Ok(route)
    }

    /// The route of a client that an add without a handle means, if it is there.
    fn same_route(
        &self,
        client: Index,
        prefix: Prefix,
        info: &RouteInfo,
        flags: RouteChangeFlags,
    ) -> Option<Index> {
        let dest = *self.tables[self.entities[client].table].dests.get(&prefix)?;
        if flags.has(RouteChangeFlags::NEW)
            && !self.oracle.takes(add::NEW_AS_INPUT_DISPUTED_IGNORED)
        {
            return None;
        }
        let first = flags.has(RouteChangeFlags::FIRST)
            && !self.oracle.takes(add::FIRST_IGNORES_NEIGHBOUR_COMPARED);
        let any_owner = self.oracle.takes(add::IDENTITY_OTHER_OWNER_SAME_ROUTE);
        let any_neighbour = self.oracle.takes(add::IDENTITY_OTHER_NEIGHBOUR_SAME_ROUTE);
        let mut own = self.dests[dest].routes.iter().copied().filter(|route| {
            let r = &self.routes[*route];
            let neighbour = self.next_hops.handle(r.neighbour) == info.neighbour;
            (r.owner == client || any_owner) && (first || any_neighbour || neighbour)
        });
        match first && self.oracle.takes(add::FIRST_WHICH_ROUTE_OLDEST) {
            true => own.min_by_key(|route| self.routes[*route].creation),
            false => own.next(),
        }
    }

    /// Checks what a route is to hold. `kept` is the route that is updated, if any: it may keep
    /// next hops that have been deleted.
    fn check_content(
        &self,
        client: Index,
        kept: Option<Index>,
        info: &RouteInfo,
    ) -> Result<Content, Refusal> {
        let most = self.config.max_next_hops_in_route as usize;
        if most < info.next_hops.len() && !self.oracle.takes(add::MAX_NEXT_HOPS_NO_LIMIT) {
            return refuse(WRONG, &[add::MAX_NEXT_HOPS_EXCEEDED]);
        }
        let views = info.views & self.config.views_supported;
        if info.views != 0 && views == 0 {
            return refuse(WRONG, &[add::VIEWS_UNSUPPORTED_BITS]);
        }
        let old = kept.map(|route| &self.routes[route]);
        let hop = |handle: Handle, bad: &'static [ClauseId], foreign: &'static [ClauseId]| {
            let hop = self.next_hop_argument(client, handle, &HandleClauses::all(bad))?;
            let n = &self.next_hops[hop];
            if n.owner != client {
                return refuse(WRONG, foreign);
            }
            let used = old.is_some_and(|r| r.neighbour == hop || r.next_hops.contains(&hop));
            if n.state == NEXTHOP_STATE_DELETED && !used {
                return refuse(WRONG, &[add::NEXT_HOP_DELETED]);
            }
            Ok(hop)
        };
        let listed = info.next_hops.iter().map(|handle| {
            hop(*handle, &[add::NEXT_HOP_BAD_HANDLE], &[add::NEXT_HOP_OF_OTHER_OWNER])
        });
        let next_hops = listed.collect::<Result<Vec<Index>, Refusal>>()?;
        let neighbour = match info.neighbour {
            Handle::NULL => NONE,
            handle => hop(handle, &[add::NEIGHBOUR_INVALID], &[add::NEIGHBOUR_INVALID])?,
        };
        Ok(Content { neighbour, next_hops, views })
    }

    /// A new route on its destination, which is created or revived when it has to be.
    fn insert_route(&mut self, client: Index, prefix: Prefix) -> Index {
        let table = self.entities[client].table;
        let known = self.tables[table].dests.get(&prefix).copied();
        let forgotten = known.is_some_and(|dest| {
            self.dests[dest].routes.is_empty() && self.oracle.takes(delete::DEST_READDED_NEW_OBJECT)
        });
        let dest = match known.filter(|_| !forgotten) {
            Some(dest) => dest,
            None => {
                let dest = self.dests.insert(Dest {
                    table,
                    prefix,
                    routes: Vec::new(),
                    best: [NONE; VIEWS],
                    last_changed: Default::default(),
                    ledger: Ledger::default(),
                });
                self.tables[table].dests.insert(prefix, dest);
                dest
            }
        };
        self.creations += 1;
        let route = self.routes.insert(Route {
            dest,
            owner: client,
            neighbour: NONE,
            state: ROUTE_STATE_CREATED,
            flags1: 0,
            flags: 0,
            preference: 0,
            metric: 0,
            views: 0,
            entity_specific_info: 0,
            next_hops: Vec::new(),
            creation: self.creations,
            deadline: None,
            ledger: Ledger::structural(),
        });
        self.dests[dest].ledger.structural += 1;
        self.entities[client].ledger.structural += 1;
        self.dests[dest].routes.push(route);
        route
    }

    fn store_route(&mut self, route: Index, info: &RouteInfo, mut content: Content) {
        let r = &self.routes[route];
        // A stored preference is never 0, so only a new route shows one.
        let is_new = r.preference == 0;
        if !is_new && self.oracle.takes(add::UPDATE_REPLACES_MEMBERS_NEXT_HOPS_KEPT) {
            content.next_hops.clone_from(&r.next_hops);
        }
        if !is_new && self.oracle.takes(add::VIEWS_CHANGED_ON_UPDATE_KEPT) {
            content.views = r.views;
        }
        if !is_new && self.oracle.takes(add::FIRST_NEIGHBOUR_AFTERWARDS_KEPT) {
            content.neighbour = r.neighbour;
        }
        let used = content.next_hops.iter().chain([&content.neighbour]);
        for hop in used.filter(|hop| **hop != NONE) {
            self.next_hops[*hop].ledger.structural += 1;
        }
        let preference = self.stored_preference(self.routes[route].owner, info.preference);
        let r = &mut self.routes[route];
        r.preference = preference;
        r.metric = info.metric;
        r.flags = info.flags;
        r.flags1 = info.flags1;
        r.views = content.views;
        r.entity_specific_info = info.entity_specific_info;
        let old_neighbour = std::mem::replace(&mut r.neighbour, content.neighbour);
        let old_hops = std::mem::replace(&mut r.next_hops, content.next_hops);
        old_hops.into_iter().for_each(|hop| self.unref_next_hop(hop));
        self.unref_next_hop(old_neighbour);
    }

    fn stored_preference(&self, owner: Index, given: u32) -> u32 {
        let assigned = || {
            let protocol = self.entities[owner].info.protocol;
            let listed = self.config.preferences.get(&protocol);
            *listed.unwrap_or(&self.config.default_preference)
        };
        match given {
            0 => assigned(),
            _ if self.oracle.takes(add::PREFERENCE_NONZERO_INPUT_ASSIGNED) => assigned(),
            given => given,
        }
    }

    fn report_add(
        &mut self,
        client: Index,
        route: Index,
        new: bool,
        best: bool,
        call: &AddRouteToDest,
        out: &mut Observation,
    ) {
        use add as c;
        out.status(Status::NO_ERROR, &[c::RETURNS_NO_ERROR]);
        if let Some(slot) = call.route {
            let (handle, clauses): (Handle, &[ClauseId]) = match (slot.is_null(), new) {
                (true, true) => {
                    let clauses = &[c::HANDLE_SLOT_NULL_RETURNED, c::HANDLE_RETURNED_REFERENCED];
                    (self.hand_route(client, route), clauses)
                }
                (true, false) => {
                    let clauses = &[c::UPDATE_KEEPS_ROUTE_OBJECT, c::HANDLE_RETURNED_ON_UPDATE_TOO];
                    let handle = match self.oracle.takes(c::EACH_RETURN_ONE_REFERENCE_FIRST_ONLY) {
                        true => self.routes.handle(route),
                        false => self.hand_route(client, route),
                    };
                    (handle, clauses)
                }
                (false, _) => (slot, &[c::HANDLE_SLOT_SET_UNCHANGED]),
            };
            out.add(Place::output(1), Value::Handle(HandleKind::Route, handle), clauses);
        }
        let mut flags = 0;
        if new && !self.oracle.takes(c::OUTPUT_NEW_NEVER) {
            flags |= RouteChangeFlags::NEW.0;
        }
        if best && !self.oracle.takes(c::OUTPUT_BEST_NEVER)
            || self.oracle.takes(c::OUTPUT_BEST_CLEAR_ALWAYS_SET)
        {
            flags |= RouteChangeFlags::BEST.0;
        }
        let kept = call.change_flags.unwrap_or(0) & RouteChangeFlags::FIRST.0;
        if self.oracle.takes(c::OUTPUT_OVERWRITES_INPUT_FIRST_KEPT) {
            flags |= kept;
        }
        let basis = self.flags_basis(route, new, best, kept != 0);
        out.number(Place::output(8), flags, &basis);
    }

    /// What decides the flags that an add gives back.
    fn flags_basis(&self, route: Index, new: bool, best: bool, first: bool) -> [ClauseId; 3] {
        use add as c;
        let created = if new { c::OUTPUT_NEW } else { c::SAME_ROUTE_UPDATED };
        let r = &self.routes[route];
        let dest = &self.dests[r.dest];
        let everywhere = (0..VIEWS)
            .filter(|view| self.config.views_supported & 1 << view != 0)
            .all(|view| (dest.best[view] == route) == (dest.best[0] == route));
        let tied = dest.routes.iter().any(|other| {
            let o = &self.routes[*other];
            *other != route && (o.preference, o.metric) == (r.preference, r.metric)
        });
        let decided = match (first, tied, best, everywhere) {
            (true, _, _, _) => c::OUTPUT_OVERWRITES_INPUT,
            (_, true, _, _) => c::BEST_TIE,
            (_, _, true, true) => c::OUTPUT_BEST,
            (_, _, true, false) => c::OUTPUT_BEST_OVER_VIEWS,
            (_, _, false, _) => c::OUTPUT_BEST_CLEAR,
        };
        [decided, created, c::CHANGE_FLAGS_INPUT_ROLE]
    }

    pub(super) fn delete_route_to_dest(
        &mut self,
        call: &DeleteRouteToDest,
        out: &mut Observation,
    ) -> Reply {
        use delete as c;
        const INVALID_WHICH: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID_WHICH)?;
        if !call.change_flags {
            return refuse(WRONG, &[c::NULL_CHANGE_FLAGS]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_ROUTE_HANDLE, c::ERR_INVALID_HANDLE],
            wrong_kind: INVALID_WHICH,
            dead: &[c::DOUBLE_DELETE_STALE],
            other_table: &[c::ROUTE_OF_OTHER_TABLE],
        };
        let route = self.route_argument(client, call.route, &clauses)?;
        if self.routes[route].owner != client && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        if !self.routes[route].is_listed() {
            let status = match self.oracle.takes(c::DOUBLE_DELETE_REFERENCED_INVALID_HANDLE) {
                true => INVALID,
                false => Status::ERROR_NOT_FOUND,
            };
            return refuse(status, &[c::DOUBLE_DELETE_REFERENCED]);
        }
        if self.routes[route].ledger.held(client) == 0 {
            // Deleting without a reference of one's own takes none.
            self.misuse(references::GENERAL_RELEASE_NEEDS_REFERENCE);
        } else if !self.oracle.takes(c::HANDLE_RELEASED_BY_DELETE_KEPT) {
            self.routes[route].ledger.give_back(client, 1);
        }
        let best = self.unlist_as_read(route);
        out.status(Status::NO_ERROR, &[c::ROUTE_REMOVED, c::RETURNS_NO_ERROR]);
        let best = best && !self.oracle.takes(c::FLAG_BEST_SET_NEVER);
        let flags = if best { RouteChangeFlags::BEST.0 } else { 0 };
        let clauses: &[ClauseId] = match best {
            true => &[c::FLAG_BEST_SET, c::FLAG_NEW_NEVER],
            false => &[c::FLAG_BEST_CLEAR, c::FLAG_NEW_NEVER],
        };
        out.number(Place::output(2), flags, clauses);
        Ok(())
    }

    fn unlist_as_read(&mut self, route: Index) -> bool {
        if self.oracle.takes(delete::ROUTE_REMOVED_STAYS) {
            return true;
        }
        if self.oracle.takes(delete::TIMER_CANCELLED_RUNS_ON) {
            let deadline = self.routes[route].deadline.take();
            let best = self.unlist(route);
            if let Some((at, arming)) = deadline.filter(|_| self.routes.contains(route)) {
                self.routes[route].deadline = deadline;
                self.timers.insert((at, arming, route));
            }
            return best;
        }
        self.unlist(route)
    }

    /// The callback for an expired route has returned `value`.
    pub(in crate::model) fn expiry_answered(&mut self, owner: Index, route: Index, value: u32) {
        // Whoever deletes the route, or leaves, within the callback uses the reference up.
        let held = self.routes.contains(route) && self.routes[route].ledger.held(owner) != 0;
        if value != Status::ERROR_NOT_SUPPORTED.0
            || self.oracle.takes(add::EXPIRED_NOT_SUPPORTED_DELETES_KEPT)
        {
            if self.oracle.takes(add::EXPIRED_OTHER_RETURN_KEEPS_DELETED)
                && held
                && self.routes[route].is_listed()
            {
                self.unlist(route);
            }
            return;
        }
        if !held {
            return;
        }
        if self.routes[route].is_listed() {
            self.routes[route].ledger.structural += 1;
            self.unlist(route);
            self.give_back(owner, Object::Route(route), 1);
            self.unref_route(route);
        }
    }
}
