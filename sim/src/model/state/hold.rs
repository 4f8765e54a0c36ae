//! Hold-down of a destination: what clients asked for, and what is held.
//!
//! A destination that nobody ever asked about has none of this.

use super::arena::Index;
use super::objects::{Stamp, VIEWS};

/// What is known of the hold-down of one destination.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Hold {
    /// What was asked for since the destination last was without marks and holds.
    pub marks: Marks,
    /// What each view holds.
    pub held: [Option<Held>; VIEWS],
    /// When its timer goes off, and the number of the arming.
    pub timer: Option<(u64, u32)>,
    /// When the last hold-down was due to end.
    pub ended: Option<u64>,
    /// A planted fault keeps the destination in the table when it is over.
    pub lingers: bool,
    /// Changes that only some readings count.
    pub changes: Changes,
    /// Calls that the documentation leaves open.
    pub doubts: Doubts,
}

/// Changes of a destination that are none of its routes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Changes {
    /// When it was last marked.
    pub marked: Stamp,
    /// When it last let go of a route.
    pub ended: Stamp,
}

/// What was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Marks {
    /// Views that are marked.
    pub views: u32,
    /// The largest time, in milliseconds; 0 for none.
    pub time: u32,
    /// The smallest time.
    pub least: u32,
    /// The time that was asked for last.
    pub last: u32,
    /// When that was.
    pub at: u64,
    /// The client that asked last.
    pub by: Index,
}

/// A route that is kept in hold-down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Held {
    /// The route.
    pub route: Index,
    /// When it was deleted.
    pub since: u64,
    /// The least time that was asked for when it was.
    pub least: u32,
    /// When it is to end; never when there is none.
    pub until: Option<u64>,
    /// How that came about.
    pub doubts: Doubts,
}

/// Reasons why the documentation does not tell whether, or for how long, a route is held.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Doubts(pub u16);

impl Doubts {
    /// A mark named no view.
    pub const NO_VIEW: Doubts = Doubts(1);
    /// A mark named views that are not supported.
    pub const ODD_VIEWS: Doubts = Doubts(1 << 1);
    /// A mark with the time 0 was refused.
    pub const NO_TIME: Doubts = Doubts(1 << 2);
    /// There was more than one mark.
    pub const SEVERAL: Doubts = Doubts(1 << 3);
    /// A mark was made while no route was there.
    pub const NO_ROUTES: Doubts = Doubts(1 << 4);
    /// A mark was made during the hold-down.
    pub const DURING: Doubts = Doubts(1 << 5);
    /// The mark was left unused for longer than its time.
    pub const LAPSED: Doubts = Doubts(1 << 6);
    /// Other views still had routes.
    pub const OTHER_VIEWS: Doubts = Doubts(1 << 7);
    /// A newer route was deleted as well.
    pub const NEWER_DELETED: Doubts = Doubts(1 << 8);
    /// The client that marked the destination has left.
    pub const MARKER_GONE: Doubts = Doubts(1 << 9);
    /// The route that was last in a view left it by an update.
    pub const LEFT_VIEW: Doubts = Doubts(1 << 10);
    /// The marks were used up by an earlier hold-down.
    pub const USED_UP: Doubts = Doubts(1 << 11);
    /// Not a doubt: the route was not deleted by its owner, its time was over.
    pub const EXPIRED: Doubts = Doubts(1 << 12);

    /// Whether any of these is among them.
    pub const fn has(self, doubts: Doubts) -> bool {
        self.0 & doubts.0 != 0
    }

    /// These too.
    pub const fn add(&mut self, doubts: Doubts) {
        self.0 |= doubts.0;
    }

    /// Both.
    #[must_use]
    pub const fn and(self, doubts: Doubts) -> Doubts {
        Doubts(self.0 | doubts.0)
    }
}

impl Hold {
    /// The routes that are held, each once.
    pub fn routes(&self) -> impl Iterator<Item = Index> + '_ {
        let held = self.held.iter().enumerate();
        held.filter_map(|(view, held)| {
            let route = held.as_ref()?.route;
            let before = self.held[..view].iter().flatten().any(|other| other.route == route);
            (!before).then_some(route)
        })
    }

    /// Whether a route is held.
    pub fn holds(&self, route: Index) -> bool {
        self.held.iter().flatten().any(|held| held.route == route)
    }

    /// Whether any view holds one.
    pub fn is_running(&self) -> bool {
        self.held.iter().any(Option::is_some)
    }
}
