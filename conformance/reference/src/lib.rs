//! The RTMv2 model behind the C interface, as a shared library.
//!
//! A call goes through four steps: what the caller's pointers lead to is copied into a `Call`,
//! the one model of the process carries it out, callbacks are run, and what the model showed is
//! written back. The library knows shapes and threads; every answer is the model's.
//!
//! Invariants: no lock is held while a callback runs; no panic crosses the boundary; a pointer is
//! checked for NULL before it is followed.

pub mod exports;

pub mod hooks;

mod process;

mod argument;

mod outputs;

mod memory;

mod pointers;

mod cells;

mod callback;

mod method;

mod settings;

mod tampering;

mod guard;

pub use guard::RTM_REFERENCE_PANIC;

/// Every rule of the model that does not hold now; for tests.
///
/// # Panics
/// When an earlier call has panicked.
pub fn broken_invariants() -> Vec<String> {
    process::lock().expect("no call has panicked").broken_invariants()
}

/// Calls that wait for another client now; for tests.
///
/// # Panics
/// When an earlier call has panicked.
pub fn waiting_calls() -> usize {
    process::lock().expect("no call has panicked").waiting_calls()
}
