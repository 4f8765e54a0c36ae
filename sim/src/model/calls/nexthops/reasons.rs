//! Why: the clauses that decide what an add of a next hop shows, and what is silent on next hops
//! that were deleted.

use crate::clause::{
    ClauseId, add_next_hop as add, delete_next_hop as delete, reference_handles as references,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::state::arena::{Index, NONE};
use crate::model::state::prefix::{Prefix, width};
use crate::vocabulary::call::AddNextHop;
use crate::vocabulary::constants::{NEXTHOP_STATE_DELETED, NextHopFlags};
use crate::vocabulary::observation::{Member, Observation, Place};
use crate::vocabulary::structures::NextHopInfo;

impl Model {
    /// What shows that a next hop is a new one: how it differs from those that there are.
    pub(super) fn new_hop_grounds(&self, client: Index, prefix: Prefix, interface: u32) -> Grounds {
        use add as c;
        let list = &self.entities[client].next_hops;
        let (first, last) = prefix.of_any_length().into_inner();
        let of_address = list.range((first, 0)..=(last, u32::MAX)).map(|(key, _)| key);
        let other_length = of_address.clone().any(|(p, i)| *i == interface && *p != prefix);
        let others = &self.tables[self.entities[client].table].entities;
        let of_other = others.iter().any(|other| {
            *other != client && self.entities[*other].next_hops.contains_key(&(prefix, interface))
        });
        Grounds::NONE
            .when(other_length, c::IDENTITY_PREFIX_LENGTH)
            .when(
                self.deleted_next_hop(client, prefix, interface).is_some(),
                c::AFTER_DELETE_NEW_OBJECT,
            )
            .when(of_other, c::SAME_VALUES_TWO_CLIENTS)
            .when(of_other, c::LIST_PER_CLIENT)
            .when(
                of_address.clone().any(|(p, i)| *p == prefix && *i != interface),
                c::IDENTITY_OTHER_INTERFACE,
            )
            .when(
                list.keys().any(|(p, i)| *p != prefix && *i == interface),
                c::IDENTITY_OTHER_ADDRESS,
            )
            .and(&[c::ADDS_WHEN_NOT_FOUND])
    }

    /// What is silent on the next hops of a route that were deleted meanwhile.
    pub(in crate::model::calls) fn cite_deleted_next_hops(
        &self,
        route: Index,
        at: Place,
        out: &mut Observation,
    ) {
        let r = &self.routes[route];
        let deleted = |hop: Index| self.next_hops[hop].state == NEXTHOP_STATE_DELETED;
        if r.neighbour != NONE && deleted(r.neighbour) {
            out.cite(at.member(Member::Neighbour), delete::USED_AS_NEIGHBOUR);
        }
        for (inner, _) in r.next_hops.iter().enumerate().filter(|(_, hop)| deleted(**hop)) {
            out.cite(at.member(Member::NumNextHops), delete::USED_BY_ROUTE);
            out.cite(at.member(Member::NextHops).inner(inner), delete::USED_BY_ROUTE);
        }
    }

    /// What is silent on the reference that a client gives back after it failed to delete the
    /// next hop by its handle.
    pub(in crate::model::calls) fn kept_on_failure(
        &self,
        client: Index,
        object: Object,
    ) -> Option<ClauseId> {
        let Object::NextHop(hop) = object else { return None };
        let clause = match self.next_hops[hop].owner == client {
            true => delete::HANDLE_KEPT_ON_FAILURE,
            false => references::GENERAL_FAILED_DELETE,
        };
        self.notes.has(object, clause).then_some(clause)
    }
}

/// What decides that a next hop is accepted: what is silent goes first.
pub(super) fn added_because(
    call: &AddNextHop,
    info: &NextHopInfo,
    prefix: Prefix,
    family: u16,
) -> Grounds {
    use add as c;
    let remote = NextHopFlags(u32::from(info.flags)).has(NextHopFlags::REMOTE);
    let short = u16::from(prefix.length()) < width(family);
    Grounds::NONE
        .when(remote && info.interface != 0, c::REMOTE_INTERFACE_NONZERO)
        .when(remote && info.remote_next_hop.is_null(), c::REMOTE_DEST_OPTIONAL)
        .when(short, c::ADDRESS_SHORTER_THAN_HOST)
        .when(call.next_hop.is_none(), c::HANDLE_NULL_NONE_RETURNED)
        .and(&[c::RETURNS_NO_ERROR])
}
