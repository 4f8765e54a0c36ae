//! Functions that the library is given to call back.
//!
//! There is one event callback an actor, so that the receiver is known even when the library
//! passes a wrong handle. A callback that arrives on a thread that makes a call of ours is
//! answered there; one that arrives on any other thread is queued and answered at once with what
//! the script answers, because nothing can be known about what that thread holds.
//!
//! No panic leaves a callback, and each run has a budget of callbacks.
//!
//! Not here: what methods are given and write; see [`super::method`].

use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use rtm_abi::types::{EntityHandle, EntityInfo, EventCallback};
use rtm_sim::program::{ACTORS_MAX, Actor, ActorPlan};
use rtm_sim::run;
use rtm_sim::vocabulary::callback::{Answer, Told};
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Field, Place, Value};

use super::lanes::{self, Lanes};
use super::observe::{View, entity_info, see, structure};
use super::pointed::route_behind;
use super::{Fault, LibraryEngine};

/// A call of ours that runs on this thread.
#[derive(Clone, Copy)]
struct Frame {
    engine: *mut LibraryEngine,
    /// Lanes and the one that this thread is, when it is one.
    lane: Option<(&'static Lanes, usize)>,
}

thread_local! {
    static CURRENT: Cell<Option<Frame>> = const { Cell::new(None) };
}

/// Whether a call of ours runs on this thread.
pub fn is_within_call() -> bool {
    CURRENT.get().is_some()
}

/// Goes into the library; gives the engine, to be used from then on, and what came of it.
///
/// # Safety
/// This thread may use the engine, and holds no reference to it while the call runs.
pub unsafe fn call_out<R>(
    engine: *mut LibraryEngine,
    call: impl FnOnce() -> R,
) -> (*mut LibraryEngine, R) {
    // SAFETY: by the contract above.
    let lanes = unsafe { (*engine).lanes };
    let lane = lanes.map(|lanes| (lanes, lanes::current())).filter(|(_, l)| *l != lanes::DRIVER);
    let outer = CURRENT.replace(Some(Frame { engine, lane }));
    if let Some((lanes, index)) = lane {
        lanes.enter_call(index);
    }
    let result = call();
    let engine = lane.map_or(engine, |(lanes, index)| lanes.leave_call(index));
    CURRENT.set(outer);
    (engine, result)
}

/// A callback that came on a thread of the library.
#[derive(Debug)]
pub struct Foreign {
    /// Whose callback was called.
    pub receiver: Actor,
    /// What for.
    pub told: Told,
    /// Its arguments.
    pub fields: Vec<Field>,
}

/// What threads of the library left here, and what they are answered.
///
/// One a process, because such a thread brings nothing along that would tell engines apart.
struct Mailbox {
    /// Events and runs of methods, each in their order; the numbers tell the order of both.
    events: VecDeque<(u64, Foreign)>,
    methods: VecDeque<(u64, Foreign)>,
    next: u64,
    plans: Vec<ActorPlan>,
    budget: u32,
}

static MAILBOX: Mutex<Mailbox> = Mutex::new(Mailbox {
    events: VecDeque::new(),
    methods: VecDeque::new(),
    next: 0,
    plans: Vec::new(),
    budget: 0,
});

fn mailbox<R>(use_it: impl FnOnce(&mut Mailbox) -> R) -> R {
    use_it(&mut MAILBOX.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Empties the mailbox and sets what callbacks on threads of the library answer.
pub fn prepare(plans: &[ActorPlan], budget: u32) {
    mailbox(|mailbox| {
        mailbox.events.clear();
        mailbox.methods.clear();
        mailbox.plans = plans.to_vec();
        mailbox.budget = budget;
    });
}

/// Takes the oldest callback that came on a thread of the library.
pub fn take_foreign() -> Option<Foreign> {
    mailbox(|mailbox| {
        let number = |queue: &VecDeque<(u64, Foreign)>| queue.front().map(|(number, _)| *number);
        let (event, method) = (number(&mailbox.events), number(&mailbox.methods));
        let oldest = match event.is_some_and(|event| method.is_none_or(|method| event < method)) {
            true => &mut mailbox.events,
            false => &mut mailbox.methods,
        };
        oldest.pop_front().map(|(_, foreign)| foreign)
    })
}

/// Takes the oldest run of a method on a thread of the library.
pub fn take_foreign_method() -> Option<Foreign> {
    mailbox(|mailbox| mailbox.methods.pop_front().map(|(_, foreign)| foreign))
}

/// How many callbacks wait.
pub fn foreign_count() -> usize {
    mailbox(|mailbox| mailbox.events.len() + mailbox.methods.len())
}

/// The event callback of an actor.
pub fn event_callback(actor: Actor) -> EventCallback {
    EVENT_CALLBACKS[usize::from(actor) % ACTORS_MAX]
}

unsafe extern "C" fn on_event<const ACTOR: u8>(
    receiver: EntityHandle,
    event: i32,
    context1: *mut c_void,
    context2: *mut c_void,
) -> u32 {
    let arguments = Arguments { receiver, event, context1, context2 };
    let result = catch_unwind(AssertUnwindSafe(|| {
        let told = Told::Event(event as u32);
        dispatch(ACTOR, told, |fields| arguments.observe(fields), |_| ())
    }));
    match result {
        Ok(answer) => answer.value(),
        Err(panic) => Fault::of_panic(&*panic).end(),
    }
}

struct Arguments {
    receiver: EntityHandle,
    event: i32,
    context1: *mut c_void,
    context2: *mut c_void,
}

/// Lets the host react, or the mailbox where this thread makes no call of ours. The arguments are
/// observed, and the answer is carried out, while the engine is this thread's to use.
pub fn dispatch(
    actor: Actor,
    told: Told,
    observe: impl FnOnce(&mut Vec<Field>),
    carry_out: impl FnOnce(&Answer),
) -> Answer {
    let mut fields = Vec::with_capacity(8);
    let Some(frame) = CURRENT.get() else {
        observe(&mut fields);
        return mailbox(|mailbox| {
            if mailbox.budget == 0 {
                Fault::CallbackBudget.end();
            }
            mailbox.budget -= 1;
            let answer = run::answer(mailbox.plans.get(usize::from(actor)), told, &fields);
            carry_out(&answer);
            let number = mailbox.next;
            mailbox.next += 1;
            let queue = match told {
                Told::Event(_) => &mut mailbox.events,
                Told::Method(_) => &mut mailbox.methods,
            };
            queue.push_back((number, Foreign { receiver: actor, told, fields }));
            answer
        });
    };
    let Some((lanes, index)) = frame.lane else {
        observe(&mut fields);
        // SAFETY: a frame is set only while its call runs on this thread, and for that time
        // nobody else uses the engine.
        let answer = unsafe { LibraryEngine::called_back(frame.engine, actor, told, &fields) };
        carry_out(&answer);
        return answer;
    };
    let engine = lanes.leave_call(index);
    lanes.count_callback(index, true);
    observe(&mut fields);
    // SAFETY: this lane has the baton, so nobody else uses the engine.
    let answer = unsafe { LibraryEngine::called_back(engine, actor, told, &fields) };
    carry_out(&answer);
    lanes.count_callback(index, false);
    lanes.enter_call(index);
    answer
}

impl Arguments {
    fn observe(&self, fields: &mut Vec<Field>) {
        let value = |pointer: *mut c_void| Handle(pointer as usize as u64);
        let receiver = Value::Handle(HandleKind::Entity, value(self.receiver.0));
        see(fields, Place::RECEIVER, receiver);
        see(fields, Place::EVENT, Value::Number((self.event as u32).into()));
        let event = EventType::ALL.iter().find(|event| event.number() == self.event as u32);
        let kind = match event {
            Some(EventType::EntityRegistered | EventType::EntityDeregistered) => HandleKind::Entity,
            Some(EventType::RouteExpired) => HandleKind::Route,
            Some(EventType::ChangeNotification) => HandleKind::Notify,
            None => {
                see(fields, Place::CONTEXT1, Value::Pointer(self.context1 as usize as u64));
                see(fields, Place::CONTEXT2, Value::Pointer(self.context2 as usize as u64));
                return;
            }
        };
        see(fields, Place::CONTEXT1, Value::Handle(kind, value(self.context1)));
        if kind == HandleKind::Notify {
            see(fields, Place::CONTEXT2, Value::Number(self.context2 as usize as u64));
            return;
        }
        if self.context2.is_null() {
            see(fields, Place::CONTEXT2, Value::Pointer(self.context2 as usize as u64));
            return;
        }
        if kind == HandleKind::Route {
            // The structure is the library's own, and may be written through this pointer.
            see(fields, Place::CONTEXT2, Value::Pointer(self.context2 as usize as u64));
        }
        match kind {
            HandleKind::Entity => {
                // SAFETY: for this event the library passes a pointer to this structure; if it
                // does not, the process ends here and that is the finding.
                let bytes = unsafe {
                    let start = self.context2.cast::<u8>();
                    std::slice::from_raw_parts(start, size_of::<EntityInfo>())
                };
                structure(View::of_values(bytes), Place::CONTEXT2, entity_info, fields);
            }
            _ => {
                // SAFETY: as above, with a route.
                unsafe { route_behind(self.context2.cast(), Place::CONTEXT2, fields) };
            }
        }
    }
}

/// What this thread's calls have lent to the library from an address on, if it lies in a buffer;
/// to be asked only within [`dispatch`].
pub fn lent_at(address: *const u8) -> Option<View<'static>> {
    let frame = CURRENT.get()?;
    // SAFETY: within a callback of this thread nobody else uses the engine, and the buffers stay
    // until its call has returned, which the callback does before.
    unsafe { LibraryEngine::lent_at(frame.engine, address) }
}

macro_rules! one_each {
    ($($number:literal)*) => {
        [$(Some(on_event::<$number>)),*]
    };
}

static EVENT_CALLBACKS: [EventCallback; ACTORS_MAX] = one_each!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
