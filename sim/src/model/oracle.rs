//! The oracle: which reading the model takes, and which clauses it asked about.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};

use crate::clause::ClauseId;
use crate::readings::{Reading, Readings};

/// Readings, with a record of the clauses asked about while recording is on.
#[derive(Clone, Debug)]
pub struct Oracle {
    readings: Readings,
    asked: RefCell<Option<Vec<ClauseId>>>,
    /// The model's own reading is taken everywhere and nobody wants to know what is asked.
    plain: bool,
}

impl Oracle {
    /// Takes `readings`.
    pub fn new(readings: Readings) -> Oracle {
        let plain = readings.is_own();
        Oracle { readings, asked: RefCell::new(None), plain }
    }

    /// What is taken.
    pub fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Changes what is taken.
    pub fn change(&mut self, change: impl FnOnce(&mut Readings)) {
        change(&mut self.readings);
        self.plain = self.readings.is_own() && self.asked.borrow().is_none();
    }

    /// Whether `reading` is taken.
    #[inline]
    pub fn takes(&self, reading: Reading) -> bool {
        !self.plain && self.looks_up(reading)
    }

    fn looks_up(&self, reading: Reading) -> bool {
        if let Some(asked) = self.asked.borrow_mut().as_mut()
            && !reading.is_forbidden()
            && !asked.contains(&reading.clause)
        {
            asked.push(reading.clause);
        }
        self.readings.takes(reading)
    }

    /// Begins to record.
    pub fn record(&mut self) {
        *self.asked.borrow_mut() = Some(Vec::new());
        self.plain = false;
    }

    /// Records what another one was asked as well, if it recorded.
    pub fn ask_as(&mut self, other: &Oracle) {
        let other = other.asked.borrow();
        if let (Some(asked), Some(other)) = (self.asked.get_mut(), &*other) {
            let new: Vec<ClauseId> =
                other.iter().filter(|clause| !asked.contains(clause)).copied().collect();
            asked.extend(new);
        }
    }

    /// Ends recording: the clauses asked about, in order, each once.
    pub fn recorded(&mut self) -> Vec<ClauseId> {
        let asked = self.asked.borrow_mut().take().unwrap_or_default();
        self.plain = self.readings.is_own();
        asked
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
