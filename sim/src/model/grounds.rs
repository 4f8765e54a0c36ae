//! Grounds: a basis under construction.
//!
//! What accompanies a decision is told apart from what decides, so that it cannot make the
//! decision weaker.

use std::ops::Deref;

use crate::clause::ClauseId;
use crate::vocabulary::observation::Basis;

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
