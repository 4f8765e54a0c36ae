//! Types of the interface: numbers, handles, callbacks, structures.
//!
//! Names drop `RTM_`, fields are the C members in snake case; both carry the C name as alias.
//! Variable-length structures end in an array of one element, as in C. Never copy such a
//! structure by value to move all of it; use the sizes and offsets of [`crate::layout`].
//!
//! Invariant: an all-zero bit pattern is a valid value of every type here.
//!
//! Not here: layouts as numbers; see [`crate::layout`].

use core::ffi::c_void;

use crate::constants::RTM_MAX_ADDRESS_SIZE;
use crate::describe::{c_aliases, c_handles, c_structures};

c_aliases! {
    /// Number of a view.
    type ViewId = "RTM_VIEW_ID": i32;
    /// Set of views, bit n for view n.
    type ViewSet = "RTM_VIEW_SET": u32;
    /// One or more method identifiers.
    type EntityMethodType = "RTM_ENTITY_METHOD_TYPE": u32;
    /// `RTM_ROUTE_CHANGE_` flags.
    type RouteChangeFlags = "RTM_ROUTE_CHANGE_FLAGS": u32;
    /// `RTM_NEXTHOP_CHANGE_` flags.
    type NextHopChangeFlags = "RTM_NEXTHOP_CHANGE_FLAGS": u32;
    /// `RTM_MATCH_` flags.
    type MatchFlags = "RTM_MATCH_FLAGS": u32;
    /// `RTM_ENUM_` flags.
    type EnumFlags = "RTM_ENUM_FLAGS": u32;
    /// `RTM_CHANGE_TYPE_` and `RTM_NOTIFY_` flags.
    type NotifyFlags = "RTM_NOTIFY_FLAGS": u32;
}

/// Number of an event; an enumeration in C.
#[doc(alias = "RTM_EVENT_TYPE")]
pub type EventType = i32;

c_handles! {
    /// A handle whose kind is decided at run time.
    struct Handle = "HANDLE";
    /// A registered client; what registration returns and what others see of it.
    struct EntityHandle = "RTM_ENTITY_HANDLE";
    /// A destination.
    struct DestHandle = "RTM_DEST_HANDLE";
    /// A route.
    struct RouteHandle = "RTM_ROUTE_HANDLE";
    /// A next hop.
    struct NextHopHandle = "RTM_NEXTHOP_HANDLE";
    /// An enumeration.
    struct EnumHandle = "RTM_ENUM_HANDLE";
    /// A list of routes.
    struct RouteListHandle = "RTM_ROUTE_LIST_HANDLE";
    /// A registration for change notification.
    struct NotifyHandle = "RTM_NOTIFY_HANDLE";
}

/// Defines the callback types with the convention of the platform.
macro_rules! callback_types {
    ($convention:literal) => {
        /// Told of events; None is NULL. Arguments: the receiver's registration, the event, and
        /// two contexts whose meaning depends on the event. Returns a status.
        #[doc(alias = "RTM_EVENT_CALLBACK")]
        pub type EventCallback = Option<
            unsafe extern $convention fn(
                EntityHandle,
                EventType,
                *mut c_void,
                *mut c_void,
            ) -> u32,
        >;

        /// A method that one entity offers to others; None is NULL. Arguments: caller, callee,
        /// input, output. Returns nothing; the outcome is in the output.
        #[doc(alias = "RTM_ENTITY_EXPORT_METHOD")]
        pub type EntityExportMethod = Option<
            unsafe extern $convention fn(
                EntityHandle,
                EntityHandle,
                *mut EntityMethodInput,
                *mut EntityMethodOutput,
            ),
        >;
    };
}

#[cfg(windows)]
callback_types!("system");
#[cfg(not(windows))]
callback_types!("C");

/// A point in time in 100-nanosecond units since 1601-01-01 UTC, in two halves.
#[doc(alias = "FILETIME")]
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileTime {
    /// The low half.
    #[doc(alias = "dwLowDateTime")]
    pub low: u32,
    /// The high half.
    #[doc(alias = "dwHighDateTime")]
    pub high: u32,
}

impl FileTime {
    /// Both halves as one number.
    pub const fn ticks(self) -> u64 {
        (self.high as u64) << 32 | self.low as u64
    }
}

/// An IPv6 address, first octet first; in C a union of bytes and half-words.
#[doc(alias = "IN6_ADDR")]
#[repr(C, align(2))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct In6Addr {
    /// The octets.
    pub bytes: [u8; 16],
}

/// Who an entity is; in C a union of this pair and a 64-bit number.
///
/// The alignment is forced, because 32-bit Linux would align the number to 4.
#[doc(alias = "RTM_ENTITY_ID")]
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EntityId {
    /// The protocol, see [`crate::constants::protocol_id`].
    #[doc(alias = "EntityProtocolId")]
    pub entity_protocol_id: u32,
    /// Tells apart the entities of one protocol.
    #[doc(alias = "EntityInstanceId")]
    pub entity_instance_id: u32,
}

impl EntityId {
    /// The 64-bit number that overlays the pair.
    #[doc(alias = "EntityId")]
    pub const fn entity_id(self) -> u64 {
        // SAFETY: both types are eight bytes without padding, and every bit pattern is a u64.
        unsafe { core::mem::transmute::<EntityId, u64>(self) }
    }
}

c_structures! {
    /// What registration tells a new entity about limits and views.
    #[derive(Default, PartialEq, Eq)]
    struct RegnProfile = "RTM_REGN_PROFILE" {
        /// Most next hops that a route can have.
        MaxNextHopsInRoute max_next_hops_in_route: u32,
        /// Most items that one call of an enumeration returns.
        MaxHandlesInEnum max_handles_in_enum: u32,
        /// The views of this instance.
        ViewsSupported views_supported: ViewSet,
        /// How many these are.
        NumberOfViews number_of_views: u32,
    }

    /// A network address with its length.
    #[derive(Default, PartialEq, Eq, Hash)]
    struct NetAddress = "RTM_NET_ADDRESS" {
        /// Address family in the Windows numbering.
        AddressFamily address_family: u16,
        /// Leading bits that count.
        NumBits num_bits: u16,
        /// Octets in network order.
        AddrBits addr_bits: [u8; RTM_MAX_ADDRESS_SIZE],
    }

    /// How good a route is. The metric comes first, although the preference ranks first.
    #[derive(Default, PartialEq, Eq)]
    struct PrefInfo = "RTM_PREF_INFO" {
        /// Cost within the protocol.
        Metric metric: u32,
        /// Rank among protocols.
        Preference preference: u32,
    }

    /// The next hops of a route; variable length.
    #[derive(PartialEq, Eq)]
    struct NextHopList = "RTM_NEXTHOP_LIST" {
        /// Elements of the array.
        NumNextHops num_next_hops: u16,
        /// The first element.
        NextHops next_hops: [NextHopHandle; 1],
    }

    /// What one view says about a destination; without a name in the public header.
    #[derive(PartialEq, Eq)]
    struct DestViewInfo = "RTM_DEST_VIEW_INFO" {
        /// The view.
        ViewId view_id: ViewId,
        /// Routes to the destination in this view.
        NumRoutes num_routes: u32,
        /// The best route.
        Route route: RouteHandle,
        /// The owner of the best route.
        Owner owner: EntityHandle,
        /// `RTM_DEST_FLAG_` flags.
        DestFlags dest_flags: u32,
        /// The route in hold-down.
        HoldRoute hold_route: RouteHandle,
    }

    /// A destination; variable length.
    #[derive(PartialEq, Eq)]
    struct DestInfo = "RTM_DEST_INFO" {
        /// The destination.
        DestHandle dest_handle: DestHandle,
        /// Its address.
        DestAddress dest_address: NetAddress,
        /// When it last changed.
        LastChanged last_changed: FileTime,
        /// The views that it is in.
        BelongsToViews belongs_to_views: ViewSet,
        /// Elements of the array.
        NumberOfViews number_of_views: u32,
        /// The first element.
        ViewInfo view_info: [DestViewInfo; 1],
    }

    /// A route; variable length.
    #[derive(PartialEq, Eq)]
    struct RouteInfo = "RTM_ROUTE_INFO" {
        /// Its destination.
        DestHandle dest_handle: DestHandle,
        /// Who added it.
        RouteOwner route_owner: EntityHandle,
        /// The neighbour that told of it.
        Neighbour neighbour: NextHopHandle,
        /// One of `RTM_ROUTE_STATE_`.
        State state: u8,
        /// More flags, which no documented constant belongs to.
        Flags1 flags1: u8,
        /// `RTM_ROUTE_FLAGS_` flags.
        Flags flags: u16,
        /// How good it is.
        PrefInfo pref_info: PrefInfo,
        /// The views that it is in.
        BelongsToViews belongs_to_views: ViewSet,
        /// The owner's own data.
        EntitySpecificInfo entity_specific_info: *mut c_void,
        /// Its next hops.
        NextHopsList next_hops_list: NextHopList,
    }

    /// A next hop.
    #[derive(PartialEq, Eq)]
    struct NextHopInfo = "RTM_NEXTHOP_INFO" {
        /// Its address.
        NextHopAddress next_hop_address: NetAddress,
        /// Who added it.
        NextHopOwner next_hop_owner: EntityHandle,
        /// The interface that leads to it.
        InterfaceIndex interface_index: u32,
        /// One of `RTM_NEXTHOP_STATE_`.
        State state: u16,
        /// `RTM_NEXTHOP_FLAGS_` flags.
        Flags flags: u16,
        /// The owner's own data.
        EntitySpecificInfo entity_specific_info: *mut c_void,
        /// For a remote next hop, the destination through which it is reached.
        RemoteNextHop remote_next_hop: DestHandle,
    }

    /// An entity.
    #[derive(Default, PartialEq, Eq)]
    struct EntityInfo = "RTM_ENTITY_INFO" {
        /// The instance of the routing table manager.
        RtmInstanceId rtm_instance_id: u16,
        /// The address family of its routes.
        AddressFamily address_family: u16,
        /// Who it is.
        EntityId entity_id: EntityId,
    }

    /// What a method is given; variable length.
    #[derive(PartialEq, Eq)]
    struct EntityMethodInput = "RTM_ENTITY_METHOD_INPUT" {
        /// The methods meant.
        MethodType method_type: EntityMethodType,
        /// Bytes of the array.
        InputSize input_size: u32,
        /// The first byte.
        InputData input_data: [u8; 1],
    }

    /// What a method gives back; variable length.
    #[derive(PartialEq, Eq)]
    struct EntityMethodOutput = "RTM_ENTITY_METHOD_OUTPUT" {
        /// The methods meant.
        MethodType method_type: EntityMethodType,
        /// Outcome of the method.
        MethodStatus method_status: u32,
        /// Bytes of the array.
        OutputSize output_size: u32,
        /// The first byte.
        OutputData output_data: [u8; 1],
    }

    /// The methods that an entity offers; variable length.
    struct EntityExportMethods = "RTM_ENTITY_EXPORT_METHODS" {
        /// Elements of the array.
        NumMethods num_methods: u32,
        /// The first element.
        Methods methods: [EntityExportMethod; 1],
    }
}
