//! Processes that outlive the worker they come of.
//!
//! A worker ends what its children leave behind. Where the library has ended the worker, such
//! processes become children of this one, which knows them by a variable of their environment.

use std::fs;
use std::io;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// The variable that all processes of a family have.
pub const VARIABLE: &str = "RTM_WORKER_FAMILY";
/// Looks in a row at which nobody may be found any more.
const LOOKS_WITHOUT_STRAYS: u32 = 2;
/// Most looks: a family that starts processes faster than they are ended is left alone at last.
const LOOKS_MAX: u32 = 200;
/// Time between two looks.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

static FAMILIES: AtomicU32 = AtomicU32::new(0);

/// A name for the processes of a worker. From now on those that lose their parent come to us.
pub fn new_family() -> io::Result<String> {
    // SAFETY: the call takes numbers.
    match unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } {
        0 => Ok(format!("{}-{}", process::id(), FAMILIES.fetch_add(1, Relaxed))),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Ends the processes of a family that have become ours; tells how many.
pub fn end(family: &str) -> u32 {
    let mark = format!("{VARIABLE}={family}");
    let (mut ended, mut quiet) = (0, 0);
    for _ in 0..LOOKS_MAX {
        let members: Vec<i32> = children().into_iter().filter(|pid| has(*pid, &mark)).collect();
        for pid in &members {
            // SAFETY: the process is our child and was not waited for, so the number is its own;
            // nothing is asked for but its end.
            unsafe {
                libc::kill(-pid, libc::SIGKILL);
                libc::kill(*pid, libc::SIGKILL);
                libc::waitpid(*pid, ptr::null_mut(), 0);
            }
            ended += 1;
        }
        quiet = if members.is_empty() { quiet + 1 } else { 0 };
        if quiet == LOOKS_WITHOUT_STRAYS {
            break;
        }
        thread::sleep(LOOK_INTERVAL);
    }
    ended
}

/// Processes whose parent is this one.
fn children() -> Vec<i32> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")));
    let text = lists.map(Result::unwrap_or_default).collect::<Vec<_>>().join(" ");
    text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Whether a process was started with this in its environment, or comes of one that was.
fn has(pid: i32, mark: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
}
