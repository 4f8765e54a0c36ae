//! Many random interleavings of one program on the model, their common beginnings run once.
//!
//! Only the interleaved part: what comes after it is not run. So far it serves the benchmark.
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
    first_seed: u64,
    /// What each seed chooses by, in the order of the seeds.
    randoms: Vec<Random>,
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
        let state = State { model, run };
        Seeds { state, first_seed: 0, randoms: Vec::new(), before: Vec::new(), turns: 0 }
    }

    /// Calls `visit` once for each seed, with its run: the history is that of the interleaved
    /// part. Seeds come in the order of their interleavings.
    pub fn visit(&mut self, seeds: Range<u64>, visit: &mut dyn FnMut(u64, &Run<'p>)) {
        let first = self.state.clone();
        self.first_seed = seeds.start;
        self.randoms.clear();
        self.randoms.extend(seeds.map(Random::new));
        let all: Vec<u32> = (0..self.randoms.len() as u32).collect();
        self.descend(0, &all, visit);
        self.state.restore(&first);
    }

    fn descend(&mut self, depth: usize, group: &[u32], visit: &mut dyn FnMut(u64, &Run<'p>)) {
        let runnable = self.state.run.runnable().to_vec();
        if runnable.is_empty() {
            // Either all is done or nobody can go on; the run itself says which.
            self.state.run.interleave(&mut self.state.model, &mut Random::new(0));
            for seed in group {
                visit(self.first_seed + u64::from(*seed), &self.state.run);
            }
            return;
        }
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); runnable.len()];
        for seed in group {
            let random = &mut self.randoms[*seed as usize];
            let actor = random.choose(&runnable, self.state.run.remaining());
            let at = runnable.iter().position(|other| *other == actor);
            parts[at.expect("a runnable actor is chosen")].push(*seed);
        }
        let branches = 1 < parts.iter().filter(|part| !part.is_empty()).count();
        if branches {
            match self.before.get_mut(depth) {
                Some(saved) => saved.restore(&self.state),
                None => self.before.resize(depth + 1, self.state.clone()),
            }
        }
        let chosen = runnable.iter().zip(parts).filter(|(_, part)| !part.is_empty());
        for (nth, (actor, part)) in chosen.enumerate() {
            if nth != 0 {
                self.state.restore(&self.before[depth]);
            }
            self.turns += 1;
            self.state.run.turn(&mut self.state.model, *actor);
            self.descend(depth + 1, &part, visit);
        }
    }
}
