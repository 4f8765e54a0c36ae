//! Notes: what is remembered only to say later which clauses decided something.
//!
//! Nothing that a call shows depends on a note; only the clauses that are cited with it do. So
//! notes are no part of the state: models that differ in them alone are equal.
//!
//! What is said of a live object goes with it. What last happened to a thing may be asked after
//! its end; of that the latest is kept and the oldest forgotten.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use super::Model;
use super::grounds::Grounds;
use super::references::Object;
use super::state::arena::Index;
use super::state::opaque::Slot;
use super::state::prefix::Prefix;
use crate::clause::ClauseId;
use crate::vocabulary::handle::Handle;

/// Most sayings that are kept at a time; later ones are not. A scenario that shows one thing stays
/// far below, and a large table must not pay for what nobody asks.
const SAID_MAX: usize = 4096;
/// Most objects that are remembered at a time.
const FATES_MAX: usize = 48;
/// Most references of clients that are remembered at a time.
const REFERENCES_MAX: usize = 48;
/// Most prefixes that are remembered at a time.
const PREFIXES_MAX: usize = 16;

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

/// What is remembered.
#[derive(Clone, Default, Debug)]
pub struct Notes {
    /// Which clauses have had a say about which live object, packed by [`saying`], ascending.
    said: Vec<u64>,
    /// What last happened to objects; the oldest first.
    fates: Vec<(Handle, ClauseId)>,
    /// How routes came to their lists; the oldest first.
    listed: Vec<(Handle, ClauseId)>,
    /// Where references came from: the object and the client; the oldest first.
    references: Vec<((Handle, Index), ClauseId)>,
    /// Why prefixes are gone: the table and the prefix; the oldest first.
    gone: Vec<((usize, Prefix), ClauseId)>,
    /// Why slots hold nothing: the table, the prefix and the slot; the oldest first.
    emptied: Vec<((usize, Prefix, Slot), ClauseId)>,
    /// Identities that were registered and are no more: table, protocol, protocol instance.
    left: BTreeSet<(usize, u32, u32)>,
    /// Tables in which a registration was refused.
    refused: BTreeSet<usize>,
}

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
    pub fn restore(&mut self, other: &Notes) {
        self.said.clone_from(&other.said);
        self.fates.clone_from(&other.fates);
        self.listed.clone_from(&other.listed);
        self.references.clone_from(&other.references);
        self.gone.clone_from(&other.gone);
        self.emptied.clone_from(&other.emptied);
        self.left.clone_from(&other.left);
        self.refused.clone_from(&other.refused);
    }

    /// A clause has had a say about an object.
    pub fn add(&mut self, object: Object, clause: ClauseId) {
        let saying = saying(object, clause);
        if let Err(at) = self.said.binary_search(&saying)
            && self.said.len() < SAID_MAX
        {
            self.said.insert(at, saying);
        }
    }

    /// Whether a clause has had a say about an object.
    pub fn has(&self, object: Object, clause: ClauseId) -> bool {
        self.said.binary_search(&saying(object, clause)).is_ok()
    }

    /// What has been said of an object, packed.
    fn sayings(&self, object: Object) -> Range<usize> {
        let first = saying(object, ClauseId(0));
        let last = saying(object, ClauseId(u16::MAX));
        let from = self.said.partition_point(|saying| *saying < first);
        let len = self.said[from..].iter().take_while(|saying| **saying <= last).count();
        from..from + len
    }

    /// An object is gone.
    pub fn forget(&mut self, object: Object) {
        let range = self.sayings(object);
        self.said.drain(range);
    }

    /// Remembers `clause`, instead of what was known about the topic.
    pub fn note(&mut self, topic: Topic, clause: ClauseId) {
        match topic {
            Topic::Fate(handle) => note(&mut self.fates, handle, clause, FATES_MAX),
            Topic::Listed(handle) => note(&mut self.listed, handle, clause, FATES_MAX),
            Topic::Reference(client, handle) => {
                note(&mut self.references, (handle, client), clause, REFERENCES_MAX);
            }
            Topic::Gone(table, prefix) => {
                note(&mut self.gone, (table, prefix), clause, PREFIXES_MAX);
            }
            Topic::Emptied(table, prefix, slot) => {
                note(&mut self.emptied, (table, prefix, slot), clause, PREFIXES_MAX);
            }
        }
    }

    /// What is known about a topic.
    pub fn recall(&self, topic: Topic) -> Option<ClauseId> {
        match topic {
            Topic::Fate(handle) => recall(&self.fates, handle),
            Topic::Listed(handle) => recall(&self.listed, handle),
            Topic::Reference(client, handle) => recall(&self.references, (handle, client)),
            Topic::Gone(table, prefix) => recall(&self.gone, (table, prefix)),
            Topic::Emptied(table, prefix, slot) => recall(&self.emptied, (table, prefix, slot)),
        }
    }

    /// What is known of references on an object, whoever had them; the latest first.
    pub fn references(&self, handle: Handle) -> impl Iterator<Item = ClauseId> + '_ {
        let known = self.references.iter().rev();
        known.filter(move |((object, _), _)| *object == handle).map(|(_, clause)| *clause)
    }

    /// A client has left a table.
    pub fn leave(&mut self, table: usize, protocol: u32, protocol_instance: u32) {
        self.left.insert((table, protocol, protocol_instance));
    }

    /// Whether a client with this identity has left a table.
    pub fn has_left(&self, table: usize, protocol: u32, protocol_instance: u32) -> bool {
        self.left.contains(&(table, protocol, protocol_instance))
    }

    /// Whether anybody has left a table.
    pub fn somebody_left(&self, table: usize) -> bool {
        self.left.iter().any(|(other, _, _)| *other == table)
    }

    /// A registration with a table was refused.
    pub fn refuse(&mut self, table: usize) {
        self.refused.insert(table);
    }

    /// Whether a registration with a table was refused.
    pub fn was_refused(&self, table: usize) -> bool {
        self.refused.contains(&table)
    }
}

impl Model {
    /// Those of `clauses` that have had a say about an object: at most `most` of them.
    pub(super) fn noted(&self, object: Object, clauses: &[ClauseId], most: usize) -> Grounds {
        let said = &self.notes.said[self.notes.sayings(object)];
        if said.is_empty() {
            return Grounds::NONE;
        }
        let noted = clauses.iter().filter(|clause| said.contains(&saying(object, **clause)));
        noted.take(most).fold(Grounds::NONE, |grounds, clause| grounds.when(true, *clause))
    }
}

/// Remembers `clause` under `key`; the oldest gives way where `most` are remembered.
#[inline]
fn note<K: Copy + PartialEq>(
    known: &mut Vec<(K, ClauseId)>,
    key: K,
    clause: ClauseId,
    most: usize,
) {
    match known.iter_mut().rev().find(|(other, _)| *other == key) {
        Some((_, known)) => *known = clause,
        None => {
            if known.len() == most {
                known.remove(0);
            }
            known.push((key, clause));
        }
    }
}

#[inline]
fn recall<K: Copy + PartialEq>(known: &[(K, ClauseId)], key: K) -> Option<ClauseId> {
    known.iter().rev().find(|(other, _)| *other == key).map(|(_, clause)| *clause)
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
