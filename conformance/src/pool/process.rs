//! The process of a worker, seen from its parent.

use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::report::{self, Circumstances, OUTPUT_SIZE_MAX};
use super::strays;
use super::unusable::Unusable;
use super::{End, LibrarySpec};
use crate::channel::{self, Receiver};
use crate::wire::message::{
    ChildEnd, DATA, ENDED, Frames, LAST_PART, Loaded, OFFER, Offer, PART, READY, REFUSED, STARTED,
    Setup,
};
use crate::worker::journal::Journal;

/// Functions without which nothing can be done.
const NEEDED: [&str; 2] = ["RtmRegisterEntity", "RtmDeregisterEntity"];
/// How long a worker may take to tell of the end of a child that was ended.
const GRACE: Duration = Duration::from_secs(5);
/// How often it is looked whether a process is busy.
const SAMPLES: u32 = 3;
/// Reads of captured output in a row.
const CAPTURES_MAX: usize = 64;
/// Time between two looks.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(5);

/// What the library offers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hello {
    /// Functions that it lacks, C names, in the order of the header.
    pub missing: Vec<String>,
    /// Hooks for tests that it has, C names.
    pub hooks: Vec<String>,
    /// Whether children are born with the library loaded.
    pub preloaded: bool,
}

impl Hello {
    /// Whether the library can be taken back to its first state.
    pub fn can_reset(&self) -> bool {
        self.has_hook("RtmTestReset")
    }

    /// Whether limits of it can be set.
    pub fn can_configure(&self) -> bool {
        self.has_hook("RtmTestConfigure")
    }

    /// Whether it tells when no event waits to be delivered.
    pub fn can_settle(&self) -> bool {
        self.has_hook("RtmTestSettle")
    }

    /// Whether its clock can be moved; any other runs by itself.
    pub fn can_advance(&self) -> bool {
        self.has_hook("RtmTestAdvanceClock")
    }

    fn has_hook(&self, name: &str) -> bool {
        self.hooks.iter().any(|hook| hook == name)
    }
}

/// What a worker had to say.
#[derive(Debug)]
pub enum News {
    /// Data of a child has come; its frames can be taken.
    Data,
    /// A child has ended.
    Ended(ChildEnd),
    /// The job is done.
    Ready(Vec<u8>),
    /// Nothing for some time.
    Nothing,
    /// The worker is gone.
    Gone,
}

/// A worker's process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// What all processes that come of the worker are known by.
    family: String,
    channel: OwnedFd,
    receiver: Receiver,
    capture: fs::File,
    output: Vec<u8>,
    /// The journal that its children write.
    pub journal: Journal,
    /// Frames of the child that runs.
    pub frames: Frames,
    /// What the library offers.
    pub hello: Hello,
}

impl Process {
    /// Starts a worker and lets it load the library.
    pub fn start(spec: &LibrarySpec) -> Result<Process, Unusable> {
        match Process::start_once(spec, true)? {
            Some(process) => Ok(process),
            // The library left the worker with a second thread although it had not done so
            // before; children load it, then.
            None => Process::start_once(spec, false)?
                .ok_or_else(|| Unusable::NoWorker(String::from("it has a second thread"))),
        }
    }

    fn start_once(spec: &LibrarySpec, preload: bool) -> Result<Option<Process>, Unusable> {
        let failed = |error: io::Error| Unusable::NoWorker(error.to_string());
        let process = Process::launch(spec, preload).map_err(failed)?;
        process.try_library(spec)
    }

    fn launch(spec: &LibrarySpec, preload: bool) -> io::Result<Process> {
        let (ours, theirs) = channel::pair()?;
        let (capture, output) = channel::pipe()?;
        channel::set_nonblocking(capture.as_fd())?;
        let mut capture = fs::File::from(capture);
        let family = strays::new_family()?;
        let child = Command::new(&spec.command.program)
            .args(&spec.command.arguments)
            .envs(spec.environment.iter().map(|(name, value)| (name, value)))
            .env(strays::VARIABLE, &family)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::from(output.try_clone()?))
            .stderr(Stdio::from(output))
            .spawn()?;
        let mut guard = Guard(Some(child));
        // A path without a slash would be looked for elsewhere.
        let implementation = fs::canonicalize(&spec.path)?;
        let implementation = implementation.as_os_str().as_bytes().to_vec();
        let setup = Setup { implementation, preload, limits: spec.limits.clone() };
        let setup = serde_json::to_vec(&setup)?;
        channel::send_parts(ours.as_fd(), PART, LAST_PART, &setup)?;
        let mut receiver = Receiver::new();
        let mut printed = Vec::new();
        let journal = started(ours.as_fd(), &mut receiver, &mut capture, &mut printed)?;
        let child = guard.0.take().ok_or(io::ErrorKind::NotFound)?;
        let hello = Hello { missing: Vec::new(), hooks: Vec::new(), preloaded: false };
        let (output, frames) = (printed, Frames::default());
        let channel = ours;
        Ok(Process { child, family, channel, receiver, capture, output, journal, frames, hello })
    }

    /// Waits for the outcome of loading; `None` when the worker has to be started anew.
    fn try_library(mut self, spec: &LibrarySpec) -> Result<Option<Process>, Unusable> {
        let path = || spec.path.display().to_string();
        let deadline = Instant::now() + spec.load_timeout;
        let mut known = Circumstances { memory_kib: memory_kib(spec), ..Circumstances::default() };
        let mut end = None;
        let mut offer: Option<Offer> = None;
        loop {
            match self.wait(deadline.saturating_duration_since(Instant::now())) {
                Ok(News::Data) => match self.take_offer() {
                    Ok(Some(Err(reason))) => {
                        return Err(Unusable::Refused { path: path(), reason });
                    }
                    Ok(Some(Ok(found))) => offer = Some(found),
                    Ok(None) => {}
                    Err(()) => known.garbled = true,
                },
                Ok(News::Ended(ended)) => end = Some(ended),
                Ok(News::Ready(message)) => {
                    let loaded = serde_json::from_slice(&message).unwrap_or(Loaded::Failed);
                    return self.conclude(&path(), offer, end, loaded, known);
                }
                Ok(News::Nothing) if Instant::now() < deadline => {}
                Ok(News::Nothing) if known.timed_out.is_none() => {
                    known.timed_out = Some(self.kill_child());
                    if self.wait_for_ready(&mut end).is_none() {
                        break;
                    }
                    return self.conclude(&path(), offer, end, Loaded::Failed, known);
                }
                Ok(News::Nothing | News::Gone) | Err(_) => break,
            }
        }
        let end = known.timed_out.map_or(End::WorkerEnded, |spinning| End::TimedOut { spinning });
        Err(Unusable::LoadingFailed { path: path(), end })
    }

    fn wait_for_ready(&mut self, end: &mut Option<ChildEnd>) -> Option<()> {
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            match self.wait(GRACE).ok()? {
                News::Ready(_) => return Some(()),
                News::Ended(ended) => *end = Some(ended),
                News::Gone => return None,
                News::Data | News::Nothing => {}
            }
        }
        None
    }

    fn take_offer(&mut self) -> Result<Option<Result<Offer, String>>, ()> {
        let mut found = None;
        while let Some((kind, data)) = self.frames.next_frame().map_err(|_| ())? {
            match kind {
                OFFER => found = Some(Ok(serde_json::from_slice(data).map_err(|_| ())?)),
                REFUSED => found = Some(Err(String::from_utf8_lossy(data).into_owned())),
                _ => return Err(()),
            }
        }
        Ok(found)
    }

    fn conclude(
        mut self,
        path: &str,
        offer: Option<Offer>,
        end: Option<ChildEnd>,
        loaded: Loaded,
        mut known: Circumstances,
    ) -> Result<Option<Process>, Unusable> {
        let path = || String::from(path);
        known.output = self.take_output();
        if loaded == Loaded::Failed {
            let end = end.and_then(|end| report::judge(&end, &known));
            let end = end.unwrap_or(End::Exited { status: 0 });
            return Err(Unusable::LoadingFailed { path: path(), end });
        }
        let Some(offer) = offer else {
            return Err(Unusable::LoadingFailed { path: path(), end: End::Garbled });
        };
        let needed = NEEDED.iter().map(|name| String::from(*name));
        let missing: Vec<String> = needed.filter(|name| offer.missing.contains(name)).collect();
        if !missing.is_empty() {
            return Err(Unusable::Lacks { path: path(), missing });
        }
        if loaded == Loaded::Spoilt {
            self.end();
            return Ok(None);
        }
        let preloaded = loaded == Loaded::InWorker;
        self.hello = Hello { missing: offer.missing, hooks: offer.hooks, preloaded };
        Ok(Some(self))
    }

    /// Sends a job.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.frames.clear();
        channel::send_parts(self.channel.as_fd(), PART, LAST_PART, message)
    }

    /// Waits for news, and keeps what the library prints.
    pub fn wait(&mut self, time: Duration) -> io::Result<News> {
        // A packet that is there already needs no wait.
        if let Some(news) = self.receive()? {
            return Ok(news);
        }
        let ready = channel::wait_for([self.channel.as_fd(), self.capture.as_fd()], time)?;
        if ready[1] {
            self.capture();
        }
        if ready[0]
            && let Some(news) = self.receive()?
        {
            return Ok(news);
        }
        let gone = matches!(self.child.try_wait(), Ok(Some(_)));
        Ok(if gone && !ready[0] { News::Gone } else { News::Nothing })
    }

    fn receive(&mut self) -> io::Result<Option<News>> {
        let packet = match self.receiver.receive(self.channel.as_fd(), false) {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(Some(News::Gone)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                return Ok(Some(News::Gone));
            }
            Err(error) => return Err(error),
        };
        Ok(Some(match packet.kind {
            DATA => {
                self.frames.extend(packet.data);
                News::Data
            }
            ENDED => News::Ended(ChildEnd::take(packet.data).unwrap_or_default()),
            READY => News::Ready(packet.data.to_vec()),
            _ => News::Nothing,
        }))
    }

    fn capture(&mut self) {
        keep_printed(&mut self.capture, &mut self.output);
    }

    /// What the library has printed since this was asked last.
    pub fn take_output(&mut self) -> String {
        self.capture();
        report::shown(&std::mem::take(&mut self.output))
    }

    /// Ends the child that runs; tells whether it was busy.
    pub fn kill_child(&mut self) -> bool {
        // Only processes that the worker has started are ended, whatever the journal says.
        let pid = self.journal.pid();
        let pids = match 1 < pid && is_child_of(pid, self.child.id()) {
            true => vec![pid],
            false => children_of(self.child.id()),
        };
        let busy = (0..SAMPLES).filter(|_| {
            thread::sleep(SAMPLE_INTERVAL);
            pids.iter().any(|pid| is_busy(*pid))
        });
        let spinning = !pids.is_empty() && busy.count() != 0;
        for pid in pids {
            // SAFETY: the process is a child of our worker, which has not waited for it: it only
            // ends what it waits for when it is told to, or when it has ended by itself.
            unsafe {
                libc::kill(-pid, libc::SIGKILL);
                libc::kill(pid, libc::SIGKILL);
            }
        }
        spinning
    }

    /// Ends the worker, and what it has left behind if the library ended it before; tells how many
    /// processes that were.
    pub fn end(&mut self) -> u32 {
        self.kill_child();
        // A process that is gone is what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
        strays::end(&self.family)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until a worker has made its journal. What is printed before that, by whatever its
/// environment makes it load, is kept like all that comes later.
fn started(
    channel: BorrowedFd<'_>,
    receiver: &mut Receiver,
    capture: &mut fs::File,
    printed: &mut Vec<u8>,
) -> io::Result<Journal> {
    let deadline = Instant::now() + GRACE;
    loop {
        let time = deadline.saturating_duration_since(Instant::now());
        let ready = channel::wait_for([channel, capture.as_fd()], time)?;
        if ready[1] {
            keep_printed(capture, printed);
        }
        if !ready[0] {
            if time.is_zero() {
                return Err(io::Error::other("it does not answer"));
            }
            continue;
        }
        match receiver.receive(channel, true)? {
            Some(packet) if packet.kind == STARTED => match packet.fd {
                Some(fd) => return Journal::map(fd.as_fd()),
                None => return Err(io::ErrorKind::InvalidData.into()),
            },
            Some(_) => {}
            None => return Err(io::Error::other("it ended at once")),
        }
    }
}

/// Reads what was printed and keeps the beginning.
fn keep_printed(capture: &mut fs::File, output: &mut Vec<u8>) {
    let mut chunk = [0; 16 << 10];
    // A library that never stops printing must not keep us from looking at the clock.
    for _ in 0..CAPTURES_MAX {
        let Ok(count @ 1..) = capture.read(&mut chunk) else { return };
        let kept = count.min(OUTPUT_SIZE_MAX.saturating_sub(output.len()));
        output.extend_from_slice(&chunk[..kept]);
    }
}

/// Ends a process whose start failed half-way.
struct Guard(Option<Child>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// KiB of memory that the library may have.
pub fn memory_kib(spec: &LibrarySpec) -> Option<u64> {
    spec.limits.address_space.map(|bytes| bytes >> 10)
}

/// Fields of `/proc/<pid>/stat` from the state on; the name before it may hold anything.
fn stat_of(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.rsplit_once(')').map(|(_, rest)| String::from(rest.trim_start()))
}

fn is_child_of(pid: i32, parent: u32) -> bool {
    let stat = stat_of(&format!("/proc/{pid}/stat"));
    stat.and_then(|stat| stat.split(' ').nth(1)?.parse().ok()) == Some(parent)
}

fn children_of(parent: u32) -> Vec<i32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Whether any thread of a process runs or wants to.
fn is_busy(pid: i32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().any(|thread| {
        let stat = stat_of(&format!("{}/stat", thread.path().display()));
        stat.is_some_and(|stat| stat.starts_with('R'))
    })
}
