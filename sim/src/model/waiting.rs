//! Calls that wait for another client, and the lock of a destination that most of them wait for;
//! others wait for a client that blocks its methods, see [`super::calls::methods`].
//!
//! A call that must wait has changed nothing. It is kept as plain data and made again from its
//! beginning, the oldest first, whenever another call may have done what it waits for; so it
//! finds everything as it is then, and may as well be refused.
//!
//! Invariant: between two operations nobody waits for a lock that could be granted.

use super::Model;
use super::clock::Due;
use super::events::RunningCallback;
use super::references::Object;
use super::reply::{Reply, Stop, refuse};
use super::state::arena::{Index, NONE};
use crate::clause::{
    ClauseId, add_route_to_dest as add, block_methods as block, delete_route_to_dest as delete,
    invoke_method as invoke, lock_route,
};
use crate::program::Actor;
use crate::vocabulary::call::Call;
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{Basis, Observation, Place, Value};
use crate::vocabulary::status::Status;

/// The ticket of a call that has not waited.
pub const NO_TICKET: u32 = u32::MAX;

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Wait {
    /// The destination whose lock it needs, or the client whose methods.
    pub object: Handle,
    /// The kind of the object.
    pub kind: HandleKind,
    /// Whether it needs the lock for itself alone.
    pub exclusive: bool,
    /// Why it waits.
    pub basis: Basis,
}

/// A call that waits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Suspended {
    /// Its place in the order of arrival.
    pub ticket: u32,
    /// Who made it.
    pub actor: Actor,
    /// The call.
    pub call: Call,
    /// What it waits for.
    pub wait: Wait,
    /// Whether the methods that it waits for have been resumed.
    pub released: bool,
}

/// How far a call has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// To its end.
    Ended,
    /// It waits, under this ticket.
    Waits(u32),
}

/// How a destination is locked.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct DestLock {
    /// Exclusive, or shared.
    pub exclusive: bool,
    /// Who holds it; one holder if it is exclusive.
    pub holders: Vec<Holder>,
    /// Next hops that the holder released on the account of its routes, and how often each.
    pub account: Vec<(Index, u32)>,
    /// Whether a commit has failed under it.
    pub failed: bool,
}

impl DestLock {
    /// The hold of a caller, if it has one.
    pub(super) fn hold_of(&self, caller: Caller) -> Option<&Holder> {
        self.holders.iter().find(|holder| caller.is(holder))
    }

    /// Whether the caller holds it.
    pub(super) fn is_held_by(&self, caller: Caller) -> bool {
        self.hold_of(caller).is_some()
    }
}

/// Who holds a lock: the registration and the actor together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Holder {
    /// The registered client.
    pub client: Index,
    /// The actor that made the call.
    pub actor: Actor,
    /// The route through which the lock was taken; [`NONE`] for the destination itself.
    pub route: Index,
    /// Where the holder was.
    pub taken: Taken,
}

/// Where a client was when it took a lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Taken {
    /// In no callback of its own.
    Outside,
    /// In a callback, the so manieth of those of the client that ran then.
    Inside(u8),
    /// In a callback that has ended since.
    Before,
}

/// Who makes a call, where locks are concerned. A callback acts for its client whatever thread it
/// runs on, so the client finds its own locks there, and those that it left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    client: Index,
    actor: Actor,
    /// Where it is.
    at: Taken,
}

impl Caller {
    /// Whether it is this holder.
    pub fn is(self, holder: &Holder) -> bool {
        let called = self.at != Taken::Outside || holder.taken == Taken::Before;
        self.client == holder.client && (self.actor == holder.actor || called)
    }

    /// Whether it took the lock elsewhere, on another thread perhaps: outside of the callback that
    /// it is in now, or in another one.
    pub fn took_elsewhere(self, holder: &Holder) -> bool {
        self.at != holder.taken
    }
}

/// How a client stands to the lock of a destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Nothing is in its way.
    Free,
    /// It holds the lock itself.
    Own,
    /// It must wait.
    Taken(Obstacle),
}

/// What is in the way of a request for a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// The exclusive lock of another.
    Exclusive(Holder),
    /// The shared lock of others.
    Shared,
    /// A request that came before.
    Queue,
}

/// A request for the lock of a destination.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The destination.
    pub dest: Index,
    /// Who asks.
    pub client: Index,
    /// The route that the request names; [`NONE`] for the destination itself.
    pub route: Index,
    /// Whether the lock is wanted alone.
    pub exclusive: bool,
}

impl Model {
    /// How the caller stands to a lock that it wants.
    pub(super) fn access(&self, wanted: Request) -> Access {
        let Request { dest, client, route, exclusive } = wanted;
        let lock = self.dests[dest].lock.as_deref();
        if lock.is_some_and(|lock| lock.is_held_by(self.caller(client))) {
            return Access::Own;
        }
        let one_route = self.oracle.takes(lock_route::LOCKS_WHOLE_DESTINATION_ONE_ROUTE);
        match lock {
            Some(lock) if one_route && lock.holders.iter().all(|h| h.route != route) => {}
            Some(lock) if lock.exclusive => {
                return Access::Taken(Obstacle::Exclusive(lock.holders[0]));
            }
            Some(_) if exclusive => return Access::Taken(Obstacle::Shared),
            _ => {}
        }
        match !self.waiting.is_empty() && self.must_queue(dest, exclusive) {
            true => Access::Taken(Obstacle::Queue),
            false => Access::Free,
        }
    }

    /// Whether a request that was there before the present one goes first.
    fn must_queue(&self, dest: Index, exclusive: bool) -> bool {
        if !exclusive && self.oracle.takes(lock_route::FAIRNESS_SHARED_OVERTAKES) {
            return false;
        }
        let newest_first = self.oracle.takes(lock_route::FAIRNESS_NEWEST_FIRST);
        let dest = self.dests.handle(dest);
        let goes_first = |other: &Suspended| match newest_first {
            true => self.turn != NO_TICKET && self.turn < other.ticket,
            false => other.ticket < self.turn,
        };
        self.waiting.iter().any(|other| {
            other.wait.object == dest && (exclusive || other.wait.exclusive) && goes_first(other)
        })
    }

    /// Stops a change of a locked destination. The lock of another is waited for, as `by_other`
    /// has it; the caller's own would never go, so `own` refuses the call.
    pub(super) fn check_lock(
        &mut self,
        dest: Index,
        client: Index,
        by_other: ClauseId,
        own: ClauseId,
    ) -> Reply {
        if self.dests[dest].lock.is_none() && self.waiting.is_empty() {
            return Ok(());
        }
        let clause = match self.access(Request { dest, client, route: NONE, exclusive: true }) {
            Access::Free => return Ok(()),
            Access::Own => {
                self.misuse(own);
                return refuse(Status::ERROR_INVALID_PARAMETER, &[own]);
            }
            Access::Taken(Obstacle::Exclusive(_)) => by_other,
            Access::Taken(Obstacle::Shared) => add::DEST_LOCKED_SHARED,
            Access::Taken(Obstacle::Queue) => lock_route::FAIRNESS,
        };
        let goes_on = match clause {
            add::DEST_LOCKED_SHARED => self.oracle.takes(add::DEST_LOCKED_SHARED_GOES_ON),
            add::DEST_LOCKED_BY_OTHER => self.oracle.takes(add::DEST_LOCKED_BY_OTHER_GOES_ON),
            delete::LOCKED_BY_OTHER => self.oracle.takes(delete::LOCKED_BY_OTHER_GOES_ON),
            _ => false,
        };
        match goes_on {
            true => Ok(()),
            false => Err(Stop::Waits(self.wait_for(dest, true, &[clause]))),
        }
    }

    /// A wait for the lock of a destination.
    pub(super) fn wait_for(&self, dest: Index, exclusive: bool, clauses: &[ClauseId]) -> Wait {
        let (object, kind) = (self.dests.handle(dest), HandleKind::Dest);
        Wait { object, kind, exclusive, basis: Basis::of(clauses) }
    }

    /// Whether the caller holds the lock of a destination alone.
    pub(super) fn holds_exclusively(&self, dest: Index, client: Index) -> bool {
        let lock = self.dests[dest].lock.as_deref();
        lock.is_some_and(|lock| lock.exclusive && lock.is_held_by(self.caller(client)))
    }

    /// The caller, as a holder of locks of this client.
    pub(super) fn caller(&self, client: Index) -> Caller {
        let own = |running: &&RunningCallback| running.client() == client;
        let depth = self.running.iter().filter(own).filter(|r| r.actor == self.actor).count();
        let at = match u8::try_from(depth).unwrap_or(u8::MAX) {
            0 => Taken::Outside,
            depth => Taken::Inside(depth),
        };
        Caller { client, actor: self.actor, at }
    }

    /// A callback has ended: what its client locked in it was taken before.
    pub(super) fn leave_locks(&mut self, ended: &RunningCallback) {
        if self.locked.is_empty() {
            return;
        }
        let client = ended.client();
        let running = self.running.iter().filter(|running| running.client() == client).count();
        for dest in &self.locked {
            let lock = self.dests[*dest].lock.as_deref_mut();
            for holder in lock.into_iter().flat_map(|lock| &mut lock.holders) {
                let inside =
                    |taken| matches!(taken, Taken::Inside(depth) if running < depth.into());
                if holder.client == client && inside(holder.taken) {
                    holder.taken = Taken::Before;
                }
            }
        }
    }

    /// Whether a destination is locked, so that time does not touch its routes.
    pub(super) fn holds_time_up(&self, dest: Index) -> bool {
        self.dests[dest].lock.is_some() && !self.oracle.takes(add::EXPIRED_WHILE_LOCKED_GOES_ON)
    }

    /// Gives the caller the lock that it wants.
    pub(super) fn lock(&mut self, wanted: Request) {
        let Request { dest, client, route, exclusive } = wanted;
        let taken = self.caller(client).at;
        let holder = Holder { client, actor: self.actor, route, taken };
        match &mut self.dests[dest].lock {
            Some(lock) => lock.holders.push(holder),
            none => {
                let (holders, account) = (vec![holder], Vec::new());
                let lock = DestLock { exclusive, holders, account, failed: false };
                *none = Some(Box::new(lock));
                self.locked.push(dest);
            }
        }
    }

    /// Takes the lock of a destination from those holders that `leaves` names. Timers that ran
    /// out meanwhile go off when it is free.
    pub(super) fn unlock(&mut self, dest: Index, leaves: impl Fn(&Holder) -> bool) {
        let Some(lock) = &mut self.dests[dest].lock else { return };
        lock.holders.retain(|holder| !leaves(holder));
        if !lock.holders.is_empty() {
            return;
        }
        self.dests[dest].lock = None;
        self.locked.retain(|other| *other != dest);
        let of_dest = |due: &Due| match due {
            Due::Route(route) => self.routes[*route].dest == dest,
            Due::Hold(other) => *other == dest,
        };
        let overdue = self.timers.iter().take_while(|(at, _, _)| *at <= self.now);
        let overdue: Vec<Due> = overdue.map(|(_, _, due)| *due).filter(of_dest).collect();
        overdue.into_iter().for_each(|due| self.fire(due));
    }

    /// Destinations that a client, whoever acts for it, has locked.
    pub(super) fn locked_by(&self, client: Index) -> Vec<Index> {
        let holds = |dest: &Index| {
            let lock = self.dests[*dest].lock.as_deref();
            lock.is_some_and(|lock| lock.holders.iter().any(|h| h.client == client))
        };
        self.locked.iter().copied().filter(holds).collect()
    }

    /// Whether the caller holds a lock under which it should call nothing else.
    pub(super) fn calls_under_lock(&self) -> bool {
        let holds = |dest: &Index| {
            let lock = self.dests[*dest].lock.as_deref();
            lock.is_some_and(|lock| lock.holders.iter().any(|h| h.actor == self.actor))
        };
        self.locked.iter().any(holds)
    }

    /// Whether the actor took its locks through destinations, and none through a route.
    pub(super) fn locks_dests_alone(&self) -> bool {
        let locks = self.locked.iter().filter_map(|dest| self.dests[*dest].lock.as_deref());
        let mut holders = locks.flat_map(|lock| &lock.holders);
        holders.all(|holder| holder.actor != self.actor || holder.route == NONE)
    }

    /// Whether the call that is carried out has waited, and others still wait for the same lock.
    pub(super) fn goes_first(&self, dest: Index) -> bool {
        let object = self.dests.handle(dest);
        self.turn != NO_TICKET
            && self.waiting.iter().any(|s| s.wait.object == object && s.ticket != self.turn)
    }

    /// Whether the actor holds the lock of a destination and others wait for it.
    pub(super) fn keeps_out(&self, dest: Index) -> bool {
        let object = self.dests.handle(dest);
        self.holds_lock(dest) && self.waiting.iter().any(|s| s.wait.object == object)
    }

    /// The locked destination on whose account `client` may release a next hop `short` times
    /// more often than it holds it: its own routes there name the next hop as often.
    pub(super) fn account_for(&self, client: Index, hop: Index, short: u32) -> Option<Index> {
        self.locked.iter().copied().find(|dest| {
            if !self.holds_exclusively(*dest, client) {
                return false;
            }
            let named = |route: &Index| {
                let r = &self.routes[*route];
                let listed = r.next_hops.iter().chain([&r.neighbour]);
                let of_client = r.owner == client;
                listed.filter(|other| of_client && **other == hop).count() as u32
            };
            let named: u32 = self.dests[*dest].routes.iter().map(named).sum();
            let lock = self.dests[*dest].lock.as_deref();
            let taken = lock.and_then(|lock| lock.account.iter().find(|(other, _)| *other == hop));
            taken.map_or(0, |(_, count)| *count) + short <= named
        })
    }

    /// Takes a next hop on the account of the routes of a locked destination.
    pub(super) fn take_on_account(&mut self, dest: Index, hop: Index, count: u32) {
        let Some(lock) = &mut self.dests[dest].lock else { return };
        match lock.account.iter_mut().find(|(other, _)| *other == hop) {
            Some((_, taken)) => *taken += count,
            None => lock.account.push((hop, count)),
        }
    }

    /// Keeps a call that must wait.
    pub(super) fn suspend(&mut self, call: &Call, wait: Wait) -> u32 {
        self.tickets += 1;
        let (ticket, actor) = (self.tickets, self.actor);
        let call = call.clone();
        self.waiting.push(Suspended { ticket, actor, call, wait, released: false });
        ticket
    }

    /// What a call that waits under this ticket shows of it.
    pub fn show_wait(&self, ticket: u32, out: &mut Observation) {
        let Some(found) = self.waiting.iter().find(|s| s.ticket == ticket) else { return };
        let Wait { object, kind, basis, .. } = found.wait;
        out.add(Place::AWAITED, Value::Handle(kind, object), basis);
        let without_limit = match kind {
            HandleKind::Entity => &[invoke::WAITS_WHILE_BLOCKED],
            _ => &[lock_route::WAITS_WITHOUT_TIMEOUT],
        };
        for (nth, other) in self.hinder(found).into_iter().enumerate() {
            out.number(Place::AWAITED.at(nth + 1), other, without_limit);
        }
    }

    /// Actors that a waiting call waits for, each once, ascending.
    fn hinder(&self, waiting: &Suspended) -> Vec<Actor> {
        if let Some(client) = self.entities.find(waiting.wait.object) {
            return vec![self.entities[client].actor];
        }
        let lock = self.dests.find(waiting.wait.object).and_then(|d| self.dests[d].lock.as_deref());
        let mut actors: Vec<Actor> = lock
            .filter(|lock| lock.exclusive || waiting.wait.exclusive)
            .map(|lock| lock.holders.iter().map(|h| h.actor).collect())
            .unwrap_or_default();
        if actors.is_empty() {
            let before = self.waiting.iter().filter(|other| {
                other.wait.object == waiting.wait.object && other.ticket < waiting.ticket
            });
            actors.extend(before.map(|other| other.actor));
        }
        actors.sort_unstable();
        actors.dedup();
        actors
    }

    /// Who waits for whom now: pairs of actors, in the order of arrival.
    pub fn waits(&self) -> Vec<(Actor, Vec<Actor>)> {
        self.waiting.iter().map(|s| (s.actor, self.hinder(s))).collect()
    }

    /// The ticket of the call that began to wait last.
    pub fn last_ticket(&self) -> u32 {
        self.tickets
    }

    /// Makes the first of the waiting calls anew that need not wait any more. Gives its ticket
    /// and its actor.
    pub fn resume(&mut self, out: &mut Observation) -> Option<(u32, Actor)> {
        let held_back = self.waiting.iter().filter(|s| s.wait.kind == HandleKind::Entity).count();
        let reversed = 1 < self.waiting.len() - held_back
            && self.oracle.takes(lock_route::FAIRNESS_NEWEST_FIRST)
            || 1 < held_back && self.oracle.takes(block::RELEASE_ORDER_NEWEST_FIRST);
        let mut tickets: Vec<u32> = self.waiting.iter().map(|s| s.ticket).collect();
        if reversed {
            tickets.reverse();
        }
        tickets.into_iter().find_map(|ticket| Some((ticket, self.resume_one(ticket, out)?)))
    }

    /// Makes the call of a ticket anew; its actor, when it has come to its end.
    pub fn resume_one(&mut self, ticket: u32, out: &mut Observation) -> Option<Actor> {
        let at = self.waiting.iter().position(|s| s.ticket == ticket)?;
        let Suspended { actor, call, wait: waited, .. } = self.waiting[at].clone();
        self.actor = actor;
        self.turn = ticket;
        let waits = self.attempt(&call, out);
        self.turn = NO_TICKET;
        match waits {
            Some(wait) => {
                self.waiting[at].wait = wait;
                None
            }
            None => {
                self.waiting.retain(|s| s.ticket != ticket);
                let clause = crate::clause::deregister_entity::LEFTOVER_LOCKS;
                let left = |dest| self.notes.has(Object::Dest(dest), clause);
                if self.dests.find(waited.object).is_some_and(left) {
                    out.cite(Place::STATUS, clause);
                }
                Some(actor)
            }
        }
    }

    /// Forgets a call that waits: whoever made it was answered otherwise.
    pub fn give_up(&mut self, ticket: u32) {
        self.waiting.retain(|s| s.ticket != ticket);
    }
}
