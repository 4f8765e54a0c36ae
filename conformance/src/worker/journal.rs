//! The journal: a page of memory that worker and parent share, and that survives the worker.
//!
//! A child writes what it is about to do before it does it, so that whoever ends it can be named.
//!
//! Invariant: a page may hold anything, because the library can write to it; reading checks.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use rtm_sim::engine::Operation;
use rtm_sim::program::Actor;
use rtm_sim::vocabulary::call::Function;

use crate::wire::bytes::{Malformed, Reader, put_number};

const PAGE_SIZE: usize = 4096;

/// What a child does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u32)]
pub enum Phase {
    /// Nothing yet.
    #[default]
    Starting,
    /// It loads the library.
    Loading,
    /// It sets limits through the hook.
    Configuring,
    /// It goes back to the first state through the hook.
    Resetting,
    /// It runs a program.
    Running,
    /// It gives back what a run still held; the run itself is over.
    Cleaning,
    /// All runs are made; threads of the library may still do something.
    Ending,
    /// It unloads the library.
    Unloading,
    /// It has done everything.
    Done,
}

const PHASES: [Phase; 9] = [
    Phase::Starting,
    Phase::Loading,
    Phase::Configuring,
    Phase::Resetting,
    Phase::Running,
    Phase::Cleaning,
    Phase::Ending,
    Phase::Unloading,
    Phase::Done,
];

/// An operation, as far as a journal names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begun {
    /// A function was called.
    Call(Function),
    /// A structure was read through a pointer.
    Read,
    /// A structure was written through a pointer.
    Write,
    /// Time was let pass.
    Advance,
    /// It was waited for events.
    Settle,
}

impl fmt::Display for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Begun::Call(function) => function.name(),
            Begun::Read => "a read through a pointer",
            Begun::Write => "a write through a pointer",
            Begun::Advance => "letting time pass",
            Begun::Settle => "waiting for events",
        })
    }
}

/// Marks that a child leaves before it ends itself, or is ended.
pub mod mark {
    /// The stack was used up.
    pub const STACK_OVERFLOW: u32 = 1;
    /// The budget of callbacks was spent.
    pub const CALLBACK_BUDGET: u32 = 2;
    /// A callback of ours panicked.
    pub const PANICKED: u32 = 4;
    /// The channel to the parent was gone.
    pub const CHANNEL_LOST: u32 = 8;
    /// A fault was met at the address that the journal holds.
    pub const HAS_ADDRESS: u32 = 16;
    /// Everything was done. A mark, because a copy of the process that comes out of a call writes
    /// to the same journal and goes back to an earlier phase.
    pub const DONE: u32 = 32;
}

#[repr(C)]
struct Page {
    pid: AtomicU32,
    phase: AtomicU32,
    run: AtomicU32,
    step: AtomicU32,
    actor: AtomicU32,
    begun: AtomicU32,
    operation: AtomicU32,
    depth: AtomicU32,
    marks: AtomicU32,
    address: AtomicU64,
}

/// What a journal held at some time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    /// What the child did.
    pub phase: Phase,
    /// Which run it was at.
    pub run: u32,
    /// Index of the step that began last; `None` before the first one.
    pub step: Option<u32>,
    /// Who made it.
    pub actor: Actor,
    /// The operation that began last.
    pub begun: Option<Begun>,
    /// Operations begun in the run.
    pub operations: u32,
    /// Callbacks that run.
    pub callback_depth: u32,
    /// See [`mark`].
    pub marks: u32,
    /// Address of a memory fault.
    pub fault_address: u64,
}

/// A mapped journal.
#[derive(Debug)]
pub struct Journal {
    page: NonNull<Page>,
}

// SAFETY: every access to the page is atomic.
unsafe impl Send for Journal {}

// SAFETY: as above.
unsafe impl Sync for Journal {}

/// Makes the memory of a journal.
///
/// # Errors
/// When the system has no memory or no descriptor left.
pub fn create() -> io::Result<OwnedFd> {
    // SAFETY: the name is a C string, and the flag is one of the call.
    let fd = unsafe { libc::memfd_create(c"rtm-journal".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: the descriptor is open.
    match unsafe { libc::ftruncate(fd.as_raw_fd(), PAGE_SIZE as libc::off_t) } {
        0 => Ok(fd),
        _ => Err(io::Error::last_os_error()),
    }
}

impl Journal {
    /// Maps the memory of a journal.
    ///
    /// # Errors
    /// When the descriptor is none of a journal, or the system has no room.
    pub fn map(fd: BorrowedFd<'_>) -> io::Result<Journal> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping is asked for, wherever the system likes it.
        let page = unsafe {
            let fd = fd.as_fd().as_raw_fd();
            libc::mmap(std::ptr::null_mut(), PAGE_SIZE, access, libc::MAP_SHARED, fd, 0)
        };
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        NonNull::new(page.cast()).map(|page| Journal { page }).ok_or_else(io::Error::last_os_error)
    }

    fn page(&self) -> &Page {
        // SAFETY: the mapping lives as long as the journal, is larger than a `Page` and aligned to
        // a page; all members are atomic, so that other processes may write to them.
        unsafe { self.page.as_ref() }
    }

    /// The process that the journal is about; 0 for none.
    pub fn pid(&self) -> i32 {
        self.page().pid.load(Relaxed) as i32
    }

    /// The run that is made now.
    pub fn run(&self) -> u32 {
        self.page().run.load(Relaxed)
    }

    /// Begins the journal of a child.
    pub fn begin(&self, pid: i32, run: u32) {
        let page = self.page();
        self.begin_run(run);
        page.marks.store(0, Relaxed);
        page.address.store(0, Relaxed);
        page.phase.store(Phase::Starting as u32, Relaxed);
        page.pid.store(pid as u32, Relaxed);
    }

    /// There is no child any more.
    pub fn end(&self) {
        self.page().pid.store(0, Relaxed);
    }

    /// The child does something else from now on.
    pub fn enter(&self, phase: Phase) {
        self.page().phase.store(phase as u32, Relaxed);
    }

    /// A run begins.
    pub fn begin_run(&self, run: u32) {
        let page = self.page();
        page.run.store(run, Relaxed);
        page.step.store(0, Relaxed);
        page.begun.store(0, Relaxed);
        page.operation.store(0, Relaxed);
        page.depth.store(0, Relaxed);
    }

    /// An operation begins.
    pub fn begin_operation(&self, actor: Actor, step: u32, operation: &Operation) {
        let page = self.page();
        page.actor.store(actor.into(), Relaxed);
        page.step.store(step.saturating_add(1), Relaxed);
        page.begun.store(code_of(operation), Relaxed);
        page.operation.fetch_add(1, Relaxed);
    }

    /// An operation begins that belongs to no step.
    pub fn begin_operation_of_no_step(&self, actor: Actor, operation: &Operation) {
        self.begin_operation(actor, 0, operation);
        self.page().step.store(0, Relaxed);
    }

    /// A callback begins.
    pub fn begin_callback(&self) {
        self.page().depth.fetch_add(1, Relaxed);
    }

    /// A callback ends.
    pub fn end_callback(&self) {
        self.page().depth.fetch_sub(1, Relaxed);
    }

    /// Leaves a mark; safe within a signal handler.
    pub fn mark(&self, mark: u32) {
        self.page().marks.fetch_or(mark, Relaxed);
    }

    /// Keeps the address of a memory fault; safe within a signal handler.
    pub fn mark_fault(&self, address: u64, marks: u32) {
        self.page().address.store(address, Relaxed);
        self.mark(marks | mark::HAS_ADDRESS);
    }

    /// What the journal holds now.
    pub fn snapshot(&self) -> Snapshot {
        let page = self.page();
        Snapshot {
            phase: phase_of(page.phase.load(Relaxed)),
            run: page.run.load(Relaxed),
            step: page.step.load(Relaxed).checked_sub(1),
            actor: page.actor.load(Relaxed) as Actor,
            begun: begun_of(page.begun.load(Relaxed)),
            operations: page.operation.load(Relaxed),
            callback_depth: page.depth.load(Relaxed),
            marks: page.marks.load(Relaxed),
            fault_address: page.address.load(Relaxed),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nothing refers to it any more.
        unsafe { libc::munmap(self.page.as_ptr().cast(), PAGE_SIZE) };
    }
}

fn phase_of(code: u32) -> Phase {
    PHASES.get(code as usize).copied().unwrap_or_default()
}

const READ: u32 = 101;
const WRITE: u32 = 102;
const ADVANCE: u32 = 103;
const SETTLE: u32 = 104;

fn code_of(operation: &Operation) -> u32 {
    match operation {
        Operation::Call(call) => call.function() as u32 + 1,
        Operation::Read { .. } => READ,
        Operation::Write { .. } => WRITE,
        Operation::Advance(_) => ADVANCE,
        Operation::Settle => SETTLE,
    }
}

fn begun_of(code: u32) -> Option<Begun> {
    match code {
        READ => Some(Begun::Read),
        WRITE => Some(Begun::Write),
        ADVANCE => Some(Begun::Advance),
        SETTLE => Some(Begun::Settle),
        _ => Function::ALL.get(code.checked_sub(1)? as usize).map(|f| Begun::Call(*f)),
    }
}

impl Snapshot {
    /// Appends the snapshot.
    pub fn put(&self, bytes: &mut Vec<u8>) {
        let begun = match self.begun {
            None => 0,
            Some(Begun::Call(function)) => function as u32 + 1,
            Some(Begun::Read) => READ,
            Some(Begun::Write) => WRITE,
            Some(Begun::Advance) => ADVANCE,
            Some(Begun::Settle) => SETTLE,
        };
        let step = self.step.map_or(0, |step| u64::from(step) + 1);
        let numbers = [self.phase as u32, self.run, self.actor.into(), begun, self.operations];
        numbers.iter().for_each(|number| put_number(bytes, (*number).into()));
        put_number(bytes, step);
        put_number(bytes, self.callback_depth.into());
        put_number(bytes, self.marks.into());
        put_number(bytes, self.fault_address);
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    /// When the bytes are no snapshot.
    pub fn take(reader: &mut Reader<'_>) -> Result<Snapshot, Malformed> {
        Ok(Snapshot {
            phase: phase_of(reader.narrow()?),
            run: reader.narrow()?,
            actor: reader.narrow()?,
            begun: begun_of(reader.narrow()?),
            operations: reader.narrow()?,
            step: reader.number()?.checked_sub(1).and_then(|step| u32::try_from(step).ok()),
            callback_depth: reader.narrow()?,
            marks: reader.narrow()?,
            fault_address: reader.number()?,
        })
    }

    /// Whether a mark was left.
    pub fn has(&self, mark: u32) -> bool {
        self.marks & mark != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_seen_through_another_mapping() {
        let fd = create().expect("a page can be had");
        let ours = Journal::map(fd.as_fd()).expect("it can be mapped");
        let theirs = Journal::map(fd.as_fd()).expect("it can be mapped twice");
        assert_eq!(theirs.snapshot(), Snapshot::default());
        ours.begin(17, 3);
        ours.enter(Phase::Running);
        ours.begin_operation(2, 0, &Operation::Settle);
        ours.begin_callback();
        ours.mark_fault(0x1000, mark::STACK_OVERFLOW);
        let snapshot = theirs.snapshot();
        assert_eq!((theirs.pid(), snapshot.run, snapshot.step), (17, 3, Some(0)));
        assert_eq!((snapshot.phase, snapshot.begun), (Phase::Running, Some(Begun::Settle)));
        assert_eq!((snapshot.actor, snapshot.operations), (2, 1));
        assert!(snapshot.has(mark::STACK_OVERFLOW) && !snapshot.has(mark::PANICKED));
        let mut bytes = Vec::new();
        snapshot.put(&mut bytes);
        assert_eq!(Snapshot::take(&mut Reader::new(&bytes)), Ok(snapshot));
    }

    #[test]
    fn each_function_has_a_code() {
        for function in Function::ALL {
            assert_eq!(begun_of(*function as u32 + 1), Some(Begun::Call(*function)));
        }
        assert_eq!(begun_of(0), None);
        assert_eq!(begun_of(60), None);
    }
}
