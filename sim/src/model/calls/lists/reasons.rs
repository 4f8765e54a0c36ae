//! Why: the clauses that decide what the calls for route lists show, by situation.

use super::fetch::{COUNT, Fetched, ITEMS};
use crate::clause::{
    ClauseId, add_route_to_dest as add, create_route_list as create,
    create_route_list_enum as list_enum, delete_route_list as delete, delete_route_to_dest,
    get_list_enum_routes as fetch, insert_in_route_list as insert, release_routes,
    update_and_unlock_route as commit,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::state::arena::{Index, NONE};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

impl Model {
    /// What decides that an insertion succeeds. Called before anything is moved.
    pub(super) fn insertion_grounds(
        &self,
        client: Index,
        routes: &[Index],
        handles: &[Handle],
        list: Option<Index>,
    ) -> Grounds {
        use insert as c;
        let on = |route: &Index| self.routes[*route].list.0;
        let dest = |route: &Index| self.routes[*route].dest;
        let distinct = super::distinct(routes);
        let twice = distinct.len() < routes.len();
        let passed_over = routes.len() < handles.len();
        let many = self.config.max_handles_in_enum as usize;
        let unlisted = routes.iter().any(|route| on(route) == NONE);
        let again = list.is_some_and(|list| routes.iter().any(|route| on(route) == list));
        let moved = |route: &Index| ![None, Some(on(route))].contains(&list) && on(route) != NONE;
        let foreign = routes.iter().any(|route| self.routes[*route].owner != client);
        let several = distinct
            .iter()
            .any(|route| on(route) != on(&distinct[0]) || dest(route) != dest(&distinct[0]));
        let story = |handle: &Handle| self.notes.recall(Topic::Reference(client, *handle));
        let from_add = Some(release_routes::HANDLES_FROM_ADD);
        let fetched = handles.iter().any(|h| story(h).is_some() && story(h) != from_add);
        let grounds = Grounds::NONE
            .when(passed_over, c::DELETED_ROUTE_INSERTED)
            .when(foreign, c::NOT_OWNER)
            .when(twice, c::DUPLICATE_ELEMENTS)
            .when(many < handles.len(), c::COUNT_LIMIT)
            .when(again, c::SAME_LIST_AGAIN)
            .when(list.is_none() && unlisted, c::NULL_LIST_NOT_LISTED)
            .needs(several, c::BATCH)
            .needs(fetched, c::ANY_COUNTED_HANDLE);
        match list {
            None => grounds.and(&[c::NULL_LIST_REMOVES, c::SUCCESS]),
            Some(_) if routes.iter().any(moved) => grounds.and(&[c::MOVES, c::SUCCESS]),
            Some(_) if routes.len() == 1 => grounds.and(&[create::FOR_OWN_ROUTES, c::SUCCESS]),
            Some(_) => grounds.and(&[c::COUNT, c::SUCCESS]),
        }
    }

    /// Remembers that a route was the subject of an insertion.
    pub(super) fn note_inserted(&mut self, route: Index) {
        let handle = self.routes.handle(route);
        self.notes.note(Topic::Fate(handle), insert::TABLE_UNAFFECTED);
        self.notes.add(Object::Route(route), insert::KEEPS_CALLERS_REFERENCES);
        self.notes.add(Object::Route(route), insert::RELEASE_WITH);
    }

    /// Remembers how a route came to a list.
    pub(super) fn note_listed(&mut self, route: Index, list: Index, came: ClauseId) {
        let listed = Topic::Listed(self.routes.handle(route));
        let came = match self.notes.recall(listed) {
            Some(delete::NOT_EMPTY_ALLOWED) => delete::ROUTES_INSERTABLE_AGAIN,
            _ => came,
        };
        self.notes.note(listed, came);
        self.notes.note(Topic::Fate(self.lists.handle(list)), came);
        let creation = self.routes[route].creation;
        let walks: Vec<Index> = self.walks_on(list).collect();
        for walk in walks {
            let clause = match self.walk(walk).delivered.contains_key(&creation) {
                true => fetch::MOVED_BACK,
                false => fetch::INSERT_DURING,
            };
            self.notes.note(Topic::Fate(self.enums.handle(walk)), clause);
        }
    }

    /// Remembers what the deletion of a list leaves as it is.
    pub(super) fn note_list_deleted(&mut self, client: Index, routes: &[Index]) {
        for route in routes {
            let handle = self.routes.handle(*route);
            self.notes.note(Topic::Listed(handle), delete::NOT_EMPTY_ALLOWED);
            self.notes.note(Topic::Fate(handle), delete::ROUTES_SURVIVE);
            self.notes.add(Object::Route(*route), delete::HANDLES_SURVIVE);
        }
        let others = self.lists.iter().filter(|(_, l)| l.owner == client && !l.routes.is_empty());
        let others: Vec<Index> = others.map(|(index, _)| index).collect();
        for list in others {
            let handle = self.lists.handle(list);
            self.notes.note(Topic::Fate(handle), delete::OTHER_LISTS);
        }
    }

    /// The fields of a fetch, and why they are as they are. Called before the number of routes is
    /// added to those delivered.
    pub(super) fn report_listed(&mut self, fetched: &Fetched, out: &mut Observation) {
        let Fetched { client, enumeration, wanted, .. } = *fetched;
        let given = fetched.routes.len();
        self.report_set(fetched, out);
        let many = 1 < fetched.available;
        for (at, route) in fetched.routes.iter().enumerate() {
            let handle = match self.oracle.takes(fetch::ITEMS_REFERENCED_BORROWED) {
                true => self.routes.handle(*route),
                false => self.hand_route(client, *route),
            };
            let grounds = Grounds::NONE
                .when(many, fetch::ORDER)
                .when(many, insert::POSITION)
                .and(&[fetch::EACH_ONCE, fetch::BUFFER_HOLDS_HANDLES]);
            let place = ITEMS.at(at);
            out.add(place, Value::Handle(HandleKind::Route, handle), grounds);
            if let Some(story) = self.notes.recall(Topic::Listed(self.routes.handle(*route))) {
                out.cite(place, story);
            }
            self.cite_walk(enumeration, place, out);
            let topic = Topic::Reference(client, self.routes.handle(*route));
            self.notes.note(topic, fetch::ITEMS_REFERENCED);
        }
        let zeroed = given < wanted && self.oracle.takes(fetch::TAIL_UNTOUCHED_ZEROED);
        let tail = if zeroed { Value::Written } else { Value::Unwritten };
        out.add(ITEMS.member(Member::Tail), tail, &[fetch::TAIL_UNTOUCHED]);
    }

    /// Status and count of a fetch.
    fn report_set(&self, fetched: &Fetched, out: &mut Observation) {
        use fetch as c;
        let Fetched { enumeration, wanted, after_end, .. } = *fetched;
        let given = fetched.routes.len();
        let e = &self.enums[enumeration];
        if wanted == 0 {
            out.status(Status::NO_ERROR, &[c::ZERO_COUNT]);
            out.number(COUNT, 0_u32, &[c::ZERO_COUNT]);
            return;
        }
        let most = wanted == self.config.max_handles_in_enum as usize;
        let general = match (given, e.delivered) {
            (0, _) => c::NO_MORE_ITEMS_NOT_USED,
            (_, 0) => list_enum::HANDLE_USED_BY,
            _ => c::REPEAT,
        };
        let grounds = Grounds::NONE
            .when(after_end, c::AFTER_END)
            .needs(most, c::LIMIT_INCLUSIVE)
            .when(true, general)
            .when(true, c::ENUM_HANDLE_MEANING)
            .and(&[c::SUCCESS]);
        let used = given == 0 && self.oracle.takes(c::NO_MORE_ITEMS_NOT_USED_USED);
        let status = if used { Status::ERROR_NO_MORE_ITEMS } else { Status::NO_ERROR };
        out.status(status, grounds);
        let count = Grounds::NONE.when(after_end, c::AFTER_END);
        let count = match given {
            0 => count.when(e.delivered != 0, c::EACH_ONCE).and(&[c::END_IS_ZERO, c::COUNT_OUT]),
            _ if given == wanted => count.and(&[c::FULL_UNTIL_END, c::COUNT_IN, c::COUNT_OUT]),
            _ => count.and(&[c::END_IS_SHORT, list_enum::WHOLE_LIST, c::COUNT_OUT]),
        };
        out.number(COUNT, given as u64, count);
        let views = |route: &Index| self.routes[*route].views;
        if fetched.routes.iter().any(|route| views(route) != views(&fetched.routes[0])) {
            out.cite(COUNT, create::VIEWS_IRRELEVANT);
        }
        let list = self.walk(enumeration).list;
        let fate = (list != NONE).then(|| self.notes.recall(Topic::Fate(self.lists.handle(list))));
        if let Some(fate) = fate.flatten() {
            if let Some(companion) = companion(fate) {
                out.cite(COUNT, companion);
            }
            out.cite(COUNT, fate);
        }
        self.cite_walk(enumeration, COUNT, out);
        // Whatever is on the list, nothing but these forbids a smaller set.
        match given {
            0 => {}
            _ if given == wanted => out.rest_on(COUNT, c::FULL_UNTIL_END),
            _ => out.rest_on(COUNT, c::END_IS_SHORT),
        }
    }

    /// What has happened to an enumeration, where it bears on a field.
    fn cite_walk(&self, enumeration: Index, at: Place, out: &mut Observation) {
        let walk = self.walk(enumeration);
        if let Some(fate) = self.notes.recall(Topic::Fate(self.enums.handle(enumeration))) {
            out.cite(at, fate);
        }
        if walk.list == NONE {
            out.cite(at, delete::OPEN_ENUMERATION);
            out.cite(at, fetch::LIST_DELETED);
            return;
        }
        if walk.disturbed {
            out.cite(at, fetch::REMOVE_AT_CURSOR);
        }
    }
}

/// The clause that says the same from another side.
fn companion(fate: ClauseId) -> Option<ClauseId> {
    Some(match fate {
        insert::MOVES | add::ROUTE_LIST_LEAVES_OLD => insert::AT_MOST_ONE_LIST,
        add::ROUTE_LIST_MOVED_TO | commit::ROUTE_LIST_MOVED_TO => insert::VIA_ADD_ROUTE,
        add::ROUTE_LIST_NULL_ON_UPDATE | commit::ROUTE_LIST_NULL_KEEPS => {
            insert::VIA_ADD_ROUTE_NULL
        }
        insert::DELETED_ROUTE_LEAVES => delete_route_to_dest::ROUTE_LIST_LEFT,
        _ => return None,
    })
}
