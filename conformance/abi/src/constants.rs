//! Constants of the interface in their C spelling.
//!
//! Each has the type of the member or parameter that it is used with, so that comparisons need no
//! cast. The groups and one-line texts are also what the C header shows.
//!
//! Not here: masks of a model or runner; these belong to their packages.

use crate::types::{
    EntityMethodType, EnumFlags, EventType, MatchFlags, NextHopChangeFlags, NotifyFlags,
    RouteChangeFlags, ViewId, ViewSet,
};

/// Where a group of constants comes from, which decides how the C header declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The public header of RTMv2.
    Own,
    /// The enumeration of events in that header.
    Event,
    /// Other system headers, which may have defined the name already.
    Elsewhere,
}

/// Constants that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// Where they come from.
    pub origin: Origin,
    /// The constants.
    pub constants: &'static [Constant],
}

/// One constant.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// Name in C and in Rust.
    pub name: &'static str,
    /// The value as written.
    pub literal: &'static str,
    /// One line about it.
    pub text: &'static str,
}

macro_rules! constants {
    ($(
        $origin:ident $title:literal {
            $( $name:ident: $type:ty = $value:literal, $text:literal; )*
        }
    )*) => {
        $($(
            #[doc = $text]
            pub const $name: $type = $value;
        )*)*

        /// Every constant with its value.
        pub const CONSTANTS: &[(&str, u64)] = &[$($(
            (stringify!($name), $name as u64),
        )*)*];

        /// Every constant by group, for printing.
        pub static GROUPS: &[Group] = &[$(
            Group {
                title: $title,
                origin: Origin::$origin,
                constants: &[$(
                    Constant {
                        name: stringify!($name),
                        literal: stringify!($value),
                        text: $text,
                    },
                )*],
            },
        )*];
    };
}

/// Builds a protocol identifier: bits 30-31 the type (0 is unicast), bits 16-29 the vendor, bits
/// 0-15 the protocol.
#[doc(alias = "PROTOCOL_ID")]
pub const fn protocol_id(protocol_type: u32, vendor: u32, protocol: u32) -> u32 {
    (protocol_type & 0x3) << 30 | (vendor & 0x3FFF) << 16 | protocol & 0xFFFF
}

constants! {
    Elsewhere "Status codes" {
        NO_ERROR: u32 = 0, "Success.";
        ERROR_SUCCESS: u32 = 0, "Success under its other name.";
        ERROR_FILE_NOT_FOUND: u32 = 2, "What was asked for is not there.";
        ERROR_ACCESS_DENIED: u32 = 5, "The caller is not the owner.";
        ERROR_INVALID_HANDLE: u32 = 6, "A handle is not valid.";
        ERROR_NOT_ENOUGH_MEMORY: u32 = 8, "Memory is exhausted.";
        ERROR_INVALID_DATA: u32 = 13, "Data does not fit its purpose.";
        ERROR_NOT_SUPPORTED: u32 = 50, "No such view; from a callback: delete the route.";
        ERROR_INVALID_PARAMETER: u32 = 87, "A parameter is not valid.";
        ERROR_INSUFFICIENT_BUFFER: u32 = 122, "The buffer is too small.";
        ERROR_ALREADY_EXISTS: u32 = 183, "Something of this name is there already.";
        ERROR_NO_MORE_ITEMS: u32 = 259, "The enumeration has come to its end.";
        ERROR_NOT_FOUND: u32 = 1168, "Nothing matches.";
        ERROR_NO_SYSTEM_RESOURCES: u32 = 1450, "A limit of the system is reached.";
        ERROR_BAD_CONFIGURATION: u32 = 1610, "The configuration is damaged.";
    }

    Own "Addresses and views" {
        RTM_MAX_ADDRESS_SIZE: usize = 16, "Octets that an address can have.";
        RTM_MAX_VIEWS: u32 = 32, "Most views that there can be.";
        RTM_VIEW_ID_UCAST: ViewId = 0, "The unicast view.";
        RTM_VIEW_ID_MCAST: ViewId = 1, "The multicast view.";
        RTM_VIEW_MASK_SIZE: u32 = 0x20, "Bits of a set of views.";
        RTM_VIEW_MASK_NONE: ViewSet = 0x00000000, "No view.";
        RTM_VIEW_MASK_ANY: ViewSet = 0x00000000, "Whichever view; the same value as none.";
        RTM_VIEW_MASK_UCAST: ViewSet = 0x00000001, "The set of the unicast view.";
        RTM_VIEW_MASK_MCAST: ViewSet = 0x00000002, "The set of the multicast view.";
        RTM_VIEW_MASK_ALL: ViewSet = 0xFFFFFFFF, "All views.";
        IPV6_ADDRESS_LEN_IN_BYTES: u32 = 16, "Octets of an IPv6 address.";
    }

    Own "Whose routes count" {
        RTM_BEST_PROTOCOL: u32 = 0, "Routes of every protocol.";
        RTM_THIS_PROTOCOL: u32 = 0xFFFFFFFF, "Routes of the caller's protocol.";
    }

    Event "Events" {
        RTM_ENTITY_REGISTERED: EventType = 0, "An entity has registered.";
        RTM_ENTITY_DEREGISTERED: EventType = 1, "An entity has deregistered.";
        RTM_ROUTE_EXPIRED: EventType = 2, "The time to live of a route is over.";
        RTM_CHANGE_NOTIFICATION: EventType = 3, "Changed destinations can be fetched.";
    }

    Own "Flags of a destination in a view" {
        RTM_DEST_FLAG_NATURAL_NET: u32 = 0x01, "Explained on no page.";
        RTM_DEST_FLAG_FWD_ENGIN_ADD: u32 = 0x02, "Explained on no page.";
        RTM_DEST_FLAG_DONT_FORWARD: u32 = 0x04, "Explained on no page.";
    }

    Own "States of a route" {
        RTM_ROUTE_STATE_CREATED: u8 = 0, "It exists.";
        RTM_ROUTE_STATE_DELETING: u8 = 1, "It is being deleted.";
        RTM_ROUTE_STATE_DELETED: u8 = 2, "It has been deleted.";
    }

    Own "Flags of a route" {
        RTM_ROUTE_FLAGS_MARTIAN: u16 = 0x0001, "To an address that should not occur.";
        RTM_ROUTE_FLAGS_BLACKHOLE: u16 = 0x0002, "Packets vanish in silence.";
        RTM_ROUTE_FLAGS_DISCARD: u16 = 0x0004, "Packets are thrown away.";
        RTM_ROUTE_FLAGS_INACTIVE: u16 = 0x0008, "Not in use.";
        RTM_ROUTE_FLAGS_LOCAL: u16 = 0x0010, "To a network that is attached.";
        RTM_ROUTE_FLAGS_REMOTE: u16 = 0x0020, "To a network behind a next hop.";
        RTM_ROUTE_FLAGS_MYSELF: u16 = 0x0040, "To an address of this machine.";
        RTM_ROUTE_FLAGS_LOOPBACK: u16 = 0x0080, "To the loopback interface.";
        RTM_ROUTE_FLAGS_MCAST: u16 = 0x0100, "Multicast.";
        RTM_ROUTE_FLAGS_LOCAL_MCAST: u16 = 0x0200, "Multicast that stays local.";
        RTM_ROUTE_FLAGS_LIMITED_BC: u16 = 0x0400, "Broadcast that routers do not pass on.";
        RTM_ROUTE_FLAGS_ZEROS_NETBC: u16 = 0x1000, "Broadcast to a net, host part zeros.";
        RTM_ROUTE_FLAGS_ZEROS_SUBNETBC: u16 = 0x2000, "Broadcast to a subnet, host part zeros.";
        RTM_ROUTE_FLAGS_ONES_NETBC: u16 = 0x4000, "Broadcast to a net, host part ones.";
        RTM_ROUTE_FLAGS_ONES_SUBNETBC: u16 = 0x8000, "Broadcast to a subnet, host part ones.";
    }

    Own "Groups of these flags" {
        RTM_ROUTE_FLAGS_FORWARDING: u16 = 0x000F, "The four that decide on forwarding.";
        RTM_ROUTE_FLAGS_ANY_UNICAST: u16 = 0x0070, "LOCAL, REMOTE, MYSELF; not LOOPBACK.";
        RTM_ROUTE_FLAGS_ANY_MCAST: u16 = 0x0300, "Both multicast flags.";
        RTM_ROUTE_FLAGS_NET_BCAST: u16 = 0x5000, "Both broadcasts to a net.";
        RTM_ROUTE_FLAGS_SUBNET_BCAST: u16 = 0xA000, "Both broadcasts to a subnet, as meant.";
        RTM_ROUTE_FLAGS_ANY_BCAST: u16 = 0xF400, "All five broadcasts, as meant.";
    }

    Own "States and flags of a next hop" {
        RTM_NEXTHOP_STATE_CREATED: u16 = 0, "It exists.";
        RTM_NEXTHOP_STATE_DELETED: u16 = 1, "It has been deleted.";
        RTM_NEXTHOP_FLAGS_REMOTE: u16 = 0x0001, "Not on an attached network.";
        RTM_NEXTHOP_FLAGS_DOWN: u16 = 0x0002, "Reserved.";
    }

    Own "What adding or changing did" {
        RTM_ROUTE_CHANGE_FIRST: RouteChangeFlags = 0x01, "The first route to the destination.";
        RTM_ROUTE_CHANGE_NEW: RouteChangeFlags = 0x02, "A route that was not there.";
        RTM_ROUTE_CHANGE_BEST: RouteChangeFlags = 0x00010000, "The best route is another now.";
        RTM_NEXTHOP_CHANGE_NEW: NextHopChangeFlags = 0x01, "A next hop that was not there.";
    }

    Own "What a search compares" {
        RTM_MATCH_NONE: MatchFlags = 0x00000000, "Nothing: every route matches.";
        RTM_MATCH_OWNER: MatchFlags = 0x00000001, "The owner.";
        RTM_MATCH_NEIGHBOUR: MatchFlags = 0x00000002, "The neighbour.";
        RTM_MATCH_PREF: MatchFlags = 0x00000004, "Preference and metric.";
        RTM_MATCH_NEXTHOP: MatchFlags = 0x00000008, "The next hop.";
        RTM_MATCH_INTERFACE: MatchFlags = 0x00000010, "The interface.";
        RTM_MATCH_FULL: MatchFlags = 0x0000FFFF, "Everything.";
    }

    Own "Enumerations" {
        RTM_ENUM_START: EnumFlags = 0x00000000, "From the first destination.";
        RTM_ENUM_NEXT: EnumFlags = 0x00000001, "From an address on.";
        RTM_ENUM_RANGE: EnumFlags = 0x00000002, "Only within an address.";
        RTM_ENUM_ALL_DESTS: EnumFlags = 0x00000000, "Destinations of everyone.";
        RTM_ENUM_OWN_DESTS: EnumFlags = 0x01000000, "Destinations of the caller.";
        RTM_ENUM_ALL_ROUTES: EnumFlags = 0x00000000, "Routes of everyone.";
        RTM_ENUM_OWN_ROUTES: EnumFlags = 0x00010000, "Routes of the caller.";
    }

    Own "Change notification" {
        RTM_NUM_CHANGE_TYPES: u32 = 3, "Kinds of change.";
        RTM_CHANGE_TYPE_ALL: NotifyFlags = 0x0001, "Any change.";
        RTM_CHANGE_TYPE_BEST: NotifyFlags = 0x0002, "A change of the best route.";
        RTM_CHANGE_TYPE_FORWARDING: NotifyFlags = 0x0004, "A change that forwarding sees.";
        RTM_NOTIFY_ONLY_MARKED_DESTS: NotifyFlags = 0x00010000, "Marked destinations only.";
    }

    Own "Exported methods" {
        RTM_RESUME_METHODS: u32 = 0, "Let methods run again.";
        RTM_BLOCK_METHODS: u32 = 1, "Hold methods back.";
        METHOD_TYPE_ALL_METHODS: EntityMethodType = 0xFFFFFFFF, "Every method.";
        METHOD_RIP2_NEIGHBOUR_ADDR: EntityMethodType = 0x00000001, "RIP: the neighbour's address.";
        METHOD_RIP2_OUTBOUND_INTF: EntityMethodType = 0x00000002, "RIP: the outgoing interface.";
        METHOD_RIP2_ROUTE_TAG: EntityMethodType = 0x00000004, "RIP: the tag of the route.";
        METHOD_RIP2_ROUTE_TIMESTAMP: EntityMethodType = 0x00000008, "RIP: the time of the route.";
        METHOD_BGP4_AS_PATH: EntityMethodType = 0x00000001, "BGP: the path of systems.";
        METHOD_BGP4_PEER_ID: EntityMethodType = 0x00000002, "BGP: the peer.";
        METHOD_BGP4_PA_ORIGIN: EntityMethodType = 0x00000004, "BGP: the origin.";
        METHOD_BGP4_NEXTHOP_ATTR: EntityMethodType = 0x00000008, "BGP: the next-hop attribute.";
    }

    Elsewhere "Truth and time" {
        FALSE: i32 = 0, "No.";
        TRUE: i32 = 1, "Yes; any other value but 0 counts as yes too.";
        INFINITE: u32 = 0xFFFFFFFF, "A time that never ends.";
    }

    Elsewhere "Address families in the Windows numbering" {
        AF_INET: u16 = 2, "IPv4.";
        AF_IPX: u16 = 6, "IPX.";
        AF_INET6: u16 = 23, "IPv6; on Linux the name has another value.";
    }

    Elsewhere "Protocols" {
        PROTO_IP_OTHER: u32 = 1, "None of the others.";
        PROTO_IP_LOCAL: u32 = 2, "Made by the stack itself.";
        PROTO_IP_NETMGMT: u32 = 3, "Made by management.";
        PROTO_IP_ICMP: u32 = 4, "ICMP redirects.";
        PROTO_IP_EGP: u32 = 5, "EGP.";
        PROTO_IP_GGP: u32 = 6, "GGP.";
        PROTO_IP_HELLO: u32 = 7, "HELLO.";
        PROTO_IP_RIP: u32 = 8, "RIP.";
        PROTO_IP_IS_IS: u32 = 9, "IS-IS.";
        PROTO_IP_ES_IS: u32 = 10, "ES-IS.";
        PROTO_IP_CISCO: u32 = 11, "IGRP.";
        PROTO_IP_BBN: u32 = 12, "The protocol of BBN.";
        PROTO_IP_OSPF: u32 = 13, "OSPF.";
        PROTO_IP_BGP: u32 = 14, "BGP.";
        PROTO_IP_NT_AUTOSTATIC: u32 = 10002, "Static, made automatically.";
        PROTO_IP_NT_STATIC: u32 = 10006, "Static.";
        PROTO_IP_NT_STATIC_NON_DOD: u32 = 10007, "Static, without dial on demand.";
    }
}

const _: () = assert!(protocol_id(0, 0xFFFF, PROTO_IP_RIP) == 0x3FFF0008);
