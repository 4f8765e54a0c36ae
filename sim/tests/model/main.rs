//! The model, seen from outside.

mod holdings;

mod shared;

mod faults;

mod edits;

mod ledger;

mod random;

mod lists;

mod changes;

mod refusals;
