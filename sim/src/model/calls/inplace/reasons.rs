//! Which clauses a lock or a commit adds to what others show.

use super::Index;
use crate::clause::{
    ClauseId, add_route_to_dest as add, event_callback, get_enum_dests, get_enum_routes,
    get_exact_match_destination as exact, get_route_pointer as pointer, lock_route as lock,
    update_and_unlock_route as commit,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::structures::RouteInfo;

/// What is remembered of a commit, and the member of the route that it decided.
const STORIES: [(ClauseId, Member); 14] = [
    (event_callback::EXPIRED_POINTER_IS_DIRECT, Member::Metric),
    (commit::METRIC_CHANGED, Member::Metric),
    (commit::PREFERENCE_ZERO, Member::Preference),
    (commit::VIEWS_CHANGED, Member::BelongsToViews),
    (commit::VIEWS_UNSUPPORTED_BITS, Member::BelongsToViews),
    (lock::FLAGS_MEMBER, Member::Flags),
    (lock::NEIGHBOUR_MEMBER, Member::Neighbour),
    (commit::NEIGHBOUR_COLLISION, Member::Neighbour),
    (lock::ROOM_FOR_NEXT_HOPS, Member::NumNextHops),
    (lock::READ_ONLY_MEMBER_CHANGED, Member::State),
    (commit::TTL_MILLISECONDS, Member::State),
    (commit::TTL_REPLACES_DEADLINE, Member::State),
    (commit::TTL_INFINITE, Member::State),
    (commit::TTL_ZERO, Member::State),
];

impl Model {
    /// Remembers what a commit decided about a route that held `old` before, for those who look
    /// later.
    pub(super) fn note_commit(
        &mut self,
        client: Index,
        route: Index,
        old: &RouteInfo,
        written: &RouteInfo,
        armed: bool,
    ) {
        use crate::vocabulary::constants::INFINITE;
        let object = Object::Route(route);
        let r = &self.routes[route];
        let (dest, handle, new) = (r.dest, self.routes.handle(route), self.route_info(route));
        let twins = self.dests[dest].routes.iter().filter(|other| {
            let other = &self.routes[**other];
            (other.owner, other.neighbour) == (r.owner, r.neighbour)
        });
        let twin = 1 < twins.count();
        let clauses = [
            (old.metric != new.metric, commit::METRIC_CHANGED),
            (written.preference == 0, commit::PREFERENCE_ZERO),
            (old.views != new.views, commit::VIEWS_CHANGED),
            (written.views != new.views, commit::VIEWS_UNSUPPORTED_BITS),
            (old.flags != new.flags, lock::FLAGS_MEMBER),
            (old.neighbour != new.neighbour, lock::NEIGHBOUR_MEMBER),
            (twin, commit::NEIGHBOUR_COLLISION),
            (old.next_hops.len() < new.next_hops.len(), lock::ROOM_FOR_NEXT_HOPS),
            (old.state != written.state, lock::READ_ONLY_MEMBER_CHANGED),
            (armed && r.time_to_live == INFINITE, commit::TTL_INFINITE),
            (armed && r.time_to_live != INFINITE, commit::TTL_REPLACES_DEADLINE),
            (r.deadline.is_some(), commit::TTL_MILLISECONDS),
            (r.time_to_live == 0, commit::TTL_ZERO),
        ];
        for (_, clause) in clauses.into_iter().filter(|(decided, _)| *decided) {
            self.notes.add(object, clause);
        }
        for hop in &new.next_hops {
            let clause = commit::NEXT_HOP_COUNTS_LEFT_TO_CLIENT;
            self.notes.note(Topic::Reference(client, *hop), clause);
        }
        self.notes.note(Topic::Reference(client, handle), commit::HANDLE_NOT_CONSUMED);
        self.notes.note(Topic::Fate(handle), commit::COMMITS_AND_REPOSITIONS);
        self.notes.note(Topic::Fate(self.dests.handle(dest)), commit::LAST_CHANGED);
    }

    /// Whether a commit was the last thing that happened to a route.
    fn is_committed(&self, route: Index) -> bool {
        let fate = self.notes.recall(Topic::Fate(self.routes.handle(route)));
        fate == Some(commit::COMMITS_AND_REPOSITIONS)
    }

    /// Whether a commit was the last thing that happened to a destination.
    pub(in crate::model::calls) fn was_committed(&self, dest: Index) -> bool {
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(dest)));
        fate == Some(commit::LAST_CHANGED)
    }

    /// Cites what a commit, or a lock, decided of what is shown of a route.
    pub(in crate::model::calls) fn cite_in_place(
        &self,
        route: Index,
        at: Place,
        out: &mut Observation,
    ) {
        let r = &self.routes[route];
        if r.is_listed() && self.is_committed(route) {
            for (clause, member) in STORIES {
                if self.notes.has(Object::Route(route), clause) {
                    out.cite(at.member(member), clause);
                }
            }
        }
        if self.locked.is_empty() {
            return;
        }
        if r.edit.is_some() {
            out.cite(at.member(Member::Metric), commit::NOT_BEFORE_COMMIT);
        }
        if r.deadline.is_some_and(|(due, _)| due <= self.now) && self.holds_time_up(r.dest) {
            out.cite(at.member(Member::State), add::EXPIRED_WHILE_LOCKED);
        }
    }

    /// Cites what a commit decided of the time at which a route expires.
    pub(in crate::model) fn cite_committed_time(&self, route: Index, out: &mut Observation) {
        if self.is_committed(route) {
            out.cite(Place::EVENT, commit::TTL_MILLISECONDS);
        }
    }

    /// Cites what a commit decided of what is shown of a destination.
    pub(in crate::model::calls) fn cite_committed_dest(
        &self,
        dest: Index,
        at: Place,
        out: &mut Observation,
    ) {
        if !self.was_committed(dest) {
            return;
        }
        let views = (0..).map(|inner| at.inner(inner).member(Member::Route));
        let views: Vec<Place> =
            views.take_while(|place| matches!(out.get(*place), Some(Value::Handle(..)))).collect();
        let several = 1 < views.len();
        for place in views {
            out.cite(place, commit::BEST_ADJUSTED);
            let clause = match several {
                true => commit::BEST_ADJUSTED_PER_VIEW,
                false => commit::COMMITS_AND_REPOSITIONS,
            };
            out.cite(place, clause);
        }
    }

    /// Cites that a search, or a fetch, does not wait for the lock of what it gives.
    pub(in crate::model::calls) fn cite_locked(
        &self,
        dest: Index,
        clause: ClauseId,
        out: &mut Observation,
    ) {
        let foreign = self.dests[dest].lock.as_deref();
        if foreign.is_some_and(|lock| lock.holders.iter().all(|h| h.actor != self.actor)) {
            out.cite(Place::STATUS, clause);
        }
    }

    /// The clause that has searches go on before a lock.
    pub(in crate::model::calls) fn cite_locked_found(&self, dest: Index, out: &mut Observation) {
        self.cite_locked(dest, exact::LOCKED_BY_OTHER, out);
    }

    /// The same for a fetched destination, or a fetched route.
    pub(in crate::model::calls) fn cite_locked_item(&self, item: Object, out: &mut Observation) {
        match item {
            Object::Dest(dest) => self.cite_locked(dest, get_enum_dests::LOCKED_DESTINATION, out),
            Object::Route(route) => {
                let dest = self.routes[route].dest;
                self.cite_locked(dest, get_enum_routes::LOCKED_DESTINATION, out);
            }
            Object::Entity(_) | Object::NextHop(_) => {}
        }
    }

    /// Whether a pointer to the route has been given out before.
    pub(super) fn note_pointer(&mut self, route: Index) -> bool {
        let object = Object::Route(route);
        let known = self.notes.has(object, pointer::SAME_POINTER);
        self.notes.add(object, pointer::SAME_POINTER);
        known
    }
}
