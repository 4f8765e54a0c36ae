//! Letting time pass, and waiting until no event waits to be delivered.
//!
//! A library with hooks has a clock that can be moved; any other is waited for in real time.

use std::time::{Duration, Instant};
use std::{fs, thread};

use rtm_sim::engine::Host;

use super::LibraryEngine;
use super::callback::{Frame, foreign_count, within};

/// How long is waited where a library has no hooks.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// Longest time that is let pass at once, in milliseconds.
    pub advance_ms_max: u32,
    /// Time without a callback after which a library counts as settled, in milliseconds.
    pub quiet_ms: u32,
    /// Longest time that is waited until a library is settled, in milliseconds.
    pub settle_ms_max: u32,
}

/// Lets time pass.
pub fn advance(engine: &mut LibraryEngine, host: &mut dyn Host, milliseconds: u32) {
    if let Some(hook) = engine.hooks.advance_clock {
        // SAFETY: the hook takes a number.
        let status = call_hook(engine, host, || unsafe { hook(milliseconds) });
        remark_failure(engine, "RtmTestAdvanceClock", status);
        return;
    }
    let waited = milliseconds.min(engine.allowance.waits.advance_ms_max);
    if waited < milliseconds {
        let remark = format!("waited {waited} ms instead of {milliseconds} ms");
        engine.remarks.push(remark);
    }
    thread::sleep(Duration::from_millis(waited.into()));
}

/// Waits until no event waits to be delivered.
pub fn settle(engine: &mut LibraryEngine, host: &mut dyn Host) {
    if let Some(hook) = engine.hooks.settle {
        // SAFETY: the hook takes no argument.
        let status = call_hook(engine, host, || unsafe { hook() });
        remark_failure(engine, "RtmTestSettle", status);
        return;
    }
    // Without a thread of its own, a library has nobody who could deliver anything.
    if thread_count() == Some(1) {
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

fn call_hook(engine: &mut LibraryEngine, host: &mut dyn Host, call: impl FnOnce() -> u32) -> u32 {
    let host: *mut (dyn Host + '_) = host;
    // SAFETY: only the lifetime changes; the frame is gone when `within` returns, and the host
    // outlives this call.
    let host: *mut (dyn Host + 'static) = unsafe { std::mem::transmute(host) };
    within(Frame { engine, host }, call)
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
