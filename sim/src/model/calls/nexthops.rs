//! Next hops: added, found, deleted, locked and shown through a direct pointer.

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, add_next_hop as add, delete_next_hop as delete, find_next_hop as find,
    get_next_hop_pointer as pointer, lock_next_hop as lock,
};
use crate::model::Model;
use crate::model::memory::Topic;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::ledger::Ledger;
use crate::model::state::objects::{Lock, NextHop};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::{
    AddNextHop, DeleteNextHop, FindNextHop, GetNextHopPointer, LockNextHop,
};
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
        let remote = self.remote_of(client, info)?;
        let (hop, new) = match named {
            Some(hop) => (hop, false),
            None => (self.insert_next_hop(client, prefix, info.interface), true),
        };
        if new || !self.oracle.takes(c::UPDATES_WHEN_FOUND_LEFT_AS_IT_WAS) {
            self.store_next_hop(hop, info, remote);
        }
        let returned = call.next_hop == Some(Handle::NULL);
        self.note_next_hop(client, hop, new, returned);
        out.status(Status::NO_ERROR, &[c::RETURNS_NO_ERROR]);
        if let Some(slot) = call.next_hop {
            let (value, clauses): (Handle, &[ClauseId]) = match (returned, new) {
                (true, true) => (
                    self.hand_next_hop(client, hop),
                    &[c::HANDLE_SLOT_NULL_RETURNED, c::HANDLE_RETURNED_REFERENCED],
                ),
                (true, false) => (
                    self.hand_found_next_hop(client, hop),
                    &[c::UPDATE_KEEPS_HANDLE, c::HANDLE_SLOT_NULL_RETURNED],
                ),
                (false, _) => (slot, &[c::HANDLE_SLOT_SET_UNCHANGED]),
            };
            out.add(Place::output(2), Value::Handle(HandleKind::NextHop, value), clauses);
        }
        let inverted = self.oracle.takes(c::CHANGE_FLAGS_OUTPUT_ONLY_INVERTED);
        let clauses = if new { &[c::ADDS_WHEN_NOT_FOUND] } else { &[c::UPDATES_WHEN_FOUND] };
        out.number(Place::output(3), u32::from(new != inverted), clauses);
        Ok(())
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
            return refuse(DENIED, &[add::ERR_ACCESS_DENIED, add::ACCESS_DENIED_BY_HANDLE_ONLY]);
        }
        if n.state == NEXTHOP_STATE_DELETED {
            let clauses = &[add::HANDLE_OF_DELETED_NEXT_HOP];
            return refuse(Status::ERROR_INVALID_HANDLE, clauses);
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
        list.get(&(prefix, interface)).copied()
    }

    fn remote_of(&self, client: Index, info: &NextHopInfo) -> Result<Index, Refusal> {
        let remote = NextHopFlags(u32::from(info.flags)).has(NextHopFlags::REMOTE);
        if !remote || info.remote_next_hop.is_null() {
            return Ok(NONE);
        }
        let clauses = HandleClauses::all(&[add::REMOTE_DEST_BAD_HANDLE]);
        self.dest_argument(client, info.remote_next_hop, &clauses)
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
        let prefix = self.prefix(client, &info.address, c::BAD_ADDRESS, c::BAD_ADDRESS)?;
        let mut found = self.entities[client].next_hops.get(&(prefix, info.interface)).copied();
        if found.is_none() && self.oracle.takes(c::OWN_LIST_ONLY_ALL_LISTS) {
            let mut all = self.entities.iter();
            found = all.find_map(|(_, e)| e.next_hops.get(&(prefix, info.interface)).copied());
        }
        let Some(hop) = found else {
            let key = (prefix, info.interface);
            let of_other = self.entities.iter().any(|(_, e)| e.next_hops.contains_key(&key));
            let clauses: &[ClauseId] = match of_other {
                true => &[c::ACCESS_DENIED_WHEN, c::ERR_NOT_FOUND],
                false => &[c::ERR_NOT_FOUND],
            };
            let denied = of_other && self.oracle.takes(c::ACCESS_DENIED_WHEN_OF_ANOTHER_CLIENT);
            return refuse(if denied { DENIED } else { Status::ERROR_NOT_FOUND }, clauses);
        };
        out.status(Status::NO_ERROR, &[c::RETURNS_NO_ERROR, c::KEY_ADDRESS_INTERFACE]);
        if call.next_hop {
            let handle = match self.oracle.takes(c::HANDLE_REFERENCE_BORROWED) {
                true => self.next_hops.handle(hop),
                false => self.hand_next_hop(client, hop),
            };
            let value = Value::Handle(HandleKind::NextHop, handle);
            out.add(Place::output(2), value, &[c::HANDLE_RETURNED, c::SAME_HANDLE_AS_ADD]);
            let clause = crate::clause::release_next_hops::HANDLES_FROM_FIND;
            self.memory.note(Topic::Reference(client, handle), clause);
        }
        if call.next_hop_pointer {
            let place = Place::output(3);
            out.add(place, self.next_hop_pointer(hop), &[c::POINTER_RETURNED]);
        }
        Ok(())
    }

    /// The direct pointer to a next hop: the model's are handle values.
    fn next_hop_pointer(&self, hop: Index) -> Value {
        Value::Pointer(self.next_hops.handle(hop).0)
    }

    pub(super) fn delete_next_hop(&mut self, call: &DeleteNextHop, out: &mut Observation) -> Reply {
        use delete as c;
        let client = self.registration(call.registration, &[c::BAD_HANDLE])?;
        let by_handle = !call.next_hop.is_null();
        let hop = match (by_handle, &call.next_hop_info) {
            (true, _) => {
                let clauses = HandleClauses::all(&[c::BAD_HANDLE]);
                self.next_hop_argument(client, call.next_hop, &clauses)?
            }
            (false, None) => return refuse(WRONG, &[c::BOTH_NULL]),
            (false, Some(info)) => {
                let prefix = self.prefix(client, &info.address, c::CHECK_ORDER, c::CHECK_ORDER)?;
                match self.entities[client].next_hops.get(&(prefix, info.interface)) {
                    Some(hop) => *hop,
                    None => return refuse(Status::ERROR_NOT_FOUND, &[c::ERR_NOT_FOUND]),
                }
            }
        };
        let n = &self.next_hops[hop];
        if n.owner != client && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        if n.state == NEXTHOP_STATE_DELETED {
            return self.refuse_second_delete();
        }
        if n.lock.is_some() {
            self.misuse(c::LOCKED_NEXT_HOP);
            return refuse(WRONG, &[c::LOCKED_NEXT_HOP]);
        }
        if by_handle && self.next_hops[hop].ledger.held(client) == 0 {
            self.misuse(crate::clause::reference_handles::GENERAL_RELEASE_NEEDS_REFERENCE);
        }
        let how = if by_handle { c::BY_HANDLE } else { c::BY_INFO };
        out.status(Status::NO_ERROR, &[how, c::RETURNS_NO_ERROR]);
        self.take_off_list(client, hop, by_handle);
        Ok(())
    }

    fn refuse_second_delete(&self) -> Reply {
        let status = match self.oracle.takes(delete::DOUBLE_DELETE_INVALID_HANDLE) {
            true => Status::ERROR_INVALID_HANDLE,
            false => Status::ERROR_NOT_FOUND,
        };
        refuse(status, &[delete::DOUBLE_DELETE])
    }

    fn take_off_list(&mut self, client: Index, hop: Index, by_handle: bool) {
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
                self.next_hops[hop].ledger.give_back(client, 1);
            }
            self.unref_next_hop(hop);
        }
    }

    pub(super) fn get_next_hop_pointer(
        &mut self,
        call: &GetNextHopPointer,
        out: &mut Observation,
    ) -> Reply {
        use pointer as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::ERR_INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        if !call.next_hop_pointer {
            return refuse(WRONG, &[c::NULL_SLOT]);
        }
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::ERR_INVALID_HANDLE],
            ..HandleClauses::all(INVALID)
        };
        let hop = self.next_hop_argument(client, call.next_hop, &clauses)?;
        let foreign = self.next_hops[hop].owner != client;
        if foreign && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        let deleted = self.next_hops[hop].state == NEXTHOP_STATE_DELETED;
        let status: &[ClauseId] = match deleted {
            true => &[c::DELETED_NEXT_HOP, c::RETURNS_NO_ERROR],
            false => &[c::RETURNS_NO_ERROR],
        };
        out.status(Status::NO_ERROR, status);
        out.add(Place::output(2), self.next_hop_pointer(hop), status);
        Ok(())
    }

    pub(super) fn lock_next_hop(&mut self, call: &LockNextHop, out: &mut Observation) -> Reply {
        use lock as c;
        let client = self.registration(call.registration, &[c::BAD_HANDLE])?;
        let clauses = HandleClauses::all(&[c::BAD_HANDLE]);
        let hop = self.next_hop_argument(client, call.next_hop, &clauses)?;
        let n = &self.next_hops[hop];
        if n.owner != client && !self.oracle.takes(c::ERR_ACCESS_DENIED_ALLOWED) {
            return refuse(DENIED, &[c::ERR_ACCESS_DENIED]);
        }
        if n.state == NEXTHOP_STATE_DELETED && call.lock_next_hop != 0 {
            return refuse(Status::ERROR_NOT_FOUND, &[c::BAD_HANDLE, c::ERR_NOT_FOUND]);
        }
        let wanted = Lock { holder: client, exclusive: call.exclusive != 0 };
        let unlock = call.lock_next_hop == 0;
        // Only the owner comes as far as this, so whoever holds the lock is the caller.
        let refused = match (unlock, n.lock) {
            (true, held) if held != Some(wanted) => Some(c::MODE_MISMATCH_OR_NOT_HELD),
            (false, Some(_)) => Some(c::RECURSIVE),
            _ => None,
        };
        if let Some(clause) = refused {
            self.misuse(clause);
            return refuse(WRONG, &[clause]);
        }
        self.next_hops[hop].lock = (!unlock).then_some(wanted);
        out.status(Status::NO_ERROR, &[c::RETURNS_NO_ERROR, c::LOCK_FLAG]);
        if call.next_hop_pointer {
            let pointer = self.next_hop_pointer(hop);
            out.add(Place::output(4), pointer, &[c::POINTER_FOR_OWNER]);
        }
        Ok(())
    }
}
