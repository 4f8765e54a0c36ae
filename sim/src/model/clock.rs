//! The virtual clock, the deadlines of routes and the ends of hold-downs.
//!
//! Invariant: every armed route of the table and every destination that holds a route for a time
//! has its deadline in `timers`, and nothing else does. No timer runs outside of an advance.

use super::Model;
use super::effect::Deed;
use super::events::{Detail, PendingEvent};
use super::state::arena::Index;
use super::state::objects::Life;
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_to_dest, event_callback,
    hold_destination as hold,
};
use crate::program::Actor;
use crate::vocabulary::constants::{EventType, INFINITE};
use crate::vocabulary::handle::Handle;

/// What a timer is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Due {
    /// A route expires.
    Route(Index),
    /// The hold-down of a destination ends.
    Hold(Index),
}

impl Model {
    /// Gives a route its life anew: from now for `time_to_live` milliseconds, or for ever.
    pub(super) fn arm(&mut self, route: Index, time_to_live: u32) {
        let before = self.routes[route].deadline;
        self.disarm(route);
        let forever = time_to_live == INFINITE;
        let r = &mut self.routes[route];
        r.armed_at = self.now;
        r.time_to_live = time_to_live;
        r.life = match (before.is_some(), forever) {
            (true, true) => Life::Cancelled,
            (true, false) => Life::Restarted,
            (false, true) => Life::Forever,
            (false, false) => Life::Armed,
        };
        let wraps = forever && self.oracle.takes(add::TTL_INFINITE_EXPIRES);
        if forever && !wraps {
            return;
        }
        let mut life = if wraps { 0 } else { u64::from(time_to_live) };
        if self.oracle.takes(add::TTL_MILLISECONDS_SECONDS) {
            life *= 1000;
        } else if self.oracle.takes(add::TTL_NOT_EARLY_HALVED) {
            life /= 2;
        }
        self.armings += 1;
        let deadline = (self.now + life, self.armings);
        self.routes[route].deadline = Some(deadline);
        self.timers.insert((deadline.0, deadline.1, Due::Route(route)));
    }

    /// Stops the timer of a route.
    pub(super) fn disarm(&mut self, route: Index) {
        if let Some((at, arming)) = self.routes[route].deadline.take() {
            self.timers.remove(&(at, arming, Due::Route(route)));
        }
    }

    /// The time that an advance from now leads to.
    pub fn target(&self, milliseconds: u32) -> u64 {
        self.now + u64::from(milliseconds)
    }

    /// Timers that are due by `target`, in order. Those armed after arming number `last_arming`
    /// for a moment that had already come wait for the next advance.
    fn due(&self, target: u64, last_arming: u32) -> impl Iterator<Item = (u64, Due)> + '_ {
        let due = self.timers.iter().take_while(move |(at, _, _)| *at <= target);
        due.filter(move |(at, arming, _)| *arming <= last_arming || self.now < *at)
            .map(|(at, _, due)| (*at, *due))
            .filter(|(_, due)| match due {
                Due::Route(route) => !self.holds_time_up(self.routes[*route].dest),
                Due::Hold(dest) => !self.holds_time_up(*dest),
            })
    }

    /// The next timer that is due by `target`; see [`Model::target`] and [`Model::last_arming`].
    pub fn next_due(&self, target: u64, last_arming: u32) -> Option<Due> {
        self.next_due_of(target, last_arming, |_| true)
    }

    /// The next timer that is due by `target` of those that are `wanted`.
    pub fn next_due_of(
        &self,
        target: u64,
        last_arming: u32,
        wanted: impl Fn(Due) -> bool,
    ) -> Option<Due> {
        let due = || self.due(target, last_arming).filter(|(_, due)| wanted(*due));
        let (first, next) = due().next()?;
        let goes_first = match next {
            Due::Route(_) if self.oracle.takes(hold::HOLD_END_AND_EXPIRY_TOGETHER_HOLDS_FIRST) => {
                |other: &Due| matches!(other, Due::Hold(_))
            }
            Due::Hold(_) if self.oracle.takes(hold::HOLD_END_AND_EXPIRY_TOGETHER_ROUTES_FIRST) => {
                |other: &Due| matches!(other, Due::Route(_))
            }
            due => return Some(due),
        };
        let together = due().take_while(|(at, _)| *at == first);
        together.map(|(_, due)| due).find(goes_first).or(Some(next))
    }

    /// All timers that are due by `target`, in order.
    pub fn all_due(&self, target: u64, last_arming: u32) -> Vec<Due> {
        self.due(target, last_arming).map(|(_, due)| due).collect()
    }

    /// How many timers run.
    pub fn timer_count(&self) -> usize {
        self.timers.len()
    }

    /// Lets a timer go off.
    pub fn fire(&mut self, due: Due) {
        match due {
            Due::Route(route) => self.expire(route),
            Due::Hold(dest) => self.end_hold(dest),
        }
    }

    /// Number of the last timer that was armed.
    pub fn last_arming(&self) -> u32 {
        self.armings
    }

    /// A route of `actor` that is due by `target`: `wanted`, if that is known, else the first.
    pub fn due_route(
        &self,
        target: u64,
        last_arming: u32,
        actor: Actor,
        wanted: Option<Handle>,
    ) -> Option<Index> {
        let routes = self.due(target, last_arming).filter_map(|(_, due)| match due {
            Due::Route(route) => Some(route),
            Due::Hold(_) => None,
        });
        let mut due = routes.filter(|r| self.entities[self.routes[*r].owner].actor == actor);
        match wanted {
            Some(handle) => due.find(|route| self.routes.handle(*route) == handle),
            None => due.next(),
        }
    }

    /// A timer that is due by `target` and goes off without anybody being asked.
    pub fn due_unasked(&self, target: u64, last_arming: u32) -> Option<Due> {
        let mut due = self.due(target, last_arming).map(|(_, due)| due);
        due.find(|due| match due {
            Due::Hold(_) => true,
            Due::Route(route) => {
                let owner = &self.entities[self.routes[*route].owner];
                !owner.callback || !owner.registered
            }
        })
    }

    /// Which clause says that a route does not expire now.
    pub fn why_not_due(&self, route: Handle) -> Option<ClauseId> {
        let r = &self.routes[self.routes.find(route)?];
        Some(match (r.is_listed(), r.deadline) {
            (false, _) => delete_route_to_dest::TIMER_CANCELLED,
            (true, None) if r.life == Life::Kept => event_callback::EXPIRED_NOT_REARMED,
            (true, None) => add::TTL_INFINITE,
            (true, Some(_)) => add::TTL_NOT_EARLY,
        })
    }

    /// Lets the timer of a route go off: its owner is asked, or the route is deleted.
    pub fn expire(&mut self, route: Index) {
        let r = &self.routes[route];
        let (deadline, _) = r.deadline.expect("only an armed route expires");
        let owner = r.owner;
        self.now = self.now.max(deadline);
        self.disarm(route);
        let e = &self.entities[owner];
        let mut asked = e.callback && e.registered;
        if !e.callback && self.oracle.takes(event_callback::EXPIRED_NULL_CALLBACK_KEPT) {
            return;
        }
        if self.oracle.takes(add::EXPIRED_CALLBACK_NEVER) {
            asked = false;
        }
        if asked {
            // The route lives as long as the event waits, whatever becomes of that reference.
            self.routes[route].ledger.structural += 1;
            self.routes[route].ledger.take(owner);
            let handle = self.routes.handle(route);
            let clause = crate::clause::release_routes::HANDLES_FROM_EXPIRY;
            self.notes.note(super::notes::Topic::Reference(owner, handle), clause);
            self.queue.push_back(PendingEvent {
                receiver: owner,
                event: EventType::RouteExpired,
                detail: Detail::Route(route, self.routes[route].creation),
            });
        } else if self.routes[route].is_listed() {
            self.unlist_for(route, Deed::Expired);
        }
    }

    /// Sets the clock to the end of an advance.
    pub fn arrive(&mut self, target: u64) {
        self.now = self.now.max(target);
    }
}
