//! What a change of a route does to its destination, view by view: what registrations for changes
//! are told about.
//!
//! A change is watched only where somebody listens: [`Model::watch`] looks at the destination
//! before it, [`Watch::effect`] compares afterwards.

use super::Model;
use super::state::arena::{Index, NONE};
use super::state::objects::VIEWS;
use crate::clause::register_for_change_notification as c;
use crate::vocabulary::constants::RouteFlags;

/// Flags of a route that say what is done with its packets.
const FORWARDING_FLAGS: u16 = (RouteFlags::MARTIAN.0
    | RouteFlags::BLACKHOLE.0
    | RouteFlags::DISCARD.0
    | RouteFlags::INACTIVE.0) as u16;

/// What is done to a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    /// It comes into the table.
    Added,
    /// Its members are replaced.
    Updated,
    /// They were edited in place.
    Committed,
    /// Its owner takes it out.
    Deleted,
    /// Its time is over.
    Expired,
    /// Its destination is marked for hold-down; no route is meant.
    Marked,
    /// It is no longer held.
    HoldEnded,
}

/// A route before a change.
#[derive(Clone, Debug)]
struct Seen {
    views: u32,
    preference: u32,
    metric: u32,
    flags: u16,
    private: (u64, u8, Index),
    next_hops: Vec<Index>,
    timed: bool,
}

/// A destination before a change of one of its routes.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    route: Index,
    deed: Deed,
    best: [Index; VIEWS],
    was_empty: bool,
    seen: Option<Seen>,
}

/// What differs in a route that stays in the table.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Differences {
    pub preference: bool,
    pub metric: bool,
    pub next_hops: bool,
    pub forwarding_flags: bool,
    pub other_flags: bool,
    /// What only its owner and readers of the route look at.
    pub private: bool,
    pub views: bool,
}

/// What a change does; masks have a bit a view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effect {
    /// The route; [`NONE`] where the change is of the destination alone.
    pub route: Index,
    pub dest: Index,
    pub deed: Deed,
    /// The client that made the change; [`NONE`] where none did.
    pub owner: Index,
    /// Views in which a route of the destination changed.
    pub all: u32,
    /// Views in which the best route is another one, or changed.
    pub best: u32,
    /// Views in which that affects forwarding.
    pub forwarding: u32,
    /// Views in which the best route is another one.
    pub replaced: u32,
    /// Views that had no best route before.
    pub first: u32,
    /// Views that have no best route now.
    pub last: u32,
    /// Views in which the next hops of the best route are others.
    pub hops: u32,
    /// Views that the route joined or left.
    pub moved: u32,
    /// What differs in an updated route.
    pub differs: Differences,
    /// An update that at most gave the route another lifetime; whether it has, or had, one.
    pub timed: Option<bool>,
    /// The destination had no route before.
    pub was_empty: bool,
}

impl Model {
    /// Looks at the destination of a route that is about to change; nothing where nobody listens.
    #[inline]
    pub(super) fn watch(&self, route: Index, deed: Deed) -> Option<Watch> {
        match self.notifications.is_empty() {
            true => None,
            false => Some(self.watch_closely(route, deed)),
        }
    }

    fn watch_closely(&self, route: Index, deed: Deed) -> Watch {
        let r = &self.routes[route];
        let dest = &self.dests[r.dest];
        let others = dest.routes.iter().any(|other| *other != route);
        let seen = (deed != Deed::Added).then(|| Seen {
            views: r.views,
            preference: r.preference,
            metric: r.metric,
            flags: r.flags,
            private: (r.entity_specific_info, r.flags1, r.neighbour),
            next_hops: r.next_hops.to_vec(),
            timed: r.deadline.is_some(),
        });
        let was_empty = deed == Deed::Added && !others;
        Watch { route, deed, best: dest.best, was_empty, seen }
    }

    /// Compares a destination, its best routes chosen anew, with what it was before.
    pub(super) fn effect(&self, watch: &Watch) -> Effect {
        let route = watch.route;
        let r = &self.routes[route];
        let after = &self.dests[r.dest].best;
        let now = if r.is_listed() { r.views } else { 0 };
        let before = watch.seen.as_ref().map_or(0, |seen| seen.views);
        let updated =
            watch.seen.as_ref().filter(|_| matches!(watch.deed, Deed::Updated | Deed::Committed));
        let differs = updated.map(|seen| self.differences(route, seen)).unwrap_or_default();
        let unchanged = updated.is_some() && differs == Differences::default();
        let timed = updated
            .filter(|_| unchanged)
            .map(|seen| seen.timed || self.routes[route].deadline.is_some());
        let moved = before ^ now;
        let mut effect = Effect {
            owner: r.owner,
            moved,
            differs,
            timed,
            was_empty: watch.was_empty,
            ..Effect::of(watch.deed, route, r.dest, before | now)
        };
        for (view, (old, new)) in watch.best.iter().zip(after).enumerate() {
            let bit = 1 << view;
            if old != new {
                effect.replaced |= bit;
                effect.first |= if *old == NONE { bit } else { 0 };
                effect.last |= if *new == NONE { bit } else { 0 };
                let same = *old != NONE && *new != NONE && self.forwards_alike(*old, *new);
                effect.hops |= if same { 0 } else { bit };
                self.add_replacement(&mut effect, bit, same);
            } else if *new == route && updated.is_some() {
                effect.hops |= if differs.next_hops { bit } else { 0 };
                self.add_update(&mut effect, bit);
            }
        }
        self.narrow(&mut effect);
        effect
    }

    /// The effect that other next hops of a route have.
    pub(super) fn effect_of_hops(&self, route: Index) -> Effect {
        let r = &self.routes[route];
        let best = &self.dests[r.dest].best;
        let views = (0..VIEWS).filter(|view| best[*view] == route);
        let best = views.fold(0, |mask, view| mask | 1 << view);
        Effect {
            owner: r.owner,
            best,
            forwarding: best,
            hops: best,
            differs: Differences { next_hops: true, ..Differences::default() },
            ..Effect::of(Deed::Updated, route, r.dest, r.views)
        }
    }

    fn differences(&self, route: Index, seen: &Seen) -> Differences {
        let r = &self.routes[route];
        let flags = r.flags ^ seen.flags;
        Differences {
            preference: r.preference != seen.preference,
            metric: r.metric != seen.metric,
            next_hops: r.next_hops[..] != seen.next_hops[..],
            forwarding_flags: flags & FORWARDING_FLAGS != 0,
            other_flags: flags & !FORWARDING_FLAGS != 0,
            private: (r.entity_specific_info, r.flags1, r.neighbour) != seen.private,
            views: r.views != seen.views,
        }
    }

    /// Whether two routes send packets the same way: to the same addresses on the same
    /// interfaces, under the same forwarding flags.
    fn forwards_alike(&self, one: Index, other: Index) -> bool {
        let hops = |route: Index| {
            let hops = self.routes[route].next_hops.iter().map(|hop| &self.next_hops[*hop]);
            let mut hops: Vec<_> = hops.map(|n| (n.address, n.interface)).collect();
            hops.sort_unstable();
            hops
        };
        let flags = |route: Index| self.routes[route].flags & FORWARDING_FLAGS;
        flags(one) == flags(other) && hops(one) == hops(other)
    }

    fn add_replacement(&self, effect: &mut Effect, bit: u32, alike: bool) {
        effect.best |= bit;
        let unreported = alike && self.oracle.takes(c::TYPE_FORWARDING_OTHER_CHANGES_UNREPORTED);
        if !unreported {
            effect.forwarding |= bit;
        }
    }

    /// The best route of a view stays best and was updated.
    fn add_update(&self, effect: &mut Effect, bit: u32) {
        use crate::clause::add_route_to_dest as add;
        let d = effect.differs;
        let preference = d.preference
            && !self.oracle.takes(add::NOTIFICATION_CONTENT_OF_BEST_PREFERENCE_IGNORED);
        let unreported = d.metric && self.oracle.takes(c::METRIC_CHANGE_UNREPORTED);
        let metric = d.metric && !unreported;
        let private = d.private && self.oracle.takes(c::PRIVATE_DATA_CHANGE_EVERY_TYPE);
        let flags = d.forwarding_flags || d.other_flags;
        let counts = preference || metric || d.next_hops || flags || private;
        if counts && !self.oracle.takes(c::TYPE_BEST_REPLACED_ONLY) {
            effect.best |= bit;
        }
        let by_preference =
            preference && !self.oracle.takes(c::PREFERENCE_CHANGE_FORWARDING_UNREPORTED);
        let by_metric = metric && !self.oracle.takes(c::METRIC_CHANGE_BEST_ONLY);
        let by_flags = d.forwarding_flags && !self.oracle.takes(c::FORWARDING_FLAGS_IGNORED)
            || d.other_flags && self.oracle.takes(c::TYPE_FORWARDING_EVERY_FLAG);
        let by_hops = d.next_hops && !self.oracle.takes(c::TYPE_FORWARDING_HOPS_IGNORED);
        if by_preference || by_metric || by_flags || by_hops || private {
            effect.forwarding |= bit;
        }
    }

    /// Where less than any update counts as a change of a route.
    fn narrow(&self, effect: &mut Effect) {
        let d = effect.differs;
        let alone = |only: Differences| d == only;
        let reported = match effect.timed {
            Some(true) => self.oracle.takes(c::LIFETIME_ONLY_CHANGE_REPORTED),
            Some(false) => self.oracle.takes(c::IDENTICAL_UPDATE_REPORTED),
            None if alone(Differences { private: true, ..Differences::default() }) => {
                !self.oracle.takes(c::PRIVATE_DATA_CHANGE_UNREPORTED)
            }
            None => true,
        };
        if !reported {
            effect.all = 0;
        }
        if alone(Differences { views: true, ..Differences::default() })
            && self.oracle.takes(c::VIEW_MEMBERSHIP_CHANGE_CHANGED_VIEWS)
        {
            effect.all = effect.moved;
        }
    }
}

impl Effect {
    /// What is done to a route in these views, which changes nothing else.
    pub(super) fn of(deed: Deed, route: Index, dest: Index, views: u32) -> Effect {
        Effect {
            route,
            dest,
            deed,
            owner: NONE,
            all: views,
            best: 0,
            forwarding: 0,
            replaced: 0,
            first: 0,
            last: 0,
            hops: 0,
            moved: 0,
            differs: Differences::default(),
            timed: None,
            was_empty: false,
        }
    }

    /// Whether anything that a structure shows of the destination is another now.
    pub(super) fn shows(&self) -> bool {
        self.timed.is_none() && self.deed != Deed::Marked
    }
}
