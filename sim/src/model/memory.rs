//! What is remembered only to say why: the clause that last decided how a thing stands.
//!
//! No part of the state: nothing but the basis of fields depends on it, so models that remember
//! different things are equal. It is bounded, and what does not fit is forgotten, oldest first.

use std::hash::{Hash, Hasher};

use super::state::arena::Index;
use super::state::prefix::Prefix;
use crate::clause::ClauseId;
use crate::vocabulary::handle::Handle;

/// Most things remembered at a time.
const ENTRIES_MAX: usize = 48;

/// What something is remembered about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    /// Where the last reference of a client on an object came from; dead objects included.
    Reference(Index, Handle),
    /// What last happened to an object.
    Fate(Handle),
    /// Why a prefix of a table is not there any more.
    Gone(usize, Prefix),
}

/// Topics, each with a clause; the oldest first.
#[derive(Clone, Default, Debug)]
pub struct Memory {
    entries: Vec<(Topic, ClauseId)>,
}

impl Memory {
    /// Remembers `clause`, instead of what was known about the topic.
    pub fn note(&mut self, topic: Topic, clause: ClauseId) {
        match self.entries.iter_mut().find(|(known, _)| *known == topic) {
            Some(entry) => entry.1 = clause,
            None => {
                if self.entries.len() == ENTRIES_MAX {
                    self.entries.remove(0);
                }
                self.entries.push((topic, clause));
            }
        }
    }

    /// What is known of references on an object, whoever had them; the latest first.
    pub fn references(&self, handle: Handle) -> impl Iterator<Item = ClauseId> + '_ {
        self.entries.iter().rev().filter_map(move |(topic, clause)| match topic {
            Topic::Reference(_, known) if *known == handle => Some(*clause),
            _ => None,
        })
    }

    /// What is known.
    pub fn recall(&self, topic: Topic) -> Option<ClauseId> {
        self.entries.iter().find(|(known, _)| *known == topic).map(|(_, clause)| *clause)
    }
}

impl PartialEq for Memory {
    fn eq(&self, _: &Memory) -> bool {
        true
    }
}

impl Eq for Memory {}

impl Hash for Memory {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
