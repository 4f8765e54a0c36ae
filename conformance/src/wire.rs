//! The compact form in which histories travel from a worker to its parent.
//!
//! Invariant: whatever bytes arrive, decoding neither panics nor takes more memory than a fixed
//! multiple of their number; the sender may be a process whose memory was overwritten.
//!
//! Not here: programs, which travel as JSON, and the channel; see [`crate::worker`].

pub mod bytes;

pub mod history;

pub mod message;
