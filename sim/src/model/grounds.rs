//! Grounds: a basis under construction.
//!
//! What accompanies a decision is told apart from what decides, so that it cannot make the
//! decision weaker. What decides only in a special case is told by the case: a call that nothing
//! but an implied clause admits is not answered as firmly as any other.

use std::ops::Deref;

use crate::clause::ClauseId;
use crate::vocabulary::observation::Basis;

/// A basis under construction: what accompanies the decision, and what decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grounds {
    basis: Basis,
    decided: bool,
    /// The weakest of the clauses that a special case needs.
    weakest: Option<ClauseId>,
}

impl Grounds {
    /// No clause yet.
    pub const NONE: Grounds = Grounds { basis: Basis::NONE, decided: false, weakest: None };

    /// These clauses decide.
    pub const fn of(clauses: &[ClauseId]) -> Grounds {
        Grounds { basis: Basis::of(clauses), decided: true, weakest: None }
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
        Grounds { basis, decided: true, ..self }
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

    /// On a condition, this clause decides together with the others: nothing but it admits such a
    /// case, or tells what comes of it.
    #[must_use]
    pub const fn needs(mut self, condition: bool, clause: ClauseId) -> Grounds {
        if condition {
            self.basis = self.basis.also(clause);
            self.weakest = match self.weakest {
                Some(other) if other.strength().bits() & !clause.strength().bits() == 0 => {
                    Some(other)
                }
                _ => Some(clause),
            };
        }
        self
    }
}

impl From<Basis> for Grounds {
    /// The clauses of the basis decide.
    fn from(basis: Basis) -> Grounds {
        Grounds { basis, decided: true, weakest: None }
    }
}

impl From<Grounds> for Basis {
    fn from(grounds: Grounds) -> Basis {
        Basis::from(&grounds)
    }
}

impl From<&Grounds> for Basis {
    fn from(grounds: &Grounds) -> Basis {
        grounds.weakest.map_or(grounds.basis, |clause| grounds.basis.at_most(clause))
    }
}

impl Deref for Grounds {
    type Target = [ClauseId];

    fn deref(&self) -> &[ClauseId] {
        self.basis.list()
    }
}
