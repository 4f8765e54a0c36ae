//! Notes: what is remembered only to say later which clauses decided something.
//!
//! Nothing that a call shows depends on a note; only the clauses that are cited with it do. So
//! notes are no part of the state: models that differ in them alone are equal.
//!
//! What is said of a live object goes with it. What last happened to a thing may be asked after
//! its end; that is kept until its place in the arena has been used again some times.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use smallvec::SmallVec;

use super::Model;
use super::grounds::Grounds;
use super::references::Object;
use super::state::arena::{self, Index};
use super::state::opaque::Slot;
use super::state::prefix::Prefix;
use crate::clause::ClauseId;
use crate::vocabulary::handle::{Handle, HandleKind};

/// Most sayings that are kept at a time; later ones are not. A scenario that shows one thing stays
/// far below, and a large table must not pay for what nobody asks.
const SAID_MAX: usize = 4096;
/// Places of an arena of which something is remembered: the first ones, for the same reason.
const PLACES_MAX: usize = 4096;
/// Objects that had one place after each other and are remembered.
const LIVES_MAX: u32 = 4;
/// Most prefixes that are remembered at a time.
const PREFIXES_MAX: usize = 16;
/// Stands for the client where a note is about the object itself.
const FATE: Index = Index::MAX - 1;
/// The same, where a note is about how a route came to its list.
const LISTED: Index = FATE - 1;

/// What one clause at a time is remembered about: the one that last decided how it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// Where the last reference of a client on an object came from; dead objects included.
    Reference(Index, Handle),
    /// What last happened to an object; dead objects included.
    Fate(Handle),
    /// How a route came to the list that it is on.
    Listed(Handle),
    /// Why a prefix of a table is not there any more.
    Gone(usize, Prefix),
    /// Why an opaque slot of a table holds nothing at a prefix although something was stored.
    Emptied(usize, Prefix, Slot),
}

/// What is remembered of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Known {
    /// Which of the objects that had the place, and the client, [`FATE`] or [`LISTED`]: see
    /// [`whose`].
    whose: u64,
    clause: ClauseId,
}

impl Known {
    fn generation(&self) -> u32 {
        (self.whose >> 32) as u32
    }

    /// Whether it is about a reference of a client, or of the table.
    fn is_of_client(&self) -> bool {
        ![FATE, LISTED].contains(&(self.whose as Index))
    }
}

/// A generation and a client in one number, ascending by both.
fn whose(generation: u32, client: Index) -> u64 {
    u64::from(generation) << 32 | u64::from(client)
}

/// What is remembered of the objects of one place, ascending by generation and client.
type Lives = SmallVec<[Known; 4]>;

/// What is remembered.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
struct Kept {
    /// Which clauses have had a say about which live object, packed by [`saying`], ascending.
    said: Vec<u64>,
    /// For each kind of handle what is remembered of the objects of each place.
    handles: [Vec<Lives>; HandleKind::ALL.len()],
    /// Why prefixes are gone: the table and the prefix; the oldest first.
    gone: Vec<((usize, Prefix), ClauseId)>,
    /// Why slots hold nothing: the table, the prefix and the slot; the oldest first.
    emptied: Vec<((usize, Prefix, Slot), ClauseId)>,
    /// Identities that were registered and are no more: table, protocol, protocol instance.
    left: BTreeSet<(usize, u32, u32)>,
    /// Tables in which a registration was refused.
    refused: BTreeSet<usize>,
}

/// What is remembered; no part of the state.
#[derive(Clone, Default, Debug)]
pub struct Notes(Kept);

impl PartialEq for Notes {
    fn eq(&self, _: &Notes) -> bool {
        true
    }
}

impl Eq for Notes {}

impl Hash for Notes {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Notes {
    /// Goes back to where `other` stands, memory kept.
    pub fn restore(&mut self, Notes(other): &Notes) {
        self.0.said.clone_from(&other.said);
        for (lives, others) in self.0.handles.iter_mut().zip(&other.handles) {
            lives.clone_from(others);
        }
        self.0.gone.clone_from(&other.gone);
        self.0.emptied.clone_from(&other.emptied);
        self.0.left.clone_from(&other.left);
        self.0.refused.clone_from(&other.refused);
    }

    /// Whether the same is remembered.
    pub fn same(&self, other: &Notes) -> bool {
        self.0 == other.0
    }

    /// Hashes what is remembered.
    pub fn hash_kept<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }

    /// A clause has had a say about an object.
    pub fn add(&mut self, object: Object, clause: ClauseId) {
        let saying = saying(object, clause);
        if let Err(at) = self.0.said.binary_search(&saying)
            && self.0.said.len() < SAID_MAX
        {
            self.0.said.insert(at, saying);
        }
    }

    /// Whether a clause has had a say about an object.
    pub fn has(&self, object: Object, clause: ClauseId) -> bool {
        self.0.said.binary_search(&saying(object, clause)).is_ok()
    }

    /// A clause has no longer a say about an object.
    pub fn withdraw(&mut self, object: Object, clause: ClauseId) {
        if let Ok(at) = self.0.said.binary_search(&saying(object, clause)) {
            self.0.said.remove(at);
        }
    }

    /// What has been said of an object, packed.
    fn sayings(&self, object: Object) -> Range<usize> {
        let first = saying(object, ClauseId(0));
        let last = saying(object, ClauseId(u16::MAX));
        let from = self.0.said.partition_point(|saying| *saying < first);
        let len = self.0.said[from..].iter().take_while(|saying| **saying <= last).count();
        from..from + len
    }

    /// An object is gone.
    pub fn forget(&mut self, object: Object) {
        let range = self.sayings(object);
        if !range.is_empty() {
            self.0.said.drain(range);
        }
    }

    /// Remembers `clause`, instead of what was known about the topic.
    pub fn note(&mut self, topic: Topic, clause: ClauseId) {
        match topic {
            Topic::Fate(handle) => self.note_handle(handle, FATE, clause),
            Topic::Listed(handle) => self.note_handle(handle, LISTED, clause),
            Topic::Reference(client, handle) => self.note_handle(handle, client, clause),
            Topic::Gone(table, prefix) => note(&mut self.0.gone, (table, prefix), clause),
            Topic::Emptied(table, prefix, slot) => {
                note(&mut self.0.emptied, (table, prefix, slot), clause);
            }
        }
    }

    fn note_handle(&mut self, handle: Handle, client: Index, clause: ClauseId) {
        let Some((kind, index, generation)) = place(handle) else { return };
        let places = &mut self.0.handles[kind];
        if places.len() <= index {
            places.resize_with(index + 1, Lives::new);
        }
        let known = &mut places[index];
        let is_kept = |known: &Known| generation.saturating_sub(known.generation()) < LIVES_MAX;
        if known.first().is_some_and(|oldest| !is_kept(oldest)) {
            known.retain(|known| is_kept(known));
        }
        let whose = whose(generation, client);
        // Most notes are about the object that has the place now.
        let before = known.iter().rposition(|known| known.whose <= whose);
        match before.map(|at| &mut known[at]) {
            Some(known) if known.whose == whose => known.clause = clause,
            _ => known.insert(before.map_or(0, |at| at + 1), Known { whose, clause }),
        }
    }

    /// What is known about a topic.
    pub fn recall(&self, topic: Topic) -> Option<ClauseId> {
        let (client, handle) = match topic {
            Topic::Fate(handle) => (FATE, handle),
            Topic::Listed(handle) => (LISTED, handle),
            Topic::Reference(client, handle) => (client, handle),
            Topic::Gone(table, prefix) => return recall(&self.0.gone, (table, prefix)),
            Topic::Emptied(table, prefix, slot) => {
                return recall(&self.0.emptied, (table, prefix, slot));
            }
        };
        let (kind, index, generation) = place(handle)?;
        let whose = whose(generation, client);
        let mut known = self.0.handles[kind].get(index)?.iter().rev();
        known.find(|known| known.whose == whose).map(|known| known.clause)
    }

    /// Why prefixes of a table are not there, as far as that is known.
    pub fn gone_from(&self, table: usize) -> impl Iterator<Item = ClauseId> + '_ {
        let gone = self.0.gone.iter().filter(move |((other, _), _)| *other == table);
        gone.map(|(_, clause)| *clause)
    }

    /// What is known of references on an object, whoever had them, in the order of the clients.
    pub fn references(&self, handle: Handle) -> impl Iterator<Item = ClauseId> + '_ {
        let found = place(handle);
        let lives = found.and_then(|(kind, index, _)| self.0.handles[kind].get(index));
        let generation = found.map_or(0, |(_, _, generation)| generation);
        let known = lives.into_iter().flatten();
        known
            .filter(move |known| known.generation() == generation && known.is_of_client())
            .map(|known| known.clause)
    }

    /// Forgets the handles that are not wanted.
    pub fn keep_handles(&mut self, is_wanted: impl Fn(Handle) -> bool) {
        for (kind, places) in HandleKind::ALL.into_iter().zip(&mut self.0.handles) {
            for (index, lives) in places.iter_mut().enumerate() {
                let handle =
                    |known: &Known| arena::handle(kind, index as Index, known.generation());
                lives.retain(|known| is_wanted(handle(known)));
            }
            let empty = places.iter().rev().take_while(|lives| lives.is_empty()).count();
            places.truncate(places.len() - empty);
        }
    }

    /// A client has left a table.
    pub fn leave(&mut self, table: usize, protocol: u32, protocol_instance: u32) {
        self.0.left.insert((table, protocol, protocol_instance));
    }

    /// Whether a client with this identity has left a table.
    pub fn has_left(&self, table: usize, protocol: u32, protocol_instance: u32) -> bool {
        self.0.left.contains(&(table, protocol, protocol_instance))
    }

    /// Whether anybody has left a table.
    pub fn somebody_left(&self, table: usize) -> bool {
        self.0.left.iter().any(|(other, _, _)| *other == table)
    }

    /// A registration with a table was refused.
    pub fn refuse(&mut self, table: usize) {
        self.0.refused.insert(table);
    }

    /// Whether a registration with a table was refused.
    pub fn was_refused(&self, table: usize) -> bool {
        self.0.refused.contains(&table)
    }
}

impl Model {
    /// Those of `clauses` that have had a say about an object: at most `most` of them.
    pub(super) fn noted(&self, object: Object, clauses: &[ClauseId], most: usize) -> Grounds {
        let said = match clauses {
            [] => return Grounds::NONE,
            [clause] => {
                let said = self.notes.has(object, *clause) && 0 < most;
                return Grounds::NONE.when(said, *clause);
            }
            _ => &self.notes.0.said[self.notes.sayings(object)],
        };
        if said.is_empty() {
            return Grounds::NONE;
        }
        let noted = clauses.iter().filter(|clause| said.contains(&saying(object, **clause)));
        noted.take(most).fold(Grounds::NONE, |grounds, clause| grounds.when(true, *clause))
    }
}

/// Remembers `clause` under `key`; the oldest gives way.
fn note<K: PartialEq>(known: &mut Vec<(K, ClauseId)>, key: K, clause: ClauseId) {
    match known.iter_mut().find(|(other, _)| *other == key) {
        Some((_, known)) => *known = clause,
        None => {
            if known.len() == PREFIXES_MAX {
                known.remove(0);
            }
            known.push((key, clause));
        }
    }
}

fn recall<K: PartialEq>(known: &[(K, ClauseId)], key: K) -> Option<ClauseId> {
    known.iter().find(|(other, _)| *other == key).map(|(_, clause)| *clause)
}

/// An object and a clause in one number; those of one object stand side by side.
fn saying(object: Object, clause: ClauseId) -> u64 {
    let (kind, index) = match object {
        Object::Entity(index) => (0, index),
        Object::Dest(index) => (1, index),
        Object::Route(index) => (2, index),
        Object::NextHop(index) => (3, index),
    };
    kind << 48 | u64::from(index) << 16 | u64::from(clause.0)
}

/// Kind, index and generation of a handle, if something may be remembered of it.
fn place(handle: Handle) -> Option<(usize, usize, u32)> {
    let (kind, index, generation) = arena::parts(handle)?;
    let index = index as usize;
    (index < PLACES_MAX).then_some((kind as usize, index, generation))
}
