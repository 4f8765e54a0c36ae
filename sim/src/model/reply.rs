//! How a call function answers: it stops before it changed anything, or it writes its outputs.

use super::waiting::Wait;
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

/// Why a call goes no further; nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It fails.
    Refused(Refusal),
    /// It waits for another client, and is made again from its beginning when that may have done
    /// what it waits for.
    Waits(Wait),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

/// What a check gives back that several calls share.
pub type Checked = Result<(), Refusal>;

/// What a call function gives back.
pub type Reply = Result<(), Stop>;

/// Refuses a call.
#[inline]
pub fn refuse<T, E: From<Refusal>>(status: Status, basis: impl Into<Basis>) -> Result<T, E> {
    Err(Refusal { status, basis: basis.into() }.into())
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

    /// The same with a clause without which the field would be open: it is no firmer than that.
    pub fn rest_on(&mut self, place: Place, clause: ClauseId) {
        if let Some(field) = self.fields.iter_mut().rev().find(|f| f.place == place) {
            field.basis = field.basis.with(clause).at_most(clause);
        }
    }

    /// The same where nothing has to give way.
    pub fn cite_if_room(&mut self, place: Place, clause: ClauseId) {
        let field = self.fields.iter().rev().find(|f| f.place == place);
        if field.is_some_and(|f| f.basis.clauses().count() < 4) {
            self.cite(place, clause);
        }
    }

    /// Whether a clause is cited for the status.
    pub fn cites(&self, clause: ClauseId) -> bool {
        self.fields.first().is_some_and(|status| status.basis.clauses().any(|c| c == clause))
    }

    /// A number.
    #[inline]
    pub fn number(&mut self, place: Place, number: impl Into<u64>, basis: impl Into<Basis>) {
        self.add(place, Value::Number(number.into()), basis);
    }
}
