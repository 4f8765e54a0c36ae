//! Held routes in enumerations: they come where every view is asked for, and nowhere else.

use crate::clause::{
    ClauseId, create_dest_enum as dest_enum, create_route_enum as route_enum,
    get_enum_routes as routes, hold_destination as hold,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::state::arena::Index;
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::{Criteria, EnumKind};

impl Model {
    /// Whether an enumeration for these views shows a route that is held.
    pub(super) fn is_seen_held(&self, route: Index, views: u32) -> bool {
        use route_enum as c;
        if !self.is_held_down(route) || self.oracle.takes(c::HOLDDOWN_WITH_ANY_LEFT_OUT) {
            return false;
        }
        let held = self.held_views(self.routes[route].dest) & views != 0;
        views == 0 || held && self.oracle.takes(c::HOLDDOWN_ONLY_WITH_ANY_IN_VIEWS)
    }

    /// Adds the held routes of a destination that an enumeration for these views shows, each at
    /// its rank among those that are there.
    pub(super) fn add_held(
        &self,
        dest: Index,
        views: u32,
        fits: impl Fn(&Index) -> bool,
        found: &mut Vec<Index>,
    ) {
        let Some(hold) = self.dests[dest].hold.as_deref() else { return };
        let last = self.oracle.takes(routes::HELD_ROUTE_ORDER_LAST);
        let unfiltered = self.oracle.takes(routes::HELD_ROUTE_FILTERS_NOT_APPLIED);
        let held = hold.routes().filter(|route| self.is_seen_held(*route, views));
        for route in held.filter(|route| unfiltered || fits(route)) {
            let place = found.partition_point(|other| self.rank(*other) <= self.rank(route));
            found.insert(if last { found.len() } else { place }, route);
        }
    }

    /// What decides that a route comes that is held, or comes beside one that is.
    pub(super) fn held_grounds(&self, enumeration: Index, route: Index) -> Grounds {
        let hold = self.dests[self.routes[route].dest].hold.as_deref();
        let Some(hold) = hold.filter(|hold| hold.is_running()) else { return Grounds::NONE };
        let EnumKind::Routes { views: 0, own, criteria, .. } = &self.enums[enumeration].kind else {
            return Grounds::NONE;
        };
        let listed = !self.dests[self.routes[route].dest].routes.is_empty();
        let several = listed || 1 < hold.routes().count();
        Grounds::NONE
            .when(is_filtered(*own, criteria), routes::HELD_ROUTE_FILTERS)
            .when(several, routes::HELD_ROUTE_ORDER)
            .when(hold.holds(route), route_enum::HOLDDOWN_WITH_ANY)
    }

    /// Which clauses on held routes decide what an enumeration gives.
    pub(super) fn hold_filters(&self, enumeration: Index) -> Vec<ClauseId> {
        let mut found = Vec::new();
        let e = &self.enums[enumeration];
        for dest in self.holding.iter().filter(|dest| self.is_inside(enumeration, **dest)) {
            let (hold, d) = (self.dests[*dest].hold.as_deref(), &self.dests[*dest]);
            let running = hold.is_some_and(|hold| hold.is_running());
            let ended = hold.is_some_and(|hold| hold.ended.is_some());
            match &e.kind {
                EnumKind::Dests { views, .. } if self.is_held_only(*dest) => {
                    found.push(dest_enum::HOLDDOWN_ONLY_WITH_ANY);
                    found.push(hold::HELD_DESTS_ENUMERATED_ANY_ONLY);
                    if *views == 0 && is_kept_by_table(&d.ledger, e.owner) {
                        found.push(hold::HOLD_KEEPS_DEST_AND_ROUTE);
                    }
                }
                EnumKind::Routes { views: 0, own, criteria, .. } if running => {
                    if is_filtered(*own, criteria) {
                        found.push(routes::HELD_ROUTE_FILTERS);
                    }
                    found.push(route_enum::HOLDDOWN_WITH_ANY);
                    found.push(hold::HELD_ROUTES_ENUMERATED_ANY_ONLY);
                }
                EnumKind::Routes { .. } if running => {
                    found.push(route_enum::HOLDDOWN_ONLY_WITH_ANY);
                    found.push(hold::HELD_ROUTES_ENUMERATED_ANY_ONLY);
                }
                EnumKind::Dests { views: 0, .. } if d.routes.is_empty() && ended => {
                    if hold.is_some_and(|hold| !self.is_surely_over(hold)) {
                        found.push(hold::SINGLE_MAXIMUM_MEANING);
                    }
                    found.push(hold::DEST_REMOVED_AFTER_HOLD);
                }
                _ => {}
            }
        }
        found
    }

    /// Whether an enumeration comes by a destination.
    fn is_inside(&self, enumeration: Index, dest: Index) -> bool {
        let (e, d) = (&self.enums[enumeration], &self.dests[dest]);
        let only = match &e.kind {
            EnumKind::Routes { dest, .. } => *dest,
            _ => None,
        };
        d.table == self.entities[e.owner].table
            && only.map_or(e.extent.contains(d.prefix), |only| only == dest)
    }
}

/// Whether nobody has a handle, but for the one that a client has just been given.
fn is_kept_by_table(ledger: &Ledger, client: Index) -> bool {
    ledger.holders().all(|holder| holder == (client, 1))
}

/// Whether an enumeration looks at more than views.
fn is_filtered(own: bool, criteria: &Criteria) -> bool {
    own || *criteria != Criteria::default()
}
