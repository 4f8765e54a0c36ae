//! Fetching the routes of a list.
//!
//! An enumeration reads the live list. In which order the routes come is not laid down, so it
//! remembers which of them have come, not how far it is.

use crate::clause::{get_list_enum_routes as fetch, insert_in_route_list as insert};
use crate::model::Model;
use crate::model::calls::check::HandleClauses;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::lists::ListWalk;
use crate::model::state::objects::EnumKind;
use crate::vocabulary::call::GetListEnumRoutes;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

pub(super) const COUNT: Place = Place::output(2);
pub(super) const ITEMS: Place = Place::output(3);
const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;

/// What one call delivers.
pub(super) struct Fetched {
    pub client: Index,
    pub enumeration: Index,
    /// Routes asked for.
    pub wanted: usize,
    /// Routes that were still to come, as far as one more than that.
    pub available: usize,
    /// What a call gives after the end is open: the end was reported by an empty set, or there
    /// is more meanwhile.
    pub after_end: bool,
    pub routes: Vec<Index>,
}

impl Model {
    pub(in crate::model::calls) fn get_list_enum_routes(
        &mut self,
        call: &GetListEnumRoutes,
        out: &mut Observation,
    ) -> Reply {
        use fetch as c;
        let client = self.registration(call.registration, &[c::BAD_REG_HANDLE])?;
        let wanted = match call.num_routes {
            Some(wanted) if call.route_handles || wanted == 0 => wanted,
            _ => return refuse(WRONG, &[c::NULL_POINTERS]),
        };
        let enumeration = self.list_enum_argument(client, call.enumeration)?;
        if wanted == 0 && self.oracle.takes(c::ZERO_COUNT_REFUSED) {
            return refuse(WRONG, &[c::ZERO_COUNT]);
        }
        if self.is_overlong(wanted) {
            return self.refuse_overlong(out);
        }
        let wanted = wanted as usize;
        let mut coming = self.to_come(enumeration, wanted + 1);
        let late = self.enums[enumeration].ended && !coming.is_empty();
        let after_end = late || self.walk(enumeration).exhausted;
        if late && !self.oracle.takes(c::AFTER_END_LATER_ITEMS) {
            coming.clear();
        }
        let available = coming.len();
        let mut given = wanted.min(available);
        if self.oracle.takes(c::FULL_UNTIL_END_HALF) {
            given = given.div_ceil(2);
        }
        let again = 1 < given && self.oracle.takes(c::EACH_ONCE_LAST_TWICE);
        let mut routes = Vec::with_capacity(given);
        let mut let_go = Vec::new();
        let mut first = 0;
        for at in 0..given {
            while self.has_come(enumeration, coming[first]) {
                first += 1;
            }
            let (place, route) = self.advised(enumeration, at).unwrap_or(coming[first]);
            routes.push(route);
            if !(again && at + 1 == given) && self.pass(enumeration, place, route) {
                let_go.push(route);
            }
        }
        let fetched = Fetched { client, enumeration, wanted, available, after_end, routes };
        self.report_listed(&fetched, out);
        let e = &mut self.enums[enumeration];
        e.delivered += given as u32;
        e.ended |= available < wanted;
        self.walk_mut(enumeration).exhausted |= available == 0 && wanted != 0;
        let_go.into_iter().for_each(|route| self.unref_route(route));
        Ok(())
    }

    fn list_enum_argument(&self, client: Index, handle: Handle) -> Result<Index, Refusal> {
        use fetch as c;
        let dead = match self.oracle.takes(c::USE_AFTER_DELETE_INVALID_PARAMETER) {
            true => WRONG,
            false => INVALID,
        };
        let clauses = HandleClauses {
            null: &[c::WRONG_KIND_HANDLE],
            wrong_kind: &[c::WRONG_KIND_HANDLE],
            dead: &[c::USE_AFTER_DELETE, crate::clause::delete_enum_handle::HANDLE_DEAD],
            other_table: &[],
        };
        let other_client = &[c::OTHER_ENTITY_HANDLE];
        let found = self.enum_argument(client, handle, &clauses, other_client);
        let gone = handle.0 >> 60 == HandleKind::Enum as u64 + 1;
        let found = found.map_err(|refusal| match gone && self.enums.find(handle).is_none() {
            true => Refusal { status: dead, ..refusal },
            false => refusal,
        });
        let index = found?;
        match &self.enums[index].kind {
            EnumKind::List(walk) if walk.list != NONE => Ok(index),
            EnumKind::List(_) if !self.oracle.takes(c::LIST_DELETED_INVALID_HANDLE) => Ok(index),
            EnumKind::List(_) => refuse(INVALID, &[c::LIST_DELETED]),
            _ => refuse(INVALID, &[c::WRONG_KIND_HANDLE]),
        }
    }

    fn is_overlong(&self, wanted: u32) -> bool {
        let most = self.config.max_handles_in_enum;
        most < wanted && !self.oracle.takes(fetch::ERR_INVALID_PARAMETER_ACCEPTED)
            || most == wanted && self.oracle.takes(fetch::LIMIT_INCLUSIVE_REFUSED)
    }

    fn refuse_overlong(&self, out: &mut Observation) -> Reply {
        use fetch as c;
        let clauses = &[c::ERR_INVALID_PARAMETER, c::LIMIT_FIELD];
        if self.oracle.takes(c::OVERLONG_EFFECTS_COUNT_KEPT) {
            return refuse(WRONG, clauses);
        }
        out.status(WRONG, clauses);
        out.number(COUNT, 0_u32, &[c::OVERLONG_EFFECTS]);
        out.add(ITEMS.member(Member::Tail), Value::Unwritten, &[c::TAIL_UNTOUCHED]);
        Ok(())
    }

    /// The next routes of an enumeration, at most `most`, with their places.
    pub(super) fn to_come(&self, enumeration: Index, most: usize) -> Vec<(u32, Index)> {
        let walk = self.walk(enumeration);
        let mut found: Vec<(u32, Index)> = walk.kept.iter().map(|(p, r)| (*p, *r)).collect();
        if walk.list != NONE {
            let routes = self.lists[walk.list].routes.range(walk.next..);
            let listed = routes.map(|(place, route)| (*place, *route));
            let listed = listed.filter(|(place, route)| self.is_to_come(walk, *place, *route));
            match 1 < listed.clone().take(2).count() && self.newest_first() {
                true => found.extend(listed.rev().take(most)),
                false => found.extend(listed.take(most)),
            }
        }
        found.sort_unstable();
        if 1 < found.len() && self.newest_first() {
            found.reverse();
        }
        found.truncate(most);
        found
    }

    fn newest_first(&self) -> bool {
        self.oracle.takes(fetch::ORDER_NEWEST_FIRST) || self.oracle.takes(insert::POSITION_FIRST)
    }

    /// Whether a route of the list, at this place, is still to be delivered.
    fn is_to_come(&self, walk: &ListWalk, place: u32, route: Index) -> bool {
        let creation = self.routes[route].creation;
        let came_back = walk.delivered.contains_key(&creation);
        match () {
            () if walk.has_passed(creation, place) => false,
            () if walk.began <= place && self.oracle.takes(fetch::INSERT_DURING_NOT_DELIVERED) => {
                false
            }
            () => !(came_back && self.oracle.takes(fetch::MOVED_BACK_ONCE)),
        }
    }

    /// The route that is advised for a place in the set, if it can come.
    fn advised(&self, enumeration: Index, at: usize) -> Option<(u32, Index)> {
        let walk = self.walk(enumeration);
        let route = self.routes.find(*self.advice.items.get(at)?)?;
        let (list, place) = self.routes[route].list;
        let listed = list != NONE && list == walk.list && self.is_to_come(walk, place, route);
        match listed {
            true => Some((place, route)),
            false => walk.kept.iter().find(|(_, kept)| **kept == route).map(|(p, r)| (*p, *r)),
        }
    }

    /// Whether a route that was to come has come meanwhile.
    fn has_come(&self, enumeration: Index, (place, route): (u32, Index)) -> bool {
        let walk = self.walk(enumeration);
        !walk.kept.contains_key(&place) && walk.has_passed(self.routes[route].creation, place)
    }

    /// A route has been delivered; true when the enumeration alone kept it and lets it go.
    fn pass(&mut self, enumeration: Index, place: u32, route: Index) -> bool {
        let creation = self.routes[route].creation;
        let walk = self.walk_mut(enumeration);
        walk.delivered.insert(creation, place);
        let was_kept = walk.kept.remove(&place).is_some();
        let walk = self.walk(enumeration);
        if walk.list == NONE {
            return was_kept;
        }
        let ahead = self.lists[walk.list].routes.range(walk.next..);
        let passed = ahead.take_while(|(place, route)| {
            walk.delivered.get(&self.routes[**route].creation) == Some(*place)
        });
        if let Some((last, _)) = passed.last() {
            let next = last + 1;
            self.walk_mut(enumeration).next = next;
        }
        was_kept
    }
}
