//! Counts: who holds an object, and how often.
//!
//! Invariant: a client that is listed holds at least one reference; clients stand in the order of
//! their indices, so that equal ledgers are equal.

use smallvec::SmallVec;

use super::arena::Index;

/// References to one object: those of the table itself, and those of each client.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Ledger {
    /// References that the table holds.
    pub structural: u32,
    /// Most objects have few holders, and there are many objects.
    entries: SmallVec<[(Index, u32); 2]>,
}

impl Ledger {
    /// One reference that the table holds, and none of a client.
    pub fn structural() -> Ledger {
        Ledger { structural: 1, ..Ledger::default() }
    }

    /// References that a client holds.
    pub fn held(&self, client: Index) -> u32 {
        self.entries.iter().find(|(c, _)| *c == client).map_or(0, |(_, count)| *count)
    }

    /// Gives a client one more reference.
    pub fn take(&mut self, client: Index) {
        match self.entries.binary_search_by_key(&client, |(c, _)| *c) {
            Ok(at) => self.entries[at].1 += 1,
            Err(at) => self.entries.insert(at, (client, 1)),
        }
    }

    /// Takes `count` references back from a client.
    ///
    /// # Panics
    /// When it does not hold as many.
    pub fn give_back(&mut self, client: Index, count: u32) {
        let at = self.entries.iter().position(|(c, _)| *c == client).expect("a holder gives back");
        let held = &mut self.entries[at].1;
        assert!(count <= *held, "a client gives back what it holds");
        *held -= count;
        if *held == 0 {
            self.entries.remove(at);
        }
    }

    /// Whether nobody refers to the object any more.
    pub fn is_free(&self) -> bool {
        self.structural == 0 && self.entries.is_empty()
    }

    /// Every client that holds references, with its count.
    pub fn holders(&self) -> impl Iterator<Item = (Index, u32)> + '_ {
        self.entries.iter().copied()
    }
}
