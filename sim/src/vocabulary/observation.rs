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

/// The clauses that decided a field, the specific before the general, and how firmly.
///
/// Clauses that are needed together are as strong as the weakest of them. A clause that is cited
/// on top of those that decide anyway does not make them weaker, unless it is silent: then the
/// documentation leaves the field open after all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Basis {
    clauses: [u16; 4],
    strength: Strength,
    /// The strength when exhaustive silent clauses do not count.
    firm: Strength,
}

impl Basis {
    /// No clause: the field comes from a library.
    pub const NONE: Basis =
        Basis { clauses: [u16::MAX; 4], strength: Strength::Silent, firm: Strength::Silent };

    /// One to four clauses that are needed together.
    ///
    /// # Panics
    /// With more than four.
    #[inline]
    pub fn of(clauses: &[ClauseId]) -> Basis {
        assert!(clauses.len() <= 4, "a basis holds four clauses");
        let mut basis = Basis::NONE;
        let (mut strength, mut firm) = (Strength::Stated, None);
        for (slot, clause) in basis.clauses.iter_mut().zip(clauses) {
            *slot = clause.0;
            let own = clause.strength();
            strength = strength.min(own);
            if own != Strength::Silent || !clause.is_exhaustive() {
                firm = Some(firm.map_or(own, |firm: Strength| firm.min(own)));
            }
        }
        if !clauses.is_empty() {
            basis.strength = strength;
        }
        basis.firm = firm.unwrap_or(Strength::Silent);
        basis
    }

    /// The same with a more specific clause before the others, which decides in the case at hand.
    /// Where there is no room, the most general of those that are not silent gives way.
    #[must_use]
    pub fn with(self, clause: ClauseId) -> Basis {
        let mut len = self.clauses().count();
        if len == 0 {
            return Basis::of(&[clause]);
        }
        let mut clauses = self.clauses;
        let silent = |id: u16| ClauseId(id).strength() == Strength::Silent;
        let known = clauses[..len].iter().position(|id| *id == clause.0);
        let gives_way = match known {
            None if len == 4 => match clauses.iter().rposition(|id| !silent(*id)) {
                None => return self,
                general => general,
            },
            known => known,
        };
        // The others move one place back, over the one that gives way.
        len = gives_way.unwrap_or(len);
        clauses.copy_within(..len, 1);
        clauses[0] = clause.0;
        let (mut strength, mut firm) = self.beside(clause);
        // It decides on its own in the case at hand, so it can make firmer what stood there.
        if strength != Strength::Silent {
            strength = strength.max(clause.strength());
        }
        if firm != Strength::Silent {
            firm = firm.max(clause.strength());
        }
        Basis { clauses, strength, firm }
    }

    /// The same with a clause behind the others, if there is room.
    #[must_use]
    pub fn also(mut self, clause: ClauseId) -> Basis {
        if self.clauses().any(|known| known == clause) {
            return self;
        }
        match self.clauses.iter().position(|id| *id == u16::MAX) {
            Some(0) => Basis::of(&[clause]),
            Some(free) => {
                self.clauses[free] = clause.0;
                (self.strength, self.firm) = self.beside(clause);
                self
            }
            None => self,
        }
    }

    /// The strengths when a clause is cited on top.
    fn beside(self, clause: ClauseId) -> (Strength, Strength) {
        match clause.strength() {
            Strength::Silent if clause.is_exhaustive() => (Strength::Silent, self.firm),
            Strength::Silent => (Strength::Silent, Strength::Silent),
            _ => (self.strength, self.firm),
        }
    }

    /// The same clauses and those of `needed` behind them: all of them are needed together.
    #[must_use]
    pub fn together(self, needed: &[ClauseId]) -> Basis {
        if self.clauses().next().is_none() {
            return Basis::of(needed);
        }
        let decided = Basis::of(needed);
        let all = needed.iter().fold(self, |basis, clause| basis.also(*clause));
        let strength = self.strength.min(decided.strength);
        Basis { strength, firm: self.firm.min(decided.firm), ..all }
    }

    /// The same clauses and those of `needed` behind them, which decide: what is there only
    /// accompanies them, unless it is silent.
    #[must_use]
    pub fn decided_by(self, needed: &[ClauseId]) -> Basis {
        if self.clauses().next().is_none() {
            return Basis::of(needed);
        }
        let Basis { mut strength, mut firm, .. } = Basis::of(needed);
        if self.clauses().any(|c| c.strength() == Strength::Silent) {
            strength = Strength::Silent;
        }
        if self.has_open() {
            firm = Strength::Silent;
        }
        let all = needed.iter().fold(self, |basis, clause| basis.also(*clause));
        Basis { strength, firm, ..all }
    }

    /// Whether a silent clause is among them whose readings are not all known.
    fn has_open(self) -> bool {
        self.clauses().any(|c| c.strength() == Strength::Silent && !c.is_exhaustive())
    }

    /// The clauses, the specific first.
    pub fn clauses(&self) -> impl Iterator<Item = ClauseId> + '_ {
        self.clauses.iter().take_while(|id| **id != u16::MAX).map(|id| ClauseId(*id))
    }

    /// How firmly they decide; silent when there is none.
    pub fn strength(&self) -> Strength {
        self.strength
    }

    /// The same when every reading that the catalogue lists has been tried: a silent clause whose
    /// readings are all the answers there can be is no excuse for another one.
    pub fn strength_after_all_readings(&self) -> Strength {
        self.firm
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
