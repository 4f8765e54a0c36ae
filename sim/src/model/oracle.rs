//! The oracle: which reading the model takes, and which clauses it asked about.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};

use crate::clause::ClauseId;
use crate::readings::{Reading, Readings};

/// Readings, with a record of the clauses asked about while recording is on.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// What is taken.
    pub readings: Readings,
    asked: RefCell<Option<Vec<ClauseId>>>,
}

impl Oracle {
    /// Takes `readings`.
    pub fn new(readings: Readings) -> Oracle {
        Oracle { readings, asked: RefCell::new(None) }
    }

    /// Whether `reading` is taken.
    #[inline]
    pub fn takes(&self, reading: Reading) -> bool {
        if let Some(asked) = self.asked.borrow_mut().as_mut()
            && !reading.is_forbidden()
            && !asked.contains(&reading.clause)
        {
            asked.push(reading.clause);
        }
        self.readings.takes(reading)
    }

    /// Begins to record.
    pub fn record(&self) {
        *self.asked.borrow_mut() = Some(Vec::new());
    }

    /// Ends recording: the clauses asked about, in order, each once.
    pub fn recorded(&self) -> Vec<ClauseId> {
        self.asked.borrow_mut().take().unwrap_or_default()
    }
}

// What was asked is no part of the state.
impl PartialEq for Oracle {
    fn eq(&self, other: &Oracle) -> bool {
        self.readings == other.readings
    }
}

impl Eq for Oracle {}

impl Hash for Oracle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.readings.hash(state);
    }
}
