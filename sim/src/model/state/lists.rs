//! Route lists, and where an enumeration of one stands.
//!
//! Invariant: a route stands in the list that it names, at the place that it names. A list gives
//! no place twice, so a place says whether a route was there before a walk began, or came back.

use std::collections::BTreeMap;

use super::arena::Index;

/// A list of routes that a client keeps for itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RouteList {
    /// The client that created it.
    pub owner: Index,
    /// Its routes by their places, in the order in which they were put there.
    pub routes: BTreeMap<u32, Index>,
    /// The place that the next route gets.
    pub next_place: u32,
}

/// Where an enumeration of a list stands.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListWalk {
    /// The list, or [`NONE`](super::arena::NONE) once it has been deleted.
    pub list: Index,
    /// Everything before this place has been passed.
    pub next: u32,
    /// The place that the next route was to get when the walk began.
    pub began: u32,
    /// Numbers of creation of the routes that were delivered, with the places where they stood.
    pub delivered: BTreeMap<u32, u32>,
    /// Routes that left the list and come all the same, where a reading says so.
    pub kept: BTreeMap<u32, Index>,
    /// An empty set has been given.
    pub exhausted: bool,
    /// A route that was still to come has left. Nothing says which one an implementation held to
    /// be the next, so where it goes on is open.
    pub disturbed: bool,
}

impl ListWalk {
    /// A walk over all that is on `list`.
    pub fn new(index: Index, list: &RouteList) -> ListWalk {
        ListWalk {
            list: index,
            next: 0,
            began: list.next_place,
            delivered: BTreeMap::new(),
            kept: BTreeMap::new(),
            exhausted: false,
            disturbed: false,
        }
    }

    /// Whether the route with this number of creation was passed when it stood at `place`.
    pub fn has_passed(&self, creation: u32, place: u32) -> bool {
        place < self.next || self.delivered.get(&creation) == Some(&place)
    }
}
