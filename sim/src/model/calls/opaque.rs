//! Destinations and what a client keeps in them: the lock, and opaque cells.

mod cells;

use super::check::HandleClauses;
use crate::clause::{ClauseId, lock_destination as lock, lock_route};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::references::Object;
use crate::model::reply::{Reply, Stop, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::waiting::{Access, Holder, Obstacle, Request};
use crate::vocabulary::call::LockDestination;
use crate::vocabulary::observation::Observation;
use crate::vocabulary::status::Status;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;

impl Model {
    pub(super) fn lock_destination(
        &mut self,
        call: &LockDestination,
        out: &mut Observation,
    ) -> Reply {
        use lock as c;
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        let clauses = HandleClauses {
            null: &[c::NULL_HANDLE, c::INVALID_HANDLE],
            wrong_kind: &[c::NULL_OR_WRONG_KIND],
            dead: INVALID,
            other_table: &[c::DEST_OF_OTHER_TABLE],
        };
        let dest = self.dest_argument(client, call.dest, &clauses)?;
        let exclusive = call.exclusive != 0;
        let wanted = Request { dest, client, route: NONE, exclusive };
        let odd = 1 < call.exclusive || 1 < call.lock_dest;
        let grounds = Grounds::NONE.when(odd, c::NONZERO_IS_TRUE);
        if call.lock_dest == 0 {
            let unlocked = self.unlock_as_asked(wanted, UNLOCK)?;
            self.notes.note(Topic::Reference(client, call.dest), c::REFERENCE_NOT_CONSUMED);
            if self.oracle.takes(c::NO_NOTIFICATION_MOVES_TIME) {
                self.move_time(dest);
            }
            self.notes.add(Object::Dest(dest), c::NO_NOTIFICATION);
            if self.oracle.takes(c::REFERENCE_NOT_CONSUMED_CONSUMED) {
                self.drop_one(client, dest);
            }
            let grounds = grounds
                .when(unlocked.elsewhere, c::HOLDER_IDENTITY)
                .when(unlocked.otherwise, c::UNLOCK_THROUGH_OTHER_CALL)
                .and(&[c::UNLOCK, c::SUCCESS]);
            out.status(Status::NO_ERROR, grounds);
            return Ok(());
        }
        let foreign = !self.owns_route_on(client, dest);
        if foreign && self.oracle.takes(c::ACCESS_DENIED_NON_OWNER_REFUSED) {
            return refuse(Status::ERROR_ACCESS_DENIED, &[c::ACCESS_DENIED]);
        }
        match self.access(wanted) {
            Access::Free => {}
            Access::Own => return self.refuse_recursion(wanted, c::RECURSIVE, c::NO_UPGRADE),
            Access::Taken(obstacle) => match self.lock_obstacle(obstacle, exclusive) {
                None => {}
                Some(clauses) => {
                    return Err(Stop::Waits(self.wait_for(dest, exclusive, clauses)));
                }
            },
        }
        let shared = self.dests[dest].lock.is_some();
        let empty = self.dests[dest].routes.is_empty();
        let mode = if exclusive { c::EXCLUSIVE_MODE } else { c::SHARED_MODE };
        let slot = foreign && self.entities[client].opaque.is_some();
        let grounds = grounds
            .needs(shared, c::SHARED_WITH_SHARED)
            .when(self.goes_first(dest), c::FAIRNESS)
            .needs(empty, c::DESTINATION_WITHOUT_ROUTES)
            .needs(slot, c::NON_OWNER_MAY_LOCK)
            .when(foreign && !slot, c::ACCESS_DENIED_MEANING)
            .and(&[c::LOCK, mode, c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        self.lock(wanted);
        Ok(())
    }

    /// Why a request for a destination has to wait; nothing where a fault lets it through.
    fn lock_obstacle(&self, obstacle: Obstacle, exclusive: bool) -> Option<&'static [ClauseId]> {
        use lock as c;
        let goes_on = match obstacle {
            Obstacle::Exclusive(_) => self.oracle.takes(c::EXCLUSIVE_EXCLUDES_ALL_GRANTED),
            Obstacle::Shared => self.oracle.takes(lock_route::SHARED_EXCLUDES_EXCLUSIVE_GRANTED),
            Obstacle::Queue => false,
        };
        let clauses: &[ClauseId] = match obstacle {
            _ if goes_on => return None,
            Obstacle::Exclusive(Holder { route: NONE, .. }) => &[c::EXCLUSIVE_EXCLUDES_ALL],
            Obstacle::Exclusive(_) if exclusive => {
                &[c::SAME_LOCK_AS_ROUTE_LOCK, c::EXCLUSIVE_EXCLUDES_ALL]
            }
            Obstacle::Exclusive(_) => &[c::SAME_LOCK_AS_ROUTE_LOCK],
            Obstacle::Shared => &[c::EXCLUSIVE_EXCLUDES_ALL],
            Obstacle::Queue => &[c::FAIRNESS],
        };
        Some(clauses)
    }

    pub(super) fn owns_route_on(&self, client: Index, dest: Index) -> bool {
        self.dests[dest].routes.iter().any(|route| self.routes[*route].owner == client)
    }

    pub(super) fn drop_one(&mut self, client: Index, dest: Index) {
        let object = Object::Dest(dest);
        if self.held(client, object) != 0 {
            self.give_back(client, object, 1);
        }
    }
}

/// Which clauses refuse an unlock.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnlockClauses {
    /// The caller holds no lock there.
    pub not_held: ClauseId,
    /// It holds it in the other mode.
    pub mode: ClauseId,
}

const UNLOCK: UnlockClauses =
    UnlockClauses { not_held: lock::UNLOCK_NOT_HELD, mode: lock::UNLOCK_MODE_MISMATCH };

/// How a lock had been taken that was given back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unlocked {
    /// Through another handle.
    pub otherwise: bool,
    /// Outside of the callback in which it was given back, or in another one.
    pub elsewhere: bool,
}

impl Model {
    /// Gives the caller's lock back.
    pub(super) fn unlock_as_asked(
        &mut self,
        wanted: Request,
        clauses: UnlockClauses,
    ) -> Result<Unlocked, Stop> {
        let Request { dest, client, route, exclusive } = wanted;
        let caller = self.caller(client);
        let lock = self.dests[dest].lock.as_deref().filter(|lock| lock.is_held_by(caller));
        let refused = match lock {
            None => Some(clauses.not_held),
            Some(lock) if lock.exclusive != exclusive => Some(clauses.mode),
            Some(_) => None,
        };
        if let Some(clause) = refused {
            self.misuse(clause);
            return refuse(WRONG, &[clause]);
        }
        let hold = lock.and_then(|lock| lock.hold_of(caller));
        let otherwise = hold.is_some_and(|hold| hold.route != route);
        let elsewhere = hold.is_some_and(|hold| caller.took_elsewhere(hold));
        if elsewhere && self.oracle.takes(lock_route::HOLDER_IDENTITY_THREAD) {
            return refuse(WRONG, &[lock_route::HOLDER_IDENTITY]);
        }
        if otherwise && self.oracle.takes(lock_route::UNLOCK_THROUGH_OTHER_CALL_REFUSED) {
            return refuse(WRONG, &[lock_route::UNLOCK_THROUGH_OTHER_CALL]);
        }
        self.drop_edits(dest, client);
        self.unlock(dest, |holder| caller.is(holder));
        Ok(Unlocked { otherwise, elsewhere })
    }

    /// A lock that the caller holds is not given to it again, in this mode or in the other.
    pub(super) fn refuse_recursion(
        &mut self,
        wanted: Request,
        again: ClauseId,
        upgrade: ClauseId,
    ) -> Reply {
        let held = self.dests[wanted.dest].lock.as_deref().is_some_and(|lock| lock.exclusive);
        let clause = if held == wanted.exclusive { again } else { upgrade };
        self.misuse(clause);
        refuse(WRONG, &[clause])
    }
}
