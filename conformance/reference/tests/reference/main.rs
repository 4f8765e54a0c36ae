//! The library as clients see it: written in C, through bindings of others, on many threads, and
//! with arguments that make no sense.
//!
//! The process has one model, so a test holds [`shared::alone`] while it runs.

mod shared;

mod bindings;
mod c_clients;

mod callbacks;
mod calls;
mod cells;
mod methods;
mod pointers;
mod settings;

mod random;
mod threads;
