//! Text form of an RTMv2 history, and the committed snapshots.
//!
//! A history is shown step by step: who did it, the call in C spelling, what came of it, and the
//! clauses that decided each field. The text is stable to the byte and made to be reviewed in a
//! diff: one field a line, no numbers that shift when a step is added, no raw handles.
//! What is left out can be told from the rest:
//!
//! * `RtmRegHandle` where it is the handle that the actor's own registration gave it,
//! * pointers to room for outputs (the outputs follow; a NULL pointer is shown),
//! * members of a given structure that are zero,
//! * the middle of a long run of steps alike, of which a digest remains.
//!
//! Not here: what a history means, and reading or writing files.

#![forbid(unsafe_code)]

pub mod render;

pub mod outcomes;

pub mod difference;

mod names;

mod words;

mod walk;

pub use render::{Options, render};
