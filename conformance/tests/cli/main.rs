//! The command line, from outside: arguments, files and libraries in, exit codes and words out.
//!
//! Invariant: no input makes the program panic, so exit code 101 fails every case.

#[path = "../common/reference.rs"]
mod reference;

mod run;

mod exits;

mod libraries;

mod corpora;

mod files;

mod selection;

mod options;

mod expectations;

mod pipes;

mod repeats;

mod cleanup;

mod several;

mod waiting;

mod words;

mod verdicts;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test: its name, and what it does in a folder of its own.
pub type Case = (&'static str, fn(&run::Folder) -> run::Outcome);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if !arguments.list {
        reference::build_reference();
    }
    let tables = [
        exits::CASES,
        libraries::CASES,
        corpora::CASES,
        files::CASES,
        selection::CASES,
        options::CASES,
        expectations::CASES,
        pipes::CASES,
        repeats::CASES,
        cleanup::CASES,
        several::CASES,
        waiting::CASES,
        words::CASES,
        verdicts::CASES,
    ];
    let trial = |(name, case): &Case| {
        let case = *case;
        Trial::test(*name, move || case(&run::Folder::new()).map_err(Failed::from))
    };
    let trials = tables.into_iter().flatten().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
