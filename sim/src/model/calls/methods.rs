//! Exported methods: which there are, and running them.

mod blocking;

mod reasons;

use super::check::HandleClauses;
use crate::clause::{
    ClauseId, block_methods as block, deregister_entity as deregister, get_entity_methods as list,
    invoke_method as invoke,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::methods::{CAPACITY_MAX, Invocation};
use crate::model::references::Object;
use crate::model::reply::{Refusal, Reply, refuse};
use crate::model::state::arena::Index;
use crate::model::state::notification::Aside;
use crate::model::waiting::NO_TICKET;
use crate::vocabulary::call::{GetEntityMethods, InvokeMethod};
use crate::vocabulary::callback::EntryPoint;
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::{Member, Observation, Place, Value};
use crate::vocabulary::status::Status;

const WRONG: Status = Status::ERROR_INVALID_PARAMETER;
const NUM_METHODS: Place = Place::output(2);
const EXPT_METHODS: Place = Place::output(3);
const ALL_METHODS: u32 = u32::MAX;

impl Model {
    pub(super) fn get_entity_methods(
        &mut self,
        call: &GetEntityMethods,
        out: &mut Observation,
    ) -> Reply {
        let client = self.registration(call.registration, &[list::INVALID_HANDLE])?;
        let Some(capacity) = call.num_methods else { return refuse(WRONG, &[list::NULL_COUNT]) };
        if !call.methods && capacity != 0 {
            return refuse(WRONG, &[list::NULL_ARRAY]);
        }
        let target = self.listed_target(client, call.entity)?;
        self.check_listing(target)?;
        let mut entries = self.entry_points(target);
        if self.oracle.takes(list::REGISTRATION_ORDER_REVERSED) {
            entries.reverse();
        }
        let total = entries.len() as u32;
        let fits = capacity == 0 || total <= capacity;
        let count = match (fits, capacity) {
            (_, 0) => 0,
            (true, _) => total,
            _ if self.oracle.takes(list::INSUFFICIENT_FULL_CAPACITY_NONE) => 0,
            // How many are given at a time is the implementation's affair.
            _ => self.advice.count.map_or(capacity, |n| (n as u32).min(capacity)),
        };
        entries.truncate(count as usize);
        let status = match fits {
            true if capacity == 0
                && total != 0
                && self.oracle.takes(list::PROBE_STATUS_INSUFFICIENT_BUFFER) =>
            {
                Status::ERROR_INSUFFICIENT_BUFFER
            }
            false if !self.oracle.takes(list::INSUFFICIENT_BUFFER_SUCCESS) => {
                Status::ERROR_INSUFFICIENT_BUFFER
            }
            _ => Status::NO_ERROR,
        };
        let blocked = self.blocks_of(target) != 0;
        let grounds = reasons::list_status(client == target, capacity, total);
        out.status(status, Grounds::NONE.when(blocked, list::WHILE_BLOCKED).and(&grounds));
        let shown = match fits {
            true if capacity == 0 && self.oracle.takes(list::PROBE_WITH_ZERO_ZERO) => 0,
            true if self.oracle.takes(list::COUNT_OUT_ONE_MORE) => total + 1,
            true => total,
            false if self.oracle.takes(list::INSUFFICIENT_COUNT_TOTAL) => total,
            false => count,
        };
        out.number(NUM_METHODS, shown, reasons::list_count(capacity, total));
        if call.methods {
            for (at, entry) in entries.iter().enumerate() {
                out.add(EXPT_METHODS.at(at), *entry, reasons::list_entry(*entry, fits));
            }
            let tail = EXPT_METHODS.member(Member::Tail);
            out.add(tail, Value::Unwritten, reasons::list_tail(capacity, total));
        }
        let drops = self.oracle.takes(list::ENTITY_HANDLE_KEPT_DROPPED);
        self.drop_by_mistake(client, target, drops);
        self.notes.add(Object::Entity(target), list::ENTITY_HANDLE_KEPT);
        self.notes.add(Object::Entity(target), list::ENTITY_HANDLE_RELEASE);
        Ok(())
    }

    /// The client whose methods are asked for.
    fn listed_target(&self, client: Index, handle: Handle) -> Result<Index, Refusal> {
        let clauses = HandleClauses {
            other_table: &[list::TARGET_OF_OTHER_TABLE],
            ..HandleClauses::all(&[list::INVALID_HANDLE])
        };
        let target = match self.entities.find(handle) {
            Some(other) if self.oracle.takes(list::TARGET_OF_OTHER_TABLE_ANSWERED) => other,
            _ => self.entity_argument(client, handle, &clauses)?,
        };
        let left = !self.entities[target].registered;
        if left && !self.oracle.takes(list::DEREGISTERED_TARGET_ANSWERED) {
            return refuse(Status::ERROR_INVALID_HANDLE, &[list::DEREGISTERED_TARGET]);
        }
        Ok(target)
    }

    /// The entry points of a client, in the order of its array.
    fn entry_points(&self, target: Index) -> Vec<Value> {
        let entity = &self.entities[target];
        let entry = |(index, exported): (usize, &bool)| match exported {
            true => {
                let entry = EntryPoint { actor: entity.actor, index: index as u8 };
                Value::Number(entry.number())
            }
            false => Value::Pointer(0),
        };
        entity.methods.iter().enumerate().map(entry).collect()
    }

    /// A planted fault: a reference of the caller that the call should have left alone is gone.
    fn drop_by_mistake(&mut self, client: Index, target: Index, drops: bool) {
        if drops && self.held(client, Object::Entity(target)) != 0 {
            self.give_back(client, Object::Entity(target), 1);
        }
    }

    /// Checks an invocation and begins it; what it shows comes with its end.
    pub(super) fn invoke_method(&mut self, call: &InvokeMethod) -> Reply {
        let clauses = &[invoke::INVALID_HANDLE_WHICH, invoke::INVALID_HANDLE];
        let caller = self.registration(call.registration, clauses)?;
        let grounds = Grounds::of(&[invoke::NULL_POINTERS])
            .when(!self.blocked.is_empty(), invoke::CHECK_ORDER);
        let (Some(input), Some(capacity)) = (&call.input, call.output_size) else {
            return refuse(WRONG, grounds);
        };
        if !call.output && capacity != 0 {
            return refuse(WRONG, grounds);
        }
        let target = self.invoked_target(caller, call.entity)?;
        self.check_blocks(caller, target)?;
        let mask = input.method_type;
        let exported = self.exported(target);
        let selected = self.selected(mask, exported);
        let unknown = mask & !exported != 0 && mask != ALL_METHODS;
        if selected == 0 {
            if self.oracle.takes(invoke::NOTHING_SELECTED_REFUSED) {
                return refuse(Status::ERROR_NOT_FOUND, &[invoke::NOTHING_SELECTED]);
            }
        } else if unknown && self.oracle.takes(invoke::UNKNOWN_BITS_REFUSED) {
            return refuse(WRONG, &[invoke::UNKNOWN_BITS]);
        }
        self.begin_invocation(Invocation {
            actor: self.actor,
            caller,
            target,
            input: input.clone(),
            capacity: capacity.min(CAPACITY_MAX),
            remaining: selected,
            elements: Vec::new(),
            running: false,
            blocks: Aside(self.block_grounds(caller, target)),
        });
        self.notes.add(Object::Entity(target), invoke::ENTITY_HANDLE_KEPT);
        let drops = self.oracle.takes(invoke::ENTITY_HANDLE_KEPT_DROPPED);
        self.drop_by_mistake(caller, target, drops);
        Ok(())
    }

    /// The client whose methods are to run.
    fn invoked_target(&self, caller: Index, handle: Handle) -> Result<Index, Refusal> {
        const CLAUSES: HandleClauses = HandleClauses {
            null: &[invoke::NULL_HANDLE, invoke::INVALID_HANDLE_WHICH, invoke::INVALID_HANDLE],
            wrong_kind: &[invoke::WRONG_KIND, invoke::INVALID_HANDLE],
            dead: &[invoke::INVALID_HANDLE_WHICH, invoke::INVALID_HANDLE],
            other_table: &[invoke::TARGET_OF_OTHER_TABLE],
        };
        const GONE: &[ClauseId] = &[
            invoke::PENDING_WHEN_TARGET_LEAVES,
            block::DEREGISTER_WHILE_BLOCKED,
            deregister::METHODS_REFUSED,
        ];
        let target = match self.entities.find(handle) {
            Some(other) if self.oracle.takes(invoke::TARGET_OF_OTHER_TABLE_INVOKED) => other,
            _ => match self.entity_argument(caller, handle, &CLAUSES) {
                // It was valid when the call was held back.
                Err(_) if self.turn != NO_TICKET => {
                    return refuse(Status::ERROR_INVALID_HANDLE, GONE);
                }
                answer => answer?,
            },
        };
        let left = !self.entities[target].registered;
        if left && !self.oracle.takes(invoke::UNREGISTERING_TARGET_INVOKED) {
            let clauses = match self.turn == NO_TICKET {
                true => &[
                    deregister::METHODS_REFUSED,
                    invoke::UNREGISTERING_TARGET,
                    invoke::INVALID_HANDLE,
                ],
                false => GONE,
            };
            return refuse(Status::ERROR_INVALID_HANDLE, clauses);
        }
        Ok(target)
    }

    /// The methods of a client, one bit each.
    fn exported(&self, target: Index) -> u32 {
        let methods = self.entities[target].methods.iter().enumerate();
        methods.filter(|(_, exported)| **exported).fold(0, |bits, (index, _)| bits | 1 << index)
    }

    /// The methods that a mask selects.
    fn selected(&self, mask: u32, exported: u32) -> u32 {
        let selected = mask & exported;
        if self.oracle.takes(invoke::SELECT_BY_BITS_ALL) && selected != 0 {
            return exported;
        }
        if self.oracle.takes(invoke::ALL_METHODS_FIRST_ONLY) && mask == ALL_METHODS {
            return exported & exported.wrapping_neg();
        }
        if self.oracle.takes(invoke::BIT_IS_ARRAY_INDEX_ONE_FURTHER) && mask << 1 & exported != 0 {
            return mask << 1 & exported;
        }
        selected
    }

    /// Whether an entry of a client's array is NULL.
    pub(super) fn has_gaps(&self, target: Index) -> bool {
        self.entities[target].methods.contains(&false)
    }
}
