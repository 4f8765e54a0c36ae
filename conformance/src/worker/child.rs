//! What a child has, and how it loads the library if it was not born with it.

use std::os::fd::RawFd;
use std::path::PathBuf;

use rtm_abi::functions::TEST_HOOK_NAMES;

use super::journal::{Journal, Phase, mark};
use super::outbox::Outbox;
use crate::engine::time::thread_count;
use crate::engine::{Allowance, LibraryEngine};
use crate::library::Loaded;
use crate::pool::Limits;
use crate::wire::message::{OFFER, Offer, REFUSED};

/// Exit status of a probe that has one thread after loading.
pub const ONE_THREAD: i32 = 64;

/// What a child needs to know.
#[derive(Debug)]
pub struct Child {
    /// The channel to the parent.
    pub channel: RawFd,
    /// Where it writes what it does.
    pub journal: &'static Journal,
    /// Where the library is.
    pub implementation: PathBuf,
    /// The library, when the child was born with it.
    pub loaded: Option<Loaded>,
    /// What the library may use.
    pub limits: Limits,
}

impl Child {
    /// Ends the process, which has done all that it was told.
    pub fn end(&self, status: i32) -> ! {
        self.journal.enter(Phase::Done);
        self.journal.mark(mark::DONE);
        // SAFETY: ends the process without running what the library wants to run then.
        unsafe { libc::_exit(status) }
    }

    /// An engine for the library, which may be waited for longer.
    pub fn engine(&self, loaded: &Loaded, patient: bool) -> LibraryEngine {
        let (callbacks, waits) = (self.limits.callbacks, self.limits.waits(patient));
        let allowance = Allowance { callbacks, waits };
        LibraryEngine::new(loaded.functions, loaded.hooks, allowance)
    }

    /// Loads the library, or tells why that cannot be and ends.
    pub fn load(&self, outbox: &mut Outbox) -> Loaded {
        if let Some(loaded) = self.loaded {
            return loaded;
        }
        self.journal.enter(Phase::Loading);
        match Loaded::load(&self.implementation) {
            Ok(loaded) => loaded,
            Err(reason) => {
                outbox.add(REFUSED, |bytes| bytes.extend_from_slice(reason.as_bytes()));
                outbox.flush();
                self.end(0)
            }
        }
    }
}

/// Loads the library and tells what it offers.
pub fn probe(child: Child) {
    let mut outbox = Outbox::new(child.channel, child.journal);
    let loaded = child.load(&mut outbox);
    let threads = thread_count().unwrap_or(1);
    let missing = loaded.functions.missing().into_iter().map(String::from).collect();
    let lacking = loaded.hooks.missing();
    let hooks = TEST_HOOK_NAMES.iter().filter(|hook| !lacking.contains(hook));
    let offer = Offer { missing, hooks: hooks.map(|h| String::from(*h)).collect(), threads };
    let message = serde_json::to_vec(&offer).unwrap_or_default();
    outbox.add(OFFER, |bytes| bytes.extend_from_slice(&message));
    outbox.flush();
    child.end(if threads == 1 { ONE_THREAD } else { 0 })
}
