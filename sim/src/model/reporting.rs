//! Who is told of a change: destinations become pending, and their clients are called back.
//!
//! Nothing here costs anything where nobody has registered for changes.
//!
//! Invariants: a pending entry holds one structural reference on its destination; a registration
//! of a client with a callback is announced exactly while something is pending under it.

pub(super) mod reasons;

mod telling;

mod upkeep;

use smallvec::SmallVec;

use super::Model;
use super::effect::{Deed, Effect, Watch};
use super::events::{Detail, PendingEvent};
use super::state::arena::{Index, NONE};
use super::state::notification::{Announced, Aside, Waiting, Why};
use super::state::objects::Route;
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_to_dest as delete, get_changed_dests as get,
    hold_destination as hold, ignore_changed_dests as ignore,
    mark_dest_for_change_notification as mark, register_for_change_notification as c,
};
use crate::vocabulary::constants::{EventType, NotifyFlags};

pub(super) const ALL: u32 = NotifyFlags::CHANGE_TYPE_ALL.0;
pub(super) const BEST: u32 = NotifyFlags::CHANGE_TYPE_BEST.0;
pub(super) const FORWARDING: u32 = NotifyFlags::CHANGE_TYPE_FORWARDING.0;

/// Registrations of a table that are gone through without memory of their own.
const FEW: usize = 4;

impl Model {
    /// Tells whoever has registered for it of a change that has taken effect.
    pub(super) fn report(&mut self, watch: Option<Watch>) {
        let Some(watch) = watch else { return };
        let effect = self.effect(&watch);
        self.report_effect(&effect);
    }

    /// Tells of the end of a hold-down, in these views, of a route among others.
    pub(super) fn report_hold_end(&mut self, route: Index, views: u32) {
        if !self.notifications.is_empty() {
            let every_type = self.oracle.takes(hold::END_NOTIFIED_EVERY_TYPE);
            let best = if every_type { views } else { 0 };
            let effect = Effect::of(Deed::HoldEnded, route, self.routes[route].dest, views);
            self.report_effect(&Effect { best, forwarding: best, ..effect });
        }
    }

    /// Tells nobody that a destination was marked for hold-down, unless a reading does.
    pub(super) fn report_mark(&mut self, dest: Index, views: u32) {
        if !self.notifications.is_empty() {
            let counts = self.oracle.takes(c::HOLDDOWN_CHANGE_MARKING_REPORTED);
            let views = if counts { views } else { 0 };
            self.report_effect(&Effect::of(Deed::Marked, NONE, dest, views));
        }
    }

    fn report_effect(&mut self, effect: &Effect) {
        let table = self.dests[effect.dest].table;
        let untold = match effect.deed {
            Deed::Added | Deed::Updated | Deed::Committed => {
                self.oracle.takes(add::NOTIFICATION_ON_BEST_CHANGE_NEVER)
            }
            Deed::Deleted => self.oracle.takes(delete::NOTIFICATION_ON_BEST_CHANGE_NEVER),
            Deed::Expired => self.oracle.takes(c::EXPIRY_COUNTS_UNREPORTED),
            Deed::Marked => false,
            Deed::HoldEnded => self.oracle.takes(hold::END_NOTIFIED_UNREPORTED),
        };
        let begins = self.begins_hold(effect);
        if untold || begins && self.oracle.takes(hold::START_NOTIFIED_UNREPORTED) {
            return;
        }
        let mut listeners: SmallVec<[Index; FEW]> =
            SmallVec::from_slice(&self.tables[table].notifications);
        if self.oracle.takes(c::CALLBACK_ORDER_OF_CLIENTS_NEWEST_FIRST) {
            listeners.reverse();
        }
        let mut told: SmallVec<[Index; FEW]> = SmallVec::new();
        for listener in listeners {
            if self.is_replaced(listener) {
                continue;
            }
            match self.covered(listener, effect) {
                0 => self.pass_over(listener, effect),
                views => {
                    let also = self.why_this_one_too(listener, &told);
                    self.make_pending(listener, effect, views, also);
                    told.push(self.notifications[listener].owner);
                    if self.oracle.takes(c::CALLBACK_ALL_REGISTRANTS_OLDEST_ONLY) {
                        break;
                    }
                }
            }
        }
        self.pass_by_other_tables(table, effect);
    }

    /// Whether a change is the deletion of a route that is held from now on.
    pub(super) fn begins_hold(&self, effect: &Effect) -> bool {
        matches!(effect.deed, Deed::Deleted | Deed::Expired) && self.is_held_down(effect.route)
    }

    /// Registrations of other tables are told nothing.
    fn pass_by_other_tables(&mut self, table: usize, effect: &Effect) {
        let told = self.oracle.takes(c::OWN_TABLE_ONLY_ALL_TABLES);
        for other in (0..self.tables.len()).filter(|other| *other != table) {
            for listener in self.tables[other].notifications.clone() {
                self.notifications[listener].quiet.0 = Why::of(&[c::OWN_TABLE_ONLY]);
                if told {
                    self.make_pending(listener, effect, effect.all, None);
                }
            }
        }
    }

    /// Whether a later registration of the same client is served instead, which a planted fault
    /// has.
    fn is_replaced(&self, listener: Index) -> bool {
        if !self.oracle.takes(c::SEVERAL_REGISTRATIONS_LAST_ONLY) {
            return false;
        }
        let owner = self.notifications[listener].owner;
        let listeners = &self.tables[self.entities[owner].table].notifications;
        listeners.iter().rfind(|other| self.notifications[**other].owner == owner)
            != Some(&listener)
    }

    /// Views in which a registration is told of a change; 0 when it is not told.
    fn covered(&self, listener: Index, effect: &Effect) -> u32 {
        let g = &self.notifications[listener];
        let marked = self.counts_as_marked(listener, effect.dest);
        let deaf = g.deaf.contains(&effect.dest)
            || g.booked.contains_key(&super::references::Object::Dest(effect.dest))
                && self.oracle.takes(get::NEW_CHANGE_REPENDS_ONCE_RELEASED);
        let own = effect.owner == g.owner && self.oracle.takes(c::OWN_CHANGES_UNREPORTED);
        if g.only_marked && !marked || deaf || own {
            return 0;
        }
        let views = self.views_told(listener);
        if marked && self.oracle.takes(mark::CHANGE_TYPES_STILL_APPLY_EVERY_TYPE) {
            return effect.all & views;
        }
        self.of_type(self.types_told(listener), effect) & views
    }

    /// Whether a destination passes the filter of marks.
    fn counts_as_marked(&self, listener: Index, dest: Index) -> bool {
        let g = &self.notifications[listener];
        let shared = || {
            let listeners = &self.tables[self.entities[g.owner].table].notifications;
            listeners.iter().any(|other| self.notifications[*other].marks.contains(&dest))
        };
        g.marks.contains(&dest)
            || self.oracle.takes(c::ONLY_MARKED_IGNORED)
            || g.marks.is_empty() && self.oracle.takes(c::ONLY_MARKED_STARTS_EMPTY_STARTS_FULL)
            || self.oracle.takes(mark::PER_REGISTRATION_SHARED) && shared()
    }

    /// Views that a registration is told of.
    pub(super) fn views_told(&self, listener: Index) -> u32 {
        let supported = self.config.views_supported;
        let views = match self.notifications[listener].views {
            0 if self.oracle.takes(c::VIEWS_ZERO_NOTHING) => 0,
            0 => supported,
            views => views & supported,
        };
        if self.oracle.takes(c::VIEWS_FILTER_IGNORED) {
            return supported;
        }
        match self.oracle.takes(c::VIEWS_ANY_SUBSET_LOWEST) {
            true => views & views.wrapping_neg(),
            false => views,
        }
    }

    fn types_told(&self, listener: Index) -> u32 {
        let types = self.notifications[listener].types;
        match self.oracle.takes(c::FLAGS_COMBINED_HIGHEST) && types != 0 {
            true => 1 << types.ilog2(),
            false => types,
        }
    }

    /// Views in which a change is of one of these types.
    fn of_type(&self, types: u32, effect: &Effect) -> u32 {
        let mut all = effect.all;
        let (mut best, mut forwarding) = (effect.best, effect.forwarding);
        if self.oracle.takes(c::TYPE_ALL_BEST_ONLY) {
            all = best;
        }
        if self.oracle.takes(c::TYPE_ALL_INCLUDES_BEST_WITHOUT_BEST) {
            all &= !best;
        }
        if self.oracle.takes(c::TYPE_BEST_INCLUDES_FORWARDING_WITHOUT_HOPS) {
            best &= !effect.hops;
        }
        if self.oracle.takes(c::TYPE_BEST_NOT_FOR_OTHERS_REPORTED) {
            best = effect.all;
        }
        if self.oracle.takes(c::LAST_ROUTE_DELETED_UNREPORTED) {
            best &= !effect.last;
            forwarding &= !effect.last;
        }
        if self.oracle.takes(c::FIRST_ROUTE_ADDED_UNREPORTED) {
            best &= !effect.first;
            forwarding &= !effect.first;
        }
        let asked = [(ALL, all), (BEST, best), (FORWARDING, forwarding)];
        let asked = asked.into_iter().filter(|(kind, _)| types & kind != 0).map(|(_, v)| v);
        match self.oracle.takes(c::TYPES_OR_ALL_OF_THEM) && types != 0 {
            true => asked.fold(u32::MAX, |views, one| views & one),
            false => asked.fold(0, |views, one| views | one),
        }
    }

    /// A change that a registration is told of.
    fn make_pending(
        &mut self,
        listener: Index,
        effect: &Effect,
        views: u32,
        also: Option<ClauseId>,
    ) {
        let dest = effect.dest;
        let why = self.why_told(listener, effect, views);
        let why = also.map_or(why, |clause| why.and(clause));
        let emptied = !self.is_in_table(dest);
        let g = &mut self.notifications[listener];
        g.stirred = true;
        g.stories.0.tell(dest, why);
        match g.pending.get_mut(dest) {
            Some(waiting) => {
                waiting.views |= views;
                waiting.changes += 1;
                waiting.moved_on = false;
            }
            None => {
                self.dests[dest].ledger.structural += 1;
                g.pending.push(Waiting {
                    dest,
                    views,
                    changes: 1,
                    was_empty: effect.was_empty,
                    moved_on: false,
                    delivered: false,
                    why: Aside(why),
                });
            }
        }
        let came_and_went =
            emptied && self.notifications[listener].pending.get(dest).is_some_and(|w| w.was_empty);
        if came_and_went && self.oracle.takes(get::ADD_THEN_DELETE_FORGOTTEN) {
            self.no_longer_pending(listener, dest);
            self.settle_pending(listener, get::ADD_THEN_DELETE);
            return;
        }
        let kept_quiet = effect.best & self.views_told(listener) == 0
            && self.oracle.takes(c::CALLBACK_FOR_ALL_CHANGES_BEST_ONLY);
        if !kept_quiet {
            self.announce(listener, why);
        }
    }

    /// A change that a registration is not told of.
    fn pass_over(&mut self, listener: Index, effect: &Effect) {
        let why = self.why_not_told(listener, effect);
        let armed = self.oracle.takes(ignore::NOT_ARMED_ARMED);
        let g = &mut self.notifications[listener];
        match g.pending.get_mut(effect.dest) {
            Some(waiting) => waiting.moved_on |= effect.shows(),
            None => g.stories.0.tell(effect.dest, why),
        }
        g.quiet.0 = why;
        if armed {
            g.deaf.remove(&effect.dest);
        }
        if self.oracle.takes(c::CALLBACK_ONLY_REQUESTED_EVERYBODY) {
            self.queue_change(listener, why);
        }
    }

    /// Has a client called back, unless it has been told since nothing was pending last.
    pub(super) fn announce(&mut self, listener: Index, why: Why) {
        let g = &self.notifications[listener];
        let owner = &self.entities[g.owner];
        if !owner.callback || !owner.registered {
            return;
        }
        let again = g.announced && !self.oracle.takes(c::CALLBACK_BATCHING_EVERY_CHANGE);
        if again || self.oracle.takes(c::CALLBACK_AT_LEAST_ONCE_NEVER) {
            return;
        }
        let client = g.owner;
        self.notifications[listener].announced = true;
        let is_for_client =
            |e: &PendingEvent| e.receiver == client && e.event == EventType::ChangeNotification;
        let one_a_client = self.queue.iter().any(is_for_client)
            && self.oracle.takes(c::CALLBACK_ONE_PER_REGISTRATION_ONE_A_CLIENT);
        if !one_a_client {
            self.queue_change(listener, why);
        }
    }

    fn queue_change(&mut self, listener: Index, why: Why) {
        let g = &self.notifications[listener];
        let announced = Announced {
            index: listener,
            handle: self.notifications.handle(listener),
            context: g.context,
            why: Aside(why),
            armed: g.armed,
            nested: Aside(!self.running.is_empty()),
        };
        let (receiver, event) = (g.owner, EventType::ChangeNotification);
        if self.entities[receiver].callback && self.entities[receiver].registered {
            let detail = Detail::Change(announced);
            self.queue.push_back(PendingEvent { receiver, event, detail });
        }
    }

    /// Takes a destination out of what is pending; true when it was.
    pub(super) fn no_longer_pending(&mut self, listener: Index, dest: Index) -> bool {
        let removed = self.notifications[listener].pending.remove(dest).is_some();
        if removed {
            self.unref_dest(dest);
        }
        removed
    }

    /// When nothing is pending any more, the next change is announced again, and a callback that
    /// has not begun is withdrawn. `by` is what emptied the set.
    pub(super) fn settle_pending(&mut self, listener: Index, by: ClauseId) {
        if !self.notifications[listener].pending.is_empty() {
            return;
        }
        let still = by == ignore::EMPTIES_SET
            && self.oracle.takes(ignore::EMPTIES_SET_STILL_ANNOUNCED)
            || self.oracle.takes(c::CALLBACK_AT_LEAST_ONCE_ONCE_ONLY);
        let g = &mut self.notifications[listener];
        g.armed.0 = by;
        if !still {
            g.announced = false;
        }
        if !self.oracle.takes(c::CALLBACK_SPURIOUS_DELIVERED) {
            self.withdraw(listener);
        }
    }

    /// Drops callbacks of a registration that have not begun.
    pub(super) fn withdraw(&mut self, listener: Index) {
        let is_of = |event: &PendingEvent| match event.detail {
            Detail::Change(announced) => announced.index == listener,
            _ => false,
        };
        if !self.queue.is_empty() {
            self.queue.retain(|event| !is_of(event));
        }
    }

    /// Whether a callback of a registration runs.
    pub(super) fn in_change_of(&self, listener: Index) -> bool {
        self.events_running()
            .any(|(_, e)| matches!(e.detail, Detail::Change(a) if a.index == listener))
    }

    /// A destination is gone: no registration remembers it.
    pub(super) fn forget_dest(&mut self, table: usize, dest: Index) {
        for at in 0..self.tables[table].notifications.len() {
            let g = &mut self.notifications[self.tables[table].notifications[at]];
            g.marks.remove(&dest);
            g.deaf.remove(&dest);
            g.stories.0.forget(dest);
            g.mark_stories.0.forget(dest);
        }
    }

    /// A next hop was added or deleted, or updated, which this clause leaves untold: no route
    /// changed, so nobody is told, unless a reading takes it as a change of the routes that use
    /// it.
    pub(super) fn next_hop_changed(&mut self, hop: Index, updated: Option<ClauseId>) {
        if self.notifications.is_empty() {
            return;
        }
        let n = &self.next_hops[hop];
        let (owner, in_use) = (n.owner, 1 < n.ledger.structural);
        let counts =
            updated.is_some() && in_use && self.oracle.takes(c::NEXT_HOP_OBJECT_UPDATE_REPORTED);
        let told = self.oracle.takes(c::NOT_NEXT_HOPS_REPORTED);
        let why = match updated.filter(|_| in_use) {
            Some(clause) => Why::of(&[c::NEXT_HOP_OBJECT_UPDATE, clause]),
            None => Why::of(&[c::NOT_NEXT_HOPS]),
        };
        let mut effects = Vec::new();
        if counts || told {
            let is_told = |r: &Route| {
                let uses = counts && r.next_hops.contains(&hop);
                r.is_listed() && (uses || told && r.owner == owner)
            };
            let routes = self.routes.iter().filter(|(_, r)| is_told(r));
            effects.extend(routes.map(|(route, _)| self.effect_of_hops(route)));
        }
        let table = self.entities[owner].table;
        for listener in self.tables[table].notifications.clone() {
            let g = &mut self.notifications[listener];
            g.quiet.0 = why;
            g.stories.0.clear();
            for effect in &effects {
                let views = self.covered(listener, effect);
                if views != 0 {
                    self.make_pending(listener, effect, views, None);
                }
            }
        }
    }
}
