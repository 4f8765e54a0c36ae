//! The edge that panics do not cross.
//!
//! A panic is a fault of this library or of the model. It is reported on one line, the call
//! returns [`RTM_REFERENCE_PANIC`], and so does every later call: what the panic left behind is
//! not to be trusted.

use std::any::Any;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

/// Returned by the call that panicked, and by every call after it. No Win32 status: bits 29 to 31
/// are set, which marks an application's own code.
pub const RTM_REFERENCE_PANIC: u32 = 0xE000_0001;

/// Whether a call of this process has panicked.
static POISONED: AtomicBool = AtomicBool::new(false);

/// Runs the body of an exported function.
#[inline]
pub(crate) fn catch(name: &str, body: impl FnOnce() -> u32) -> u32 {
    catch_into(&POISONED, name, body)
}

#[inline]
fn catch_into(poisoned: &AtomicBool, name: &str, body: impl FnOnce() -> u32) -> u32 {
    if poisoned.load(Ordering::Relaxed) {
        return RTM_REFERENCE_PANIC;
    }
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(status) => status,
        Err(payload) => {
            poisoned.store(true, Ordering::Relaxed);
            report(name, &*payload);
            // Dropping what was thrown could panic again.
            std::mem::forget(payload);
            RTM_REFERENCE_PANIC
        }
    }
}

#[cold]
fn report(name: &str, payload: &(dyn Any + Send)) {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    // A closed stderr is no reason to panic again.
    let _ = writeln!(
        std::io::stderr(),
        "rtm-reference: {name} panicked ({text}); every call fails from now on"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_stays() {
        let poisoned = AtomicBool::new(false);
        assert_eq!(catch_into(&poisoned, "RtmA", || 7), 7);
        assert_eq!(catch_into(&poisoned, "RtmB", || panic!("on purpose")), RTM_REFERENCE_PANIC);
        assert_eq!(catch_into(&poisoned, "RtmC", || 7), RTM_REFERENCE_PANIC);
    }

    #[test]
    fn what_is_thrown_need_not_be_text() {
        let poisoned = AtomicBool::new(false);
        let thrown = || std::panic::panic_any(17_u8);
        assert_eq!(catch_into(&poisoned, "RtmA", thrown), RTM_REFERENCE_PANIC);
    }
}
