//! Why: the clauses that decide whether a registration is told of a change.

use super::{ALL, BEST, FORWARDING};
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_to_dest as delete, get_changed_dests as get,
    hold_destination as hold, ignore_changed_dests as ignore,
    mark_dest_for_change_notification as mark, register_for_change_notification as c,
    update_and_unlock_route as commit,
};
use crate::model::Model;
use crate::model::effect::{Deed, Differences, Effect};
use crate::model::state::arena::Index;
use crate::model::state::notification::Why;

impl Model {
    /// Why a registration is told of a change in these views.
    pub(super) fn why_told(&self, listener: Index, effect: &Effect, views: u32) -> Why {
        let g = &self.notifications[listener];
        let types = g.types;
        match effect.deed {
            Deed::HoldEnded => return Why::of(&[hold::END_NOTIFIED, c::HOLDDOWN_CHANGE]),
            Deed::Marked => return Why::of(&[c::HOLDDOWN_CHANGE]),
            _ => {}
        }
        let why = match () {
            () if types & ALL != 0 => why_of_any(effect, views),
            () if types & BEST != 0 => why_of_best(effect, views),
            () => why_of_forwarding(effect, views),
        };
        let why = match self.begins_hold(effect) {
            true => why.after(hold::START_NOTIFIED),
            false => why,
        };
        // What is silent, or was told again, has more to say than what follows.
        let silent = why.first().is_some_and(|clause| clause.clause().choice.is_some());
        if silent {
            return why;
        }
        match g.stories.0.of(effect.dest).and_then(Why::first) {
            _ if g.only_marked => return why.after(mark::MARK).after(c::ONLY_MARKED),
            Some(ignore::DROPS_PENDING) => return why.after(ignore::LATER_CHANGE_REPORTED),
            Some(clause @ ignore::NOT_ARMED) => return why.after(clause),
            Some(get::CLEARS_PENDING) => return why.after(get::NEW_CHANGE_REPENDS),
            _ => {}
        }
        match () {
            () if 1 < types.count_ones() => why.after(c::TYPES_OR).after(c::FLAGS_COMBINED),
            () if effect.owner == g.owner => why.after(c::OWN_CHANGES),
            () if self.is_beyond_the_first(g.views, views) => why.after(c::VIEWS_ANY_SUBSET),
            () if self.is_partial(g.views) && self.is_alone(listener) => {
                why.and(c::THREE_CONDITIONS)
            }
            () => why,
        }
    }

    /// Why a registration is told besides those of the clients that were told before.
    pub(super) fn why_this_one_too(&self, listener: Index, told: &[Index]) -> Option<ClauseId> {
        let owner = self.notifications[listener].owner;
        let listeners = &self.tables[self.entities[owner].table].notifications;
        let own = listeners.iter().filter(|other| self.notifications[**other].owner == owner);
        match () {
            () if told.contains(&owner) => Some(c::CALLBACK_ONE_PER_REGISTRATION),
            () if !told.is_empty() => Some(c::CALLBACK_ALL_REGISTRANTS),
            () if 1 < own.count() => Some(c::SEVERAL_REGISTRATIONS),
            () => None,
        }
    }

    /// Whether a mask names some of the supported views and not all.
    fn is_partial(&self, views: u32) -> bool {
        let supported = self.config.views_supported;
        views & supported != 0 && views & supported != supported
    }

    /// Whether a change is in views other than the first one asked for.
    fn is_beyond_the_first(&self, asked: u32, views: u32) -> bool {
        let asked = asked & self.config.views_supported;
        1 < asked.count_ones() && views & (asked & asked.wrapping_neg()) == 0
    }

    /// Whether a registration is the only one of its table.
    fn is_alone(&self, listener: Index) -> bool {
        let owner = self.notifications[listener].owner;
        self.tables[self.entities[owner].table].notifications.len() == 1
    }

    /// Why a registration is not told of a change.
    pub(super) fn why_not_told(&self, listener: Index, effect: &Effect) -> Why {
        let g = &self.notifications[listener];
        let marked = g.marks.contains(&effect.dest);
        if g.only_marked && !marked {
            let unmarked = g.mark_stories.0.of(effect.dest).is_some();
            return match (g.marks.is_empty(), unmarked) {
                (_, true) => Why::of(&[mark::UNMARK, c::ONLY_MARKED]),
                (true, false) => Why::of(&[c::ONLY_MARKED_STARTS_EMPTY, c::ONLY_MARKED]),
                (false, false) => Why::of(&[c::ONLY_MARKED, c::THREE_CONDITIONS]),
            };
        }
        let views = self.views_told(listener);
        let why = self.why_of_no_type(g.types, effect, views);
        match marked {
            true => why.after(mark::CHANGE_TYPES_STILL_APPLY),
            false => why,
        }
    }

    fn why_of_no_type(&self, types: u32, effect: &Effect, views: u32) -> Why {
        let d = effect.differs;
        match effect.timed {
            Some(true) => {
                return Why::of(&[c::LIFETIME_ONLY_CHANGE, add::NOTIFICATION_LIFETIME_ONLY]);
            }
            Some(false) => return Why::of(&[c::IDENTICAL_UPDATE]),
            None => {}
        }
        if types == 0 {
            return Why::of(&[c::NO_CHANGE_TYPE]);
        }
        if effect.deed == Deed::Marked {
            return Why::of(&[c::HOLDDOWN_CHANGE]);
        }
        if effect.deed == Deed::HoldEnded && effect.all & views != 0 {
            return Why::of(&[hold::END_NOTIFIED, c::HOLDDOWN_CHANGE]);
        }
        if d == (Differences { private: true, ..Differences::default() }) {
            return Why::of(&[c::PRIVATE_DATA_CHANGE]);
        }
        let elsewhere = (types & ALL == 0 && effect.best & !views != 0) || effect.all & views == 0;
        if elsewhere && effect.best & views == 0 {
            return Why::of(&[c::VIEWS_FILTER, c::THREE_CONDITIONS]);
        }
        let metric = d == (Differences { metric: true, ..Differences::default() });
        let is_best = self.dests[effect.dest].best.contains(&effect.route);
        if metric && is_best {
            return Why::of(&[c::METRIC_CHANGE, add::NOTIFICATION_METRIC_OF_BEST]);
        }
        if types & BEST == 0 && effect.best & views != 0 {
            return match d.other_flags {
                true => Why::of(&[c::TYPE_FORWARDING]),
                false if d.preference => Why::of(&[c::PREFERENCE_CHANGE_FORWARDING]),
                false => Why::of(&[c::TYPE_FORWARDING_OTHER_CHANGES]),
            };
        }
        Why::of(&[c::TYPE_BEST_NOT_FOR_OTHERS, add::NO_NOTIFICATION_BEST_UNTOUCHED])
    }
}

/// Why a change is reported to who asked for all of them.
fn why_of_any(effect: &Effect, views: u32) -> Why {
    let d = effect.differs;
    let only =
        |only: Differences| d == only && matches!(effect.deed, Deed::Updated | Deed::Committed);
    if only(Differences { private: true, ..Differences::default() }) {
        return Why::of(&[c::PRIVATE_DATA_CHANGE]);
    }
    if only(Differences { views: true, ..Differences::default() }) && effect.moved & views == 0 {
        return Why::of(&[c::VIEW_MEMBERSHIP_CHANGE]);
    }
    if effect.deed == Deed::Expired {
        return Why::of(&[c::EXPIRY_COUNTS, c::TYPE_ALL]);
    }
    match effect.best & views {
        0 => Why::of(&[
            c::TYPE_ALL,
            c::CALLBACK_FOR_ALL_CHANGES,
            add::NO_NOTIFICATION_BEST_UNTOUCHED,
        ]),
        _ => Why::of(&[c::TYPE_ALL, c::TYPE_ALL_INCLUDES_BEST, ground_of_best(effect)]),
    }
}

/// The page that says that a change of the best route is told.
fn ground_of_best(effect: &Effect) -> ClauseId {
    match effect.deed {
        Deed::Added => add::NOTIFICATION_ON_BEST_CHANGE,
        Deed::Updated if effect.replaced != 0 => add::NOTIFICATION_ON_BEST_CHANGE,
        Deed::Updated => add::NOTIFICATION_CONTENT_OF_BEST,
        Deed::Committed => commit::NOTIFIES_LIKE_ADD,
        Deed::Deleted => delete::NOTIFICATION_ON_BEST_CHANGE,
        Deed::Expired => c::EXPIRY_COUNTS,
        Deed::Marked => c::HOLDDOWN_CHANGE,
        Deed::HoldEnded => hold::END_NOTIFIED,
    }
}

/// Why a change is reported to who asked for those of the best route.
fn why_of_best(effect: &Effect, views: u32) -> Why {
    let d = effect.differs;
    let ground = ground_of_best(effect);
    if effect.replaced & views != 0 {
        return match () {
            () if effect.deed == Deed::Expired => Why::of(&[ground, c::TYPE_BEST]),
            () if effect.last & views != 0 => Why::of(&[ground, c::LAST_ROUTE_DELETED]),
            () if effect.first & views != 0 => Why::of(&[ground, c::FIRST_ROUTE_ADDED]),
            () => Why::of(&[ground, c::TYPE_BEST]),
        };
    }
    let forwards = d.next_hops || d.forwarding_flags;
    match () {
        () if forwards => Why::of(&[c::TYPE_BEST_INCLUDES_FORWARDING, c::TYPE_BEST, ground]),
        () if d.preference || d.other_flags => Why::of(&[ground, c::TYPE_BEST]),
        () if d.metric => Why::of(&[c::METRIC_CHANGE, add::NOTIFICATION_METRIC_OF_BEST]),
        () => Why::of(&[c::PRIVATE_DATA_CHANGE]),
    }
}

/// Why a change is reported to who asked for those that affect forwarding.
fn why_of_forwarding(effect: &Effect, views: u32) -> Why {
    let d = effect.differs;
    if effect.replaced & views != 0 {
        return match () {
            () if effect.hops & views == 0 => Why::of(&[c::TYPE_FORWARDING_OTHER_CHANGES]),
            () if effect.deed == Deed::Expired => Why::of(&[c::EXPIRY_COUNTS, c::TYPE_FORWARDING]),
            () => Why::of(&[c::TYPE_FORWARDING, c::TYPE_BEST_INCLUDES_FORWARDING]),
        };
    }
    match () {
        () if d.next_hops => Why::of(&[c::TYPE_FORWARDING]),
        () if d.forwarding_flags => Why::of(&[c::FORWARDING_FLAGS, c::TYPE_FORWARDING]),
        () if d.preference => Why::of(&[c::PREFERENCE_CHANGE_FORWARDING]),
        () if d.metric => Why::of(&[c::METRIC_CHANGE]),
        () => Why::of(&[c::PRIVATE_DATA_CHANGE]),
    }
}

/// The types that a registration asked for, as far as there are any.
pub(in crate::model) fn types_of(flags: u32) -> u32 {
    flags & (ALL | BEST | FORWARDING)
}
