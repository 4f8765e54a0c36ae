//! Deterministic model of the RTMv2 interface, its schedulers and its acceptor.
//!
//! Pure: no files, clock, threads, hash-map order or environment reach a result.
//! Read the modules in the order below.

#![forbid(unsafe_code)]

pub mod clause;

pub mod readings;

pub mod vocabulary;

pub mod digest;

pub mod program;

pub mod schedule;

pub mod engine;

pub mod history;

pub mod holdings;

pub mod run;

pub mod model;

pub mod acceptor;

pub mod explore;
