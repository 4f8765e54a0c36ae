//! Why: the clauses that decide what is held, and what is not.

use crate::clause::{ClauseId, hold_destination as hold};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::state::arena::Index;
use crate::model::state::hold::{Doubts, Held, Hold};
use crate::vocabulary::constants::{EventType, INFINITE};
use crate::vocabulary::observation::Basis;

/// A time after which every hold-down is over, whatever limit a manager has of its own, in
/// milliseconds: a day beyond what was asked for.
const SURELY_OVER: u64 = 24 * 60 * 60 * 1000;

/// What is open, and the clause that leaves it open.
const OPEN: [(Doubts, ClauseId); 12] = [
    (Doubts::NO_VIEW, hold::VIEWS_ZERO),
    (Doubts::ODD_VIEWS, hold::VIEWS_UNSUPPORTED_BITS),
    (Doubts::NO_TIME, hold::ZERO_TIME_NO_EFFECT),
    (Doubts::USED_UP, hold::MARK_ONE_SHOT),
    (Doubts::LEFT_VIEW, hold::LEAVING_A_VIEW_IS_NO_DELETION),
    (Doubts::NO_ROUTES, hold::MARK_WITHOUT_ROUTES),
    (Doubts::DURING, hold::CALL_DURING_HOLD),
    (Doubts::LAPSED, hold::MARK_NEVER_EXPIRES),
    (Doubts::OTHER_VIEWS, hold::TRIGGER_PER_VIEW),
    (Doubts::NEWER_DELETED, hold::SECOND_DELETE_DURING_HOLD),
    (Doubts::MARKER_GONE, hold::REMARK_AFTER_MARK_CLIENT_GONE),
    (Doubts::SEVERAL, hold::REPEATED_MARKS),
];

impl Model {
    /// What decides the `HoldRoute` of a view, which lists routes or not; `general` decides it
    /// where nothing else does.
    pub(in crate::model::calls) fn hold_grounds(
        &self,
        dest: Index,
        view: usize,
        filled: bool,
        general: Basis,
    ) -> Grounds {
        let Some(known) = self.dests[dest].hold.as_deref() else {
            return match filled {
                true => Grounds::from(general),
                false => Grounds::of(&[hold::UNMARKED_NO_HOLD]).and_all(general),
            };
        };
        match &known.held[view] {
            Some(held) => self.why_held(known, held, view, filled, general),
            None => self.why_not_held(dest, known, view, filled, general),
        }
    }

    fn why_held(
        &self,
        known: &Hold,
        held: &Held,
        view: usize,
        filled: bool,
        general: Basis,
    ) -> Grounds {
        let passed = self.now - held.since;
        let least = u64::from(held.least);
        // As long as the least time has not passed, no further mark matters.
        let beyond = least <= passed;
        let mut doubts = known.doubts.and(held.doubts);
        if !beyond {
            doubts.0 &= !(Doubts::SEVERAL.0 | Doubts::DURING.0);
        }
        let others = || known.held.iter().enumerate().filter(|(v, _)| *v != view);
        let other = others().find_map(|(_, held)| *held);
        let later = other.is_some_and(|other| other.since != held.since);
        let mut grounds = Grounds::NONE
            .when(self.expires_as(held.until), hold::HOLD_END_AND_EXPIRY_TOGETHER)
            .when(beyond && later, hold::SECOND_VIEW_SHARES_DEADLINE)
            .when(beyond && known.marks.time == INFINITE, hold::INFINITE_HOLD_TIME)
            .when(!self.entities[self.routes[held.route].owner].registered, GONE);
        grounds = open(grounds, doubts).when(beyond, hold::SINGLE_MAXIMUM_MEANING);
        let both = other.is_some_and(|other| other.route == held.route);
        let decides = match () {
            () if filled => hold::HELD_DESPITE_NEW_ROUTE,
            () if held.doubts.has(Doubts::EXPIRED) => hold::EXPIRY_COUNTS_AS_DELETION,
            () if both => hold::ROUTE_IN_TWO_VIEWS_HELD_IN_BOTH,
            () if other.is_some() => hold::PER_VIEW_HOLD_ROUTES,
            () if passed != 0 => hold::HELD_FOR_REQUESTED_TIME,
            () => hold::STARTS_ON_LAST_ROUTE_DELETE,
        };
        let since_mark = known.marks.at.saturating_add(known.marks.time.into()) <= self.now;
        grounds
            .and(&[decides])
            .when(since_mark && passed != 0, hold::PERIOD_STARTS_AT_DELETION)
            .when(passed != 0, hold::HOLD_TIME_MILLISECONDS)
            .when(passed != 0, hold::SINGLE_MAXIMUM_TIME)
            .when(known.marks.views != 3, hold::VIEWS_SELECT)
            .when(true, hold::HELD_ROUTE_IS_LAST_DELETED)
            .when(true, hold::MOVES_ROUTE_TO_HOLD_ROUTE)
            .also(&Grounds::from(general))
    }

    fn why_not_held(
        &self,
        dest: Index,
        known: &Hold,
        view: usize,
        filled: bool,
        general: Basis,
    ) -> Grounds {
        let marked = known.marks.views & 1 << view != 0;
        if known.ended.is_some() && !marked {
            return Grounds::NONE
                .when(self.expires_as(known.ended), hold::HOLD_END_AND_EXPIRY_TOGETHER)
                .when(!self.is_surely_over(known), hold::SINGLE_MAXIMUM_MEANING)
                .when(known.doubts.has(Doubts::USED_UP), hold::MARK_ONE_SHOT)
                .and(&[hold::ENDS_AFTER_PERIOD, hold::SINGLE_MAXIMUM_TIME])
                .and_all(general);
        }
        if filled {
            let deleted = self.deleted_since(dest);
            let grounds = open(Grounds::NONE, Doubts(known.doubts.0 & Doubts::LEFT_VIEW.0));
            return match (marked, deleted) {
                (true, true) => grounds.and(&[hold::NOT_WHILE_ROUTES_REMAIN]).and_all(general),
                (true, false) => grounds.and(&[hold::MARKS_ONLY]).and_all(general),
                (false, _) => grounds.and_all(general),
            };
        }
        let elsewhere = known.marks.views != 0 && !marked;
        open(Grounds::NONE, known.doubts)
            .when(elsewhere, hold::HELD_FOR_ALL_VIEWS)
            .and(match elsewhere {
                true => &[hold::UNMARKED_VIEW_NO_HOLD],
                false => &[hold::UNMARKED_NO_HOLD],
            })
            .when(elsewhere, hold::VIEWS_SELECT)
            .also(&Grounds::from(general))
    }

    /// Whether a client is told of an expiry at the moment at which a hold-down ends.
    fn expires_as(&self, end: Option<u64>) -> bool {
        let expired = EventType::RouteExpired;
        end == Some(self.now) && self.events_running().any(|(_, e)| e.event == expired)
    }

    /// Whether the last hold-down is over whatever limit a manager has of its own.
    pub(in crate::model::calls) fn is_surely_over(&self, known: &Hold) -> bool {
        known.ended.is_some_and(|ended| ended.saturating_add(SURELY_OVER) <= self.now)
    }

    /// Whether the last thing that happened to a destination is that it lost a route.
    fn deleted_since(&self, dest: Index) -> bool {
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(dest)));
        fate.is_some_and(|clause| DELETION.contains(&clause))
    }
}

const GONE: ClauseId = hold::OWNER_DEREGISTERS_DURING_HOLD;

/// What a destination remembers of a deletion.
const DELETION: [ClauseId; 3] = {
    use crate::clause::delete_route_to_dest as delete;
    [delete::LAST_CHANGED, delete::BEST_RECHOSEN, delete::BEST_RECHOSEN_PER_VIEW]
};

/// The clauses that leave something open go first.
fn open(grounds: Grounds, doubts: Doubts) -> Grounds {
    OPEN.into_iter()
        .fold(grounds, |grounds, (doubt, clause)| grounds.when(doubts.has(doubt), clause))
}
