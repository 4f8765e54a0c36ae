//! Counts: who holds an object, and how often.
//!
//! Invariant: a client that is listed holds at least one reference; clients stand in the order of
//! their indices, so that equal ledgers are equal.

use super::arena::Index;

const INLINE: usize = 3;

/// References to one object: those of the table itself, and those of each client.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Ledger {
    /// References that the table holds.
    pub structural: u32,
    len: u32,
    inline: [(Index, u32); INLINE],
    spill: Vec<(Index, u32)>,
}

impl Ledger {
    /// One reference that the table holds, and none of a client.
    pub fn structural() -> Ledger {
        Ledger { structural: 1, ..Ledger::default() }
    }

    fn entries(&self) -> &[(Index, u32)] {
        if self.spill.is_empty() { &self.inline[..self.len as usize] } else { &self.spill }
    }

    /// References that a client holds.
    pub fn held(&self, client: Index) -> u32 {
        self.entries().iter().find(|(c, _)| *c == client).map_or(0, |(_, count)| *count)
    }

    /// Gives a client one more reference.
    pub fn take(&mut self, client: Index) {
        let len = self.len as usize;
        let entries =
            if self.spill.is_empty() { &mut self.inline[..len] } else { &mut self.spill[..] };
        match entries.binary_search_by_key(&client, |(c, _)| *c) {
            Ok(at) => entries[at].1 += 1,
            Err(at) if self.spill.is_empty() && len < INLINE => {
                self.inline.copy_within(at..len, at + 1);
                self.inline[at] = (client, 1);
                self.len += 1;
            }
            Err(at) => {
                if self.spill.is_empty() {
                    self.spill.extend_from_slice(&self.inline);
                    self.inline = Default::default();
                    self.len = 0;
                }
                self.spill.insert(at, (client, 1));
            }
        }
    }

    /// Takes `count` references back from a client.
    ///
    /// # Panics
    /// When it does not hold as many.
    pub fn give_back(&mut self, client: Index, count: u32) {
        let len = self.len as usize;
        let spilled = !self.spill.is_empty();
        let entries = if spilled { &mut self.spill[..] } else { &mut self.inline[..len] };
        let at = entries.iter().position(|(c, _)| *c == client).expect("a holder gives back");
        assert!(count <= entries[at].1, "a client gives back what it holds");
        entries[at].1 -= count;
        if entries[at].1 != 0 {
            return;
        }
        if spilled {
            self.spill.remove(at);
            if self.spill.len() == INLINE {
                self.inline.copy_from_slice(&self.spill);
                self.len = INLINE as u32;
                self.spill = Vec::new();
            }
        } else {
            self.inline.copy_within(at + 1..len, at);
            self.inline[len - 1] = (0, 0);
            self.len -= 1;
        }
    }

    /// Whether nobody refers to the object any more.
    pub fn is_free(&self) -> bool {
        self.structural == 0 && self.entries().is_empty()
    }

    /// Every client that holds references, with its count.
    pub fn holders(&self) -> impl Iterator<Item = (Index, u32)> + '_ {
        self.entries().iter().copied()
    }
}
