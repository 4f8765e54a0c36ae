//! One thread an actor, of which only one at a time runs code of ours.
//!
//! Whoever may use the engine holds the *baton*. The driving thread gives it to the lane of an
//! actor with an operation and gets it back when the operation has ended, or takes it back when
//! the operation waits within the library for something that another actor must do. A lane whose
//! call comes back later asks for the baton before it looks at anything.
//!
//! Absent: a call that blocks within a callback is not recognised; its run goes into the time-out.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rtm_sim::engine::Operation;
use rtm_sim::program::Actor;
use rtm_sim::vocabulary::observation::Field;

use super::stillness::{self, Looks, Stillness, Waiting};
use super::{Fault, LibraryEngine};

/// Time between two looks at a thread that does not come back.
const LOOK_INTERVAL: Duration = Duration::from_millis(1);
/// Bytes of the stack of a lane.
const STACK_SIZE: usize = 1 << 20;

thread_local! {
    static LANE: Cell<usize> = const { Cell::new(DRIVER) };
}

/// The lane of every thread that is none of an actor.
pub const DRIVER: usize = 0;

/// The lane of this thread.
pub fn current() -> usize {
    LANE.get()
}

/// An operation for a lane.
#[derive(Debug)]
pub struct Errand {
    /// Who acts.
    pub actor: Actor,
    /// What is done.
    pub operation: Operation,
    /// Its ordinal in the run.
    pub number: u32,
}

/// What came of waiting for a lane.
#[derive(Debug)]
pub enum Step {
    /// The operation has ended.
    Ended {
        /// Whether it has waited for events.
        settles: bool,
        /// What it showed.
        fields: Vec<Field>,
    },
    /// The operation waits for another actor.
    Blocked,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Nothing to do.
    Idle,
    /// It has the baton.
    Holding,
    /// It is in a call of the library and still has the baton.
    InCall,
    /// It is in a call of the library and has lost the baton.
    Revoked,
    /// Its call has come back and it waits for the baton.
    Wanting,
    /// Its operation has ended.
    Ended,
}

struct Lane {
    phase: Phase,
    thread: libc::pid_t,
    errand: Option<Errand>,
    /// Whether the operation waits for events.
    settles: bool,
    seen: Vec<Field>,
    /// Callbacks that run on it.
    callbacks: u32,
    in_call_since: Instant,
}

struct State {
    engine: *mut LibraryEngine,
    lanes: Vec<Lane>,
}

// SAFETY: the pointer is used only by whoever holds the baton.
unsafe impl Send for State {}

/// The lanes of a program.
pub struct Lanes {
    state: Mutex<State>,
    driver: Condvar,
    signals: Vec<Condvar>,
    block_time_max: Duration,
}

impl Lanes {
    /// Starts a lane for each of `count` actors. They live until the process ends.
    pub fn start(count: usize, block_time_max: Duration) -> &'static Lanes {
        let lane = |_| Lane {
            phase: Phase::Idle,
            thread: 0,
            errand: None,
            settles: false,
            seen: Vec::new(),
            callbacks: 0,
            in_call_since: Instant::now(),
        };
        // The first entry stands for the driver and is never used.
        let lanes: Vec<Lane> = (0..=count).map(lane).collect();
        let signals = lanes.iter().map(|_| Condvar::new()).collect();
        let state = Mutex::new(State { engine: std::ptr::null_mut(), lanes });
        let all = Lanes { state, driver: Condvar::new(), signals, block_time_max };
        let all: &'static Lanes = Box::leak(Box::new(all));
        for index in 1..=count {
            let thread = thread::Builder::new().stack_size(STACK_SIZE);
            thread.spawn(move || all.live(index)).expect("a thread for each actor can be had");
        }
        all
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // The side of the lanes.

    fn live(&self, index: usize) {
        LANE.set(index);
        // SAFETY: the call only reads.
        self.lock().lanes[index].thread = unsafe { libc::gettid() };
        loop {
            let (errand, engine) = self.wait_for_errand(index);
            let mut seen = Vec::new();
            let result = catch_unwind(AssertUnwindSafe(|| {
                // SAFETY: this lane has the baton, and the driver waits in a call of the engine.
                unsafe { LibraryEngine::carry_out(engine, &errand, &mut seen) };
            }));
            if let Err(panic) = result {
                Fault::of_panic(&*panic).end();
            }
            let mut state = self.lock();
            state.lanes[index].seen = seen;
            state.lanes[index].phase = Phase::Ended;
            self.driver.notify_one();
        }
    }

    fn wait_for_errand(&self, index: usize) -> (Errand, *mut LibraryEngine) {
        let mut state = self.lock();
        loop {
            let engine = state.engine;
            if let Some(errand) = state.lanes[index].errand.take() {
                return (errand, engine);
            }
            state = self.wait(index, state);
        }
    }

    fn wait<'a>(&self, index: usize, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.signals[index].wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// This lane goes into the library.
    pub fn enter_call(&self, index: usize) {
        let mut state = self.lock();
        state.lanes[index].phase = Phase::InCall;
        state.lanes[index].in_call_since = Instant::now();
    }

    /// This lane has come back from the library, or is called back; returns when it has the
    /// baton, with the engine.
    pub fn leave_call(&self, index: usize) -> *mut LibraryEngine {
        let mut state = self.lock();
        if state.lanes[index].phase == Phase::Revoked {
            state.lanes[index].phase = Phase::Wanting;
            self.driver.notify_one();
            while state.lanes[index].phase != Phase::Holding {
                state = self.wait(index, state);
            }
        }
        state.lanes[index].phase = Phase::Holding;
        state.engine
    }

    /// A callback begins or ends on this lane, which has the baton.
    pub fn count_callback(&self, index: usize, begins: bool) {
        let lane = &mut self.lock().lanes[index];
        lane.callbacks = if begins { lane.callbacks + 1 } else { lane.callbacks - 1 };
    }

    // The side of the driver.

    /// Whether a lane has nothing to do.
    pub fn is_idle(&self, index: usize) -> bool {
        self.lock().lanes[index].phase == Phase::Idle
    }

    /// Whether no lane has anything to do.
    pub fn are_idle(&self) -> bool {
        self.lock().lanes.iter().all(|lane| lane.phase == Phase::Idle)
    }

    /// Gives a lane an operation and waits for what comes of it.
    pub fn run(&self, engine: *mut LibraryEngine, index: usize, errand: Errand) -> Step {
        let mut state = self.lock();
        state.engine = engine;
        state.lanes[index].settles = matches!(errand.operation, Operation::Settle);
        state.lanes[index].errand = Some(errand);
        state.lanes[index].phase = Phase::Holding;
        self.signals[index].notify_one();
        self.wait_for(index, state)
    }

    /// Gives the baton to a lane whose call has come back, if there is one or one can be expected
    /// at once; tells which, and what comes of it.
    pub fn resume(&self, engine: *mut LibraryEngine) -> Option<(usize, Step)> {
        let begin = Instant::now();
        let mut looks = Looks::default();
        loop {
            let mut state = self.lock();
            state.engine = engine;
            let wanting = state.lanes.iter().position(|lane| lane.phase == Phase::Wanting);
            if let Some(index) = wanting {
                state.lanes[index].phase = Phase::Holding;
                self.signals[index].notify_one();
                return Some((index, self.wait_for(index, state)));
            }
            let revoked = state.lanes.iter().filter(|lane| lane.phase == Phase::Revoked);
            let threads: Vec<libc::pid_t> = revoked.map(|lane| lane.thread).collect();
            drop(state);
            if threads.is_empty() {
                return None;
            }
            let now: Vec<Stillness> = threads.iter().map(|t| stillness::of(*t)).collect();
            let asleep = now.iter().all(|thread| thread.waiting != Waiting::NotAtAll);
            if looks.add(now) && asleep || self.block_time_max < begin.elapsed() {
                return None;
            }
            thread::sleep(LOOK_INTERVAL);
        }
    }

    /// Waits until a call that is blocked has come back. One that sleeps for a time, and looks for
    /// itself then, is given as long as a call may take until it counts as blocked.
    pub fn wait_for_blocked(&self) {
        let begin = Instant::now();
        let mut looks = Looks::default();
        while begin.elapsed() <= self.block_time_max {
            let state = self.lock();
            if state.lanes.iter().any(|lane| lane.phase == Phase::Wanting) {
                return;
            }
            let revoked = state.lanes.iter().filter(|lane| lane.phase == Phase::Revoked);
            let threads: Vec<libc::pid_t> = revoked.map(|lane| lane.thread).collect();
            drop(state);
            let now: Vec<Stillness> = threads.iter().map(|t| stillness::of(*t)).collect();
            let for_others = now.iter().all(|thread| thread.waiting == Waiting::ForOthers);
            if looks.add(now) && for_others {
                return;
            }
            thread::sleep(LOOK_INTERVAL);
        }
    }

    fn wait_for<'a>(&'a self, index: usize, mut state: MutexGuard<'a, State>) -> Step {
        let mut looks = Looks::default();
        loop {
            let waited = self.driver.wait_timeout(state, LOOK_INTERVAL);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = guard;
            let lane = &mut state.lanes[index];
            if lane.phase == Phase::Ended {
                lane.phase = Phase::Idle;
                let fields = std::mem::take(&mut lane.seen);
                return Step::Ended { settles: lane.settles, fields };
            }
            if !timeout.timed_out() || lane.phase != Phase::InCall || lane.callbacks != 0 {
                looks.clear();
                continue;
            }
            let (thread, since) = (lane.thread, lane.in_call_since);
            drop(state);
            let now = stillness::of(thread);
            state = self.lock();
            let lane = &mut state.lanes[index];
            // The lane may have come back while we looked.
            if lane.phase != Phase::InCall || lane.in_call_since != since {
                looks.clear();
                continue;
            }
            let for_ever = looks.add(vec![now]) && now.waiting == Waiting::ForOthers;
            let long = now.waiting != Waiting::NotAtAll && self.block_time_max < since.elapsed();
            if for_ever || long {
                lane.phase = Phase::Revoked;
                return Step::Blocked;
            }
        }
    }
}
