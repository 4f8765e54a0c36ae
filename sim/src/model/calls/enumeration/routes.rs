//! Fetching routes: those of a destination are captured, in order, when the cursor enters it.

use std::ops::Bound;

use super::fetch::{ITEMS, ROUTES};
use super::reasons::Item;
use crate::clause::get_enum_routes as routes;
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::reply::Reply;
use crate::model::state::arena::Index;
use crate::model::state::objects::EnumKind;
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::GetEnumRoutes;
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{Observation, Value};

impl Model {
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
            Err(refusal) => return self.overlong(refusal, count, &ROUTES, out),
        };
        let available = self.capture(request.enumeration, request.wanted + 1);
        let given = self.batch(request.wanted, available, &ROUTES);
        Self::begin_fetch(out);
        let mut items = Vec::new();
        for at in 0..given {
            let last = at + 1 == given;
            let route = self.next_captured(request.enumeration, at, last);
            let handle = match self.oracle.takes(ROUTES.no_reference) {
                true => self.routes.handle(route),
                false => self.hand_route(request.client, route),
            };
            let value = Value::Handle(HandleKind::Route, handle);
            let grounds = self.held_grounds(request.enumeration, route);
            let grounds = grounds.and(&[routes::ORDER_ADDRESS, routes::ORDER_BEST_FIRST]);
            out.add(ITEMS.at(at), value, grounds);
            let r = &self.routes[route];
            let (prefix, owner) = (self.dests[r.dest].prefix, Some(r.owner));
            let held = r.ledger.held(request.client);
            items.push(Item { prefix, object: self.routes.handle(route), held, owner });
            self.unref_route(route);
        }
        self.conclude(&request, given, available, &ROUTES, &items, out);
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
        let keep_deleted = self.oracle.takes(routes::DELETE_AHEAD_DELIVERED);
        let EnumKind::Routes { views, .. } = self.enums[enumeration].kind else { return };
        let stays = |route: &Index| {
            keep_deleted || self.routes[*route].is_listed() || self.is_seen_held(*route, views)
        };
        let (kept, gone): (Vec<Index>, Vec<Index>) = before.into_iter().partition(stays);
        if let EnumKind::Routes { captured, .. } = &mut self.enums[enumeration].kind {
            *captured = kept;
        }
        if !gone.is_empty() {
            let handle = self.enums.handle(enumeration);
            self.notes.note(Topic::Fate(handle), routes::DELETE_AHEAD);
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
        self.add_held(dest, *views, fits, &mut found);
        if self.oracle.takes(routes::ORDER_EQUAL_COST_NEWEST_FIRST) {
            let cost = |route: Index| {
                let (preference, metric, _) = self.rank(route);
                (preference, metric)
            };
            for equal in found.chunk_by_mut(|one, other| cost(*one) == cost(*other)) {
                equal.sort_by_key(|route| -self.rank(*route).2.abs());
            }
        }
        if self.oracle.takes(routes::ORDER_BEST_FIRST_WORST_FIRST) {
            found.reverse();
        }
        found
    }

    /// Takes the next captured route; among routes of equal cost the one that is advised.
    fn next_captured(&mut self, enumeration: Index, at: usize, last: bool) -> Index {
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
        let repeats = last && self.oracle.takes(ROUTES.repeats_last);
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
}
