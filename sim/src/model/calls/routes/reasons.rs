//! Why: the clauses that decide what the route functions show, by situation.

use super::Spot;
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_list as delete_list,
    delete_route_to_dest as delete, get_exact_match_route as exact_route,
    insert_in_route_list as insert, release_next_hops as release_hops,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::{Life, VIEWS};
use crate::model::state::prefix::{Prefix, width};
use crate::vocabulary::call::AddRouteToDest;
use crate::vocabulary::constants::RouteChangeFlags;
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::{Member, Observation, Place};
use crate::vocabulary::structures::RouteInfo;

/// Members of a route that its story can decide.
const STORIED: [Member; 7] = [
    Member::DestHandle,
    Member::Neighbour,
    Member::State,
    Member::Metric,
    Member::BelongsToViews,
    Member::EntitySpecificInfo,
    Member::NumNextHops,
];

/// What is known of an add before anything changes.
#[derive(Clone, Copy)]
pub(super) struct Before {
    /// Why a route is created, or this one updated.
    pub created: [ClauseId; 2],
    /// The route was best in some view.
    pub was_best: bool,
    /// The update takes the route to other views.
    pub moves: bool,
    /// The update changes nothing.
    pub identical: bool,
    /// Another route of the caller could be meant as well.
    pub duplicated: bool,
}

impl Model {
    pub(super) fn before_add(
        &self,
        client: Index,
        (prefix, spot): (Prefix, Spot),
        named: Option<Index>,
        by_handle: bool,
        info: &RouteInfo,
        flags: RouteChangeFlags,
    ) -> Before {
        let created = match named {
            Some(route) => self.why_updated(client, route, by_handle, info, flags),
            None => self.why_created(client, (prefix, spot), info, flags),
        };
        let best = |route: Index| self.dests[self.routes[route].dest].best.contains(&route);
        let views = info.views & self.config.views_supported;
        Before {
            created,
            was_best: named.is_some_and(best),
            identical: named.is_some_and(|route| self.is_identical(route, info)),
            moves: named.is_some_and(|route| self.routes[route].views != views),
            duplicated: !by_handle && named.is_some_and(|route| self.has_double(route, flags)),
        }
    }

    /// Whether an add that found a route by its identity could have found another one.
    fn has_double(&self, route: Index, flags: RouteChangeFlags) -> bool {
        let r = &self.routes[route];
        let is_double = |other: &Index| {
            let o = &self.routes[*other];
            *other != route && (o.owner, o.neighbour) == (r.owner, r.neighbour)
        };
        !flags.has(RouteChangeFlags::FIRST) && self.dests[r.dest].routes.iter().any(is_double)
    }

    /// Whether an update gives a route what it has.
    fn is_identical(&self, route: Index, info: &RouteInfo) -> bool {
        let r = &self.routes[route];
        let views = info.views & self.config.views_supported;
        let hops = r.next_hops.iter().map(|hop| self.next_hops.handle(*hop));
        (r.metric, r.flags, r.flags1, r.views) == (info.metric, info.flags, info.flags1, views)
            && r.preference == self.stored_preference(r.owner, info.preference)
            && r.entity_specific_info == info.entity_specific_info
            && self.next_hops.handle(r.neighbour) == info.neighbour
            && hops.eq(info.next_hops.iter().copied())
    }

    fn why_updated(
        &self,
        client: Index,
        route: Index,
        by_handle: bool,
        info: &RouteInfo,
        flags: RouteChangeFlags,
    ) -> [ClauseId; 2] {
        use add as c;
        let r = &self.routes[route];
        if by_handle {
            return [c::HANDLE_SLOT_SET_UPDATES, c::OUTPUT_NEW];
        }
        let others = || {
            let routes = &self.dests[r.dest].routes;
            routes.iter().any(|other| self.routes[*other].owner != client)
        };
        let same_neighbour = self.next_hops.handle(r.neighbour) == info.neighbour;
        if flags.has(RouteChangeFlags::FIRST) && !same_neighbour {
            return match others() {
                true => [c::FIRST_ONLY_OWN_ROUTES, c::FIRST_UPDATES_OWNED_ROUTE],
                false => [c::FIRST_IGNORES_NEIGHBOUR, c::FIRST_UPDATES_OWNED_ROUTE],
            };
        }
        let views = info.views & self.config.views_supported;
        let same = (r.metric, r.flags, r.views) == (info.metric, info.flags, views)
            && r.entity_specific_info == info.entity_specific_info
            && r.next_hops.len() == info.next_hops.len();
        match (same, info.neighbour) {
            (false, _) => [c::IDENTITY_NOT_CONTENT, c::SAME_ROUTE_UPDATED],
            (true, Handle::NULL) => [c::IDENTITY_NULL_NEIGHBOUR, c::SAME_ROUTE_UPDATED],
            (true, _) => [c::IDENTITY_TRIPLE, c::SAME_ROUTE_UPDATED],
        }
    }

    fn why_created(
        &self,
        client: Index,
        (prefix, spot): (Prefix, Spot),
        info: &RouteInfo,
        flags: RouteChangeFlags,
    ) -> [ClauseId; 2] {
        use add as c;
        let e = &self.entities[client];
        let routes = spot.dest.map_or(&[][..], |dest| &self.dests[dest].routes[..]);
        let is_own = |route: &&Index| self.routes[**route].owner == client;
        let neighbour = |route: Index| self.next_hops.handle(self.routes[route].neighbour);
        let own = routes.iter().any(|r| is_own(&r));
        let same = routes.iter().any(|r| is_own(&r) && neighbour(*r) == info.neighbour);
        if flags.has(RouteChangeFlags::NEW) && same {
            return [c::NEW_FORCES_SECOND_ROUTE, c::OUTPUT_NEW];
        }
        let twin =
            |held: &Index| self.routes[*held].owner == client && neighbour(*held) == info.neighbour;
        if self.held_at(client, prefix).iter().any(twin) {
            let same = crate::clause::hold_destination::SAME_ROUTE_ADDED_DURING_HOLD;
            return [same, c::ADDS_NEW_ROUTE];
        }
        if own {
            return [c::IDENTITY_OTHER_NEIGHBOUR, c::OUTPUT_NEW];
        }
        if flags.has(RouteChangeFlags::FIRST) {
            return [c::FIRST_NONE_ADDS, c::OUTPUT_NEW];
        }
        if let Some(other) = routes.first() {
            let protocol = self.entities[self.routes[*other].owner].info.protocol;
            return match protocol == e.info.protocol {
                true => [c::IDENTITY_TWO_INSTANCES, c::IDENTITY_OTHER_OWNER],
                false => [c::IDENTITY_OTHER_OWNER, c::OUTPUT_NEW],
            };
        }
        if spot.other_length {
            return [c::PREFIX_LENGTH_DISTINGUISHES, c::ADDS_NEW_ROUTE];
        }
        let elsewhere = |(at, table): (usize, &crate::model::state::objects::Table)| {
            at != e.table && table.twin(&prefix).is_some()
        };
        if self.tables.iter().enumerate().any(elsewhere) {
            return [c::TABLES_SEPARATE, c::ADDS_NEW_ROUTE];
        }
        [c::ADDS_NEW_ROUTE, c::OUTPUT_NEW]
    }

    /// The routes that are held at a prefix.
    fn held_at(&self, client: Index, prefix: Prefix) -> Vec<Index> {
        let dest = self.tables[self.entities[client].table].dests.get(&prefix);
        let hold = dest.and_then(|dest| self.dests[*dest].hold.as_deref());
        hold.map(|hold| hold.routes().collect()).unwrap_or_default()
    }

    /// Why one route of a destination ranks before another; none where it is a tie.
    pub(in crate::model) fn why_better(&self, better: Index, worse: Index) -> Option<ClauseId> {
        use add as c;
        let (b, w) = (&self.routes[better], &self.routes[worse]);
        let large = |n: u32| 0x8000_0000 <= n;
        let assigned = |route| self.notes.has(Object::Route(route), c::PREFERENCE_ZERO_INPUT);
        let protocol = |owner: Index| self.entities[owner].info.protocol;
        let alike = match (assigned(better), assigned(worse)) {
            (true, true) => protocol(b.owner) == protocol(w.owner),
            (one, other) => one == other,
        };
        if !alike {
            return Some(c::PREFERENCE_ZERO_INPUT);
        }
        if b.preference == w.preference {
            return match b.metric == w.metric {
                true => None,
                false if large(b.metric) != large(w.metric) => Some(c::PREF_COMPARE_UNSIGNED),
                false => Some(c::METRIC_LOWER_WINS),
            };
        }
        Some(match () {
            () if large(b.preference) != large(w.preference) => c::PREF_COMPARE_UNSIGNED,
            () if w.metric < b.metric => c::PREFERENCE_BEFORE_METRIC,
            () if b.preference == 1 => c::PREFERENCE_ONE_LOWEST,
            () if b.owner != w.owner => c::BEST_ACROSS_OWNERS,
            () => c::PREFERENCE_LOWER_WINS,
        })
    }

    /// Why a route is the best of a destination in a view, where others are there too.
    pub(in crate::model) fn why_best(&self, dest: Index, view: usize) -> Option<ClauseId> {
        let d = &self.dests[dest];
        let best = d.best[view];
        if d.best.iter().any(|other| *other != best && *other != NONE) {
            return Some(add::BEST_PER_VIEW);
        }
        let mut others = d.routes.iter().filter(|r| self.routes[**r].views & 1 << view != 0);
        let next = others.find(|route| **route != best)?;
        self.why_better(best, *next)
    }

    /// What decides the flags that an add gives back besides the general rules.
    pub(super) fn cite_add(
        &self,
        route: Index,
        prefix: Prefix,
        before: Before,
        call: &AddRouteToDest,
        out: &mut Observation,
    ) {
        use add as c;
        let flags = Place::output(8);
        let r = &self.routes[route];
        let dest = &self.dests[r.dest];
        let is_best = dest.best.contains(&route);
        if let [first, second, ..] = dest.routes[..] {
            let pair = if route == first { (first, second) } else { (first, route) };
            if let Some(why) = self.why_better(pair.0, pair.1) {
                out.cite(flags, why);
            }
        }
        if before.was_best && !is_best {
            out.cite(flags, c::OUTPUT_BEST_WHEN_WORSENED);
        }
        if before.moves {
            out.cite(flags, c::VIEWS_CHANGED_ON_UPDATE);
        }
        if before.duplicated {
            out.cite(flags, c::DUPLICATES_LATER_LOOKUP);
        }
        if call.route.is_none() {
            out.cite(flags, c::HANDLE_NULL_NONE_RETURNED);
        }
        let status = Place::STATUS;
        match call.route_list {
            Handle::NULL => out.cite(status, c::ROUTE_LIST_OPTIONAL),
            _ => out.cite(status, c::ROUTE_LIST_MOVED_TO),
        }
        let width = width(self.tables[dest.table].family);
        match u16::from(prefix.length()) {
            0 => out.cite(status, c::DEFAULT_ROUTE_PREFIX),
            length if length == width => out.cite(status, c::FULL_LENGTH_PREFIX),
            _ => {}
        }
        if r.next_hops.len() == self.config.max_next_hops_in_route as usize {
            out.cite(status, c::MAX_NEXT_HOPS);
        }
        let info = call.route_info.as_ref();
        if info.is_some_and(|info| !info.dest.is_null() || info.state != 0) {
            out.cite(status, c::DEST_HANDLE_AND_STATE_INPUT);
        }
        if call.route.is_some_and(|slot| !slot.is_null()) {
            out.cite(status, c::UPDATE_BY_HANDLE_PROCEDURE);
        }
    }

    /// Remembers why the route and its destination stand as they do after an add.
    pub(super) fn note_add(
        &mut self,
        client: Index,
        route: Index,
        new: bool,
        moves: bool,
        slot: Option<Handle>,
    ) {
        let (given, returned) = (slot.is_some_and(|h| !h.is_null()), slot == Some(Handle::NULL));
        use add as c;
        let handle = self.routes.handle(route);
        let dest = self.dests.handle(self.routes[route].dest);
        let fate = if new { c::STATE_CREATED } else { c::UPDATE_REPLACES_MEMBERS };
        self.notes.note(Topic::Fate(handle), fate);
        let change = match (new, moves) {
            (_, true) => c::VIEWS_CHANGED_ON_UPDATE,
            (false, _) => c::LAST_CHANGED,
            (true, _) => c::DEST_CREATED_BY_ADD,
        };
        self.notes.note(Topic::Fate(dest), change);
        if given {
            self.notes.note(Topic::Reference(client, handle), c::HANDLE_SLOT_SET_NO_REFERENCE);
        }
        if returned {
            let held = self.routes[route].ledger.held(client);
            let clause = match held {
                0 | 1 => crate::clause::release_routes::HANDLES_FROM_ADD,
                _ => c::EACH_RETURN_ONE_REFERENCE,
            };
            self.notes.note(Topic::Reference(client, handle), clause);
        }
    }

    /// What decides the members that `RtmGetRouteInfo` shows besides the general rules.
    pub(in crate::model::calls) fn cite_route(
        &self,
        route: Index,
        at: Place,
        out: &mut Observation,
    ) {
        let r = &self.routes[route];
        if !r.is_listed() {
            out.cite(Place::STATUS, delete::REFERENCED_ROUTE_READABLE);
            out.cite(Place::STATUS, delete::REFERENCED_ROUTE_INFO);
            return;
        }
        for member in STORIED {
            if let Some(clause) = self.route_story(route, member) {
                out.cite(at.member(member), clause);
            }
        }
        for inner in 0..r.next_hops.len() {
            let clause = self.next_hop_story(route, inner);
            let place = at.member(Member::NextHops).inner(inner);
            match r.next_hops.len() {
                1 => out.cite_if_room(place, clause),
                _ => out.cite(place, clause),
            }
        }
    }

    /// What decides a member of a route besides the general rules, if something does.
    fn route_story(&self, route: Index, member: Member) -> Option<ClauseId> {
        use add as c;
        let r = &self.routes[route];
        let fate = self.notes.recall(Topic::Fate(self.routes.handle(route)));
        let updated = fate == Some(c::UPDATE_REPLACES_MEMBERS);
        let borrowed = |hop: &Index| self.next_hops[*hop].ledger.held(r.owner) == 0;
        match member {
            Member::State if r.is_listed() => match (r.life, r.armed_at < self.now, fate) {
                (_, _, Some(delete::REFUSED_DELETE_KEEPS_ROUTE)) => fate,
                (_, _, Some(crate::clause::release_routes::DOES_NOT_DELETE)) => fate,
                (Life::Kept, ..) => Some(c::EXPIRED_OTHER_RETURN_KEEPS),
                (Life::Forever, true, _) => Some(c::TTL_INFINITE),
                (Life::Restarted, true, _) => Some(c::TTL_UPDATE_RESTARTS),
                (Life::Cancelled, true, _) => Some(c::TTL_UPDATE_INFINITE_CANCELS),
                (Life::Armed, true, _) => Some(c::TTL_NOT_EARLY),
                (_, _, Some(insert::TABLE_UNAFFECTED | delete_list::ROUTES_SURVIVE)) => fate,
                _ => Some(c::STATE_CREATED),
            },
            Member::DestHandle => {
                let mut routes = self.dests[r.dest].routes.iter();
                let shared = routes.any(|other| self.routes[*other].owner != r.owner);
                shared.then_some(c::DEST_SHARED_BY_OWNERS)
            }
            Member::Metric if r.life == Life::Kept => Some(c::EXPIRED_ROUTE_STAYS),
            Member::Metric if updated => Some(c::UPDATE_REPLACES_MEMBERS),
            Member::EntitySpecificInfo if updated => Some(c::EXISTS_UPDATED_OR_ONLY_RETURNED),
            Member::BelongsToViews if r.views == 3 => Some(c::VIEWS_BOTH),
            Member::Neighbour if r.neighbour == NONE => Some(c::NEIGHBOUR_KIND),
            Member::Neighbour if borrowed(&r.neighbour) => Some(c::NEIGHBOUR_REFERENCES_AUTOMATIC),
            Member::NumNextHops if r.next_hops.iter().any(borrowed) => {
                Some(c::NEXT_HOP_REFERENCES_AUTOMATIC)
            }
            Member::NumNextHops
                if r.next_hops.len() == self.config.max_next_hops_in_route as usize =>
            {
                Some(c::MAX_NEXT_HOPS)
            }
            _ => None,
        }
    }

    /// What decides the next hop at a place of a route's list besides the general rules.
    fn next_hop_story(&self, route: Index, at: usize) -> ClauseId {
        let r = &self.routes[route];
        let hop = r.next_hops[at];
        let fate = self.notes.recall(Topic::Fate(self.routes.handle(route)));
        let updated = fate == Some(add::UPDATE_REPLACES_MEMBERS);
        match (at, self.next_hops[hop].ledger.held(r.owner)) {
            (0, 1..) if updated => add::UPDATE_REPLACES_MEMBERS,
            (0, 0) => add::NEXT_HOP_RELEASE_AFTER_ADD,
            (_, 0) => release_hops::ROUTE_KEEPS_NEXT_HOP,
            (0, _) => add::NEXT_HOPS_FROM_OWN_LIST,
            _ => add::ROUTE_INFO_SIZE,
        }
    }

    /// Why a route is looked for in vain that is no more, or never was.
    pub(in crate::model::calls) fn deleted_on(&self, dest: Option<Index>) -> Option<ClauseId> {
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(dest?)));
        let deletion =
            [delete::LAST_CHANGED, delete::BEST_RECHOSEN, delete::BEST_RECHOSEN_PER_VIEW];
        fate.filter(|clause| deletion.contains(clause)).map(|_| exact_route::DELETED_ROUTES)
    }

    /// Whether all routes of a route's destination are in the same views.
    pub(super) fn shares_views(&self, route: Index) -> bool {
        let r = &self.routes[route];
        self.dests[r.dest].routes.iter().all(|other| self.routes[*other].views == r.views)
    }

    /// What decides the flags of a deletion besides the general rules: whether some view has lost
    /// its last route, and whether one flag answers for one view.
    pub(super) fn cite_delete(&self, emptied: bool, shared: bool, out: &mut Observation) {
        if !shared {
            out.cite(Place::output(2), add::OUTPUT_BEST_OVER_VIEWS);
        }
        if emptied {
            out.cite(Place::output(2), delete::FLAG_BEST_FOR_LAST_ROUTE);
        }
    }

    /// Remembers what a deletion leaves behind.
    pub(in crate::model) fn note_deletion(&mut self, route: Index, was_best: [bool; VIEWS]) {
        use delete as c;
        let r = &self.routes[route];
        let dest = r.dest;
        let views = was_best.into_iter().filter(|best| *best).count();
        let d = &self.dests[dest];
        let clause = match (views, d.routes.is_empty()) {
            (_, true) | (0, _) => c::LAST_CHANGED,
            (1, false) => c::BEST_RECHOSEN,
            (_, false) => c::BEST_RECHOSEN_PER_VIEW,
        };
        let empty = !self.is_in_table(dest);
        let (table, prefix) = (d.table, d.prefix);
        self.notes.note(Topic::Fate(self.dests.handle(dest)), clause);
        if empty {
            self.notes.note(Topic::Gone(table, prefix), c::DEST_GONE_WITH_LAST_ROUTE);
        }
    }

    /// Why a handle is dead, if it is remembered: what the table did before what the caller did,
    /// and that before what others did.
    pub(in crate::model::calls) fn why_dead(
        &self,
        client: Index,
        handle: Handle,
    ) -> Option<ClauseId> {
        use crate::clause::{
            get_opaque_information_pointer as opaque, get_route_pointer, lock_route,
            release_changed_dests, release_dest_info, release_dests, release_routes,
        };
        let reasons = [
            add::HANDLE_SLOT_SET_NO_REFERENCE,
            add::UPDATE_DROPS_OLD_NEXT_HOPS,
            delete::HANDLE_RELEASED_BY_DELETE,
            delete::NEXT_HOPS_LET_GO,
            opaque::NOTHING_TO_RELEASE,
            get_route_pointer::NO_REFERENCE,
            lock_route::NO_REFERENCE,
            release_changed_dests::COUNT,
            release_changed_dests::DROPS_INNER_HANDLES,
            release_dest_info::RELEASE_OF_KEPT_DEST_HANDLE,
            release_dests::DROPS_INNER_HANDLES,
            release_dests::FREED_AT_ZERO,
            release_hops::FREED_AT_ZERO,
            release_routes::FREED_AT_ZERO,
        ];
        let of = |client| self.notes.recall(Topic::Reference(client, handle)).into_iter();
        let mut known = of(NONE).chain(of(client)).chain(self.notes.references(handle));
        known.find(|clause| reasons.contains(clause))
    }

    /// Why nothing is found at a prefix, if it is remembered.
    pub(in crate::model::calls) fn why_gone(
        &self,
        client: Index,
        prefix: Prefix,
    ) -> Option<ClauseId> {
        let table = self.entities[client].table;
        if self.tables[table].dests.get(&prefix).is_some_and(|dest| self.is_in_table(*dest)) {
            return None;
        }
        self.notes.recall(Topic::Gone(table, prefix))
    }
}
