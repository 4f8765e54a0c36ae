//! Route lists: created, filled, emptied and deleted. Fetching stands in [`fetch`].
//!
//! A route is on one list at most. A list is no part of the table: nobody but its client sees it.

pub mod fetch;

pub mod membership;

mod reasons;

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, create_route_list as create, create_route_list_enum as list_enum,
    delete_route_list as delete, insert_in_route_list as insert,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::lists::{ListWalk, RouteList};
use crate::model::state::objects::{EnumKind, Enumeration, Extent};
use crate::vocabulary::call::{
    CreateRouteList, CreateRouteListEnum, DeleteRouteList, InsertInRouteList,
};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use membership::INSERT;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;

impl Model {
    pub(super) fn create_route_list(
        &mut self,
        call: &CreateRouteList,
        out: &mut Observation,
    ) -> Reply {
        use create as c;
        let client = self.registration(call.registration, &[c::BAD_REG_HANDLE])?;
        if !call.route_list {
            return refuse(WRONG, &[c::NULL_OUT_POINTER]);
        }
        let known = self.lists.iter().filter(|(_, l)| l.owner == client).map(|(index, _)| index);
        let known: Vec<Index> = known.collect();
        let list = match known.first() {
            Some(first) if self.oracle.takes(c::SEVERAL_LISTS_ONE_ONLY) => *first,
            _ => {
                let list = RouteList { owner: client, routes: Default::default(), next_place: 0 };
                self.lists.insert(list)
            }
        };
        let handle = self.lists.handle(list);
        self.notes.note(Topic::Fate(handle), c::STARTS_EMPTY);
        if self.oracle.takes(c::STARTS_EMPTY_TAKES_ALL) {
            let own = self.routes.iter().filter(|(_, r)| r.owner == client && r.is_listed());
            let own: Vec<Index> = own.filter(|(_, r)| r.list.0 == NONE).map(|(i, _)| i).collect();
            own.into_iter().for_each(|route| self.put_on_list(route, list, &INSERT));
        }
        // How many a client may have is not said; those of a few samples at once are no matter.
        let many = self.config.max_handles_in_enum as usize <= known.len();
        let grounds = Grounds::NONE
            .when(many, c::NUMBER_LIMIT)
            .needs(!known.is_empty(), c::SEVERAL_LISTS)
            .and(&[c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        let grounds = Grounds::NONE
            .needs(!known.is_empty(), c::SEVERAL_LISTS)
            .and(&[c::OUT_HANDLE_IN_NULL, c::SUCCESS]);
        out.add(Place::output(1), Value::Handle(HandleKind::RouteList, handle), grounds);
        Ok(())
    }

    pub(super) fn insert_in_route_list(
        &mut self,
        call: &InsertInRouteList,
        out: &mut Observation,
    ) -> Reply {
        use insert as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let count = call.num_routes as usize;
        let handles = match &call.route_handles {
            Some(handles) => &handles[..count.min(handles.len())],
            None if count == 0 => &[],
            None => return refuse(WRONG, &[c::NULL_ARRAY]),
        };
        let list = self.list_to_fill(client, call.route_list)?;
        if count == 0 {
            if self.oracle.takes(c::ZERO_COUNT_REFUSED) {
                return refuse(WRONG, &[c::ZERO_COUNT]);
            }
            out.status(Status::NO_ERROR, &[c::ZERO_COUNT]);
            return Ok(());
        }
        let above = (self.config.max_handles_in_enum as usize) < count;
        if above && self.oracle.takes(c::COUNT_LIMIT_REFUSED) {
            return refuse(WRONG, &[c::COUNT_LIMIT]);
        }
        let routes = self.routes_to_list(client, handles, list)?;
        let distinct = distinct(&routes);
        if distinct.len() < routes.len() && self.oracle.takes(c::DUPLICATE_ELEMENTS_REFUSED) {
            return refuse(WRONG, &[c::DUPLICATE_ELEMENTS]);
        }
        let unlisted = distinct.iter().any(|route| self.routes[*route].list.0 == NONE);
        if list.is_none() && unlisted && self.oracle.takes(c::NULL_LIST_NOT_LISTED_NOT_FOUND) {
            return refuse(Status::ERROR_NOT_FOUND, &[c::NULL_LIST_NOT_LISTED]);
        }
        out.status(Status::NO_ERROR, self.insertion_grounds(client, &routes, handles, list));
        let all = if self.oracle.takes(c::BATCH_FIRST_ONLY) { 1 } else { distinct.len() };
        distinct.into_iter().take(all).for_each(|route| self.insert_route_in(client, route, list));
        Ok(())
    }

    /// The list that routes are to be put on; none where they are only to be taken off theirs.
    fn list_to_fill(&self, client: Index, handle: Handle) -> Result<Option<Index>, Refusal> {
        use insert as c;
        let clauses = HandleClauses {
            null: &[],
            wrong_kind: &[c::WRONG_KIND_HANDLE],
            dead: &[c::DELETED_LIST, c::ERR_INVALID_HANDLE],
            other_table: &[],
        };
        let foreign = &[c::OTHER_ENTITY_LIST, create::PRIVATE];
        let foreign = (&foreign[..], c::OTHER_ENTITY_LIST_ACCESS_DENIED);
        match handle {
            Handle::NULL => Ok(None),
            handle => self.list_argument(client, handle, &clauses, foreign).map(Some),
        }
    }

    /// The routes that an array names, each as often as it stands there.
    fn routes_to_list(
        &mut self,
        client: Index,
        handles: &[Handle],
        list: Option<Index>,
    ) -> Result<Vec<Index>, Refusal> {
        let mut routes = Vec::with_capacity(handles.len());
        for handle in handles {
            match self.route_to_list(client, *handle) {
                Ok(found) => routes.extend(found),
                Err(refusal) => {
                    if !routes.is_empty() {
                        self.stop_half_way(client, &routes, list);
                    }
                    return Err(refusal);
                }
            }
        }
        Ok(routes)
    }

    /// An element is not valid and others stand before it.
    fn stop_half_way(&mut self, client: Index, routes: &[Index], list: Option<Index>) {
        let lists = routes.iter().map(|route| self.routes[*route].list.0).chain(list);
        let lists: Vec<Index> = lists.filter(|list| *list != NONE).collect();
        if self.oracle.takes(insert::PARTIAL_FAILURE_BEFORE) {
            routes.iter().for_each(|route| self.insert_route_in(client, *route, list));
        }
        for list in lists {
            self.notes.note(Topic::Fate(self.lists.handle(list)), insert::PARTIAL_FAILURE);
        }
    }

    /// The route that an element names; none where it is passed over.
    fn route_to_list(&self, client: Index, handle: Handle) -> Result<Option<Index>, Refusal> {
        use insert as c;
        let clauses = HandleClauses {
            wrong_kind: &[c::WRONG_KIND_HANDLE],
            other_table: &[c::ROUTE_OF_OTHER_TABLE],
            ..HandleClauses::all(&[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE])
        };
        let route = self.route_argument(client, handle, &clauses)?;
        let r = &self.routes[route];
        if r.owner != client && !self.oracle.takes(c::NOT_OWNER_ACCEPTED) {
            return refuse(Status::ERROR_ACCESS_DENIED, &[c::NOT_OWNER]);
        }
        match r.is_listed() {
            true => Ok(Some(route)),
            false if self.oracle.takes(c::DELETED_ROUTE_INSERTED_PASSED_OVER) => Ok(None),
            false => refuse(INVALID, &[c::DELETED_ROUTE_INSERTED]),
        }
    }

    /// Moves a route to a list, or takes it off the one that it is on.
    fn insert_route_in(&mut self, client: Index, route: Index, list: Option<Index>) {
        use insert as c;
        let old = self.routes[route].list.0;
        let again = old != NONE && list == Some(old);
        let stays = match list {
            Some(_) if again => !self.oracle.takes(c::SAME_LIST_AGAIN_MOVED),
            Some(_) => old != NONE && self.oracle.takes(c::MOVES_STAYS),
            None => self.oracle.takes(c::NULL_LIST_REMOVES_IGNORED),
        };
        match list {
            _ if stays => {}
            Some(list) => self.put_on_list(route, list, &INSERT),
            None => self.leave_list(route, c::NULL_LIST_REMOVES),
        }
        self.note_inserted(route);
        if self.oracle.takes(c::KEEPS_CALLERS_REFERENCES_USED_UP)
            && self.routes[route].ledger.held(client) != 0
        {
            self.routes[route].ledger.give_back(client, 1);
        }
    }

    pub(super) fn create_route_list_enum(
        &mut self,
        call: &CreateRouteListEnum,
        out: &mut Observation,
    ) -> Reply {
        use list_enum as c;
        let client = self.registration(call.registration, &[c::BAD_REG_HANDLE])?;
        if !call.enumeration {
            return refuse(WRONG, &[c::NULL_OUT_POINTER]);
        }
        let clauses =
            HandleClauses { null: &[c::NULL_LIST], ..HandleClauses::all(&[c::BAD_LIST_HANDLE]) };
        let foreign = &[c::OTHER_ENTITY_LIST, create::PRIVATE];
        let foreign = (&foreign[..], c::OTHER_ENTITY_LIST_ACCESS_DENIED);
        let list = self.list_argument(client, call.route_list, &clauses, foreign)?;
        let empty = self.lists[list].routes.is_empty();
        if empty && self.oracle.takes(c::EMPTY_LIST_REFUSED) {
            return refuse(WRONG, &[c::EMPTY_LIST]);
        }
        let another = self.walks_on(list).next().is_some();
        let mut walk = ListWalk::new(list, &self.lists[list]);
        if let Some(first) = self.lists[list].routes.keys().next()
            && self.oracle.takes(c::WHOLE_LIST_FIRST_LEFT_OUT)
        {
            walk.next = first + 1;
        }
        let index = self.enums.insert(Enumeration {
            owner: client,
            kind: EnumKind::List(walk),
            extent: Extent::All,
            cursor: None,
            ended: false,
            delivered: 0,
            copy: None,
        });
        let grounds = Grounds::NONE
            .when(another, c::SEVERAL_ON_ONE_LIST)
            .needs(empty, c::EMPTY_LIST)
            .and(&[c::LIST_FROM_CREATE, c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        let handle = Value::Handle(HandleKind::Enum, self.enums.handle(index));
        let clauses = &[c::OUT_HANDLE_IN_NULL, create::OUT_HANDLE_IS_HANDLE, c::SUCCESS];
        out.add(Place::output(2), handle, clauses);
        Ok(())
    }

    pub(super) fn delete_route_list(
        &mut self,
        call: &DeleteRouteList,
        out: &mut Observation,
    ) -> Reply {
        use delete as c;
        const BAD: &[ClauseId] = &[c::BAD_REG_HANDLE, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::ERR_INVALID_HANDLE],
            wrong_kind: &[c::WRONG_KIND_HANDLE],
            dead: &[c::DOUBLE_DELETE, c::ERR_INVALID_HANDLE],
            other_table: &[],
        };
        let foreign = &[c::OTHER_ENTITY_LIST, create::PRIVATE];
        let foreign = (&foreign[..], c::OTHER_ENTITY_LIST_ACCESS_DENIED);
        let list = self.list_argument(client, call.route_list, &clauses, foreign)?;
        let empty = self.lists[list].routes.is_empty();
        if !empty && self.oracle.takes(c::NOT_EMPTY_ALLOWED_REFUSED) {
            return refuse(WRONG, &[c::NOT_EMPTY_ALLOWED]);
        }
        let released = crate::clause::reference_handles::GENERAL_ENUM_HANDLES_SINGLE;
        let grounds = Grounds::NONE
            .when(!empty, c::NOT_EMPTY_ALLOWED)
            .when(empty, create::RELEASED_BY_DELETE)
            .and(&[c::SUCCESS, c::RELEASES_HANDLE])
            .when(true, released);
        out.status(Status::NO_ERROR, grounds);
        if self.oracle.takes(c::OTHER_LISTS_EMPTIED) {
            let lists = self.lists.iter().filter(|(_, l)| l.owner == client);
            let lists: Vec<Index> = lists.map(|(index, _)| index).collect();
            lists.into_iter().for_each(|list| drop(self.empty_list(list)));
        }
        let routes = self.close_list(list);
        self.note_list_deleted(client, &routes);
        self.spoil_deletion(client, &routes);
        Ok(())
    }

    /// What planted faults do with the routes of a list that is deleted.
    fn spoil_deletion(&mut self, client: Index, routes: &[Index]) {
        for route in routes {
            let held = self.routes[*route].ledger.held(client);
            if held != 0 && self.oracle.takes(delete::HANDLES_SURVIVE_RELEASED) {
                self.routes[*route].ledger.give_back(client, held);
            }
            if self.routes[*route].is_listed() && self.oracle.takes(delete::ROUTES_SURVIVE_DELETED)
            {
                self.unlist(*route);
            }
        }
    }
}

/// Each route once, where it first stands.
fn distinct(routes: &[Index]) -> Vec<Index> {
    let mut seen = std::collections::BTreeSet::new();
    routes.iter().copied().filter(|route| seen.insert(*route)).collect()
}
