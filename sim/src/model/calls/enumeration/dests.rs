//! Fetching destinations.

use std::ops::Bound;

use super::super::info::{DestClauses, DestQuery};
use super::fetch::{DESTS, ITEMS};
use super::reasons::Item;
use crate::clause::get_enum_dests as dests;
use crate::model::Model;
use crate::model::references::Object;
use crate::model::reply::Reply;
use crate::model::state::arena::Index;
use crate::model::state::objects::EnumKind;
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::GetEnumDests;
use crate::vocabulary::observation::{Basis, Observation};

impl Model {
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
            Err(refusal) => return self.overlong(refusal, count, &DESTS, out),
        };
        let EnumKind::Dests { views, protocol, .. } = self.enums[request.enumeration].kind else {
            unreachable!("the kind was checked");
        };
        let available = self.dests_ahead(request.enumeration, request.wanted + 1);
        let given = self.batch(request.wanted, available.len(), &DESTS);
        Self::begin_fetch(out);
        let query = DestQuery { protocol, views: views & self.config.views_supported };
        let clauses = dest_clauses(views);
        let mut items = Vec::new();
        for (at, dest) in available[..given].iter().enumerate() {
            let prefix = self.dests[*dest].prefix;
            self.advance_cursor(request.enumeration, (prefix, 0), at + 1 == given, &DESTS);
            self.describe_dest(request.client, *dest, query, ITEMS.at(at), &clauses, out);
            self.cite_delivered_dest(*dest, ITEMS.at(at), (query.views, protocol), out);
            if self.oracle.takes(DESTS.no_reference) {
                self.give_back(request.client, Object::Dest(*dest), 1);
            }
            let routes = &self.dests[*dest].routes;
            let owner = routes.first().map(|route| self.routes[*route].owner);
            let held = self.dests[*dest].ledger.held(request.client);
            items.push(Item { prefix, object: self.dests.handle(*dest), held, owner });
        }
        self.conclude(&request, given, available.len(), &DESTS, &items, out);
        Ok(())
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
        if self.is_held_only(dest) {
            let held = views == 0 || self.held_views(dest) & views != 0;
            let shown = views == 0 || self.oracle.takes(c::HOLDDOWN_ONLY_WITH_ANY_IN_VIEWS);
            return held && shown && !own;
        }
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
}

fn dest_clauses(views: u32) -> DestClauses {
    let number_of_views = match views {
        0 => Basis::of(&[dests::ANY_NUMBER_OF_VIEWS, dests::ANY_NO_VIEW_INFO]),
        _ => Basis::of(&[dests::VIEW_SLOTS_COUNT, dests::NUMBER_OF_VIEWS_FIELD]),
    };
    DestClauses {
        dest: Basis::of(&[dests::DEST_HANDLE, dests::ORDER_ADDRESS]),
        address: Basis::of(&[dests::DEST_ADDRESS, dests::ORDER_ASCENDING]),
        last_changed: Basis::of(&[dests::LAST_CHANGED]),
        belongs_to_views: Basis::of(&[dests::BELONGS_TO_VIEWS_UNION, dests::BELONGS_TO_VIEWS]),
        number_of_views,
        view_id: Basis::of(&[dests::VIEW_SLOT_ORDER, dests::SLOT_VIEW_ID]),
        num_routes: Basis::of(&[dests::SLOT_NUM_ROUTES]),
        route: Basis::of(&[dests::SLOT_ROUTE]),
        owner: Basis::of(&[dests::SLOT_OWNER]),
        dest_flags: Basis::of(&[dests::SLOT_DEST_FLAGS]),
        hold_route: Basis::of(&[dests::SLOT_HOLDROUTE]),
        other_protocol: Basis::of(&[
            crate::clause::create_dest_enum::PROTOCOL_SELECTS_ROUTE,
            dests::SLOT_ROUTE,
        ]),
        empty: Basis::of(&[dests::VIEW_SLOT_EMPTY]),
    }
}
