//! The end of an edit in place: committed, or left as it stands.

use super::super::check::HandleClauses;
use super::super::lists::membership::COMMIT;
use super::super::routes::Content;
use super::{DENIED, INVALID, WRONG};
use crate::clause::{
    ClauseId, add_route_to_dest as add, create_route_list, lock_route as lock,
    update_and_unlock_route as commit,
};
use crate::model::Model;
use crate::model::effect::Deed;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::VIEWS;
use crate::vocabulary::call::UpdateAndUnlockRoute;
use crate::vocabulary::constants::{INFINITE, RouteChangeFlags};
use crate::vocabulary::observation::{Basis, Observation, Place};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::RouteInfo;

/// What a commit starts from.
#[derive(Clone, Copy)]
struct Before {
    best: [Index; VIEWS],
    views: u32,
    edited: bool,
    armed: bool,
    through_other: bool,
    elsewhere: bool,
}

impl Model {
    pub(in crate::model::calls) fn update_and_unlock_route(
        &mut self,
        call: &UpdateAndUnlockRoute,
        out: &mut Observation,
    ) -> Reply {
        use commit as c;
        let client = self.registration(call.registration, &[c::BAD_HANDLES])?;
        if !call.change_flags {
            return refuse(WRONG, &[c::NULL_CHANGE_FLAGS]);
        }
        let route = self.committed_route(client, call)?;
        let r = &self.routes[route];
        let dest = r.dest;
        let holder = self.dests[dest].lock.as_deref();
        let caller = self.caller(client);
        let held = holder.and_then(|lock| Some((lock, lock.hold_of(caller)?)));
        let Some((held, hold)) = held else {
            let clause = match holder {
                Some(_) => c::LOCKED_BY_SOMEONE_ELSE,
                None => c::NOT_LOCKED,
            };
            self.misuse(clause);
            return refuse(WRONG, &[clause]);
        };
        if !held.exclusive {
            self.misuse(lock::CHANGE_UNDER_SHARED_OUTCOME);
            return refuse(WRONG, &[lock::CHANGE_UNDER_SHARED_OUTCOME]);
        }
        let elsewhere = caller.took_elsewhere(hold);
        if elsewhere && self.oracle.takes(lock::HOLDER_IDENTITY_THREAD) {
            return refuse(WRONG, &[lock::HOLDER_IDENTITY]);
        }
        let through_other = hold.route != route;
        if through_other && self.oracle.takes(c::LOCK_TAKEN_OTHERWISE_REFUSED) {
            return refuse(WRONG, &[c::LOCK_TAKEN_OTHERWISE]);
        }
        let before = Before {
            best: self.dests[dest].best,
            views: r.views,
            edited: r.edit.is_some(),
            armed: r.deadline.is_some(),
            through_other,
            elsewhere,
        };
        let old = self.route_info(route);
        let written = match r.edit.as_deref() {
            Some(info) => info.clone(),
            None => old.clone(),
        };
        let failed = held.failed;
        let mut info = written.clone();
        self.restore_members(route, &mut info);
        let content = match self.check_content(client, Some(route), &info) {
            Ok(content) => content,
            Err(refusal) => return self.refuse_content(client, dest, route, refusal),
        };
        let reserved = call.notify_type != 0 || !call.notify.is_null();
        if reserved {
            self.misuse(c::RESERVED_NONZERO);
        }
        self.routes[route].edit = None;
        let watch = self.watch(route, Deed::Committed);
        let balanced = self.store_in_place(client, route, &info, content, true);
        let touched = self.reposition(dest, route);
        if !(before.armed && self.oracle.takes(c::TTL_REPLACES_DEADLINE_KEPT)) {
            self.arm(route, call.time_to_live);
        }
        self.name_list(route, false, call.route_list, &COMMIT);
        if !self.oracle.takes(c::LAST_CHANGED_KEPT) {
            self.move_time(dest);
        }
        self.report(watch);
        if self.oracle.takes(c::HANDLE_NOT_CONSUMED_CONSUMED)
            && self.routes[route].ledger.held(client) != 0
        {
            self.give_back(client, Object::Route(route), 1);
        }
        self.report_commit(call, route, before, touched, out);
        if failed {
            out.cite(Place::STATUS, c::STAYS_LOCKED_ON_FAILURE);
        }
        if reserved {
            out.cite(Place::STATUS, c::RESERVED_NONZERO);
        }
        if !balanced {
            out.cite(Place::STATUS, lock::NEXT_HOP_BALANCE);
        }
        self.note_commit(client, route, &old, &written, before.armed);
        if let Some(lock) = &mut self.dests[dest].lock {
            lock.account.clear();
        }
        if !self.oracle.takes(c::UNLOCKS_ON_SUCCESS_STAYS_LOCKED) {
            self.drop_edits(dest, client);
            self.unlock(dest, |holder| holder.client == client);
        }
        Ok(())
    }

    fn committed_route(
        &self,
        client: Index,
        call: &UpdateAndUnlockRoute,
    ) -> Result<Index, Refusal> {
        use commit as c;
        let route =
            self.route_argument(client, call.route, &HandleClauses::all(&[c::BAD_HANDLES]))?;
        if !self.routes[route].is_listed() {
            return refuse(INVALID, &[c::DELETED_ROUTE]);
        }
        if !call.route_list.is_null() {
            let clauses = HandleClauses::all(&[c::BAD_HANDLES]);
            let denied = add::ROUTE_LIST_OF_OTHER_CLIENT_ACCESS_DENIED;
            let foreign = (&[c::BAD_HANDLES, create_route_list::PRIVATE][..], denied);
            self.list_argument(client, call.route_list, &clauses, foreign)?;
        }
        if self.routes[route].owner != client && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            let lock = self.dests[self.routes[route].dest].lock.as_deref();
            let holds = lock.is_some_and(|lock| lock.is_held_by(self.caller(client)));
            let grounds = Grounds::of(&[c::ERR_ACCESS_DENIED]).when(!holds, c::ACCESS_DENIED_WHEN);
            return refuse(DENIED, grounds);
        }
        Ok(route)
    }

    /// Content that is refused stays as it is, and so does the lock.
    fn refuse_content(
        &mut self,
        client: Index,
        dest: Index,
        route: Index,
        refusal: Refusal,
    ) -> Reply {
        use commit as c;
        if self.oracle.takes(c::STAYS_LOCKED_ON_FAILURE_UNLOCKED) {
            self.routes[route].edit = None;
            self.unlock(dest, |holder| holder.client == client);
        }
        if let Some(lock) = &mut self.dests[dest].lock {
            lock.failed = true;
        }
        let unsupported = refusal.basis.clauses().any(|known| known == add::VIEWS_UNSUPPORTED_BITS);
        let clause = if unsupported { c::VIEWS_UNSUPPORTED_BITS } else { c::BAD_CONTENT };
        refuse(refusal.status, refusal.basis.with(clause))
    }

    /// Members that are not the owner's are put back.
    fn restore_members(&mut self, route: Index, info: &mut RouteInfo) {
        let own = self.route_info(route);
        if (info.dest, info.owner, info.state) != (own.dest, own.owner, own.state) {
            self.misuse(lock::READ_ONLY_MEMBER_CHANGED);
            (info.dest, info.owner, info.state) = (own.dest, own.owner, own.state);
        }
    }

    /// Stores what was written in place. The owner counted the next hops: what came to the route
    /// is taken from its references, what left the route is added to them. Whether the owner has
    /// the references that the route took.
    fn store_in_place(
        &mut self,
        client: Index,
        route: Index,
        info: &RouteInfo,
        content: Content,
        committed: bool,
    ) -> bool {
        let preference = self.stored_preference(self.routes[route].owner, info.preference);
        let keeps_zero = self.oracle.takes(commit::PREFERENCE_ZERO_STORED);
        let views_kept = committed && self.oracle.takes(commit::VIEWS_CHANGED_KEPT);
        if self.routes[route].preference != info.preference {
            self.notes.withdraw(Object::Route(route), add::PREFERENCE_ZERO_INPUT);
        }
        let r = &mut self.routes[route];
        r.preference = if info.preference == 0 && keeps_zero { 0 } else { preference };
        r.metric = info.metric;
        r.flags = info.flags;
        r.flags1 = info.flags1;
        let views_before = r.views;
        if !views_kept {
            r.views = content.views;
        }
        r.entity_specific_info = info.entity_specific_info;
        let old_neighbour = std::mem::replace(&mut r.neighbour, content.neighbour);
        let old = std::mem::replace(&mut r.next_hops, content.next_hops);
        let new = r.next_hops.iter().copied().chain([r.neighbour]);
        let new: Vec<Index> = new.filter(|hop| *hop != NONE).collect();
        let old: Vec<Index> =
            old.into_iter().chain([old_neighbour]).filter(|hop| *hop != NONE).collect();
        if views_before & !self.routes[route].views != 0 {
            self.note_left_views(self.routes[route].dest, views_before);
        }
        let mut touched: Vec<Index> = old.iter().chain(&new).copied().collect();
        touched.sort_unstable();
        touched.dedup();
        let mut balanced = true;
        for hop in touched {
            let count = |list: &[Index]| list.iter().filter(|other| **other == hop).count() as i64;
            balanced &= self.book(client, route, hop, count(&new) - count(&old));
        }
        balanced
    }

    /// Books that a route names a next hop `more` times more often than before. Whether the owner
    /// has the references for it.
    fn book(&mut self, client: Index, route: Index, hop: Index, more: i64) -> bool {
        let dest = self.routes[route].dest;
        let on_account = self.dests[dest].lock.as_mut().map_or(0, |lock| {
            let at = lock.account.iter().position(|(other, _)| *other == hop);
            at.map_or(0, |at| lock.account.remove(at).1)
        });
        let held = self.next_hops[hop].ledger.held(client);
        let by_manager = self.oracle.takes(commit::NEXT_HOP_COUNTS_LEFT_TO_CLIENT_BY_MANAGER);
        let moved = if by_manager { 0 } else { more };
        let left = i64::from(held) - i64::from(on_account) - moved;
        let balanced = 0 <= left;
        if !balanced {
            self.misuse(lock::NEXT_HOP_BALANCE);
        }
        let left = left.max(0);
        let ledger = &mut self.next_hops[hop].ledger;
        ledger.structural = (i64::from(ledger.structural) + more) as u32;
        for _ in i64::from(held)..left {
            ledger.take(client);
        }
        let too_many = i64::from(held) - left;
        if 0 < too_many {
            ledger.give_back(client, too_many as u32);
        }
        // Frees it, if nobody refers to it any more.
        self.next_hops[hop].ledger.structural += 1;
        self.unref_next_hop(hop);
        balanced
    }

    /// Puts the route where its content belongs. Whether a best route is another one, or this one.
    fn reposition(&mut self, dest: Index, route: Index) -> bool {
        let best = self.dests[dest].best;
        let routes = self.dests[dest].routes.clone();
        let touched = self.reorder(dest, route);
        if self.oracle.takes(commit::COMMITS_AND_REPOSITIONS_KEEPS_PLACE) {
            self.dests[dest].routes = routes;
        }
        if self.oracle.takes(commit::BEST_ADJUSTED_KEPT) {
            self.dests[dest].best = best;
        }
        touched
    }

    fn report_commit(
        &mut self,
        call: &UpdateAndUnlockRoute,
        route: Index,
        before: Before,
        touched: bool,
        out: &mut Observation,
    ) {
        use commit as c;
        let r = &self.routes[route];
        let best = self.dests[r.dest].best;
        let grounds = Grounds::NONE
            .when(before.elsewhere, lock::HOLDER_IDENTITY)
            .when(before.through_other, c::LOCK_TAKEN_OTHERWISE)
            .needs(self.in_expiry_of(Object::Route(route)), add::EXPIRED_UPDATE_IN_CALLBACK)
            .when(!before.edited, c::NOTHING_CHANGED)
            .when(r.views == 0, c::VIEWS_ZERO)
            .when(call.time_to_live == INFINITE, c::TTL_INFINITE)
            .and(&[c::RETURNS_NO_ERROR, c::LOCK_FIRST])
            .when(call.route_list.is_null(), c::ROUTE_LIST_OPTIONAL)
            .when(!call.route_list.is_null(), c::ROUTE_LIST_MOVED_TO);
        out.status(Status::NO_ERROR, grounds);
        let another = before.best != best;
        let was_best = before.best.contains(&route);
        let lost = (0..VIEWS).any(|view| before.best[view] == route && best[view] != route);
        let own = touched && !another;
        let told = match own && self.oracle.takes(c::FLAG_BEST_OWN_CONTENT_ONLY_ANOTHER) {
            true => false,
            false => touched && !self.oracle.takes(c::FLAG_BEST_SET_NEVER),
        };
        let decided: &[ClauseId] = match (touched, another) {
            (true, true) if lost => &[c::FLAG_BEST_WHEN_WORSENED, c::FLAG_BEST_SET],
            (true, true) => &[c::FLAG_BEST_SET],
            (true, false) => &[c::FLAG_BEST_OWN_CONTENT],
            (false, _) => &[c::FLAG_BEST_CLEAR],
        };
        let left_view = before.views & !r.views != 0 && was_best;
        let basis = Basis::of(decided).also(c::FLAG_NEW_NEVER);
        let basis = if left_view { basis.also(c::VIEW_LEFT_BEST_RECHOSEN) } else { basis };
        let mut flags = if told { RouteChangeFlags::BEST.0 } else { 0 };
        if self.oracle.takes(c::FLAG_NEW_NEVER_NEW) {
            flags |= RouteChangeFlags::NEW.0;
        }
        out.number(Place::output(6), flags, basis);
    }

    /// Keeps what a client wrote and did not commit: its readers see it, and no more. What could
    /// not be committed is lost.
    pub(super) fn keep_uncommitted(&mut self, client: Index, route: Index) {
        let Some(mut info) = self.routes[route].edit.take() else { return };
        self.restore_members(route, &mut info);
        if let Ok(content) = self.check_content(client, Some(route), &info) {
            self.store_in_place(client, route, &info, content, false);
        }
    }
}
