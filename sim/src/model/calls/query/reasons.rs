//! Why: the clauses that decide what the searches show, by situation.

use super::Views;
use crate::clause::{
    ClauseId, add_route_to_dest as add, delete_route_to_dest as delete,
    get_exact_match_destination as exact, get_exact_match_route as exact_route,
    get_less_specific_destination as less, get_most_specific_destination as most,
    is_best_route as is_best,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::state::arena::{Index, NONE};
use crate::model::state::objects::VIEWS;
use crate::model::state::prefix::{Prefix, width};
use crate::vocabulary::call::GetExactMatchRoute;
use crate::vocabulary::constants::{BEST_PROTOCOL, MatchFlags, NextHopFlags, THIS_PROTOCOL};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};

/// Which of the three searches for a destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    Exact,
    Most,
    Less,
}

impl Search {
    /// The clauses that say of each search what is one rule: the protocol is no criterion, the
    /// protocol selects the route, views restrict, the rest as in the exact search.
    fn clauses(self) -> [ClauseId; 4] {
        match self {
            Search::Exact => [
                exact::PROTOCOL_NOT_A_CRITERION,
                exact::PROTOCOL_SELECTS_ROUTE,
                exact::VIEWS_RESTRICT_SEARCH,
                exact::VIEWS_SELECT_INFORMATION,
            ],
            Search::Most => [
                most::PROTOCOL_NOT_A_CRITERION,
                most::PROTOCOL_SELECTS_ROUTE,
                most::VIEWS_RESTRICT_SEARCH,
                most::DEST_INFO_AS_EXACT,
            ],
            Search::Less => [
                less::PROTOCOL_NOT_A_CRITERION,
                less::PROTOCOL_SELECTS_ROUTE,
                less::VIEWS_RESTRICT_SEARCH,
                less::DEST_INFO_AS_EXACT,
            ],
        }
    }
}

/// What was asked, and what was found.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub search: Search,
    pub client: Index,
    pub dest: Index,
    /// What the search began with.
    pub asked: Prefix,
    pub protocol: u32,
    pub target: u32,
}

pub(super) const INFO: Place = Place::output(4);

impl Model {
    /// What decides the structure that a search gives besides the general rules.
    pub(super) fn cite_found(&mut self, found: Found, out: &mut Observation) {
        let [not_a_criterion, selects, restricts, as_exact] = found.search.clauses();
        let d = &self.dests[found.dest];
        let views = found.target & self.config.views_supported;
        if found.protocol != BEST_PROTOCOL {
            out.cite(INFO.member(Member::DestHandle), not_a_criterion);
        }
        if !d.routes.iter().any(|route| self.routes[*route].owner == found.client) {
            out.cite(INFO.member(Member::DestAddress), exact::ADDRESS_IN_ROUTES_OF_ANY_OWNER);
        }
        if views != 0 && found.search != Search::Exact {
            out.cite(INFO.member(Member::NumberOfViews), as_exact);
        }
        if views == self.config.views_supported
            && d.routes.len() == 1
            && found.search == Search::Exact
        {
            out.cite(INFO.member(Member::NumberOfViews), exact::VIEWS_SELECT_INFORMATION);
        }
        match views.count_ones() {
            0 if found.target == 0 => {
                let number = INFO.member(Member::NumberOfViews);
                out.cite(number, exact::BUFFER_ANY_BASIC);
                out.cite(number, exact::VIEWS_NONE_EQUALS_ANY);
                match found.search {
                    Search::Exact => {}
                    Search::Most => out.cite(number, most::VIEWS_ANY_NO_VIEW_INFO),
                    Search::Less => out.cite(number, less::VIEWS_ANY_NO_VIEW_INFO),
                }
            }
            1 => out.cite(INFO.member(Member::NumberOfViews), exact::ONE_VIEW_STATIC),
            _ => {
                let second = INFO.member(Member::ViewId).inner(1);
                out.cite(second, exact::BUFFER_SIZE_FORMULA);
                out.cite(second, exact::BUFFER_VARIABLE_SIZE);
            }
        }
        self.cite_change(found.dest, out);
        self.cite_committed_dest(found.dest, INFO, out);
        if !self.locked.is_empty() {
            self.cite_locked_found(found.dest, out);
        }
        self.cite_views(found, selects, out);
        if views != 0 && self.passed_over(found, views) {
            out.cite(INFO.member(Member::DestAddress), restricts);
        }
        match found.search {
            Search::Exact => {}
            Search::Most => self.cite_most(found, out),
            Search::Less => self.cite_less(found, out),
        }
        let (client, handle) = (found.client, self.dests.handle(found.dest));
        let clause = match found.search {
            Search::Exact => exact::HANDLES_REFERENCED,
            Search::Most => most::RELEASED_WITH_DEST_INFO,
            Search::Less => less::WALK_UP,
        };
        self.notes.note(Topic::Reference(client, handle), clause);
    }

    /// What admits a start that the views asked for do not show.
    pub(super) fn odd_start(&self, start: Index, views: Views) -> Grounds {
        let routes = &self.dests[start].routes;
        let elsewhere = match views {
            Views::Any => false,
            Views::Of(set) => routes.iter().all(|route| self.routes[*route].views & set == 0),
        };
        Grounds::NONE
            .when(routes.is_empty(), less::START_WITHOUT_ROUTES)
            .when(!routes.is_empty() && elsewhere, less::START_NOT_IN_VIEWS)
    }

    /// What last changed a destination decides when that was.
    pub(in crate::model::calls) fn cite_change(&self, dest: Index, out: &mut Observation) {
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(dest)));
        let clause = match fate {
            Some(delete::BEST_RECHOSEN | delete::BEST_RECHOSEN_PER_VIEW) => delete::LAST_CHANGED,
            Some(add::VIEWS_CHANGED_ON_UPDATE) => add::LAST_CHANGED,
            Some(add::EXPIRED_DELETE_LIKE_DELETE) => return,
            Some(clause) => clause,
            None => return,
        };
        out.cite(INFO.member(Member::LastChanged), clause);
    }

    /// The same where the last change was one of its hold-down.
    pub(in crate::model::calls) fn cite_hold_change(&self, dest: Index, out: &mut Observation) {
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(dest)));
        if fate == Some(crate::clause::hold_destination::LAST_CHANGED) {
            self.cite_change(dest, out);
        }
    }

    /// The members of each view element.
    fn cite_views(&self, found: Found, selects: ClauseId, out: &mut Observation) {
        let views = found.target & self.config.views_supported;
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(found.dest)));
        let wanted = (0..VIEWS).filter(|view| views & 1 << view != 0);
        for (inner, view) in wanted.enumerate() {
            let at = INFO.inner(inner);
            let route = at.member(Member::Route);
            let shown = match out.get(route) {
                Some(Value::Handle(HandleKind::Route, handle)) => handle,
                _ => Handle::NULL,
            };
            if shown.is_null() {
                if found.protocol != BEST_PROTOCOL && self.dests[found.dest].best[view] != NONE {
                    out.cite(route, exact::PROTOCOL_NO_ROUTE);
                }
                continue;
            }
            match found.protocol {
                BEST_PROTOCOL => {
                    if let Some(why) = self.why_best(found.dest, view) {
                        out.cite(route, why);
                    }
                    match fate {
                        Some(clause @ (delete::BEST_RECHOSEN | delete::BEST_RECHOSEN_PER_VIEW)) => {
                            out.cite(route, clause);
                        }
                        Some(
                            clause @ (add::VIEWS_CHANGED_ON_UPDATE
                            | add::EXPIRED_DELETE_LIKE_DELETE),
                        ) => out.cite(route, clause),
                        _ => {}
                    }
                }
                THIS_PROTOCOL => out.cite(route, exact::PROTOCOL_THIS),
                _ => out.cite(route, selects),
            }
            let count = at.member(Member::NumRoutes);
            match fate {
                Some(delete::BEST_RECHOSEN | delete::BEST_RECHOSEN_PER_VIEW) => {
                    out.cite(count, delete::NOT_SHOWN_AFTER_DELETE);
                }
                Some(delete::LAST_CHANGED) => out.cite(count, delete::ONLY_THAT_ROUTE),
                _ => {}
            }
        }
        let none = out.get(INFO.member(Member::Route))
            == Some(Value::Handle(HandleKind::Route, Handle::NULL));
        if found.protocol != BEST_PROTOCOL && none && found.search == Search::Exact {
            out.cite(INFO.member(Member::DestHandle), exact::PROTOCOL_DESTINATION_WORDING);
        }
    }

    /// Whether a longer prefix that covers what was asked has no route in the views.
    fn passed_over(&self, found: Found, views: u32) -> bool {
        let table = &self.tables[self.entities[found.client].table];
        let longest = match found.search {
            Search::Less => found.asked.length().saturating_sub(1),
            _ => found.asked.length(),
        };
        let shortest = self.dests[found.dest].prefix.length();
        (shortest..=longest).skip(1).any(|length| {
            let dest = table.dests.get(&found.asked.shortened(length));
            dest.is_some_and(|dest| {
                let routes = &self.dests[*dest].routes;
                !routes.is_empty() && routes.iter().all(|r| self.routes[*r].views & views == 0)
            })
        })
    }

    fn cite_most(&self, found: Found, out: &mut Observation) {
        use most as c;
        let address = INFO.member(Member::DestAddress);
        let prefix = self.dests[found.dest].prefix;
        let width = width(self.family(found.client));
        let exact = prefix == found.asked;
        out.cite(address, if exact { c::EXACT_FIRST } else { c::LONGEST_PREFIX });
        if !exact {
            out.cite(address, c::DEST_ADDRESS_IS_FOUND_PREFIX);
            out.cite(INFO.member(Member::DestHandle), add::ADDRESS_BYTE_ORDER);
            if found.target == 0 {
                out.cite(address, c::ANY_VIEW_LONGEST);
            }
            if prefix.length() == 0 {
                out.cite(address, c::DEFAULT_ROUTE_LAST_RESORT);
            } else if u16::from(found.asked.length()) == width {
                out.cite(address, c::HOST_SEARCH);
            }
        } else if prefix.length() == 0 {
            out.cite(address, c::ZERO_LENGTH_SEARCH);
        }
        let mut hops = self.entities[found.client].next_hops.range((found.asked, 0)..);
        let named = hops.next().filter(|((asked, _), _)| *asked == found.asked);
        if named
            .is_some_and(|(_, hop)| self.next_hops[*hop].flags & NextHopFlags::REMOTE.0 as u16 != 0)
        {
            out.cite(INFO.member(Member::DestHandle), c::LOCAL_NEXT_HOP_LOOKUP);
        }
    }

    fn cite_less(&mut self, found: Found, out: &mut Observation) {
        use less as c;
        let address = INFO.member(Member::DestAddress);
        let table = &self.tables[self.entities[found.client].table];
        let before = table.dests.range(..found.asked).next_back();
        out.cite(INFO.member(Member::DestHandle), c::STRICTLY_SHORTER);
        if before.is_some_and(|(prefix, _)| !prefix.covers(found.asked)) {
            out.cite(address, c::SIBLINGS_SKIPPED);
        }
        if self.dests[found.dest].prefix.length() == 0 {
            out.cite(address, c::DEFAULT_IS_LAST_MATCH);
        }
        let Some(start) = table.dests.get(&found.asked) else { return };
        let client = found.client;
        let start = self.dests.handle(*start);
        if self.notes.recall(Topic::Reference(client, start)) == Some(c::WALK_UP) {
            out.cite(address, c::WALK_UP);
            out.cite(Place::STATUS, c::REPEATABLE);
        } else {
            out.cite(Place::STATUS, c::START_FROM_ANY_DEST_INFO);
        }
        self.notes.note(Topic::Reference(client, start), c::START_HANDLE_NOT_CONSUMED);
    }

    /// What decides a search for a route besides the general rules.
    pub(super) fn cite_exact_route(
        &mut self,
        call: &GetExactMatchRoute,
        client: Index,
        route: Index,
        hops_before: &[Handle],
        out: &mut Observation,
    ) {
        use exact_route as c;
        let at = Place::output(3);
        let r = &self.routes[route];
        let flags = MatchFlags(call.matching_flags);
        for clause in match_clauses(flags) {
            out.cite(at.member(Member::Neighbour), clause);
        }
        out.cite(at.member(Member::Flags), c::OTHER_MEMBERS_IGNORED);
        out.cite(at.member(Member::Preference), c::ROUTE_INFO_OUTPUT);
        let count = at.member(Member::NumNextHops);
        match r.next_hops.len() {
            0 => {}
            1 => out.cite(count, c::ONE_HOP_STATIC),
            _ => out.cite(count, c::ROUTE_INFO_ROOM),
        }
        if !flags.has(MatchFlags::INTERFACE) && call.interface != 0 {
            out.cite(Place::STATUS, c::INTERFACE_IGNORED_WITHOUT_FLAG);
        }
        if r.owner != client && !flags.has(MatchFlags::OWNER) {
            out.cite(Place::STATUS, c::ROUTES_OF_ALL_OWNERS);
        }
        match call.target_views {
            0 => out.cite(at.member(Member::BelongsToViews), c::VIEWS_ANY),
            _ => out.cite(at.member(Member::BelongsToViews), c::VIEWS_RESTRICT_SEARCH),
        }
        let handle = self.routes.handle(route);
        if call.route {
            out.cite(Place::output(6), c::ROUTE_HANDLE_RETURNED);
            self.notes.note(Topic::Reference(client, handle), c::ROUTE_HANDLE_REFERENCE);
        } else {
            out.cite(Place::STATUS, c::ROUTE_HANDLE_OPTIONAL);
        }
        self.notes
            .note(Topic::Reference(client, self.dests.handle(r.dest)), c::ROUTE_INFO_REFERENCES);
        for hop in hops_before.iter().filter(|hop| !hop.is_null()) {
            self.notes.note(Topic::Reference(client, *hop), c::CRITERIA_HANDLES_KEEP_REFERENCES);
        }
    }

    /// What refuses a search for a route besides the general rules.
    pub(super) fn why_no_route(
        &self,
        call: &GetExactMatchRoute,
        dest: Option<Index>,
    ) -> Vec<ClauseId> {
        use exact_route as c;
        let flags = MatchFlags(call.matching_flags);
        let Some(dest) = dest else { return vec![c::DESTINATION_EXACT, c::ERR_NOT_FOUND] };
        let mut clauses = Vec::new();
        if flags.has(MatchFlags::INTERFACE) {
            let routes = &self.dests[dest].routes;
            if routes.iter().any(|route| self.routes[*route].next_hops.is_empty()) {
                clauses.push(c::MATCH_INTERFACE_NO_NEXT_HOPS);
            }
            let remote = |hop: &Index| self.next_hops[*hop].interface == 0;
            if routes.iter().any(|route| self.routes[*route].next_hops.iter().any(remote)) {
                clauses.push(c::MATCH_INTERFACE_REMOTE);
            }
        }
        if self.held_views(dest) != 0 {
            clauses.push(c::HELD_ROUTES);
        }
        clauses.extend(self.deleted_on(Some(dest)));
        clauses.extend(match_clauses(flags));
        if call.target_views != 0 && flags.0 == 0 {
            clauses.push(c::VIEWS_RESTRICT_SEARCH);
        }
        clauses.truncate(3);
        clauses.push(c::ERR_NOT_FOUND);
        clauses
    }

    /// What decides the views in which a route is best besides the general rules.
    pub(super) fn cite_is_best(
        &mut self,
        client: Index,
        route: Index,
        views: u32,
        out: &mut Observation,
    ) {
        use is_best as c;
        let place = Place::output(2);
        let r = &self.routes[route];
        let dest = &self.dests[r.dest];
        if !r.is_listed() {
            return;
        }
        let fate = self.notes.recall(Topic::Fate(self.dests.handle(r.dest)));
        if fate.is_some_and(|clause| clause != add::DEST_CREATED_BY_ADD) {
            out.cite(place, c::FOLLOWS_CHANGES);
        }
        match views {
            0 => {
                out.cite(place, c::ZERO_IS_SUCCESS);
                out.cite(Place::STATUS, c::POINTER_WORDING);
            }
            3 => out.cite(place, c::SEVERAL_VIEWS),
            _ if r.views != 3 && self.config.views_supported == 3 => {
                out.cite(place, c::WITHIN_OWN_VIEWS);
            }
            _ => {}
        }
        if 1 < dest.routes.len() {
            let clause = match dest.best.contains(&NONE) {
                true => c::UNIQUE_PER_VIEW,
                false => add::ONE_BEST_PER_VIEW,
            };
            out.cite(place, clause);
        }
        if fate == Some(add::VIEWS_CHANGED_ON_UPDATE) {
            out.cite(place, add::VIEWS_CHANGED_ON_UPDATE);
        }
        if r.owner != client {
            out.rest_on(Place::STATUS, c::ANY_CLIENT);
        }
        let handle = self.routes.handle(route);
        self.notes.note(Topic::Reference(client, handle), c::HANDLE_NOT_CONSUMED);
    }
}

/// The clauses of the criteria that flags name.
fn match_clauses(flags: MatchFlags) -> Vec<ClauseId> {
    use exact_route as c;
    let criteria = [
        (MatchFlags::OWNER, c::MATCH_OWNER),
        (MatchFlags::NEIGHBOUR, c::MATCH_NEIGHBOUR),
        (MatchFlags::PREF, c::MATCH_PREF),
        (MatchFlags::NEXTHOP, c::MATCH_NEXTHOP),
        (MatchFlags::INTERFACE, c::MATCH_INTERFACE),
    ];
    let mut clauses: Vec<ClauseId> =
        criteria.into_iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, c)| c).collect();
    match clauses.len() {
        0 => vec![c::MATCH_NONE],
        1 => clauses,
        5 => vec![c::MATCH_FULL, c::MATCH_FULL_INCLUDES_INTERFACE],
        _ => {
            clauses.truncate(2);
            clauses.insert(0, c::CRITERIA_COMBINED);
            clauses
        }
    }
}
