//! Observations: what a call, a callback or a read through a pointer showed, field by field.
//!
//! An observation is a flat list, so that comparing, printing and sending know nothing of single
//! functions. In the model each field carries its basis, the clauses that decided it; what comes
//! from a library has none.

use std::fmt;

use super::call::Function;
use super::handle::{Handle, HandleKind};
use super::structures::NetAddress;
use crate::clause::{ClauseId, Strength};

macro_rules! members {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// A member of a structure, or the whole of a plain output.
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug,
            serde::Serialize, serde::Deserialize,
        )]
        #[repr(u8)]
        pub enum Member {
            $(#[doc = concat!("`", $text, "`.")] $name),*
        }

        impl Member {
            /// All members, in the order of their numbers.
            pub const ALL: &'static [Member] = &[$(Member::$name),*];

            /// The C name; empty for a plain output.
            pub fn name(self) -> &'static str {
                match self { $(Member::$name => $text),* }
            }
        }
    };
}

members! {
    Whole = "",
    DestHandle = "DestHandle",
    DestAddress = "DestAddress",
    LastChanged = "LastChanged",
    BelongsToViews = "BelongsToViews",
    NumberOfViews = "NumberOfViews",
    ViewId = "ViewId",
    NumRoutes = "NumRoutes",
    Route = "Route",
    Owner = "Owner",
    DestFlags = "DestFlags",
    HoldRoute = "HoldRoute",
    RouteOwner = "RouteOwner",
    Neighbour = "Neighbour",
    State = "State",
    Flags1 = "Flags1",
    Flags = "Flags",
    Metric = "PrefInfo.Metric",
    Preference = "PrefInfo.Preference",
    EntitySpecificInfo = "EntitySpecificInfo",
    NumNextHops = "NextHopsList.NumNextHops",
    NextHops = "NextHopsList.NextHops",
    NextHopAddress = "NextHopAddress",
    NextHopOwner = "NextHopOwner",
    InterfaceIndex = "InterfaceIndex",
    RemoteNextHop = "RemoteNextHop",
    RtmInstanceId = "RtmInstanceId",
    AddressFamily = "AddressFamily",
    EntityProtocolId = "EntityId.EntityProtocolId",
    EntityInstanceId = "EntityId.EntityInstanceId",
    MaxNextHopsInRoute = "MaxNextHopsInRoute",
    MaxHandlesInEnum = "MaxHandlesInEnum",
    ViewsSupported = "ViewsSupported",
    Tail = "(tail)",
}

/// The slots of a [`Place`] that are not parameters.
const STATUS: u8 = 0xFF;
const RECEIVER: u8 = 0xFE;
const EVENT: u8 = 0xFD;
const CONTEXT1: u8 = 0xFC;
const CONTEXT2: u8 = 0xFB;
const POINTED: u8 = 0xFA;

/// Where in an observation a field stands.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Place {
    /// Index of the parameter, or one of the other slots.
    pub slot: u8,
    /// Which member of the structure.
    pub member: Member,
    /// Which element of an array; 0 where there is none.
    pub index: u16,
    /// Which view element or next hop within the structure; 0 where there is none.
    pub inner: u16,
}

impl Place {
    /// The status.
    pub const STATUS: Place = Place::slot(STATUS);
    /// First argument of a callback: the client that is told.
    pub const RECEIVER: Place = Place::slot(RECEIVER);
    /// Second argument of a callback: the event.
    pub const EVENT: Place = Place::slot(EVENT);
    /// Third argument of a callback.
    pub const CONTEXT1: Place = Place::slot(CONTEXT1);
    /// Fourth argument of a callback, or the structure it points to.
    pub const CONTEXT2: Place = Place::slot(CONTEXT2);
    /// The structure that a direct pointer leads to.
    pub const POINTED: Place = Place::slot(POINTED);

    const fn slot(slot: u8) -> Place {
        Place { slot, member: Member::Whole, index: 0, inner: 0 }
    }

    /// Output `parameter` of a function, the whole of it.
    pub const fn output(parameter: u8) -> Place {
        Place::slot(parameter)
    }

    /// Element `index` of the array.
    #[must_use]
    pub const fn at(self, index: usize) -> Place {
        Place { index: index as u16, ..self }
    }

    /// A member of the structure.
    #[must_use]
    pub const fn member(self, member: Member) -> Place {
        Place { member, ..self }
    }

    /// View element or next hop `inner` within the structure.
    #[must_use]
    pub const fn inner(self, inner: usize) -> Place {
        Place { inner: inner as u16, ..self }
    }

    /// The place in C spelling, for an observation of `function` (none for callbacks and reads):
    /// `DestInfos[2].ViewInfo[1].Route`.
    pub fn text(self, function: Option<Function>) -> String {
        use std::fmt::Write as _;
        let parameter = function.and_then(|f| f.parameters().get(usize::from(self.slot)));
        let mut text = match (self.slot, parameter) {
            (STATUS, _) => String::from("status"),
            (RECEIVER, _) => String::from("RtmRegHandle"),
            (EVENT, _) => String::from("EventType"),
            (CONTEXT1, _) => String::from("Context1"),
            (CONTEXT2, _) => String::from("Context2"),
            (POINTED, _) => String::from("*"),
            (_, Some(parameter)) => String::from(parameter.name),
            (slot, None) => format!("output {slot}"),
        };
        let plural = parameter.is_some_and(|p| {
            p.name.ends_with('s')
                && !matches!(p.name, "ChangeFlags" | "BestInViews")
                && !p.name.starts_with("Num")
                && !p.name.ends_with("Status")
                && !p.name.ends_with("Address")
        });
        if plural && self.member != Member::Tail {
            let _ = write!(text, "[{}]", self.index);
        }
        match self.member {
            Member::Whole => {}
            Member::ViewId
            | Member::NumRoutes
            | Member::Route
            | Member::Owner
            | Member::DestFlags
            | Member::HoldRoute => {
                let _ = write!(text, ".ViewInfo[{}].{}", self.inner, self.member.name());
            }
            Member::NextHops => {
                let _ = write!(text, ".NextHopsList.NextHops[{}]", self.inner);
            }
            Member::Tail => text.push_str(" (tail)"),
            member => {
                let _ = write!(text, ".{}", member.name());
            }
        }
        text
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(None))
    }
}

/// What was seen at a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// A number: status, count, flags, index.
    Number(u64),
    /// A handle, NULL included.
    Handle(HandleKind, Handle),
    /// An address.
    Address(NetAddress),
    /// A time in units of 100 nanoseconds, of a clock that only the engine knows.
    Time(u64),
    /// A direct pointer; only whether it is NULL, and whether two are the same, means anything.
    Pointer(u64),
    /// The output was left as it was before the call.
    Unwritten,
    /// Bytes were written where nothing is laid down; only seen at tails.
    Written,
}

/// Most clauses of a basis.
const CLAUSES_MAX: usize = 4;

/// The clauses that decided a field, the specific before the general, and how firmly.
///
/// Clauses that are needed together are as strong as the weakest of them. A clause that is cited
/// on top of those that decide anyway does not make them weaker, unless it is silent: then the
/// documentation leaves the field open after all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Basis {
    /// Those beyond `len` are [`Basis::NO_CLAUSE`].
    clauses: [ClauseId; CLAUSES_MAX],
    len: u8,
    firmness: Firmness,
}

/// How firmly clauses decide, in one byte, since every field holds one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Firmness(u8);

impl Firmness {
    const fn new(strength: Strength, firm: Strength) -> Firmness {
        Firmness(strength as u8 | (firm as u8) << 4)
    }

    /// The strength.
    const fn strength(self) -> Strength {
        Strength::of_number(self.0 & 15)
    }

    /// The strength when exhaustive silent clauses do not count.
    const fn firm(self) -> Strength {
        Strength::of_number(self.0 >> 4)
    }

    /// When both are needed.
    const fn weaker(self, other: Firmness) -> Firmness {
        Firmness::new(self.strength().weaker(other.strength()), self.firm().weaker(other.firm()))
    }

    /// When a clause is cited on top.
    const fn beside(self, clause: ClauseId) -> Firmness {
        match clause.strength() {
            Strength::Silent if clause.is_exhaustive() => {
                Firmness::new(Strength::Silent, self.firm())
            }
            Strength::Silent => Firmness::new(Strength::Silent, Strength::Silent),
            _ => self,
        }
    }
}

impl Basis {
    const NO_CLAUSE: ClauseId = ClauseId(u16::MAX);

    /// No clause: the field comes from a library.
    pub const NONE: Basis = Basis {
        clauses: [Basis::NO_CLAUSE; CLAUSES_MAX],
        len: 0,
        firmness: Firmness::new(Strength::Silent, Strength::Silent),
    };

    /// One to four clauses that are needed together.
    ///
    /// # Panics
    /// With more than four.
    #[inline]
    pub const fn of(clauses: &[ClauseId]) -> Basis {
        assert!(clauses.len() <= CLAUSES_MAX, "a basis holds four clauses");
        if clauses.is_empty() {
            return Basis::NONE;
        }
        let mut basis = Basis::NONE;
        let (mut strength, mut firm, mut counts) = (Strength::Stated, Strength::Stated, false);
        let mut at = 0;
        while at < clauses.len() {
            basis.clauses[at] = clauses[at];
            let own = clauses[at].strength();
            strength = strength.weaker(own);
            if !clauses[at].is_exhaustive() {
                firm = firm.weaker(own);
                counts = true;
            }
            at += 1;
        }
        basis.len = clauses.len() as u8;
        basis.firmness = Firmness::new(strength, if counts { firm } else { Strength::Silent });
        basis
    }

    /// The same with a more specific clause before the others, which decides in the case at hand.
    /// Where there is no room, the most general of those that are not silent gives way.
    #[must_use]
    pub fn with(self, clause: ClauseId) -> Basis {
        if self.len == 0 {
            return Basis::of(&[clause]);
        }
        let known = self.list().iter().position(|id| *id == clause);
        let firm = |id: &ClauseId| id.strength() != Strength::Silent;
        // The others move one place back, over the one that gives way.
        let moved = match known {
            Some(known) => known,
            None if self.list().len() < CLAUSES_MAX => self.list().len(),
            None => match self.clauses.iter().rposition(firm) {
                Some(general) => general,
                None => return self,
            },
        };
        let mut basis = self;
        basis.clauses.copy_within(..moved, 1);
        basis.clauses[0] = clause;
        basis.len = self.len.max(moved as u8 + 1);
        let beside = self.firmness.beside(clause);
        // It decides on its own in the case at hand, so it can make firmer what stood there.
        let firmer = |strength: Strength| match strength {
            Strength::Silent => Strength::Silent,
            strength => strength.max(clause.strength()),
        };
        basis.firmness = Firmness::new(firmer(beside.strength()), firmer(beside.firm()));
        basis
    }

    /// The same with a clause behind the others, if there is room.
    #[must_use]
    pub const fn also(mut self, clause: ClauseId) -> Basis {
        if self.len == 0 {
            return Basis::of(&[clause]);
        }
        if self.has(clause) || self.len as usize == CLAUSES_MAX {
            return self;
        }
        self.clauses[self.len as usize] = clause;
        self.len += 1;
        self.firmness = self.firmness.beside(clause);
        self
    }

    /// The same clauses and those of `needed` behind them: all of them are needed together.
    #[must_use]
    pub const fn together(self, needed: &[ClauseId]) -> Basis {
        let decided = Basis::of(needed);
        if self.len == 0 {
            return decided;
        }
        let mut all = self.followed_by(needed);
        all.firmness = self.firmness.weaker(decided.firmness);
        all
    }

    /// The same clauses and those of `needed` behind them, which decide: what is there only
    /// accompanies them, unless it is silent.
    #[must_use]
    pub const fn decided_by(self, needed: &[ClauseId]) -> Basis {
        let decided = Basis::of(needed);
        if self.len == 0 {
            return decided;
        }
        let mut all = self.followed_by(needed);
        all.firmness = decided.firmness;
        let mut at = 0;
        while at < self.len as usize {
            all.firmness = all.firmness.beside(self.clauses[at]);
            at += 1;
        }
        all
    }

    /// Those of `more` behind the others, as far as there is room; as firm as before.
    const fn followed_by(mut self, more: &[ClauseId]) -> Basis {
        let mut at = 0;
        while at < more.len() && (self.len as usize) < CLAUSES_MAX {
            if !self.has(more[at]) {
                self.clauses[self.len as usize] = more[at];
                self.len += 1;
            }
            at += 1;
        }
        self
    }

    const fn has(&self, clause: ClauseId) -> bool {
        let mut at = 0;
        while at < self.len as usize {
            if self.clauses[at].0 == clause.0 {
                return true;
            }
            at += 1;
        }
        false
    }

    /// The clauses, the specific first.
    #[inline]
    pub fn list(&self) -> &[ClauseId] {
        &self.clauses[..usize::from(self.len)]
    }

    /// The clauses, the specific first.
    pub fn clauses(&self) -> impl Iterator<Item = ClauseId> + '_ {
        self.list().iter().copied()
    }

    /// How firmly they decide; silent when there is none.
    pub fn strength(&self) -> Strength {
        self.firmness.strength()
    }

    /// The same when every reading that the catalogue lists has been tried: a silent clause whose
    /// readings are all the answers there can be is no excuse for another one.
    pub fn strength_after_all_readings(&self) -> Strength {
        self.firmness.firm()
    }
}

impl From<&[ClauseId]> for Basis {
    #[inline]
    fn from(clauses: &[ClauseId]) -> Basis {
        Basis::of(clauses)
    }
}

impl<const N: usize> From<&[ClauseId; N]> for Basis {
    #[inline]
    fn from(clauses: &[ClauseId; N]) -> Basis {
        Basis::of(clauses)
    }
}

impl fmt::Debug for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clauses()).finish()
    }
}

/// One field of an observation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Field {
    /// Where it stands.
    pub place: Place,
    /// What was seen.
    pub value: Value,
    /// The clauses that decided it.
    pub basis: Basis,
}

/// A list of fields, in the order in which the interface lays them out.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Observation {
    /// The fields.
    pub fields: Vec<Field>,
}

impl Observation {
    /// Adds a field.
    #[inline]
    pub fn add(&mut self, place: Place, value: Value, basis: impl Into<Basis>) {
        self.fields.push(Field { place, value, basis: basis.into() });
    }

    /// Adds a field without a basis, as a library shows it.
    #[inline]
    pub fn raw(&mut self, place: Place, value: Value) {
        self.fields.push(Field { place, value, basis: Basis::NONE });
    }

    /// What was seen at a place.
    pub fn get(&self, place: Place) -> Option<Value> {
        find(&self.fields, place)
    }
}

/// What was seen at a place.
pub fn find(fields: &[Field], place: Place) -> Option<Value> {
    fields.iter().find(|f| f.place == place).map(|f| f.value)
}

/// The handle seen at a place; NULL when there is none.
pub fn handle_at(fields: &[Field], place: Place) -> Handle {
    match find(fields, place) {
        Some(Value::Handle(_, handle)) => handle,
        _ => Handle::NULL,
    }
}

/// The number seen at a place.
pub fn number_at(fields: &[Field], place: Place) -> Option<u64> {
    match find(fields, place) {
        Some(Value::Number(number)) => Some(number),
        _ => None,
    }
}
