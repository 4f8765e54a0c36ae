//! How a call function answers: it fails before it changed anything, or it writes its outputs.

use crate::clause::ClauseId;
use crate::vocabulary::observation::{Basis, Observation, Place, Value};
use crate::vocabulary::status::Status;

/// A refusal: the status and the clauses that decided it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What is returned.
    pub status: Status,
    /// Why.
    pub basis: Basis,
}

/// What a call function gives back.
pub type Reply = Result<(), Refusal>;

/// Refuses a call.
#[inline]
pub fn refuse<T>(status: Status, basis: impl Into<Basis>) -> Result<T, Refusal> {
    Err(Refusal { status, basis: basis.into() })
}

impl Observation {
    /// The status field.
    #[inline]
    pub fn status(&mut self, status: Status, basis: impl Into<Basis>) {
        self.add(Place::STATUS, Value::Number(u64::from(status.0)), basis);
    }

    /// Puts a more specific clause before those that decided a field, if it is shown.
    pub fn cite(&mut self, place: Place, clause: ClauseId) {
        if let Some(field) = self.fields.iter_mut().rev().find(|f| f.place == place) {
            field.basis = field.basis.with(clause);
        }
    }

    /// The same where nothing has to give way.
    pub fn cite_if_room(&mut self, place: Place, clause: ClauseId) {
        let field = self.fields.iter().rev().find(|f| f.place == place);
        if field.is_some_and(|f| f.basis.clauses().count() < 4) {
            self.cite(place, clause);
        }
    }

    /// A number.
    #[inline]
    pub fn number(&mut self, place: Place, number: impl Into<u64>, basis: impl Into<Basis>) {
        self.add(place, Value::Number(number.into()), basis);
    }
}
