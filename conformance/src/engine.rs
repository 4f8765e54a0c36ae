//! The library as an engine: runs operations through the C interface and shows what came of them.
//!
//! One thread drives all actors: an operation is carried out when its event is asked for, and a
//! callback that arrives on the way is handed to the host at once, on the stack of the call. All
//! memory that the library is given is lent for one call, see [`memory`].
//!
//! Invariant: nothing is assumed of the library. What it writes outside its buffers is reported as
//! an [`Overrun`](memory::Overrun); whatever ends the process is left to who watches it.
//!
//! Not here: isolation, time-outs, crashes; see [`crate::worker`].

mod calling;

mod calls;

mod arguments;

mod observe;

pub mod memory;

mod known;

mod callback;

mod pointed;

pub mod time;

use std::process;
use std::sync::OnceLock;

use rtm_abi::table::{FunctionTable, TestHooks};
use rtm_sim::engine::{Engine, Event, Host, Operation};
use rtm_sim::program::{Actor, Program};
use rtm_sim::vocabulary::observation::Field;

use calling::Calling;
use known::Known;
use memory::{Arena, Overrun, Patterns};
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
    fn called_back(&mut self, receiver: Option<Actor>, event: u32, fields: &[Field]);
    /// The callback that began last is about to return.
    fn returns(&mut self, value: u32);
}

/// What a run allows.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Callbacks in one run.
    pub callbacks: u32,
    /// How long is waited in real time.
    pub waits: Waits,
}

/// A loaded library, as an engine.
pub struct LibraryEngine {
    functions: FunctionTable,
    hooks: TestHooks,
    allowance: Allowance,
    arena: Arena,
    known: Known,
    pending: Option<(Actor, Operation)>,
    /// Operations begun in the run.
    operation: u32,
    callbacks: u32,
    watcher: Option<Box<dyn Watcher>>,
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
            arena: Arena::new(),
            known: Known::default(),
            pending: None,
            operation: 0,
            callbacks: 0,
            watcher: None,
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
        self.arena.use_patterns(Patterns::of_run(parity));
        self.known.clear();
        self.pending = None;
        self.operation = 0;
        self.callbacks = 0;
        self.overruns.clear();
        callback::prepare(returns(program), self.allowance.callbacks);
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

    /// Tells the host of a callback and gives what it returns.
    fn called_back(
        &mut self,
        host: &mut dyn Host,
        actor: Actor,
        event: u32,
        fields: &[Field],
    ) -> u32 {
        if self.callbacks == self.allowance.callbacks {
            Fault::CallbackBudget.end();
        }
        self.callbacks += 1;
        if let Some(watcher) = &mut self.watcher {
            watcher.called_back(Some(actor), event, fields);
        }
        let value = host.callback(self, Some(actor), event, fields);
        if let Some(watcher) = &mut self.watcher {
            watcher.returns(value);
        }
        value
    }

    /// Bytes that are left of one of our buffers from an address in it on.
    fn room_at(&self, address: *const u8) -> Option<usize> {
        self.arena.room_at(address)
    }

    fn carry_out(
        &mut self,
        actor: Actor,
        operation: &Operation,
        host: &mut dyn Host,
        seen: &mut Vec<Field>,
    ) {
        match operation {
            Operation::Call(call) => {
                let mut calling = Calling::new(actor, self, host, seen);
                calls::make(&mut calling, call);
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
            Operation::Advance(milliseconds) => time::advance(self, host, *milliseconds),
            Operation::Settle => time::settle(self, host),
        }
    }
}

impl Engine for LibraryEngine {
    fn begin(&mut self, actor: Actor, operation: Operation) {
        debug_assert!(self.pending.is_none(), "an operation is asked for before the next begins");
        self.pending = Some((actor, operation));
    }

    fn next(&mut self, host: &mut dyn Host, seen: &mut Vec<Field>) -> Event {
        if let Some((actor, operation)) = self.pending.take() {
            if let Some(watcher) = &mut self.watcher {
                watcher.begins(actor, &operation);
            }
            self.carry_out(actor, &operation, host, seen);
            self.operation += 1;
            if let Some(watcher) = &mut self.watcher {
                watcher.ended(actor, seen);
            }
            return Event::Ended(actor);
        }
        if let Some(foreign) = callback::take_foreign() {
            seen.extend_from_slice(&foreign.fields);
            let receiver = Some(foreign.receiver);
            if let Some(watcher) = &mut self.watcher {
                watcher.called_back(receiver, foreign.event, seen);
            }
            return Event::Callback { receiver, event: foreign.event };
        }
        Event::Idle
    }

    fn answer(&mut self, value: u32) {
        // The thread of the library has had its answer, see `callback`.
        if let Some(watcher) = &mut self.watcher {
            watcher.returns(value);
        }
    }
}

/// What the script returns, by actor and event.
fn returns(program: &Program) -> Vec<[u32; 4]> {
    let of_actor = |actor: &rtm_sim::program::ActorPlan| {
        let mut values = [0; 4];
        for reaction in &actor.reactions {
            values[reaction.event as usize] = reaction.returns;
        }
        values
    };
    program.actors.iter().map(of_actor).collect()
}
