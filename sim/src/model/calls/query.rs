//! Searching: destinations by prefix, routes by criteria.

mod reasons;

use super::check::HandleClauses;
use super::info::{DestClauses, DestQuery};
use crate::clause::{
    ClauseId, add_route_to_dest as add, get_exact_match_destination as exact,
    get_exact_match_route as exact_route, get_less_specific_destination as less,
    get_most_specific_destination as most, hold_destination as hold, is_best_route as is_best,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::objects::{Criteria, VIEWS};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::{
    GetExactMatchDestination, GetExactMatchRoute, GetLessSpecificDestination,
    GetMostSpecificDestination, IsBestRoute,
};
use crate::vocabulary::constants::MatchFlags;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Basis, Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::RouteInfo;
use reasons::{Found, INFO, Search};

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const NOT_FOUND: Status = Status::ERROR_NOT_FOUND;

const FOUND: DestClauses = DestClauses {
    dest: Basis::of(&[exact::INFO_IDENTITY]),
    address: Basis::of(&[exact::INFO_IDENTITY]),
    last_changed: Basis::of(&[exact::INFO_LAST_CHANGED]),
    belongs_to_views: Basis::of(&[
        exact::INFO_BELONGS_TO_VIEWS_UNION,
        exact::INFO_BELONGS_TO_VIEWS,
    ]),
    number_of_views: Basis::of(&[exact::VIEW_SLOTS_COUNT, exact::VIEWS_SELECT_INFORMATION]),
    view_id: Basis::of(&[exact::VIEW_SLOTS_ASCENDING]),
    num_routes: Basis::of(&[exact::INFO_NUM_ROUTES]),
    route: Basis::of(&[exact::INFO_BEST_ROUTE, exact::PROTOCOL_BEST]),
    owner: Basis::of(&[exact::INFO_BEST_ROUTE]),
    dest_flags: Basis::of(&[exact::INFO_DEST_FLAGS]),
    hold_route: Basis::of(&[exact::INFO_HOLD_ROUTE_NULL, exact::INFO_HOLD_ROUTE]),
    other_protocol: Basis::of(&[exact::PROTOCOL_SELECTS_ROUTE, exact::PROTOCOL_VIEW_COMBINED]),
    empty: Basis::of(&[exact::VIEW_SLOT_WITHOUT_ROUTE]),
};

/// Whether a destination can be found with a set of views.
#[derive(Clone, Copy)]
pub(super) enum Views {
    /// Any destination of the table.
    Any,
    /// One with a route in some view of the set.
    Of(u32),
}

impl Model {
    fn views_asked(&self, target: u32) -> Views {
        match target {
            0 => Views::Any,
            target => Views::Of(target & self.config.views_supported),
        }
    }

    /// Whether a destination is in the table, as far as the views asked for show it.
    fn qualifies(&self, dest: Index, views: Views) -> bool {
        let d = &self.dests[dest];
        match views {
            Views::Any if self.is_found_by_hold(dest, None) => true,
            Views::Of(set) if self.is_found_by_hold(dest, Some(set)) => true,
            Views::Any => !d.routes.is_empty(),
            Views::Of(_) if self.oracle.takes(exact::VIEWS_RESTRICT_SEARCH_IGNORED) => {
                !d.routes.is_empty()
            }
            Views::Of(set) => d.routes.iter().any(|r| self.routes[*r].views & set != 0),
        }
    }

    fn find_dest(&self, client: Index, prefix: Prefix, views: Views) -> Option<Index> {
        let table = &self.tables[self.entities[client].table];
        let dest = *table.dests.get(&prefix)?;
        self.qualifies(dest, views).then_some(dest)
    }

    /// The destination with the longest prefix that covers `prefix` and is at most `longest` long,
    /// and whether one without routes was passed over that somebody still refers to.
    fn find_covering(
        &self,
        client: Index,
        prefix: Prefix,
        longest: u8,
        views: Views,
    ) -> (Option<Index>, bool) {
        let mut lengths: Vec<u8> = (0..=longest.min(prefix.length())).rev().collect();
        if self.oracle.takes(most::LONGEST_PREFIX_SHORTEST) {
            lengths.reverse();
        }
        let dests = &self.tables[self.entities[client].table].dests;
        let mut emptied = false;
        let found = lengths.into_iter().find_map(|length| {
            let dest = *dests.get(&prefix.shortened(length))?;
            emptied |= self.is_emptied(dest);
            self.qualifies(dest, views).then_some(dest)
        });
        (found, emptied)
    }

    /// Whether somebody refers to a destination at a prefix that has no routes any more.
    fn is_emptied_at(&self, client: Index, prefix: Prefix) -> bool {
        let dest = self.tables[self.entities[client].table].dests.get(&prefix);
        dest.is_some_and(|dest| self.is_emptied(*dest))
    }

    /// Whether a client has a handle on a destination that has no routes any more.
    fn is_emptied(&self, dest: Index) -> bool {
        let held = |(client, _)| self.dests[dest].ledger.held(client) != 0;
        !self.is_in_table(dest) && self.entities.iter().any(held)
    }

    fn report_found(&mut self, found: Found, out: &mut Observation) {
        let views = found.target & self.config.views_supported;
        let number_of_views = match found.target {
            0 => Basis::of(&[exact::VIEWS_ANY_NO_VIEW_INFO, exact::VIEWS_ANY_ZERO_SLOTS]),
            u32::MAX => Basis::of(&[exact::VIEWS_ALL, exact::VIEWS_ALL_ONLY_SUPPORTED]),
            _ => const { FOUND.number_of_views },
        };
        let clauses = DestClauses { number_of_views, ..FOUND };
        let query = DestQuery { protocol: found.protocol, views };
        self.describe_dest(found.client, found.dest, query, Place::output(4), &clauses, out);
        self.cite_found(found, out);
    }

    pub(super) fn get_exact_match_destination(
        &mut self,
        call: &GetExactMatchDestination,
        out: &mut Observation,
    ) -> Reply {
        use exact as c;
        let client = self.registration(call.registration, &[c::BAD_REGISTRATION_HANDLE])?;
        let Some(address) = &call.dest_address else {
            return refuse(WRONG, &[c::NULL_DEST_ADDRESS]);
        };
        if !call.dest_info {
            return refuse(WRONG, &[c::NULL_DEST_INFO]);
        }
        let too_long = c::LENGTH_ABOVE_FAMILY_WIDTH;
        let prefix = self.prefix(client, address, c::FAMILY_MISMATCH, too_long)?;
        let views = self.views_asked(call.target_views);
        let Some(dest) = self.find_dest(client, prefix, views) else {
            let clauses: &[ClauseId] = match views {
                Views::Of(0) => &[c::VIEWS_UNSUPPORTED_ONLY],
                Views::Of(_) => &[c::VIEWS_RESTRICT_SEARCH, c::ERR_NOT_FOUND],
                Views::Any => &[c::ADDRESS_AND_LENGTH_EQUAL, c::ERR_NOT_FOUND],
            };
            let mut basis = match self.held_only_at(client, prefix) {
                true => Basis::of(&[hold::HELD_DEST_IN_SEARCHES]),
                false => Basis::of(clauses),
            };
            if let Some(gone) = self.why_gone(client, prefix) {
                if gone != add::FAILURE_CHANGES_NOTHING {
                    basis = basis.with(crate::clause::delete_route_to_dest::ROUTE_REMOVED);
                }
                basis = basis.with(gone);
            }
            let hops = &self.entities[client].next_hops;
            if hops.keys().any(|(address, _)| *address == prefix) {
                basis = basis.also(crate::clause::add_next_hop::NOT_IN_TABLE_BY_ITSELF);
            }
            if self.is_emptied_at(client, prefix) {
                basis = basis.with(c::DEST_WITHOUT_ROUTES);
            }
            return refuse(NOT_FOUND, basis);
        };
        let grounds = Grounds::NONE
            .when(self.is_held_only(dest), hold::HELD_DEST_IN_SEARCHES)
            .also(&self.noted(Object::Dest(dest), &[add::HOST_BITS_CANONICAL], 1))
            .and(&[c::ADDRESS_AND_LENGTH_EQUAL, c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        let (protocol, target) = (call.protocol, call.target_views);
        let search = Search::Exact;
        self.report_found(Found { search, client, dest, asked: prefix, protocol, target }, out);
        Ok(())
    }

    pub(super) fn get_most_specific_destination(
        &mut self,
        call: &GetMostSpecificDestination,
        out: &mut Observation,
    ) -> Reply {
        use most as c;
        let client = self.registration(call.registration, &[c::ERR_INVALID_HANDLE])?;
        let (Some(address), true) = (&call.dest_address, call.dest_info) else {
            return refuse(WRONG, &[c::BAD_ARGUMENTS]);
        };
        let prefix = self.prefix(client, address, c::BAD_ARGUMENTS, c::BAD_ARGUMENTS)?;
        let views = self.views_asked(call.target_views);
        let (found, emptied) = self.find_covering(client, prefix, u8::MAX, views);
        let from = found.map_or(0, |dest| self.dests[dest].prefix.length());
        let passed = self.held_only_covers(client, prefix, from..=prefix.length());
        let Some(dest) = found else {
            let clauses: &[ClauseId] = match views {
                Views::Of(0) => &[exact::VIEWS_UNSUPPORTED_ONLY],
                _ if passed => &[c::HELD_ONLY_DESTINATION, hold::LONGEST_MATCH_SKIPS_HELD_ONLY],
                _ => &[c::NEVER_LONGER_THAN_ASKED, c::ERR_NOT_FOUND],
            };
            let grounds = Grounds::of(clauses).when(emptied, exact::DEST_WITHOUT_ROUTES);
            return refuse(NOT_FOUND, grounds);
        };
        let is_exact = self.dests[dest].prefix == prefix;
        let how = if is_exact { c::EXACT_FIRST } else { c::LONGEST_PREFIX };
        let held = self.is_held_only(dest);
        let grounds = Grounds::NONE
            .when(passed, c::HELD_ONLY_DESTINATION)
            .when(passed && !held, hold::LONGEST_MATCH_SKIPS_HELD_ONLY)
            .and(&[how, c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        let (protocol, target) = (call.protocol, call.target_views);
        let search = Search::Most;
        self.report_found(Found { search, client, dest, asked: prefix, protocol, target }, out);
        if emptied {
            out.cite(INFO.member(Member::DestHandle), exact::DEST_WITHOUT_ROUTES);
        }
        Ok(())
    }

    pub(super) fn get_less_specific_destination(
        &mut self,
        call: &GetLessSpecificDestination,
        out: &mut Observation,
    ) -> Reply {
        use less as c;
        let client = self.registration(call.registration, &[c::BAD_HANDLES])?;
        if !call.dest_info {
            return refuse(WRONG, &[c::NULL_DEST_INFO, c::ERR_INVALID_PARAMETER]);
        }
        let clauses = HandleClauses::all(&[c::BAD_HANDLES]);
        let start = self.dest_argument(client, call.dest, &clauses)?;
        let prefix = self.dests[start].prefix;
        let views = self.views_asked(call.target_views);
        let shorter = match self.oracle.takes(c::STRICTLY_SHORTER_ITSELF) {
            true => Some(prefix.length()),
            false => prefix.length().checked_sub(1),
        };
        let (found, emptied) = shorter
            .map_or((None, false), |longest| self.find_covering(client, prefix, longest, views));
        let odd = self.odd_start(start, views);
        let from = found.map_or(0, |dest| self.dests[dest].prefix.length());
        let passed = shorter.is_some_and(|to| self.held_only_covers(client, prefix, from..=to));
        let Some(dest) = found else {
            let clauses: &[ClauseId] = match shorter {
                Some(_) if passed => &[c::HELD_ONLY_DESTINATION],
                None => &[c::ENDS_AFTER_DEFAULT, c::ERR_NOT_FOUND],
                Some(_) => &[c::ENDS_WITHOUT_DEFAULT, c::ERR_NOT_FOUND],
            };
            let grounds = Grounds::of(clauses).when(emptied, exact::DEST_WITHOUT_ROUTES);
            return refuse(NOT_FOUND, grounds.also(&odd));
        };
        let grounds = odd
            .when(passed, c::HELD_ONLY_DESTINATION)
            .and(&[c::NEXT_SHORTER_PREFIX, c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        let (protocol, target) = (call.protocol, call.target_views);
        let search = Search::Less;
        self.report_found(Found { search, client, dest, asked: prefix, protocol, target }, out);
        if emptied {
            out.cite(INFO.member(Member::DestHandle), exact::DEST_WITHOUT_ROUTES);
        }
        Ok(())
    }

    /// The criteria that flags and a structure give.
    pub(super) fn criteria(
        &self,
        flags: MatchFlags,
        info: Option<&RouteInfo>,
        interface: u32,
    ) -> Criteria {
        let wanted = |flag| info.filter(|_| flags.has(flag));
        let hop = |handle: Handle| self.next_hops.find(handle).ok_or(());
        Criteria {
            owner: wanted(MatchFlags::OWNER)
                .map(|i| self.entities.find(i.owner).unwrap_or(super::super::state::arena::NONE)),
            neighbour: wanted(MatchFlags::NEIGHBOUR)
                .map(|i| match i.neighbour {
                    Handle::NULL => Ok(super::super::state::arena::NONE),
                    handle => hop(handle),
                })
                .filter(|neighbour| {
                    *neighbour != Ok(super::super::state::arena::NONE)
                        || !self.oracle.takes(exact_route::MATCH_NEIGHBOUR_NULL_ANY)
                }),
            preference: wanted(MatchFlags::PREF).map(|i| i.preference),
            metric: wanted(MatchFlags::PREF)
                .map(|i| i.metric)
                .filter(|_| self.oracle.takes(exact_route::MATCH_PREF_METRIC_COMPARED)),
            next_hops: wanted(MatchFlags::NEXTHOP).map(|i| {
                let mut hops =
                    i.next_hops.iter().map(|h| hop(*h)).collect::<Result<Vec<_>, ()>>()?;
                hops.sort_unstable();
                Ok(hops)
            }),
            interface: flags.has(MatchFlags::INTERFACE).then_some(interface),
        }
    }

    /// Whether a route meets every criterion.
    pub(super) fn meets(&self, route: Index, criteria: &Criteria) -> bool {
        let r = &self.routes[route];
        let sorted = || {
            let mut hops = r.next_hops.to_vec();
            hops.sort_unstable();
            hops
        };
        let on = |interface: u32| {
            r.next_hops.iter().any(|hop| self.next_hops[*hop].interface == interface)
        };
        criteria.owner.is_none_or(|owner| owner == r.owner)
            && criteria.neighbour.is_none_or(|neighbour| neighbour == Ok(r.neighbour))
            && criteria.preference.is_none_or(|preference| preference == r.preference)
            && criteria.metric.is_none_or(|metric| metric == r.metric)
            && criteria.next_hops.as_ref().is_none_or(|hops| *hops == Ok(sorted()))
            && criteria.interface.is_none_or(on)
    }

    pub(super) fn get_exact_match_route(
        &mut self,
        call: &GetExactMatchRoute,
        out: &mut Observation,
    ) -> Reply {
        use exact_route as c;
        let client = self.registration(call.registration, &[c::BAD_REGISTRATION_HANDLE])?;
        let Some(address) = &call.dest_address else {
            return refuse(WRONG, &[c::NULL_DEST_ADDRESS]);
        };
        let Some(info) = &call.route_info else { return refuse(WRONG, &[c::NULL_ROUTE_INFO]) };
        let flags = MatchFlags(call.matching_flags);
        if flags.unknown() != 0 {
            return refuse(WRONG, &[c::MATCH_UNKNOWN_FLAGS]);
        }
        let prefix = self.prefix(client, address, c::BAD_ADDRESS, c::BAD_ADDRESS)?;
        let mut asked = flags;
        if self.oracle.takes(c::MATCH_OWNER_IGNORED) {
            asked.0 &= !MatchFlags::OWNER.0;
        }
        let criteria = self.criteria(asked, Some(info), call.interface);
        let views = self.views_asked(call.target_views);
        let dest = self.find_dest(client, prefix, Views::Any);
        let in_views = |route: &Index| match views {
            Views::Any => true,
            Views::Of(set) => self.routes[*route].views & set != 0,
        };
        let mut routes = dest.map(|dest| self.dests[dest].routes.clone()).unwrap_or_default();
        if let (Views::Any, Some(dest), true) =
            (views, dest, self.oracle.takes(c::HELD_ROUTES_FOUND))
        {
            routes.extend(self.dests[dest].hold.iter().flat_map(|hold| hold.routes()));
        }
        let fits = |route: &&Index| in_views(route) && self.meets(**route, &criteria);
        let Some(route) = routes.iter().find(fits).copied() else {
            let clauses: &[ClauseId] = match views {
                Views::Of(0) => &[c::VIEWS_UNSUPPORTED_ONLY],
                _ => &self.why_no_route(call, dest),
            };
            return refuse(NOT_FOUND, clauses);
        };
        let several = 1 < routes.iter().filter(fits).count();
        let clauses: &[ClauseId] = match several {
            true => &[c::SEVERAL_MATCH, c::RETURNS_NO_ERROR],
            false => &[c::DESTINATION_EXACT, c::RETURNS_NO_ERROR],
        };
        let mut named = info.next_hops.clone();
        named.push(info.neighbour);
        out.status(Status::NO_ERROR, &[c::DESTINATION_EXACT, c::RETURNS_NO_ERROR]);
        self.describe_route(client, route, Place::output(3), out);
        if call.route {
            let handle = Value::Handle(HandleKind::Route, self.hand_route(client, route));
            out.add(Place::output(6), handle, clauses);
        }
        self.cite_exact_route(call, client, route, &named, out);
        Ok(())
    }

    pub(super) fn is_best_route(&mut self, call: &IsBestRoute, out: &mut Observation) -> Reply {
        use is_best as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        if !call.best_in_views {
            return refuse(WRONG, &[c::NULL_BEST_IN_VIEWS]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_ROUTE_HANDLE, c::ERR_INVALID_HANDLE],
            ..HandleClauses::all(INVALID)
        };
        let route = self.route_argument(client, call.route, &clauses)?;
        let gone = !self.routes[route].is_listed() && !self.is_held_down(route);
        if gone && self.oracle.takes(c::DELETED_ROUTE_NOT_FOUND) {
            return refuse(NOT_FOUND, &[c::DELETED_ROUTE]);
        }
        let dest = &self.dests[self.routes[route].dest];
        let mut views =
            (0..VIEWS).filter(|v| dest.best[*v] == route).fold(0, |m, v| m | 1_u32 << v);
        if self.oracle.takes(c::MASK_OF_VIEWS_NUMBER) && views != 0 {
            views = views.trailing_zeros();
        }
        let held = self.is_held_down(route);
        if held && self.oracle.takes(hold::HELD_NOT_BEST_BEST) {
            views |= self.held_views(self.routes[route].dest);
        }
        let deleted = !self.routes[route].is_listed();
        let r = &self.routes[route];
        let tied = dest.routes.iter().any(|other| {
            let o = &self.routes[*other];
            *other != route && (o.preference, o.metric) == (r.preference, r.metric)
        });
        let basis = match (deleted, tied) {
            _ if held => Basis::of(&[hold::HELD_NOT_BEST]),
            (true, _) => Basis::of(&[c::DELETED_ROUTE]),
            (false, true) => {
                Basis::of(&[crate::clause::add_route_to_dest::BEST_TIE, c::UNIQUE_PER_VIEW])
            }
            (false, false) => Basis::of(&[c::MASK_OF_VIEWS]).also(c::AGREES_WITH_DEST_INFO),
        };
        let success = if deleted && !held { c::DELETED_ROUTE } else { c::RETURNS_NO_ERROR };
        out.status(Status::NO_ERROR, &[success]);
        out.number(Place::output(2), views, basis);
        self.cite_is_best(client, route, views, out);
        Ok(())
    }
}
