//! Checks of arguments that many calls share.

use crate::clause::{ClauseId, create_route_list, deregister_entity, reference_handles};
use crate::model::Model;
use crate::model::events::Detail;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Refusal, refuse};
use crate::model::state::arena::Index;
use crate::model::state::prefix::Prefix;
use crate::readings::Reading;
use crate::vocabulary::call::Call;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::NetAddress;

/// Which clauses refuse a handle, by what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct HandleClauses {
    /// It is NULL.
    pub null: &'static [ClauseId],
    /// It is a live handle of another kind.
    pub wrong_kind: &'static [ClauseId],
    /// It names nothing that lives.
    pub dead: &'static [ClauseId],
    /// It belongs to another instance or family.
    pub other_table: &'static [ClauseId],
}

impl HandleClauses {
    /// The same clauses whatever is wrong.
    pub const fn all(clauses: &'static [ClauseId]) -> HandleClauses {
        HandleClauses { null: clauses, wrong_kind: clauses, dead: clauses, other_table: clauses }
    }
}

impl Model {
    /// The registered client that a registration handle names, or a refusal with `invalid`.
    #[inline]
    pub(super) fn registration(
        &mut self,
        handle: Handle,
        invalid: &'static [ClauseId],
    ) -> Result<Index, Refusal> {
        match self.entities.find(handle) {
            Some(index) if self.entities[index].registered => Ok(index),
            // Of a client that has left nothing may remain: its handle still is one of this kind.
            found if found.is_some() || is_of(handle, HandleKind::Entity) => {
                self.misuse(deregister_entity::USE_AFTER_CODE);
                refuse(Status::ERROR_INVALID_HANDLE, &[deregister_entity::USE_AFTER_CODE])
            }
            _ => refuse(Status::ERROR_INVALID_HANDLE, invalid),
        }
    }

    /// A refusal of a handle that does not name a live object of `wanted` kind.
    pub(super) fn bad_handle<T>(
        &self,
        client: Index,
        handle: Handle,
        wanted: HandleKind,
        clauses: &HandleClauses,
    ) -> Result<T, Refusal> {
        let kind = (handle.0 >> 60).checked_sub(1).map(|kind| kind as usize);
        let other_kind = kind
            .is_some_and(|kind| kind < HandleKind::ALL.len() && HandleKind::ALL[kind] != wanted);
        let alive = self.object(handle).is_some() || self.is_open(handle);
        let clauses = match handle {
            Handle::NULL => Grounds::of(clauses.null),
            _ if other_kind && alive => Grounds::of(clauses.wrong_kind),
            // A handle of this kind once named an object: it has gone with its last reference.
            _ => Grounds::of(clauses.dead)
                .when(kind.is_some() && !other_kind, reference_handles::GENERAL_FREE_AT_ZERO),
        };
        let why = self.why_dead(client, handle).filter(|_| !alive);
        let clauses = why.map_or(clauses, |why| Grounds::of(&[why]).and(&clauses));
        refuse(Status::ERROR_INVALID_HANDLE, clauses)
    }

    /// The client, registered or not, that a handle names.
    pub(super) fn entity_argument(
        &self,
        client: Index,
        handle: Handle,
        clauses: &HandleClauses,
    ) -> Result<Index, Refusal> {
        let Some(index) = self.entities.find(handle) else {
            return self.bad_handle(client, handle, HandleKind::Entity, clauses);
        };
        if self.entities[index].table != self.entities[client].table {
            return refuse(Status::ERROR_INVALID_HANDLE, clauses.other_table);
        }
        Ok(index)
    }

    /// The destination that a handle names.
    pub(super) fn dest_argument(
        &self,
        client: Index,
        handle: Handle,
        clauses: &HandleClauses,
    ) -> Result<Index, Refusal> {
        let Some(index) = self.dests.find(handle) else {
            return self.bad_handle(client, handle, HandleKind::Dest, clauses);
        };
        if self.dests[index].table != self.entities[client].table {
            return refuse(Status::ERROR_INVALID_HANDLE, clauses.other_table);
        }
        Ok(index)
    }

    /// The route that a handle names.
    pub(super) fn route_argument(
        &self,
        client: Index,
        handle: Handle,
        clauses: &HandleClauses,
    ) -> Result<Index, Refusal> {
        let Some(index) = self.routes.find(handle) else {
            return self.bad_handle(client, handle, HandleKind::Route, clauses);
        };
        if self.dests[self.routes[index].dest].table != self.entities[client].table {
            return refuse(Status::ERROR_INVALID_HANDLE, clauses.other_table);
        }
        Ok(index)
    }

    /// The next hop that a handle names.
    pub(super) fn next_hop_argument(
        &self,
        client: Index,
        handle: Handle,
        clauses: &HandleClauses,
    ) -> Result<Index, Refusal> {
        let Some(index) = self.next_hops.find(handle) else {
            return self.bad_handle(client, handle, HandleKind::NextHop, clauses);
        };
        let owner = self.next_hops[index].owner;
        if self.entities[owner].table != self.entities[client].table {
            return refuse(Status::ERROR_INVALID_HANDLE, clauses.other_table);
        }
        Ok(index)
    }

    /// The enumeration of the caller that a handle names.
    pub(super) fn enum_argument(
        &self,
        client: Index,
        handle: Handle,
        clauses: &HandleClauses,
        of_other_client: &'static [ClauseId],
    ) -> Result<Index, Refusal> {
        let Some(index) = self.enums.find(handle) else {
            return self.bad_handle(client, handle, HandleKind::Enum, clauses);
        };
        if self.enums[index].owner != client {
            return refuse(Status::ERROR_INVALID_HANDLE, of_other_client);
        }
        Ok(index)
    }

    /// The route list of the caller that a handle names.
    pub(super) fn list_argument(
        &self,
        client: Index,
        handle: Handle,
        clauses: &HandleClauses,
        of_other_client: (&'static [ClauseId], Reading),
    ) -> Result<Index, Refusal> {
        let Some(index) = self.lists.find(handle) else {
            return self.bad_handle(client, handle, HandleKind::RouteList, clauses);
        };
        if self.lists[index].owner == client || self.oracle.takes(create_route_list::PRIVATE_SHARED)
        {
            return Ok(index);
        }
        let (clauses, denied) = of_other_client;
        match self.oracle.takes(denied) {
            true => refuse(Status::ERROR_ACCESS_DENIED, clauses),
            false => refuse(Status::ERROR_INVALID_HANDLE, clauses),
        }
    }

    /// The family of a client.
    pub(super) fn family(&self, client: Index) -> u16 {
        self.entities[client].info.family
    }

    /// The prefix that an address names, or a refusal: `too_long` when its length is above the
    /// width of the family, `other_family` when it is of another family.
    pub(super) fn prefix(
        &self,
        client: Index,
        address: &NetAddress,
        other_family: ClauseId,
        too_long: ClauseId,
    ) -> Result<Prefix, Refusal> {
        let family = self.family(client);
        match Prefix::of(address, family) {
            Some(prefix) => Ok(prefix),
            None if address.family == family => {
                refuse(Status::ERROR_INVALID_PARAMETER, &[too_long])
            }
            None => refuse(Status::ERROR_INVALID_PARAMETER, &[other_family]),
        }
    }

    /// Whether the actor is inside its callback for the expiry of a route.
    pub(super) fn in_expiry_of(&self, route: Object) -> bool {
        self.events_running().any(|(_, event)| match event.detail {
            Detail::Route(index, creation) => {
                Object::Route(index) == route && self.is_same_route(index, creation)
            }
            Detail::Entity(..) | Detail::Change(..) => false,
        })
    }

    /// Whether the actor is inside its callback for changes.
    pub(super) fn in_change_event(&self) -> bool {
        self.events_running()
            .any(|(actor, e)| actor == self.actor && matches!(e.detail, Detail::Change(_)))
    }

    /// Whether the actor is inside a callback for an event of which nothing says that this call may
    /// be made there.
    pub(super) fn is_unmentioned_inside(&self, call: &Call) -> bool {
        let running = self.events_running().filter(|(actor, _)| *actor == self.actor);
        running.last().is_some_and(|(_, event)| match event.detail {
            Detail::Entity(..) => true,
            Detail::Route(..) => !matches!(
                call,
                Call::LockRoute(_) | Call::UpdateAndUnlockRoute(_) | Call::ReleaseRoutes(_)
            ),
            Detail::Change(_) => {
                !matches!(call, Call::GetChangedDests(_) | Call::ReleaseChangedDests(_))
            }
        })
    }

    /// Whether the actor is inside its callback for one of the entity events.
    pub(super) fn in_entity_event(&self) -> bool {
        self.events_running()
            .any(|(actor, e)| actor == self.actor && matches!(e.detail, Detail::Entity(..)))
    }
}

/// Whether a handle is, or once was, one of an object of this kind.
fn is_of(handle: Handle, kind: HandleKind) -> bool {
    handle.0 >> 60 == kind as u64 + 1
}
