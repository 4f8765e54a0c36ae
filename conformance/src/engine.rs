//! The library as an engine: runs operations through the C interface and shows what came of them.
//!
//! One thread drives all actors, unless the program wants one an actor, see [`lanes`]: an operation
//! is carried out when its event is asked for, and a callback that arrives on the way is handed to
//! the host at once, on the stack of the call. All memory that the library is given is lent for
//! one call, see [`memory`].
//!
//! Invariant: nothing is assumed of the library. What it writes outside its buffers is reported as
//! an [`Overrun`](memory::Overrun); whatever ends the process is left to who watches it.
//!
//! Not here: isolation, time-outs, crashes; see [`crate::worker`].

mod calling;

mod calls;

mod arguments;

mod layout;

mod observe;

pub mod memory;

mod known;

mod callback;

mod method;

mod pointed;

mod lanes;

mod stillness;

pub mod time;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::process;
use std::sync::OnceLock;
use std::time::Duration;

use rtm_abi::table::{FunctionTable, TestHooks};
use rtm_sim::engine::{Engine, Event, Host, Operation};
use rtm_sim::program::{Actor, Program};
use rtm_sim::run;
use rtm_sim::vocabulary::callback::{Answer, Told};
use rtm_sim::vocabulary::observation::Field;

use callback::Foreign;
use calling::Calling;
use known::Known;
use lanes::{Errand, Lanes, Step};
use memory::{Arena, Overrun, Patterns};
use observe::View;
use time::Waits;

/// What ends the process from within a callback.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The library has called back more often than a run allows.
    CallbackBudget,
    /// Our own callback panicked, with this message.
    Panicked(String),
}

static FAULT_HANDLER: OnceLock<fn(&Fault) -> !> = OnceLock::new();

impl Fault {
    /// Sets who ends the process; the first one stays.
    pub fn handle_with(handler: fn(&Fault) -> !) {
        FAULT_HANDLER.get_or_init(|| handler);
    }

    /// A panic of ours, with its message.
    fn of_panic(panic: &(dyn Any + Send)) -> Fault {
        let text = panic.downcast_ref::<&str>().map(|text| String::from(*text));
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Fault::Panicked(text.unwrap_or_default())
    }

    /// Ends the process.
    fn end(self) -> ! {
        match FAULT_HANDLER.get() {
            Some(handler) => handler(&self),
            None => process::abort(),
        }
    }
}

/// Is told of everything as it happens, before it can go wrong.
pub trait Watcher {
    /// An operation is about to be carried out.
    fn begins(&mut self, actor: Actor, operation: &Operation);
    /// The operation of this actor that began last has ended.
    fn ended(&mut self, actor: Actor, fields: &[Field]);
    /// A callback begins.
    fn called_back(&mut self, receiver: Option<Actor>, told: Told, fields: &[Field]);
    /// The callback that began last is about to return.
    fn answers(&mut self, answer: &Answer);
}

/// What a run allows.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Callbacks in one run.
    pub callbacks: u32,
    /// How long is waited in real time.
    pub waits: Waits,
}

/// An operation that has ended, and what it showed.
#[derive(Debug)]
struct End {
    actor: Actor,
    /// Whether it has waited for events.
    settles: bool,
    fields: Vec<Field>,
}

/// A loaded library, as an engine.
pub struct LibraryEngine {
    functions: FunctionTable,
    hooks: TestHooks,
    allowance: Allowance,
    /// One a lane; the first is the driver's.
    arenas: Vec<Arena>,
    known: Known,
    pending: Option<(Actor, Operation)>,
    /// Operations begun in the run.
    operation: u32,
    callbacks: u32,
    /// Who is told of callbacks, while an event is asked for.
    host: Option<*mut (dyn Host + 'static)>,
    lanes: Option<&'static Lanes>,
    watcher: Option<Box<dyn Watcher>>,
    /// Callbacks of threads of the library that the host has been told of and not answered; with
    /// the operation that ends behind it, where it is a method or that has waited for it.
    foreign: Vec<Option<End>>,
    /// An operation that ends now.
    ending: Option<End>,
    /// What was written outside a buffer in this run.
    pub overruns: Vec<Overrun>,
    /// What else is worth telling.
    pub remarks: Vec<String>,
}

impl LibraryEngine {
    /// An engine for the library that these functions belong to.
    pub fn new(functions: FunctionTable, hooks: TestHooks, allowance: Allowance) -> LibraryEngine {
        LibraryEngine {
            functions,
            hooks,
            allowance,
            arenas: vec![Arena::new()],
            known: Known::default(),
            pending: None,
            operation: 0,
            callbacks: 0,
            host: None,
            lanes: None,
            watcher: None,
            foreign: Vec::new(),
            ending: None,
            overruns: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Tells `watcher` of everything from now on.
    pub fn watch(&mut self, watcher: Box<dyn Watcher>) {
        self.watcher = Some(watcher);
    }

    /// Gets ready for a run of `program`; the library is in its first state.
    pub fn prepare(&mut self, program: &Program, parity: u32) {
        if program.threads && self.lanes.is_none() {
            let block_time_max = Duration::from_millis(self.allowance.waits.block_ms_max.into());
            self.lanes = Some(Lanes::start(program.actors.len(), block_time_max));
            self.arenas.resize_with(program.actors.len() + 1, Arena::new);
        }
        for arena in &mut self.arenas {
            arena.begin_run(Patterns::of_run(parity));
        }
        self.known.clear();
        self.pending = None;
        self.foreign.clear();
        self.ending = None;
        self.operation = 0;
        self.callbacks = 0;
        self.overruns.clear();
        callback::prepare(&program.actors, self.allowance.callbacks);
    }

    /// Ends a run: what was written to memory of calls that were over joins the overruns.
    pub fn conclude(&mut self) {
        for arena in &mut self.arenas {
            arena.end_run(&mut self.overruns);
        }
    }

    /// Goes back to the state just after loading, through the hook.
    ///
    /// # Errors
    /// The status of the hook; `None` when there is none.
    pub fn reset(&mut self) -> Result<(), Option<u32>> {
        let reset = self.hooks.reset.ok_or(None)?;
        // SAFETY: the hook takes no argument, and no call of ours runs.
        match unsafe { reset() } {
            0 => Ok(()),
            status => Err(Some(status)),
        }
    }

    /// Threads of the process that this engine has started.
    pub fn own_threads(&self) -> usize {
        self.own_thread_count() - 1
    }

    /// Whether an operation still waits within the library, so that no other run can be made.
    pub fn is_blocked(&self) -> bool {
        self.lanes.is_some_and(|lanes| !lanes.are_idle())
    }

    /// Threads of this process that are ours.
    fn own_thread_count(&self) -> usize {
        self.arenas.len()
    }

    /// Tells the host of a callback and gives its answer.
    ///
    /// # Safety
    /// This thread may use the engine, and an event is asked for.
    unsafe fn called_back(
        engine: *mut LibraryEngine,
        actor: Actor,
        told: Told,
        fields: &[Field],
    ) -> Answer {
        // SAFETY: by the contract above; whoever called us uses the engine only after we return.
        let this = unsafe { &mut *engine };
        if this.callbacks == this.allowance.callbacks {
            Fault::CallbackBudget.end();
        }
        this.callbacks += 1;
        if let Some(watcher) = &mut this.watcher {
            watcher.called_back(Some(actor), told, fields);
        }
        let Some(host) = this.host else { return run::answer(None, told, fields) };
        // SAFETY: the host is there as long as an event is asked for, and who gave it to us waits
        // for that event.
        let answer = unsafe { (*host).callback(this, Some(actor), told, fields) };
        if let Some(watcher) = &mut this.watcher {
            watcher.answers(&answer);
        }
        answer
    }

    /// What is left of one of this thread's buffers from an address in it on.
    ///
    /// # Safety
    /// A call of this thread runs, and does not end while the view is used.
    unsafe fn lent_at(engine: *mut LibraryEngine, address: *const u8) -> Option<View<'static>> {
        // SAFETY: by the contract above; the list of arenas does not change during a run.
        unsafe { (&(*engine).arenas)[lanes::current()].lent_at(address) }
    }

    /// Carries out an operation on this thread.
    ///
    /// # Safety
    /// This thread may use the engine.
    unsafe fn carry_out(engine: *mut LibraryEngine, errand: &Errand, seen: &mut Vec<Field>) {
        match &errand.operation {
            Operation::Call(call) => {
                // SAFETY: by the contract above.
                let calling = unsafe { Calling::new(engine, errand.actor, errand.number, seen) };
                calls::make(calling, call);
            }
            // SAFETY: the scenario reads only through pointers that the library gave out and that
            // it says are good; a wrong one ends the process, and that is the finding.
            Operation::Read { pointer, structure } => unsafe {
                pointed::read(*pointer, *structure, seen);
            },
            // SAFETY: as above.
            Operation::Write { pointer, structure, members } => unsafe {
                pointed::write(*pointer, *structure, members);
            },
            // SAFETY: by the contract above.
            Operation::Advance(milliseconds) => unsafe { time::advance(engine, *milliseconds) },
            // SAFETY: by the contract above.
            Operation::Settle => unsafe { time::settle(engine) },
        }
    }

    fn step(&mut self, seen: &mut Vec<Field>) -> Event {
        // Within a callback, everything happens on the thread that was called back.
        let lanes = self.lanes.filter(|_| !callback::is_within_call());
        if let Some(end) = self.ending.take() {
            return self.ended(end, seen);
        }
        if let Some((actor, operation)) = self.pending.take() {
            return self.carry_out_pending(lanes, actor, operation, seen);
        }
        if let Some(lanes) = lanes {
            while let Some((index, step)) = lanes.resume(self) {
                if let Step::Ended { settles, fields } = step {
                    return self.ended(End { actor: (index - 1) as Actor, settles, fields }, seen);
                }
            }
        }
        match callback::take_foreign() {
            Some(foreign) => self.report_foreign(foreign, None, seen),
            None => Event::Idle,
        }
    }

    /// Reports a callback that came on a thread of the library, with what ends behind it.
    fn report_foreign(
        &mut self,
        foreign: Foreign,
        end: Option<End>,
        seen: &mut Vec<Field>,
    ) -> Event {
        seen.clear();
        seen.extend_from_slice(&foreign.fields);
        self.foreign.push(end);
        let (receiver, told) = (Some(foreign.receiver), foreign.told);
        if let Some(watcher) = &mut self.watcher {
            watcher.called_back(receiver, told, seen);
        }
        Event::Callback { receiver, told }
    }

    fn carry_out_pending(
        &mut self,
        lanes: Option<&Lanes>,
        actor: Actor,
        operation: Operation,
        seen: &mut Vec<Field>,
    ) -> Event {
        if let Some(watcher) = &mut self.watcher {
            watcher.begins(actor, &operation);
        }
        let errand = Errand { actor, operation, number: self.operation };
        self.operation += 1;
        let settles = matches!(errand.operation, Operation::Settle);
        match lanes {
            None => {
                // SAFETY: whoever asks for an event may use the engine.
                unsafe { LibraryEngine::carry_out(self, &errand, seen) };
                self.ended_here(actor, settles, seen)
            }
            Some(lanes) => {
                let index = usize::from(actor) + 1;
                if !lanes.is_idle(index) {
                    return Event::Blocked(actor);
                }
                match lanes.run(self, index, errand) {
                    Step::Ended { settles, fields } => {
                        self.ended(End { actor, settles, fields }, seen)
                    }
                    Step::Blocked => Event::Blocked(actor),
                }
            }
        }
    }

    /// Reports the end of an operation; `seen` is empty.
    fn ended(&mut self, end: End, seen: &mut Vec<Field>) -> Event {
        seen.extend_from_slice(&end.fields);
        self.ended_here(end.actor, end.settles, seen)
    }

    /// Reports the end of an operation that has shown `seen`, behind the methods that were run for
    /// it and, where it has waited for events, behind those.
    fn ended_here(&mut self, actor: Actor, settles: bool, seen: &mut Vec<Field>) -> Event {
        let before = match settles {
            true => callback::take_foreign(),
            false => callback::take_foreign_method(),
        };
        if let Some(foreign) = before {
            let end = End { actor, settles, fields: std::mem::take(seen) };
            return self.report_foreign(foreign, Some(end), seen);
        }
        if let Some(watcher) = &mut self.watcher {
            watcher.ended(actor, seen);
        }
        Event::Ended(actor)
    }
}

impl Engine for LibraryEngine {
    fn begin(&mut self, actor: Actor, operation: &Operation) {
        debug_assert!(self.pending.is_none(), "an operation is asked for before the next begins");
        self.pending = Some((actor, operation.clone()));
    }

    fn next(&mut self, host: &mut dyn Host, seen: &mut Vec<Field>) -> Event {
        let host: *mut (dyn Host + '_) = host;
        // SAFETY: only the lifetime changes; the pointer is taken away again before we return.
        let host: *mut (dyn Host + 'static) = unsafe { std::mem::transmute(host) };
        let outer = self.host.replace(host);
        let event = self.step(seen);
        self.host = outer;
        event
    }

    fn wait_for_blocked(&mut self) {
        if let Some(lanes) = self.lanes {
            lanes.wait_for_blocked();
        }
    }

    fn answer(&mut self, answer: &Answer) {
        // The thread of the library has had its answer, see `callback`.
        if let Some(end @ Some(_)) = self.foreign.pop() {
            self.ending = end;
        }
        if let Some(watcher) = &mut self.watcher {
            watcher.answers(answer);
        }
    }
}
