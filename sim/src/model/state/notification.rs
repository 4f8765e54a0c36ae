//! Registrations for changes: what each asked for, and what waits for it.
//!
//! Invariant: a destination is pending at most once, and [`Pending`] finds it where it stands.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{Hash, Hasher};

use super::arena::Index;
use crate::clause::ClauseId;
use crate::model::grounds::Grounds;
use crate::model::references::Object;
use crate::vocabulary::handle::Handle;

/// Destinations that a [`Notification`] remembers a story of.
const STORIES_MAX: usize = 24;

/// What is remembered only to say why; no part of the state. `Model::same_with_notes` compares it.
#[derive(Clone, Copy, Default, Debug)]
pub struct Aside<T>(pub T);

impl<T> PartialEq for Aside<T> {
    fn eq(&self, _: &Aside<T>) -> bool {
        true
    }
}

impl<T> Eq for Aside<T> {}

impl<T> Hash for Aside<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Clauses that decide together, the specific before the general; at most three.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Why([Option<ClauseId>; 3]);

impl Why {
    /// These clauses, the first three of them.
    pub fn of(clauses: &[ClauseId]) -> Why {
        let mut why = Why::default();
        for (slot, clause) in why.0.iter_mut().zip(clauses) {
            *slot = Some(*clause);
        }
        why
    }

    /// The clauses.
    pub fn clauses(self) -> impl Iterator<Item = ClauseId> {
        self.0.into_iter().flatten()
    }

    /// The most specific clause.
    pub fn first(self) -> Option<ClauseId> {
        self.0[0]
    }

    /// The same with a clause before the others; the last of three gives way.
    #[must_use]
    pub fn after(self, clause: ClauseId) -> Why {
        match self.0.contains(&Some(clause)) {
            true => self,
            false => Why([Some(clause), self.0[0], self.0[1]]),
        }
    }

    /// The same with a clause behind the others, if there is room.
    #[must_use]
    pub fn and(mut self, clause: ClauseId) -> Why {
        let known = self.0.contains(&Some(clause));
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.is_none() && !known) {
            *slot = Some(clause);
        }
        self
    }

    /// The clauses as what decides a field.
    pub fn grounds(self) -> Grounds {
        let clauses: Vec<ClauseId> = self.clauses().collect();
        Grounds::of(&clauses)
    }
}

/// Why destinations are pending or not, the latest story last; the oldest are forgotten.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Stories {
    told: Vec<(Index, Why)>,
}

impl Stories {
    /// Remembers the latest about a destination.
    pub fn tell(&mut self, dest: Index, why: Why) {
        self.forget(dest);
        if self.told.len() == STORIES_MAX {
            self.told.remove(0);
        }
        self.told.push((dest, why));
    }

    /// The latest about a destination.
    pub fn of(&self, dest: Index) -> Option<Why> {
        self.told.iter().rev().find(|(other, _)| *other == dest).map(|(_, why)| *why)
    }

    /// Nothing that was told explains how destinations stand now.
    pub fn clear(&mut self) {
        self.told.clear();
    }

    /// A destination is gone.
    pub fn forget(&mut self, dest: Index) {
        self.told.retain(|(other, _)| *other != dest);
    }
}

/// A destination with changes that wait to be fetched.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Waiting {
    /// The destination; the entry holds a structural reference on it.
    pub dest: Index,
    /// Views in which it changed.
    pub views: u32,
    /// Changes that were reported since it became pending.
    pub changes: u32,
    /// It had no route before the first of them.
    pub was_empty: bool,
    /// It has been delivered, where a planted fault delivers it again.
    pub delivered: bool,
    /// It has changed since in a way that is not reported.
    pub moved_on: bool,
    /// Why it became pending.
    pub why: Aside<Why>,
}

/// Destinations that wait to be fetched, in the order in which they began to.
///
/// A large table may have all its destinations wait, so each takes little room and is found at
/// once.
#[derive(Clone, Default, Debug)]
pub struct Pending {
    /// Neither end is a gap.
    queue: VecDeque<Option<Waiting>>,
    /// The number of the first one, counted on from 0 as long as something waits.
    first: u32,
    count: usize,
    /// By destination, where it stands in the queue: its number, or [`NO_PLACE`].
    places: Vec<u32>,
}

/// The destination does not wait.
const NO_PLACE: u32 = u32::MAX;

// The places say again what the queue says.
impl PartialEq for Pending {
    fn eq(&self, other: &Pending) -> bool {
        (self.first, &self.queue) == (other.first, &other.queue)
    }
}

impl Eq for Pending {}

impl Hash for Pending {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.first, &self.queue).hash(state);
    }
}

impl Pending {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many destinations wait.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether a destination waits.
    pub fn contains(&self, dest: Index) -> bool {
        self.place(dest).is_some()
    }

    /// The entry of a destination.
    pub fn get(&self, dest: Index) -> Option<&Waiting> {
        self.queue[self.place(dest)?].as_ref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, dest: Index) -> Option<&mut Waiting> {
        let place = self.place(dest)?;
        self.queue[place].as_mut()
    }

    fn place(&self, dest: Index) -> Option<usize> {
        let number = *self.places.get(dest as usize)?;
        (number != NO_PLACE).then(|| (number - self.first) as usize)
    }

    /// Puts a destination that does not wait at the end.
    pub fn push(&mut self, waiting: Waiting) {
        // Both grow by an eighth, as arenas do.
        let at = waiting.dest as usize;
        if self.places.len() <= at {
            if self.places.capacity() <= at {
                self.places.reserve_exact(at + 1 + at / 8 - self.places.len());
            }
            self.places.resize(at + 1, NO_PLACE);
        }
        if self.queue.len() == self.queue.capacity() {
            self.queue.reserve_exact((self.queue.len() / 8).max(4));
        }
        self.places[at] = self.first + self.queue.len() as u32;
        self.queue.push_back(Some(waiting));
        self.count += 1;
    }

    /// Takes the entry of a destination out.
    pub fn remove(&mut self, dest: Index) -> Option<Waiting> {
        let place = self.place(dest)?;
        let removed = self.queue[place].take();
        self.places[dest as usize] = NO_PLACE;
        self.count -= 1;
        while self.queue.back().is_some_and(Option::is_none) {
            self.queue.pop_back();
        }
        while self.queue.front().is_some_and(Option::is_none) {
            self.queue.pop_front();
            self.first += 1;
        }
        // The numbers of equal states are equal as long as the set runs empty now and then.
        if self.count == 0 {
            self.first = 0;
        }
        removed
    }

    /// The entries, the one that has waited longest first.
    fn iter(&self) -> impl DoubleEndedIterator<Item = &Waiting> {
        self.queue.iter().flatten()
    }

    /// The destinations, the one that has waited longest first.
    pub fn dests(&self) -> impl DoubleEndedIterator<Item = Index> + '_ {
        self.iter().map(|waiting| waiting.dest)
    }
}

/// A registration for changes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Notification {
    /// The client that registered.
    pub owner: Index,
    /// Views asked for; 0 for all.
    pub views: u32,
    /// Types of change asked for, `RTM_CHANGE_TYPE_...`.
    pub types: u32,
    /// Only changes of marked destinations count.
    pub only_marked: bool,
    /// The client's value, handed back with each callback.
    pub context: u64,
    /// What waits to be fetched.
    pub pending: Pending,
    /// The client has been told since the set was empty last, or is about to be.
    pub announced: bool,
    /// Some change has been reported.
    pub stirred: bool,
    /// Marked destinations. A mark holds no reference.
    pub marks: BTreeSet<Index>,
    /// References that its owner was given with structures fetched under it, and has not given
    /// back; each is one of the owner's in the ledger of the object.
    pub booked: BTreeMap<Object, u32>,
    /// Destinations of which a planted fault reports no change any more, or not the next one.
    pub deaf: BTreeSet<Index>,
    /// The end has been reported, where a planted fault makes it last.
    pub ended: bool,
    /// It has been ended, where a planted fault goes on telling.
    pub gone: bool,
    /// Why destinations are pending or not.
    pub stories: Aside<Stories>,
    /// Why destinations are marked or not.
    pub mark_stories: Aside<Stories>,
    /// Why the set is empty: the last change was not reported, or it was fetched or ignored.
    pub quiet: Aside<Why>,
    /// Why the next change is announced.
    pub armed: Aside<ClauseId>,
}

impl Notification {
    /// All that is remembered only to say why.
    pub fn asides(&self) -> impl Eq + Hash + '_ {
        let whys: Vec<Why> = self.pending.iter().map(|waiting| waiting.why.0).collect();
        (&self.stories.0, &self.mark_stories.0, self.quiet.0, self.armed.0, whys)
    }
}

/// What a client had under registrations that it has ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Ended {
    /// It has ended one itself.
    pub any: bool,
    /// Changes were pending under one of them.
    pub pending: bool,
    /// Destinations were marked under one of them.
    pub marks: bool,
}

/// What a callback for changes needs although the registration may be gone when it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Announced {
    /// The registration.
    pub index: Index,
    /// Its handle.
    pub handle: Handle,
    /// The client's value.
    pub context: u64,
    /// Why the client is told.
    pub why: Aside<Why>,
    /// Why nothing was pending before.
    pub armed: Aside<ClauseId>,
    /// The change was made within a callback.
    pub nested: Aside<bool>,
}
