//! What all children of a job have in common: the runs that they make.

use std::cell::RefCell;
use std::ffi::CString;
use std::ops::Range;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use rtm_sim::program::Program;
use rtm_sim::run::Run;

use super::KEPT_MS_MAX;
use super::child::Child;
use super::inventory::Inventory;
use super::journal::{Journal, Phase, mark};
use super::outbox::Outbox;
use super::recorder::{Heard, Recorder, Shared};
use super::traps;
use crate::engine::{Fault, LibraryEngine};
use crate::library::Loaded;
use crate::wire::message::{DONE, Order, REMARK, RESET_FAILED, RUN, put_run};

/// Exit status after a fault of our own callbacks; the journal tells which.
const FAULT: i32 = 70;
/// How long a child with more threads than before waits for what they may still do.
const AFTERMATH: Duration = Duration::from_millis(20);

/// What is ready before a child is born, so that not every child of a job has to make it anew.
///
/// Nothing of the library is called before there is a child.
pub struct Stage<'o> {
    child: Child,
    order: &'o Rc<Order<Program>>,
    /// The engine; made later where it is the child that loads the library.
    engine: Option<LibraryEngine>,
    recorder: Shared,
    run: Run<'o>,
    /// Whether what runs still hold at their end is given back.
    pub cleanup: bool,
}

impl<'o> Stage<'o> {
    /// A stage on which all runs of an order can be made.
    pub fn new(child: Child, order: &'o Rc<Order<Program>>) -> Stage<'o> {
        Fault::handle_with(end_after_fault);
        let recorder = Recorder::new(Rc::clone(order), child.journal);
        Stage {
            engine: child.loaded.map(|loaded| child.engine(&loaded, order.patient)),
            child,
            order,
            recorder: Shared(Rc::new(RefCell::new(recorder))),
            run: Run::new(&order.program),
            cleanup: order.cleanup,
        }
    }

    /// Makes runs of the order, counted from its first one, and ends the process.
    pub fn run(&mut self, runs: Range<u32>) {
        let outbox = Outbox::new(self.child.channel, self.child.journal);
        let outbox = Rc::new(RefCell::new(outbox));
        let loaded = self.child.load(&mut outbox.borrow_mut());
        // Of processes of their own only the first one of a job looks around, if any.
        let looks = self.order.shared || self.order.inspected && runs.start == 0;
        let before = looks.then(Inventory::take);
        self.make_runs(runs, &loaded, &outbox);
        self.child.journal.enter(Phase::Ending);
        if self.tell_rest(before, &mut outbox.borrow_mut()) {
            self.child.journal.enter(Phase::Unloading);
            // SAFETY: no thread is left that could run code of the library, and we do not.
            unsafe { loaded.unload() };
        }
        self.child.end(0)
    }

    fn make_runs(&mut self, runs: Range<u32>, loaded: &Loaded, outbox: &Rc<RefCell<Outbox>>) {
        let Stage { child, order, engine, recorder, run, cleanup } = self;
        let journal = child.journal;
        let engine = engine.get_or_insert_with(|| child.engine(loaded, order.patient));
        journal.enter(Phase::Configuring);
        configure(order, loaded, engine);
        if order.flushed {
            recorder.0.borrow_mut().send_at_once(Rc::clone(outbox));
        }
        engine.watch(Box::new(recorder.clone()));
        if *cleanup {
            run.keep_holdings();
        }
        let mut sent = Instant::now();
        for index in runs.clone() {
            let number = order.first + index;
            journal.begin_run(number);
            if index != runs.start {
                journal.enter(Phase::Resetting);
                if let Err(status) = engine.reset() {
                    let status = status.unwrap_or(u32::MAX).to_le_bytes();
                    outbox.borrow_mut().add(RESET_FAILED, |bytes| bytes.extend_from_slice(&status));
                    return;
                }
            }
            engine.prepare(&order.program, order.parity.wrapping_add(number));
            recorder.0.borrow_mut().begin_run();
            let mut scheduler = order.schedules[index as usize].scheduler(&order.program);
            journal.enter(Phase::Running);
            let mut heard = Heard { scheduler: &mut *scheduler, recorder };
            run.run(engine, &mut heard);
            engine.conclude();
            let add = |bytes: &mut _| put_run(bytes, number, &run.history, &engine.overruns);
            outbox.borrow_mut().add(RUN, add);
            if !order.batched || KEPT_MS_MAX <= sent.elapsed().as_millis() as u64 {
                outbox.borrow_mut().flush();
                sent = Instant::now();
            }
            if *cleanup {
                clean_up(journal, run, engine, recorder);
            }
            if engine.is_blocked() {
                // A thread that waits within the library would take part in the next run.
                return;
            }
        }
    }

    /// Tells what is worth telling beside the runs; and whether this thread is the only one now,
    /// as far as it was looked.
    fn tell_rest(&mut self, before: Option<Inventory>, outbox: &mut Outbox) -> bool {
        outbox.flush();
        let Some(engine) = &mut self.engine else { return false };
        let mut is_alone = false;
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
        if self.order.shared {
            outbox.add(DONE, |_| {});
        }
        outbox.flush();
        is_alone
    }
}

/// Gives back what a run still holds. Its answers are on their way already or wait to be sent;
/// nothing that happens here is judged.
fn clean_up(journal: &Journal, run: &mut Run<'_>, engine: &mut LibraryEngine, recorder: &Shared) {
    recorder.0.borrow_mut().end_run();
    journal.enter(Phase::Cleaning);
    let overruns = engine.overruns.len();
    let cleanup = run.clean_up(engine);
    engine.conclude();
    if overruns < engine.overruns.len() {
        engine.remarks.push(String::from("the library wrote outside a buffer while cleaning up"));
    }
    if let Some(function) = cleanup.blocked {
        engine.remarks.push(format!("{} did not return while cleaning up", function.name()));
    }
}

fn configure(order: &Order<Program>, loaded: &Loaded, engine: &mut LibraryEngine) {
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
