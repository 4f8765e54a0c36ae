//! Letting time pass, and waiting until no event waits to be delivered.
//!
//! A library with hooks has a clock that can be moved; any other is waited for in real time.

use std::time::{Duration, Instant};
use std::{fs, thread};

use super::LibraryEngine;
use super::callback::{call_out, foreign_count};

/// How long is waited where a library has no hooks.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// Longest time that is let pass at once, in milliseconds.
    pub advance_ms_max: u32,
    /// Time without a callback after which a library counts as settled, in milliseconds.
    pub quiet_ms: u32,
    /// Longest time that is waited until a library is settled, in milliseconds.
    pub settle_ms_max: u32,
    /// Time after which a call that sleeps counts as blocked although nobody can tell what it
    /// waits for, in milliseconds.
    pub block_ms_max: u32,
}

/// Lets time pass.
///
/// # Safety
/// This thread may use the engine.
pub unsafe fn advance(engine: *mut LibraryEngine, milliseconds: u32) {
    // SAFETY: by the contract above.
    if let Some(hook) = unsafe { (*engine).hooks.advance_clock } {
        // SAFETY: as above, and no reference is held; the hook takes a number.
        unsafe {
            let (engine, status) = call_out(engine, || hook(milliseconds));
            remark_failure(&mut *engine, "RtmTestAdvanceClock", status);
        }
        return;
    }
    // SAFETY: by the contract above.
    let engine = unsafe { &mut *engine };
    let waited = milliseconds.min(engine.allowance.waits.advance_ms_max);
    if waited < milliseconds {
        let remark = format!("waited {waited} ms instead of {milliseconds} ms");
        engine.remarks.push(remark);
    }
    thread::sleep(Duration::from_millis(waited.into()));
}

/// Waits until no event waits to be delivered.
///
/// # Safety
/// This thread may use the engine.
pub unsafe fn settle(engine: *mut LibraryEngine) {
    // SAFETY: by the contract above.
    if let Some(hook) = unsafe { (*engine).hooks.settle } {
        // SAFETY: as above, and no reference is held; the hook takes no argument.
        unsafe {
            let (engine, status) = call_out(engine, || hook());
            remark_failure(&mut *engine, "RtmTestSettle", status);
        }
        return;
    }
    // SAFETY: by the contract above.
    let engine = unsafe { &mut *engine };
    // Without a thread of its own, a library has nobody who could deliver anything.
    if thread_count() == Some(engine.own_thread_count()) {
        return;
    }
    let Waits { quiet_ms, settle_ms_max, .. } = engine.allowance.waits;
    let begin = Instant::now();
    let mut count = foreign_count();
    let mut last = begin;
    while last.elapsed() < Duration::from_millis(quiet_ms.into())
        && begin.elapsed() < Duration::from_millis(settle_ms_max.into())
    {
        thread::sleep(Duration::from_millis(1));
        if foreign_count() != count {
            count = foreign_count();
            last = Instant::now();
        }
    }
}

fn remark_failure(engine: &mut LibraryEngine, hook: &str, status: u32) {
    if status != 0 {
        engine.remarks.push(format!("{hook} returned {status}"));
    }
}

/// Threads of this process, if that can be found out.
pub fn thread_count() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Threads:"))?;
    line.trim().parse().ok()
}
