//! How far a run has come, apart from what it has shown: a run can be taken up from there.

use super::prepared::until_end;
use super::{Run, queues};
use crate::program::resolve::Labels;
use crate::program::{ActorPlan, Program};
use crate::vocabulary::handle::Handle;

/// How far one actor has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Lane {
    /// Interleaved steps that it has begun.
    pub position: u32,
    /// The step that it began last.
    pub step: u32,
    pub blocked: bool,
    /// Every label that its next step needs is known to be bound.
    pub ready: bool,
}

/// How far a run has come.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Standing {
    /// What the labels stand for that are still needed.
    labels: Labels,
    lanes: Vec<Lane>,
    remaining: Vec<u32>,
    callbacks: usize,
    dead: bool,
}

impl Standing {
    /// Whether a label that is still needed stands for a handle.
    pub fn names(&self, handle: Handle) -> bool {
        self.labels.names(handle)
    }
}

/// How long the labels of a program are needed.
#[derive(Clone, Debug)]
pub struct Needed {
    /// For each label the place in the queue of each actor behind which no step needs it.
    last: Vec<Vec<u32>>,
}

impl Needed {
    /// The labels of a program.
    pub fn new(program: &Program) -> Needed {
        let queues = queues(program);
        let mut last = vec![vec![0; queues.len()]; program.labels.len()];
        let named = |step: u32| {
            let step = &program.steps[step as usize];
            // A step that is repeated adds to what it has found.
            step.labels().into_iter().chain(until_end(step).and(step.bind))
        };
        for (actor, queue) in queues.iter().enumerate() {
            for (place, step) in queue.iter().enumerate() {
                named(*step).for_each(|label| last[usize::from(label)][actor] = place as u32 + 1);
            }
        }
        // What comes in callbacks or after the interleaved part is always ahead.
        let scripts = program.actors.iter().flat_map(ActorPlan::scripts);
        let always = program.after.iter().chain(scripts.flat_map(|(_, steps)| steps));
        for label in always.flat_map(|step| named(*step)) {
            last[usize::from(label)].fill(u32::MAX);
        }
        Needed { last }
    }
}

impl Run<'_> {
    /// How far the run has come: what decides how it goes on, and nothing else.
    ///
    /// # Panics
    /// When it keeps account of what is held.
    pub fn standing(&self, needed: &Needed) -> Standing {
        let mut standing = Standing::default();
        self.stands(needed, &mut standing);
        standing
    }

    /// The same, put where memory may be used again.
    pub fn stands(&self, needed: &Needed, standing: &mut Standing) {
        assert!(self.holdings.is_none(), "what is held does not decide how a run goes on");
        let lanes = &self.lanes;
        let is_needed = |label: u16| {
            let last = &needed.last[usize::from(label)];
            lanes.iter().zip(last).any(|(lane, last)| lane.position < *last)
        };
        self.labels.trim(is_needed, &mut standing.labels);
        standing.lanes.clone_from(lanes);
        standing.remaining.clone_from(&self.remaining);
        standing.callbacks = self.callbacks;
        standing.dead = self.dead;
    }

    /// Goes to where a run of the same program has stood, without a history.
    pub fn stand_at(&mut self, standing: &Standing) {
        self.history.clear();
        self.labels.clone_from(&standing.labels);
        self.lanes.clone_from(&standing.lanes);
        self.remaining.clone_from(&standing.remaining);
        self.callbacks = standing.callbacks;
        self.dead = standing.dead;
        self.same_can_run = false;
    }
}
