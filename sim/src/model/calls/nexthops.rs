//! Next hops: added, found and deleted.

pub mod pointers;

mod reasons;

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, add_next_hop as add, delete_next_hop as delete, find_next_hop as find, net_address,
    reference_handles as references,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::NextHop;
use crate::model::state::prefix::{Prefix, width};
use crate::readings::Reading;
use crate::vocabulary::call::{AddNextHop, DeleteNextHop, FindNextHop};
use crate::vocabulary::constants::{NEXTHOP_STATE_CREATED, NEXTHOP_STATE_DELETED, NextHopFlags};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;
use crate::vocabulary::structures::NextHopInfo;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const DENIED: Status = Status::ERROR_ACCESS_DENIED;

impl Model {
    pub(super) fn add_next_hop(&mut self, call: &AddNextHop, out: &mut Observation) -> Reply {
        use add as c;
        let client = self.registration(call.registration, &[c::HANDLE_BAD])?;
        let Some(info) = &call.next_hop_info else {
            return refuse(WRONG, &[c::NULL_NEXT_HOP_INFO]);
        };
        if !call.change_flags {
            return refuse(WRONG, &[c::NULL_CHANGE_FLAGS]);
        }
        let too_long = c::LENGTH_ABOVE_FAMILY_WIDTH;
        let prefix = self.prefix(client, &info.address, c::FAMILY_MISMATCH, too_long)?;
        let given = call.next_hop.filter(|handle| !handle.is_null());
        let named = match given {
            Some(handle) => Some(self.own_next_hop_to_update(client, handle)?),
            None => self.listed_next_hop(client, prefix, info.interface),
        };
        let other_identity = |hop: Index| {
            let n = &self.next_hops[hop];
            given.is_some() && (n.address, n.interface) != (prefix, info.interface)
        };
        let odd = named.is_some_and(other_identity);
        if odd && self.oracle.takes(c::HANDLE_IDENTITY_DIFFERS_REFUSED) {
            return refuse(WRONG, &[c::HANDLE_IDENTITY_DIFFERS]);
        }
        let remote = self.remote_of(client, info)?;
        let grounds = match (named, given) {
            (None, _) => self.new_hop_grounds(client, prefix, info.interface),
            (Some(_), Some(_)) => Grounds::NONE
                .when(odd, c::HANDLE_IDENTITY_DIFFERS)
                .and(&[c::HANDLE_SLOT_SET_UPDATES, c::UPDATES_WHEN_FOUND]),
            (Some(_), None) => Grounds::of(&[
                c::UPDATES_WHEN_FOUND,
                c::UPDATED_OR_ONLY_RETURNED,
                c::IDENTITY_ADDRESS_AND_INTERFACE,
            ]),
        };
        let (hop, new) = match named {
            Some(hop) => (hop, false),
            None => (self.list_next_hop(client, prefix, info.interface), true),
        };
        if new || !self.oracle.takes(c::UPDATES_WHEN_FOUND_LEFT_AS_IT_WAS) {
            self.store_next_hop(hop, info, remote);
        }
        self.next_hop_changed(hop, (!new).then_some(c::UPDATE_NOTIFIES_NOBODY));
        if !new {
            self.notes.add(Object::NextHop(hop), c::UPDATE_CHANGES_MEMBERS);
        }
        self.note_next_hop(client, hop, new, call.next_hop == Some(Handle::NULL));
        out.status(
            Status::NO_ERROR,
            reasons::added_because(call, info, prefix, self.family(client)),
        );
        let slot = grounds.first().filter(|_| new).copied();
        self.report_next_hop_slot(client, hop, call.next_hop, slot, out);
        let inverted = self.oracle.takes(c::CHANGE_FLAGS_OUTPUT_ONLY_INVERTED);
        let grounds =
            grounds.and(&[c::CHANGE_FLAGS_OUTPUT_ONLY]).when(true, c::CHANGE_FLAGS_INPUT_IGNORED);
        out.number(Place::output(3), u32::from(new != inverted), grounds);
        Ok(())
    }

    /// The next hop that a client has deleted and somebody still refers to.
    fn deleted_next_hop(&self, client: Index, prefix: Prefix, interface: u32) -> Option<Index> {
        let lists = self.entities.iter().map(|(_, entity)| entity.next_hops.len());
        if lists.sum::<usize>() == self.next_hops.len() {
            return None;
        }
        let mut deleted = self.next_hops.iter().filter(|(_, n)| n.state == NEXTHOP_STATE_DELETED);
        let found =
            deleted.find(|(_, n)| (n.owner, n.address, n.interface) == (client, prefix, interface));
        found.map(|(index, _)| index)
    }

    /// Writes the handle slot of an add.
    fn report_next_hop_slot(
        &mut self,
        client: Index,
        hop: Index,
        slot: Option<Handle>,
        new: Option<ClauseId>,
        out: &mut Observation,
    ) {
        use add as c;
        let Some(given) = slot else { return };
        let object = Object::NextHop(hop);
        let (value, grounds) = match (given.is_null(), new) {
            (true, Some(because)) => {
                self.notes.add(object, c::HANDLE_RETURNED_REFERENCED);
                let clauses = &[c::HANDLE_SLOT_NULL_RETURNED, c::HANDLE_RETURNED_REFERENCED];
                // What makes it another next hop makes the handle name another.
                (self.hand_next_hop(client, hop), Grounds::of(clauses).and(&[because]))
            }
            (true, None) => {
                self.notes.add(object, c::EACH_RETURN_ONE_REFERENCE);
                let clauses = &[
                    c::UPDATE_KEEPS_HANDLE,
                    c::EACH_RETURN_ONE_REFERENCE,
                    c::HANDLE_SLOT_NULL_RETURNED,
                ];
                (self.hand_found_next_hop(client, hop), Grounds::of(clauses))
            }
            (false, _) => {
                let clauses = &[
                    c::HANDLE_SLOT_SET_UNCHANGED,
                    c::HANDLE_SLOT_SET_NO_REFERENCE,
                    references::GENERAL_UPDATE_GIVEN_HANDLE,
                ];
                (given, Grounds::of(clauses))
            }
        };
        out.add(Place::output(2), Value::Handle(HandleKind::NextHop, value), grounds);
    }

    fn hand_found_next_hop(&mut self, client: Index, hop: Index) -> Handle {
        match self.oracle.takes(add::EACH_RETURN_ONE_REFERENCE_FIRST_ONLY) {
            true => self.next_hops.handle(hop),
            false => self.hand_next_hop(client, hop),
        }
    }

    fn own_next_hop_to_update(&mut self, client: Index, handle: Handle) -> Result<Index, Refusal> {
        let clauses = HandleClauses::all(&[add::HANDLE_BAD]);
        let hop = self.next_hop_argument(client, handle, &clauses)?;
        let n = &self.next_hops[hop];
        if n.owner != client && !self.oracle.takes(add::ERR_ACCESS_DENIED_ALLOWED) {
            let grounds = Grounds::of(&[add::ERR_ACCESS_DENIED])
                .when(true, add::ACCESS_DENIED_BY_HANDLE_ONLY);
            return refuse(DENIED, grounds);
        }
        if n.state == NEXTHOP_STATE_DELETED {
            let status = match self.oracle.takes(add::HANDLE_OF_DELETED_NEXT_HOP_NOT_FOUND) {
                true => Status::ERROR_NOT_FOUND,
                false => Status::ERROR_INVALID_HANDLE,
            };
            return refuse(status, &[add::HANDLE_OF_DELETED_NEXT_HOP]);
        }
        Ok(hop)
    }

    /// The next hop on a client's list with this identity.
    fn listed_next_hop(&self, client: Index, prefix: Prefix, interface: u32) -> Option<Index> {
        let list = &self.entities[client].next_hops;
        if self.oracle.takes(add::IDENTITY_OTHER_INTERFACE_SAME_NEXT_HOP) {
            return list.iter().find(|((other, _), _)| *other == prefix).map(|(_, hop)| *hop);
        }
        if self.oracle.takes(add::LIST_PER_CLIENT_ONE_FOR_ALL) {
            let mut all = self.tables[self.entities[client].table].entities.iter();
            return all
                .find_map(|e| self.entities[*e].next_hops.get(&(prefix, interface)).copied());
        }
        let found = list.get(&(prefix, interface)).copied();
        let mut alike =
            list.iter().filter(|((p, i), _)| *i == interface && Prefix::same_address(*p, prefix));
        match (found, alike.next()) {
            (None, Some((_, hop)))
                if self.oracle.takes(add::IDENTITY_PREFIX_LENGTH_ADDRESS_ONLY) =>
            {
                Some(*hop)
            }
            _ => found,
        }
    }

    fn remote_of(&self, client: Index, info: &NextHopInfo) -> Result<Index, Refusal> {
        let remote = NextHopFlags(u32::from(info.flags)).has(NextHopFlags::REMOTE);
        let null = info.remote_next_hop.is_null();
        if null || !remote && !self.oracle.takes(add::REMOTE_DEST_HANDLE_WITHOUT_FLAG_STORED) {
            return Ok(NONE);
        }
        let clauses = HandleClauses::all(&[add::REMOTE_DEST_BAD_HANDLE]);
        self.dest_argument(client, info.remote_next_hop, &clauses)
    }

    /// Puts a next hop on the list of a client.
    fn list_next_hop(&mut self, client: Index, prefix: Prefix, interface: u32) -> Index {
        let Some(hop) = self.deleted_next_hop(client, prefix, interface) else {
            return self.insert_next_hop(client, prefix, interface);
        };
        if !self.oracle.takes(add::AFTER_DELETE_NEW_OBJECT_REVIVED) {
            return self.insert_next_hop(client, prefix, interface);
        }
        self.next_hops[hop].state = NEXTHOP_STATE_CREATED;
        self.next_hops[hop].ledger.structural += 1;
        self.entities[client].next_hops.insert((prefix, interface), hop);
        hop
    }

    fn insert_next_hop(&mut self, client: Index, prefix: Prefix, interface: u32) -> Index {
        let hop = self.next_hops.insert(NextHop {
            owner: client,
            address: prefix,
            interface,
            state: NEXTHOP_STATE_CREATED,
            flags: 0,
            entity_specific_info: 0,
            remote: NONE,
            lock: None,
            ledger: Ledger::structural(),
        });
        self.entities[client].ledger.structural += 1;
        self.entities[client].next_hops.insert((prefix, interface), hop);
        hop
    }

    fn store_next_hop(&mut self, hop: Index, info: &NextHopInfo, remote: Index) {
        if remote != NONE {
            self.dests[remote].ledger.structural += 1;
        }
        let n = &mut self.next_hops[hop];
        n.flags = info.flags;
        n.entity_specific_info = info.entity_specific_info;
        let old = std::mem::replace(&mut n.remote, remote);
        self.unref_dest(old);
    }

    pub(super) fn find_next_hop(&mut self, call: &FindNextHop, out: &mut Observation) -> Reply {
        use find as c;
        let client = self.registration(call.registration, &[c::BAD_REGISTRATION_HANDLE])?;
        let Some(info) = &call.next_hop_info else {
            return refuse(WRONG, &[c::NULL_NEXT_HOP_INFO]);
        };
        let prefix = match self.prefix(client, &info.address, c::BAD_ADDRESS, c::BAD_ADDRESS) {
            Err(refusal) if self.oracle.takes(c::BAD_ADDRESS_NOT_FOUND) => {
                return refuse(Status::ERROR_NOT_FOUND, refusal.basis);
            }
            other => other?,
        };
        let nothing = !call.next_hop && !call.next_hop_pointer;
        if nothing && self.oracle.takes(c::BOTH_OUTPUTS_NULL_REFUSED) {
            return refuse(WRONG, &[c::BOTH_OUTPUTS_NULL]);
        }
        let mut found = self.entities[client].next_hops.get(&(prefix, info.interface)).copied();
        if found.is_none() && self.oracle.takes(c::OWN_LIST_ONLY_ALL_LISTS) {
            let mut all = self.entities.iter();
            found = all.find_map(|(_, e)| e.next_hops.get(&(prefix, info.interface)).copied());
        }
        let Some(hop) = found else { return self.refuse_find(client, prefix, info.interface) };
        let n = &self.next_hops[hop];
        let width = usize::from(width(self.family(client)) / 8);
        let unused = info.address.bits[width..].iter().any(|byte| *byte != 0);
        let others = (info.flags, info.entity_specific_info) != (n.flags, n.entity_specific_info);
        let kept = delete::REFUSED_DELETE_KEEPS_NEXT_HOP;
        let grounds = Grounds::NONE
            .when(nothing, c::BOTH_OUTPUTS_NULL)
            .when(self.notes.has(Object::NextHop(hop), kept), kept)
            .needs(unused, net_address::UNUSED_BYTES_IGNORED)
            .needs(others, c::OTHER_MEMBERS_IGNORED)
            .needs(!call.next_hop, c::HANDLE_OPTIONAL)
            .when(!call.next_hop_pointer, c::POINTER_OPTIONAL)
            .and(&[c::KEY_ADDRESS_INTERFACE, c::RETURNS_NO_ERROR]);
        out.status(Status::NO_ERROR, grounds);
        if call.next_hop {
            self.notes.add(Object::NextHop(hop), c::HANDLE_REFERENCE);
            let handle = match self.oracle.takes(c::HANDLE_REFERENCE_BORROWED) {
                true => self.next_hops.handle(hop),
                false => self.hand_next_hop(client, hop),
            };
            let value = Value::Handle(HandleKind::NextHop, handle);
            let grounds = Grounds::of(&[c::HANDLE_RETURNED])
                .when(true, c::SAME_HANDLE_AS_ADD)
                .when(true, c::HANDLE_REFERENCE);
            out.add(Place::output(2), value, grounds);
            self.note_found_next_hop(client, handle);
        }
        if call.next_hop_pointer {
            let place = Place::output(3);
            let alone = !call.next_hop;
            let grounds = Grounds::of(&[c::POINTER_RETURNED]).needs(alone, c::HANDLE_OPTIONAL);
            out.add(place, self.next_hop_pointer(hop), grounds);
        }
        Ok(())
    }

    fn refuse_find(&self, client: Index, prefix: Prefix, interface: u32) -> Reply {
        use find as c;
        let key = (prefix, interface);
        let of_other = self.entities.iter().any(|(_, e)| e.next_hops.contains_key(&key));
        let deleted = self.deleted_next_hop(client, prefix, interface).is_some();
        let grounds = match of_other {
            true => Grounds::of(&[
                c::ACCESS_DENIED_WHEN,
                c::OWN_LIST_ONLY,
                c::ERR_ACCESS_DENIED,
                c::ERR_NOT_FOUND,
            ]),
            false => Grounds::NONE
                .when(deleted, c::DELETED_NOT_FOUND)
                .when(deleted, delete::REMOVED_FROM_LIST)
                .and(&[c::ERR_NOT_FOUND, c::KEY_ADDRESS_INTERFACE]),
        };
        let denied = of_other && self.oracle.takes(c::ACCESS_DENIED_WHEN_OF_ANOTHER_CLIENT);
        refuse(if denied { DENIED } else { Status::ERROR_NOT_FOUND }, grounds)
    }

    /// The direct pointer to a next hop: the model's are handle values.
    fn next_hop_pointer(&self, hop: Index) -> Value {
        Value::Pointer(self.next_hops.handle(hop).0)
    }

    pub(super) fn delete_next_hop(&mut self, call: &DeleteNextHop, out: &mut Observation) -> Reply {
        use delete as c;
        let not_found = delete::BAD_HANDLE_NOT_FOUND;
        let client = match self.registration(call.registration, &[c::BAD_HANDLE]) {
            Err(refusal) => return self.refuse_otherwise(refusal, not_found),
            Ok(client) => client,
        };
        let by_handle = !call.next_hop.is_null();
        let hop = match (by_handle, &call.next_hop_info) {
            (true, _) => {
                let clauses = HandleClauses::all(&[c::BAD_HANDLE]);
                match self.next_hop_argument(client, call.next_hop, &clauses) {
                    Err(refusal) => return self.refuse_otherwise(refusal, not_found),
                    Ok(hop) => hop,
                }
            }
            (false, None) => return refuse(WRONG, &[c::BOTH_NULL]),
            (false, Some(info)) => self.next_hop_by_info(client, info)?,
        };
        let n = &self.next_hops[hop];
        if n.owner != client && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            self.notes.add(Object::NextHop(hop), c::REFUSED_DELETE_KEEPS_NEXT_HOP);
            if by_handle {
                self.notes.add(Object::NextHop(hop), references::GENERAL_FAILED_DELETE);
            }
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        let (deleted, locked) = (n.state == NEXTHOP_STATE_DELETED, n.lock.is_some());
        let used = self.is_used(hop);
        let spared = used && !deleted && !locked && self.oracle.takes(c::USED_BY_ROUTE_REFUSED);
        if by_handle && (deleted || locked || spared) {
            self.notes.add(Object::NextHop(hop), c::HANDLE_KEPT_ON_FAILURE);
        }
        if deleted {
            return self.refuse_second_delete();
        }
        if locked {
            self.misuse(c::LOCKED_NEXT_HOP);
            return refuse(WRONG, &[c::LOCKED_NEXT_HOP]);
        }
        if spared {
            return refuse(WRONG, &[c::USED_BY_ROUTE]);
        }
        if by_handle && self.next_hops[hop].ledger.held(client) == 0 {
            self.misuse(references::GENERAL_RELEASE_NEEDS_REFERENCE);
        }
        let grounds = Grounds::NONE.when(used, c::USED_BY_ROUTE);
        let grounds = match by_handle {
            true => grounds.and(&[
                c::BY_HANDLE,
                c::HANDLE_RELEASED_BY_DELETE,
                references::GENERAL_DELETE_CONSUMES,
            ]),
            false => grounds.and(&[c::BY_INFO, c::BY_INFO_KEY]),
        };
        out.status(Status::NO_ERROR, grounds.and(&[c::RETURNS_NO_ERROR]));
        self.next_hop_changed(hop, None);
        self.note_deleted_next_hop(hop);
        self.take_off_list(client, hop, by_handle);
        Ok(())
    }

    /// The next hop on the caller's list that a deletion names by its values.
    fn next_hop_by_info(&self, client: Index, info: &NextHopInfo) -> Result<Index, Refusal> {
        use delete as c;
        let prefix = self.prefix(client, &info.address, c::CHECK_ORDER, c::CHECK_ORDER)?;
        let key = (prefix, info.interface);
        if let Some(hop) = self.entities[client].next_hops.get(&key) {
            return Ok(*hop);
        }
        if self.deleted_next_hop(client, prefix, info.interface).is_some() {
            return self.refuse_second_delete();
        }
        let of_other = self.entities.iter().any(|(_, e)| e.next_hops.contains_key(&key));
        let grounds = Grounds::NONE
            .when(of_other, c::OTHER_OWNER_BY_INFO)
            .and(&[c::ERR_NOT_FOUND, c::BY_INFO_KEY]);
        refuse(Status::ERROR_NOT_FOUND, grounds)
    }

    /// A refusal with `ERROR_NOT_FOUND` instead, where a reading has it so.
    fn refuse_otherwise(&self, refusal: Refusal, not_found: Reading) -> Reply {
        match self.oracle.takes(not_found) {
            true => refuse(Status::ERROR_NOT_FOUND, refusal.basis),
            false => Err(refusal.into()),
        }
    }

    /// Whether a route names a next hop, in its list or as neighbour.
    pub(super) fn is_used(&self, hop: Index) -> bool {
        let n = &self.next_hops[hop];
        let on_list = u32::from(n.state != NEXTHOP_STATE_DELETED);
        on_list < n.ledger.structural
    }

    fn refuse_second_delete<T, E: From<Refusal>>(&self) -> Result<T, E> {
        let status = match self.oracle.takes(delete::DOUBLE_DELETE_INVALID_HANDLE) {
            true => Status::ERROR_INVALID_HANDLE,
            false => Status::ERROR_NOT_FOUND,
        };
        refuse(status, &[delete::DOUBLE_DELETE])
    }

    pub(super) fn take_off_list(&mut self, client: Index, hop: Index, by_handle: bool) {
        let consumes = by_handle
            && self.next_hops[hop].ledger.held(client) != 0
            && !self.oracle.takes(delete::HANDLE_RELEASED_BY_DELETE_KEPT);
        let n = &mut self.next_hops[hop];
        n.state = NEXTHOP_STATE_DELETED;
        let key = (n.address, n.interface);
        let owner = n.owner;
        if !self.oracle.takes(delete::REMOVED_FROM_LIST_STILL_LISTED) {
            self.entities[owner].next_hops.remove(&key);
            if consumes {
                let held = self.next_hops[hop].ledger.held(client);
                let all =
                    1 < held && self.oracle.takes(references::GENERAL_DELETE_CONSUMES_ONE_ALL);
                self.next_hops[hop].ledger.give_back(client, if all { held } else { 1 });
            }
            self.note_deleted(client, hop, by_handle);
            self.unref_next_hop(hop);
        }
    }

    /// Remembers who still refers to a next hop that was deleted.
    fn note_deleted(&mut self, client: Index, hop: Index, by_handle: bool) {
        let object = Object::NextHop(hop);
        if self.held(client, object) != 0 {
            let clause = match by_handle {
                true => delete::OTHER_REFERENCES_REMAIN,
                false => delete::BY_INFO_NO_HANDLE_RELEASED,
            };
            self.notes.add(object, clause);
        }
        if self.held_by_others(client, object) {
            self.notes.add(object, references::GENERAL_DELETE_KEEPS_OTHERS);
        }
        // The list still counts for one.
        if 1 < self.next_hops[hop].ledger.structural {
            self.notes.add(object, references::ADD_ROUTE_COUNTS_ITSELF);
        }
    }
}
