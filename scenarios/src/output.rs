//! What a step gives back, part by part, known before anything runs.
//!
//! With it every operand that names a label is checked and turned into a
//! [`Place`] while the file is read.

use std::sync::LazyLock;

use rtm_sim::program::Structure;
use rtm_sim::vocabulary::argument::{ArgKind, Parameter};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::observation::{Member, Place};

use crate::client::Called;

/// What a label stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Gives {
    /// The outputs of a call.
    Call(Function),
    /// The structure that was read through a direct pointer.
    Read(Structure),
    /// The arguments of a callback.
    Called(Called),
    /// Nothing.
    Nothing,
}

/// A structure of the interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Record {
    Dest,
    Route,
    NextHop,
    Entity,
    Profile,
}

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// A handle; of any kind if none is said.
    Handle(Option<HandleKind>),
    /// An array of handles.
    Handles(HandleKind),
    /// A number of at most so many bits.
    Number(u8),
    /// An address.
    Address,
    /// A structure.
    Record(Record),
    /// An array of structures.
    Records(Record),
    /// A direct pointer to a structure.
    Pointer(Structure),
    /// Something that no operand can use.
    Other,
}

impl Shape {
    /// How it is called in messages.
    pub(crate) fn word(self) -> String {
        match self {
            Shape::Handle(None) => String::from("a handle"),
            Shape::Handle(Some(kind)) => format!("a handle of a {}", kind_word(kind)),
            Shape::Handles(kind) => format!("an array of {} handles", kind_word(kind)),
            Shape::Number(_) => String::from("a number"),
            Shape::Address => String::from("an address"),
            Shape::Record(record) => format!("a structure {}", record.c_name()),
            Shape::Records(record) => format!("an array of {}", record.c_name()),
            Shape::Pointer(_) => String::from("a direct pointer"),
            Shape::Other => String::from("something that no step can use"),
        }
    }
}

/// The word for a kind of handle, for messages.
pub(crate) fn kind_word(kind: HandleKind) -> &'static str {
    match kind {
        HandleKind::Entity => "client",
        HandleKind::Dest => "destination",
        HandleKind::Route => "route",
        HandleKind::NextHop => "next hop",
        HandleKind::Enum => "enumeration",
        HandleKind::Notify => "notification",
        HandleKind::RouteList => "route list",
    }
}

/// One member of a structure.
pub(crate) struct Part {
    /// Which one.
    pub(crate) member: Member,
    /// What it is.
    pub(crate) shape: Shape,
    /// Whether it stands once, in each view element, or once a next hop.
    pub(crate) inside: Inside,
}

/// In which inner array a member stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Inside {
    Nothing,
    View,
    NextHops,
}

impl Part {
    /// The last word of the C name: `Metric` for `PrefInfo.Metric`.
    pub(crate) fn short(&self) -> &'static str {
        self.member.name().rsplit('.').next().unwrap_or_default()
    }

    /// The key of a scenario file.
    pub(crate) fn key(&self) -> String {
        kebab(self.short())
    }
}

const fn part(member: Member, shape: Shape) -> Part {
    Part { member, shape, inside: Inside::Nothing }
}

const fn view(member: Member, shape: Shape) -> Part {
    Part { member, shape, inside: Inside::View }
}

const fn handle(kind: HandleKind) -> Shape {
    Shape::Handle(Some(kind))
}

const WORD: Shape = Shape::Number(32);
const WIDE: Shape = Shape::Number(64);

const DEST: &[Part] = &[
    part(Member::DestHandle, handle(HandleKind::Dest)),
    part(Member::DestAddress, Shape::Address),
    part(Member::LastChanged, WIDE),
    part(Member::BelongsToViews, WORD),
    part(Member::NumberOfViews, WORD),
    view(Member::ViewId, WORD),
    view(Member::NumRoutes, WORD),
    view(Member::Route, handle(HandleKind::Route)),
    view(Member::Owner, handle(HandleKind::Entity)),
    view(Member::DestFlags, WORD),
    view(Member::HoldRoute, handle(HandleKind::Route)),
];

const ROUTE: &[Part] = &[
    part(Member::DestHandle, handle(HandleKind::Dest)),
    part(Member::RouteOwner, handle(HandleKind::Entity)),
    part(Member::Neighbour, handle(HandleKind::NextHop)),
    part(Member::State, Shape::Number(8)),
    part(Member::Flags1, Shape::Number(8)),
    part(Member::Flags, Shape::Number(16)),
    part(Member::Metric, WORD),
    part(Member::Preference, WORD),
    part(Member::BelongsToViews, WORD),
    part(Member::EntitySpecificInfo, WIDE),
    // The list before its count, so that a count that is named on its own stays.
    Part {
        member: Member::NextHops,
        shape: Shape::Handles(HandleKind::NextHop),
        inside: Inside::NextHops,
    },
    part(Member::NumNextHops, Shape::Number(16)),
];

const NEXT_HOP: &[Part] = &[
    part(Member::NextHopAddress, Shape::Address),
    part(Member::NextHopOwner, handle(HandleKind::Entity)),
    part(Member::InterfaceIndex, WORD),
    part(Member::State, Shape::Number(16)),
    part(Member::Flags, Shape::Number(16)),
    part(Member::EntitySpecificInfo, WIDE),
    part(Member::RemoteNextHop, handle(HandleKind::Dest)),
];

const ENTITY: &[Part] = &[
    part(Member::RtmInstanceId, Shape::Number(16)),
    part(Member::AddressFamily, Shape::Number(16)),
    part(Member::EntityProtocolId, WORD),
    part(Member::EntityInstanceId, WORD),
];

const PROFILE: &[Part] = &[
    part(Member::MaxNextHopsInRoute, WORD),
    part(Member::MaxHandlesInEnum, WORD),
    part(Member::ViewsSupported, WORD),
    part(Member::NumberOfViews, WORD),
];

impl Record {
    /// Its members, in the order of the C structure.
    pub(crate) fn parts(self) -> &'static [Part] {
        match self {
            Record::Dest => DEST,
            Record::Route => ROUTE,
            Record::NextHop => NEXT_HOP,
            Record::Entity => ENTITY,
            Record::Profile => PROFILE,
        }
    }

    /// Its name in C.
    pub(crate) fn c_name(self) -> &'static str {
        match self {
            Record::Dest => "RTM_DEST_INFO",
            Record::Route => "RTM_ROUTE_INFO",
            Record::NextHop => "RTM_NEXTHOP_INFO",
            Record::Entity => "RTM_ENTITY_INFO",
            Record::Profile => "RTM_REGN_PROFILE",
        }
    }
}

/// One output of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Its name in C.
    pub(crate) name: &'static str,
    /// Where it stands.
    pub(crate) place: Place,
    /// What it is.
    pub(crate) shape: Shape,
}

/// What a step gives back, in the order of the parameters.
pub(crate) fn outputs(gives: Gives) -> Vec<Output> {
    let output = |name, place, shape| Output { name, place, shape };
    match gives {
        Gives::Nothing => Vec::new(),
        Gives::Call(function) => {
            let parameters = function.parameters().iter().enumerate();
            let shaped = parameters.filter_map(|(i, p)| Some((i, p.name, parameter_shape(p)?)));
            shaped.map(|(i, name, shape)| output(name, Place::output(i as u8), shape)).collect()
        }
        Gives::Read(structure) => {
            let shape = match structure {
                Structure::Route => Shape::Record(Record::Route),
                Structure::NextHop => Shape::Record(Record::NextHop),
                Structure::Opaque => WIDE,
            };
            vec![output("*", Place::POINTED, shape)]
        }
        Gives::Called(Called::Method) => vec![
            output("CallerHandle", Place::CALLER, handle(HandleKind::Entity)),
            output("CalleeHandle", Place::CALLEE, handle(HandleKind::Entity)),
        ],
        Gives::Called(Called::Event(event)) => {
            let (first, second) = match event {
                EventType::EntityRegistered | EventType::EntityDeregistered => {
                    (handle(HandleKind::Entity), Shape::Record(Record::Entity))
                }
                EventType::RouteExpired => {
                    (handle(HandleKind::Route), Shape::Record(Record::Route))
                }
                EventType::ChangeNotification => (handle(HandleKind::Notify), WIDE),
            };
            vec![
                output("Context1", Place::CONTEXT1, first),
                output("Context2", Place::CONTEXT2, second),
                output("RtmRegHandle", Place::RECEIVER, handle(HandleKind::Entity)),
                output("EventType", Place::EVENT, WORD),
            ]
        }
    }
}

/// What a parameter gives back, if it is an output.
fn parameter_shape(parameter: &Parameter) -> Option<Shape> {
    let shape = match (parameter.kind, parameter.name) {
        (ArgKind::Slot | ArgKind::OutHandle, _) => Shape::Handle(parameter.of),
        (ArgKind::OutHandles, _) => Shape::Handles(parameter.of?),
        (ArgKind::OutWord | ArgKind::Count, _) => WORD,
        (ArgKind::OutPointer, "RoutePointer") => Shape::Pointer(Structure::Route),
        (ArgKind::OutPointer, "NextHopPointer") => Shape::Pointer(Structure::NextHop),
        (ArgKind::OutPointer, _) => Shape::Pointer(Structure::Opaque),
        (ArgKind::RouteSlot, _) => Shape::Record(Record::Route),
        (ArgKind::Out, "DestInfo") => Shape::Record(Record::Dest),
        (ArgKind::Out, "DestInfos" | "ChangedDests") => Shape::Records(Record::Dest),
        (ArgKind::Out, "RouteInfo") => Shape::Record(Record::Route),
        (ArgKind::Out, "NextHopInfo") => Shape::Record(Record::NextHop),
        (ArgKind::Out, "EntityInfo") => Shape::Record(Record::Entity),
        (ArgKind::Out, "EntityInfos") => Shape::Records(Record::Entity),
        (ArgKind::Out, "RtmRegProfile") => Shape::Record(Record::Profile),
        (ArgKind::Out, "DestAddress" | "pNetAddress") => Shape::Address,
        (ArgKind::Out, _) => Shape::Other,
        _ => return None,
    };
    Some(shape)
}

/// The count that says how many elements an array output has.
pub(crate) fn count_of(function: Function, array: Place) -> Option<Place> {
    let before = function.parameters().get(..usize::from(array.slot))?;
    let index = before.iter().rposition(|p| p.kind == ArgKind::Count)?;
    Some(Place::output(index as u8))
}

/// The keys of a function's parameters, in their order.
pub(crate) fn keys(function: Function) -> &'static [String] {
    static KEYS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
        let keys = |f: &Function| f.parameters().iter().map(|p| kebab(p.name)).collect();
        Function::ALL.iter().map(keys).collect()
    });
    let at = Function::ALL.iter().position(|other| *other == function);
    at.map_or(&[], |at| &KEYS[at][..])
}

/// A C name as a key: a hyphen before each capital, then small letters.
pub(crate) fn kebab(name: &str) -> String {
    let mut key = String::new();
    for (index, character) in name.char_indices() {
        if character.is_ascii_uppercase() && 0 < index {
            key.push('-');
        }
        key.push(character.to_ascii_lowercase());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mechanical() {
        let check = |name: &str, expect: &str| assert_eq!(kebab(name), expect);
        check("RtmRegHandle", "rtm-reg-handle");
        check("DestAddress", "dest-address");
        check("pNetAddress", "p-net-address");
        check("ExptMethods", "expt-methods");
        check("Flags1", "flags1");
    }

    #[test]
    fn outputs_are_known() {
        for function in Function::ALL {
            for output in outputs(Gives::Call(*function)) {
                let other = output.shape == Shape::Other;
                let expect = matches!(output.name, "pAddress" | "ExptMethods" | "Output");
                assert_eq!(other, expect, "{} {}", function.name(), output.name);
            }
        }
    }
}
