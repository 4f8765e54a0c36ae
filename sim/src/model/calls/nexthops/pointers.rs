//! Next hops through a direct pointer: shown, locked, unlocked.

use super::super::check::HandleClauses;
use super::{DENIED, WRONG};
use crate::clause::{ClauseId, get_next_hop_pointer as pointer, lock_next_hop as lock};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Reply, refuse};
use crate::model::state::objects::Lock;
use crate::vocabulary::call::{GetNextHopPointer, LockNextHop};
use crate::vocabulary::constants::NEXTHOP_STATE_DELETED;
use crate::vocabulary::observation::{Observation, Place};
use crate::vocabulary::status::Status;

impl Model {
    pub(in crate::model::calls) fn get_next_hop_pointer(
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
        if deleted && self.oracle.takes(c::DELETED_NEXT_HOP_REFUSED) {
            return refuse(Status::ERROR_INVALID_HANDLE, &[c::DELETED_NEXT_HOP]);
        }
        let status: &[ClauseId] = match deleted {
            true => &[c::DELETED_NEXT_HOP, c::RETURNS_NO_ERROR],
            false => &[c::RETURNS_NO_ERROR],
        };
        out.status(Status::NO_ERROR, status);
        out.add(Place::output(2), self.next_hop_pointer(hop), status);
        Ok(())
    }

    pub(in crate::model::calls) fn lock_next_hop(
        &mut self,
        call: &LockNextHop,
        out: &mut Observation,
    ) -> Reply {
        use lock as c;
        let client = match self.registration(call.registration, &[c::BAD_HANDLE]) {
            Err(refusal) => return self.refuse_otherwise(refusal, c::BAD_HANDLE_NOT_FOUND),
            Ok(client) => client,
        };
        let clauses = HandleClauses::all(&[c::BAD_HANDLE]);
        let hop = match self.next_hop_argument(client, call.next_hop, &clauses) {
            Err(refusal) => return self.refuse_otherwise(refusal, c::BAD_HANDLE_NOT_FOUND),
            Ok(hop) => hop,
        };
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
        if unlock {
            self.notes.add(Object::NextHop(hop), c::NO_REFERENCE);
            if self.notes.has(Object::NextHop(hop), c::WRITABLE_MEMBERS) {
                self.notes.add(Object::NextHop(hop), c::NO_COMMIT_CALL);
            }
        }
        let grounds = Grounds::NONE.needs(!call.next_hop_pointer, c::POINTER_OPTIONAL).and(&[
            c::RETURNS_NO_ERROR,
            c::LOCK_FLAG,
            c::EXCLUSIVE_FLAG,
        ]);
        out.status(Status::NO_ERROR, grounds);
        if call.next_hop_pointer {
            let pointer = self.next_hop_pointer(hop);
            out.add(Place::output(4), pointer, &[c::POINTER_FOR_OWNER]);
        }
        Ok(())
    }
}
