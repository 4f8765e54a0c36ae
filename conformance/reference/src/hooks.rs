//! Hooks for tests, which are no part of RTMv2.

use std::ffi::{CStr, c_char};

use rtm_sim::engine::Operation;
use rtm_sim::vocabulary::status::Status;

use crate::guard::{self, RTM_REFERENCE_PANIC};
use crate::process::{self, Held};

/// Win32 `ERROR_BUSY`: a reset from inside a callback.
const ERROR_BUSY: u32 = 170;

/// Lets virtual time pass and fires what is due, callbacks included.
#[unsafe(no_mangle)]
pub extern "C" fn RtmTestAdvanceClock(milliseconds: u32) -> u32 {
    process::operate("RtmTestAdvanceClock", Operation::Advance(milliseconds))
}

/// Returns when no event waits to be delivered; at once when called from a callback.
#[unsafe(no_mangle)]
pub extern "C" fn RtmTestSettle() -> u32 {
    process::operate("RtmTestSettle", Operation::Settle)
}

/// Goes back to the state just after loading: clients, objects, callbacks and time are
/// gone, settings stay. Refused with `ERROR_BUSY` (170) while a callback runs.
#[unsafe(no_mangle)]
pub extern "C" fn RtmTestReset() -> u32 {
    with_process("RtmTestReset", |mut process| match process.reset() {
        true => Status::NO_ERROR.0,
        false => ERROR_BUSY,
    })
}

/// Sets a limit. It holds at once when nothing is registered, and from the next reset on
/// otherwise. A name that is not known, or a value out of range, gives 87.
///
/// The names stand in the header.
///
/// # Safety
/// `name` is NULL or leads to text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RtmTestConfigure(name: *const c_char, value: u64) -> u32 {
    // SAFETY: the caller vouches for the text.
    let name = unsafe { text(name) };
    with_process("RtmTestConfigure", |mut process| {
        let changed = process.set(|s| name.is_some_and(|name| s.set(name, value)));
        status_of(changed)
    })
}

/// Takes one more reading, `CLAUSE=NAME`, at the time when a limit would hold; NULL goes
/// back to those of the environment. A reading that is not known gives 87.
///
/// # Safety
/// `reading` is NULL or leads to text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RtmTestTakeReading(reading: *const c_char) -> u32 {
    let is_null = reading.is_null();
    // SAFETY: the caller vouches for the text.
    let reading = unsafe { text(reading) };
    with_process("RtmTestTakeReading", |mut process| {
        let changed = process.set(|settings| match reading {
            Some(reading) => settings.take_reading(reading),
            None if is_null => {
                settings.drop_readings();
                true
            }
            None => false,
        });
        status_of(changed)
    })
}

fn with_process(name: &str, body: impl FnOnce(Held) -> u32) -> u32 {
    guard::catch(name, || match process::lock() {
        Some(process) => body(process),
        None => RTM_REFERENCE_PANIC,
    })
}

fn status_of(accepted: bool) -> u32 {
    match accepted {
        true => Status::NO_ERROR.0,
        false => Status::ERROR_INVALID_PARAMETER.0,
    }
}

/// The text behind a pointer; `None` for NULL and for what is not UTF-8.
///
/// # Safety
/// `pointer` is NULL or leads to text that ends with NUL and stays as it is for `'t`.
unsafe fn text<'t>(pointer: *const c_char) -> Option<&'t str> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the pointer is not NULL, and the caller vouches for the text.
    unsafe { CStr::from_ptr(pointer) }.to_str().ok()
}
