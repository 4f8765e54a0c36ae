//! Routes through a direct pointer: shown, locked, edited in place, committed.
//!
//! What an owner has written and not committed is kept beside the route: only the pointer shows
//! it. A commit checks it as an add would, and books the next hops that came and went between the
//! route and its owner, who did the counting.

mod commit;

mod reasons;

use super::check::HandleClauses;
use super::opaque::UnlockClauses;
use crate::clause::{
    ClauseId, add_route_to_dest as add, event_callback, get_route_pointer as pointer,
    lock_destination, lock_route as lock, update_and_unlock_route as commit_route,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Reply, Stop, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::waiting::{Access, Holder, Obstacle, Request};
use crate::program::resolve::Members;
use crate::vocabulary::call::{GetRoutePointer, LockRoute};
use crate::vocabulary::handle::HandleKind;
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::RouteInfo;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const INVALID: Status = Status::ERROR_INVALID_HANDLE;
const DENIED: Status = Status::ERROR_ACCESS_DENIED;

const UNLOCK: UnlockClauses =
    UnlockClauses { not_held: lock::UNLOCK_NOT_HELD, mode: lock::UNLOCK_MODE_MISMATCH };

impl Model {
    pub(super) fn get_route_pointer(
        &mut self,
        call: &GetRoutePointer,
        out: &mut Observation,
    ) -> Reply {
        use pointer as c;
        const BAD: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        if !call.route_pointer {
            return refuse(WRONG, &[c::NULL_SLOT]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_ROUTE_HANDLE, c::ERR_INVALID_HANDLE],
            ..HandleClauses::all(BAD)
        };
        let route = self.route_argument(client, call.route, &clauses)?;
        let foreign = self.routes[route].owner != client;
        if foreign && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        let deleted = !self.routes[route].is_listed();
        if deleted && self.oracle.takes(c::DELETED_ROUTE_REFUSED) {
            return refuse(INVALID, &[c::DELETED_ROUTE]);
        }
        let grounds = Grounds::NONE.when(deleted, c::DELETED_ROUTE).and(&[c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        let again = self.note_pointer(route);
        let grounds = grounds.when(again, c::SAME_POINTER);
        out.add(Place::output(2), self.route_pointer(route), grounds);
        if self.oracle.takes(c::NO_REFERENCE_COUNTED) {
            self.hand_route(client, route);
        }
        self.notes.note(Topic::Reference(NONE, call.route), c::NO_REFERENCE);
        Ok(())
    }

    pub(super) fn lock_route(&mut self, call: &LockRoute, out: &mut Observation) -> Reply {
        use lock as c;
        const BAD: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, BAD)?;
        let clauses = HandleClauses {
            null: &[c::NULL_ROUTE_HANDLE, c::ERR_INVALID_HANDLE],
            ..HandleClauses::all(BAD)
        };
        let route = self.route_argument(client, call.route, &clauses)?;
        let unlocks = call.lock_route == 0;
        if !unlocks && !self.routes[route].is_listed() {
            let status = match self.oracle.takes(c::DELETED_ROUTE_NOT_FOUND) {
                true => Status::ERROR_NOT_FOUND,
                false => INVALID,
            };
            return refuse(status, &[c::DELETED_ROUTE]);
        }
        let foreign = self.routes[route].owner != client;
        if foreign && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            self.notes.add(Object::Route(route), c::NOT_OWNER_NOT_LOCKED);
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        let exclusive = call.exclusive != 0;
        let wanted = Request { dest: self.routes[route].dest, client, route, exclusive };
        let odd = 1 < call.exclusive || 1 < call.lock_route;
        let grounds = Grounds::NONE.when(odd, c::NONZERO_IS_TRUE);
        if unlocks {
            return self.unlock_route(wanted, call, grounds, out);
        }
        let expiring = self.in_expiry_of(Object::Route(route));
        match self.access(wanted) {
            Access::Free => {}
            Access::Own => return self.refuse_recursion(wanted, c::RECURSIVE_LOCK, c::NO_UPGRADE),
            Access::Taken(obstacle) => match self.route_obstacle(wanted, obstacle) {
                None => {}
                Some(clauses) => {
                    return Err(Stop::Waits(self.wait_for(wanted.dest, exclusive, clauses)));
                }
            },
        }
        let elsewhere = self.locked.iter().any(|dest| *dest != wanted.dest);
        let grounds = grounds
            .needs(self.dests[wanted.dest].lock.is_some(), c::SHARED_HOLDERS_COEXIST)
            .needs(elsewhere, c::DESTINATIONS_INDEPENDENT)
            .needs(expiring, c::INSIDE_EXPIRY_CALLBACK)
            .needs(expiring && exclusive, event_callback::NO_LOCK_HELD_ON_EXPIRY)
            .when(self.goes_first(wanted.dest), c::FAIRNESS)
            .when(self.was_committed(wanted.dest), commit_route::UNLOCKS_ON_SUCCESS)
            .when(
                self.notes.has(Object::Route(route), c::NOT_OWNER_NOT_LOCKED),
                c::NOT_OWNER_NOT_LOCKED,
            )
            .when(!call.route_pointer, c::POINTER_OPTIONAL)
            .and(&[c::RETURNS_NO_ERROR, c::LOCK_FLAG, c::EXCLUSIVE_FLAG]);
        out.status(Status::NO_ERROR, grounds);
        if call.route_pointer {
            let shown = match self.oracle.takes(c::POINTER_FOR_OWNER_NONE) {
                true => Value::Pointer(0),
                false => self.route_pointer(route),
            };
            let grounds = Grounds::NONE
                .when(self.note_pointer(route), pointer::SAME_POINTER)
                .and(&[c::POINTER_FOR_OWNER]);
            out.add(Place::output(4), shown, grounds);
        }
        if self.oracle.takes(c::NO_REFERENCE_COUNTED) {
            self.hand_route(client, route);
        }
        self.lock(wanted);
        Ok(())
    }

    fn unlock_route(
        &mut self,
        wanted: Request,
        call: &LockRoute,
        grounds: Grounds,
        out: &mut Observation,
    ) -> Reply {
        use lock as c;
        if self.oracle.takes(c::LOCK_FLAG_NEVER_UNLOCKS) {
            out.status(Status::NO_ERROR, &[c::RETURNS_NO_ERROR, c::LOCK_FLAG]);
        } else {
            let edited = self.routes[wanted.route].edit.is_some();
            let failed = self.dests[wanted.dest].lock.as_deref().is_some_and(|lock| lock.failed);
            let unlocked = self.unlock_as_asked(wanted, UNLOCK)?;
            let grounds = grounds
                .when(unlocked.elsewhere, c::HOLDER_IDENTITY)
                .when(unlocked.otherwise, c::UNLOCK_THROUGH_OTHER_CALL)
                .when(edited, c::CHANGED_BUT_PLAIN_UNLOCK)
                .when(failed, commit_route::STAYS_LOCKED_ON_FAILURE)
                .when(!edited, c::UNLOCK_LEAVES_CONTENT)
                .and(&[c::LOCK_FLAG, c::UNLOCK_MODE_MUST_MATCH, c::RETURNS_NO_ERROR]);
            out.status(Status::NO_ERROR, grounds);
            self.notes.note(Topic::Reference(NONE, call.route), c::NO_REFERENCE);
        }
        if call.route_pointer {
            out.add(Place::output(4), Value::Unwritten, &[c::POINTER_ON_UNLOCK]);
        }
        Ok(())
    }

    /// Why a request for a route has to wait; nothing where a fault lets it through.
    fn route_obstacle(&self, wanted: Request, obstacle: Obstacle) -> Option<&'static [ClauseId]> {
        use lock as c;
        let goes_on = match obstacle {
            Obstacle::Exclusive(_) => self.oracle.takes(c::EXCLUSIVE_EXCLUDES_GRANTED),
            Obstacle::Shared => self.oracle.takes(c::SHARED_EXCLUDES_EXCLUSIVE_GRANTED),
            Obstacle::Queue => false,
        };
        let clauses: &[ClauseId] = match obstacle {
            _ if goes_on => return None,
            Obstacle::Exclusive(Holder { route: NONE, .. }) => {
                &[c::SAME_LOCK_AS_LOCK_DESTINATION, lock_destination::ROUTES_LOCKED_TOO]
            }
            Obstacle::Exclusive(Holder { route, .. }) if route != wanted.route => {
                &[c::SIBLING_ROUTES_SHARE_LOCK, c::LOCKS_WHOLE_DESTINATION, c::EXCLUSIVE_EXCLUDES]
            }
            Obstacle::Exclusive(_) => &[c::HOLDER_IDENTITY],
            Obstacle::Shared => &[c::SHARED_EXCLUDES_EXCLUSIVE],
            Obstacle::Queue => &[c::FAIRNESS],
        };
        Some(clauses)
    }

    /// The direct pointer to a route: the model's are handle values.
    pub(in crate::model) fn route_pointer(&self, route: Index) -> Value {
        Value::Pointer(self.routes.handle(route).0)
    }

    /// The structure of a route as its readers see it.
    pub(in crate::model) fn route_info(&self, route: Index) -> RouteInfo {
        let r = &self.routes[route];
        RouteInfo {
            dest: self.dests.handle(r.dest),
            owner: self.entities.handle(r.owner),
            neighbour: self.next_hops.handle(r.neighbour),
            state: r.state,
            flags1: r.flags1,
            flags: r.flags,
            metric: r.metric,
            preference: r.preference,
            views: r.views,
            entity_specific_info: r.entity_specific_info,
            next_hops: r.next_hops.iter().map(|hop| self.next_hops.handle(*hop)).collect(),
        }
    }

    /// What the direct pointer to a route shows.
    pub(in crate::model) fn read_route(&self, route: Index, out: &mut Observation) {
        use pointer as c;
        let edited = self.routes[route].edit.as_deref();
        let grounds = match edited {
            Some(_) => Grounds::of(&[lock::MODIFIABLE_MEMBERS, c::LIVE_CONTENT]),
            None => Grounds::NONE
                .when(self.dests[self.routes[route].dest].stale, lock::CHANGED_BUT_PLAIN_UNLOCK)
                .when(!self.routes[route].is_listed(), c::DELETED_ROUTE)
                .and(&[c::AGREES_WITH_ROUTE_INFO, c::LIVE_CONTENT, c::PUBLIC_PART]),
        };
        let info = match edited {
            Some(info) => info.clone(),
            None => self.route_info(route),
        };
        let at = |member| Place::POINTED.member(member);
        for (member, kind, handle) in [
            (Member::DestHandle, HandleKind::Dest, info.dest),
            (Member::RouteOwner, HandleKind::Entity, info.owner),
            (Member::Neighbour, HandleKind::NextHop, info.neighbour),
        ] {
            let borrowed = grounds.when(true, c::EMBEDDED_HANDLES_BORROWED);
            out.add(at(member), Value::Handle(kind, handle), borrowed);
        }
        for (member, number) in [
            (Member::State, u64::from(info.state)),
            (Member::Flags1, u64::from(info.flags1)),
            (Member::Flags, u64::from(info.flags)),
            (Member::Metric, u64::from(info.metric)),
            (Member::Preference, u64::from(info.preference)),
            (Member::BelongsToViews, u64::from(info.views)),
            (Member::EntitySpecificInfo, info.entity_specific_info),
            (Member::NumNextHops, info.next_hops.len() as u64),
        ] {
            out.number(at(member), number, grounds);
        }
        for (inner, hop) in info.next_hops.iter().enumerate() {
            let value = Value::Handle(HandleKind::NextHop, *hop);
            let grounds = grounds.when(1 < info.next_hops.len(), add::NEXT_HOP_ORDER);
            out.add(at(Member::NextHops).inner(inner), value, grounds);
        }
    }

    /// Writes through the direct pointer to a route. Without the exclusive lock, or by somebody
    /// who does not own the route, nothing is taken.
    pub(in crate::model) fn write_route(&mut self, route: Index, members: &Members) {
        let r = &self.routes[route];
        let owns = self.entities[r.owner].registered && self.holds_exclusively(r.dest, r.owner);
        if !owns {
            return self.misuse(match self.dests[r.dest].lock {
                Some(_) => lock::CHANGE_UNDER_SHARED_LOCK,
                None => pointer::READ_ONLY,
            });
        }
        if self.in_expiry_of(Object::Route(route)) {
            if self.oracle.takes(event_callback::EXPIRED_POINTER_IS_DIRECT_COPY) {
                return;
            }
            // No call has given the pointer out, so it is that of the event.
            if !self.notes.has(Object::Route(route), pointer::SAME_POINTER) {
                let clause = event_callback::EXPIRED_POINTER_IS_DIRECT;
                self.notes.add(Object::Route(route), clause);
            }
        }
        let mut info = match self.routes[route].edit.take() {
            Some(info) => info,
            None => Box::new(self.route_info(route)),
        };
        for (member, inner, value) in members {
            write_member(&mut info, *member, usize::from(*inner), *value);
        }
        self.routes[route].edit = Some(info);
    }

    /// What a client wrote on the routes of a destination and did not commit stays readable, and
    /// nothing else follows from it until the routes are put in order the next time.
    pub(in crate::model) fn drop_edits(&mut self, dest: Index, client: Index) {
        let mut changed = false;
        for at in 0..self.dests[dest].routes.len() {
            let route = self.dests[dest].routes[at];
            if self.routes[route].owner == client && self.routes[route].edit.is_some() {
                self.misuse(lock::CHANGE_NEEDS_COMMIT);
                changed = true;
                self.keep_uncommitted(client, route);
            }
        }
        if let Some(lock) = &mut self.dests[dest].lock
            && lock.exclusive
            && !std::mem::take(&mut lock.account).is_empty()
        {
            self.misuse(lock::NEXT_HOP_BALANCE);
        }
        if changed {
            self.dests[dest].stale = true;
        }
    }
}

fn write_member(info: &mut RouteInfo, member: Member, inner: usize, value: Value) {
    match (member, value) {
        (Member::DestHandle, Value::Handle(_, handle)) => info.dest = handle,
        (Member::RouteOwner, Value::Handle(_, handle)) => info.owner = handle,
        (Member::Neighbour, Value::Handle(_, handle)) => info.neighbour = handle,
        (Member::State, Value::Number(number)) => info.state = number as u8,
        (Member::Flags1, Value::Number(number)) => info.flags1 = number as u8,
        (Member::Flags, Value::Number(number)) => info.flags = number as u16,
        (Member::Metric, Value::Number(number)) => info.metric = number as u32,
        (Member::Preference, Value::Number(number)) => info.preference = number as u32,
        (Member::BelongsToViews, Value::Number(number)) => info.views = number as u32,
        (Member::EntitySpecificInfo, Value::Number(number)) => info.entity_specific_info = number,
        (Member::NumNextHops, Value::Number(number)) => {
            let count = usize::from(number as u16);
            info.next_hops.resize(count, crate::vocabulary::handle::Handle::NULL);
        }
        (Member::NextHops, Value::Handle(_, handle)) => {
            if info.next_hops.len() <= inner {
                info.next_hops.resize(inner + 1, crate::vocabulary::handle::Handle::NULL);
            }
            info.next_hops[inner] = handle;
        }
        _ => {}
    }
}
