//! Hypotheses that have come to the same state are one.

use super::{Hypothesis, Outcome};
use crate::clause::ClauseId;
use crate::readings::Reading;

/// Of results that lead to the same state one is kept, and which of the readings that set them
/// apart is taken stays open. What a kept result asked about and what did set it apart is fixed.
pub(super) fn merge<'p>(
    results: Vec<(Hypothesis<'p>, Outcome, Vec<ClauseId>)>,
) -> Vec<(Hypothesis<'p>, Outcome)> {
    let value = |h: &Hypothesis<'p>, clause| h.readings().fixed(clause).map_or(0, |r| r.value);
    let mut asked: Vec<ClauseId> = results.iter().flat_map(|(_, _, open)| open.clone()).collect();
    asked.sort_unstable();
    asked.dedup();
    // Each with what it asked about, and the readings in which its twins differ from it.
    let mut kept: Vec<(Hypothesis<'p>, Outcome, Vec<ClauseId>, Vec<ClauseId>)> = Vec::new();
    for (hypothesis, outcome, open) in results {
        let fits = matches!(outcome, Outcome::Fits);
        let twin = kept.iter().position(|(other, o, _, _)| {
            fits && matches!(o, Outcome::Fits) && other.same_state(&hypothesis)
        });
        match twin {
            Some(at) => {
                let (other, _, _, apart) = &mut kept[at];
                let differ = |c: &&ClauseId| value(other, **c) != value(&hypothesis, **c);
                apart.extend(asked.iter().filter(differ));
            }
            None => kept.push((hypothesis, outcome, open, Vec::new())),
        }
    }
    let settle =
        |(mut hypothesis, outcome, open, apart): (Hypothesis<'p>, Outcome, Vec<_>, Vec<_>)| {
            for clause in open {
                hypothesis.model.fix(Reading { clause, value: 0 });
            }
            for clause in apart {
                hypothesis.model.leave_open(clause);
            }
            (hypothesis, outcome)
        };
    kept.into_iter().map(settle).collect()
}

/// Drops hypotheses that are equal to one before them: a clock that runs by itself leads to the
/// same state at different entries.
pub(in crate::acceptor) fn drop_doubles(hypotheses: &mut Vec<Hypothesis<'_>>) {
    let mut kept: Vec<Hypothesis<'_>> = Vec::new();
    for hypothesis in hypotheses.drain(..) {
        if !kept.iter().any(|other| other.is_same(&hypothesis)) {
            kept.push(hypothesis);
        }
    }
    *hypotheses = kept;
}

impl Hypothesis<'_> {
    fn is_same(&self, other: &Hypothesis<'_>) -> bool {
        // What mostly differs comes first.
        self.model.timer_count() == other.model.timer_count()
            && self.readings() == other.readings()
            && self.same_state(other)
    }

    fn same_state(&self, other: &Hypothesis<'_>) -> bool {
        self.labels == other.labels
            && self.bindings == other.bindings
            && self.open == other.open
            && self.model.same_state(&other.model)
    }
}
