//! Blocking: what keeps methods from running, and what waits for that to end.

use crate::clause::{block_methods as block, get_entity_methods as list, invoke_method as invoke};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::model::reply::{Reply, Stop, refuse};
use crate::model::state::arena::Index;
use crate::model::waiting::{NO_TICKET, Suspended, Wait};
use crate::vocabulary::call::BlockMethods;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Basis, Observation};
use crate::vocabulary::status::Status;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const RESUME: u32 = 0;
const BLOCK: u32 = 1;

impl Model {
    pub(in crate::model::calls) fn block_methods(
        &mut self,
        call: &BlockMethods,
        out: &mut Observation,
    ) -> Reply {
        let client = self.registration(call.registration, &[block::INVALID_HANDLE])?;
        let blocks = match call.blocking_flag {
            RESUME => false,
            BLOCK => true,
            _ if self.oracle.takes(block::UNKNOWN_FLAG_BLOCKS) => true,
            _ => return refuse(WRONG, &[block::UNKNOWN_FLAG]),
        };
        let particular = call.target != Handle::NULL;
        if particular {
            self.check_particular_target(client, call.target, call.target_type)?;
        } else if call.target_type != 0
            && self.oracle.takes(block::TARGET_TYPE_WITHOUT_HANDLE_REFUSED)
        {
            return refuse(WRONG, &[block::TARGET_TYPE_WITHOUT_HANDLE]);
        }
        let inside = self.in_own_method(client);
        let waits = blocks && self.waits_for_running(client, inside)?;
        if waits {
            return Err(Stop::Waits(self.wait_for_methods(client, &[block::WAITS_FOR_RUNNING])));
        }
        let before = self.blocks_of(client);
        let special = match (blocks, before) {
            _ if particular => Some(block::SPECIFIC_TARGET_RESULT),
            _ if inside => Some(block::FROM_OWN_METHOD),
            _ if call.blocking_flag > BLOCK => Some(block::UNKNOWN_FLAG),
            (true, 1..) => Some(block::BLOCK_TWICE),
            (false, 0) => Some(block::RESUME_WITHOUT_BLOCK),
            _ => None,
        };
        if special == Some(block::RESUME_WITHOUT_BLOCK)
            && self.oracle.takes(block::RESUME_WITHOUT_BLOCK_REFUSED)
        {
            return refuse(WRONG, &[block::RESUME_WITHOUT_BLOCK]);
        }
        match blocks {
            true => self.block(client),
            false => self.unblock(client),
        }
        let action = if blocks { block::BLOCK } else { block::RESUME };
        let grounds = match special {
            Some(clause) => Grounds::of(&[clause]),
            None => Grounds::of(&[block::SUCCESS, action]),
        };
        let grounds = grounds
            .when(!particular && call.target_type != 0, block::TARGET_TYPE_WITHOUT_HANDLE)
            .when(!particular && call.target_type == 0, block::ALL_TARGETS);
        out.status(Status::NO_ERROR, grounds);
        Ok(())
    }

    /// Only all targets together can be blocked.
    fn check_particular_target(&self, client: Index, target: Handle, target_type: u32) -> Reply {
        let grounds = Grounds::of(&[block::SPECIFIC_TARGET_RESULT])
            .when(target_type != 0, block::TARGET_TYPE_VALUES)
            .and(&[block::SPECIFIC_TARGET_UNSUPPORTED]);
        if self.oracle.takes(block::SPECIFIC_TARGET_RESULT_BLOCKS_ALL) {
            return Ok(());
        }
        match self.is_blockable(client, target) {
            true => refuse(Status::ERROR_NOT_SUPPORTED, grounds),
            false => refuse(
                Status::ERROR_INVALID_HANDLE,
                Grounds::of(&[block::SPECIFIC_TARGET_RESULT]).and(&[block::INVALID_HANDLE]),
            ),
        }
    }

    /// Whether a handle is one of a destination, a route or a next hop of the client's table.
    fn is_blockable(&self, client: Index, handle: Handle) -> bool {
        let table = match (self.dests.find(handle), self.next_hops.find(handle)) {
            (Some(dest), _) => Some(self.dests[dest].table),
            (_, Some(hop)) => Some(self.entities[self.next_hops[hop].owner].table),
            _ => self.routes.find(handle).map(|route| self.dests[self.routes[route].dest].table),
        };
        table == Some(self.entities[client].table)
    }

    /// Whether a client that blocks its methods has to wait for one that runs. From inside of one
    /// of them that would be for ever.
    fn waits_for_running(&mut self, client: Index, inside: bool) -> Result<bool, Stop> {
        if !self.runs_method_of(client) || self.oracle.takes(block::WAITS_FOR_RUNNING_DOES_NOT_WAIT)
        {
            return Ok(false);
        }
        if inside {
            self.misuse(block::FROM_OWN_METHOD);
            return match self.oracle.takes(block::FROM_OWN_METHOD_BLOCKS) {
                true => Ok(false),
                false => refuse(WRONG, &[block::FROM_OWN_METHOD, block::WAITS_FOR_RUNNING]),
            };
        }
        Ok(true)
    }

    fn block(&mut self, client: Index) {
        if self.oracle.takes(block::BLOCK_IGNORED) {
            return;
        }
        match self.blocked.iter_mut().find(|(other, _)| *other == client) {
            Some((_, count)) if self.oracle.takes(block::BLOCK_TWICE_COUNTED) => *count += 1,
            Some(_) => {}
            None => self.blocked.push((client, 1)),
        }
    }

    fn unblock(&mut self, client: Index) {
        if self.oracle.takes(block::RESUME_IGNORED) {
            return;
        }
        if let Some((_, count)) = self.blocked.iter_mut().find(|(other, _)| *other == client) {
            *count -= 1;
        }
        let before = self.blocked.len();
        self.blocked.retain(|(_, count)| *count != 0);
        if self.blocked.len() < before {
            let object = self.entities.handle(client);
            for held_back in self.waiting.iter_mut().filter(|s| s.wait.object == object) {
                held_back.released = true;
            }
            self.notes.add(Object::Entity(client), block::RESUME);
        }
    }

    /// How often a client has blocked its methods: once at most, unless blocks are counted.
    pub(in crate::model) fn blocks_of(&self, client: Index) -> u32 {
        let found = self.blocked.iter().find(|(other, _)| *other == client);
        found.map_or(0, |(_, count)| *count)
    }

    /// A client leaves: nothing is held back any more.
    pub(in crate::model) fn forget_blocks(&mut self, client: Index) {
        self.blocked.retain(|(other, _)| *other != client);
    }

    /// Holds an invocation back while the target blocks its methods.
    pub(super) fn check_blocks(&mut self, caller: Index, target: Index) -> Reply {
        if self.turn != NO_TICKET && self.is_released(self.turn) {
            return self.check_turn(target);
        }
        if self.blocked.is_empty() {
            return Ok(());
        }
        let everybody = self.oracle.takes(block::OWN_METHODS_ONLY_EVERYBODY);
        let callers_too =
            self.blocks_of(caller) != 0 && self.oracle.takes(invoke::ONLY_TARGET_BLOCKS_CALLER_TOO);
        if self.blocks_of(target) == 0 && !everybody && !callers_too {
            return Ok(());
        }
        if self.oracle.takes(block::INVOCATIONS_HELD_BACK_REFUSED) {
            return refuse(Status::ERROR_NOT_SUPPORTED, &[block::INVOCATIONS_HELD_BACK]);
        }
        if self.oracle.takes(invoke::WAITS_WHILE_BLOCKED_RUNS) {
            return Ok(());
        }
        let own = caller == target && self.entities[target].actor == self.actor;
        if own {
            if self.turn == NO_TICKET {
                self.misuse(invoke::SELF_INVOKE_WHILE_BLOCKED);
            }
            if self.oracle.takes(invoke::SELF_INVOKE_WHILE_BLOCKED_RUNS) {
                return Ok(());
            }
            let clauses = &[invoke::SELF_INVOKE_WHILE_BLOCKED];
            return Err(Stop::Waits(self.wait_for_methods(target, clauses)));
        }
        let clauses = &[
            block::BLOCK,
            block::INVOCATIONS_HELD_BACK,
            invoke::WAITS_WHILE_BLOCKED,
            block::ARBITRATION,
        ];
        Err(Stop::Waits(self.wait_for_methods(target, clauses)))
    }

    /// Whether the methods were resumed that a call of this ticket waits for. Blocked again or
    /// not, it goes on.
    fn is_released(&self, ticket: u32) -> bool {
        self.waiting.iter().any(|s| s.ticket == ticket && s.released)
    }

    /// Lets those go first that were held back before.
    fn check_turn(&self, target: Index) -> Reply {
        let object = self.entities.handle(target);
        let newest_first = self.oracle.takes(block::RELEASE_ORDER_NEWEST_FIRST);
        let goes_first = |s: &Suspended| match newest_first {
            true => self.turn < s.ticket,
            false => s.ticket < self.turn,
        };
        let is_ahead = |s: &Suspended| s.released && s.wait.object == object && goes_first(s);
        match self.waiting.iter().any(is_ahead) {
            true => Err(Stop::Waits(self.wait_for_methods(target, &[block::RELEASE_ORDER]))),
            false => Ok(()),
        }
    }

    /// A listing asks nobody to run anything, so it does not wait.
    pub(super) fn check_listing(&mut self, target: Index) -> Reply {
        match self.blocks_of(target) != 0 && self.oracle.takes(list::WHILE_BLOCKED_WAITS) {
            true => Err(Stop::Waits(self.wait_for_methods(target, &[list::WHILE_BLOCKED]))),
            false => Ok(()),
        }
    }

    /// A wait for the methods of a client.
    pub(in crate::model::calls) fn wait_for_methods(
        &self,
        client: Index,
        clauses: &[crate::clause::ClauseId],
    ) -> Wait {
        let (object, kind) = (self.entities.handle(client), HandleKind::Entity);
        Wait { object, kind, exclusive: false, basis: Basis::of(clauses) }
    }

    /// What an invocation that goes on shows of the blocks that there are or were.
    pub(super) fn block_grounds(&self, caller: Index, target: Index) -> Grounds {
        let another = |(client, _): &(Index, u32)| *client != target;
        let others = self.blocked.iter().any(another);
        let waited = self.turn != NO_TICKET;
        let object = self.entities.handle(target);
        let is_later = |s: &Suspended| s.wait.object == object && s.ticket != self.turn;
        Grounds::NONE
            .when(waited && self.waiting.iter().any(is_later), block::RELEASE_ORDER)
            .when(waited, block::INVOCATIONS_HELD_BACK)
            .when(waited, invoke::WAITS_WHILE_BLOCKED)
            .also(&self.noted(Object::Entity(target), &[block::RESUME], 1))
            .needs(others && self.blocks_of(caller) != 0, invoke::ONLY_TARGET_BLOCKS)
            .when(others, block::OWN_METHODS_ONLY)
    }

    /// What forbids that methods of a client run now, if it has blocked them.
    pub(in crate::model) fn why_blocked(&self, client: Index) -> Option<Grounds> {
        (self.blocks_of(client) != 0).then(|| {
            Grounds::of(&[block::BLOCK, invoke::WAITS_WHILE_BLOCKED, block::INVOCATIONS_HELD_BACK])
        })
    }
}
