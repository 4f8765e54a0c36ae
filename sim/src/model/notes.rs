//! Notes: what is remembered only to say later which clauses decided something.
//!
//! Nothing that a call shows depends on a note; only the clauses that are cited with it do.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::Model;
use super::references::Object;
use crate::clause::ClauseId;

/// Which clauses have had a say about an object, and who has left.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Notes {
    objects: BTreeSet<(Object, ClauseId)>,
    /// Identities that were registered and are no more: table, protocol, protocol instance.
    left: BTreeSet<(usize, u32, u32)>,
    /// Tables in which a registration was refused.
    refused: BTreeSet<usize>,
}

impl Notes {
    /// A clause has had a say about an object.
    pub fn add(&mut self, object: Object, clause: ClauseId) {
        self.objects.insert((object, clause));
    }

    /// Whether a clause has had a say about an object.
    pub fn has(&self, object: Object, clause: ClauseId) -> bool {
        !self.objects.is_empty() && self.objects.contains(&(object, clause))
    }

    /// An object is gone.
    pub fn forget(&mut self, object: Object) {
        if !self.objects.is_empty() {
            self.objects.retain(|(other, _)| *other != object);
        }
    }

    /// A client has left a table.
    pub fn leave(&mut self, table: usize, protocol: u32, protocol_instance: u32) {
        self.left.insert((table, protocol, protocol_instance));
    }

    /// Whether a client with this identity has left a table.
    pub fn has_left(&self, table: usize, protocol: u32, protocol_instance: u32) -> bool {
        self.left.contains(&(table, protocol, protocol_instance))
    }

    /// Whether anybody has left a table.
    pub fn somebody_left(&self, table: usize) -> bool {
        self.left.iter().any(|(other, _, _)| *other == table)
    }

    /// A registration with a table was refused.
    pub fn refuse(&mut self, table: usize) {
        self.refused.insert(table);
    }

    /// Whether a registration with a table was refused.
    pub fn was_refused(&self, table: usize) -> bool {
        self.refused.contains(&table)
    }
}

/// The clauses of one field, the specific first; what comes after the fourth is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grounds {
    clauses: [ClauseId; 4],
    len: usize,
}

impl Grounds {
    /// No clause yet.
    pub const NONE: Grounds = Grounds { clauses: [ClauseId(u16::MAX); 4], len: 0 };

    /// These clauses.
    pub fn of(clauses: &[ClauseId]) -> Grounds {
        Grounds::NONE.and(clauses)
    }

    /// These clauses as well.
    #[must_use]
    pub fn and(self, clauses: &[ClauseId]) -> Grounds {
        clauses.iter().fold(self, |grounds, clause| grounds.when(true, *clause))
    }

    /// This clause as well, on a condition.
    #[must_use]
    pub fn when(mut self, condition: bool, clause: ClauseId) -> Grounds {
        if condition && self.len < self.clauses.len() && !self.contains(&clause) {
            self.clauses[self.len] = clause;
            self.len += 1;
        }
        self
    }
}

impl Deref for Grounds {
    type Target = [ClauseId];

    fn deref(&self) -> &[ClauseId] {
        &self.clauses[..self.len]
    }
}

impl Model {
    /// Those of `clauses` that have had a say about an object: at most `most` of them.
    pub(super) fn noted(&self, object: Object, clauses: &[ClauseId], most: usize) -> Grounds {
        let noted = clauses.iter().filter(|clause| self.notes.has(object, **clause));
        noted.take(most).fold(Grounds::NONE, |grounds, clause| grounds.when(true, *clause))
    }
}
