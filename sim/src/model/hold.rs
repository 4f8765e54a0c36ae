//! Hold-down: the last route of a marked view is kept for a while when it is deleted.
//!
//! A mark says which views are to be held, and for how long; all views of a destination share the
//! largest time that was asked for, and end together. What is held stays an object of the table
//! that nobody can change: it is neither listed nor best, and a newer route stands beside it.
//!
//! Not here: what calls show of it; see [`super::calls::hold`].

use super::Model;
use super::clock::Due;
use super::effect::Deed;
use super::notes::Topic;
use super::references::Object;
use super::state::arena::{Index, NONE};
use super::state::hold::{Doubts, Held, Hold, Marks};
use super::state::objects::{Stamp, VIEWS};
use crate::clause::{hold_destination as hold, lock_destination};
use crate::vocabulary::constants::INFINITE;

/// For how long a planted fault holds what nobody marked, in milliseconds.
const UNASKED_TIME: u32 = 30_000;
/// The limit of a manager that has one of its own, in milliseconds.
const OWN_LIMIT: u32 = 600_000;

impl Model {
    /// What a destination holds in a view; [`NONE`] for nothing.
    pub(super) fn held_in(&self, dest: Index, view: usize) -> Index {
        let held = self.dests[dest].hold.as_deref().and_then(|hold| hold.held[view].as_ref());
        held.map_or(NONE, |held| held.route)
    }

    /// Whether a route is held.
    pub(super) fn is_held_down(&self, route: Index) -> bool {
        let hold = self.dests[self.routes[route].dest].hold.as_deref();
        hold.is_some_and(|hold| hold.holds(route))
    }

    /// Whether a destination has nothing but held routes.
    pub(super) fn is_held_only(&self, dest: Index) -> bool {
        let d = &self.dests[dest];
        let in_table = |hold: &Hold| hold.is_running() || hold.lingers;
        d.routes.is_empty() && d.hold.as_deref().is_some_and(in_table)
    }

    /// Whether a destination is in the table, for the routes that it lists or holds.
    pub(super) fn is_in_table(&self, dest: Index) -> bool {
        !self.dests[dest].routes.is_empty() || self.is_held_only(dest)
    }

    /// The views in which a destination holds a route.
    pub(super) fn held_views(&self, dest: Index) -> u32 {
        (0..VIEWS).filter(|v| self.held_in(dest, *v) != NONE).fold(0, |views, v| views | 1 << v)
    }

    /// What is known of the hold-down of a destination, from now on.
    pub(super) fn hold_mut(&mut self, dest: Index) -> &mut Hold {
        self.holding.insert(dest);
        self.dests[dest].hold.get_or_insert_default()
    }

    /// Marks a destination for hold-down.
    pub(super) fn mark(&mut self, dest: Index, by: Index, views: u32, time: u32) {
        let (now, had_routes) = (self.now, self.views_of(dest) & views != 0);
        let before = self.hold_mut(dest).marks;
        let again = before.views != 0;
        let adds_up = before.views | views != views || time < before.time;
        let replaces = again && adds_up && self.oracle.takes(hold::REPEATED_MARKS_REPLACED);
        let hold = self.hold_mut(dest);
        hold.marks = Marks {
            views: if replaces { views } else { before.views | views },
            time: if replaces { time } else { before.time.max(time) },
            least: if again { before.least.min(time) } else { time },
            last: time,
            at: now,
            by,
        };
        hold.ended = None;
        hold.doubts.0 &= !Doubts::USED_UP.0;
        if again {
            hold.doubts.add(Doubts::SEVERAL);
        }
        if !had_routes {
            hold.doubts.add(Doubts::NO_ROUTES);
        }
        if hold.is_running() {
            hold.doubts.add(Doubts::DURING);
            if self.oracle.takes(hold::CALL_DURING_HOLD_EXTENDS) {
                let end = self.hold_end_from(now, dest);
                self.postpone(dest, end);
            }
        }
    }

    /// When a hold-down is to end that begins at `since`; never when there is no such time.
    fn hold_end_from(&self, since: u64, dest: Index) -> Option<u64> {
        let marks = self.dests[dest].hold.as_deref().map(|hold| hold.marks).unwrap_or_default();
        let asked = match marks.time {
            0 => UNASKED_TIME,
            time if time != marks.last
                && self.oracle.takes(hold::SINGLE_MAXIMUM_MEANING_LAST_REQUEST) =>
            {
                marks.last
            }
            time if time < OWN_LIMIT
                && self.oracle.takes(hold::SINGLE_MAXIMUM_MEANING_TEN_MINUTES) =>
            {
                OWN_LIMIT
            }
            time => time,
        };
        if asked == INFINITE || self.oracle.takes(hold::ENDS_AFTER_PERIOD_NEVER) {
            return None;
        }
        let mut time = u64::from(asked);
        if self.oracle.takes(hold::HOLD_TIME_MILLISECONDS_MICROSECONDS) {
            time /= 1000;
        }
        if self.oracle.takes(hold::HELD_FOR_REQUESTED_TIME_HALVED) {
            time /= 2;
        }
        match self.oracle.takes(hold::PERIOD_STARTS_AT_DELETION_AT_MARKING) {
            true => Some(marks.at + time),
            false => Some(since + time),
        }
    }

    /// Moves the end of everything that a destination holds, if that is later.
    fn postpone(&mut self, dest: Index, end: Option<u64>) {
        let hold = self.hold_mut(dest);
        for held in hold.held.iter_mut().flatten() {
            held.until = held.until.zip(end).map(|(one, other)| one.max(other));
        }
        self.arm_hold(dest);
    }

    /// Sets the timer of a destination to the first end of what it holds.
    fn arm_hold(&mut self, dest: Index) {
        let Some(hold) = self.dests[dest].hold.as_deref() else { return };
        let (armed, ends) = (hold.timer, hold.held.iter().flatten().filter_map(|held| held.until));
        let first = ends.min();
        if first == armed.map(|(at, _)| at) {
            return;
        }
        if let Some((at, arming)) = armed {
            self.timers.remove(&(at, arming, Due::Hold(dest)));
        }
        let timer = first.map(|at| {
            self.armings += 1;
            (at, self.armings)
        });
        if let Some((at, arming)) = timer {
            self.timers.insert((at, arming, Due::Hold(dest)));
        }
        self.hold_mut(dest).timer = timer;
    }

    /// A route has just been taken out of the list of its destination: it is held in each marked
    /// view that has no other.
    pub(super) fn begin_hold(&mut self, route: Index, deed: Deed) {
        let expired = deed == Deed::Expired;
        let (dest, views) = (self.routes[route].dest, self.routes[route].views);
        let unasked = self.oracle.takes(hold::UNMARKED_NO_HOLD_HELD);
        if self.dests[dest].hold.is_none() && !unasked
            || self.oracle.takes(hold::STARTS_ON_LAST_ROUTE_DELETE_NEVER)
            || expired && self.oracle.takes(hold::EXPIRY_COUNTS_AS_DELETION_NOT)
            || !self.is_kept_anyway(route)
        {
            return;
        }
        let hold = self.hold_mut(dest);
        if hold.ended.is_some() {
            hold.doubts.add(Doubts::USED_UP);
        }
        let marks = hold.marks;
        let marked = match marks.views {
            0 if unasked => views,
            0 => 0,
            _ if self.oracle.takes(hold::HELD_FOR_ALL_VIEWS_ALL) => views,
            marked => marked,
        };
        let lapsed = marks.at.saturating_add(marks.time.into()) < self.now;
        if lapsed && self.oracle.takes(hold::MARK_NEVER_EXPIRES_LAPSES) {
            return;
        }
        let left = self.views_of(dest);
        let left = match () {
            () if self.oracle.takes(hold::NOT_WHILE_ROUTES_REMAIN_ANY_DELETION) => 0,
            () if left != 0 && self.oracle.takes(hold::TRIGGER_PER_VIEW_ALL_ROUTES) => u32::MAX,
            () => left,
        };
        let mut doubts = Doubts::default();
        if lapsed {
            doubts.add(Doubts::LAPSED);
        }
        if self.views_of(dest) != 0 {
            doubts.add(Doubts::OTHER_VIEWS);
        }
        if expired {
            doubts.add(Doubts::EXPIRED);
        }
        let emptied = (0..VIEWS).filter(|view| views & !left & marked & 1 << view != 0);
        let most = match self.oracle.takes(hold::ROUTE_IN_TWO_VIEWS_HELD_IN_BOTH_FIRST_ONLY) {
            true => 1,
            false => VIEWS,
        };
        let emptied: Vec<usize> = emptied.take(most).collect();
        for view in emptied {
            self.hold_in(view, route, doubts);
        }
        self.arm_hold(dest);
    }

    /// Whether a deleted route can be held, where a planted fault keeps only what clients hold.
    fn is_kept_anyway(&self, route: Index) -> bool {
        let dest = &self.dests[self.routes[route].dest];
        !self.oracle.takes(hold::HOLD_KEEPS_DEST_AND_ROUTE_NOT_KEPT)
            || dest.ledger.holders().next().is_some()
    }

    /// Holds a route in a view, unless another is held there.
    fn hold_in(&mut self, view: usize, route: Index, doubts: Doubts) {
        let (dest, since) = (self.routes[route].dest, self.now);
        let until = self.hold_end_from(since, dest);
        let mut replaced = NONE;
        if let Some(held) = &mut self.hold_mut(dest).held[view] {
            held.doubts.add(Doubts::NEWER_DELETED);
            replaced = held.route;
            if !self.oracle.takes(hold::SECOND_DELETE_DURING_HOLD_NEWER) {
                return;
            }
        }
        let kept = self.route_to_hold(route);
        let running = self.hold_mut(dest).held.iter().flatten().map(|held| held.until).next();
        let apart = running.is_some_and(|running| running != until);
        let own = apart && self.oracle.takes(hold::SECOND_VIEW_SHARES_DEADLINE_EACH_ITS_OWN);
        let first = apart && self.oracle.takes(hold::SECOND_VIEW_SHARES_DEADLINE_FIRST_STAYS);
        let later = |running: Option<u64>| running.zip(until).map(|(one, other)| one.max(other));
        let until = match running {
            Some(running) if first => running,
            Some(running) if !own => later(running),
            _ => until,
        };
        let hold = self.hold_mut(dest);
        let again = if replaced == NONE { Doubts::default() } else { Doubts::NEWER_DELETED };
        let doubts = doubts.and(again);
        let least = hold.marks.least;
        hold.held[view] = Some(Held { route: kept, since, least, until, doubts });
        self.routes[kept].ledger.structural += 1;
        if !own {
            self.postpone(dest, until);
        }
        if replaced != NONE {
            self.unref_route(replaced);
        }
    }

    /// The route that is held when this one was the last: itself, but for a planted fault.
    fn route_to_hold(&self, route: Index) -> Index {
        if !self.oracle.takes(hold::HELD_ROUTE_IS_LAST_DELETED_ONE_BEFORE) {
            return route;
        }
        let dest = self.routes[route].dest;
        let before = |(index, r): &(Index, &super::state::objects::Route)| {
            *index != route && r.dest == dest && !r.is_listed()
        };
        self.routes.iter().find(before).map_or(route, |(index, _)| index)
    }

    /// The timer of a destination has gone off: what is due is no longer held.
    pub(super) fn end_hold(&mut self, dest: Index) {
        let Some((deadline, _)) = self.hold_mut(dest).timer else { return };
        self.now = self.now.max(deadline);
        // What is held may be all that keeps the destination.
        self.dests[dest].ledger.structural += 1;
        self.end_holds(dest, |held| held.until.is_some_and(|until| until <= deadline));
        let stays = self.oracle.takes(hold::MARK_ONE_SHOT_STAYS);
        let lingers = self.oracle.takes(hold::DEST_REMOVED_AFTER_HOLD_STAYS);
        let hold = self.hold_mut(dest);
        hold.ended = Some(deadline);
        if !hold.is_running() {
            hold.doubts = Doubts::default();
            if !stays {
                hold.marks = Marks::default();
            }
            if lingers && !hold.lingers {
                // The reference from above is what it lingers by.
                hold.lingers = true;
                return;
            }
        }
        self.unref_dest(dest);
    }

    /// Lets go of those held routes of a destination that `goes` names, as a change of it.
    pub(super) fn end_holds(&mut self, dest: Index, goes: impl Fn(&Held) -> bool) {
        let hold = self.hold_mut(dest);
        let mut gone = Vec::new();
        let mut views = 0;
        for (view, held) in hold.held.iter_mut().enumerate() {
            if let Some(held) = held.take_if(|held| goes(held)) {
                gone.push(held.route);
                views |= 1 << view;
            }
        }
        let Some(first) = gone.first().copied() else { return };
        self.note_hold_change(dest);
        let stamp = self.stamp();
        self.hold_mut(dest).changes.ended = stamp;
        self.arm_hold(dest);
        self.report_hold_end(first, views);
        // The last of them may be all that kept the destination.
        self.dests[dest].ledger.structural += 1;
        for route in gone {
            self.unref_route(route);
        }
        self.unref_dest(dest);
    }

    /// A client leaves: the marks and the routes that a reading takes with it.
    pub(super) fn leave_holds(&mut self, client: Index) {
        for dest in self.holding.clone() {
            let hold = self.hold_mut(dest);
            if hold.marks.views != 0 && hold.marks.by == client {
                hold.doubts.add(Doubts::MARKER_GONE);
                if self.oracle.takes(hold::REMARK_AFTER_MARK_CLIENT_GONE_DIES) {
                    self.hold_mut(dest).marks = Marks::default();
                }
            }
            let Some(hold) = self.dests[dest].hold.as_deref() else { continue };
            let owned = hold.routes().filter(|r| self.routes[*r].owner == client);
            let owned: Vec<Index> = owned.collect();
            if !owned.is_empty() && self.oracle.takes(hold::OWNER_DEREGISTERS_DURING_HOLD_ENDS) {
                self.end_holds(dest, |held| owned.contains(&held.route));
            }
        }
    }

    /// Holds the best route of each marked view, as a planted fault has it.
    pub(super) fn hold_at_once(&mut self, dest: Index) {
        let marked = self.hold_mut(dest).marks.views;
        for view in (0..VIEWS).filter(|view| marked & 1 << view != 0) {
            let best = self.dests[dest].best[view];
            if best != NONE {
                self.hold_in(view, best, Doubts::default());
            }
        }
        self.arm_hold(dest);
    }

    /// When a destination was last changed, as far as readings count what happens to its hold-down.
    pub(super) fn last_changed(&self, dest: Index) -> Stamp {
        let d = &self.dests[dest];
        let Some(hold) = d.hold.as_deref() else { return d.last_changed };
        let mut last = d.last_changed;
        if last < hold.changes.marked && self.oracle.takes(hold::LAST_CHANGED_MARKING_MOVES) {
            last = hold.changes.marked;
        }
        if last < hold.changes.ended && !self.oracle.takes(hold::LAST_CHANGED_END_DOES_NOT) {
            last = hold.changes.ended;
        }
        last
    }

    /// Remembers that something other than a route changed last at a destination.
    pub(super) fn note_hold_change(&mut self, dest: Index) {
        let handle = self.dests.handle(dest);
        self.notes.note(Topic::Fate(handle), hold::LAST_CHANGED);
        self.notes.withdraw(Object::Dest(dest), lock_destination::NO_NOTIFICATION);
        if self.dests[dest].routes.is_empty() {
            let place = Topic::Gone(self.dests[dest].table, self.dests[dest].prefix);
            self.notes.note(place, hold::DEST_REMOVED_AFTER_HOLD);
        }
    }

    /// Remembers that a route left views by an update: the documentation does not tell whether
    /// that begins a hold-down.
    pub(super) fn note_left_views(&mut self, dest: Index, left: u32) {
        let gone = left & !self.views_of(dest);
        if let Some(hold) = &mut self.dests[dest].hold
            && hold.marks.views & gone != 0
        {
            hold.doubts.add(Doubts::LEFT_VIEW);
        }
    }
}
