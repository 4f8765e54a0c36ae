//! Tests of the text form, and of the way in which snapshots are kept.

mod keep;

mod corpus;

mod programs;

mod rendering;

mod robust;
