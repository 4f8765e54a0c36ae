//! Bindings: which object of the model a handle value of the library names.
//!
//! Many values may name one object. A value names another object once nobody holds the first one
//! any more. Each client has values of its own: nothing says that they mean the same to another.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::program::Actor;
use crate::vocabulary::handle::{Handle, HandleKind};

/// Values and objects.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Bindings {
    handles: BTreeMap<(Actor, HandleKind, Handle), Handle>,
    /// Times of the model, each with the time that the library showed.
    times: BTreeMap<u64, u64>,
}

impl Bindings {
    /// Whether `raw` can name `object`; it does from now on.
    pub fn admit(
        &mut self,
        model: &Model,
        actor: Actor,
        kind: HandleKind,
        raw: Handle,
        object: Handle,
    ) -> bool {
        if raw.is_null() || object.is_null() {
            return raw.is_null() && object.is_null();
        }
        let bound = self.handles.entry((actor, kind, raw)).or_insert(object);
        if *bound != object {
            if model.is_held(*bound) {
                return false;
            }
            *bound = object;
        }
        true
    }

    /// The object that `raw` names, if it is known.
    pub fn object(&self, actor: Actor, kind: HandleKind, raw: Handle) -> Option<Handle> {
        self.handles.get(&(actor, kind, raw)).copied()
    }

    /// Whether the library can show `raw` for the model's time: the order of changes is kept, one
    /// change has one time, and what lies a millisecond apart differs.
    pub fn admit_time(&mut self, time: u64, raw: u64) -> bool {
        let apart = |earlier: u64, later: u64| earlier >> 24 != later >> 24;
        if let Some(known) = self.times.get(&time) {
            return *known == raw;
        }
        let before = self.times.range(..time).next_back();
        let after = self.times.range(time..).next();
        let fits = before.is_none_or(|(t, r)| *r < raw || *r == raw && !apart(*t, time))
            && after.is_none_or(|(t, r)| raw < *r || raw == *r && !apart(time, *t));
        if fits {
            self.times.insert(time, raw);
        }
        fits
    }
}
