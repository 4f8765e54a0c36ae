//! Hostile libraries: each file of C beside this one has one fault, and each must be told for
//! what it is without harm to anything else.
//!
//! This program is also the worker of its own tests.

mod programs;

mod cases;

mod answers;

mod lanes;

mod cleanup;

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use rtm_conformance::pool::{
    Isolation, Job, JobReport, LibrarySpec, RunReport, Schedule, Unusable, Worker,
};
use rtm_conformance::worker::worker_main;
use rtm_sim::program::Program;

fn main() {
    let mut arguments = env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "worker") {
        worker_main(arguments);
    }
    let folder = tempfile::tempdir().expect("a folder for the libraries can be had");
    let mut trials = Vec::new();
    for (name, case) in cases::all() {
        let folder = folder.path().to_owned();
        trials.push(Trial::test(name, move || case(&folder).map_err(Failed::from)));
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    drop(folder);
    conclusion.exit();
}

/// A time-out that is meant to be reached.
pub const IMPATIENT: Duration = Duration::from_millis(300);
/// A time-out that no machine reaches.
pub const PATIENT: Duration = Duration::from_secs(30);

/// Libraries that are compiled already: tests share them, and a file that another test writes
/// anew cannot be loaded.
static COMPILED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Compiles a file of C beside this one.
pub fn compile(folder: &Path, name: &str) -> PathBuf {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = folder.join(format!("lib{name}.so"));
    if compiled.contains(name) {
        return library;
    }
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-w", "-pthread", "-o"])
        .arg(&library)
        .arg("-I")
        .arg(here.join("abi/include"))
        .arg(here.join("tests/hostile").join(format!("{name}.c")))
        .status()
        .expect("a C compiler can be run");
    assert!(status.success(), "{name}.c does not compile");
    compiled.insert(String::from(name));
    library
}

/// How the library at `path` is driven in these tests.
pub fn spec(path: &Path) -> LibrarySpec {
    let mut spec = LibrarySpec::new(path).expect("this program knows where it is");
    if path.ends_with("libload-hang.so") {
        spec.load_timeout = IMPATIENT;
    }
    let small = path.ends_with("libmemory.so");
    spec.limits.address_space = Some(if small { 96 << 20 } else { 512 << 20 });
    spec.limits.stack_size = Some(1 << 20);
    spec.limits.file_size = Some(1 << 20);
    spec.limits.callbacks = 1000;
    spec
}

/// What came of a job.
pub struct Outcome {
    /// Its runs, in order.
    pub runs: Vec<RunReport>,
    /// What else was told.
    pub job: JobReport,
}

/// Runs `program` that many times.
pub fn run(
    worker: &mut Worker,
    program: &Program,
    count: usize,
    change: impl FnOnce(&mut Job<'_>),
) -> Result<Outcome, Unusable> {
    let schedules = vec![Schedule::Listed; count];
    let mut job = Job {
        program,
        schedules: &schedules,
        isolation: Isolation::Shared,
        timeout: PATIENT,
        flushed: false,
        patient: false,
        cleanup: true,
        parity: 0,
        configure: &[],
    };
    change(&mut job);
    let mut runs = Vec::new();
    let report = worker.run(&job, &mut |index, report| {
        assert_eq!(index as usize, runs.len(), "runs are reported in order");
        runs.push(report);
    })?;
    assert_eq!(runs.len(), count, "each run is reported");
    Ok(Outcome { runs, job: report })
}
