//! The words of the interface: functions, statuses, handles, flags, structures, observations.
//!
//! Nothing here knows the model. A worker that drives a library needs this, [`crate::program`]
//! and [`crate::schedule`], and no more.

pub mod status;

pub mod constants;

pub mod handle;

pub mod structures;

pub mod argument;

pub mod call;

pub mod basis;

pub mod callback;

pub mod observation;
