//! The seam: whatever can run calls of the interface.
//!
//! The model and a loaded library are its two implementations, and nothing else knows which of
//! them it drives. An engine is told what an actor does and reports what comes of it: the action
//! has ended, the actor is blocked, the implementation calls back, or nothing more is to report.

use crate::program::resolve::Members;
use crate::program::{Actor, Structure};
use crate::vocabulary::call::Call;
use crate::vocabulary::callback::{Answer, Told};
use crate::vocabulary::handle::Handle;
use crate::vocabulary::observation::Field;

/// An action with its operands resolved.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// Calls a function.
    Call(Call),
    /// Reads the structure behind a direct pointer.
    Read {
        /// The pointer.
        pointer: Handle,
        /// What it leads to.
        structure: Structure,
    },
    /// Writes members of the structure behind a direct pointer.
    Write {
        /// The pointer.
        pointer: Handle,
        /// What it leads to.
        structure: Structure,
        /// The members and what they are set to.
        members: Members,
    },
    /// Lets time pass, in milliseconds.
    Advance(u32),
    /// Waits until no event waits to be delivered.
    Settle,
}

/// What an engine reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The action of this actor has ended; its observation has been handed over.
    Ended(Actor),
    /// The implementation calls this actor back; the arguments have been handed over.
    Callback {
        /// Whose callback is called; `None` when the engine cannot tell.
        receiver: Option<Actor>,
        /// What for.
        told: Told,
    },
    /// This actor waits for something that another must do; what for has been handed over, if the
    /// engine knows.
    Blocked(Actor),
    /// Nothing more to report until something is begun.
    Idle,
}

/// Whatever executes calls.
pub trait Engine {
    /// Begins an action; its end, or that it blocks, is reported by [`Engine::next`].
    fn begin(&mut self, actor: Actor, operation: &Operation);

    /// The next thing to report, its fields added to `seen`.
    ///
    /// A callback that arrives on the stack of a C call cannot be parked; an engine that meets
    /// one hands it to `host` at once instead of reporting it.
    fn next(&mut self, host: &mut dyn Host, seen: &mut Vec<Field>) -> Event;

    /// Nothing else is left to be done: gives blocked actions a last time to end. What has ended
    /// is reported by [`Engine::next`].
    fn wait_for_blocked(&mut self) {}

    /// Who waits for whom, as far as the engine knows: each actor with those that hold it up.
    fn waits(&self) -> Vec<(Actor, Vec<Actor>)> {
        Vec::new()
    }

    /// Answers the callback that was reported last and not answered yet.
    fn answer(&mut self, answer: &Answer);
}

/// Whoever drives an engine.
pub trait Host {
    /// Reacts to a callback: runs what the scenario scripted for it, through `engine`, and gives
    /// its answer.
    fn callback(
        &mut self,
        engine: &mut dyn Engine,
        receiver: Option<Actor>,
        told: Told,
        seen: &[Field],
    ) -> Answer;
}

/// The host of an engine that hands no callback over: the model reports its own, and operations
/// that call nobody back have none.
#[derive(Clone, Copy, Debug)]
pub struct NoHost;

impl Host for NoHost {
    fn callback(&mut self, _: &mut dyn Engine, _: Option<Actor>, _: Told, _: &[Field]) -> Answer {
        unreachable!("no callback is handed over here")
    }
}
