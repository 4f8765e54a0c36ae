//! Flags, views, events, states and families, under their C names.
//!
//! The names serve the scenario language and the snapshots, which use the C spelling.

/// A named number of the interface, in its C spelling.
pub type Named = (&'static str, u32);

macro_rules! flags {
    ($(
        $(#[$doc:meta])*
        $type:ident, $prefix:literal { $($(#[$inner:meta])* $name:ident = $value:literal),* $(,)? }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
        pub struct $type(pub u32);

        impl $type {
            $(
                #[doc = concat!("`", $prefix, stringify!($name), "`, ", stringify!($value), ".")]
                $(#[$inner])*
                pub const $name: $type = $type($value);
            )*
            /// The C names with their values; zero values included.
            pub const NAMES: &'static [Named] = &[
                $((concat!($prefix, stringify!($name)), $value),)*
            ];

            /// Whether every bit of `other` is set.
            #[inline]
            pub fn has(self, other: $type) -> bool {
                self.0 & other.0 == other.0
            }

            /// The bits that no name covers.
            pub fn unknown(self) -> u32 {
                self.0 & !(0 $(| $value)*)
            }
        }
    )*};
}

flags! {
    /// Flags of the enumerations.
    EnumFlags, "RTM_ENUM_" {
        START = 0, NEXT = 1, RANGE = 2, OWN_DESTS = 0x0100_0000, OWN_ROUTES = 0x0001_0000,
        ALL_DESTS = 0, ALL_ROUTES = 0,
    }
    /// Criteria of route searches and route enumerations.
    MatchFlags, "RTM_MATCH_" {
        NONE = 0, OWNER = 0x01, NEIGHBOUR = 0x02, PREF = 0x04, NEXTHOP = 0x08, INTERFACE = 0x10,
        FULL = 0xFFFF,
    }
    /// What an add asks for, and what a change of a route did.
    RouteChangeFlags, "RTM_ROUTE_CHANGE_" { FIRST = 0x01, NEW = 0x02, BEST = 0x0001_0000 }
    /// What adding a next hop did.
    NextHopChangeFlags, "RTM_NEXTHOP_CHANGE_" { NEW = 0x01 }
    /// Flags of a route, kept for its readers.
    RouteFlags, "RTM_ROUTE_FLAGS_" {
        MARTIAN = 0x0001, BLACKHOLE = 0x0002, DISCARD = 0x0004, INACTIVE = 0x0008, LOCAL = 0x0010,
        REMOTE = 0x0020, MYSELF = 0x0040, LOOPBACK = 0x0080, MCAST = 0x0100, LOCAL_MCAST = 0x0200,
        LIMITED_BC = 0x0400, ZEROS_NETBC = 0x1000, ZEROS_SUBNETBC = 0x2000, ONES_NETBC = 0x4000,
        ONES_SUBNETBC = 0x8000,
    }
    /// Flags of a next hop.
    NextHopFlags, "RTM_NEXTHOP_FLAGS_" { REMOTE = 0x0001, DOWN = 0x0002 }
    /// Sets of views.
    ViewSet, "RTM_VIEW_MASK_" { NONE = 0, ANY = 0, UCAST = 1, MCAST = 2, ALL = 0xFFFF_FFFF }
    /// What a registration for changes is told of.
    NotifyFlags, "RTM_" {
        CHANGE_TYPE_ALL = 0x0001, CHANGE_TYPE_BEST = 0x0002, CHANGE_TYPE_FORWARDING = 0x0004,
        NOTIFY_ONLY_MARKED_DESTS = 0x0001_0000,
    }
    /// Whether methods are blocked or resumed.
    BlockingFlag, "RTM_" { RESUME_METHODS = 0, BLOCK_METHODS = 1 }
}

/// Numbers that stand for themselves wherever a scenario gives one.
pub const NUMBERS: &[Named] = &[
    ("TRUE", 1),
    ("FALSE", 0),
    ("INFINITE", INFINITE),
    ("AF_INET", AF_INET as u32),
    ("AF_IPX", 6),
    ("AF_INET6", AF_INET6 as u32),
    ("RTM_BEST_PROTOCOL", BEST_PROTOCOL),
    ("RTM_THIS_PROTOCOL", THIS_PROTOCOL),
    ("METHOD_TYPE_ALL_METHODS", 0xFFFF_FFFF),
    ("PROTO_IP_LOCAL", 2),
    ("PROTO_IP_NETMGMT", 3),
    ("PROTO_IP_RIP", 8),
    ("PROTO_IP_OSPF", 13),
    ("PROTO_IP_BGP", 14),
    ("IPV6_ADDRESS_LEN_IN_BYTES", 16),
];

/// A lifetime that never ends.
pub const INFINITE: u32 = 0xFFFF_FFFF;
/// The IPv4 family, in the Windows numbering.
pub const AF_INET: u16 = 2;
/// The IPv6 family, in the Windows numbering.
pub const AF_INET6: u16 = 23;
/// The best route, whoever owns it.
pub const BEST_PROTOCOL: u32 = 0;
/// The best route of the caller's own protocol.
pub const THIS_PROTOCOL: u32 = 0xFFFF_FFFF;

/// State of a route that is in the table.
pub const ROUTE_STATE_CREATED: u8 = 0;
/// State of a route that is being deleted.
pub const ROUTE_STATE_DELETING: u8 = 1;
/// State of a route that has been deleted.
pub const ROUTE_STATE_DELETED: u8 = 2;
/// State of a next hop on its owner's list.
pub const NEXTHOP_STATE_CREATED: u16 = 0;
/// State of a next hop that has been deleted.
pub const NEXTHOP_STATE_DELETED: u16 = 1;

/// The four events that the callback of a client is told of.
#[doc(alias = "RTM_EVENT_TYPE")]
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
pub enum EventType {
    /// `RTM_ENTITY_REGISTERED`, 0: another client has registered.
    EntityRegistered,
    /// `RTM_ENTITY_DEREGISTERED`, 1: another client has left.
    EntityDeregistered,
    /// `RTM_ROUTE_EXPIRED`, 2: a route of the client has timed out.
    RouteExpired,
    /// `RTM_CHANGE_NOTIFICATION`, 3: changes wait to be fetched.
    ChangeNotification,
}

impl EventType {
    /// All events, in the order of their numbers.
    pub const ALL: [EventType; 4] = [
        EventType::EntityRegistered,
        EventType::EntityDeregistered,
        EventType::RouteExpired,
        EventType::ChangeNotification,
    ];

    /// The number that the callback is given.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The C name.
    pub fn name(self) -> &'static str {
        match self {
            EventType::EntityRegistered => "RTM_ENTITY_REGISTERED",
            EventType::EntityDeregistered => "RTM_ENTITY_DEREGISTERED",
            EventType::RouteExpired => "RTM_ROUTE_EXPIRED",
            EventType::ChangeNotification => "RTM_CHANGE_NOTIFICATION",
        }
    }
}
