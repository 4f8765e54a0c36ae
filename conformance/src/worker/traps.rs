//! Limits and signal handlers of a worker and its children.

use std::io;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use std::{mem, ptr};

use super::journal::{Journal, mark};
use crate::pool::Limits;

/// Bytes of the stack that handlers run on.
const HANDLER_STACK_SIZE: usize = 64 << 10;
/// How far below the stack pointer the first touch of a new frame can be.
const FRAME_SIZE_MAX: u64 = 1 << 20;
/// How far above the stack pointer a frame that no longer fits can be touched.
const FRAME_REST_MAX: u64 = 64 << 10;

static JOURNAL: AtomicPtr<Journal> = AtomicPtr::new(ptr::null_mut());

/// The journal of this process, once it has one.
pub fn journal() -> Option<&'static Journal> {
    // SAFETY: the pointer is NULL or was made of a reference that lives for ever.
    unsafe { JOURNAL.load(Relaxed).as_ref() }
}

/// What holds for the zygote and, because it is inherited, for all children.
///
/// # Errors
/// When the system refuses.
pub fn prepare_zygote(journal: &'static Journal, limits: &Limits) -> io::Result<()> {
    JOURNAL.store(ptr::from_ref(journal).cast_mut(), Relaxed);
    limit(libc::RLIMIT_CORE, Some(0))?;
    limit(libc::RLIMIT_FSIZE, limits.file_size)?;
    limit(libc::RLIMIT_STACK, limits.stack_size)?;
    limit(libc::RLIMIT_AS, limits.address_space)?;
    let signals = child_signal();
    let stack = libc::stack_t {
        ss_sp: Box::leak(vec![0_u8; HANDLER_STACK_SIZE].into_boxed_slice()).as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: HANDLER_STACK_SIZE,
    };
    // SAFETY: the set, the stack and the option live as long as the calls need them.
    unsafe {
        check(libc::sigprocmask(libc::SIG_BLOCK, &signals, ptr::null_mut()))?;
        check(libc::sigaltstack(&stack, ptr::null_mut()))?;
        check(libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
    }
}

/// What holds for a child: a group of its own, an end with its parent, our handlers.
pub fn prepare_child() {
    let signals = child_signal();
    // SAFETY: the calls take numbers, and a set that lives until they return. None of them can
    // fail with these; a child without one of them is still a child.
    unsafe {
        libc::setpgid(0, 0);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
        libc::sigprocmask(libc::SIG_UNBLOCK, &signals, ptr::null_mut());
        catch_faults();
    }
}

/// The signal that tells of children.
pub fn child_signal() -> libc::sigset_t {
    // SAFETY: the set is made empty before it is used.
    unsafe {
        let mut signals: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&mut signals);
        libc::sigaddset(&mut signals, libc::SIGCHLD);
        signals
    }
}

fn limit(what: libc::__rlimit_resource_t, value: Option<u64>) -> io::Result<()> {
    let Some(value) = value else { return Ok(()) };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure lives until the call returns.
    check(unsafe { libc::getrlimit(what, &mut limit) })?;
    // Nobody may raise what the system has set, and the library is not to raise it back.
    let value = value.min(limit.rlim_max);
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: the structure lives until the call returns.
    check(unsafe { libc::setrlimit(what, &limit) })
}

/// Undoes what a constructor may have done to the signal that tells of children.
pub fn keep_child_signal() {
    let signals = child_signal();
    // SAFETY: the calls take numbers and a set that lives until they return.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        libc::sigprocmask(libc::SIG_BLOCK, &signals, ptr::null_mut());
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// # Safety
/// The process has an alternate stack.
unsafe fn catch_faults() {
    // SAFETY: all zeros is an action without flags and mask; the handler has the type that
    // SA_SIGINFO asks for and does only what a handler may.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = on_fault as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
        libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut());
        libc::sigaction(libc::SIGBUS, &action, ptr::null_mut());
    }
}

/// Notes where a fault was met. The handler is gone when it returns, so the instruction that
/// failed fails again and the process ends by the signal itself.
extern "C" fn on_fault(
    signal: libc::c_int,
    information: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    let Some(journal) = journal() else { return };
    // SAFETY: the system passes both structures to a handler with SA_SIGINFO.
    let (code, address, stack) = unsafe {
        ((*information).si_code, (*information).si_addr() as u64, stack_pointer(context))
    };
    // A signal that somebody sent does not come again by itself.
    if code <= 0 {
        // SAFETY: raises the signal again, which now ends the process.
        unsafe { libc::raise(signal) };
        return;
    }
    let near = stack.saturating_sub(FRAME_SIZE_MAX)..stack.saturating_add(FRAME_REST_MAX);
    let is_overflow = signal == libc::SIGSEGV && near.contains(&address);
    journal.mark_fault(address, if is_overflow { mark::STACK_OVERFLOW } else { 0 });
}

/// # Safety
/// `context` is what the system passed to a handler.
#[cfg(target_arch = "x86_64")]
unsafe fn stack_pointer(context: *mut libc::c_void) -> u64 {
    // SAFETY: by the contract above.
    unsafe {
        (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs[libc::REG_RSP as usize] as u64
    }
}

/// # Safety
/// `context` is what the system passed to a handler.
#[cfg(target_arch = "aarch64")]
unsafe fn stack_pointer(context: *mut libc::c_void) -> u64 {
    // SAFETY: by the contract above.
    unsafe { (*context.cast::<libc::ucontext_t>()).uc_mcontext.sp }
}

/// # Safety
/// None is needed: where registers cannot be read, no stack is ever near a fault.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn stack_pointer(_context: *mut libc::c_void) -> u64 {
    0
}
