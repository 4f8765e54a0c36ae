//! The model of RTMv2: pure state and one function a C function.
//!
//! Equal calls in equal order give equal results, handles included. Every field that a call shows
//! carries the clauses that decided it. A call checks everything before it changes anything.

pub mod state;

pub mod oracle;

pub mod reply;

pub mod references;

pub mod notes;

pub mod grounds;

pub mod changes;

mod effect;

mod reporting;

pub mod clock;

pub mod hold;

pub mod waiting;

pub mod events;

pub mod methods;

pub mod calls;

pub mod operations;

pub mod engine;

pub mod invariants;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::clause::ClauseId;
use crate::program::Actor;
use crate::readings::{Reading, Readings};
use crate::vocabulary::constants::{AF_INET, AF_INET6};
use crate::vocabulary::handle::{Handle, HandleKind};
use calls::enumeration::fetch::Advice;
use clock::Due;
use events::{PendingEvent, RunningCallback};
use methods::Invocation;
use notes::Notes;
use oracle::Oracle;
use references::Object;
use state::arena::{self, Arena, Index};
use state::lists::RouteList;
use state::notification::Notification;
use state::objects::{Dest, Entity, Enumeration, NextHop, Route, Table};
use state::opaque::Cells;
use waiting::Suspended;

/// Most misuses that are kept; later ones are counted.
const MISUSES_MAX: usize = 1000;

/// What the documentation calls configuration: limits and policy of the tables.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Config {
    /// Instances that can be registered with.
    pub instances: Vec<u16>,
    /// Families that are served.
    pub families: Vec<u16>,
    /// Most next hops of equal cost in a route.
    pub max_next_hops_in_route: u32,
    /// Most items that one fetching call gives.
    pub max_handles_in_enum: u32,
    /// Views of every table: any of unicast and multicast.
    pub views_supported: u32,
    /// Opaque slots of a table.
    pub opaque_slots: u32,
    /// Most clients of a table; elements of arrays are counted with 16 bits.
    pub entities: u32,
    /// Most registrations for changes of a table, those of all clients together.
    pub notifications: u32,
    /// Preference of the routes of a protocol that come with preference 0.
    pub preferences: BTreeMap<u32, u32>,
    /// The same for protocols that are not listed.
    pub default_preference: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            instances: vec![0],
            families: vec![AF_INET, AF_INET6],
            max_next_hops_in_route: 4,
            max_handles_in_enum: 10,
            views_supported: 3,
            opaque_slots: 4,
            entities: u16::MAX.into(),
            notifications: 16,
            preferences: BTreeMap::from([(8, 120), (13, 110), (14, 130)]),
            default_preference: 127,
        }
    }
}

/// The model.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Model {
    oracle: Oracle,
    config: Arc<Config>,
    tables: Vec<Table>,
    entities: Arena<Entity>,
    dests: Arena<Dest>,
    routes: Arena<Route>,
    next_hops: Arena<NextHop>,
    enums: Arena<Enumeration>,
    /// What clients keep at destinations.
    cells: Cells,
    lists: Arena<RouteList>,
    notifications: Arena<Notification>,
    /// Registrations for changes that have ended, where a planted fault hands them on.
    legacies: Vec<Notification>,
    /// What is remembered for the sake of citing.
    notes: Notes,
    /// Milliseconds since the beginning.
    now: u64,
    changes: u32,
    creations: u32,
    armings: u32,
    /// Deadlines: time, number of the arming, and what for.
    timers: BTreeSet<(u64, u32, Due)>,
    /// Destinations of which anything is known about hold-down.
    holding: BTreeSet<Index>,
    /// Events that wait to be delivered, oldest first.
    queue: VecDeque<PendingEvent>,
    /// Callbacks that run, the innermost last.
    running: Vec<RunningCallback>,
    /// Calls that wait, in the order of their arrival.
    waiting: Vec<Suspended>,
    /// Calls that have had to wait so far.
    tickets: u32,
    /// Ticket of the call that is carried out, if it has waited.
    turn: u32,
    /// Destinations that are locked, in the order of locking.
    locked: Vec<Index>,
    /// Clients that block their methods, and how often, in the order of blocking.
    blocked: Vec<(Index, u32)>,
    /// Calls that run methods, the innermost last.
    invocations: Vec<Invocation>,
    frames: Vec<engine::Frame>,
    /// Memory for the next observation.
    spare: engine::Spare,
    /// What clients did that the pages forbid them: who, and the clause.
    misuses: Vec<(Actor, ClauseId)>,
    /// Misuses that were not kept.
    misuses_beyond: u64,
    /// The actor whose operation is carried out.
    actor: Actor,
    /// What the next fetch is told of the implementation it is compared with.
    pub advice: Advice,
}

impl Model {
    /// A model in its first state.
    pub fn new(config: Config, readings: Readings) -> Model {
        Model {
            oracle: Oracle::new(readings),
            config: Arc::new(config),
            tables: Vec::new(),
            entities: Arena::new(HandleKind::Entity),
            dests: Arena::new(HandleKind::Dest),
            routes: Arena::new(HandleKind::Route),
            next_hops: Arena::new(HandleKind::NextHop),
            enums: Arena::new(HandleKind::Enum),
            cells: Cells::default(),
            lists: Arena::new(HandleKind::RouteList),
            notifications: Arena::new(HandleKind::Notify),
            legacies: Vec::new(),
            notes: Notes::default(),
            now: 0,
            changes: 0,
            creations: 0,
            armings: 0,
            timers: BTreeSet::new(),
            holding: BTreeSet::new(),
            queue: VecDeque::new(),
            running: Vec::new(),
            waiting: Vec::new(),
            tickets: 0,
            turn: waiting::NO_TICKET,
            locked: Vec::new(),
            blocked: Vec::new(),
            invocations: Vec::new(),
            frames: Vec::new(),
            spare: engine::Spare::default(),
            misuses: Vec::new(),
            misuses_beyond: 0,
            actor: 0,
            advice: Advice::default(),
        }
    }

    /// Goes back to where `other` stands, memory kept.
    pub fn restore(&mut self, other: &Model) {
        // Taken apart, so that no field is forgotten.
        let Model {
            oracle,
            config,
            tables,
            entities,
            dests,
            routes,
            next_hops,
            enums,
            cells,
            lists,
            notifications,
            legacies,
            notes,
            now,
            changes,
            creations,
            armings,
            timers,
            holding,
            queue,
            running,
            waiting,
            tickets,
            turn,
            locked,
            blocked,
            invocations,
            frames,
            spare: _,
            misuses,
            misuses_beyond,
            actor,
            advice,
        } = other;
        self.oracle.clone_from(oracle);
        if !Arc::ptr_eq(&self.config, config) {
            self.config.clone_from(config);
        }
        self.tables.clone_from(tables);
        self.entities.restore(entities);
        self.dests.restore(dests);
        self.routes.restore(routes);
        self.next_hops.restore(next_hops);
        self.enums.restore(enums);
        self.cells.clone_from(cells);
        self.lists.restore(lists);
        self.notifications.restore(notifications);
        self.legacies.clone_from(legacies);
        self.notes.restore(notes);
        self.now = *now;
        self.changes = *changes;
        self.creations = *creations;
        self.armings = *armings;
        self.timers.clone_from(timers);
        self.holding.clone_from(holding);
        self.queue.clone_from(queue);
        self.running.clone_from(running);
        self.waiting.clone_from(waiting);
        self.tickets = *tickets;
        self.turn = *turn;
        self.locked.clone_from(locked);
        self.blocked.clone_from(blocked);
        self.invocations.clone_from(invocations);
        self.frames.clone_from(frames);
        self.misuses.clone_from(misuses);
        self.misuses_beyond = *misuses_beyond;
        self.actor = *actor;
        self.advice.clone_from(advice);
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The first things that clients did and the pages forbid them, in order: who, and the clause.
    pub fn misuses(&self) -> &[(Actor, ClauseId)] {
        &self.misuses
    }

    /// How often clients did what the pages forbid them, beyond those of [`Model::misuses`].
    pub fn misuses_beyond(&self) -> u64 {
        self.misuses_beyond
    }

    /// The readings that are taken.
    pub fn readings(&self) -> &Readings {
        self.oracle.readings()
    }

    /// Takes a reading from now on.
    pub fn fix(&mut self, reading: Reading) {
        self.oracle.change(|readings| readings.set(reading));
    }

    /// Leaves open again which reading of a clause is taken.
    pub fn leave_open(&mut self, clause: ClauseId) {
        self.oracle.change(|readings| readings.unset(clause));
    }

    /// Records from now on which clauses are asked about.
    pub fn record_questions(&mut self) {
        self.oracle.record();
    }

    /// Counts as asked about what a copy was asked about.
    pub fn ask_as(&mut self, copy: &Model) {
        self.oracle.ask_as(&copy.oracle);
    }

    /// The clauses asked about since [`Model::record_questions`], in order, each once.
    pub fn recorded_questions(&mut self) -> Vec<ClauseId> {
        self.oracle.recorded()
    }

    /// Whether two models differ at most in their readings.
    pub fn same_state(&self, other: &Model) -> bool {
        let mut other = other.clone();
        other.oracle = self.oracle.clone();
        *self == other
    }

    /// Whether two models differ at most in what clients did that the pages forbid them.
    pub fn same_but_for_misuses(&self, other: &Model) -> bool {
        let mut other = other.clone();
        other.misuses.clone_from(&self.misuses);
        other.misuses_beyond = self.misuses_beyond;
        *self == other
    }

    /// Whether two models are equal and will cite the same clauses.
    pub fn same_with_notes(&self, other: &Model) -> bool {
        // What is remembered of what has not ended is not looked at one by one.
        let quiet = self.queue.is_empty() && self.running.is_empty() && self.invocations.is_empty();
        quiet && *self == *other && self.notes.same(&other.notes) && {
            let ended = |model: &Model| model.entities.iter().map(|(_, e)| e.ended.0).collect();
            let (own, others): (Vec<_>, Vec<_>) = (ended(self), ended(other));
            let mut told = self.notifications.iter().zip(other.notifications.iter());
            own == others && told.all(|((_, own), (_, other))| own.asides() == other.asides())
        }
    }

    /// Hashes what most operations change, and what will be cited.
    pub fn hash_with_notes<H: Hasher>(&self, state: &mut H) {
        self.dests.hash(state);
        self.routes.hash(state);
        self.next_hops.hash(state);
        self.enums.hash(state);
        self.waiting.hash(state);
        for (_, notification) in self.notifications.iter() {
            notification.hash(state);
            notification.asides().hash(state);
        }
        (self.now, self.changes).hash(state);
        self.notes.hash_kept(state);
    }

    /// Forgets between two operations what cannot be asked about any more: why handles are dead
    /// that nobody knows. `is_known` tells of a handle whether a client may still give it.
    pub fn forget_unknown(&mut self, is_known: impl Fn(Handle) -> bool) {
        self.actor = 0;
        let busy = !self.waiting.is_empty() || !self.running.is_empty() || !self.queue.is_empty();
        // A value that is used again stands for what it once stood for.
        if busy || self.reuses_values() {
            return;
        }
        let mut notes = std::mem::take(&mut self.notes);
        notes.keep_handles(|handle| {
            self.object(handle).is_some() || self.is_open(handle) || is_known(handle)
        });
        self.notes = notes;
    }

    /// Whether a handle names an object that some client holds, or a client that is registered,
    /// or an enumeration, a route list or a registration for changes that is open.
    pub fn is_held(&self, handle: Handle) -> bool {
        match self.object(handle) {
            Some(Object::Entity(index)) => {
                let entity = &self.entities[index];
                entity.registered || entity.ledger.holders().next().is_some()
            }
            Some(Object::Dest(index)) => self.dests[index].ledger.holders().next().is_some(),
            Some(Object::Route(index)) => self.routes[index].ledger.holders().next().is_some(),
            Some(Object::NextHop(index)) => self.next_hops[index].ledger.holders().next().is_some(),
            None => self.is_open(handle),
        }
    }

    /// Whether a handle names nothing any more: a library may have given its memory back.
    pub fn is_dead(&self, handle: Handle) -> bool {
        arena::parts(handle).is_some() && self.object(handle).is_none() && !self.is_open(handle)
    }

    /// Everything that [`Model::is_held`] says somebody holds.
    pub fn all_held(&self) -> Vec<Handle> {
        let entities = self.entities.iter().map(|(index, _)| self.entities.handle(index));
        let dests = self.dests.iter().map(|(index, _)| self.dests.handle(index));
        let routes = self.routes.iter().map(|(index, _)| self.routes.handle(index));
        let next_hops = self.next_hops.iter().map(|(index, _)| self.next_hops.handle(index));
        let enums = self.enums.iter().map(|(index, _)| self.enums.handle(index));
        let lists = self.lists.iter().map(|(index, _)| self.lists.handle(index));
        let notifications = self.notifications.iter();
        let notifications = notifications.map(|(index, _)| self.notifications.handle(index));
        let objects = entities.chain(dests).chain(routes).chain(next_hops);
        let all = objects.chain(enums).chain(lists).chain(notifications);
        all.filter(|handle| self.is_held(*handle)).collect()
    }

    /// The actor that registered the client that a handle names.
    pub fn actor_of(&self, entity: Handle) -> Option<Actor> {
        self.entities.find(entity).map(|index| self.entities[index].actor)
    }

    /// Whether a client of this family, protocol and protocol instance had registered when that
    /// of an actor came.
    pub fn was_there_before(&self, actor: Actor, identity: [Option<u64>; 3]) -> bool {
        let is_same = |index: &Index| {
            let info = self.entities[*index].info;
            let shown = [info.family.into(), info.protocol.into(), info.protocol_instance.into()];
            shown.map(Some) == identity
        };
        let is_own = |index: &Index| self.entities[*index].actor == actor;
        let mut tables = self.tables.iter().map(|table| table.entities.iter());
        tables.any(|mut clients| {
            clients.clone().any(is_own) && clients.by_ref().take_while(|c| !is_own(c)).any(is_same)
        })
    }

    /// The protocol of the client that a handle names.
    pub fn protocol_of(&self, entity: Handle) -> Option<u32> {
        self.entities.find(entity).map(|index| self.entities[index].info.protocol)
    }

    fn misuse(&mut self, clause: ClauseId) {
        // A process may live long, and its clients may do the same wrong thing for ever.
        match self.misuses.len() < MISUSES_MAX {
            true => self.misuses.push((self.actor, clause)),
            false => self.misuses_beyond += 1,
        }
    }
}
