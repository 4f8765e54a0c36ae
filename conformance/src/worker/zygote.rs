//! The process that forks children and tells how they ended.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use rtm_sim::program::Program;

use super::child::{self, Child};
use super::journal::{self, Journal, Phase, mark};
use super::stage::Stage;
use super::traps;
use crate::channel::{self, Receiver};
use crate::engine::time::thread_count;
use crate::library;
use crate::wire::message::{
    ChildEnd, ENDED, LAST_PART, Loaded, Order, PART, READY, STARTED, Setup,
};

/// Lowest number of our descriptors, out of the way of a library that closes the usual ones.
const DESCRIPTOR_MIN: libc::c_int = 240;
/// How often the zygote looks whether its parent still lives, while it waits for a child.
const PARENT_CHECK: Duration = Duration::from_secs(1);
/// Exit status of a zygote whose parent is gone or talks nonsense.
const LOST: i32 = 1;

/// Runs a worker until its parent closes the channel.
pub fn run() -> ! {
    let result = Zygote::start().and_then(|mut zygote| zygote.serve());
    // SAFETY: ends the process without running destructors of the library.
    unsafe { libc::_exit(if result.is_ok() { 0 } else { LOST }) }
}

struct Zygote {
    channel: OwnedFd,
    receiver: Receiver,
    journal: &'static Journal,
    setup: Setup,
    implementation: PathBuf,
    parent: libc::pid_t,
    loaded: Option<library::Loaded>,
}

impl Zygote {
    /// Takes the standard input for a channel and gets ready to fork.
    fn start() -> io::Result<Zygote> {
        let channel = move_channel()?;
        let mut receiver = Receiver::new();
        let setup: Setup = match receive_message(&mut receiver, channel.as_fd())? {
            Some(message) => serde_json::from_slice(&message)?,
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let memory = journal::create()?;
        let memory = move_up(memory.as_fd())?;
        // The journal is used until the process ends, in signal handlers too.
        let journal: &'static Journal = Box::leak(Box::new(Journal::map(memory.as_fd())?));
        traps::prepare_zygote(journal, &setup.limits)?;
        channel::send(channel.as_fd(), STARTED, &[], Some(memory.as_fd()))?;
        let implementation = PathBuf::from(OsString::from_vec(setup.implementation.clone()));
        // SAFETY: the call only reads.
        let parent = unsafe { libc::getppid() };
        Ok(Zygote { channel, receiver, journal, setup, implementation, parent, loaded: None })
    }

    /// Tries the library, then does jobs.
    fn serve(&mut self) -> io::Result<()> {
        let loaded = self.try_library()?;
        let message = serde_json::to_vec(&loaded)?;
        channel::send(self.channel.as_fd(), READY, &message, None)?;
        while let Some(message) = receive_message(&mut self.receiver, self.channel.as_fd())? {
            let order: Order<Program> = serde_json::from_slice(&message)?;
            self.do_job(order)?;
            channel::send(self.channel.as_fd(), READY, &[], None)?;
        }
        Ok(())
    }

    /// Loads the library in a child, and then here if nothing speaks against it.
    fn try_library(&mut self) -> io::Result<Loaded> {
        let child = self.child();
        let end = self.fork(0, move || child::probe(child))?;
        if !is_good(&end) {
            self.report(&end)?;
            return Ok(Loaded::Failed);
        }
        // The child could tell how many threads it has only in its own words; a mark in the
        // status is enough here.
        if !self.setup.preload || libc::WEXITSTATUS(end.status) != child::ONE_THREAD {
            return Ok(Loaded::InChildren);
        }
        match library::Loaded::load(&self.implementation) {
            Ok(loaded) => self.loaded = Some(loaded),
            Err(_) => return Ok(Loaded::InChildren),
        }
        traps::keep_child_signal();
        let alone = thread_count() == Some(1);
        Ok(if alone { Loaded::InWorker } else { Loaded::Spoilt })
    }

    fn child(&self) -> Child {
        Child {
            channel: self.channel.as_raw_fd(),
            journal: self.journal,
            implementation: self.implementation.clone(),
            loaded: self.loaded,
            limits: self.setup.limits.clone(),
        }
    }

    /// Makes all runs of a job, in one child or each in its own.
    fn do_job(&mut self, order: Order<Program>) -> io::Result<()> {
        let (first, count) = (order.first, order.schedules.len() as u32);
        let order = Rc::new(order);
        let mut stage = Stage::new(self.child(), &order);
        if order.shared {
            let end = self.fork(first, || stage.run(0..count))?;
            return self.report(&end);
        }
        for index in 0..count {
            let end = self.fork(first + index, || stage.run(index..index + 1))?;
            // Once is enough: the next one would die in the same way.
            stage.cleanup &= is_good(&end) || end.journal.phase != Phase::Cleaning;
            // A child that ended well has said so itself.
            if !is_good(&end) || end.strays != 0 {
                self.report(&end)?;
            }
        }
        Ok(())
    }

    fn report(&self, end: &ChildEnd) -> io::Result<()> {
        let mut bytes = Vec::new();
        end.put(&mut bytes);
        channel::send(self.channel.as_fd(), ENDED, &bytes, None)
    }

    /// Runs `work` in a child and waits until it and all that it started have ended.
    fn fork(&self, run: u32, work: impl FnOnce()) -> io::Result<ChildEnd> {
        self.journal.begin(0, run);
        // SAFETY: the zygote has one thread, so a child of it may do anything.
        let pid = unsafe { libc::fork() };
        if pid < 0 {
            return Err(io::Error::last_os_error());
        }
        if pid == 0 {
            traps::prepare_child();
            // SAFETY: the call only reads.
            self.journal.begin(unsafe { libc::getpid() }, run);
            // Nothing may unwind into the code of the zygote, of which there would be two then.
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
                self.journal.mark(mark::PANICKED);
            }
            // SAFETY: nothing of ours is left to be done, and nothing of the library may be.
            unsafe { libc::_exit(LOST) };
        }
        self.wait(pid)
    }

    fn wait(&self, pid: libc::pid_t) -> io::Result<ChildEnd> {
        let mut end = ChildEnd::default();
        loop {
            let mut status = 0;
            // SAFETY: all zeros is a usage; the call fills it.
            let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
            let flags = libc::WNOHANG | libc::WUNTRACED;
            // SAFETY: both places are ours.
            let waited = unsafe { libc::wait4(pid, &mut status, flags, &mut usage) };
            if waited < 0 {
                return Err(io::Error::last_os_error());
            }
            if waited == 0 {
                self.wait_for_child_signal(pid);
                continue;
            }
            if libc::WIFSTOPPED(status) {
                end.stop_signal = libc::WSTOPSIG(status);
                kill_group(pid);
                continue;
            }
            end.status = status;
            end.resident_kib_max = usage.ru_maxrss as u64;
            break;
        }
        end.strays = end_strays();
        end.journal = self.journal.snapshot();
        self.journal.end();
        Ok(end)
    }

    /// Sleeps until a child changes, and gives up with it when the parent is gone.
    fn wait_for_child_signal(&self, pid: libc::pid_t) {
        let signals = traps::child_signal();
        let time = libc::timespec { tv_sec: PARENT_CHECK.as_secs() as _, tv_nsec: 0 };
        // SAFETY: set and time live until the call returns; no information is asked for.
        unsafe { libc::sigtimedwait(&signals, std::ptr::null_mut(), &time) };
        // SAFETY: the call only reads.
        if unsafe { libc::getppid() } != self.parent {
            kill_group(pid);
            end_strays();
            // SAFETY: ends the process; nobody is left to be told anything.
            unsafe { libc::_exit(LOST) };
        }
    }
}

/// Whether a child did all that it was told.
fn is_good(end: &ChildEnd) -> bool {
    end.stop_signal == 0
        && libc::WIFEXITED(end.status)
        && end.journal.has(mark::DONE)
        && matches!(libc::WEXITSTATUS(end.status), 0 | child::ONE_THREAD)
}

fn kill_group(pid: libc::pid_t) {
    // SAFETY: signals go to the child, which has not been waited for or was the leader of its
    // group a moment ago, and to what it started.
    unsafe {
        libc::kill(-pid, libc::SIGKILL);
        libc::kill(pid, libc::SIGKILL);
    }
}

/// Ends whatever a child has left behind, which the system has handed to us.
fn end_strays() -> u32 {
    let mut ended = 0;
    loop {
        let mut status = 0;
        // SAFETY: the place is ours.
        match unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) } {
            0 => {
                for pid in children() {
                    kill_group(pid);
                }
                std::thread::yield_now();
            }
            pid if 0 < pid => ended += 1,
            _ => return ended,
        }
    }
}

/// Processes whose parent is this one.
fn children() -> Vec<libc::pid_t> {
    let text = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Moves the channel away from the standard input, which is empty from then on.
fn move_channel() -> io::Result<OwnedFd> {
    let channel = move_up(io::stdin().as_fd())?;
    let nothing = File::open("/dev/null")?;
    // SAFETY: both descriptors are open; standard input is nobody else's here.
    match unsafe { libc::dup2(nothing.as_raw_fd(), 0) } {
        0 => Ok(channel),
        _ => Err(io::Error::last_os_error()),
    }
}

fn move_up(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    // SAFETY: the descriptor is open.
    let moved = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, DESCRIPTOR_MIN) };
    if moved < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}

/// Receives a message that came in parts; `None` when there will be none.
fn receive_message(receiver: &mut Receiver, fd: BorrowedFd<'_>) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    while let Some(packet) = receiver.receive(fd, true)? {
        message.extend_from_slice(packet.data);
        match packet.kind {
            PART => {}
            LAST_PART => return Ok(Some(message)),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(None)
}
