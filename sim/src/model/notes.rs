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
use super::state::prefix::Prefix;
use crate::clause::ClauseId;
use crate::vocabulary::handle::Handle;

/// Most handles and references that are remembered at a time.
const HANDLES_MAX: usize = 48;
/// Most prefixes that are remembered at a time.
const PREFIXES_MAX: usize = 16;
/// Stands for the client where a note is about the object itself.
const FATE: Index = Index::MAX - 1;

/// What one clause at a time is remembered about: the one that last decided how it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// Where the last reference of a client on an object came from; dead objects included.
    Reference(Index, Handle),
    /// What last happened to an object; dead objects included.
    Fate(Handle),
    /// Why a prefix of a table is not there any more.
    Gone(usize, Prefix),
}

/// What is remembered.
#[derive(Clone, Default, Debug)]
pub struct Notes {
    /// Which clauses have had a say about which live object, packed by [`saying`], ascending.
    said: Vec<u64>,
    /// The handle, the client or [`FATE`], and the clause; the oldest first.
    handles: Vec<(Handle, Index, ClauseId)>,
    /// Prefixes that are gone, each with its table; the oldest first.
    prefixes: Vec<(usize, Prefix, ClauseId)>,
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
        self.handles.clone_from(&other.handles);
        self.prefixes.clone_from(&other.prefixes);
        self.left.clone_from(&other.left);
        self.refused.clone_from(&other.refused);
    }

    /// A clause has had a say about an object.
    pub fn add(&mut self, object: Object, clause: ClauseId) {
        let saying = saying(object, clause);
        if let Err(at) = self.said.binary_search(&saying) {
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
        let (handle, client) = match topic {
            Topic::Reference(client, handle) => (handle, client),
            Topic::Fate(handle) => (handle, FATE),
            Topic::Gone(table, prefix) => return self.note_gone(table, prefix, clause),
        };
        match self.handles.iter_mut().find(|(h, c, _)| (*h, *c) == (handle, client)) {
            Some((_, _, known)) => *known = clause,
            None => {
                if self.handles.len() == HANDLES_MAX {
                    self.handles.remove(0);
                }
                self.handles.push((handle, client, clause));
            }
        }
    }

    fn note_gone(&mut self, table: usize, prefix: Prefix, clause: ClauseId) {
        match self.prefixes.iter_mut().find(|(t, p, _)| (*t, *p) == (table, prefix)) {
            Some((_, _, known)) => *known = clause,
            None => {
                if self.prefixes.len() == PREFIXES_MAX {
                    self.prefixes.remove(0);
                }
                self.prefixes.push((table, prefix, clause));
            }
        }
    }

    /// What is known about a topic.
    pub fn recall(&self, topic: Topic) -> Option<ClauseId> {
        let (handle, client) = match topic {
            Topic::Reference(client, handle) => (handle, client),
            Topic::Fate(handle) => (handle, FATE),
            Topic::Gone(table, prefix) => {
                let mut gone = self.prefixes.iter();
                return gone.find(|(t, p, _)| (*t, *p) == (table, prefix)).map(|(_, _, c)| *c);
            }
        };
        let mut known = self.handles.iter();
        known.find(|(h, c, _)| (*h, *c) == (handle, client)).map(|(_, _, clause)| *clause)
    }

    /// What is known of references on an object, whoever had them; the latest first.
    pub fn references(&self, handle: Handle) -> impl Iterator<Item = ClauseId> + '_ {
        let known = self.handles.iter().rev();
        known.filter(move |(h, c, _)| *h == handle && *c != FATE).map(|(_, _, clause)| *clause)
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
