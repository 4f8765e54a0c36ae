//! Opaque cells: one value of the memory's pointer size that a client keeps at a destination.
//!
//! A cell comes into being when its address is first asked for, and it goes with the destination
//! or with the slot of the client. Its address is given out once and never again.
//!
//! Not here: what a value means. The model neither looks at it nor follows it.

use std::collections::BTreeMap;

use super::arena::Index;

/// What sets addresses of cells apart from handles of every kind.
const TAG: u64 = 0xE << 60;
/// Distance between addresses: the size of a pointer.
const STRIDE: u64 = 8;

/// Number of an opaque slot among those of its table.
pub type Slot = u32;

/// One cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cell {
    /// The destination that it belongs to.
    pub dest: Index,
    /// The slot of the client that it belongs to.
    pub slot: Slot,
    /// What was stored last.
    pub value: u64,
    /// Whether something was stored.
    pub stored: bool,
}

/// All cells.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Cells {
    addresses: BTreeMap<(Index, Slot), u64>,
    cells: BTreeMap<u64, Cell>,
    /// Cells that there have ever been.
    count: u64,
}

impl Cells {
    /// The address of a cell, if it has been asked for before.
    pub fn address(&self, dest: Index, slot: Slot) -> Option<u64> {
        self.addresses.get(&(dest, slot)).copied()
    }

    /// A new cell that holds `value`, instead of the one that was there.
    pub fn open(&mut self, dest: Index, slot: Slot, value: u64) -> u64 {
        self.count += 1;
        let address = TAG | (self.count * STRIDE);
        if let Some(old) = self.addresses.insert((dest, slot), address) {
            self.cells.remove(&old);
        }
        self.cells.insert(address, Cell { dest, slot, value, stored: false });
        address
    }

    /// The cell at an address, or at one that lies within it.
    pub fn get(&self, address: u64) -> Option<&Cell> {
        self.cells.get(&(address & !(STRIDE - 1)))
    }

    /// Stores a value; nothing where there is no cell.
    pub fn store(&mut self, address: u64, value: u64) {
        if let Some(cell) = self.cells.get_mut(&(address & !(STRIDE - 1))) {
            cell.value = value;
            cell.stored = true;
        }
    }

    /// All cells, in the order in which they came into being.
    pub fn iter(&self) -> impl Iterator<Item = &Cell> {
        self.cells.values()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cells of a destination go; gives those that held something.
    pub fn close_dest(&mut self, dest: Index) -> Vec<Cell> {
        let range = (dest, 0)..=(dest, Slot::MAX);
        let gone: Vec<_> = self.addresses.range(range).map(|(key, at)| (*key, *at)).collect();
        self.close(&gone)
    }

    /// The cells of a slot go, those of `dests` only; gives those that held something.
    pub fn close_slot(&mut self, slot: Slot, is_of_table: impl Fn(Index) -> bool) -> Vec<Cell> {
        let of_slot = |key: &(Index, Slot)| key.1 == slot && is_of_table(key.0);
        let gone = self.addresses.iter().filter(|(key, _)| of_slot(key));
        let gone: Vec<_> = gone.map(|(key, at)| (*key, *at)).collect();
        self.close(&gone)
    }

    fn close(&mut self, gone: &[((Index, Slot), u64)]) -> Vec<Cell> {
        let mut held = Vec::new();
        for (key, address) in gone {
            self.addresses.remove(key);
            held.extend(self.cells.remove(address).filter(|cell| cell.value != 0));
        }
        held
    }
}
