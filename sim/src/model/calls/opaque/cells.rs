//! Opaque pointers: the cell that a client with a slot has in every destination.
//!
//! The model gives out the address of a cell and knows what is stored there only because its own
//! world reads and writes through the address. Who may do so, and under which lock, binds clients.

use super::super::check::HandleClauses;
use crate::clause::{
    ClauseId, get_opaque_information_pointer as c, lock_destination as lock,
    register_entity as register,
};
use crate::model::Model;
use crate::model::grounds::Grounds;
use crate::model::notes::Topic;
use crate::model::reply::{Reply, refuse};
use crate::model::state::arena::{Index, NONE};
use crate::model::state::opaque::{Cell, Slot};
use crate::model::state::prefix::Prefix;
use crate::vocabulary::call::GetOpaqueInformationPointer;
use crate::vocabulary::observation::{Observation, Place, Value};
use crate::vocabulary::status::Status;

const POINTER: Place = Place::output(2);

impl Model {
    pub(in crate::model::calls) fn get_opaque_information_pointer(
        &mut self,
        call: &GetOpaqueInformationPointer,
        out: &mut Observation,
    ) -> Reply {
        const INVALID: &[ClauseId] = &[c::INVALID_HANDLE_WHICH, c::INVALID_HANDLE];
        let client = self.registration(call.registration, INVALID)?;
        if !call.opaque_info_pointer {
            return refuse(Status::ERROR_INVALID_PARAMETER, &[c::NULL_OUTPUT]);
        }
        let slot = self.entities[client].opaque;
        let clauses = match slot {
            Some(_) => HandleClauses {
                null: &[c::NULL_HANDLE, c::INVALID_HANDLE],
                wrong_kind: &[c::WRONG_KIND],
                dead: INVALID,
                other_table: &[c::DEST_OF_OTHER_TABLE],
            },
            None => HandleClauses::all(&[c::ERROR_PRECEDENCE]),
        };
        let dest = self.dest_argument(client, call.dest, &clauses);
        if slot.is_none() && dest.is_err() && self.oracle.takes(c::ERROR_PRECEDENCE_SLOT_FIRST) {
            return refuse(Status::ERROR_NOT_FOUND, &[c::ERROR_PRECEDENCE]);
        }
        let dest = dest?;
        let Some(slot) = self.slot_as_read(slot) else {
            let clauses = &[c::NOT_RESERVED, register::RESERVE_OPAQUE_FALSE];
            return refuse(Status::ERROR_NOT_FOUND, clauses);
        };
        let owns = |route: &Index| self.routes[*route].owner == client;
        let foreign = !self.dests[dest].routes.iter().any(owns);
        if foreign && self.oracle.takes(c::ANY_DESTINATION_OWN_ONLY) {
            return refuse(Status::ERROR_NOT_FOUND, &[c::ANY_DESTINATION]);
        }
        let known = self.cell_as_read(dest, slot);
        let locked = self.holds_lock(dest);
        let grounds = Grounds::NONE
            .needs(locked, lock::SLOT_READ_WHILE_LOCKED)
            .needs(locked, c::LOCK_OR_POINTER_FIRST)
            .needs(foreign, c::ANY_DESTINATION)
            .and(&[c::SUCCESS]);
        out.status(Status::NO_ERROR, grounds);
        let grounds = Grounds::NONE
            .when(known.is_some(), c::STABLE_ADDRESS)
            .and(&[c::SUCCESS])
            .when(true, c::SLOT_ALIGNED)
            .when(true, c::NOTHING_TO_RELEASE);
        let first = u64::from(self.oracle.takes(c::INITIALLY_NULL_ONE));
        let address = known.unwrap_or_else(|| self.cells.open(dest, slot, first));
        let odd = u64::from(self.oracle.takes(c::SLOT_ALIGNED_ODD));
        out.add(POINTER, Value::Pointer(address | odd), grounds);
        if self.oracle.takes(c::NOTHING_TO_RELEASE_COUNTED) {
            self.hand_dest(client, dest);
        }
        self.notes.note(Topic::Reference(NONE, call.dest), c::NOTHING_TO_RELEASE);
        Ok(())
    }

    /// The slot that a client's call is about.
    fn slot_as_read(&self, own: Option<Slot>) -> Option<Slot> {
        match own {
            Some(_) if self.oracle.takes(c::PRIVATE_PER_CLIENT_SHARED) => Some(0),
            None if self.oracle.takes(c::NOT_RESERVED_GIVEN) => Some(Slot::MAX),
            own => own,
        }
    }

    /// The address of a cell that was given out before.
    fn cell_as_read(&self, dest: Index, slot: Slot) -> Option<u64> {
        if self.oracle.takes(c::VALUE_PERSISTS_LOST) {
            return None;
        }
        if self.oracle.takes(c::PER_DESTINATION_ONE_FOR_ALL) {
            let mut dests = self.tables[self.dests[dest].table].dests.values();
            return dests.find_map(|other| self.cells.address(*other, slot));
        }
        self.cells.address(dest, slot)
    }

    /// What a cell holds, if there is one at this address.
    pub fn cell(&self, address: u64) -> Option<u64> {
        self.cells.get(address).map(|cell| cell.value)
    }

    /// Stores a value in a cell; nothing where there is none.
    pub(in crate::model) fn write_cell(&mut self, address: u64, value: u64) {
        let Some(cell) = self.cells.get(address) else { return };
        if !self.holds_lock_alone(cell.dest) {
            self.misuse(c::LOCK_BEFORE_CHANGE);
        }
        self.cells.store(address, value);
    }

    /// Shows what a cell holds; nothing where there is none.
    pub(in crate::model) fn read_cell(&mut self, address: u64, out: &mut Observation) {
        let Some(cell) = self.cells.get(address).copied() else {
            return out.add(Place::POINTED, Value::Unwritten, &[c::ADDRESS_LIFETIME]);
        };
        if !self.holds_lock(cell.dest) {
            self.misuse(c::SHARED_LOCK_TO_READ);
        }
        let dest = &self.dests[cell.dest];
        let (table, prefix, emptied) = (dest.table, dest.prefix, !self.is_in_table(cell.dest));
        let lost = self.notes.recall(Topic::Emptied(table, prefix, cell.slot));
        let lost = lost.filter(|_| !cell.stored);
        let holds = |other: &&Cell| other.value != 0 && other.slot != cell.slot;
        let mut others = self.cells.iter().filter(|other| other.dest == cell.dest);
        let by_others = others.find(holds);
        let mut own = self.cells.iter().filter(|other| other.slot == cell.slot);
        let elsewhere =
            own.any(|o| o.dest != cell.dest && o.value != 0 && self.dests[o.dest].table == table);
        let twin = by_others.is_some_and(|other| {
            let actor = |slot| self.client_of_slot(table, slot).map(|e| self.entities[e].actor);
            actor(other.slot) == actor(cell.slot)
        });
        let mut grounds = Grounds::NONE;
        if let Some(clause) = lost {
            let holds_none = clause == c::FRESH_DESTINATION;
            grounds =
                grounds.when(true, clause).when(holds_none, c::SLOT_DOES_NOT_HOLD_DESTINATION);
        }
        let decides = if cell.stored { c::VALUE_PERSISTS } else { c::INITIALLY_NULL };
        let grounds = grounds
            .when(emptied, c::ADDRESS_LIFETIME)
            .needs(twin, c::TWO_REGISTRATIONS_TWO_SLOTS)
            .when(by_others.is_some() && !twin, c::PRIVATE_PER_CLIENT)
            .when(elsewhere, c::PER_DESTINATION)
            .and(&[decides])
            .when(cell.stored, c::CONTENT_NOT_INTERPRETED)
            .when(true, c::SLOT_IS_A_POINTER);
        out.number(Place::POINTED, cell.value, grounds);
    }

    /// Whether the actor holds the lock of a destination.
    pub(in crate::model) fn holds_lock(&self, dest: Index) -> bool {
        let lock = self.dests[dest].lock.as_deref();
        lock.is_some_and(|lock| lock.holders.iter().any(|holder| holder.actor == self.actor))
    }

    /// Whether the actor holds the exclusive lock of a destination.
    fn holds_lock_alone(&self, dest: Index) -> bool {
        let lock = self.dests[dest].lock.as_deref();
        lock.is_some_and(|lock| lock.exclusive) && self.holds_lock(dest)
    }

    /// The registered client of a table that has a slot.
    fn client_of_slot(&self, table: usize, slot: Slot) -> Option<Index> {
        let mut clients = self.tables[table].entities.iter();
        clients.find(|client| self.entities[**client].opaque == Some(slot)).copied()
    }

    /// The lowest slot of a table that no client has, if there is one left.
    pub(in crate::model::calls) fn free_slot(&self, table: usize) -> Option<Slot> {
        (0..self.config.opaque_slots).find(|slot| self.client_of_slot(table, *slot).is_none())
    }

    /// A client gives its slot up: what it stored is gone.
    pub(in crate::model::calls) fn close_slot(&mut self, client: Index) {
        let Some(slot) = self.entities[client].opaque.take() else { return };
        let table = self.entities[client].table;
        let dests = &self.dests;
        let gone = self.cells.close_slot(slot, |dest| dests[dest].table == table);
        for cell in gone {
            let place = Topic::Emptied(table, self.dests[cell.dest].prefix, slot);
            self.notes.note(place, c::AFTER_SLOT_CHANGES_HANDS);
        }
    }

    /// A destination is freed: what was stored there is gone.
    pub(in crate::model) fn close_cells_of_dest(
        &mut self,
        dest: Index,
        table: usize,
        prefix: Prefix,
    ) {
        if self.cells.is_empty() {
            return;
        }
        for cell in self.cells.close_dest(dest) {
            self.notes.note(Topic::Emptied(table, prefix, cell.slot), c::FRESH_DESTINATION);
        }
    }
}
