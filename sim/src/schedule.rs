//! Schedules: in which order the actors of a program take their turns.
//!
//! A scheduler sees the numbers of the actors that can run and how many steps each has left,
//! and nothing else: it knows neither the model nor the scenario language.
//!
//! Invariant: equal seeds give equal choices, on every machine and in every release.

pub mod rng;

pub mod token;

use crate::program::Actor;
use rng::Rng;

/// Chooses who takes the next turn.
pub trait Scheduler {
    /// Picks one of `runnable`, which is not empty and ascending; `remaining` holds the steps
    /// left, one entry an actor of the program.
    fn choose(&mut self, runnable: &[Actor], remaining: &[u32]) -> Actor;
}

/// File order.
#[derive(Clone, Debug)]
pub struct Listed {
    order: Vec<Actor>,
    next: usize,
}

impl Listed {
    /// Follows `order`, the actors of the interleaved steps in file order.
    pub fn new(order: Vec<Actor>) -> Listed {
        Listed { order, next: 0 }
    }
}

impl Scheduler for Listed {
    fn choose(&mut self, runnable: &[Actor], _remaining: &[u32]) -> Actor {
        // A turn whose actor cannot run is kept for later.
        let rest = &self.order[self.next.min(self.order.len())..];
        match rest.iter().position(|actor| runnable.contains(actor)) {
            Some(0) => {
                self.next += 1;
                rest[0]
            }
            Some(at) => {
                let at = self.next + at;
                let actor = self.order.remove(at);
                self.order.insert(self.next, actor);
                self.next += 1;
                actor
            }
            None => runnable[0],
        }
    }
}

/// Each actor in turn.
#[derive(Clone, Default, Debug)]
pub struct RoundRobin {
    last: Option<Actor>,
}

impl Scheduler for RoundRobin {
    fn choose(&mut self, runnable: &[Actor], _remaining: &[u32]) -> Actor {
        let next = runnable.iter().copied().find(|actor| Some(*actor) > self.last);
        let actor = next.unwrap_or(runnable[0]);
        self.last = Some(actor);
        actor
    }
}

/// A random interleaving, each as likely as any other.
#[derive(Clone, Debug)]
pub struct Random {
    rng: Rng,
}

impl Random {
    /// The interleaving that belongs to `seed`.
    pub fn new(seed: u64) -> Random {
        Random { rng: Rng::new(seed, rng::Purpose::Interleaving) }
    }
}

impl Scheduler for Random {
    fn choose(&mut self, runnable: &[Actor], remaining: &[u32]) -> Actor {
        // Of all interleavings of the steps left, the share that begins with an actor is that
        // actor's share of the steps left.
        let total: u32 = runnable.iter().map(|actor| remaining[usize::from(*actor)]).sum();
        let mut ticket = self.rng.below(total.max(1));
        for actor in runnable {
            let share = remaining[usize::from(*actor)];
            if ticket < share {
                return *actor;
            }
            ticket -= share;
        }
        runnable[0]
    }
}

/// The choices of a token, as far as they can be followed.
#[derive(Clone, Debug)]
pub struct Replay {
    choices: Vec<Actor>,
    next: usize,
    /// Turns at which the chosen actor could not run.
    pub departures: Vec<usize>,
}

impl Replay {
    /// Follows `choices`.
    pub fn new(choices: Vec<Actor>) -> Replay {
        Replay { choices, next: 0, departures: Vec::new() }
    }
}

impl Scheduler for Replay {
    fn choose(&mut self, runnable: &[Actor], _remaining: &[u32]) -> Actor {
        let turn = self.next;
        self.next += 1;
        match self.choices.get(turn) {
            Some(actor) if runnable.contains(actor) => *actor,
            _ => {
                self.departures.push(turn);
                runnable[0]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn interleave(mut scheduler: impl Scheduler, counts: &[u32]) -> Vec<Actor> {
        let mut remaining = counts.to_vec();
        let mut order = Vec::new();
        loop {
            let live = (0..counts.len()).filter(|actor| remaining[*actor] != 0);
            let runnable: Vec<Actor> = live.map(|actor| actor as Actor).collect();
            if runnable.is_empty() {
                return order;
            }
            let actor = scheduler.choose(&runnable, &remaining);
            remaining[usize::from(actor)] -= 1;
            order.push(actor);
        }
    }

    #[test]
    fn strategies_give_the_orders_they_are_named_after() {
        assert_eq!(interleave(Listed::new(vec![1, 0, 1, 0]), &[2, 2]), [1, 0, 1, 0]);
        assert_eq!(interleave(RoundRobin::default(), &[2, 1, 2]), [0, 1, 2, 0, 2]);
        assert_eq!(interleave(Replay::new(vec![1, 1, 0]), &[1, 2]), [1, 1, 0]);
    }

    #[test]
    fn listed_keeps_the_turn_of_an_actor_that_cannot_run() {
        let mut listed = Listed::new(vec![0, 1, 0]);
        assert_eq!(listed.choose(&[1], &[2, 1]), 1);
        assert_eq!(listed.choose(&[0], &[2, 0]), 0);
    }

    #[test]
    fn random_is_uniform_over_interleavings() {
        // 2 + 2 steps have six interleavings; each must come about as often as any other.
        let mut counts: BTreeMap<Vec<Actor>, u32> = BTreeMap::new();
        for seed in 0..6000 {
            *counts.entry(interleave(Random::new(seed), &[2, 2])).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        for (order, count) in counts {
            assert!((850..1150).contains(&count), "{order:?} came {count} times of 6000");
        }
    }
}
