//! Notes: what is remembered only to say later which clauses decided something.
//!
//! Nothing that a call shows depends on a note; only the clauses that are cited with it do.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use super::Model;
use super::references::Object;
use crate::clause::ClauseId;
use crate::vocabulary::observation::Basis;

/// Which clauses have had a say about an object, and who has left.
#[derive(Clone, Default, Debug)]
pub struct Notes {
    objects: BTreeSet<(Object, ClauseId)>,
    /// Identities that were registered and are no more: table, protocol, protocol instance.
    left: BTreeSet<(usize, u32, u32)>,
    /// Tables in which a registration was refused.
    refused: BTreeSet<usize>,
}

// No part of the state: nothing but the basis of fields depends on it.
impl PartialEq for Notes {
    fn eq(&self, _: &Notes) -> bool {
        true
    }
}

impl Eq for Notes {}

impl Hash for Notes {
    fn hash<H: Hasher>(&self, _: &mut H) {}
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

/// A basis under construction: what accompanies the decision, and what decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grounds {
    basis: Basis,
    decided: bool,
    clauses: [ClauseId; 4],
    len: usize,
}

impl Grounds {
    /// No clause yet.
    pub const NONE: Grounds =
        Grounds { basis: Basis::NONE, decided: false, clauses: [ClauseId(u16::MAX); 4], len: 0 };

    /// These clauses decide.
    pub fn of(clauses: &[ClauseId]) -> Grounds {
        Grounds::NONE.and(clauses)
    }

    /// These clauses decide, together with those that decided before.
    #[must_use]
    pub fn and(mut self, clauses: &[ClauseId]) -> Grounds {
        self.basis = match self.decided {
            true => self.basis.together(clauses),
            false => self.basis.decided_by(clauses),
        };
        self.decided = true;
        self.listed()
    }

    /// These are cited as well, without a say in how firmly the field is decided.
    #[must_use]
    pub fn also(self, others: &Grounds) -> Grounds {
        others.iter().fold(self, |grounds, clause| grounds.when(true, *clause))
    }

    /// This clause is cited as well, on a condition.
    #[must_use]
    pub fn when(mut self, condition: bool, clause: ClauseId) -> Grounds {
        if !condition {
            return self;
        }
        self.basis = self.basis.also(clause);
        self.listed()
    }

    fn listed(mut self) -> Grounds {
        self.len = 0;
        for clause in self.basis.clauses() {
            self.clauses[self.len] = clause;
            self.len += 1;
        }
        self
    }
}

impl From<Grounds> for Basis {
    fn from(grounds: Grounds) -> Basis {
        grounds.basis
    }
}

impl From<&Grounds> for Basis {
    fn from(grounds: &Grounds) -> Basis {
        grounds.basis
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
