//! The objects: tables, clients, destinations, routes, next hops, enumerations.
//!
//! An object is freed when its ledger is free. Marks in it that refer to other objects are
//! structural references, counted there.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::super::waiting::DestLock;
use super::arena::Index;
use super::hold::Hold;
use super::ledger::Ledger;
use super::lists::ListWalk;
use super::notification::{Aside, Ended};
use super::opaque::Slot;
use super::prefix::Prefix;
use crate::program::Actor;
use crate::vocabulary::structures::{EntityInfo, RouteInfo};

/// A list that is mostly short: routes of a destination, next hops of a route.
pub type Indices = SmallVec<[Index; 4]>;

/// Views that the model knows: unicast and multicast.
pub const VIEWS: usize = 2;

/// One instance and family.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Table {
    /// The routing table manager instance.
    pub instance: u16,
    /// The address family.
    pub family: u16,
    /// Registered clients, oldest first.
    pub entities: Vec<Index>,
    /// Live destinations by prefix; those without routes are alive because somebody refers to
    /// them, and are not in the table.
    pub dests: BTreeMap<Prefix, Index>,
    /// Registrations for changes, oldest first.
    pub notifications: Vec<Index>,
    /// Registrations for changes that have ended.
    pub notifications_ended: u32,
}

/// Destinations of a table that is searched only to say why: a large table must not pay for what
/// nobody asks.
const TWINS_MAX: usize = 4096;

impl Table {
    /// The destination with the prefix of one in another table; none where this one is large.
    pub fn twin(&self, prefix: &Prefix) -> Option<Index> {
        match self.dests.len() <= TWINS_MAX {
            true => self.dests.get(prefix).copied(),
            false => None,
        }
    }
}

/// A client.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Entity {
    /// Index of its table.
    pub table: usize,
    /// Who it is.
    pub info: EntityInfo,
    /// The actor that registered it.
    pub actor: Actor,
    /// Whether it gave an event callback.
    pub callback: bool,
    /// One element an entry of its method array; true where there is a method.
    pub methods: Vec<bool>,
    /// Its opaque slot, if it reserved one.
    pub opaque: Option<Slot>,
    /// False from deregistration on.
    pub registered: bool,
    /// Who holds it. Structural: one while registered, one a route or next hop it owns.
    pub ledger: Ledger,
    /// Its next hops, in the order of their enumeration.
    pub next_hops: BTreeMap<(Prefix, u32), Index>,
    /// What it had under registrations for changes that it has ended.
    pub ended: Aside<Ended>,
}

/// A destination.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Dest {
    /// Index of its table.
    pub table: usize,
    /// Its prefix.
    pub prefix: Prefix,
    /// Routes in the table, best first.
    pub routes: Indices,
    /// Best route of each view.
    pub best: [Index; VIEWS],
    /// What is known of its hold-down, if anybody ever asked for one.
    pub hold: Option<Box<Hold>>,
    /// Time of the last change: the number of the change, which orders changes of one instant.
    pub last_changed: Stamp,
    /// The lock, if it is held.
    pub lock: Option<Box<DestLock>>,
    /// Whether an edit in place was left without a commit, so that the order of the routes is
    /// that from before.
    pub stale: bool,
    /// Who holds it. Structural: one a route object on it, one a next hop that names it, one an
    /// enumeration of its routes, one a registration for changes under which it is pending.
    pub ledger: Ledger,
}

/// A point in virtual time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Stamp {
    /// Milliseconds since the beginning.
    pub milliseconds: u64,
    /// Changes so far, which orders those of one millisecond.
    pub change: u32,
}

/// A route.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Route {
    /// Its destination.
    pub dest: Index,
    /// The client that owns it.
    pub owner: Index,
    /// The next hop it was learnt from, or [`NONE`](super::arena::NONE).
    pub neighbour: Index,
    /// `ROUTE_STATE_...`.
    pub state: u8,
    /// Kept for version 1.
    pub flags1: u8,
    /// Flags for its readers.
    pub flags: u16,
    /// First criterion of its rank.
    pub preference: u32,
    /// Second criterion of its rank.
    pub metric: u32,
    /// Views that it belongs to, supported ones only.
    pub views: u32,
    /// The owner's value.
    pub entity_specific_info: u64,
    /// Next hops, as given.
    pub next_hops: Indices,
    /// What its owner has written in place and not committed.
    pub edit: Option<Box<RouteInfo>>,
    /// The route list that it is on, or [`NONE`](super::arena::NONE), and its place there.
    pub list: (Index, u32),
    /// Last criterion of its rank.
    pub creation: u32,
    /// When it expires, and the number of the arming.
    pub deadline: Option<(u64, u32)>,
    /// How its time was last set, and when.
    pub life: Life,
    /// When its time was last set.
    pub armed_at: u64,
    /// The time that was given.
    pub time_to_live: u32,
    /// Who holds it. Structural: one while in the table, one a view that holds it in hold-down, one
    /// an enumeration that captured it or names it.
    pub ledger: Ledger,
}

/// How the time of a route was last set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Life {
    /// It lives for ever.
    Forever,
    /// It has a deadline.
    Armed,
    /// An update gave it another one.
    Restarted,
    /// An update took its deadline away.
    Cancelled,
    /// Its time was over, and its owner kept it.
    Kept,
}

impl Route {
    /// Whether it is in the table.
    pub fn is_listed(&self) -> bool {
        self.state == crate::vocabulary::constants::ROUTE_STATE_CREATED
    }
}

/// Whether a lock is held, by whom and how.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Lock {
    /// The client that holds it.
    pub holder: Index,
    /// Exclusive, or shared.
    pub exclusive: bool,
}

/// A next hop.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct NextHop {
    /// The client that owns it.
    pub owner: Index,
    /// Its address.
    pub address: Prefix,
    /// Index of the interface.
    pub interface: u32,
    /// `NEXTHOP_STATE_...`.
    pub state: u16,
    /// Flags for its readers, except `RTM_NEXTHOP_FLAGS_REMOTE`.
    pub flags: u16,
    /// The owner's value.
    pub entity_specific_info: u64,
    /// Destination that a remote next hop belongs to, or [`NONE`](super::arena::NONE).
    pub remote: Index,
    /// The lock, if it is held.
    pub lock: Option<Lock>,
    /// Who holds it. Structural: one while on its owner's list, one an occurrence in a route.
    pub ledger: Ledger,
}

/// Where an enumeration of addresses begins and ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// Everything.
    All,
    /// From this prefix on.
    From(Prefix),
    /// This prefix and what lies below it.
    Below(Prefix),
}

impl Extent {
    /// Whether a prefix lies in it.
    pub fn contains(self, prefix: Prefix) -> bool {
        match self {
            Extent::All => true,
            Extent::From(start) => start <= prefix,
            Extent::Below(root) => root.covers(prefix),
        }
    }

    /// The first prefix that can lie in it.
    pub fn start(self) -> Prefix {
        match self {
            Extent::All => Prefix::DEFAULT,
            Extent::From(start) | Extent::Below(start) => start,
        }
    }
}

/// Criteria of a route search; `None` is no criterion.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Criteria {
    /// Same owner; [`NONE`](super::arena::NONE) fits no route.
    pub owner: Option<Index>,
    /// Same neighbour, [`NONE`](super::arena::NONE) for routes without one; `Err` fits no route.
    pub neighbour: Option<Result<Index, ()>>,
    /// Same preference.
    pub preference: Option<u32>,
    /// Same metric, where it counts as part of the preference.
    pub metric: Option<u32>,
    /// Same next hops in any order; `Err` fits no route.
    pub next_hops: Option<Result<Vec<Index>, ()>>,
    /// Some next hop on this interface.
    pub interface: Option<u32>,
}

/// What an enumeration runs over.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum EnumKind {
    /// Destinations.
    Dests {
        /// Views asked for; 0 for all.
        views: u32,
        /// Which route is shown.
        protocol: u32,
        /// Only those whose best route the caller owns.
        own: bool,
    },
    /// Routes.
    Routes {
        /// Only those of this destination.
        dest: Option<Index>,
        /// Views asked for; 0 for all.
        views: u32,
        /// Only the caller's.
        own: bool,
        /// Only those that fit.
        criteria: Criteria,
        /// Routes of the destination that the cursor stands in, in order, not yet delivered.
        captured: Vec<Index>,
    },
    /// Next hops of the owner.
    NextHops,
    /// Routes of a list.
    List(ListWalk),
}

/// An enumeration.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Enumeration {
    /// The client that created it.
    pub owner: Index,
    /// What it runs over.
    pub kind: EnumKind,
    /// Where it begins and ends.
    pub extent: Extent,
    /// Position of the last item delivered, the interface for next hops.
    pub cursor: Option<(Prefix, u32)>,
    /// Whether the end has been reported.
    pub ended: bool,
    /// Items delivered so far.
    pub delivered: u32,
    /// Positions that were there at creation, where a reading asks for a copy.
    pub copy: Option<Vec<(Prefix, u32)>>,
}
