//! What each parameter takes, and what it is when a step leaves it out.
//!
//! The rules go by the kind of the parameter and by the marks of the header; the few that differ
//! are named one by one. The checker, the schema and the manual all follow them.

use rtm_sim::program::ACTORS_MAX;
use rtm_sim::vocabulary::argument::ArgKind;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::{
    BEST_PROTOCOL, BlockingFlag, EnumFlags, INFINITE, MatchFlags, Named, NextHopChangeFlags,
    NextHopFlags, NotifyFlags, RouteChangeFlags, RouteFlags, ViewSet,
};
use rtm_sim::vocabulary::observation::Member;

use crate::output::Record;

/// The value of a parameter that a step leaves out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standard {
    /// There is none: the step must say it.
    Required,
    /// The registration of the client that acts.
    Registration,
    /// What the file says of the client that acts.
    Client,
    /// A pointer to room for the output.
    Given,
    /// No handle, or a pointer to no handle.
    NullHandle,
    /// A NULL pointer.
    Null,
    /// This number.
    Word(u32),
    /// The most handles that the profile allows at a time.
    MaxHandles,
    /// The number of elements of the array that follows.
    Elements,
    /// A structure of zeros.
    Zeros,
}

/// The value of a parameter that a step leaves out.
pub(crate) fn standard(function: Function, index: usize) -> Standard {
    let parameter = &function.parameters()[index];
    if let Some(number) = standard_number(function, parameter.name) {
        return Standard::Word(number);
    }
    match parameter.kind {
        ArgKind::Handle if parameter.name == "RtmRegHandle" => Standard::Registration,
        ArgKind::Handle if is_optional(function, parameter.name) => Standard::NullHandle,
        ArgKind::Slot => Standard::NullHandle,
        ArgKind::Entity if function == Function::RegisterEntity => Standard::Client,
        ArgKind::Methods | ArgKind::Callback => Standard::Client,
        ArgKind::Word if parameter.name == "ReserveOpaquePointer" => Standard::Client,
        ArgKind::OutHandle
        | ArgKind::OutHandles
        | ArgKind::Out
        | ArgKind::OutWord
        | ArgKind::OutPointer => Standard::Given,
        ArgKind::Word if array_after(function, index).is_some() => Standard::Elements,
        ArgKind::Count => Standard::MaxHandles,
        ArgKind::RouteSlot => Standard::Zeros,
        ArgKind::Context => Standard::Word(0),
        _ if is_optional(function, parameter.name) => Standard::Null,
        _ => Standard::Required,
    }
}

fn standard_number(function: Function, parameter: &str) -> Option<u32> {
    let number = match (function, parameter) {
        (Function::CreateDestEnum | Function::CreateRouteEnum, "TargetViews") => ViewSet::ANY.0,
        (_, "TargetViews") => ViewSet::UCAST.0,
        (_, "ProtocolId") => BEST_PROTOCOL,
        (_, "TimeToLive") => INFINITE,
        (_, "NotifyType" | "TargetType" | "InterfaceIndex" | "CriteriaInterface") => 0,
        (_, "EnumFlags") => EnumFlags::START.0,
        (_, "MatchingFlags") => MatchFlags::NONE.0,
        (_, "NotifyFlags") => NotifyFlags::CHANGE_TYPE_ALL.0,
        (_, "Exclusive") => 1,
        (_, "dwAddressSize") => 16,
        (Function::AddRouteToDest, "ChangeFlags") => 0,
        // Room for what a scenario can bring about.
        (_, "NumEntities") if function == Function::GetRegisteredEntities => ACTORS_MAX as u32,
        (_, "NumMethods") => 16,
        (_, "OutputSize") => 256,
        _ => return None,
    };
    Some(number)
}

/// The array of which a parameter before it counts the elements.
pub(crate) fn array_after(function: Function, index: usize) -> Option<usize> {
    let parameters = function.parameters();
    let next = parameters.get(index + 1)?;
    let counts = parameters[index].name.starts_with("Num");
    let is_array = matches!(next.kind, ArgKind::Handles | ArgKind::Dests);
    (counts && is_array).then_some(index + 1)
}

/// Whether NULL or 0 may be passed: the header marks the parameter as optional, or a page or a
/// published sample leaves it out.
pub(crate) fn is_optional(function: Function, parameter: &str) -> bool {
    matches!(
        (function, parameter),
        (Function::RegisterEntity, "ExportMethods" | "EventCallback")
            | (Function::GetRegisteredEntities, "EntityHandles" | "EntityInfos")
            | (Function::GetEntityMethods, "ExptMethods")
            | (Function::BlockMethods, "TargetHandle" | "TargetType")
            | (Function::GetRouteInfo, "RouteInfo" | "DestAddress")
            | (Function::AddRouteToDest, "RouteHandle" | "RouteListHandle" | "NotifyHandle")
            | (Function::LockRoute, "RoutePointer")
            | (Function::UpdateAndUnlockRoute, "RouteListHandle" | "NotifyHandle")
            | (Function::GetExactMatchRoute, "RouteHandle")
            | (Function::AddNextHop, "NextHopHandle")
            | (Function::FindNextHop, "NextHopHandle" | "NextHopPointer")
            | (Function::DeleteNextHop, "NextHopHandle" | "NextHopInfo")
            | (Function::LockNextHop, "NextHopPointer")
            | (Function::CreateDestEnum | Function::CreateNextHopEnum, "NetAddress")
            | (Function::CreateRouteEnum, "DestHandle" | "StartDest" | "CriteriaRoute")
            | (Function::CreateRouteEnum, "CriteriaInterface")
            | (Function::RegisterForChangeNotification, "NotifyContext")
            | (Function::InsertInRouteList, "RouteListHandle")
    )
}

/// Whether a parameter is a truth value in C.
pub(crate) fn is_bool(parameter: &str) -> bool {
    matches!(
        parameter,
        "ReserveOpaquePointer"
            | "Exclusive"
            | "LockDest"
            | "LockRoute"
            | "LockNextHop"
            | "MarkDest"
    )
}

/// The flags that a parameter takes by name.
pub(crate) fn parameter_words(function: Function, parameter: &str) -> &'static [Named] {
    match parameter {
        "TargetViews" => ViewSet::NAMES,
        "EnumFlags" => EnumFlags::NAMES,
        "MatchingFlags" => MatchFlags::NAMES,
        "NotifyFlags" => NotifyFlags::NAMES,
        "BlockingFlag" => BlockingFlag::NAMES,
        "ChangeFlags" if function == Function::AddNextHop => NextHopChangeFlags::NAMES,
        "ChangeFlags" => RouteChangeFlags::NAMES,
        _ => &[],
    }
}

const ROUTE_STATES: &[Named] = &[
    ("RTM_ROUTE_STATE_CREATED", 0),
    ("RTM_ROUTE_STATE_DELETING", 1),
    ("RTM_ROUTE_STATE_DELETED", 2),
];

const NEXT_HOP_STATES: &[Named] =
    &[("RTM_NEXTHOP_STATE_CREATED", 0), ("RTM_NEXTHOP_STATE_DELETED", 1)];

/// The flags and states that a member takes by name.
pub(crate) fn member_words(record: Record, member: Member) -> &'static [Named] {
    match (record, member) {
        (_, Member::BelongsToViews) => ViewSet::NAMES,
        (Record::Route, Member::Flags) => RouteFlags::NAMES,
        (Record::NextHop, Member::Flags) => NextHopFlags::NAMES,
        (Record::Route, Member::State) => ROUTE_STATES,
        (Record::NextHop, Member::State) => NEXT_HOP_STATES,
        _ => &[],
    }
}

/// The members that a table without `from` has although it does not name them; all others are
/// zero.
pub(crate) fn standard_members(function: Function, record: Record) -> &'static [(Member, u32)] {
    match (function, record) {
        (Function::AddRouteToDest, Record::Route) => &[
            (Member::Metric, 1),
            (Member::Preference, 10),
            (Member::BelongsToViews, ViewSet::UCAST.0),
        ],
        (_, Record::NextHop) => &[(Member::InterfaceIndex, 1)],
        _ => &[],
    }
}

/// Whether a call may be made again and again until nothing is left to fetch.
pub(crate) fn fetches(function: Function) -> bool {
    matches!(
        function,
        Function::GetEnumDests
            | Function::GetEnumRoutes
            | Function::GetEnumNextHops
            | Function::GetListEnumRoutes
            | Function::GetChangedDests
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standards_fit() {
        let check = |function: Function, parameter: &str, expect: Standard| {
            let index = function.parameter(parameter).expect("a parameter");
            assert_eq!(standard(function, index), expect, "{} {parameter}", function.name());
        };
        check(Function::RegisterEntity, "RtmRegHandle", Standard::Given);
        check(Function::DeregisterEntity, "RtmRegHandle", Standard::Registration);
        check(Function::AddRouteToDest, "RouteHandle", Standard::NullHandle);
        check(Function::AddRouteToDest, "RouteInfo", Standard::Required);
        check(Function::ReleaseNextHops, "NumNextHops", Standard::Elements);
        check(Function::GetEnumDests, "NumDests", Standard::MaxHandles);
        check(Function::CreateRouteEnum, "CriteriaRoute", Standard::Null);
        check(Function::HoldDestination, "HoldTime", Standard::Required);
        check(Function::ReferenceHandles, "NumHandles", Standard::Elements);
        check(Function::LockRoute, "LockRoute", Standard::Required);
        check(Function::CreateDestEnum, "TargetViews", Standard::Word(0));
    }

    #[test]
    fn optional_parameters_exist() {
        let count =
            |f: &Function| f.parameters().iter().filter(|p| is_optional(*f, p.name)).count();
        assert_eq!(Function::ALL.iter().map(count).sum::<usize>(), 30);
    }
}
