//! Numbers under their C names: flags, views, states, families, protocols.
//!
//! Which names a number has depends on where it stands: on the parameter of a function, or on
//! the member of a structure.

use rtm_sim::vocabulary::callback::{Answer, MethodOutput};
use rtm_sim::vocabulary::constants::{
    BEST_PROTOCOL, BlockingFlag, EnumFlags, INFINITE, MatchFlags, NUMBERS, Named,
    NextHopChangeFlags, NextHopFlags, NotifyFlags, RouteChangeFlags, RouteFlags, THIS_PROTOCOL,
    ViewSet,
};
use rtm_sim::vocabulary::observation::Member;
use rtm_sim::vocabulary::status::Status;
use rtm_sim::vocabulary::structures::{EntityInfo, NetAddress};

/// What a number stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Itself.
    Plain,
    /// A C truth value.
    Truth,
    /// A set of views that is asked for; none means any.
    ViewsAsked,
    /// A set of views that something belongs to.
    Views,
    /// The number of a view.
    View,
    /// Flags of an enumeration.
    Enum,
    /// Criteria of a search.
    Match,
    /// What a change of a route did.
    RouteChange,
    /// What adding a next hop did.
    NextHopChange,
    /// Flags of a route.
    Route,
    /// Flags of a next hop.
    NextHop,
    /// Flags without names.
    Bits,
    /// What a registration for changes is told of.
    Notify,
    /// Whether methods are blocked.
    Blocking,
    /// A protocol that is asked for.
    ProtocolAsked,
    /// The protocol of a client.
    Protocol,
    /// An address family.
    Family,
    /// Milliseconds, or for ever.
    Lifetime,
    /// State of a route.
    RouteState,
    /// State of a next hop.
    NextHopState,
    /// A set of methods.
    Methods,
    /// A status.
    Status,
    /// The function of a method.
    EntryPoint,
}

/// What kind of structure stands at a place, where its members depend on that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// `RTM_ROUTE_INFO`.
    Route,
    /// `RTM_NEXTHOP_INFO`.
    NextHop,
    /// Anything else.
    Other,
}

impl Shape {
    /// What a parameter of this name holds or points to.
    pub fn of_parameter(name: &str) -> Shape {
        match name {
            "RouteInfo" | "CriteriaRoute" => Shape::Route,
            "NextHopInfo" => Shape::NextHop,
            _ => Shape::Other,
        }
    }
}

const ROUTE_STATES: &[Named] = &[
    ("RTM_ROUTE_STATE_CREATED", 0),
    ("RTM_ROUTE_STATE_DELETING", 1),
    ("RTM_ROUTE_STATE_DELETED", 2),
];
const NEXT_HOP_STATES: &[Named] =
    &[("RTM_NEXTHOP_STATE_CREATED", 0), ("RTM_NEXTHOP_STATE_DELETED", 1)];
const VIEW_IDS: &[Named] = &[("RTM_VIEW_ID_UCAST", 0), ("RTM_VIEW_ID_MCAST", 1)];
const TRUTHS: &[Named] = &[("FALSE", 0), ("TRUE", 1)];
const PROTOCOLS_ASKED: &[Named] =
    &[("RTM_BEST_PROTOCOL", BEST_PROTOCOL), ("RTM_THIS_PROTOCOL", THIS_PROTOCOL)];
const LIFETIMES: &[Named] = &[("INFINITE", INFINITE)];
const METHODS: &[Named] = &[("METHOD_TYPE_ALL_METHODS", 0xFFFF_FFFF)];

/// What the number that a function takes or gives in the parameter of this name stands for.
pub fn of_parameter(function: &str, parameter: &str) -> Meaning {
    match parameter {
        "ReserveOpaquePointer"
        | "Exclusive"
        | "LockDest"
        | "LockRoute"
        | "LockNextHop"
        | "ChangeStatus"
        | "MarkDest"
        | "DestMarked" => Meaning::Truth,
        "TargetViews" => Meaning::ViewsAsked,
        "BestInViews" => Meaning::Views,
        "EnumFlags" => Meaning::Enum,
        "MatchingFlags" => Meaning::Match,
        "ChangeFlags" if function == "RtmAddNextHop" => Meaning::NextHopChange,
        "ChangeFlags" => Meaning::RouteChange,
        "NotifyFlags" => Meaning::Notify,
        "BlockingFlag" => Meaning::Blocking,
        "ProtocolId" => Meaning::ProtocolAsked,
        "TimeToLive" | "HoldTime" => Meaning::Lifetime,
        "ExptMethods" => Meaning::EntryPoint,
        _ => Meaning::Plain,
    }
}

/// What a member of a structure stands for.
pub fn of_member(shape: Shape, member: Member) -> Meaning {
    match (member, shape) {
        (Member::BelongsToViews | Member::ViewsSupported, _) => Meaning::Views,
        (Member::ViewId, _) => Meaning::View,
        (Member::DestFlags, _) => Meaning::Bits,
        (Member::State, Shape::Route) => Meaning::RouteState,
        (Member::State, Shape::NextHop) => Meaning::NextHopState,
        (Member::Flags, Shape::Route) => Meaning::Route,
        (Member::Flags, Shape::NextHop) => Meaning::NextHop,
        (Member::AddressFamily, _) => Meaning::Family,
        (Member::EntityProtocolId, _) => Meaning::Protocol,
        (Member::MethodType, _) => Meaning::Methods,
        (Member::MethodStatus, _) => Meaning::Status,
        _ => Meaning::Plain,
    }
}

/// A number in the words of its place.
pub fn number(meaning: Meaning, value: u64) -> String {
    let Ok(small) = u32::try_from(value) else { return value.to_string() };
    match meaning {
        Meaning::Plain | Meaning::EntryPoint => value.to_string(),
        Meaning::Truth => named(TRUTHS, small),
        Meaning::ViewsAsked if small == 0 => String::from("RTM_VIEW_MASK_ANY"),
        Meaning::ViewsAsked | Meaning::Views => flags(ViewSet::NAMES, small),
        Meaning::View => named(VIEW_IDS, small),
        Meaning::Enum => flags(EnumFlags::NAMES, small),
        Meaning::Match => flags(MatchFlags::NAMES, small),
        Meaning::RouteChange => flags(RouteChangeFlags::NAMES, small),
        Meaning::NextHopChange => flags(NextHopChangeFlags::NAMES, small),
        Meaning::Route => flags(RouteFlags::NAMES, small),
        Meaning::NextHop => flags(NextHopFlags::NAMES, small),
        Meaning::Bits => flags(&[], small),
        Meaning::Notify => flags(NotifyFlags::NAMES, small),
        Meaning::Blocking => named(BlockingFlag::NAMES, small),
        Meaning::ProtocolAsked if matches!(small, BEST_PROTOCOL | THIS_PROTOCOL) => {
            named(PROTOCOLS_ASKED, small)
        }
        Meaning::ProtocolAsked | Meaning::Protocol => prefixed("PROTO_", small),
        Meaning::Family => prefixed("AF_", small),
        Meaning::Lifetime => named(LIFETIMES, small),
        Meaning::RouteState => named(ROUTE_STATES, small),
        Meaning::NextHopState => named(NEXT_HOP_STATES, small),
        Meaning::Methods => flags(METHODS, small),
        Meaning::Status => Status(small).to_string(),
    }
}

fn named(names: &[Named], value: u32) -> String {
    match names.iter().find(|(_, known)| *known == value) {
        Some((name, _)) => String::from(*name),
        None => value.to_string(),
    }
}

fn prefixed(prefix: &str, value: u32) -> String {
    let mut fitting = NUMBERS.iter().filter(|(name, _)| name.starts_with(prefix));
    match fitting.find(|(_, known)| *known == value) {
        Some((name, _)) => String::from(*name),
        None => value.to_string(),
    }
}

/// Flags by name, bits without one in hexadecimal. One name may stand for all of them.
fn flags(names: &[Named], value: u32) -> String {
    if let Some((name, _)) = names.iter().find(|(_, known)| *known == value) {
        return String::from(*name);
    }
    let mut rest = value;
    let mut parts = Vec::new();
    for (name, bit) in names.iter().filter(|(_, known)| known.is_power_of_two()) {
        if rest & bit != 0 {
            rest &= !bit;
            parts.push(String::from(*name));
        }
    }
    match (rest, parts.is_empty()) {
        (0, true) => parts.push(String::from("0")),
        (0, false) => {}
        _ => parts.push(format!("{rest:#x}")),
    }
    parts.join("|")
}

/// An address.
pub fn address(address: &NetAddress) -> String {
    let NetAddress { family, length, bits } = *address;
    let used = match number(Meaning::Family, u64::from(family)).as_str() {
        "AF_INET" => 4,
        "AF_INET6" => 16,
        _ if (length, bits) == (0, [0; 16]) && family == 0 => return String::from("{}"),
        name => {
            let bytes: String = bits.iter().map(|byte| format!("{byte:02x}")).collect();
            return format!("{{{name}, {length}, {bytes}}}");
        }
    };
    let (shown, rest) = bits.split_at(used);
    let text = match <[u8; 4]>::try_from(shown) {
        Ok(octets) => std::net::Ipv4Addr::from(octets).to_string(),
        Err(_) => std::net::Ipv6Addr::from(bits).to_string(),
    };
    let rest: String = match rest.iter().all(|byte| *byte == 0) {
        true => String::new(),
        false => rest.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    let then = if rest.is_empty() { "" } else { " then " };
    format!("{text}/{length}{then}{rest}")
}

/// What a callback answers: what an event callback returns, what a method writes.
pub fn answer(answer: &Answer) -> String {
    let output = match answer {
        Answer::Event(value) => return format!("returns {}", Status(*value)),
        Answer::Method(output) => output,
    };
    let MethodOutput { method_type, method_status, output_size, output_data } = &**output;
    let mut parts = Vec::new();
    let kind = |kind: u32| number(Meaning::Methods, kind.into());
    parts.extend(method_type.map(|own| format!("MethodType={}", kind(own))));
    parts.extend(method_status.map(|status| format!("MethodStatus={}", Status(status))));
    parts.extend(output_size.map(|size| format!("OutputSize={size}")));
    if !output_data.is_empty() {
        parts.push(format!("OutputData={}", bytes(output_data)));
    }
    match parts.is_empty() {
        true => String::from("writes nothing"),
        false => format!("writes {}", parts.join(", ")),
    }
}

/// Bytes in hexadecimal.
pub fn bytes(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("[{}]", bytes.join(" "))
}

/// Who a client is, as a C initialiser: instance, family, protocol, instance of the protocol.
pub fn entity(info: &EntityInfo) -> String {
    let family = number(Meaning::Family, u64::from(info.family));
    let protocol = number(Meaning::Protocol, u64::from(info.protocol));
    format!("{{{}, {family}, {protocol}, {}}}", info.instance, info.protocol_instance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_names_of_their_place() {
        let check = |meaning, value: u64, expect: &str| assert_eq!(number(meaning, value), expect);
        check(Meaning::Plain, 5_000_000_000, "5000000000");
        check(Meaning::Truth, 1, "TRUE");
        check(Meaning::Truth, 2, "2");
        check(Meaning::ViewsAsked, 0, "RTM_VIEW_MASK_ANY");
        check(Meaning::Views, 0, "RTM_VIEW_MASK_NONE");
        check(Meaning::Views, 3, "RTM_VIEW_MASK_UCAST|RTM_VIEW_MASK_MCAST");
        check(Meaning::Views, 0xFFFF_FFFF, "RTM_VIEW_MASK_ALL");
        check(Meaning::Enum, 0, "RTM_ENUM_START");
        check(Meaning::Enum, 0x0100_0001, "RTM_ENUM_NEXT|RTM_ENUM_OWN_DESTS");
        check(Meaning::Match, 0xFFFF, "RTM_MATCH_FULL");
        check(Meaning::Match, 0x101, "RTM_MATCH_OWNER|0x100");
        check(Meaning::RouteChange, 0, "0");
        check(Meaning::RouteChange, 0x0001_0002, "RTM_ROUTE_CHANGE_NEW|RTM_ROUTE_CHANGE_BEST");
        check(Meaning::Bits, 16, "0x10");
        check(Meaning::ProtocolAsked, 0xFFFF_FFFF, "RTM_THIS_PROTOCOL");
        check(Meaning::ProtocolAsked, 8, "PROTO_IP_RIP");
        check(Meaning::Protocol, 0, "0");
        check(Meaning::Family, 23, "AF_INET6");
        check(Meaning::Family, 9, "9");
        check(Meaning::Lifetime, 0xFFFF_FFFF, "INFINITE");
        check(Meaning::RouteState, 2, "RTM_ROUTE_STATE_DELETED");
    }

    #[test]
    fn odd_addresses_lose_nothing() {
        let check = |family, length, bits: &[u8], expect: &str| {
            let mut all = [0; 16];
            all[..bits.len()].copy_from_slice(bits);
            assert_eq!(address(&NetAddress { family, length, bits: all }), expect);
        };
        check(2, 8, &[10], "10.0.0.0/8");
        check(2, 33, &[10, 0, 0, 1], "10.0.0.1/33");
        check(2, 8, &[10, 0, 0, 0, 1], "10.0.0.0/8 then 010000000000000000000000");
        check(23, 32, &[0x20, 0x01, 0x0D, 0xB8], "2001:db8::/32");
        check(0, 0, &[], "{}");
        check(0, 1, &[], "{0, 1, 00000000000000000000000000000000}");
        check(6, 8, &[1], "{AF_IPX, 8, 01000000000000000000000000000000}");
    }
}
