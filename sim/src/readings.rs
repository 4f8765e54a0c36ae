//! Readings: which of the answers that a clause admits, or forbids, is taken.
//!
//! One table serves three ends: the choices that the documentation leaves to an implementation,
//! the permitted variants that the gate must leave alone, and the planted faults that it must
//! catch. Value 0 is the model's own reading; the alternatives of a clause follow, and then the
//! forbidden ones.
//!
//! Not here: what a reading does. The code that takes it asks [`Readings::takes`].

use std::fmt;

use crate::clause::{CLAUSES, ClauseId};

/// One reading of one clause.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reading {
    /// The clause that leaves the choice, or that is broken.
    pub clause: ClauseId,
    /// 0 is the model's own; then the alternatives, then the forbidden ones, in catalogue order.
    pub value: u8,
}

impl Reading {
    /// The reading called `Function.slug=name`.
    ///
    /// # Errors
    /// Says which part is unknown, and what there is instead.
    pub fn parse(text: &str) -> Result<Reading, String> {
        let (id, name) =
            text.split_once('=').ok_or_else(|| format!("reading `{text}` is not CLAUSE=NAME"))?;
        let clause = ClauseId::find(id).ok_or_else(|| format!("no clause is called `{id}`"))?;
        let names = || named(clause).map(|r| r.name);
        match names().position(|n| n == name) {
            Some(index) => Ok(Reading { clause, value: index as u8 + 1 }),
            None => {
                let known: Vec<_> = names().collect();
                Err(format!("clause {id} has no reading `{name}`, only [{}]", known.join(", ")))
            }
        }
    }

    /// Whether the documentation forbids it.
    pub fn is_forbidden(self) -> bool {
        usize::from(self.value) > self.clause.clause().alternatives.len()
    }

    /// The name in the catalogue; the model's own reading is `choice`.
    pub fn name(self) -> &'static str {
        match self.value {
            0 => "choice",
            n => named(self.clause).nth(usize::from(n) - 1).map_or("?", |r| r.name),
        }
    }

    /// What the catalogue says that it does.
    pub fn text(self) -> &'static str {
        match self.value {
            0 => self.clause.clause().choice.unwrap_or(self.clause.clause().text),
            n => named(self.clause).nth(usize::from(n) - 1).map_or("?", |r| r.text),
        }
    }

    /// Every reading besides the model's own, permitted and forbidden.
    pub fn all() -> impl Iterator<Item = Reading> {
        ClauseId::all().flat_map(|clause| {
            (0..named(clause).count()).map(move |i| Reading { clause, value: i as u8 + 1 })
        })
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.clause, self.name())
    }
}

fn named(clause: ClauseId) -> impl Iterator<Item = &'static crate::clause::NamedReading> {
    let c = clause.clause();
    c.alternatives.iter().chain(&c.forbidden)
}

/// Which reading is taken at each clause, and which were asked for.
///
/// Few clauses depart from the model's own reading at any one time, so only those are kept, in
/// the order of their ids: equal tables are equal whatever the order they were set in.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Readings {
    taken: Vec<Reading>,
}

impl Readings {
    /// The model's own reading everywhere.
    pub const fn own() -> Readings {
        Readings { taken: Vec::new() }
    }

    /// Whether the model's own reading is taken everywhere.
    pub fn is_own(&self) -> bool {
        self.taken.iter().all(|r| r.value == 0)
    }

    /// Takes `reading` from now on, instead of any other of its clause.
    pub fn set(&mut self, reading: Reading) {
        match self.taken.binary_search_by_key(&reading.clause, |r| r.clause) {
            Ok(at) => self.taken[at] = reading,
            Err(at) => self.taken.insert(at, reading),
        }
    }

    /// Takes the model's own reading of a clause again.
    pub fn unset(&mut self, clause: ClauseId) {
        self.taken.retain(|r| r.clause != clause);
    }

    /// Parses `CLAUSE=NAME` entries separated by `;`, commas or white space.
    ///
    /// # Errors
    /// Names the first entry that is not a reading of the catalogue.
    pub fn parse(text: &str) -> Result<Readings, String> {
        let mut readings = Readings::own();
        let entries = text.split(|c: char| c == ';' || c == ',' || c.is_whitespace());
        for entry in entries.filter(|e| !e.is_empty()) {
            readings.set(Reading::parse(entry)?);
        }
        Ok(readings)
    }

    /// Whether `reading` is the one taken at its clause.
    #[inline]
    pub fn takes(&self, reading: Reading) -> bool {
        !self.taken.is_empty() && self.taken.contains(&reading)
    }

    /// The reading fixed at `clause`, the model's own included when it was set.
    pub fn fixed(&self, clause: ClauseId) -> Option<Reading> {
        self.taken.iter().copied().find(|r| r.clause == clause)
    }

    /// What was set, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = Reading> {
        self.taken.iter().copied()
    }
}

/// How many readings the catalogue knows, permitted and forbidden.
pub fn count() -> (usize, usize) {
    CLAUSES.iter().fold((0, 0), |(permitted, forbidden), c| {
        (permitted + c.alternatives.len(), forbidden + c.forbidden.len())
    })
}
