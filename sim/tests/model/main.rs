//! The model, seen from outside.

mod shared;

mod faults;

mod edits;

mod ledger;

mod random;
