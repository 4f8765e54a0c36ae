//! Fetching: the next items behind the cursor, in the order of the interface.

use std::ops::Bound;

use super::super::info::{DestClauses, DestQuery};
use crate::clause::{
    ClauseId, get_enum_dests as dests, get_enum_next_hops as hops, get_enum_routes as routes,
};
use crate::model::Model;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::objects::{EnumKind, Extent};
use crate::model::state::prefix::Prefix;
use crate::readings::Reading;
use crate::vocabulary::call::{GetEnumDests, GetEnumNextHops, GetEnumRoutes};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

const COUNT: Place = Place::output(2);
const ITEMS: Place = Place::output(3);
const WRONG: Status = Status::ERROR_INVALID_PARAMETER;

/// Which clauses and readings decide about one fetching function.
struct FetchClauses {
    success: ClauseId,
    more: ClauseId,
    end: ClauseId,
    not_silent: ClauseId,
    count_out: ClauseId,
    short: ClauseId,
    exact: ClauseId,
    after_end: ClauseId,
    zero: ClauseId,
    overlong: ClauseId,
    overlong_count: ClauseId,
    null: ClauseId,
    bad_enum: ClauseId,
    wrong_kind: ClauseId,
    dead: ClauseId,
    other_client: ClauseId,
    tail: ClauseId,
    end_after_short: Reading,
    end_with_last: Reading,
    one_at_a_time: Reading,
    half: Reading,
    not_sticky: Reading,
    keeps_overlong_count: Reading,
    writes_tail: Reading,
    // Faults.
    repeats_last: Reading,
    never_ends: Reading,
    no_reference: Reading,
    accepts_overlong: Reading,
}

macro_rules! fetch_clauses {
    ($module:ident) => {
        FetchClauses {
            success: $module::SUCCESS,
            more: $module::NEXT_SET,
            end: $module::NO_MORE_ITEMS,
            not_silent: $module::END_NOT_SILENT,
            count_out: $module::COUNT_OUT,
            short: $module::SHORT_BATCH_STATUS,
            exact: $module::EXACT_FIT_STATUS,
            after_end: $module::AFTER_END,
            zero: $module::ZERO_COUNT,
            overlong: $module::ERR_INVALID_PARAMETER,
            overlong_count: $module::OVERLONG_COUNT_OUT,
            null: $module::NULL_POINTERS,
            bad_enum: $module::BAD_ENUM_HANDLE,
            wrong_kind: $module::WRONG_KIND_HANDLE,
            dead: $module::USE_AFTER_DELETE,
            other_client: $module::OTHER_ENTITY_HANDLE,
            tail: $module::TAIL_UNTOUCHED,
            end_after_short: $module::SHORT_BATCH_STATUS_END_APART,
            end_with_last: $module::EXACT_FIT_STATUS_END_WITH_LAST_SET,
            one_at_a_time: $module::FULL_SETS_ONE_AT_A_TIME,
            half: $module::FULL_SETS_HALF,
            not_sticky: $module::END_STICKY_LATER_ITEMS,
            keeps_overlong_count: $module::OVERLONG_COUNT_OUT_KEPT,
            writes_tail: $module::TAIL_UNTOUCHED_ZEROED,
            repeats_last: $module::NEXT_SET_REPEATS_LAST,
            never_ends: $module::END_NOT_SILENT_NO_ERROR,
            no_reference: $module::ITEMS_REFERENCED_BORROWED,
            accepts_overlong: $module::ERR_INVALID_PARAMETER_ACCEPTED,
        }
    };
}

static DESTS: FetchClauses = fetch_clauses!(dests);
static ROUTES: FetchClauses = fetch_clauses!(routes);
static NEXT_HOPS: FetchClauses = fetch_clauses!(hops);

/// A request that has passed its checks.
struct Request {
    client: Index,
    enumeration: Index,
    wanted: usize,
}

/// What a fetch is told of the implementation that it is compared with: how many items that one
/// gave, and which, as far as they are known. The documentation leaves both open.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Advice {
    /// Items given.
    pub count: Option<usize>,
    /// The items, NULL where unknown.
    pub items: Vec<Handle>,
}

impl Model {
    /// The checks that the three functions share. An over-large request is answered here.
    fn check_fetch(
        &mut self,
        registration: (Handle, ClauseId),
        handle: Handle,
        count: Option<u32>,
        buffer: bool,
        clauses: &'static FetchClauses,
        kind: fn(&EnumKind) -> bool,
    ) -> Result<Request, Refusal> {
        let bad_registration: &'static [ClauseId] = match registration.1 {
            c if c == dests::BAD_REG_HANDLE => &[dests::BAD_REG_HANDLE],
            c if c == routes::BAD_REG_HANDLE => &[routes::BAD_REG_HANDLE],
            _ => &[hops::BAD_REG_HANDLE],
        };
        let client = self.registration(registration.0, bad_registration)?;
        let wanted = match count {
            Some(wanted) if buffer || wanted == 0 => wanted,
            _ => return refuse(WRONG, &[clauses.null]),
        };
        let enumeration = self.fetch_handle(client, handle, clauses)?;
        if !kind(&self.enums[enumeration].kind) {
            return refuse(Status::ERROR_INVALID_HANDLE, &[clauses.wrong_kind]);
        }
        let most = self.config.max_handles_in_enum;
        if most < wanted && !self.oracle.takes(clauses.accepts_overlong) {
            return refuse(WRONG, &[clauses.overlong]);
        }
        Ok(Request { client, enumeration, wanted: wanted as usize })
    }

    fn fetch_handle(
        &self,
        client: Index,
        handle: Handle,
        clauses: &FetchClauses,
    ) -> Result<Index, Refusal> {
        let is_enum = handle.0 >> 60 == HandleKind::Enum as u64 + 1;
        match self.enums.find(handle) {
            Some(index) if self.enums[index].owner == client => Ok(index),
            Some(_) => refuse(Status::ERROR_INVALID_HANDLE, &[clauses.other_client]),
            None if is_enum => refuse(Status::ERROR_INVALID_HANDLE, &[clauses.dead]),
            None if self.object(handle).is_some() => {
                refuse(Status::ERROR_INVALID_HANDLE, &[clauses.wrong_kind])
            }
            None => refuse(Status::ERROR_INVALID_HANDLE, &[clauses.bad_enum]),
        }
    }

    /// Items that one call gives when `available` are left.
    fn batch(&self, wanted: usize, available: usize, c: &FetchClauses) -> usize {
        let most = wanted.min(available);
        if let Some(count) = self.advice.count
            && (1..=most).contains(&count)
        {
            return count;
        }
        if self.oracle.takes(c.one_at_a_time) {
            most.min(1)
        } else if self.oracle.takes(c.half) {
            most.div_ceil(2)
        } else {
            most
        }
    }

    /// The status and count of a fetch, and the end if it is reported.
    fn conclude(
        &mut self,
        request: &Request,
        given: usize,
        available: usize,
        c: &FetchClauses,
        out: &mut Observation,
    ) {
        let Request { enumeration, wanted, .. } = *request;
        let was_ended = self.enums[enumeration].ended;
        let left = available - given;
        let apart = self.oracle.takes(c.end_after_short);
        let with_last = self.oracle.takes(c.end_with_last);
        let (ends, basis): (bool, &[ClauseId]) = match (wanted, given) {
            (0, _) => (was_ended, &[c.zero]),
            (_, 0) if was_ended => (true, &[c.after_end, c.not_silent]),
            (_, 0) => (true, &[c.not_silent, c.end]),
            _ if left != 0 => (false, &[c.success, c.more]),
            (wanted, given) if given < wanted => (!apart, &[c.short]),
            _ => (with_last, &[c.exact]),
        };
        let silent_end = ends && given == 0 && self.oracle.takes(c.never_ends);
        let status = match ends && !silent_end {
            true => Status::ERROR_NO_MORE_ITEMS,
            false => Status::NO_ERROR,
        };
        out.fields[0].value = Value::Number(u64::from(status.0));
        out.fields[0].basis = crate::vocabulary::observation::Basis::of(basis);
        out.fields[1].value = Value::Number(given as u64);
        out.fields[1].basis = crate::vocabulary::observation::Basis::of(&[c.count_out]);
        if ends && wanted != 0 {
            self.enums[enumeration].ended = !self.oracle.takes(c.not_sticky);
        }
        let tail = match self.oracle.takes(c.writes_tail) && given < wanted {
            true => Value::Written,
            false => Value::Unwritten,
        };
        out.add(ITEMS.member(Member::Tail), tail, &[c.tail]);
    }

    /// Reserves the first two fields; [`Model::conclude`] fills them in.
    fn begin_fetch(out: &mut Observation) {
        out.number(Place::STATUS, 0_u32, &[]);
        out.number(COUNT, 0_u32, &[]);
    }

    /// Where a refusal leaves the count at zero.
    fn overlong(&self, refusal: Refusal, c: &FetchClauses, out: &mut Observation) -> Reply {
        let is_overlong = refusal.basis.clauses().any(|clause| clause == c.overlong);
        if !is_overlong {
            return Err(refusal);
        }
        out.status(refusal.status, &[c.overlong]);
        if self.oracle.takes(c.keeps_overlong_count) {
            return Err(refusal);
        }
        out.number(COUNT, 0_u32, &[c.overlong_count]);
        out.add(ITEMS.member(Member::Tail), Value::Unwritten, &[c.tail]);
        Ok(())
    }

    pub(in crate::model::calls) fn get_enum_dests(
        &mut self,
        call: &GetEnumDests,
        out: &mut Observation,
    ) -> Reply {
        let registration = (call.registration, dests::BAD_REG_HANDLE);
        let is_dests = |kind: &EnumKind| matches!(kind, EnumKind::Dests { .. });
        let (count, buffer) = (call.num_dests, call.dest_infos);
        let checked =
            self.check_fetch(registration, call.enumeration, count, buffer, &DESTS, is_dests);
        let request = match checked {
            Ok(request) => request,
            Err(refusal) => return self.overlong(refusal, &DESTS, out),
        };
        let EnumKind::Dests { views, protocol, .. } = self.enums[request.enumeration].kind else {
            unreachable!("the kind was checked");
        };
        let available = self.dests_ahead(request.enumeration, request.wanted + 1);
        let given = self.batch(request.wanted, available.len(), &DESTS);
        Self::begin_fetch(out);
        let query = DestQuery { protocol, views: views & self.config.views_supported };
        let clauses = dest_clauses(views);
        for (at, dest) in available[..given].iter().enumerate() {
            let prefix = self.dests[*dest].prefix;
            self.advance_cursor(request.enumeration, (prefix, 0), &DESTS);
            self.describe_dest(request.client, *dest, query, ITEMS.at(at), &clauses, out);
            if self.oracle.takes(DESTS.no_reference) {
                self.give_back(request.client, Object::Dest(*dest), 1);
            }
        }
        self.conclude(&request, given, available.len(), &DESTS, out);
        Ok(())
    }

    fn advance_cursor(&mut self, enumeration: Index, to: (Prefix, u32), c: &FetchClauses) {
        let repeats = self.oracle.takes(c.repeats_last);
        let e = &mut self.enums[enumeration];
        if !repeats || e.cursor.is_none() {
            e.cursor = Some(to);
        }
    }

    /// Positions that an open enumeration may not go beyond, where a reading asks for a copy.
    pub(super) fn copy_for(
        &self,
        owner: Index,
        kind: &EnumKind,
        extent: Extent,
    ) -> Option<Vec<(Prefix, u32)>> {
        let table = &self.tables[self.entities[owner].table];
        match kind {
            EnumKind::Dests { .. } if self.oracle.takes(dests::INSERT_AHEAD_COPY) => {
                let inside = table.dests.keys().filter(|prefix| extent.contains(**prefix));
                Some(inside.map(|prefix| (*prefix, 0)).collect())
            }
            EnumKind::Routes { .. } if self.oracle.takes(routes::INSERT_AHEAD_COPY) => {
                let inside = table.dests.keys().filter(|prefix| extent.contains(**prefix));
                Some(inside.map(|prefix| (*prefix, 0)).collect())
            }
            EnumKind::NextHops if self.oracle.takes(hops::INSERT_AHEAD_COPY) => {
                Some(self.entities[owner].next_hops.keys().copied().collect())
            }
            _ => None,
        }
    }

    /// The next destinations behind the cursor that qualify, at most `most`.
    fn dests_ahead(&self, enumeration: Index, most: usize) -> Vec<Index> {
        let e = &self.enums[enumeration];
        let EnumKind::Dests { views, own, .. } = e.kind else { return Vec::new() };
        if e.ended {
            return Vec::new();
        }
        let table = &self.tables[self.entities[e.owner].table];
        let start = match e.cursor {
            Some((prefix, _)) => Bound::Excluded(prefix),
            None => Bound::Included(e.extent.start()),
        };
        let ahead = table.dests.range((start, Bound::Unbounded));
        let in_copy = |prefix: Prefix| e.copy.as_ref().is_none_or(|c| c.contains(&(prefix, 0)));
        ahead
            .take_while(|(prefix, _)| e.extent.contains(**prefix))
            .filter(|(prefix, dest)| {
                in_copy(**prefix) && self.dest_qualifies(e.owner, **dest, views, own)
            })
            .map(|(_, dest)| *dest)
            .take(most)
            .collect()
    }

    fn dest_qualifies(&self, client: Index, dest: Index, views: u32, own: bool) -> bool {
        use crate::clause::create_dest_enum as c;
        let d = &self.dests[dest];
        if d.routes.is_empty() {
            return self.oracle.takes(c::ROUTELESS_DESTS_DELIVERED);
        }
        let in_view = |view: usize| views == 0 || views & 1 << view != 0;
        let owns_best = |view: usize| {
            let best = d.best[view];
            in_view(view)
                && best != crate::model::state::arena::NONE
                && self.routes[best].owner == client
        };
        let owns_any = |_: usize| d.routes.iter().any(|r| self.routes[*r].owner == client);
        let mut all = 0..d.best.len();
        let owned = match self.oracle.takes(c::OWN_DESTS_NEEDS_BEST_ANY_ROUTE) {
            true => all.any(owns_any),
            false => all.any(owns_best),
        };
        if own && !owned && !self.oracle.takes(c::FLAG_OWN_DESTS_IGNORED) {
            return false;
        }
        views == 0
            || self.oracle.takes(c::VIEWS_UCAST_IGNORED)
            || d.routes.iter().any(|r| self.routes[*r].views & views != 0)
    }

    pub(in crate::model::calls) fn get_enum_routes(
        &mut self,
        call: &GetEnumRoutes,
        out: &mut Observation,
    ) -> Reply {
        let registration = (call.registration, routes::BAD_REG_HANDLE);
        let is_routes = |kind: &EnumKind| matches!(kind, EnumKind::Routes { .. });
        let (count, buffer) = (call.num_routes, call.route_handles);
        let checked =
            self.check_fetch(registration, call.enumeration, count, buffer, &ROUTES, is_routes);
        let request = match checked {
            Ok(request) => request,
            Err(refusal) => return self.overlong(refusal, &ROUTES, out),
        };
        let available = self.capture(request.enumeration, request.wanted + 1);
        let given = self.batch(request.wanted, available, &ROUTES);
        Self::begin_fetch(out);
        for at in 0..given {
            let route = self.next_captured(request.enumeration, at);
            let handle = match self.oracle.takes(ROUTES.no_reference) {
                true => self.routes.handle(route),
                false => self.hand_route(request.client, route),
            };
            let value = Value::Handle(HandleKind::Route, handle);
            out.add(ITEMS.at(at), value, &[routes::ORDER_ADDRESS, routes::ORDER_BEST_FIRST]);
            self.unref_route(route);
        }
        self.conclude(&request, given, available, &ROUTES, out);
        Ok(())
    }

    /// Enters destinations until `most` routes are captured or none is left; gives their number.
    fn capture(&mut self, enumeration: Index, most: usize) -> usize {
        self.drop_deleted_captured(enumeration);
        loop {
            let e = &self.enums[enumeration];
            let EnumKind::Routes { captured, .. } = &e.kind else { return 0 };
            if e.ended || most <= captured.len() {
                return if e.ended { 0 } else { captured.len() };
            }
            let Some((prefix, found)) = self.next_entered(enumeration) else {
                return captured.len();
            };
            for route in &found {
                self.routes[*route].ledger.structural += 1;
            }
            let e = &mut self.enums[enumeration];
            e.cursor = Some((prefix, 0));
            if let EnumKind::Routes { captured, .. } = &mut e.kind {
                captured.extend(found);
            }
        }
    }

    fn drop_deleted_captured(&mut self, enumeration: Index) {
        let EnumKind::Routes { captured, .. } = &mut self.enums[enumeration].kind else { return };
        let before = std::mem::take(captured);
        let keep_deleted =
            self.oracle.takes(crate::clause::create_route_enum::DELETED_ROUTES_DELIVERED);
        let (kept, gone): (Vec<Index>, Vec<Index>) =
            before.into_iter().partition(|r| keep_deleted || self.routes[*r].is_listed());
        if let EnumKind::Routes { captured, .. } = &mut self.enums[enumeration].kind {
            *captured = kept;
        }
        gone.into_iter().for_each(|route| self.unref_route(route));
    }

    /// The next destination behind the cursor that has qualifying routes, and those, in order.
    fn next_entered(&self, enumeration: Index) -> Option<(Prefix, Vec<Index>)> {
        let e = &self.enums[enumeration];
        let EnumKind::Routes { dest: only, .. } = &e.kind else { return None };
        if let Some(dest) = only {
            let prefix = self.dests[*dest].prefix;
            let found = self.qualifying_routes(enumeration, *dest);
            return (e.cursor.is_none() && !found.is_empty()).then_some((prefix, found));
        }
        let start = match e.cursor {
            Some((prefix, _)) => Bound::Excluded(prefix),
            None => Bound::Included(e.extent.start()),
        };
        let table = &self.tables[self.entities[e.owner].table];
        let ahead = table.dests.range((start, Bound::Unbounded));
        ahead
            .take_while(|(prefix, _)| e.extent.contains(**prefix))
            .filter(|(prefix, _)| e.copy.as_ref().is_none_or(|c| c.contains(&(**prefix, 0))))
            .map(|(prefix, dest)| (*prefix, self.qualifying_routes(enumeration, *dest)))
            .find(|(_, found)| !found.is_empty())
    }

    fn qualifying_routes(&self, enumeration: Index, dest: Index) -> Vec<Index> {
        use crate::clause::create_route_enum as c;
        let e = &self.enums[enumeration];
        let EnumKind::Routes { views, own, criteria, .. } = &e.kind else { return Vec::new() };
        let ignores_views = self.oracle.takes(c::VIEWS_UCAST_IGNORED);
        let fits = |route: &Index| {
            let r = &self.routes[*route];
            (*views == 0 || ignores_views || r.views & views != 0)
                && (!own || r.owner == e.owner)
                && (self.oracle.takes(c::MATCH_AND_IGNORED) || self.meets(*route, criteria))
        };
        let routes = self.dests[dest].routes.iter().copied().filter(fits);
        let mut found: Vec<Index> = routes.collect();
        if self.oracle.takes(routes::ORDER_EQUAL_COST_NEWEST_FIRST) {
            found.sort_by_key(|route| {
                let (preference, metric, creation) = self.rank(*route);
                (preference, metric, -creation.abs())
            });
        }
        if self.oracle.takes(routes::ORDER_BEST_FIRST_WORST_FIRST) {
            found.reverse();
        }
        found
    }

    /// Takes the next captured route; among routes of equal cost the one that is advised.
    fn next_captured(&mut self, enumeration: Index, at: usize) -> Index {
        let advised = self.advice.items.get(at).and_then(|handle| self.routes.find(*handle));
        let EnumKind::Routes { captured, .. } = &self.enums[enumeration].kind else {
            unreachable!("the kind was checked");
        };
        let cost = |route: Index| {
            let r = &self.routes[route];
            (r.dest, r.preference, r.metric)
        };
        let first = cost(captured[0]);
        let tied = captured.iter().take_while(|route| cost(**route) == first);
        let place = advised.and_then(|advised| tied.clone().position(|r| *r == advised));
        let repeats = self.oracle.takes(ROUTES.repeats_last) && 1 < captured.len();
        let place = place.unwrap_or(0);
        if repeats {
            let route = captured[place];
            self.routes[route].ledger.structural += 1;
            return route;
        }
        let EnumKind::Routes { captured, .. } = &mut self.enums[enumeration].kind else {
            unreachable!("the kind was checked");
        };
        captured.remove(place)
    }

    pub(in crate::model::calls) fn get_enum_next_hops(
        &mut self,
        call: &GetEnumNextHops,
        out: &mut Observation,
    ) -> Reply {
        let registration = (call.registration, hops::BAD_REG_HANDLE);
        let is_hops = |kind: &EnumKind| matches!(kind, EnumKind::NextHops);
        let (count, buffer) = (call.num_next_hops, call.next_hop_handles);
        let c = &NEXT_HOPS;
        let checked = self.check_fetch(registration, call.enumeration, count, buffer, c, is_hops);
        let request = match checked {
            Ok(request) => request,
            Err(refusal) => return self.overlong(refusal, c, out),
        };
        let available = self.next_hops_ahead(request.enumeration);
        let given = self.batch(request.wanted, available.len(), c);
        Self::begin_fetch(out);
        for (at, hop) in available[..given].iter().enumerate() {
            let n = &self.next_hops[*hop];
            self.advance_cursor(request.enumeration, (n.address, n.interface), c);
            let handle = match self.oracle.takes(c.no_reference) {
                true => self.next_hops.handle(*hop),
                false => self.hand_next_hop(request.client, *hop),
            };
            let value = Value::Handle(HandleKind::NextHop, handle);
            out.add(ITEMS.at(at), value, &[hops::ORDER_ADDRESS, hops::ORDER_ASCENDING]);
        }
        self.conclude(&request, given, available.len(), c, out);
        Ok(())
    }

    /// The next hops behind the cursor, in order; those that share an address as advised.
    fn next_hops_ahead(&self, enumeration: Index) -> Vec<Index> {
        let e = &self.enums[enumeration];
        if e.ended {
            return Vec::new();
        }
        let inside = |((prefix, interface), _): &(&(Prefix, u32), &Index)| {
            e.extent.contains(*prefix)
                && e.copy.as_ref().is_none_or(|c| c.contains(&(*prefix, *interface)))
        };
        let descending = self.oracle.takes(hops::ORDER_TIE_INTERFACE_DESCENDING);
        let place = |(prefix, interface): (Prefix, u32)| {
            (prefix, if descending { u32::MAX - interface } else { interface })
        };
        let list = self.entities[e.owner].next_hops.iter().filter(inside);
        let mut ahead: Vec<((Prefix, u32), Index)> = list
            .map(|(key, hop)| (place(*key), *hop))
            .filter(|(at, _)| e.cursor.is_none_or(|cursor| place(cursor) < *at))
            .collect();
        ahead.sort_unstable();
        if self.oracle.takes(hops::ORDER_ASCENDING_DESCENDING) {
            ahead.reverse();
        }
        ahead.into_iter().map(|(_, hop)| hop).collect()
    }
}

fn dest_clauses(views: u32) -> DestClauses {
    let number_of_views: &'static [ClauseId] = match views {
        0 => &[dests::ANY_NUMBER_OF_VIEWS, dests::ANY_NO_VIEW_INFO],
        _ => &[dests::VIEW_SLOTS_COUNT, dests::NUMBER_OF_VIEWS_FIELD],
    };
    DestClauses {
        dest: &[dests::DEST_HANDLE, dests::ORDER_ADDRESS],
        address: &[dests::DEST_ADDRESS, dests::ORDER_ASCENDING],
        last_changed: &[dests::LAST_CHANGED],
        belongs_to_views: &[dests::BELONGS_TO_VIEWS_UNION, dests::BELONGS_TO_VIEWS],
        number_of_views,
        view_id: &[dests::VIEW_SLOT_ORDER, dests::SLOT_VIEW_ID],
        num_routes: &[dests::SLOT_NUM_ROUTES],
        route: &[dests::SLOT_ROUTE],
        owner: &[dests::SLOT_OWNER],
        dest_flags: &[dests::SLOT_DEST_FLAGS],
        hold_route: &[dests::SLOT_HOLDROUTE],
        other_protocol: &[
            crate::clause::create_dest_enum::PROTOCOL_SELECTS_ROUTE,
            dests::SLOT_ROUTE,
        ],
        empty: &[dests::VIEW_SLOT_EMPTY],
    }
}
