//! The corpus against the reference library, one test a scenario, through the C interface; and
//! scenarios that are made of the prefixes of a routing table, see [`table`].
//!
//! Takes the arguments of libtest. The library is built first, so that it is never a stale one.

#[path = "../common/reference.rs"]
mod reference;

#[path = "../common/prefixes.rs"]
mod prefixes;

mod table;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use reference::{build_reference, reference};
use rtm_conformance::gate::verdict::Kind;
use rtm_conformance::gate::{Options, Selected, conduct};
use rtm_conformance::pool::{Isolation, LibrarySpec, Worker, WorkerCommand};
use rtm_scenarios::{Scenario, corpus, parse, report};

/// Workers that are free.
static FREE: Mutex<Vec<Worker>> = Mutex::new(Vec::new());

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = corpus()
        .map(|(name, text)| Trial::test(name, move || conform(name, text)).with_kind("scenario"));
    let mut trials: Vec<Trial> = trials.collect();
    trials.extend(table::trials());
    if !arguments.list {
        build_reference();
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn conform(name: &str, text: &str) -> Result<(), Failed> {
    let scenario = parse(name, text).map_err(|found| Failed::from(report(&found, false)))?;
    judge(name, scenario)
}

/// Runs a scenario on the library.
fn judge(name: &str, scenario: Scenario) -> Result<(), Failed> {
    let selected = Selected { name: name.to_owned(), scenario };
    let taken = FREE.lock().expect("no test panics with the lock").pop();
    let mut worker = match taken {
        Some(worker) => worker,
        None => {
            let mut spec = LibrarySpec::new(reference())?;
            spec.command = WorkerCommand {
                program: PathBuf::from(env!("CARGO_BIN_EXE_rtm")),
                arguments: vec![OsString::from("worker")],
            };
            Worker::spawn(&spec)?
        }
    };
    let options = Options {
        strict: true,
        hazards: true,
        seed: 1,
        seeds: None,
        schedule: None,
        isolation: Isolation::Shared,
        fail_fast: false,
        timeout: Duration::from_secs(60),
        configure: Vec::new(),
        threads: 1,
        shown_program: String::from("rtm"),
        shown_path: None,
        shown_options: String::from(" --strict --hazards"),
    };
    let result = conduct::conduct(&mut worker, &selected, &options)?;
    FREE.lock().expect("no test panics with the lock").push(worker);
    match result.kind {
        Kind::Match if result.judged.0 != result.judged.1 => {
            Err(format!("of its entries are judged: {:?}", result.judged).into())
        }
        Kind::Match if result.remarks.is_empty() => Ok(()),
        kind => Err(format!("{}: {} {:?}", kind.word(), result.report, result.remarks).into()),
    }
}
