//! Whether a thread waits for another, as far as the system tells.
//!
//! A thread waits for others when it sleeps in a futex without a time-out. That nobody is about
//! to wake it is concluded from two looks between which no thread of the process has run or wanted
//! to, and from many where one sleeps that may run by itself: a library may leave work to a thread
//! that looks for it now and then.

use std::fs;

/// What a thread does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waiting {
    /// It runs, or wants to.
    NotAtAll,
    /// It sleeps until another thread wakes it.
    ForOthers,
    /// It sleeps, for a time or for something from outside.
    ForSomething,
}

/// A look at a thread and at all that happens around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stillness {
    /// What the thread does.
    pub waiting: Waiting,
    /// Grows whenever a thread of the process, other than the one that looks, runs.
    activity: u64,
    /// Whether another thread sleeps for a time, or for something from outside.
    sleeper: bool,
    /// Whether another thread runs, or wants to and has no processor.
    runner: bool,
}

/// Looks without a change in between after which a thread that sleeps counts as one that does not
/// wake by itself.
const SLEEPER_LOOKS: u32 = 50;

/// Looks at some threads, one after the other.
#[derive(Default, Debug)]
pub struct Looks {
    last: Vec<Stillness>,
    unchanged: u32,
}

impl Looks {
    /// Adds a look; whether nothing moves any more.
    pub fn add(&mut self, now: Vec<Stillness>) -> bool {
        let sleeper = now.iter().any(|look| look.sleeper);
        let runner = now.iter().any(|look| look.runner);
        self.unchanged = if self.last == now && !runner { self.unchanged + 1 } else { 0 };
        self.last = now;
        let enough = if sleeper { SLEEPER_LOOKS } else { 1 };
        enough <= self.unchanged
    }

    /// Forgets the looks so far.
    pub fn clear(&mut self) {
        *self = Looks::default();
    }
}

#[cfg(target_arch = "x86_64")]
const FUTEX: &str = "202";
#[cfg(not(target_arch = "x86_64"))]
const FUTEX: &str = "98";

/// Operations of the futex that wait, without the flags that may be added.
const WAITING_OPERATIONS: [u64; 3] =
    [libc::FUTEX_WAIT as u64, libc::FUTEX_WAIT_BITSET as u64, libc::FUTEX_LOCK_PI as u64];
const OPERATION_MASK: u64 = 0x7F;

/// Looks at a thread of this process.
pub fn of(thread: libc::pid_t) -> Stillness {
    // SAFETY: the call only reads.
    let own = unsafe { libc::gettid() };
    let mut activity = 0;
    let (mut is_running, mut sleeper, mut runner) = (false, false, false);
    for entry in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<libc::pid_t>().ok()) else {
            continue;
        };
        if id == own {
            continue;
        }
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        activity += switches(&status);
        if id == thread {
            is_running = is_running_by(&status);
        } else {
            let call = call_of(id);
            runner |= call == Waiting::NotAtAll || is_running_by(&status);
            sleeper |= call == Waiting::ForSomething;
        }
    }
    let waiting = if is_running { Waiting::NotAtAll } else { call_of(thread) };
    Stillness { waiting, activity, sleeper, runner }
}

/// How often a thread has been given a processor.
fn switches(status: &str) -> u64 {
    let lines = status.lines().filter(|line| line.contains("ctxt_switches:"));
    let numbers = lines.filter_map(|line| line.rsplit('\t').next()?.trim().parse::<u64>().ok());
    numbers.sum()
}

fn is_running_by(status: &str) -> bool {
    let state = status.lines().find_map(|line| line.strip_prefix("State:"));
    state.is_some_and(|state| state.trim_start().starts_with('R'))
}

fn call_of(thread: libc::pid_t) -> Waiting {
    let path = format!("/proc/self/task/{thread}/syscall");
    let text = fs::read_to_string(path).unwrap_or_default();
    classify(&text)
}

/// What a line of `/proc/<pid>/syscall` says: number, six arguments, stack and instruction.
fn classify(text: &str) -> Waiting {
    let mut words = text.split_ascii_whitespace();
    let number = words.next().unwrap_or_default();
    if number == "running" {
        return Waiting::NotAtAll;
    }
    let mut argument = |skipped: usize| {
        let word = words.nth(skipped)?;
        u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()
    };
    let (operation, timeout) = (argument(1), argument(1));
    match (operation, timeout) {
        (Some(operation), Some(0))
            if number == FUTEX && WAITING_OPERATIONS.contains(&(operation & OPERATION_MASK)) =>
        {
            Waiting::ForOthers
        }
        _ => Waiting::ForSomething,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_classified() {
        let check = |text: &str, expect: Waiting| assert_eq!(classify(text), expect, "{text}");
        let line = |number: &str, operation: &str, timeout: &str| {
            format!("{number} 0x7f00 {operation} 0x2 {timeout} 0x0 0x0 0x7ffc 0x7f11\n")
        };
        check("running\n", Waiting::NotAtAll);
        check(&line(FUTEX, "0x80", "0x0"), Waiting::ForOthers);
        check(&line(FUTEX, "0x189", "0x0"), Waiting::ForOthers);
        check(&line(FUTEX, "0x189", "0x7ffd"), Waiting::ForSomething);
        check(&line("35", "0x0", "0x0"), Waiting::ForSomething);
        check("", Waiting::ForSomething);
    }

    #[test]
    fn switches_are_added_up() {
        let status = "State:\tS (sleeping)\nvoluntary_ctxt_switches:\t12\n\
                      nonvoluntary_ctxt_switches:\t3\n";
        assert_eq!(switches(status), 15);
        assert!(!is_running_by(status));
        assert!(is_running_by("State:\tR (running)\n"));
    }
}
