//! The C interface of RTMv2: types, constants, function table, header.
//!
//! Everything that crosses the boundary between this project and a routing table manager is
//! written down once, here: the loader and the worker call through [`table::FunctionTable`], the
//! reference exports its functions with [`rtm_functions!`], and the C header in `include/` is
//! printed from the same tables.
//!
//! Invariants: sizes, alignments and offsets are those of the Windows header, asserted at compile
//! time for 64 and for 32 bits; this package depends on nothing.
//!
//! Not here: what a call does. This package knows shapes, names and numbers only.

pub mod types;

pub mod constants;

pub mod layout;

pub mod functions;

pub mod table;

pub mod describe;

pub mod header;
