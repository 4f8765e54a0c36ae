//! Many random interleavings of one program on the model, their common beginnings run once.
//!
//! Every seed gives the interleaving that it gives on its own, and every observation of it is
//! handed over; seeds whose interleavings begin alike share the states of that beginning. The
//! interleavings form a tree, which is walked depth first.

use std::ops::Range;

use crate::model::Model;
use crate::program::Program;
use crate::run::Run;
use crate::schedule::{Random, Scheduler};

/// A model and a run that stand before the same turn.
#[derive(Clone, Debug)]
struct State<'p> {
    model: Model,
    run: Run<'p>,
}

impl<'p> State<'p> {
    fn restore(&mut self, other: &State<'p>) {
        self.model.restore(&other.model);
        self.run.restore(&other.run);
    }
}

/// Walks the interleavings of a range of seeds.
#[derive(Debug)]
pub struct Seeds<'p> {
    state: State<'p>,
    /// States before the turns that lead here, one a turn.
    before: Vec<State<'p>>,
    /// Turns made, over all interleavings; those of a common beginning count once.
    pub turns: u64,
}

impl<'p> Seeds<'p> {
    /// Runs what comes before the interleaved part, on a model in its first state.
    pub fn new(program: &'p Program, mut model: Model) -> Seeds<'p> {
        let mut run = Run::new(program);
        run.prepare(&mut model);
        run.forget_history();
        Seeds { state: State { model, run }, before: Vec::new(), turns: 0 }
    }

    /// Calls `visit` once for each seed, with its run: the history is that of the interleaved
    /// part. Seeds come in the order of their interleavings.
    pub fn visit(&mut self, seeds: Range<u64>, visit: &mut dyn FnMut(u64, &Run<'p>)) {
        let first = self.state.clone();
        let group = seeds.map(|seed| (seed, Random::new(seed))).collect();
        self.descend(0, group, visit);
        self.state.restore(&first);
    }

    fn descend(
        &mut self,
        depth: usize,
        group: Vec<(u64, Random)>,
        visit: &mut dyn FnMut(u64, &Run<'p>),
    ) {
        let runnable = self.state.run.runnable();
        if runnable.is_empty() {
            // Either all is done or nobody can go on; the run itself says which.
            self.state.run.interleave(&mut self.state.model, &mut Random::new(0));
            group.iter().for_each(|(seed, _)| visit(*seed, &self.state.run));
            return;
        }
        let mut parts: Vec<(u8, Vec<(u64, Random)>)> =
            runnable.iter().map(|actor| (*actor, Vec::new())).collect();
        for (seed, mut random) in group {
            let actor = random.choose(&runnable, self.state.run.remaining());
            let part = parts.iter_mut().find(|(other, _)| *other == actor);
            part.expect("a runnable actor is chosen").1.push((seed, random));
        }
        parts.retain(|(_, part)| !part.is_empty());
        let branches = 1 < parts.len();
        if branches {
            match self.before.get_mut(depth) {
                Some(saved) => saved.restore(&self.state),
                None => {
                    while self.before.len() <= depth {
                        self.before.push(self.state.clone());
                    }
                }
            }
        }
        for (nth, (actor, part)) in parts.into_iter().enumerate() {
            if nth != 0 {
                self.state.restore(&self.before[depth]);
            }
            self.turns += 1;
            self.state.run.turn(&mut self.state.model, actor);
            self.descend(depth + 1, part, visit);
        }
    }
}
