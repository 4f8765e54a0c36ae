//! How a run ended, in words and for comparison.

use std::fmt;

use rtm_sim::history::History;

use crate::engine::memory::Overrun;
use crate::wire::message::ChildEnd;
use crate::worker::journal::{Snapshot, mark};

/// Bytes of captured output that are kept.
pub const OUTPUT_SIZE_MAX: usize = 4096;

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// With its last step; the history is whole.
    Done,
    /// A signal ended the process.
    Crashed {
        /// Which one.
        signal: i32,
        /// Whether the stack had been used up.
        stack_overflow: bool,
        /// The address that could not be used, for faults of memory.
        address: Option<u64>,
    },
    /// The library ended the process.
    Exited {
        /// The status it gave.
        status: i32,
    },
    /// The time was over.
    TimedOut {
        /// Whether the process was busy; otherwise it waited.
        spinning: bool,
    },
    /// The process stopped itself.
    Stopped {
        /// By this signal.
        signal: i32,
    },
    /// The memory that it may have was used up.
    MemoryLimit,
    /// It wrote a file larger than it may.
    FileLimit,
    /// It called back more often than it may.
    CallbackBudget,
    /// It threw an exception, or unwound in another way, into C.
    Unwound,
    /// It closed the descriptor that answers travel on.
    ChannelClosed,
    /// What it sent made no sense: it has overwritten our memory.
    Garbled,
    /// It ended the worker, not only the process of the run.
    WorkerEnded,
    /// A callback of ours panicked: a fault of this program.
    Panicked,
}

/// A run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunReport {
    /// What happened. Whole when the run is done; otherwise what was sent before the end, which is
    /// nothing unless entries were flushed.
    pub history: History,
    /// What was written outside the buffers of calls.
    pub overruns: Vec<Overrun>,
    /// How it ended.
    pub end: End,
    /// What it did last; only for a run that is not done.
    pub last: Option<Snapshot>,
    /// What the library printed since the job or the process began, control codes shown; only for
    /// a run that is not done.
    pub output: String,
}

impl RunReport {
    /// A run that is done.
    pub fn done(history: History, overruns: Vec<Overrun>) -> RunReport {
        RunReport { history, overruns, end: End::Done, last: None, output: String::new() }
    }
}

/// What the parent knows of an end besides what the worker told.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// The parent ended the process because of the time; whether it was busy then.
    pub timed_out: Option<bool>,
    /// The run that was late then.
    pub late_run: Option<u32>,
    /// The journal cannot be right: nothing was sent for longer than a run may take.
    pub disbelieved: bool,
    /// What was sent could not be read.
    pub garbled: bool,
    /// What the library printed.
    pub output: String,
    /// KiB of memory that it may have.
    pub memory_kib: Option<u64>,
}

/// What the end of a child means; `None` when it ended well.
pub fn judge(end: &ChildEnd, known: &Circumstances) -> Option<End> {
    let journal = &end.journal;
    let marks = [
        (mark::CALLBACK_BUDGET, End::CallbackBudget),
        (mark::PANICKED, End::Panicked),
        (mark::CHANNEL_LOST, End::ChannelClosed),
    ];
    if let Some((_, end)) = marks.into_iter().find(|(mark, _)| journal.has(*mark)) {
        return Some(end);
    }
    if known.garbled {
        return Some(End::Garbled);
    }
    if let Some(spinning) = known.timed_out {
        return Some(End::TimedOut { spinning });
    }
    if end.stop_signal != 0 {
        return Some(End::Stopped { signal: end.stop_signal });
    }
    if libc::WIFSIGNALED(end.status) {
        return Some(of_signal(libc::WTERMSIG(end.status), end, known));
    }
    if journal.has(mark::DONE) {
        None
    } else {
        Some(End::Exited { status: libc::WEXITSTATUS(end.status) })
    }
}

/// Share of the memory that may be had from which on a crash is put down to the limit.
const MEMORY_SHARE: (u64, u64) = (7, 8);

fn of_signal(signal: i32, end: &ChildEnd, known: &Circumstances) -> End {
    let printed = |text: &str| known.output.contains(text);
    let is_full = known
        .memory_kib
        .is_some_and(|limit| limit / MEMORY_SHARE.1 * MEMORY_SHARE.0 <= end.resident_kib_max);
    if signal == libc::SIGXFSZ {
        return End::FileLimit;
    }
    let out_of_memory = ["memory allocation of", "std::bad_alloc", "out of memory"];
    if is_full || signal == libc::SIGABRT && out_of_memory.iter().any(|text| printed(text)) {
        return End::MemoryLimit;
    }
    let unwinding = [
        "terminate called after throwing",
        "Rust cannot catch foreign exceptions",
        "panic in a function that cannot unwind",
        "failed to initiate panic",
    ];
    if signal == libc::SIGABRT && unwinding.iter().any(|text| printed(text)) {
        return End::Unwound;
    }
    let address = end.journal.has(mark::HAS_ADDRESS).then_some(end.journal.fault_address);
    let stack_overflow = end.journal.has(mark::STACK_OVERFLOW);
    End::Crashed { signal, stack_overflow, address }
}

impl fmt::Display for End {
    /// Reads after the name of the library.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Done => f.write_str("is done"),
            End::Crashed { stack_overflow: true, .. } => f.write_str("overflowed its stack"),
            End::Crashed { signal, address: None, .. } => {
                write!(f, "crashed with {}", signal_name(*signal))
            }
            End::Crashed { signal, address: Some(address), .. } => {
                write!(f, "crashed with {} at address {address:#x}", signal_name(*signal))
            }
            End::Exited { status } => write!(f, "ended the process with status {status}"),
            End::TimedOut { spinning: true } => f.write_str("kept running until the time-out"),
            End::TimedOut { spinning: false } => f.write_str("kept waiting until the time-out"),
            End::Stopped { signal } => {
                write!(f, "stopped the process with {}", signal_name(*signal))
            }
            End::MemoryLimit => f.write_str("reached the memory limit"),
            End::FileLimit => f.write_str("wrote a file larger than the limit"),
            End::CallbackBudget => f.write_str("spent the callback budget"),
            End::Unwound => f.write_str("threw an exception across the C boundary"),
            End::ChannelClosed => f.write_str("closed descriptors that are not its own"),
            End::Garbled => f.write_str("overwrote memory that is not its own"),
            End::WorkerEnded => f.write_str("ended the worker"),
            End::Panicked => f.write_str("met a fault of this program in a callback"),
        }
    }
}

/// The name of a signal.
pub fn signal_name(signal: i32) -> String {
    const NAMES: [(i32, &str); 15] = [
        (libc::SIGHUP, "SIGHUP"),
        (libc::SIGINT, "SIGINT"),
        (libc::SIGQUIT, "SIGQUIT"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGTRAP, "SIGTRAP"),
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGPIPE, "SIGPIPE"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGSTOP, "SIGSTOP"),
        (libc::SIGSYS, "SIGSYS"),
        (libc::SIGXCPU, "SIGXCPU"),
    ];
    let name = NAMES.iter().find(|(number, _)| *number == signal);
    name.map_or_else(|| format!("signal {signal}"), |(_, name)| String::from(*name))
}

/// Captured bytes as text in which nothing moves a cursor or turns writing around.
pub fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for character in String::from_utf8_lossy(bytes).chars() {
        let turns = matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}');
        if character == '\n' || !(character.is_control() || turns) {
            text.push(character);
        } else {
            text.extend(character.escape_unicode());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_shown_without_control_codes() {
        assert_eq!(shown(b"a\nb"), "a\nb");
        assert_eq!(shown(b"\x1b[31mred"), "\\u{1b}[31mred");
        assert_eq!(shown("a\u{202E}b".as_bytes()), "a\\u{202e}b");
        assert_eq!(shown(&[b'a', 0xFF]), "a\u{FFFD}");
    }

    #[test]
    fn ends_are_told_apart() {
        let killed = |signal| ChildEnd { status: signal, ..ChildEnd::default() };
        let check = |end: ChildEnd, known: &Circumstances, expect: &str| {
            let text = judge(&end, known).map_or(String::new(), |end| end.to_string());
            assert_eq!(text, expect);
        };
        let known = Circumstances::default();
        check(killed(libc::SIGSEGV), &known, "crashed with SIGSEGV");
        check(killed(libc::SIGXFSZ), &known, "wrote a file larger than the limit");
        check(ChildEnd::default(), &known, "ended the process with status 0");
        let late = Circumstances { timed_out: Some(true), ..Circumstances::default() };
        check(killed(libc::SIGKILL), &late, "kept running until the time-out");
        let thrown = "terminate called after throwing an instance of 'int'";
        let thrown = Circumstances { output: String::from(thrown), ..Circumstances::default() };
        check(killed(libc::SIGABRT), &thrown, "threw an exception across the C boundary");
        let full = ChildEnd { resident_kib_max: 1000, ..killed(libc::SIGSEGV) };
        let known = Circumstances { memory_kib: Some(1000), ..Circumstances::default() };
        check(full, &known, "reached the memory limit");
    }
}
