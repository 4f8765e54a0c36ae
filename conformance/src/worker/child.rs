//! What a child does: load the library if it was not born with it, make runs, send histories.

use std::cell::RefCell;
use std::ops::Range;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use std::ffi::CString;

use rtm_abi::functions::TEST_HOOK_NAMES;
use rtm_sim::program::Program;
use rtm_sim::run::Run;

use super::inventory::Inventory;
use super::journal::{Journal, Phase, mark};
use super::outbox::Outbox;
use super::recorder::{Heard, Recorder, Shared};
use super::traps;
use crate::engine::time::thread_count;
use crate::engine::{Allowance, Fault, LibraryEngine};
use crate::library::Loaded;
use crate::pool::Limits;
use crate::wire::message::{
    DONE, OFFER, Offer, Order, REFUSED, REMARK, RESET_FAILED, RUN, put_run,
};

/// Exit status of a probe that has one thread after loading.
pub const ONE_THREAD: i32 = 64;
/// Exit status after a fault of our own callbacks; the journal tells which.
const FAULT: i32 = 70;
/// How long a child with more threads than before waits for what they may still do.
const AFTERMATH: Duration = Duration::from_millis(20);

/// What a child needs to know.
#[derive(Debug)]
pub struct Child {
    /// The channel to the parent.
    pub channel: RawFd,
    /// Where it writes what it does.
    pub journal: &'static Journal,
    /// The library.
    pub library: PathBuf,
    /// The library, when the child was born with it.
    pub loaded: Option<Loaded>,
    /// What the library may use.
    pub limits: Limits,
    /// What is to be done.
    pub order: Option<Rc<Order<Program>>>,
    /// Whether what runs still hold at their end is given back.
    pub cleanup: bool,
}

impl Child {
    fn end(&self, status: i32) -> ! {
        self.journal.enter(Phase::Done);
        self.journal.mark(mark::DONE);
        // SAFETY: ends the process without running what the library wants to run then.
        unsafe { libc::_exit(status) }
    }

    /// Loads the library, or tells why that cannot be and ends.
    fn load(&self, outbox: &mut Outbox) -> Loaded {
        if let Some(loaded) = self.loaded {
            return loaded;
        }
        self.journal.enter(Phase::Loading);
        match Loaded::load(&self.library) {
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

/// Makes runs of the order, counted from its first one.
pub fn run(child: Child, runs: Range<u32>) {
    let Some(order) = child.order.clone() else { return };
    Fault::handle_with(end_after_fault);
    let mut outbox = Outbox::new(child.channel, child.journal);
    let loaded = child.load(&mut outbox);
    // In a process of its own only the first run of a job looks around.
    let before = (order.shared || runs.start == 0).then(Inventory::take);
    let outbox = Rc::new(RefCell::new(outbox));
    let allowance = Allowance { callbacks: child.limits.callbacks, waits: child.limits.waits() };
    let mut engine = LibraryEngine::new(loaded.functions, loaded.hooks, allowance);
    configure(&child, &order, &loaded, &mut engine);
    make_runs(&child, &order, runs, &mut engine, &outbox);
    child.journal.enter(Phase::Ending);
    let mut is_alone = false;
    let mut outbox = outbox.borrow_mut();
    outbox.flush();
    if let Some(before) = before {
        let ours = engine.own_threads();
        let mut now = Inventory::take();
        if before.threads() + ours < now.threads() {
            thread::sleep(AFTERMATH);
            now = Inventory::take();
        }
        is_alone = now.threads() == 1;
        engine.remarks.extend(before.differences(&now.without_threads(ours)));
    }
    engine.remarks.dedup();
    for remark in &engine.remarks {
        outbox.add(REMARK, |bytes| bytes.extend_from_slice(remark.as_bytes()));
    }
    if order.shared {
        outbox.add(DONE, |_| {});
    }
    outbox.flush();
    if is_alone {
        child.journal.enter(Phase::Unloading);
        // SAFETY: no thread is left that could run code of the library, and we do not.
        unsafe { loaded.unload() };
    }
    child.end(0)
}

fn make_runs(
    child: &Child,
    order: &Rc<Order<Program>>,
    runs: Range<u32>,
    engine: &mut LibraryEngine,
    outbox: &Rc<RefCell<Outbox>>,
) {
    let entries = order.flushed.then(|| Rc::clone(outbox));
    let recorder = Recorder::new(Rc::clone(order), child.journal, entries);
    let recorder = Shared(Rc::new(RefCell::new(recorder)));
    engine.watch(Box::new(recorder.clone()));
    let mut run = Run::new(&order.program);
    if child.cleanup {
        run.keep_holdings();
    }
    for index in runs.clone() {
        let number = order.first + index;
        child.journal.begin_run(number);
        if index != runs.start {
            child.journal.enter(Phase::Resetting);
            if let Err(status) = engine.reset() {
                let status = status.unwrap_or(u32::MAX);
                outbox
                    .borrow_mut()
                    .add(RESET_FAILED, |bytes| bytes.extend_from_slice(&status.to_le_bytes()));
                return;
            }
        }
        engine.prepare(&order.program, order.parity.wrapping_add(number));
        recorder.0.borrow_mut().begin_run();
        let mut scheduler = order.schedules[index as usize].scheduler(&order.program);
        child.journal.enter(Phase::Running);
        let mut heard = Heard { scheduler: &mut *scheduler, recorder: &recorder };
        run.run(engine, &mut heard);
        let add = |bytes: &mut _| put_run(bytes, number, &run.history, &engine.overruns);
        outbox.borrow_mut().add(RUN, add);
        if !order.batched {
            outbox.borrow_mut().flush();
        }
        if child.cleanup {
            clean_up(child, &mut run, engine, &recorder);
        }
        if engine.is_blocked() {
            // A thread that waits within the library would take part in the next run.
            return;
        }
    }
}

/// Gives back what a run still holds. Its answers are on their way already or wait to be sent;
/// nothing that happens here is judged.
fn clean_up(child: &Child, run: &mut Run<'_>, engine: &mut LibraryEngine, recorder: &Shared) {
    recorder.0.borrow_mut().end_run();
    child.journal.enter(Phase::Cleaning);
    let overruns = engine.overruns.len();
    let cleanup = run.clean_up(engine);
    if overruns < engine.overruns.len() {
        engine.remarks.push(String::from("the library wrote outside a buffer while cleaning up"));
    }
    if let Some(function) = cleanup.blocked {
        engine.remarks.push(format!("{} did not return while cleaning up", function.name()));
    }
}

fn configure(child: &Child, order: &Order<Program>, loaded: &Loaded, engine: &mut LibraryEngine) {
    child.journal.enter(Phase::Configuring);
    for (name, value) in &order.configure {
        let Some(hook) = loaded.hooks.configure else {
            engine.remarks.push(format!("{name} was not set: RtmTestConfigure is missing"));
            continue;
        };
        let Ok(text) = CString::new(name.as_str()) else { continue };
        // SAFETY: the hook takes a C string and a number.
        let status = unsafe { hook(text.as_ptr(), *value) };
        if status != 0 {
            engine.remarks.push(format!("RtmTestConfigure({name}, {value}) returned {status}"));
        }
    }
}

/// Ends a child whose callback cannot go on.
fn end_after_fault(fault: &Fault) -> ! {
    if let Some(journal) = traps::journal() {
        journal.mark(match fault {
            Fault::CallbackBudget => mark::CALLBACK_BUDGET,
            Fault::Panicked(_) => mark::PANICKED,
        });
    }
    // SAFETY: ends the process; the journal says why.
    unsafe { libc::_exit(FAULT) }
}
