//! The parent's side of a worker: start it, give it jobs, take histories, end what hangs.
//!
//! A [`Worker`] drives one library and does one job at a time; a judge on several threads has one
//! each. Nothing that the library does reaches the thread that judges: a job always comes back,
//! with an [`End`] for each run.

mod elf;

mod unusable;

mod report;

mod strays;

mod process;

mod job;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rtm_sim::program::Program;
use serde::{Deserialize, Serialize};

pub use self::job::REMARKS_MAX;
pub use self::process::Hello;
pub use self::report::{End, RunReport};
pub use self::unusable::Unusable;
use crate::engine::time::Waits;
pub use crate::wire::message::Schedule;

/// What a library may use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// Bytes of address space; `None` for no limit, which a sanitizer needs.
    pub address_space: Option<u64>,
    /// Bytes of one file.
    pub file_size: Option<u64>,
    /// Bytes of the main stack.
    pub stack_size: Option<u64>,
    /// Callbacks in one run.
    pub callbacks: u32,
    /// Longest time that is let pass at once where there is no hook, in milliseconds.
    pub advance_ms_max: u32,
    /// Time without a callback after which a library counts as settled, in milliseconds.
    pub quiet_ms: u32,
    /// Longest time that is waited until a library is settled, in milliseconds.
    pub settle_ms_max: u32,
    /// Time after which a call that sleeps counts as blocked, whatever it waits for, in
    /// milliseconds. A call that is busy never does.
    pub block_ms_max: u32,
}

/// How many times as long a library is waited for where a callback has been missed.
const PATIENCE: u32 = 10;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            address_space: Some(2 << 30),
            file_size: Some(64 << 20),
            stack_size: Some(8 << 20),
            callbacks: 100_000,
            advance_ms_max: 30_000,
            quiet_ms: 20,
            settle_ms_max: 2_000,
            block_ms_max: 500,
        }
    }
}

impl Limits {
    /// How long is waited in real time.
    pub fn waits(&self, patient: bool) -> Waits {
        Waits {
            advance_ms_max: self.advance_ms_max,
            quiet_ms: self.quiet_ms.saturating_mul(if patient { PATIENCE } else { 1 }),
            settle_ms_max: self.settle_ms_max,
            block_ms_max: self.block_ms_max,
        }
    }
}

/// How a worker is started.
#[derive(Clone, Debug)]
pub struct WorkerCommand {
    /// The program, which calls [`worker_main`](crate::worker::worker_main).
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl WorkerCommand {
    /// This program with the argument `worker`.
    ///
    /// # Errors
    /// When the system does not tell where this program is.
    pub fn this_program() -> io::Result<WorkerCommand> {
        let program = std::env::current_exe()?;
        Ok(WorkerCommand { program, arguments: vec![OsString::from("worker")] })
    }
}

/// A library, and how it is driven.
#[derive(Clone, Debug)]
pub struct LibrarySpec {
    /// Where it is.
    pub path: PathBuf,
    /// Variables that its processes get besides those of the caller.
    pub environment: Vec<(OsString, OsString)>,
    /// How workers are started.
    pub command: WorkerCommand,
    /// What it may use.
    pub limits: Limits,
    /// How long loading may take.
    pub load_timeout: Duration,
}

impl LibrarySpec {
    /// The library at `path`, driven by this program, with the usual limits.
    ///
    /// # Errors
    /// When the system does not tell where this program is.
    pub fn new(path: impl Into<PathBuf>) -> io::Result<LibrarySpec> {
        Ok(LibrarySpec {
            path: path.into(),
            environment: Vec::new(),
            command: WorkerCommand::this_program()?,
            limits: Limits::default(),
            load_timeout: Duration::from_secs(10),
        })
    }
}

/// A program and the runs of it that are wanted.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// What is run.
    pub program: &'a Program,
    /// One a run, in order.
    pub schedules: &'a [Schedule],
    /// Which processes make the runs.
    pub isolation: Isolation,
    /// How long a run may take.
    pub timeout: Duration,
    /// Whether each entry is sent at once, so that of a run that ends badly everything is known.
    pub flushed: bool,
    /// Whether a library that does not tell when it is settled is waited for longer.
    pub patient: bool,
    /// Whether what a run still holds at its end is given back, after its history is whole.
    pub cleanup: bool,
    /// Added to the number of the run to choose the patterns that memory is filled with.
    pub parity: u32,
    /// Limits of the library that are set through its hook before the first run.
    pub configure: &'a [(String, u64)],
}

/// Which processes make the runs of a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isolation {
    /// One for all, if the library can be taken back to its first state; otherwise one each.
    Shared,
    /// One each.
    Fresh,
    /// One each, and nobody looks for what they leave behind.
    Unwatched,
}

/// What came of a job beside its runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JobReport {
    /// What the library left behind or did after the last step, each once.
    pub remarks: Vec<String>,
    /// Processes that ended while something was given back. From the first on the runs of the job
    /// are not cleaned up any more.
    pub lost_cleanups: u32,
}

/// A worker with its library loaded.
#[derive(Debug)]
pub struct Worker {
    spec: LibrarySpec,
    process: process::Process,
}

impl Worker {
    /// Starts a worker and lets it load the library.
    ///
    /// # Errors
    /// When the library cannot be used, or no worker can be started.
    pub fn spawn(spec: &LibrarySpec) -> Result<Worker, Unusable> {
        elf::check(&spec.path)?;
        let process = process::Process::start(spec)?;
        Ok(Worker { spec: spec.clone(), process })
    }

    /// What the library offers.
    pub fn hello(&self) -> &Hello {
        &self.process.hello
    }

    /// Makes the runs of a job and reports each, in order, as soon as it is known.
    ///
    /// # Errors
    /// When no worker can be started any more.
    pub fn run(
        &mut self,
        job: &Job<'_>,
        on_run: &mut dyn FnMut(u32, RunReport),
    ) -> Result<JobReport, Unusable> {
        job::Conduct::new(self, job, on_run).conduct()
    }

    /// Ends the process of the worker and starts another one; tells how many processes the library
    /// had left behind.
    fn restart(&mut self) -> Result<u32, Unusable> {
        let strays = self.process.end();
        self.process = process::Process::start(&self.spec)?;
        Ok(strays)
    }
}
