//! The one model of the process, and how calls of several threads share it.
//!
//! The model works on one stack of frames: an operation that has begun, a callback that runs
//! inside of it, an operation that was begun from there, and so on. It takes an operation that
//! begins while a callback runs as nested: such an operation takes effect at once, and its events
//! are only queued. Threads are fitted to that stack as follows.
//!
//! * One mutex guards the model. A call holds it from its beginning to its end, except while a
//!   callback that it delivers runs.
//! * Whatever call begins while no callback runs is the outermost one. It delivers the queue
//!   before it returns: it takes the next callback from the model, lets go of the mutex, calls the
//!   client's function, takes the mutex again and answers. Between an answer and the next callback
//!   the mutex is not let go, so no other call can come in and become outermost as well.
//! * A call that begins while a callback runs, on the same thread or on another, finds the frame
//!   of that callback on the stack. It is nested, calls nobody back, and so it begins and ends
//!   under one hold of the mutex. The stack is as it was before when the mutex is let go, so the
//!   answer of the callback finds its own frame on top. The outermost call delivers its events.
//! * An advance of the clock delivers even when it is nested, and an invocation runs methods. From
//!   inside a callback, on the same thread, that is a proper nesting: it ends before the callback
//!   returns. Another thread waits until no callback runs, or the two would end in the wrong order.
//!   So does a settle, since it is to return when nothing waits to be delivered. A callback that
//!   waits for another thread which advances, settles or invokes therefore waits for ever.
//!
//! * A call that must wait for another client has changed nothing. Its thread lets go of the mutex
//!   and sleeps; whenever another call has ended it makes its own anew.
//!
//! Not here: how arguments are read and outputs written; see [`crate::argument`] and
//! [`crate::outputs`].

use std::sync::{Condvar, LazyLock, Mutex, MutexGuard};

use rtm_abi::types::{EntityExportMethod, EventCallback};
use rtm_sim::engine::{Engine, Event, NoHost, Operation};
use rtm_sim::model::Model;
use rtm_sim::program::Actor;
use rtm_sim::vocabulary::call::{Call, Function};
use rtm_sim::vocabulary::callback::{Answer, Told};
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Place, Value, handle_at, number_at};
use rtm_sim::vocabulary::status::Status;

use crate::argument::{self, METHODS_MAX, Raw};
use crate::callback::{self, Client, Delivery, FIRST_THREAD, NOBODY};
use crate::cells::Cells;
use crate::guard::{self, RTM_REFERENCE_PANIC};
use crate::method::{self, Buffers, MethodRun};
use crate::outputs::{self, Leads, capacity};
use crate::pointers::Pointers;
use crate::settings::Settings;
use crate::tampering::{Course, Tampering};

// Handles are the model's 64-bit values.
const _: () = assert!(size_of::<usize>() == size_of::<u64>());

static PROCESS: LazyLock<Mutex<Process>> = LazyLock::new(|| Mutex::new(Process::load()));

/// Told when the last callback has ended.
static QUIET: Condvar = Condvar::new();

/// Told when a call has ended while others wait.
static FREED: Condvar = Condvar::new();

/// Everything that the library holds.
#[derive(Debug)]
pub(crate) struct Process {
    settings: Settings,
    tampering: Tampering,
    /// Callbacks that a fault makes late.
    late: Vec<Delivery>,
    /// Those that are late since the operation before.
    was_late: Vec<Delivery>,
    model: Model,
    pointers: Pointers,
    cells: Cells,
    /// Registered clients.
    clients: Vec<Client>,
    /// Clients that are registered, with a function or without.
    registered: usize,
    /// Receivers of the callbacks that run, the innermost last.
    running: Vec<Actor>,
    /// Threads that wait until none runs.
    waiting: usize,
    /// Calls that wait for another client.
    suspended: usize,
    next_actor: Actor,
    /// Memory for observations; calls inside of callbacks need one each.
    spare: Vec<Vec<Field>>,
}

/// The mutex of the process, held.
pub(crate) type Held = MutexGuard<'static, Process>;

/// What an operation needs to know besides itself.
#[derive(Clone, Copy, Default)]
struct Caller {
    actor: Actor,
    /// The function of a client that is about to register. It may be called before its
    /// registration is known.
    registering: EventCallback,
}

/// The process, or `None` after a panic.
pub(crate) fn lock() -> Option<Held> {
    PROCESS.lock().ok()
}

/// The process once no callback runs; at once on a thread that runs one itself.
pub(crate) fn lock_when_quiet() -> Option<Held> {
    let mut process = lock()?;
    while !process.running.is_empty() && callback::receiver().is_none() {
        process.waiting += 1;
        process = QUIET.wait(process).ok()?;
        process.waiting -= 1;
    }
    Some(process)
}

/// Carries out a call, within [`guard::catch`]. `raw` holds its arguments as they came.
///
/// # Safety
/// Each pointer in `raw` is NULL or leads to what the function writes there.
pub(crate) unsafe fn call(function: Function, operation: &Operation, raw: &[Raw]) -> u32 {
    debug_assert!(argument::in_order(operation, raw), "{operation:?} was made of {raw:?}");
    // Methods run for one call at a time, but for those that are invoked from inside of others.
    let process = match function {
        Function::InvokeMethod => lock_when_quiet(),
        _ => lock(),
    };
    let Some(mut process) = process else { return RTM_REFERENCE_PANIC };
    if function == Function::RegisterEntity && !process.settings.usable() {
        return Status::ERROR_BAD_CONFIGURATION.0;
    }
    let Process { pointers, model, .. } = &mut *process;
    pointers.take_edits(model);
    let capacity = capacity(function, raw);
    if matches!(function, Function::LockRoute | Function::UpdateAndUnlockRoute) {
        pointers.take_edits_of(model, raw[1].handle());
    }
    let caller = process.caller(function, raw);
    let buffers = Buffers::of(function, raw);
    let mut seen = process.spare.pop().unwrap_or_default();
    let event = process.begin(caller, operation, &mut seen);
    // What comes nearly always: it has ended, and nobody waits for that.
    if !matches!(event, Event::Ended(_)) || process.somebody_waits() {
        // SAFETY: the caller vouches for the pointers.
        let done = unsafe { go_on(process, caller, operation, buffers, event, seen) };
        (process, seen) = match done {
            Some(done) => done,
            None => return RTM_REFERENCE_PANIC,
        };
    }
    let mut status = status(&seen);
    if status == Status::NO_ERROR.0 {
        process.follow(function, raw, caller, &seen);
    }
    if process.tampering.alter(function, &mut seen) {
        status = self::status(&seen);
    }
    let Process { pointers, cells, model, clients, .. } = &mut *process;
    let target = raw.get(1).map_or(Handle::NULL, |argument| argument.handle());
    let mut lead = Leads { function, target, pointers, cells, model, clients };
    // SAFETY: the caller vouches for the pointers; the model shows no more than was asked.
    unsafe { outputs::write(function, raw, capacity, &seen, &mut lead) };
    process.spare.push(seen);
    status
}

/// Carries out an operation that is no call.
pub(crate) fn operate(name: &str, operation: Operation) -> u32 {
    guard::catch(name, || {
        let Some(mut process) = lock_when_quiet() else { return RTM_REFERENCE_PANIC };
        let Process { pointers, model, .. } = &mut *process;
        pointers.take_edits(model);
        let caller = Caller { actor: callback::actor(), registering: None };
        let mut seen = process.spare.pop().unwrap_or_default();
        let event = process.begin(caller, &operation, &mut seen);
        // SAFETY: no methods run for an operation that is no call.
        let done = unsafe { go_on(process, caller, &operation, Buffers::NONE, event, seen) };
        let Some((mut process, seen)) = done else { return RTM_REFERENCE_PANIC };
        process.spare.push(seen);
        Status::NO_ERROR.0
    })
}

/// Runs an operation to its end, from its first event on, and delivers what it has caused if it is
/// the outermost one. Gives what it showed, or `None` when another thread panicked in the meantime.
///
/// # Safety
/// The buffers are those of the operation, if it is a call that runs methods.
#[cold]
unsafe fn go_on(
    mut process: Held,
    caller: Caller,
    operation: &Operation,
    buffers: Buffers,
    mut event: Event,
    mut seen: Vec<Field>,
) -> Option<(Held, Vec<Field>)> {
    let invokes = matches!(operation, Operation::Call(Call::InvokeMethod(_)));
    loop {
        match event {
            Event::Ended(_) => break,
            Event::Callback { receiver, told } => {
                let actor = receiver.unwrap_or(NOBODY);
                let element = process.model.running_element(caller.actor);
                if let (Told::Method(index), Some(element)) = (told, element) {
                    let method = process.method_of(actor, index, &seen);
                    // SAFETY: the caller vouches for the buffers, the model for the element.
                    let run = unsafe { MethodRun::new(actor, method, buffers, element, &seen) };
                    let answer;
                    (process, answer) = run_outside(process, actor, || run.run())?;
                    process.model.answer(&answer);
                    event = process.next(&mut seen);
                    continue;
                }
                let function = process.function_of(actor, caller, &seen);
                process.lead_to_route(&mut seen);
                let course = process.tampering.course(&mut seen);
                let delivery = Delivery::new(actor, function, &seen);
                let mut value = 0;
                match course {
                    Course::AsDue | Course::Context => {
                        (process, value) = deliver(process, delivery)?;
                    }
                    Course::Doubled => {
                        (process, _) = deliver(process, delivery.clone())?;
                        (process, value) = deliver(process, delivery)?;
                    }
                    Course::Dropped => {}
                    Course::Late => process.late.push(delivery),
                }
                process.model.answer(&Answer::Event(value));
            }
            Event::Blocked(_) => {
                let ticket = process.model.last_ticket();
                process.suspended += 1;
                // Methods that run at last must not come between a callback and its answer.
                let alone = invokes && callback::receiver().is_none();
                while alone && !process.running.is_empty() || !process.model.begin_again(ticket) {
                    process = FREED.wait(process).ok()?;
                }
                process.suspended -= 1;
            }
            Event::Idle => unreachable!("a call of this model does not vanish"),
        }
        event = process.next(&mut seen);
    }
    if process.running.is_empty() && !process.was_late.is_empty() {
        for delivery in std::mem::take(&mut process.was_late) {
            (process, _) = deliver(process, delivery)?;
        }
    }
    process.was_late = std::mem::take(&mut process.late);
    if process.suspended != 0 {
        FREED.notify_all();
    }
    if process.waiting != 0 && process.running.is_empty() {
        QUIET.notify_all();
    }
    Some((process, seen))
}

/// Calls a client back, the mutex given up meanwhile.
fn deliver(process: Held, delivery: Delivery) -> Option<(Held, u32)> {
    run_outside(process, delivery.actor(), || delivery.run())
}

/// Runs code of a client, the mutex given up meanwhile.
fn run_outside<R>(mut process: Held, actor: Actor, code: impl FnOnce() -> R) -> Option<(Held, R)> {
    process.running.push(actor);
    drop(process);
    let result = code();
    process = lock()?;
    process.running.pop();
    Some((process, result))
}

impl Process {
    fn load() -> Process {
        let settings = Settings::load();
        Process {
            model: settings.model(),
            settings,
            tampering: Tampering::load(),
            late: Vec::new(),
            was_late: Vec::new(),
            pointers: Pointers::default(),
            cells: Cells::default(),
            clients: Vec::new(),
            registered: 0,
            running: Vec::new(),
            waiting: 0,
            suspended: 0,
            next_actor: 0,
            spare: Vec::new(),
        }
    }

    /// Begins an operation; what comes of it first.
    #[inline]
    fn begin(&mut self, caller: Caller, operation: &Operation, seen: &mut Vec<Field>) -> Event {
        self.model.begin(caller.actor, operation);
        self.next(seen)
    }

    #[inline]
    fn next(&mut self, seen: &mut Vec<Field>) -> Event {
        seen.clear();
        self.model.next(&mut NoHost, seen)
    }

    /// Whether a callback that a fault made late or another thread waits for an operation to end.
    fn somebody_waits(&self) -> bool {
        !(self.late.is_empty() && self.was_late.is_empty())
            || self.suspended != 0
            || self.waiting != 0
    }

    /// Back to the state just after loading; false while a callback runs or a call waits.
    /// Settings stay.
    pub(crate) fn reset(&mut self) -> bool {
        if !self.running.is_empty() || self.suspended != 0 {
            return false;
        }
        self.model = self.settings.model();
        self.pointers = Pointers::default();
        self.cells = Cells::default();
        self.clients.clear();
        self.late.clear();
        self.was_late.clear();
        self.registered = 0;
        self.next_actor = 0;
        true
    }

    /// Changes the settings. They take effect at once while nothing is registered, with a new
    /// model, and at the next reset otherwise. False when the change was refused.
    pub(crate) fn set(&mut self, change: impl FnOnce(&mut Settings) -> bool) -> bool {
        let changed = change(&mut self.settings);
        if changed && self.registered == 0 {
            self.reset();
        }
        changed
    }

    pub(crate) fn waiting_calls(&self) -> usize {
        self.suspended
    }

    pub(crate) fn broken_invariants(&self) -> Vec<String> {
        self.model.broken_invariants()
    }

    /// Replaces the direct pointer of an event by the address that clients are given for it.
    fn lead_to_route(&mut self, seen: &mut [Field]) {
        let Process { pointers, model, .. } = self;
        for field in seen.iter_mut().filter(|f| f.place == Place::CONTEXT2) {
            if let Value::Pointer(pointer) = field.value {
                field.value = Value::Pointer(pointers.address(model, pointer));
            }
        }
    }

    /// Who calls; see [`crate::callback`].
    fn caller(&mut self, function: Function, raw: &[Raw]) -> Caller {
        if function != Function::RegisterEntity {
            return Caller { actor: callback::actor(), registering: None };
        }
        let inside = callback::receiver();
        let registering = raw.iter().find_map(|argument| match argument {
            Raw::Callback(callback) => *callback,
            _ => None,
        });
        Caller { actor: inside.unwrap_or_else(|| self.new_actor()), registering }
    }

    fn new_actor(&mut self) -> Actor {
        // A call can be inside of so many callbacks only if it nests without end.
        for _ in 0..FIRST_THREAD {
            let actor = self.next_actor;
            self.next_actor = (actor + 1) % FIRST_THREAD;
            if !self.running.contains(&actor) {
                return actor;
            }
        }
        NOBODY
    }

    /// Those that the model knows by this number; the one with this handle is the first.
    fn named(&self, actor: Actor, registration: Handle) -> impl Iterator<Item = &Client> {
        let is_named = move |client: &&Client| client.registration == registration;
        let candidates = self.clients.iter().filter(move |client| client.actor == actor);
        candidates.clone().filter(is_named).chain(candidates)
    }

    /// The function to call for an event: of the client that the model names by its number, and
    /// where several share one, by its handle too.
    fn function_of(&self, actor: Actor, caller: Caller, seen: &[Field]) -> EventCallback {
        let registration = handle_at(seen, Place::RECEIVER);
        let first = self.named(actor, registration).next();
        let is_named = first.is_some_and(|client| client.registration == registration);
        let registering = caller.registering.filter(|_| caller.actor == actor && !is_named);
        registering.or(first.and_then(|client| client.callback))
    }

    /// The function to call for a method, found like that for an event.
    fn method_of(&self, actor: Actor, index: u8, seen: &[Field]) -> EntityExportMethod {
        let client = self.named(actor, handle_at(seen, Place::CALLEE)).next();
        client.and_then(|client| client.methods.get(usize::from(index)).copied().flatten())
    }

    /// What this library keeps beside the model follows a call that succeeded.
    fn follow(&mut self, function: Function, raw: &[Raw], caller: Caller, seen: &[Field]) {
        let Process { pointers, model, .. } = self;
        match function {
            Function::RegisterEntity => {
                self.registered += 1;
                let registration = handle_at(seen, Place::output(5));
                let Caller { actor, registering: callback } = caller;
                // SAFETY: the call has read as many entries before.
                let methods = unsafe { method::exported(raw[1].pointer(), METHODS_MAX) };
                self.clients.push(Client { registration, actor, callback, methods });
            }
            Function::DeregisterEntity => {
                // A client that has left is never called again, whatever reading is taken: its
                // code may be gone.
                let registration = raw[0].handle();
                pointers.unlock_all_of(model, registration);
                self.registered = self.registered.saturating_sub(1);
                self.clients.retain(|client| client.registration != registration);
            }
            Function::AddNextHop => match handle_at(seen, Place::output(2)) {
                Handle::NULL => pointers.refresh_all(model),
                handle => pointers.refresh(model, handle),
            },
            Function::DeleteNextHop => match raw[1].handle() {
                Handle::NULL => pointers.refresh_all(model),
                handle => pointers.refresh(model, handle),
            },
            Function::AddRouteToDest => match handle_at(seen, Place::output(1)) {
                Handle::NULL => pointers.refresh_all(model),
                handle => pointers.refresh(model, handle),
            },
            Function::DeleteRouteToDest => pointers.refresh(model, raw[1].handle()),
            Function::UpdateAndUnlockRoute => pointers.unlock_free(model),
            Function::LockRoute | Function::LockDestination if raw[3].number() == Some(0) => {
                pointers.unlock_free(model);
            }
            Function::LockRoute => {
                pointers.lock(model, raw[1].handle(), raw[0].handle());
            }
            Function::LockNextHop => {
                let (holder, handle) = (raw[0].handle(), raw[1].handle());
                match raw[3].number() {
                    Some(0) => pointers.unlock(model, handle),
                    _ => pointers.lock(model, handle, holder),
                }
            }
            _ => {}
        }
    }
}

/// The status that a call shows.
fn status(seen: &[Field]) -> u32 {
    number_at(seen, Place::STATUS).unwrap_or(0) as u32
}
