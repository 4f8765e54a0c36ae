//! Changes of the table: ranking routes, choosing the best, taking routes out.

use super::Model;
use super::effect::Deed;
use super::references::Object;
use super::state::arena::{Index, NONE};
use super::state::objects::{Stamp, VIEWS};
use crate::clause::{add_route_to_dest as add, insert_in_route_list as insert, lock_destination};
use crate::vocabulary::constants::ROUTE_STATE_DELETED;

impl Model {
    /// The time of a change that happens now.
    pub(super) fn stamp(&mut self) -> Stamp {
        self.changes += 1;
        Stamp { milliseconds: self.now, change: self.changes }
    }

    /// The place in the order of its destination that a route ranks for.
    pub(super) fn rank(&self, route: Index) -> (u32, u32, i64) {
        let r = &self.routes[route];
        let creation = i64::from(r.creation);
        let tie = if self.oracle.takes(add::BEST_TIE_NEWEST) { -creation } else { creation };
        let mut key = (r.preference, r.metric);
        if self.oracle.takes(add::PREFERENCE_BEFORE_METRIC_METRIC_FIRST) {
            key = (r.metric, r.preference);
        }
        if self.oracle.takes(add::METRIC_LOWER_WINS_HIGHER_WINS) {
            key.1 = u32::MAX - key.1;
        }
        if self.oracle.takes(add::PREFERENCE_LOWER_WINS_HIGHER_WINS) {
            key.0 = u32::MAX - key.0;
        }
        if self.oracle.takes(add::PREF_COMPARE_UNSIGNED_SIGNED) {
            key = (key.0 ^ 0x8000_0000, key.1 ^ 0x8000_0000);
        }
        (key.0, key.1, tie)
    }

    /// Sorts the routes of a destination and chooses the best of each view. True when the best
    /// route of some view is another one, or is `touched`, before or after.
    pub(super) fn reorder(&mut self, dest: Index, touched: Index) -> bool {
        let mut routes = std::mem::take(&mut self.dests[dest].routes);
        if 1 < routes.len() {
            routes.sort_by_key(|route| self.rank(*route));
        }
        let old = self.dests[dest].best;
        let mut best = [NONE; VIEWS];
        for route in routes.iter().rev() {
            let views = self.routes[*route].views;
            for (view, best) in best.iter_mut().enumerate() {
                if views & 1 << view != 0 {
                    *best = *route;
                }
            }
        }
        if self.oracle.takes(add::BEST_PER_VIEW_ONE_FOR_ALL) {
            let first = routes.first().copied().unwrap_or(NONE);
            best.iter_mut().filter(|b| **b != NONE).for_each(|b| *b = first);
        }
        let d = &mut self.dests[dest];
        d.routes = routes;
        d.best = best;
        d.stale = false;
        (0..VIEWS).any(|v| old[v] != best[v] || old[v] == touched || best[v] == touched)
    }

    /// Takes a route out of the table: marks it deleted, stops its timer, chooses the best routes
    /// anew and drops the table's reference. Where it was the last of a marked view it is held.
    /// True when the best route of some view changed.
    pub(super) fn unlist(&mut self, route: Index) -> bool {
        self.unlist_for(route, Deed::Deleted)
    }

    /// The same, for a reason that is told apart where changes are reported.
    pub(super) fn unlist_for(&mut self, route: Index, deed: Deed) -> bool {
        let watch = self.watch(route, deed);
        self.disarm(route);
        if !self.oracle.takes(insert::DELETED_ROUTE_LEAVES_STAYS) {
            self.leave_list(route, insert::DELETED_ROUTE_LEAVES);
        }
        let r = &mut self.routes[route];
        r.state = ROUTE_STATE_DELETED;
        let dest = r.dest;
        let was_best = self.dests[dest].best.map(|best| best == route);
        self.dests[dest].routes.retain(|other| *other != route);
        let changed = self.reorder(dest, route);
        self.begin_hold(route, deed);
        self.move_time(dest);
        self.note_deletion(route, was_best);
        self.report(watch);
        self.unref_route(route);
        changed
    }

    /// A destination has changed just now.
    pub(super) fn move_time(&mut self, dest: Index) {
        self.notes.withdraw(Object::Dest(dest), lock_destination::NO_NOTIFICATION);
        self.dests[dest].last_changed = self.stamp();
    }
}
