//! The worker: a process that loads a library and runs programs on it for a parent that judges.
//!
//! The worker itself is a *zygote*: small, of one thread, and it does nothing but fork. Each job
//! is done by a child of it, or each run by one of its own where the library cannot be taken back
//! to its first state. A child may end in any way; the zygote reports how.
//!
//! Invariants: the library is loaded in the zygote only after a child has loaded it without harm
//! and without starting a thread; no child outlives its job; nothing is ever written to the
//! standard output of the worker but by the library.

pub mod journal;

mod zygote;

mod child;

mod stage;

mod outbox;

mod recorder;

mod traps;

mod inventory;

use std::ffi::OsString;

/// How long runs that are made are kept to be sent together, in milliseconds.
pub const KEPT_MS_MAX: u64 = 100;

/// Runs the worker on its standard input, which is the channel to the parent; never returns.
///
/// The program that offers the hidden command `worker` calls this before it does anything else:
/// a worker with a second thread cannot fork.
pub fn worker_main(_arguments: impl IntoIterator<Item = OsString>) -> ! {
    zygote::run()
}
