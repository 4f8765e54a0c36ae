//! Drives an RTMv2 implementation through its C interface and judges it.
//!
//! The library under test never runs in the process that judges: a worker loads it, runs
//! programs on it and sends back what happened, see [`worker`] and [`pool`].

pub mod engine;

pub mod library;

pub mod channel;

pub mod wire;

pub mod worker;

pub mod pool;

pub mod gate;
