//! The 59 functions, one struct each, from one table.
//!
//! An added function is an entry here; builders, printing and the wire follow from it.

use super::argument::{
    ArgKind, ArgPlace, ArgRef, ArgValue, MethodInput, Parameter, arg_type, output, take,
};
use super::handle::{Handle, HandleKind};
use super::structures::{DestInfos, EntityInfo, NetAddress, NextHopInfo, RouteInfo};

macro_rules! handle_kind {
    () => {
        None
    };
    ($of:ident) => {
        Some(HandleKind::$of)
    };
}

macro_rules! calls {
    ($(
        $(#[$doc:meta])*
        $group:ident $c_name:ident $name:ident {
            $($parameter:ident $field:ident: $kind:ident $(($of:ident))?),* $(,)?
        }
    )*) => {
        $(
            $(#[$doc])*
            #[doc = concat!("\nIn C: `", stringify!($c_name), "`.")]
            #[derive(Clone, PartialEq, Eq, Hash, Debug)]
            pub struct $name {
                $(
                    #[doc = concat!("`", stringify!($parameter), "`.")]
                    pub $field: arg_type!($kind),
                )*
            }
        )*

        /// A function of the interface, in the order of the header.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Function { $($(#[$doc])* $name),* }

        /// A call of a function, with its arguments.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Call { $($(#[$doc])* $name($name)),* }

        impl Function {
            /// All 59, in the order of the header.
            pub const ALL: &'static [Function] = &[$(Function::$name),*];

            /// The C name.
            pub fn name(self) -> &'static str {
                match self { $(Function::$name => stringify!($c_name)),* }
            }

            /// The group of the catalogue that it belongs to.
            pub fn group(self) -> &'static str {
                match self { $(Function::$name => stringify!($group)),* }
            }

            /// Its parameters, in the order of the prototype.
            pub const fn parameters(self) -> &'static [Parameter] {
                match self {
                    $(Function::$name => &[
                        $(Parameter {
                            name: stringify!($parameter),
                            kind: ArgKind::$kind,
                            of: handle_kind!($($of)?),
                        }),*
                    ]),*
                }
            }
        }

        impl Call {
            /// Which function is called.
            pub fn function(&self) -> Function {
                match self { $(Call::$name(_) => Function::$name),* }
            }

            /// Builds a call; `argument(i)` gives the value of parameter `i`.
            ///
            /// # Panics
            /// When a value is not of the kind that its parameter takes.
            pub fn build(function: Function, mut argument: impl FnMut(usize) -> ArgValue) -> Call {
                let mut index = 0;
                let mut next = || {
                    index += 1;
                    argument(index - 1)
                };
                match function {
                    $(Function::$name => Call::$name($name {
                        $($field: take::$kind(next())),*
                    })),*
                }
            }

            /// The argument of one parameter.
            ///
            /// # Panics
            /// When there is no such parameter.
            pub fn argument(&self, parameter: usize) -> ArgRef<'_> {
                match self {
                    $(Call::$name(call) => {
                        let mut index = 0;
                        $(
                            if index == parameter {
                                return ArgRef::$kind(&call.$field);
                            }
                            index += 1;
                        )*
                        panic!("{index} parameters, and none is number {parameter}");
                    })*
                }
            }

            /// The place of the argument of one parameter.
            ///
            /// # Panics
            /// When there is no such parameter.
            pub fn argument_mut(&mut self, parameter: usize) -> ArgPlace<'_> {
                match self {
                    $(Call::$name(call) => {
                        let mut index = 0;
                        $(
                            if index == parameter {
                                return ArgPlace::$kind(&mut call.$field);
                            }
                            index += 1;
                        )*
                        panic!("{index} parameters, and none is number {parameter}");
                    })*
                }
            }

            /// Calls `see` with each output whose pointer is given: the index of the parameter,
            /// and the value that the caller left there (0 where it left none).
            #[inline]
            pub fn outputs(&self, mut see: impl FnMut(u8, u64)) {
                match self {
                    $(Call::$name(call) => {
                        let mut index = 0;
                        $(
                            if let Some(value) = output::$kind(&call.$field) {
                                see(index, value);
                            }
                            index += 1;
                        )*
                        let _ = index;
                    })*
                }
            }

            /// The arguments, in the order of the parameters.
            pub fn arguments(&self) -> Vec<ArgValue> {
                match self {
                    $(Call::$name(call) => vec![$(ArgValue::$kind(call.$field.clone())),*]),*
                }
            }
        }

        $(impl From<$name> for Call {
            fn from(call: $name) -> Call {
                Call::$name(call)
            }
        })*
    };
}

impl serde::Serialize for Function {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Function {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Function, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Function::find(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("no function is called {name}")))
    }
}

impl Function {
    /// The function with this C name.
    pub fn find(name: &str) -> Option<Function> {
        Function::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// The place of parameter `name`, C spelling.
    pub fn parameter(self, name: &str) -> Option<usize> {
        self.parameters().iter().position(|p| p.name == name)
    }
}

calls! {
    /// Copies an address and its length out of a network address.
    info RtmConvertNetAddressToIpv6AddressAndLength ConvertNetAddressToIpv6AddressAndLength {
        pNetAddress net_address: Address, pAddress address: Out, pLength length: OutWord,
        dwAddressSize address_size: Word,
    }
    /// Makes a network address of an IPv6 address and a length.
    info RtmConvertIpv6AddressAndLengthToNetAddress ConvertIpv6AddressAndLengthToNetAddress {
        pNetAddress net_address: Out, Address address: Ipv6, dwLength length: Word,
        dwAddressSize address_size: Word,
    }
    /// Registers a client.
    registration RtmRegisterEntity RegisterEntity {
        RtmEntityInfo entity_info: Entity, ExportMethods export_methods: Methods,
        EventCallback event_callback: Callback, ReserveOpaquePointer reserve_opaque_pointer: Word,
        RtmRegProfile profile: Out, RtmRegHandle registration: OutHandle(Entity),
    }
    /// Ends a registration.
    registration RtmDeregisterEntity DeregisterEntity {
        RtmRegHandle registration: Handle(Entity),
    }
    /// Lists the clients of the table.
    registration RtmGetRegisteredEntities GetRegisteredEntities {
        RtmRegHandle registration: Handle(Entity), NumEntities num_entities: Count,
        EntityHandles entity_handles: OutHandles(Entity), EntityInfos entity_infos: Out,
    }
    /// Gives client handles back, one reference each.
    registration RtmReleaseEntities ReleaseEntities {
        RtmRegHandle registration: Handle(Entity), NumEntities num_entities: Word,
        EntityHandles entity_handles: Handles(Entity),
    }
    /// Locks or unlocks a destination.
    opaque RtmLockDestination LockDestination {
        RtmRegHandle registration: Handle(Entity), DestHandle dest: Handle(Dest),
        Exclusive exclusive: Word, LockDest lock_dest: Word,
    }
    /// Gives the address of the caller's opaque slot in a destination.
    opaque RtmGetOpaqueInformationPointer GetOpaqueInformationPointer {
        RtmRegHandle registration: Handle(Entity), DestHandle dest: Handle(Dest),
        OpaqueInfoPointer opaque_info_pointer: OutPointer,
    }
    /// Gives the methods that a client exports.
    methods RtmGetEntityMethods GetEntityMethods {
        RtmRegHandle registration: Handle(Entity), EntityHandle entity: Handle(Entity),
        NumMethods num_methods: Count, ExptMethods methods: Out,
    }
    /// Runs methods of a client.
    methods RtmInvokeMethod InvokeMethod {
        RtmRegHandle registration: Handle(Entity), EntityHandle entity: Handle(Entity),
        Input input: Input, OutputSize output_size: Count, Output output: Out,
    }
    /// Blocks or resumes the caller's methods.
    methods RtmBlockMethods BlockMethods {
        RtmRegHandle registration: Handle(Entity), TargetHandle target: Handle,
        TargetType target_type: Word, BlockingFlag blocking_flag: Word,
    }
    /// Tells who a client is.
    info RtmGetEntityInfo GetEntityInfo {
        RtmRegHandle registration: Handle(Entity), EntityHandle entity: Handle(Entity),
        EntityInfo entity_info: Out,
    }
    /// Describes a destination.
    info RtmGetDestInfo GetDestInfo {
        RtmRegHandle registration: Handle(Entity), DestHandle dest: Handle(Dest),
        ProtocolId protocol: Word, TargetViews target_views: Word, DestInfo dest_info: Out,
    }
    /// Describes a route.
    info RtmGetRouteInfo GetRouteInfo {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Handle(Route),
        RouteInfo route_info: Out, DestAddress dest_address: Out,
    }
    /// Describes a next hop.
    info RtmGetNextHopInfo GetNextHopInfo {
        RtmRegHandle registration: Handle(Entity), NextHopHandle next_hop: Handle(NextHop),
        NextHopInfo next_hop_info: Out,
    }
    /// Gives back what `RtmGetEntityInfo` returned.
    info RtmReleaseEntityInfo ReleaseEntityInfo {
        RtmRegHandle registration: Handle(Entity), EntityInfo entity_info: Entity,
    }
    /// Gives back the handles in one destination structure.
    info RtmReleaseDestInfo ReleaseDestInfo {
        RtmRegHandle registration: Handle(Entity), DestInfo dest_info: Dests,
    }
    /// Gives back the handles in a route structure.
    info RtmReleaseRouteInfo ReleaseRouteInfo {
        RtmRegHandle registration: Handle(Entity), RouteInfo route_info: Route,
    }
    /// Gives back the handles in a next-hop structure.
    info RtmReleaseNextHopInfo ReleaseNextHopInfo {
        RtmRegHandle registration: Handle(Entity), NextHopInfo next_hop_info: NextHop,
    }
    /// Adds a route, or updates one.
    routes RtmAddRouteToDest AddRouteToDest {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Slot(Route),
        DestAddress dest_address: Address, RouteInfo route_info: Route,
        TimeToLive time_to_live: Word, RouteListHandle route_list: Handle(RouteList),
        NotifyType notify_type: Word, NotifyHandle notify: Handle(Notify),
        ChangeFlags change_flags: Count,
    }
    /// Deletes a route.
    routes RtmDeleteRouteToDest DeleteRouteToDest {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Handle(Route),
        ChangeFlags change_flags: OutWord,
    }
    /// Marks a destination for hold-down.
    hold RtmHoldDestination HoldDestination {
        RtmRegHandle registration: Handle(Entity), DestHandle dest: Handle(Dest),
        TargetViews target_views: Word, HoldTime hold_time: Word,
    }
    /// Gives a pointer to a route, for reading.
    inplace RtmGetRoutePointer GetRoutePointer {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Handle(Route),
        RoutePointer route_pointer: OutPointer,
    }
    /// Locks or unlocks the destination of a route.
    inplace RtmLockRoute LockRoute {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Handle(Route),
        Exclusive exclusive: Word, LockRoute lock_route: Word,
        RoutePointer route_pointer: OutPointer,
    }
    /// Commits an edit in place and unlocks.
    inplace RtmUpdateAndUnlockRoute UpdateAndUnlockRoute {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Handle(Route),
        TimeToLive time_to_live: Word, RouteListHandle route_list: Handle(RouteList),
        NotifyType notify_type: Word, NotifyHandle notify: Handle(Notify),
        ChangeFlags change_flags: OutWord,
    }
    /// Finds the destination with exactly this prefix.
    query RtmGetExactMatchDestination GetExactMatchDestination {
        RtmRegHandle registration: Handle(Entity), DestAddress dest_address: Address,
        ProtocolId protocol: Word, TargetViews target_views: Word, DestInfo dest_info: Out,
    }
    /// Finds the longest prefix that covers an address.
    query RtmGetMostSpecificDestination GetMostSpecificDestination {
        RtmRegHandle registration: Handle(Entity), DestAddress dest_address: Address,
        ProtocolId protocol: Word, TargetViews target_views: Word, DestInfo dest_info: Out,
    }
    /// Finds the next shorter prefix that covers a destination.
    query RtmGetLessSpecificDestination GetLessSpecificDestination {
        RtmRegHandle registration: Handle(Entity), DestHandle dest: Handle(Dest),
        ProtocolId protocol: Word, TargetViews target_views: Word, DestInfo dest_info: Out,
    }
    /// Finds a route by its destination and criteria.
    query RtmGetExactMatchRoute GetExactMatchRoute {
        RtmRegHandle registration: Handle(Entity), DestAddress dest_address: Address,
        MatchingFlags matching_flags: Word, RouteInfo route_info: RouteSlot,
        InterfaceIndex interface: Word, TargetViews target_views: Word,
        RouteHandle route: OutHandle(Route),
    }
    /// Tells in which views a route is the best one.
    query RtmIsBestRoute IsBestRoute {
        RtmRegHandle registration: Handle(Entity), RouteHandle route: Handle(Route),
        BestInViews best_in_views: OutWord,
    }
    /// Adds a next hop, or updates one.
    nexthops RtmAddNextHop AddNextHop {
        RtmRegHandle registration: Handle(Entity), NextHopInfo next_hop_info: NextHop,
        NextHopHandle next_hop: Slot(NextHop), ChangeFlags change_flags: OutWord,
    }
    /// Finds a next hop of the caller.
    nexthops RtmFindNextHop FindNextHop {
        RtmRegHandle registration: Handle(Entity), NextHopInfo next_hop_info: NextHop,
        NextHopHandle next_hop: OutHandle(NextHop), NextHopPointer next_hop_pointer: OutPointer,
    }
    /// Deletes a next hop.
    nexthops RtmDeleteNextHop DeleteNextHop {
        RtmRegHandle registration: Handle(Entity), NextHopHandle next_hop: Handle(NextHop),
        NextHopInfo next_hop_info: NextHop,
    }
    /// Gives a pointer to a next hop, for reading.
    nexthops RtmGetNextHopPointer GetNextHopPointer {
        RtmRegHandle registration: Handle(Entity), NextHopHandle next_hop: Handle(NextHop),
        NextHopPointer next_hop_pointer: OutPointer,
    }
    /// Locks or unlocks a next hop.
    nexthops RtmLockNextHop LockNextHop {
        RtmRegHandle registration: Handle(Entity), NextHopHandle next_hop: Handle(NextHop),
        Exclusive exclusive: Word, LockNextHop lock_next_hop: Word,
        NextHopPointer next_hop_pointer: OutPointer,
    }
    /// Starts an enumeration of destinations.
    enumeration RtmCreateDestEnum CreateDestEnum {
        RtmRegHandle registration: Handle(Entity), TargetViews target_views: Word,
        EnumFlags enum_flags: Word, NetAddress net_address: Address, ProtocolId protocol: Word,
        RtmEnumHandle enumeration: OutHandle(Enum),
    }
    /// Fetches the next destinations.
    enumeration RtmGetEnumDests GetEnumDests {
        RtmRegHandle registration: Handle(Entity), EnumHandle enumeration: Handle(Enum),
        NumDests num_dests: Count, DestInfos dest_infos: Out,
    }
    /// Gives destination structures back.
    enumeration RtmReleaseDests ReleaseDests {
        RtmRegHandle registration: Handle(Entity), NumDests num_dests: Word,
        DestInfos dest_infos: Dests,
    }
    /// Starts an enumeration of routes.
    enumeration RtmCreateRouteEnum CreateRouteEnum {
        RtmRegHandle registration: Handle(Entity), DestHandle dest: Handle(Dest),
        TargetViews target_views: Word, EnumFlags enum_flags: Word, StartDest start_dest: Address,
        MatchingFlags matching_flags: Word, CriteriaRoute criteria_route: Route,
        CriteriaInterface criteria_interface: Word, RtmEnumHandle enumeration: OutHandle(Enum),
    }
    /// Fetches the next routes.
    enumeration RtmGetEnumRoutes GetEnumRoutes {
        RtmRegHandle registration: Handle(Entity), EnumHandle enumeration: Handle(Enum),
        NumRoutes num_routes: Count, RouteHandles route_handles: OutHandles(Route),
    }
    /// Gives route handles back, one reference each.
    enumeration RtmReleaseRoutes ReleaseRoutes {
        RtmRegHandle registration: Handle(Entity), NumRoutes num_routes: Word,
        RouteHandles route_handles: Handles(Route),
    }
    /// Starts an enumeration of the caller's next hops.
    enumeration RtmCreateNextHopEnum CreateNextHopEnum {
        RtmRegHandle registration: Handle(Entity), EnumFlags enum_flags: Word,
        NetAddress net_address: Address, RtmEnumHandle enumeration: OutHandle(Enum),
    }
    /// Fetches the next next hops.
    enumeration RtmGetEnumNextHops GetEnumNextHops {
        RtmRegHandle registration: Handle(Entity), EnumHandle enumeration: Handle(Enum),
        NumNextHops num_next_hops: Count, NextHopHandles next_hop_handles: OutHandles(NextHop),
    }
    /// Gives next-hop handles back, one reference each.
    enumeration RtmReleaseNextHops ReleaseNextHops {
        RtmRegHandle registration: Handle(Entity), NumNextHops num_next_hops: Word,
        NextHopHandles next_hop_handles: Handles(NextHop),
    }
    /// Ends an enumeration.
    enumeration RtmDeleteEnumHandle DeleteEnumHandle {
        RtmRegHandle registration: Handle(Entity), EnumHandle enumeration: Handle(Enum),
    }
    /// Registers for changes of destinations.
    notify RtmRegisterForChangeNotification RegisterForChangeNotification {
        RtmRegHandle registration: Handle(Entity), TargetViews target_views: Word,
        NotifyFlags notify_flags: Word, NotifyContext notify_context: Context,
        NotifyHandle notify: OutHandle(Notify),
    }
    /// Fetches changed destinations.
    notify RtmGetChangedDests GetChangedDests {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
        NumDests num_dests: Count, ChangedDests changed_dests: Out,
    }
    /// Gives changed destinations back.
    notify RtmReleaseChangedDests ReleaseChangedDests {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
        NumDests num_dests: Word, ChangedDests changed_dests: Dests,
    }
    /// Passes over pending changes.
    notify RtmIgnoreChangedDests IgnoreChangedDests {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
        NumDests num_dests: Word, ChangedDests changed_dests: Handles(Dest),
    }
    /// Tells whether a change is pending.
    notify RtmGetChangeStatus GetChangeStatus {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
        DestHandle dest: Handle(Dest), ChangeStatus change_status: OutWord,
    }
    /// Marks a destination, or takes the mark off.
    notify RtmMarkDestForChangeNotification MarkDestForChangeNotification {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
        DestHandle dest: Handle(Dest), MarkDest mark_dest: Word,
    }
    /// Tells whether a destination is marked.
    notify RtmIsMarkedForChangeNotification IsMarkedForChangeNotification {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
        DestHandle dest: Handle(Dest), DestMarked dest_marked: OutWord,
    }
    /// Ends a registration for changes.
    notify RtmDeregisterFromChangeNotification DeregisterFromChangeNotification {
        RtmRegHandle registration: Handle(Entity), NotifyHandle notify: Handle(Notify),
    }
    /// Makes an empty route list.
    lists RtmCreateRouteList CreateRouteList {
        RtmRegHandle registration: Handle(Entity),
        RouteListHandle route_list: OutHandle(RouteList),
    }
    /// Puts routes on a list, or takes them off.
    lists RtmInsertInRouteList InsertInRouteList {
        RtmRegHandle registration: Handle(Entity), RouteListHandle route_list: Handle(RouteList),
        NumRoutes num_routes: Word, RouteHandles route_handles: Handles(Route),
    }
    /// Starts an enumeration of a list.
    lists RtmCreateRouteListEnum CreateRouteListEnum {
        RtmRegHandle registration: Handle(Entity), RouteListHandle route_list: Handle(RouteList),
        RtmEnumHandle enumeration: OutHandle(Enum),
    }
    /// Fetches the next routes of a list.
    lists RtmGetListEnumRoutes GetListEnumRoutes {
        RtmRegHandle registration: Handle(Entity), EnumHandle enumeration: Handle(Enum),
        NumRoutes num_routes: Count, RouteHandles route_handles: OutHandles(Route),
    }
    /// Deletes a list.
    lists RtmDeleteRouteList DeleteRouteList {
        RtmRegHandle registration: Handle(Entity), RouteListHandle route_list: Handle(RouteList),
    }
    /// Adds a reference to each handle.
    handles RtmReferenceHandles ReferenceHandles {
        RtmRegHandle registration: Handle(Entity), NumHandles num_handles: Word,
        RtmHandles handles: Handles,
    }
}
