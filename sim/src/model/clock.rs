//! The virtual clock and the deadlines of routes.
//!
//! Invariant: every armed route of the table has its deadline in `timers`, and nothing else does.
//! No timer runs outside of an advance.

use super::Model;
use super::effect::Deed;
use super::events::{Detail, PendingEvent};
use super::state::arena::Index;
use super::state::objects::Life;
use crate::clause::{ClauseId, add_route_to_dest as add, delete_route_to_dest, event_callback};
use crate::program::Actor;
use crate::vocabulary::constants::{EventType, INFINITE};
use crate::vocabulary::handle::Handle;

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
        self.timers.insert((deadline.0, deadline.1, route));
    }

    /// Stops the timer of a route.
    pub(super) fn disarm(&mut self, route: Index) {
        if let Some((at, arming)) = self.routes[route].deadline.take() {
            self.timers.remove(&(at, arming, route));
        }
    }

    /// The time that an advance from now leads to.
    pub fn target(&self, milliseconds: u32) -> u64 {
        self.now + u64::from(milliseconds)
    }

    /// The next timer that is due by `target`: its route. Timers armed after arming number
    /// `last_arming` for a moment that had already come wait for the next advance.
    pub fn next_due(&self, target: u64, last_arming: u32) -> Option<Index> {
        let due = self.timers.iter().take_while(|(at, _, _)| *at <= target);
        due.filter(|(at, arming, _)| *arming <= last_arming || self.now < *at)
            .map(|(_, _, route)| *route)
            .find(|route| !self.holds_time_up(self.routes[*route].dest))
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
        let due = self.timers.iter().take_while(|(at, _, _)| *at <= target);
        let mut due = due
            .filter(|(at, arming, _)| *arming <= last_arming || self.now < *at)
            .map(|(_, _, route)| *route)
            .filter(|route| !self.holds_time_up(self.routes[*route].dest))
            .filter(|route| self.entities[self.routes[*route].owner].actor == actor);
        match wanted {
            Some(handle) => due.find(|route| self.routes.handle(*route) == handle),
            None => due.next(),
        }
    }

    /// A route that is due by `target` and goes without its owner being asked.
    pub fn due_unasked(&self, target: u64, last_arming: u32) -> Option<Index> {
        let due = self.timers.iter().take_while(|(at, _, _)| *at <= target);
        due.filter(|(at, arming, _)| *arming <= last_arming || self.now < *at)
            .map(|(_, _, route)| *route)
            .find(|route| {
                let owner = &self.entities[self.routes[*route].owner];
                !owner.callback || !owner.registered
            })
    }

    /// Which clause says that a route does not expire now.
    pub fn why_not_due(&self, route: Handle) -> Option<ClauseId> {
        let r = &self.routes[self.routes.find(route)?];
        Some(match (r.is_listed(), r.deadline) {
            (false, _) => delete_route_to_dest::TIMER_CANCELLED,
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
