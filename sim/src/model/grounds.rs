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
}

impl Grounds {
    /// No clause yet.
    pub const NONE: Grounds = Grounds { basis: Basis::NONE, decided: false };

    /// These clauses decide.
    pub const fn of(clauses: &[ClauseId]) -> Grounds {
        Grounds { basis: Basis::of(clauses), decided: true }
    }

    /// These clauses decide, together with those that decided before.
    #[must_use]
    pub const fn and(self, clauses: &[ClauseId]) -> Grounds {
        self.and_all(Basis::of(clauses))
    }

    /// The clauses of a basis decide, together with those that decided before.
    #[must_use]
    pub const fn and_all(self, needed: Basis) -> Grounds {
        let basis = match self.decided {
            true => self.basis.together(needed),
            false => self.basis.decided_by(needed),
        };
        Grounds { basis, decided: true }
    }

    /// These are cited as well, without a say in how firmly the field is decided.
    #[must_use]
    pub fn also(self, others: &Grounds) -> Grounds {
        others.iter().fold(self, |grounds, clause| grounds.when(true, *clause))
    }

    /// This clause is cited as well, on a condition.
    #[must_use]
    pub const fn when(mut self, condition: bool, clause: ClauseId) -> Grounds {
        if condition {
            self.basis = self.basis.also(clause);
        }
        self
    }
}

impl From<Basis> for Grounds {
    /// The clauses of the basis decide.
    fn from(basis: Basis) -> Grounds {
        Grounds { basis, decided: true }
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
        self.basis.list()
    }
}
