//! What a process has, to be compared before and after the library was used.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::{env, fs, mem, ptr};

use crate::engine::time::thread_count;

/// Signals whose handlers are looked at: all but the ones of real time.
const SIGNAL_MAX: usize = 31;
/// Characters of a value that are shown.
const SHOWN_MAX: usize = 40;

/// What a process has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inventory {
    threads: Option<usize>,
    descriptors: usize,
    handlers: [usize; SIGNAL_MAX],
    directory: Option<PathBuf>,
    mask: u32,
    environment: BTreeMap<OsString, OsString>,
}

impl Inventory {
    /// What this process has now.
    pub fn take() -> Inventory {
        let mut handlers = [0; SIGNAL_MAX];
        for (index, handler) in handlers.iter_mut().enumerate() {
            *handler = handler_of(index as libc::c_int + 1);
        }
        let descriptors = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        // SAFETY: the mask is set back at once; this process has no other thread of ours that
        // makes files.
        let mask = unsafe {
            let mask = libc::umask(0o77);
            libc::umask(mask);
            mask
        };
        let directory = env::current_dir().ok();
        let (threads, environment) = (thread_count(), env::vars_os().collect());
        Inventory { threads, descriptors, handlers, directory, mask, environment }
    }

    /// Threads of the process.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or(1)
    }

    /// The same without threads that are ours.
    pub fn without_threads(mut self, ours: usize) -> Inventory {
        self.threads = self.threads.map(|threads| threads.saturating_sub(ours));
        self
    }

    /// What is different now, one sentence each.
    pub fn differences(&self, now: &Inventory) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.threads() < now.threads() {
            let count = now.threads() - self.threads();
            remarks.push(format!("{count} thread(s) left running"));
        }
        if self.descriptors < now.descriptors {
            let count = now.descriptors - self.descriptors;
            remarks.push(format!("{count} descriptor(s) left open"));
        }
        let handlers = self.handlers.iter().zip(&now.handlers).enumerate();
        for (index, _) in handlers.filter(|(_, (before, now))| before != now) {
            remarks.push(format!("handler of signal {} changed", index + 1));
        }
        if self.directory != now.directory {
            let name = |directory: &Option<PathBuf>| match directory {
                Some(directory) => directory.display().to_string(),
                None => String::from("nowhere"),
            };
            let (old, new) = (name(&self.directory), name(&now.directory));
            remarks.push(format!("working directory changed from {old} to {new}"));
        }
        if self.mask != now.mask {
            remarks.push(format!("umask changed from {:03o} to {:03o}", self.mask, now.mask));
        }
        let (old, new) = (&self.environment, &now.environment);
        for (name, value) in new.iter().filter(|(name, value)| old.get(*name) != Some(*value)) {
            let (variable, new) = (shown(name), shown(value));
            remarks.push(match old.get(name) {
                Some(old) => format!("variable {variable} changed from {} to {new}", shown(old)),
                None => format!("variable {variable} set to {new}"),
            });
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            remarks.push(format!("variable {} removed", shown(name)));
        }
        remarks
    }
}

/// A value as a word, cut where it is long.
fn shown(value: &OsStr) -> String {
    let text = value.to_string_lossy();
    let cut: String = text.chars().take(SHOWN_MAX).collect();
    let rest = if cut.len() < text.len() { "..." } else { "" };
    format!("{cut:?}{rest}")
}

fn handler_of(signal: libc::c_int) -> usize {
    // SAFETY: all zeros is an action; the call fills it, or fails and leaves it.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        libc::sigaction(signal, ptr::null(), &mut action);
        action.sa_sigaction
    }
}
