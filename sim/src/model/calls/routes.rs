//! Routes: added, updated, deleted, expired.

mod reasons;

mod deletion;

use super::check::HandleClauses;
use super::lists::membership::ADD;
use crate::clause::{
    ClauseId, add_route_to_dest as add, create_route_list as create_list,
    delete_route_to_dest as delete,
};
use crate::model::Model;
use crate::model::effect::Deed;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Checked, Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::{Dest, Indices, Life, Route, VIEWS};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::AddRouteToDest;
use crate::vocabulary::constants::{NEXTHOP_STATE_DELETED, ROUTE_STATE_CREATED, RouteChangeFlags};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Basis, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::RouteInfo;
use reasons::Before;

const HOLD_ENDED_BY_ROUTE: crate::readings::Reading =
    crate::clause::hold_destination::HELD_DESPITE_NEW_ROUTE_ENDED;
const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;
const DENIED: Status = Status::ERROR_ACCESS_DENIED;

/// What an add did.
#[derive(Clone, Copy)]
struct Changed {
    route: Index,
    /// It was created.
    new: bool,
    /// The best route of some view is another one, or this one.
    best: bool,
}

/// What a table has where a route is to be added.
#[derive(Clone, Copy, Default)]
pub(super) struct Spot {
    /// The destination.
    pub dest: Option<Index>,
    /// There is a destination of the same address and another length.
    pub other_length: bool,
}

/// What a route is to hold, its handles resolved.
pub(super) struct Content {
    /// The next hop it was learnt from, or [`NONE`].
    pub neighbour: Index,
    /// Next hops, as given.
    pub next_hops: Indices,
    /// Views that it belongs to.
    pub views: u32,
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
        let host_bits = prefix.leaves_bits_of(address);
        let table = self.entities[client].table;
        let spot = self.spot(table, prefix);
        let given = call.route.filter(|handle| !handle.is_null());
        let named = match given {
            Some(handle) => Some(self.own_route_to_update(client, handle, prefix, call)?),
            None => {
                self.check_route_list(client, call)?;
                let same = |dest| self.same_route(client, dest, info, RouteChangeFlags(flags));
                spot.dest.and_then(same)
            }
        };
        let content = match self.check_content(client, named, info) {
            Ok(content) => content,
            Err(refusal) => {
                if spot.dest.is_none_or(|dest| !self.is_in_table(dest)) {
                    self.notes.note(Topic::Gone(table, prefix), c::FAILURE_CHANGES_NOTHING);
                }
                return Err(refusal.into());
            }
        };
        if let Some(dest) = spot.dest {
            self.check_lock(dest, client, c::DEST_LOCKED_BY_OTHER, c::DEST_LOCKED_BY_CALLER)?;
        }
        if call.notify_type != 0 || !call.notify.is_null() {
            self.misuse(c::RESERVED_NONZERO);
        }
        let change = RouteChangeFlags(flags);
        let before = self.before_add(client, (prefix, spot), named, given.is_some(), info, change);
        let (route, new) = match named {
            Some(route) => (route, false),
            None => (self.insert_route(client, prefix, spot.dest), true),
        };
        let watch = self.watch(route, if new { Deed::Added } else { Deed::Updated });
        self.store_route(route, info, content);
        let dest = self.routes[route].dest;
        let best = self.reorder(dest, route);
        self.arm(route, call.time_to_live);
        self.name_list(route, new, call.route_list, &ADD);
        self.report(watch);
        let unmoved = before.identical && self.oracle.takes(c::LAST_CHANGED_IDENTICAL_KEPT);
        if !unmoved && !self.oracle.takes(c::LAST_CHANGED_NEVER) {
            self.move_time(dest);
        }
        let changed = Changed { route, new, best };
        self.report_add(client, changed, before, call, out);
        self.cite_add(route, prefix, before, call, out);
        self.note_add(client, route, new, before.moves, call.route);
        if host_bits {
            out.cite(Place::STATUS, c::HOST_BITS_CANONICAL);
            self.notes.add(Object::Dest(dest), c::HOST_BITS_CANONICAL);
        }
        Ok(())
    }

    /// Refuses a route list that is given and is none of the caller's.
    fn check_route_list(&self, client: Index, call: &AddRouteToDest) -> Checked {
        const BAD: &[ClauseId] = &[add::ROUTE_LIST_BAD_HANDLE, add::ERR_INVALID_HANDLE];
        const FOREIGN: &[ClauseId] = &[add::ROUTE_LIST_OF_OTHER_CLIENT, create_list::PRIVATE];
        let denied = add::ROUTE_LIST_OF_OTHER_CLIENT_ACCESS_DENIED;
        match call.route_list {
            Handle::NULL => Ok(()),
            handle => {
                let clauses = HandleClauses::all(BAD);
                self.list_argument(client, handle, &clauses, (FOREIGN, denied)).map(drop)
            }
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
        self.check_route_list(client, call)?;
        let r = &self.routes[route];
        if r.owner != client && !self.oracle.takes(add::ERR_ACCESS_DENIED_ALLOWED) {
            let grounds = Basis::of(&[add::ERR_ACCESS_DENIED]);
            return refuse(DENIED, grounds.also(add::ACCESS_DENIED_BY_HANDLE_ONLY));
        }
        if self.dests[r.dest].prefix != prefix {
            return refuse(WRONG, &[add::HANDLE_DEST_DIFFERS, add::ERR_INVALID_PARAMETER]);
        }
        Ok(route)
    }

    /// Looks a prefix up, once for all that an add needs to know of it.
    fn spot(&self, table: usize, prefix: Prefix) -> Spot {
        let mut spot = Spot::default();
        for (other, dest) in self.tables[table].dests.range(prefix.of_all_lengths()) {
            match *other == prefix {
                true => spot.dest = Some(*dest),
                false => spot.other_length = true,
            }
        }
        spot
    }

    /// The route of a client that an add without a handle means, if it is there.
    fn same_route(
        &self,
        client: Index,
        dest: Index,
        info: &RouteInfo,
        flags: RouteChangeFlags,
    ) -> Option<Index> {
        let both = flags.has(RouteChangeFlags::NEW) && flags.has(RouteChangeFlags::FIRST);
        if flags.has(RouteChangeFlags::NEW)
            && !self.oracle.takes(add::NEW_AS_INPUT_DISPUTED_IGNORED)
            && !(both && self.oracle.takes(add::NEW_TOGETHER_WITH_FIRST_FIRST_WINS))
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
    pub(super) fn check_content(
        &self,
        client: Index,
        kept: Option<Index>,
        info: &RouteInfo,
    ) -> Result<Content, Refusal> {
        let most = self.config.max_next_hops_in_route as usize;
        let mut given = &info.next_hops[..];
        if most < info.next_hops.len() && !self.oracle.takes(add::MAX_NEXT_HOPS_NO_LIMIT) {
            if !self.oracle.takes(add::MAX_NEXT_HOPS_EXCEEDED_TRUNCATED) {
                return refuse(WRONG, &[add::MAX_NEXT_HOPS_EXCEEDED, add::MAX_NEXT_HOPS]);
            }
            given = &given[..most];
        }
        let views = info.views & self.config.views_supported;
        if info.views != 0 && views == 0 {
            return refuse(WRONG, &[add::VIEWS_UNSUPPORTED_BITS, add::ERR_INVALID_PARAMETER]);
        }
        self.check_odd_content(info)?;
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
        let listed = given.iter().map(|handle| {
            hop(
                *handle,
                &[add::NEXT_HOP_BAD_HANDLE],
                &[add::NEXT_HOP_OF_OTHER_OWNER, add::ERR_INVALID_PARAMETER],
            )
        });
        let next_hops = listed.collect::<Result<Indices, Refusal>>()?;
        let neighbour = match info.neighbour {
            Handle::NULL => NONE,
            handle => hop(handle, &[add::NEIGHBOUR_INVALID], &[add::NEIGHBOUR_INVALID])?,
        };
        Ok(Content { neighbour, next_hops, views })
    }

    /// Refuses what the documentation neither allows nor forbids, where a reading does.
    fn check_odd_content(&self, info: &RouteInfo) -> Checked {
        let hops = &info.next_hops;
        if info.views == 0 && self.oracle.takes(add::VIEWS_ZERO_REFUSED) {
            return refuse(WRONG, &[add::VIEWS_ZERO]);
        }
        if hops.is_empty() && self.oracle.takes(add::ZERO_NEXT_HOPS_REFUSED) {
            return refuse(WRONG, &[add::ZERO_NEXT_HOPS]);
        }
        let twice = (1..hops.len()).any(|at| hops[..at].contains(&hops[at]));
        if twice && self.oracle.takes(add::NEXT_HOP_TWICE_REFUSED) {
            return refuse(WRONG, &[add::NEXT_HOP_TWICE]);
        }
        let unsupported = info.views & !self.config.views_supported != 0;
        if unsupported && self.oracle.takes(add::VIEWS_UNSUPPORTED_BITS_REFUSED) {
            return refuse(WRONG, &[add::VIEWS_UNSUPPORTED_BITS]);
        }
        Ok(())
    }

    /// A new route on its destination, which is created or revived when it has to be.
    fn insert_route(&mut self, client: Index, prefix: Prefix, known: Option<Index>) -> Index {
        let table = self.entities[client].table;
        let forgotten = known.is_some_and(|dest| {
            !self.is_in_table(dest) && self.oracle.takes(delete::DEST_READDED_NEW_OBJECT)
        });
        let dest = match known.filter(|_| !forgotten) {
            Some(dest) => dest,
            None => {
                let dest = self.dests.insert(Dest {
                    table,
                    prefix,
                    routes: Indices::new(),
                    best: [NONE; VIEWS],
                    hold: None,
                    last_changed: Default::default(),
                    lock: None,
                    stale: false,
                    ledger: Ledger::default(),
                });
                self.tables[table].dests.insert(prefix, dest);
                self.note_new_dest(table, prefix);
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
            next_hops: Indices::new(),
            edit: None,
            list: (NONE, 0),
            creation: self.creations,
            deadline: None,
            life: Life::Forever,
            armed_at: self.now,
            time_to_live: u32::MAX,
            ledger: Ledger::structural(),
        });
        self.dests[dest].ledger.structural += 1;
        self.entities[client].ledger.structural += 1;
        self.dests[dest].routes.push(route);
        if self.dests[dest].hold.is_some() && self.oracle.takes(HOLD_ENDED_BY_ROUTE) {
            self.end_holds(dest, |_| true);
        }
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
        match info.preference {
            0 => self.notes.add(Object::Route(route), add::PREFERENCE_ZERO_INPUT),
            _ => self.notes.withdraw(Object::Route(route), add::PREFERENCE_ZERO_INPUT),
        }
        let r = &mut self.routes[route];
        let views_before = std::mem::replace(&mut r.views, content.views);
        r.preference = preference;
        r.metric = info.metric;
        r.flags = info.flags;
        r.flags1 = info.flags1;
        r.entity_specific_info = info.entity_specific_info;
        let old_neighbour = std::mem::replace(&mut r.neighbour, content.neighbour);
        let old_hops = std::mem::replace(&mut r.next_hops, content.next_hops);
        if views_before & !self.routes[route].views != 0 {
            self.note_left_views(self.routes[route].dest, views_before);
        }
        for hop in old_hops.into_iter().chain([old_neighbour]).filter(|hop| *hop != NONE) {
            let handle = self.next_hops.handle(hop);
            self.unref_next_hop(hop);
            if !self.next_hops.contains(hop) {
                self.notes.note(Topic::Reference(NONE, handle), add::UPDATE_DROPS_OLD_NEXT_HOPS);
            }
        }
    }

    pub(super) fn stored_preference(&self, owner: Index, given: u32) -> u32 {
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
        changed: Changed,
        before: Before,
        call: &AddRouteToDest,
        out: &mut Observation,
    ) {
        use add as c;
        let Changed { route, new, best } = changed;
        // A refusal of the flag that only the guide knows as an input is no difference.
        let forced = before.created[0] == c::NEW_FORCES_SECOND_ROUTE;
        let r = &self.routes[route];
        let given = call.route_info.as_ref().map_or(0, |info| info.views);
        let basis = match () {
            () if forced => c::NEW_AS_INPUT_DISPUTED,
            () if r.next_hops.is_empty() => c::ZERO_NEXT_HOPS,
            () if given == 0 => c::VIEWS_ZERO,
            () if given & !self.config.views_supported != 0 => c::VIEWS_UNSUPPORTED_BITS,
            () if r.next_hops.iter().enumerate().any(|(at, h)| r.next_hops[..at].contains(h)) => {
                c::NEXT_HOP_TWICE
            }
            () => c::RETURNS_NO_ERROR,
        };
        out.status(Status::NO_ERROR, &[basis]);
        if let Some(slot) = call.route {
            let (handle, clauses): (Handle, &[ClauseId]) = match (slot.is_null(), new) {
                (true, true) => {
                    let clauses = &[c::HANDLE_SLOT_NULL_RETURNED, c::HANDLE_RETURNED_REFERENCED];
                    (self.hand_route(client, route), clauses)
                }
                (true, false) => {
                    let clauses = &[c::HANDLE_RETURNED_ON_UPDATE_TOO, c::UPDATE_KEEPS_ROUTE_OBJECT];
                    let handle = match self.oracle.takes(c::EACH_RETURN_ONE_REFERENCE_FIRST_ONLY) {
                        true => self.routes.handle(route),
                        false => self.hand_route(client, route),
                    };
                    (handle, clauses)
                }
                (false, _) => (slot, &[c::HANDLE_SLOT_SET_UNCHANGED]),
            };
            out.add(Place::output(1), Value::Handle(HandleKind::Route, handle), clauses);
            if new {
                out.cite(Place::output(1), before.created[0]);
            }
            if before.duplicated {
                out.cite(Place::output(1), c::DUPLICATES_LATER_LOOKUP);
            }
        }
        let mut flags = 0;
        if new && !self.oracle.takes(c::OUTPUT_NEW_NEVER) {
            flags |= RouteChangeFlags::NEW.0;
        }
        let silent =
            before.identical && self.oracle.takes(c::OUTPUT_BEST_IDENTICAL_UPDATE_NOT_REPORTED);
        if best && !silent && !self.oracle.takes(c::OUTPUT_BEST_NEVER)
            || self.oracle.takes(c::OUTPUT_BEST_CLEAR_ALWAYS_SET)
        {
            flags |= RouteChangeFlags::BEST.0;
        }
        let kept = call.change_flags.unwrap_or(0) & RouteChangeFlags::FIRST.0;
        if self.oracle.takes(c::OUTPUT_OVERWRITES_INPUT_FIRST_KEPT) {
            flags |= kept;
        }
        let basis = self.flags_basis(changed, before, kept != 0);
        out.number(Place::output(8), flags, &basis);
    }

    /// What decides the flags that an add gives back.
    fn flags_basis(&self, changed: Changed, before: Before, first: bool) -> [ClauseId; 4] {
        use add as c;
        let Changed { route, best, .. } = changed;
        let Before { created, moves, .. } = before;
        let r = &self.routes[route];
        let dest = &self.dests[r.dest];
        // The flag answers for one view where all routes of the destination share their views.
        let everywhere =
            !moves && dest.routes.iter().all(|other| self.routes[*other].views == r.views);
        let tied = dest.routes.iter().any(|other| {
            let o = &self.routes[*other];
            *other != route && (o.preference, o.metric) == (r.preference, r.metric)
        });
        let decided = match (tied, best, everywhere) {
            (_, true, _) if before.identical => c::OUTPUT_BEST_IDENTICAL_UPDATE,
            (true, _, _) => c::BEST_TIE,
            (_, _, false) => c::OUTPUT_BEST_OVER_VIEWS,
            (_, true, true) => c::OUTPUT_BEST,
            (_, false, true) => c::OUTPUT_BEST_CLEAR,
        };
        let general = if first { c::OUTPUT_OVERWRITES_INPUT } else { c::CHANGE_FLAGS_INPUT_ROLE };
        [decided, created[0], created[1], general]
    }
}
