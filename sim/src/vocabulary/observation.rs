//! Observations: what a call, a callback or a read through a pointer showed, field by field.
//!
//! An observation is a flat list, so that comparing, printing and sending know nothing of single
//! functions. In the model each field carries its basis, the clauses that decided it; what comes
//! from a library has none.

use std::fmt;

use super::call::Function;
use super::handle::{Handle, HandleKind};
use super::structures::NetAddress;

pub use super::basis::Basis;

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
    MethodType = "MethodType",
    MethodStatus = "MethodStatus",
    InputSize = "InputSize",
    InputData = "InputData",
    OutputSize = "OutputSize",
    OutputData = "OutputData",
}

/// The slots of a [`Place`] that are not parameters.
const STATUS: u8 = 0xFF;
const RECEIVER: u8 = 0xFE;
const EVENT: u8 = 0xFD;
const CONTEXT1: u8 = 0xFC;
const CONTEXT2: u8 = 0xFB;
const POINTED: u8 = 0xFA;
const AWAITED: u8 = 0xF9;
const CALLER: u8 = 0xF8;
const CALLEE: u8 = 0xF7;
const INPUT: u8 = 0xF6;
const ELEMENT: u8 = 0xF5;
const METHOD: u8 = 0xF4;

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
    /// What a call that must wait waits for; the actors that hold it up, at index 1 and on.
    pub const AWAITED: Place = Place::slot(AWAITED);
    /// First argument of a method: the client that invoked it.
    pub const CALLER: Place = Place::slot(CALLER);
    /// Second argument of a method: the client that exported it.
    pub const CALLEE: Place = Place::slot(CALLEE);
    /// What the third argument of a method leads to, an `RTM_ENTITY_METHOD_INPUT`.
    pub const INPUT: Place = Place::slot(INPUT);
    /// What the fourth argument of a method leads to, an `RTM_ENTITY_METHOD_OUTPUT`, before it
    /// writes to it.
    pub const ELEMENT: Place = Place::slot(ELEMENT);
    /// Which method runs: its place in the array.
    pub const METHOD: Place = Place::slot(METHOD);

    const fn slot(slot: u8) -> Place {
        Place { slot, member: Member::Whole, index: 0, inner: 0 }
    }

    /// Output `parameter` of a function, the whole of it.
    pub const fn output(parameter: u8) -> Place {
        Place::slot(parameter)
    }

    /// Element `index` of the array, one of 65,536 at most.
    #[must_use]
    pub const fn at(self, index: usize) -> Place {
        debug_assert!(index <= u16::MAX as usize, "no array is longer");
        Place { index: index as u16, ..self }
    }

    /// A member of the structure.
    #[must_use]
    pub const fn member(self, member: Member) -> Place {
        Place { member, ..self }
    }

    /// View element or next hop `inner` within the structure, one of 65,536 at most.
    #[must_use]
    pub const fn inner(self, inner: usize) -> Place {
        debug_assert!(inner <= u16::MAX as usize, "no structure holds more");
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
            (AWAITED, _) => String::from("waits for"),
            (CALLER, _) => String::from("CallerHandle"),
            (CALLEE, _) => String::from("CalleeHandle"),
            (INPUT, _) => String::from("Input"),
            (ELEMENT, _) => String::from("Output"),
            (METHOD, _) => String::from("method"),
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
        // Elements of a method's output follow each other at places that are counted in bytes.
        if self.slot < METHOD && parameter.is_some_and(|p| p.name == "Output") && self.index != 0 {
            let _ = write!(text, "+{}", self.index);
        }
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
            Member::InputData | Member::OutputData => {
                let _ = write!(text, ".{}[{}]", self.member.name(), self.inner);
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
    /// A time in units of 100 nanoseconds, of a clock that only the engine knows.
    Time(u64),
    /// An address.
    Address(NetAddress),
    /// A direct pointer; only whether it is NULL, and whether two are the same, means anything.
    Pointer(u64),
    /// The output was left as it was before the call.
    Unwritten,
    /// Bytes were written where nothing is laid down; only seen at tails.
    Written,
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

impl Field {
    /// The handle that was seen, unless it is NULL or none was.
    pub fn handle(&self) -> Option<Handle> {
        match self.value {
            Value::Handle(_, handle) if !handle.is_null() => Some(handle),
            _ => None,
        }
    }
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
