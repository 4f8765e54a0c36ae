//! Judgements: what became of one history.

use super::hypothesis::{Hypothesis, function_of};
use crate::clause::{ClauseId, Strength};
use crate::history::History;
use crate::program::{Actor, Step};
use crate::readings::Reading;
use crate::vocabulary::call::Function;
use crate::vocabulary::observation::{Basis, Field, Place, Value};

/// The first field that no reading fits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Place in the history.
    pub entry: usize,
    /// Who acted, or was called back.
    pub actor: Actor,
    /// Line of the scenario file, where a step is concerned.
    pub line: Option<u32>,
    /// The function that was called; none for callbacks and reads.
    pub function: Option<Function>,
    /// Where.
    pub place: Place,
    /// What the model shows there; none where the documentation has nothing.
    pub expected: Option<Value>,
    /// What the library showed.
    pub observed: Option<Value>,
    /// The clauses that decide.
    pub basis: Basis,
}

impl Difference {
    /// A field that does not fit.
    pub fn field(
        step: Option<&Step>,
        actor: Actor,
        field: &Field,
        observed: Option<Value>,
    ) -> Difference {
        Difference {
            entry: 0,
            actor,
            line: step.map(|s| s.line),
            function: step.and_then(function_of),
            place: field.place,
            expected: Some(field.value),
            observed,
            basis: field.basis,
        }
    }

    /// How firmly the documentation forbids it, after all readings were tried.
    pub fn strength(&self) -> Strength {
        self.basis.strength_after_all_readings()
    }
}

/// What became of a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Some set of readings fits all of it.
    Match,
    /// No reading fits this field; the strength is the weakest over the hypotheses that were
    /// left when the last of them failed.
    Differ(Box<Difference>, Strength),
    /// From some point on nothing can be said, since the library went its own way where the
    /// documentation is silent. What came before fits.
    NotJudged(Option<Box<Difference>>),
}

/// A verdict, and what was learnt on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// What became of it.
    pub verdict: Verdict,
    /// Readings other than the model's own that the library takes.
    pub readings: Vec<Reading>,
    /// Silent clauses at which the library's answer was taken as it is.
    pub adopted: Vec<ClauseId>,
    /// Entries that were judged, and how many there are.
    pub judged: u32,
    /// All entries.
    pub total: u32,
}

impl Judgement {
    pub(super) fn not_judged(history: &History, at: usize) -> Judgement {
        Judgement {
            verdict: Verdict::NotJudged(None),
            readings: Vec::new(),
            adopted: Vec::new(),
            judged: at as u32,
            total: history.entries.len() as u32,
        }
    }

    /// The library gave a status that the scenario names as right; what follows is its own affair.
    pub(super) fn accepted(history: &History, at: usize) -> Judgement {
        Judgement { judged: at as u32 + 1, ..Judgement::not_judged(history, at) }
    }

    /// Every hypothesis has failed at entry `at`.
    pub(super) fn failed(
        history: &History,
        at: usize,
        failed: Vec<(Hypothesis<'_>, Difference)>,
    ) -> Judgement {
        let strength = failed.iter().map(|(_, d)| d.strength()).min();
        let strength = strength.unwrap_or(Strength::Silent);
        // The one that is shown: as weak as the verdict, and nearest to the model's own readings.
        let mut shown = failed.into_iter().filter(|(_, d)| d.strength() == strength);
        let first = shown.next();
        let mut judgement = Judgement::not_judged(history, at);
        let Some((hypothesis, mut difference)) = first else { return judgement };
        difference.entry = at;
        let readings = hypothesis.readings().iter();
        judgement.readings = readings.filter(|r| r.value != 0).collect();
        judgement.adopted.clone_from(&hypothesis.adopted);
        let difference = Box::new(difference);
        judgement.verdict = match strength {
            Strength::Silent => Verdict::NotJudged(Some(difference)),
            strength => Verdict::Differ(difference, strength),
        };
        judgement
    }
}
