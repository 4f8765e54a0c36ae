//! The model, seen from outside.

mod shared;

mod faults;

mod edits;
