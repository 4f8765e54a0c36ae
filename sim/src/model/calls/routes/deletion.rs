//! Routes that go: deleted by their owner, or because their time is over.

use super::super::check::HandleClauses;
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_to_dest as delete, hold_destination as hold,
    reference_handles as references,
};
use crate::model::Model;
use crate::model::clock::Due;
use crate::model::effect::Deed;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::objects::Life;
use crate::vocabulary::call::DeleteRouteToDest;
use crate::vocabulary::constants::RouteChangeFlags;
use crate::vocabulary::observation::{Basis, Observation, Place};
use crate::vocabulary::status::Status;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;
const DENIED: Status = Status::ERROR_ACCESS_DENIED;

impl Model {
    pub(in crate::model::calls) fn delete_route_to_dest(
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
            self.notes.note(Topic::Fate(call.route), c::REFUSED_DELETE_KEEPS_ROUTE);
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        if self.is_held_down(route) {
            let status = match self.oracle.takes(hold::HELD_ROUTE_NOT_DELETABLE_INVALID_HANDLE) {
                true => INVALID,
                false => Status::ERROR_NOT_FOUND,
            };
            return refuse(status, &[hold::HELD_ROUTE_NOT_DELETABLE]);
        }
        if !self.routes[route].is_listed() {
            let status = match self.oracle.takes(c::DOUBLE_DELETE_REFERENCED_INVALID_HANDLE) {
                true => INVALID,
                false => Status::ERROR_NOT_FOUND,
            };
            return refuse(status, &[c::DOUBLE_DELETE_REFERENCED, c::ERR_NOT_FOUND]);
        }
        let dest = self.routes[route].dest;
        self.check_lock(dest, client, c::LOCKED_BY_OTHER, c::LOCKED_BY_CALLER)?;
        let runs_on = self.oracle.takes(c::TIMER_CANCELLED_RUNS_ON);
        let cancelled = !runs_on && self.drop_expiries_of(route);
        if self.routes[route].ledger.held(client) == 0 {
            // Deleting without a reference of one's own takes none.
            self.misuse(references::GENERAL_RELEASE_NEEDS_REFERENCE);
        } else if !self.oracle.takes(c::HANDLE_RELEASED_BY_DELETE_KEPT) {
            self.unbook_one(client, Object::Route(route));
            self.routes[route].ledger.give_back(client, 1);
        }
        let reference = match self.routes[route].ledger.held(client) {
            0 => c::HANDLE_RELEASED_BY_DELETE,
            _ => c::OTHER_REFERENCES_REMAIN,
        };
        let reference = match self.notes.recall(Topic::Reference(client, call.route)) {
            Some(known @ add::HANDLE_SLOT_SET_NO_REFERENCE)
                if reference == c::HANDLE_RELEASED_BY_DELETE =>
            {
                known
            }
            _ => reference,
        };
        self.notes.note(Topic::Reference(client, call.route), reference);
        let views = self.routes[route].views;
        let shared = self.shares_views(route);
        let dest = self.dests.handle(self.routes[route].dest);
        let best = self.unlist_as_read(route);
        let grounds = Grounds::NONE
            .when(cancelled, c::TIMER_CANCELLED)
            .and(&[c::ROUTE_REMOVED, c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        let best = best && !self.oracle.takes(c::FLAG_BEST_SET_NEVER);
        let flags = if best { RouteChangeFlags::BEST.0 } else { 0 };
        let decided = if best { c::FLAG_BEST_SET } else { c::FLAG_BEST_CLEAR };
        out.number(Place::output(2), flags, Basis::of(&[decided]).also(c::FLAG_NEW_NEVER));
        let left = self.dests.find(dest).map_or(0, |dest| self.views_of(dest));
        self.cite_delete(best && views & !left != 0, shared, out);
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
                self.timers.insert((at, arming, Due::Route(route)));
            }
            return best;
        }
        self.unlist(route)
    }

    /// A route that was kept without a new time gets its old one again, where a reading says so.
    fn rearm_as_read(&mut self, route: Index) {
        if !self.routes.contains(route) || !self.routes[route].is_listed() {
            return;
        }
        let r = &self.routes[route];
        let (life, kept) = (r.time_to_live, r.deadline.is_none() && r.life == Life::Kept);
        if kept && self.oracle.takes(add::EXPIRED_KEPT_NOT_REARMED_REARMED) {
            self.arm(route, life);
            self.routes[route].life = Life::Kept;
        }
    }

    /// The callback for an expired route has returned `value`.
    pub(in crate::model) fn expiry_answered(&mut self, owner: Index, route: Index, value: u32) {
        // Whoever deletes the route, or leaves, within the callback uses the reference up.
        let held = self.routes.contains(route) && self.unbooked(owner, Object::Route(route)) != 0;
        if value != Status::ERROR_NOT_SUPPORTED.0
            || self.oracle.takes(add::EXPIRED_NOT_SUPPORTED_DELETES_KEPT)
        {
            if self.oracle.takes(add::EXPIRED_OTHER_RETURN_KEEPS_DELETED)
                && held
                && self.routes[route].is_listed()
            {
                self.unlist_for(route, Deed::Expired);
            }
            if self.routes.contains(route) && self.routes[route].deadline.is_none() {
                self.routes[route].life = Life::Kept;
            }
            self.rearm_as_read(route);
            return;
        }
        if !held {
            return;
        }
        let rearmed = self.routes[route].deadline.is_some();
        if rearmed && self.oracle.takes(add::EXPIRED_UPDATED_THEN_NOT_SUPPORTED_KEPT) {
            return;
        }
        if self.routes[route].is_listed() {
            self.routes[route].ledger.structural += 1;
            let dest = self.routes[route].dest;
            let place = Topic::Gone(self.dests[dest].table, self.dests[dest].prefix);
            self.unlist_for(route, Deed::Expired);
            if !self.is_in_table(dest) {
                self.notes.note(place, add::EXPIRED_NOT_SUPPORTED_DELETES);
            } else {
                let handle = self.dests.handle(dest);
                self.notes.note(Topic::Fate(handle), add::EXPIRED_DELETE_LIKE_DELETE);
            }
            self.give_back(owner, Object::Route(route), 1);
            self.unref_route(route);
        }
    }
}
