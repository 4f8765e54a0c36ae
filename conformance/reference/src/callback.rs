//! Calling clients back, and which actor the model is told of.
//!
//! The model asks two things of actors: whether the caller is inside a callback for an entity
//! event, where some functions must not be called, and who holds a lock. Here these are questions
//! of threads, since the interface has no notion of a client beyond its registrations:
//!
//! * a call on a thread that runs a callback is made by the receiver of the innermost one;
//! * any other call is made by its thread, which is never a receiver. Locks belong to a
//!   registration and such a number together; to the model a callback is the client itself, which
//!   finds in it the locks that its threads hold. Threads have numbers from [`FIRST_THREAD`] on,
//!   which repeat after 127: then two threads that act for one registration count as one;
//! * a registration that is made outside of callbacks gets a number of its own, which the model
//!   keeps as the one to be told. Numbers repeat after 128, but one that runs is passed over.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};

use rtm_abi::types::{EntityExportMethod, EntityHandle, EntityInfo, EventCallback};
use rtm_sim::program::Actor;
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Place, Value, find, number_at};

use crate::memory::Shape;
use crate::outputs;

/// Nobody: who acts where no client does.
pub(crate) const NOBODY: Actor = Actor::MAX;

/// The first number of a thread.
pub(crate) const FIRST_THREAD: Actor = 128;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The receiver of the innermost callback that this thread runs.
    static RECEIVER: Cell<Option<Actor>> = const { Cell::new(None) };
    /// The number of this thread.
    static THREAD: Actor = {
        let number = THREADS.fetch_add(1, Ordering::Relaxed) % usize::from(NOBODY - FIRST_THREAD);
        FIRST_THREAD + number as Actor
    };
}

/// Who makes the calls of this thread now.
#[inline]
pub(crate) fn actor() -> Actor {
    RECEIVER.get().unwrap_or_else(|| THREAD.with(|number| *number))
}

/// The receiver of the innermost callback that this thread runs.
#[inline]
pub(crate) fn receiver() -> Option<Actor> {
    RECEIVER.get()
}

/// Runs a function of a client: calls made inside of it are the client's.
pub(crate) fn run_as<R>(actor: Actor, function: impl FnOnce() -> R) -> R {
    let outer = RECEIVER.replace(Some(actor));
    let result = function();
    RECEIVER.set(outer);
    result
}

/// A registered client that gave functions.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// Its registration.
    pub registration: Handle,
    /// The number that the model knows it by.
    pub actor: Actor,
    /// The function that is told of events.
    pub callback: EventCallback,
    /// The functions that it exports, NULL entries included.
    pub methods: Vec<EntityExportMethod>,
}

/// A callback that is about to run.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    actor: Actor,
    callback: EventCallback,
    receiver: EntityHandle,
    event: i32,
    first: *mut c_void,
    second: Second,
}

// SAFETY: the pointers are values that are passed on and not followed here.
unsafe impl Send for Delivery {}

/// The fourth argument of a callback.
#[derive(Clone, Debug)]
enum Second {
    Value(*mut c_void),
    Entity(EntityInfo),
}

impl Delivery {
    /// The callback that the model reports in `seen`.
    pub(crate) fn new(actor: Actor, callback: EventCallback, seen: &[Field]) -> Delivery {
        let event = number_at(seen, Place::EVENT).unwrap_or(0) as u32;
        Delivery {
            actor,
            callback,
            receiver: EntityHandle(pointer(find(seen, Place::RECEIVER))),
            event: event as i32,
            first: pointer(find(seen, Place::CONTEXT1)),
            second: Second::new(event, seen),
        }
    }

    /// The number of the receiver.
    pub(crate) fn actor(&self) -> Actor {
        self.actor
    }

    /// Runs it; no lock may be held. A client without a function answers 0.
    pub(crate) fn run(mut self) -> u32 {
        let Some(callback) = self.callback else { return 0 };
        let second = match &mut self.second {
            Second::Value(value) => *value,
            Second::Entity(info) => std::ptr::from_mut(info).cast(),
        };
        let (receiver, event, first) = (self.receiver, self.event, self.first);
        // SAFETY: the client gave this function for this use when it registered, and has not left
        // since; what the arguments lead to lives until it returns.
        run_as(self.actor, || unsafe { callback(receiver, event, first, second) })
    }
}

impl Second {
    fn new(event: u32, seen: &[Field]) -> Second {
        const SLOT: u8 = Place::CONTEXT2.slot;
        // The structure of an expired route stands in memory that is shared with the client.
        let passed_on = [EventType::RouteExpired, EventType::ChangeNotification];
        if passed_on.iter().any(|passed_on| passed_on.number() == event) {
            Second::Value(pointer(find(seen, Place::CONTEXT2)))
        } else {
            let mut info = EntityInfo::default();
            let base = std::ptr::from_mut(&mut info).cast();
            // SAFETY: the structure has a fixed size.
            unsafe { outputs::write_structure(base, Shape::Entity, SLOT, seen) };
            Second::Entity(info)
        }
    }
}

/// An argument that is a handle, or a value that is passed on.
pub(crate) fn pointer(value: Option<Value>) -> *mut c_void {
    let bits = match value {
        Some(Value::Handle(_, handle)) => handle.0,
        Some(Value::Number(number) | Value::Pointer(number)) => number,
        _ => 0,
    };
    bits as usize as *mut c_void
}
