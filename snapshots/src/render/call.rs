//! A step in C spelling, its operands as what they are when it begins.

use rtm_sim::engine::Operation;
use rtm_sim::program::operand::{Argument, DestsRef, HandleList, HandleRef};
use rtm_sim::program::resolve::Members;
use rtm_sim::program::{Action, Actor, Step, Structure};
use rtm_sim::run;
use rtm_sim::vocabulary::argument::{ArgValue, Parameter};
use rtm_sim::vocabulary::call::{Call, Function};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{self, Member, Value};
use rtm_sim::vocabulary::structures::{DestInfo, NextHopInfo, RouteInfo};

use crate::names::{self, Names};
use crate::walk::Walk;
use crate::words::{self, Meaning, Shape};

/// A step as text.
pub struct Spelled {
    /// The text, on one line.
    pub text: String,
    /// The handles that it passes in slots: parameter, value, and the text they are shown as.
    pub slots: Vec<(u8, Handle, String)>,
}

/// One word for an action.
pub fn word(action: &Action) -> &'static str {
    match action {
        Action::Call { function, .. } => function.name(),
        Action::Read { .. } => "read",
        Action::Write { .. } => "write",
        Action::Advance(_) => "advance",
        Action::Settle => "settle",
    }
}

/// The step that `actor` is about to make.
pub fn spell(walk: &Walk, names: &Names, actor: Actor, step: &Step) -> Spelled {
    let mut speller = Speller { walk, names, own: walk.own(actor), slots: Vec::new() };
    let text = match (run::operation(&walk.labels, step), &step.action) {
        (Operation::Call(call), Action::Call { function, arguments, .. }) => {
            speller.call(*function, arguments, &call)
        }
        (Operation::Read { pointer, structure }, _) => {
            format!("read {} at {}", structure_name(structure), names.operand(None, pointer))
        }
        (Operation::Write { pointer, structure, members }, _) => {
            let name = structure_name(structure);
            let members = speller.members(structure, &members);
            format!("write {name} at {} {members}", names.operand(None, pointer))
        }
        (Operation::Advance(milliseconds), _) => format!("advance {milliseconds} ms"),
        (Operation::Settle, _) => String::from("settle"),
        (Operation::Call(call), _) => String::from(call.function().name()),
    };
    Spelled { text, slots: speller.slots }
}

fn structure_name(structure: Structure) -> &'static str {
    match structure {
        Structure::Route => "RTM_ROUTE_INFO",
        Structure::NextHop => "RTM_NEXTHOP_INFO",
        Structure::Opaque => "opaque slot",
    }
}

struct Speller<'a> {
    walk: &'a Walk<'a>,
    names: &'a Names,
    own: Option<Handle>,
    slots: Vec<(u8, Handle, String)>,
}

impl Speller<'_> {
    fn call(&mut self, function: Function, arguments: &[Argument], call: &Call) -> String {
        let values = call.arguments();
        let parameters = function.parameters().iter().enumerate();
        let shown: Vec<String> = parameters
            .zip(arguments.iter().zip(&values))
            .filter_map(|((at, parameter), (argument, value))| {
                let text = self.argument(function, at as u8, parameter, argument, value)?;
                Some(format!("{}={text}", parameter.name))
            })
            .collect();
        format!("{}({})", function.name(), shown.join(", "))
    }

    /// The text of an argument, unless it goes without saying.
    fn argument(
        &mut self,
        function: Function,
        at: u8,
        parameter: &Parameter,
        argument: &Argument,
        value: &ArgValue,
    ) -> Option<String> {
        let null = || String::from("NULL");
        let meaning = words::of_parameter(function.name(), parameter.name);
        let number = |value: u32| words::number(meaning, u64::from(value));
        Some(match value {
            ArgValue::Handle(handle) => {
                let is_own = parameter.name == "RtmRegHandle" && self.own == Some(*handle);
                if is_own && !handle.is_null() {
                    return None;
                }
                self.handle(parameter.of, argument, *handle)
            }
            ArgValue::Handles(handles) => match handles {
                Some(handles) => self.handles(parameter.of, argument, handles),
                None => null(),
            },
            ArgValue::Slot(None) => null(),
            ArgValue::Slot(Some(handle)) => {
                let text = self.handle(parameter.of, argument, *handle);
                self.slots.push((at, *handle, text.clone()));
                format!("&{text}")
            }
            ArgValue::OutHandle(given)
            | ArgValue::OutHandles(given)
            | ArgValue::Out(given)
            | ArgValue::OutWord(given)
            | ArgValue::OutPointer(given) => match given {
                true => return None,
                false => null(),
            },
            ArgValue::Word(value) => number(*value),
            ArgValue::Count(count) => count.map_or_else(null, |n| format!("&{}", number(n))),
            ArgValue::Address(address) => address.as_ref().map_or_else(null, words::address),
            ArgValue::Ipv6(bytes) => std::net::Ipv6Addr::from(*bytes).to_string(),
            ArgValue::Entity(info) => info.as_ref().map_or_else(null, words::entity),
            ArgValue::Methods(methods) => methods.as_deref().map_or_else(null, exported),
            ArgValue::Callback(given) => String::from(if *given { "callback" } else { "NULL" }),
            ArgValue::NextHop(info) => info.as_ref().map_or_else(null, |i| self.next_hop(i)),
            ArgValue::Route(info) | ArgValue::RouteSlot(info) => {
                info.as_ref().map_or_else(null, |i| self.route(i))
            }
            ArgValue::Dests(dests) => dests.as_ref().map_or_else(null, |d| self.dests(argument, d)),
            ArgValue::Input(input) => input.as_ref().map_or_else(null, |input| {
                let methods = words::number(Meaning::Methods, u64::from(input.method_type));
                format!("{{{methods}, {}, {}}}", input.data.len(), words::bytes(&input.data))
            }),
            ArgValue::Context(value) => value.to_string(),
        })
    }

    fn handle(&self, kind: Option<HandleKind>, argument: &Argument, handle: Handle) -> String {
        let reference = match argument {
            Argument::Handle(reference) | Argument::Slot(Some(reference)) => Some(reference),
            _ => None,
        };
        self.names.operand(reference.and_then(|r| self.kind_of(r)).or(kind), handle)
    }

    /// The kind that a handle had where it was given out.
    fn kind_of(&self, reference: &HandleRef) -> Option<HandleKind> {
        let HandleRef::Bound(bound) = reference else { return None };
        match observation::find(self.walk.labels.fields(bound.label), bound.place) {
            Some(Value::Handle(kind, _)) => Some(kind),
            _ => None,
        }
    }

    fn handles(&self, of: Option<HandleKind>, argument: &Argument, handles: &[Handle]) -> String {
        let reference = |at: usize| match argument {
            Argument::Handles(Some(HandleList::Items(items))) => items.get(at),
            _ => None,
        };
        let kind = |at: usize| reference(at).and_then(|r| self.kind_of(r)).or(of);
        let texts: Vec<String> =
            handles.iter().enumerate().map(|(at, h)| self.names.operand(kind(at), *h)).collect();
        format!("{{{}}}", names::ranges(&texts).join(", "))
    }

    fn dests(&self, argument: &Argument, dests: &[DestInfo]) -> String {
        if matches!(argument, Argument::Dests(Some(DestsRef::Bound(_)))) {
            // Copies of what a call showed: it is told above what else they hold.
            let texts: Vec<String> =
                dests.iter().map(|d| self.names.operand(Some(HandleKind::Dest), d.dest)).collect();
            return format!("{{{}}} as fetched", names::ranges(&texts).join(", "));
        }
        let texts: Vec<String> = dests.iter().map(|dest| self.dest(dest)).collect();
        match <[String; 1]>::try_from(texts) {
            Ok([only]) => only,
            Err(texts) => format!("{{{}}}", texts.join(", ")),
        }
    }

    fn next_hop(&self, info: &NextHopInfo) -> String {
        let mut members = Listed::new(self.names, Shape::NextHop);
        if (info.address.family, info.address.length, info.address.bits) != (0, 0, [0; 16]) {
            members.text(Member::NextHopAddress, words::address(&info.address));
        }
        members.handle(Member::NextHopOwner, info.owner);
        members.number(Member::InterfaceIndex, u64::from(info.interface));
        members.number(Member::State, u64::from(info.state));
        members.number(Member::Flags, u64::from(info.flags));
        members.number(Member::EntitySpecificInfo, info.entity_specific_info);
        members.handle(Member::RemoteNextHop, info.remote_next_hop);
        members.close()
    }

    fn route(&self, info: &RouteInfo) -> String {
        let mut members = Listed::new(self.names, Shape::Route);
        members.handle(Member::DestHandle, info.dest);
        members.handle(Member::RouteOwner, info.owner);
        members.handle(Member::Neighbour, info.neighbour);
        members.number(Member::State, u64::from(info.state));
        members.number(Member::Flags1, u64::from(info.flags1));
        members.number(Member::Flags, u64::from(info.flags));
        members.number(Member::Metric, u64::from(info.metric));
        members.number(Member::Preference, u64::from(info.preference));
        members.number(Member::BelongsToViews, u64::from(info.views));
        members.number(Member::EntitySpecificInfo, info.entity_specific_info);
        let kind = Some(HandleKind::NextHop);
        let hops: Vec<String> =
            info.next_hops.iter().map(|hop| self.names.operand(kind, *hop)).collect();
        if !hops.is_empty() {
            let list = names::ranges(&hops).join(", ");
            members.parts.push(format!("NextHopsList={{{list}}}"));
        }
        members.close()
    }

    fn dest(&self, info: &DestInfo) -> String {
        let mut members = Listed::new(self.names, Shape::Other);
        members.handle(Member::DestHandle, info.dest);
        if (info.address.family, info.address.length, info.address.bits) != (0, 0, [0; 16]) {
            members.text(Member::DestAddress, words::address(&info.address));
        }
        if info.last_changed != 0 {
            members.text(Member::LastChanged, self.names.known_time(info.last_changed));
        }
        members.number(Member::BelongsToViews, u64::from(info.belongs_to_views));
        for view in &info.views {
            let mut inner = Listed::new(self.names, Shape::Other);
            inner.text(Member::ViewId, words::number(Meaning::View, u64::from(view.view)));
            inner.number(Member::NumRoutes, u64::from(view.num_routes));
            inner.handle(Member::Route, view.route);
            inner.handle(Member::Owner, view.owner);
            inner.number(Member::DestFlags, u64::from(view.flags));
            inner.handle(Member::HoldRoute, view.hold_route);
            members.parts.push(format!("ViewInfo={}", inner.close()));
        }
        members.close()
    }

    /// Members that are written; each is shown, zero or not.
    fn members(&self, structure: Structure, written: &Members) -> String {
        let shape = match structure {
            Structure::Route => Shape::Route,
            Structure::NextHop => Shape::NextHop,
            Structure::Opaque => Shape::Other,
        };
        let mut members = Listed::new(self.names, shape);
        for (member, inner, value) in written {
            let text = match value {
                Value::Number(number) => words::number(words::of_member(shape, *member), *number),
                Value::Handle(_, handle) => self.names.operand(kind_of_member(*member), *handle),
                Value::Address(address) => words::address(address),
                Value::Time(time) => self.names.known_time(*time),
                Value::Pointer(pointer) => self.names.operand(None, Handle(*pointer)),
                Value::Unwritten | Value::Written => String::from("?"),
            };
            match (member, inner) {
                (Member::Whole, _) => members.parts.push(text),
                (Member::NextHops, at) => members.parts.push(format!("NextHops[{at}]={text}")),
                _ => members.text(*member, text),
            }
        }
        members.close()
    }
}

/// Members of a structure, those that are zero left out.
struct Listed<'a> {
    names: &'a Names,
    shape: Shape,
    parts: Vec<String>,
}

impl Listed<'_> {
    fn new(names: &Names, shape: Shape) -> Listed<'_> {
        Listed { names, shape, parts: Vec::new() }
    }

    fn text(&mut self, member: Member, text: String) {
        self.parts.push(format!("{}={text}", member.name()));
    }

    fn number(&mut self, member: Member, value: u64) {
        if value != 0 {
            self.text(member, words::number(words::of_member(self.shape, member), value));
        }
    }

    fn handle(&mut self, member: Member, handle: Handle) {
        if !handle.is_null() {
            self.text(member, self.names.operand(kind_of_member(member), handle));
        }
    }

    fn close(self) -> String {
        format!("{{{}}}", self.parts.join(", "))
    }
}

fn kind_of_member(member: Member) -> Option<HandleKind> {
    match member {
        Member::Owner | Member::RouteOwner | Member::NextHopOwner => Some(HandleKind::Entity),
        Member::DestHandle | Member::RemoteNextHop => Some(HandleKind::Dest),
        Member::Route | Member::HoldRoute => Some(HandleKind::Route),
        Member::Neighbour | Member::NextHops => Some(HandleKind::NextHop),
        _ => None,
    }
}

fn exported(methods: &[bool]) -> String {
    let text = |given: &bool| String::from(if *given { "method" } else { "NULL" });
    let texts: Vec<String> = methods.iter().map(text).collect();
    format!("{{{}}}", names::ranges(&texts).join(", "))
}
