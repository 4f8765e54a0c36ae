//! Operands of a step: literals, and references to what earlier steps gave back.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::vocabulary::observation::{Member, Place};
use crate::vocabulary::structures::{EntityInfo, NetAddress};

/// A place in what the step behind a label gave back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Bound {
    /// Index of the label.
    pub label: u16,
    /// Place in its observation.
    pub place: Place,
}

/// A handle.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum HandleRef {
    /// No handle.
    Null,
    /// A value that no engine gave out.
    Never(u64),
    /// A handle that a step gave back; NULL when it gave none.
    Bound(Bound),
}

/// A list of handles.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum HandleList {
    /// These.
    Items(Vec<HandleRef>),
    /// All that a step gave back in the array at this place.
    Bound(Bound),
}

/// A number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Number {
    /// This one.
    Literal(u32),
    /// What a step gave back, a limit of the profile for instance, and something more or less;
    /// kept within 32 bits.
    Bound {
        /// Where it is found.
        bound: Bound,
        /// What is added.
        plus: i64,
    },
}

/// An address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum AddressRef {
    /// This one.
    Literal(NetAddress),
    /// One that a step gave back.
    Bound(Bound),
}

/// A structure: what a step gave back, or zeros, and then the members that are named.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct StructureRef {
    /// The structure to start from: a label and the place of the structure in it.
    pub from: Option<Bound>,
    /// Members that are set on top.
    pub edits: Vec<Edit>,
}

/// A member and what it is set to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Edit {
    /// Which member.
    pub member: Member,
    /// View element, for members of view elements.
    pub inner: u16,
    /// What it is set to.
    pub value: EditValue,
}

/// What a member is set to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum EditValue {
    /// A number.
    Number(Number),
    /// A number of pointer size.
    Wide(u64),
    /// A handle.
    Handle(HandleRef),
    /// A list of handles: the next hops of a route.
    Handles(HandleList),
    /// An address.
    Address(AddressRef),
}

/// Destinations to give back.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum DestsRef {
    /// These, one behind the other.
    Items(Vec<StructureRef>),
    /// All that a step gave back at this place.
    Bound(Bound),
}

/// One argument of a call; the variants are those of
/// [`ArgValue`](crate::vocabulary::argument::ArgValue).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is described at the ArgValue of its name")]
pub enum Argument {
    Handle(HandleRef),
    Handles(Option<HandleList>),
    Slot(Option<HandleRef>),
    OutHandle(bool),
    OutHandles(bool),
    Out(bool),
    OutWord(bool),
    OutPointer(bool),
    Word(Number),
    Count(Option<Number>),
    Address(Option<AddressRef>),
    Ipv6([u8; 16]),
    Entity(Option<EntityInfo>),
    Methods(Option<Vec<bool>>),
    Callback(bool),
    NextHop(Option<StructureRef>),
    Route(Option<StructureRef>),
    RouteSlot(Option<StructureRef>),
    Dests(Option<DestsRef>),
    Input(Option<(Number, Vec<u8>)>),
    Context(u64),
}

impl Argument {
    /// Every label that the argument refers to.
    pub fn labels(&self, found: &mut Vec<u16>) {
        match self {
            Argument::Handle(handle) | Argument::Slot(Some(handle)) => handle.labels(found),
            Argument::Handles(Some(list)) => list.labels(found),
            Argument::Word(number)
            | Argument::Count(Some(number))
            | Argument::Input(Some((number, _))) => number.labels(found),
            Argument::Address(Some(AddressRef::Bound(bound))) => found.push(bound.label),
            Argument::NextHop(Some(structure))
            | Argument::Route(Some(structure))
            | Argument::RouteSlot(Some(structure)) => structure.labels(found),
            Argument::Dests(Some(DestsRef::Bound(bound))) => found.push(bound.label),
            Argument::Dests(Some(DestsRef::Items(items))) => {
                items.iter().for_each(|i| i.labels(found));
            }
            _ => {}
        }
    }
}

impl HandleRef {
    /// The label, if any.
    pub fn labels(&self, found: &mut Vec<u16>) {
        if let HandleRef::Bound(bound) = self {
            found.push(bound.label);
        }
    }
}

impl HandleList {
    fn labels(&self, found: &mut Vec<u16>) {
        match self {
            HandleList::Items(items) => items.iter().for_each(|i| i.labels(found)),
            HandleList::Bound(bound) => found.push(bound.label),
        }
    }
}

impl Number {
    /// The label, if any.
    pub fn labels(&self, found: &mut Vec<u16>) {
        if let Number::Bound { bound, .. } = self {
            found.push(bound.label);
        }
    }
}

impl StructureRef {
    fn labels(&self, found: &mut Vec<u16>) {
        found.extend(self.from.map(|b| b.label));
        self.edits.iter().for_each(|e| e.labels(found));
    }
}

impl Edit {
    /// Every label that the value refers to.
    pub fn labels(&self, found: &mut Vec<u16>) {
        match &self.value {
            EditValue::Number(number) => number.labels(found),
            EditValue::Handle(handle) => handle.labels(found),
            EditValue::Handles(list) => list.labels(found),
            EditValue::Address(AddressRef::Bound(bound)) => found.push(bound.label),
            EditValue::Address(AddressRef::Literal(_)) | EditValue::Wide(_) => {}
        }
    }
}

// The canonical spelling: part of every token, so it does not change. No derived spelling is used:
// that of an enum changes with the names of its variants.

/// Writes a list: `[a, b]`.
pub(super) fn put_list(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = impl fmt::Display>,
) -> fmt::Result {
    f.write_str("[")?;
    for (nth, item) in items.into_iter().enumerate() {
        let comma = if nth == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    f.write_str("]")
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { slot, member, index, inner } = self.place;
        write!(f, "${}.{slot}", self.label)?;
        match (member, index, inner) {
            (Member::Whole, 0, 0) => Ok(()),
            _ => write!(f, "[{index}]{}[{inner}]", member.name()),
        }
    }
}

impl fmt::Display for HandleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandleRef::Null => f.write_str("null"),
            HandleRef::Never(value) => write!(f, "never:{value}"),
            HandleRef::Bound(bound) => bound.fmt(f),
        }
    }
}

impl fmt::Display for HandleList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandleList::Items(items) => {
                f.write_str("[")?;
                items.iter().try_for_each(|item| write!(f, "{item} "))?;
                f.write_str("]")
            }
            HandleList::Bound(bound) => write!(f, "all:{bound}"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Literal(value) => write!(f, "{value}"),
            Number::Bound { bound, plus } => write!(f, "{bound}{plus:+}"),
        }
    }
}

impl fmt::Display for AddressRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AddressRef::Literal(address) => address.fmt(f),
            AddressRef::Bound(bound) => bound.fmt(f),
        }
    }
}

impl fmt::Display for StructureRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        if let Some(from) = self.from {
            write!(f, "from {from} ")?;
        }
        self.edits.iter().try_for_each(|edit| write!(f, "{edit} "))?;
        f.write_str("}")
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.member.name())?;
        if self.inner != 0 {
            write!(f, "[{}]", self.inner)?;
        }
        match &self.value {
            EditValue::Number(number) => write!(f, "={number}"),
            EditValue::Wide(value) => write!(f, "={value}"),
            EditValue::Handle(handle) => write!(f, "={handle}"),
            EditValue::Handles(handles) => write!(f, "={handles}"),
            EditValue::Address(address) => write!(f, "={address}"),
        }
    }
}

impl fmt::Display for DestsRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DestsRef::Items(items) => items.iter().try_for_each(|item| item.fmt(f)),
            DestsRef::Bound(bound) => write!(f, "all:{bound}"),
        }
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Argument::Handle(value) => value.fmt(f),
            Argument::Handles(Some(value)) => value.fmt(f),
            Argument::Slot(Some(value)) => write!(f, "&{value}"),
            Argument::Word(value) => value.fmt(f),
            Argument::Count(Some(value)) => write!(f, "&{value}"),
            Argument::Address(Some(value)) => value.fmt(f),
            Argument::Ipv6(bytes) => write!(f, "{}", std::net::Ipv6Addr::from(*bytes)),
            Argument::Entity(Some(e)) => {
                write!(f, "{}:{}:{}:{}", e.instance, e.family, e.protocol, e.protocol_instance)
            }
            Argument::Methods(Some(methods)) => {
                f.write_str("methods:")?;
                put_list(f, methods)
            }
            Argument::NextHop(Some(value))
            | Argument::Route(Some(value))
            | Argument::RouteSlot(Some(value)) => value.fmt(f),
            Argument::Dests(Some(value)) => value.fmt(f),
            Argument::Input(Some((kind, data))) => {
                write!(f, "{kind}:")?;
                put_list(f, data.iter().map(|byte| format!("{byte:02x}")))
            }
            Argument::Context(value) => write!(f, "{value}"),
            Argument::OutHandle(given)
            | Argument::OutHandles(given)
            | Argument::Out(given)
            | Argument::OutWord(given)
            | Argument::OutPointer(given)
            | Argument::Callback(given) => f.write_str(if *given { "&" } else { "null" }),
            Argument::Handles(None)
            | Argument::Slot(None)
            | Argument::Count(None)
            | Argument::Address(None)
            | Argument::Entity(None)
            | Argument::Methods(None)
            | Argument::NextHop(None)
            | Argument::Route(None)
            | Argument::RouteSlot(None)
            | Argument::Dests(None)
            | Argument::Input(None) => f.write_str("null"),
        }
    }
}
