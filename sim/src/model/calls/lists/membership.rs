//! Which list a route is on: the one place where that changes.

use crate::clause::{
    ClauseId, add_route_to_dest as add, get_list_enum_routes as fetch,
    insert_in_route_list as insert, update_and_unlock_route as commit,
};
use crate::model::Model;
use crate::model::notes::Topic;
use crate::model::state::arena::{Index, NONE};
use crate::model::state::lists::ListWalk;
use crate::model::state::objects::EnumKind;
use crate::readings::Reading;
use crate::vocabulary::handle::Handle;

/// Which clauses decide when a route comes to a list, by the call that takes it there.
pub(super) struct Way {
    /// It comes from no list.
    came: ClauseId,
    /// It comes from another list.
    moved: ClauseId,
    /// What happens to the list that it leaves.
    left: ClauseId,
    /// Fault: it does not leave that.
    both: Reading,
}

/// `RtmInsertInRouteList`.
pub(super) static INSERT: Way = Way {
    came: insert::SUCCESS,
    moved: insert::MOVES,
    left: insert::MOVES,
    both: insert::AT_MOST_ONE_LIST_BOTH,
};

/// The same where a call for routes names a list, or none.
pub(in crate::model::calls) struct Named {
    way: Way,
    ignored: Reading,
    null: ClauseId,
    taken_off: Reading,
    same: ClauseId,
    same_moved: Reading,
}

/// `RtmAddRouteToDest`.
pub(in crate::model::calls) static ADD: Named = Named {
    way: Way {
        came: add::ROUTE_LIST_MOVED_TO,
        moved: add::ROUTE_LIST_MOVED_TO,
        left: add::ROUTE_LIST_LEAVES_OLD,
        both: add::ROUTE_LIST_LEAVES_OLD_BOTH,
    },
    ignored: add::ROUTE_LIST_MOVED_TO_IGNORED,
    null: add::ROUTE_LIST_NULL_ON_UPDATE,
    taken_off: add::ROUTE_LIST_NULL_ON_UPDATE_TAKEN_OFF,
    same: add::ROUTE_LIST_SAME,
    same_moved: add::ROUTE_LIST_SAME_MOVED,
};

/// `RtmUpdateAndUnlockRoute`.
pub(in crate::model::calls) static COMMIT: Named = Named {
    way: Way {
        came: commit::ROUTE_LIST_MOVED_TO,
        moved: commit::ROUTE_LIST_MOVED_TO,
        left: insert::MOVES,
        both: insert::AT_MOST_ONE_LIST_BOTH,
    },
    ignored: commit::ROUTE_LIST_MOVED_TO_IGNORED,
    null: commit::ROUTE_LIST_NULL_KEEPS,
    taken_off: commit::ROUTE_LIST_NULL_KEEPS_TAKEN_OFF,
    same: insert::SAME_LIST_AGAIN,
    same_moved: insert::SAME_LIST_AGAIN_MOVED,
};

impl Model {
    /// Open enumerations of a list.
    pub(super) fn walks_on(&self, list: Index) -> impl Iterator<Item = Index> + '_ {
        let is_on = move |kind: &EnumKind| matches!(kind, EnumKind::List(w) if w.list == list);
        self.enums.iter().filter(move |(_, e)| is_on(&e.kind)).map(|(index, _)| index)
    }

    pub(super) fn walk(&self, enumeration: Index) -> &ListWalk {
        match &self.enums[enumeration].kind {
            EnumKind::List(walk) => walk,
            _ => unreachable!("the kind was checked"),
        }
    }

    pub(super) fn walk_mut(&mut self, enumeration: Index) -> &mut ListWalk {
        match &mut self.enums[enumeration].kind {
            EnumKind::List(walk) => walk,
            _ => unreachable!("the kind was checked"),
        }
    }

    /// Puts a route at the end of a list, off the one that it is on.
    pub(super) fn put_on_list(&mut self, route: Index, list: Index, way: &Way) {
        let from = self.routes[route].list.0;
        if from != NONE && !self.oracle.takes(way.both) {
            self.leave_list(route, way.left);
        }
        let l = &mut self.lists[list];
        let place = l.next_place;
        l.next_place += 1;
        l.routes.insert(place, route);
        self.routes[route].list = (list, place);
        let came = if from == NONE { way.came } else { way.moved };
        self.note_listed(route, list, came);
    }

    /// Takes a route off the list that it is on, if any, for the reason that `why` names.
    pub(in crate::model) fn leave_list(&mut self, route: Index, why: ClauseId) {
        let (list, place) = self.take_off_route_list(route);
        if list == NONE {
            return;
        }
        let handle = self.lists.handle(list);
        self.notes.note(Topic::Fate(handle), why);
        let walks: Vec<Index> = self.walks_on(list).collect();
        for walk in walks {
            self.pass_over_route(walk, route, place);
        }
    }

    /// The same and nothing else: the list and place where it was.
    pub(in crate::model) fn take_off_route_list(&mut self, route: Index) -> (Index, u32) {
        let was = std::mem::replace(&mut self.routes[route].list, (NONE, 0));
        if was.0 != NONE {
            self.lists[was.0].routes.remove(&was.1);
        }
        // A planted fault leaves a route on two lists, but not beyond its life.
        if self.oracle.takes(insert::AT_MOST_ONE_LIST_BOTH)
            || self.oracle.takes(add::ROUTE_LIST_LEAVES_OLD_BOTH)
        {
            let lists: Vec<Index> = self.lists.iter().map(|(index, _)| index).collect();
            for list in lists {
                self.lists[list].routes.retain(|_, other| *other != route);
            }
        }
        was
    }

    /// A route has left the list of an open enumeration.
    fn pass_over_route(&mut self, enumeration: Index, route: Index, place: u32) {
        let creation = self.routes[route].creation;
        let handle = self.enums.handle(enumeration);
        if self.walk(enumeration).has_passed(creation, place) {
            self.notes.note(Topic::Fate(handle), fetch::SURVIVES_REMOVAL_OF_DELIVERED);
            if self.oracle.takes(fetch::SURVIVES_REMOVAL_OF_DELIVERED_SKIPS) {
                let (next, list) = (self.walk(enumeration).next, self.walk(enumeration).list);
                let skipped = self.lists[list].routes.range(next..).next();
                if let Some((place, _)) = skipped {
                    self.walk_mut(enumeration).next = place + 1;
                }
            }
            return;
        }
        if self.oracle.takes(fetch::REMOVE_AHEAD_DELIVERED) {
            self.routes[route].ledger.structural += 1;
            self.walk_mut(enumeration).kept.insert(place, route);
        }
        self.notes.note(Topic::Fate(handle), fetch::REMOVE_AHEAD);
        self.walk_mut(enumeration).disturbed = true;
    }

    /// Takes all routes off a list; gives them.
    pub(super) fn empty_list(&mut self, list: Index) -> Vec<Index> {
        let routes = std::mem::take(&mut self.lists[list].routes);
        for (place, route) in &routes {
            if self.routes[*route].list == (list, *place) {
                self.routes[*route].list = (NONE, 0);
            }
        }
        routes.into_values().collect()
    }

    /// Ends a list; gives the routes that were on it.
    pub(in crate::model::calls) fn close_list(&mut self, list: Index) -> Vec<Index> {
        let walks: Vec<Index> = self.walks_on(list).collect();
        for walk in walks {
            if self.oracle.takes(crate::clause::delete_route_list::OPEN_ENUMERATION_CLOSED) {
                self.close_enumeration(walk);
                continue;
            }
            if self.oracle.takes(fetch::LIST_DELETED_DELIVERED) {
                let coming = self.to_come(walk, usize::MAX);
                for (place, route) in coming {
                    if self.walk_mut(walk).kept.insert(place, route).is_none() {
                        self.routes[route].ledger.structural += 1;
                    }
                }
            }
            self.walk_mut(walk).list = NONE;
        }
        let routes = self.empty_list(list);
        let reuse = self.reuses_values();
        self.lists.remove(list, reuse);
        routes
    }

    /// What a call for a route does with the list that it names, or with NULL.
    pub(in crate::model::calls) fn name_list(
        &mut self,
        route: Index,
        new: bool,
        list: Handle,
        named: &Named,
    ) {
        let old = self.routes[route].list.0;
        match self.lists.find(list) {
            None if new || old == NONE => {}
            None if self.oracle.takes(named.taken_off) => self.leave_list(route, named.null),
            None => {
                let handle = self.lists.handle(old);
                self.notes.note(Topic::Fate(handle), named.null);
            }
            Some(_) if self.oracle.takes(named.ignored) => {}
            Some(list) if list == old => {
                if self.oracle.takes(named.same_moved) {
                    self.put_on_list(route, list, &named.way);
                }
                let handle = self.lists.handle(list);
                self.notes.note(Topic::Fate(handle), named.same);
            }
            Some(list) => self.put_on_list(route, list, &named.way),
        }
    }
}
