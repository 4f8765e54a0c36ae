//! The scenario language of the RTMv2 harness, and the corpus.
//!
//! A file goes through [`parse`] and comes out as a [`Scenario`], whose program any engine can
//! run, or as a list of all mistakes in it; [`simulate`] runs it on the model.
//! The manual of the language is the scenario `corpus/readme.toml`.

mod corpus;

mod syntax;

mod key;

mod checker;

mod scenario;

mod client;

mod method;

mod gather;

mod step;

mod argument;

mod parameter;

mod operand;

mod output;

mod label;

mod schema;

mod code;

mod diagnostic;

pub mod simulate;

pub use code::{Code, explain};
pub use corpus::{CorpusError, corpus, corpus_dir, corpus_files, load, read_file};
pub use diagnostic::{Diagnostic, nearest, report};
pub use scenario::{Heading, Limit, Requires, Scenario, Schedules, heading, parse};
pub use schema::schema;
