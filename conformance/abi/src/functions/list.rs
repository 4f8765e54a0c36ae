//! The list of functions, as a macro that hands it to another macro.
//!
//! Invariant: the order is that of the header's groups and never changes; tables index by it.

/// Calls a macro with all 59 functions.
///
/// `rtm_functions!(callback, "C")` expands to `callback! { ... }` with one entry a function:
///
/// ```text
/// extern "C" fn RtmLockRoute as lock_route(
///     [In] RtmRegHandle as rtm_reg_handle: EntityHandle,
///     [Out optional] RoutePointer as route_pointer: *mut *mut RouteInfo,
/// );
/// ```
///
/// The convention is the one given, except for the two conversions, which are `cdecl` ("C") in
/// the header. Every function returns a `u32`. A mark is one token tree: the direction, then
/// `optional` where the header allows NULL or 0, or `null_seen` where it does not, but a page or
/// a published sample passes it. Types are full paths, so the callback may live in any package:
///
/// ```
/// macro_rules! count {
///     ($( extern $convention:literal fn $c_name:ident as $name:ident(
///         $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
///     ); )*) => {
///         const COUNT: usize = [$( stringify!($c_name) ),*].len();
///     };
/// }
/// rtm_abi::rtm_functions!(count, "C");
/// assert_eq!(COUNT, 59);
/// ```
#[macro_export]
macro_rules! rtm_functions {
    ($callback:ident, $convention:literal) => { $callback! {
        // IPv6 helpers.
        extern "C" fn RtmConvertNetAddressToIpv6AddressAndLength
            as convert_net_address_to_ipv6_address_and_length(
            [In] pNetAddress as p_net_address: *const $crate::types::NetAddress,
            [Out] pAddress as p_address: *mut $crate::types::In6Addr,
            [Out] pLength as p_length: *mut u32,
            [In] dwAddressSize as dw_address_size: u32,
        );
        extern "C" fn RtmConvertIpv6AddressAndLengthToNetAddress
            as convert_ipv6_address_and_length_to_net_address(
            [Out] pNetAddress as p_net_address: *mut $crate::types::NetAddress,
            [In] Address as address: $crate::types::In6Addr,
            [In] dwLength as dw_length: u32,
            [In] dwAddressSize as dw_address_size: u32,
        );
        // Registration.
        extern $convention fn RtmRegisterEntity as register_entity(
            [In] RtmEntityInfo as rtm_entity_info: *const $crate::types::EntityInfo,
            [In optional] ExportMethods as export_methods:
                *const $crate::types::EntityExportMethods,
            [In null_seen] EventCallback as event_callback: $crate::types::EventCallback,
            [In] ReserveOpaquePointer as reserve_opaque_pointer: i32,
            [Out] RtmRegProfile as rtm_reg_profile: *mut $crate::types::RegnProfile,
            [Out] RtmRegHandle as rtm_reg_handle: *mut $crate::types::EntityHandle,
        );
        extern $convention fn RtmDeregisterEntity as deregister_entity(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
        );
        extern $convention fn RtmGetRegisteredEntities as get_registered_entities(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [InOut] NumEntities as num_entities: *mut u32,
            [Out null_seen] EntityHandles as entity_handles: *mut $crate::types::EntityHandle,
            [Out optional] EntityInfos as entity_infos: *mut $crate::types::EntityInfo,
        );
        extern $convention fn RtmReleaseEntities as release_entities(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NumEntities as num_entities: u32,
            [In] EntityHandles as entity_handles: *const $crate::types::EntityHandle,
        );
        // Destination lock and opaque pointer.
        extern $convention fn RtmLockDestination as lock_destination(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [In] Exclusive as exclusive: i32,
            [In] LockDest as lock_dest: i32,
        );
        extern $convention fn RtmGetOpaqueInformationPointer as get_opaque_information_pointer(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [Out] OpaqueInfoPointer as opaque_info_pointer: *mut *mut ::core::ffi::c_void,
        );
        // Exported methods.
        extern $convention fn RtmGetEntityMethods as get_entity_methods(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EntityHandle as entity_handle: $crate::types::EntityHandle,
            [InOut] NumMethods as num_methods: *mut u32,
            [Out null_seen] ExptMethods as expt_methods: *mut $crate::types::EntityExportMethod,
        );
        extern $convention fn RtmInvokeMethod as invoke_method(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EntityHandle as entity_handle: $crate::types::EntityHandle,
            [In] Input as input: *const $crate::types::EntityMethodInput,
            [InOut] OutputSize as output_size: *mut u32,
            [Out] Output as output: *mut $crate::types::EntityMethodOutput,
        );
        extern $convention fn RtmBlockMethods as block_methods(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In optional] TargetHandle as target_handle: $crate::types::Handle,
            [In optional] TargetType as target_type: u8,
            [In] BlockingFlag as blocking_flag: u32,
        );
        // From handle to information and back.
        extern $convention fn RtmGetEntityInfo as get_entity_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EntityHandle as entity_handle: $crate::types::EntityHandle,
            [Out] EntityInfo as entity_info: *mut $crate::types::EntityInfo,
        );
        extern $convention fn RtmGetDestInfo as get_dest_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [In] ProtocolId as protocol_id: u32,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [Out] DestInfo as dest_info: *mut $crate::types::DestInfo,
        );
        extern $convention fn RtmGetRouteInfo as get_route_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteHandle as route_handle: $crate::types::RouteHandle,
            [Out optional] RouteInfo as route_info: *mut $crate::types::RouteInfo,
            [Out optional] DestAddress as dest_address: *mut $crate::types::NetAddress,
        );
        extern $convention fn RtmGetNextHopInfo as get_next_hop_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NextHopHandle as next_hop_handle: $crate::types::NextHopHandle,
            [Out] NextHopInfo as next_hop_info: *mut $crate::types::NextHopInfo,
        );
        extern $convention fn RtmReleaseEntityInfo as release_entity_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EntityInfo as entity_info: *const $crate::types::EntityInfo,
        );
        extern $convention fn RtmReleaseDestInfo as release_dest_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestInfo as dest_info: *const $crate::types::DestInfo,
        );
        extern $convention fn RtmReleaseRouteInfo as release_route_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteInfo as route_info: *const $crate::types::RouteInfo,
        );
        extern $convention fn RtmReleaseNextHopInfo as release_next_hop_info(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NextHopInfo as next_hop_info: *const $crate::types::NextHopInfo,
        );
        // Adding, deleting, holding and editing routes.
        extern $convention fn RtmAddRouteToDest as add_route_to_dest(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [InOut optional] RouteHandle as route_handle: *mut $crate::types::RouteHandle,
            [In] DestAddress as dest_address: *const $crate::types::NetAddress,
            [In] RouteInfo as route_info: *const $crate::types::RouteInfo,
            [In] TimeToLive as time_to_live: u32,
            [In optional] RouteListHandle as route_list_handle: $crate::types::RouteListHandle,
            [In] NotifyType as notify_type: u32,
            [In optional] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [InOut] ChangeFlags as change_flags: *mut $crate::types::RouteChangeFlags,
        );
        extern $convention fn RtmDeleteRouteToDest as delete_route_to_dest(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteHandle as route_handle: $crate::types::RouteHandle,
            [Out] ChangeFlags as change_flags: *mut $crate::types::RouteChangeFlags,
        );
        extern $convention fn RtmHoldDestination as hold_destination(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [In] HoldTime as hold_time: u32,
        );
        extern $convention fn RtmGetRoutePointer as get_route_pointer(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteHandle as route_handle: $crate::types::RouteHandle,
            [Out] RoutePointer as route_pointer: *mut *mut $crate::types::RouteInfo,
        );
        extern $convention fn RtmLockRoute as lock_route(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteHandle as route_handle: $crate::types::RouteHandle,
            [In] Exclusive as exclusive: i32,
            [In] LockRoute as lock_route: i32,
            [Out optional] RoutePointer as route_pointer: *mut *mut $crate::types::RouteInfo,
        );
        extern $convention fn RtmUpdateAndUnlockRoute as update_and_unlock_route(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteHandle as route_handle: $crate::types::RouteHandle,
            [In] TimeToLive as time_to_live: u32,
            [In optional] RouteListHandle as route_list_handle: $crate::types::RouteListHandle,
            [In] NotifyType as notify_type: u32,
            [In optional] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [Out] ChangeFlags as change_flags: *mut $crate::types::RouteChangeFlags,
        );
        // Searching.
        extern $convention fn RtmGetExactMatchDestination as get_exact_match_destination(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestAddress as dest_address: *const $crate::types::NetAddress,
            [In] ProtocolId as protocol_id: u32,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [Out] DestInfo as dest_info: *mut $crate::types::DestInfo,
        );
        extern $convention fn RtmGetMostSpecificDestination as get_most_specific_destination(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestAddress as dest_address: *const $crate::types::NetAddress,
            [In] ProtocolId as protocol_id: u32,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [Out] DestInfo as dest_info: *mut $crate::types::DestInfo,
        );
        extern $convention fn RtmGetLessSpecificDestination as get_less_specific_destination(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [In] ProtocolId as protocol_id: u32,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [Out] DestInfo as dest_info: *mut $crate::types::DestInfo,
        );
        extern $convention fn RtmGetExactMatchRoute as get_exact_match_route(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] DestAddress as dest_address: *const $crate::types::NetAddress,
            [In] MatchingFlags as matching_flags: $crate::types::MatchFlags,
            [InOut] RouteInfo as route_info: *mut $crate::types::RouteInfo,
            [In] InterfaceIndex as interface_index: u32,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [Out null_seen] RouteHandle as route_handle: *mut $crate::types::RouteHandle,
        );
        extern $convention fn RtmIsBestRoute as is_best_route(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteHandle as route_handle: $crate::types::RouteHandle,
            [Out] BestInViews as best_in_views: *mut $crate::types::ViewSet,
        );
        // Next hops.
        extern $convention fn RtmAddNextHop as add_next_hop(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NextHopInfo as next_hop_info: *const $crate::types::NextHopInfo,
            [InOut optional] NextHopHandle as next_hop_handle: *mut $crate::types::NextHopHandle,
            [Out] ChangeFlags as change_flags: *mut $crate::types::NextHopChangeFlags,
        );
        extern $convention fn RtmFindNextHop as find_next_hop(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NextHopInfo as next_hop_info: *const $crate::types::NextHopInfo,
            [Out null_seen] NextHopHandle as next_hop_handle: *mut $crate::types::NextHopHandle,
            [Out optional] NextHopPointer as next_hop_pointer: *mut *mut $crate::types::NextHopInfo,
        );
        extern $convention fn RtmDeleteNextHop as delete_next_hop(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In optional] NextHopHandle as next_hop_handle: $crate::types::NextHopHandle,
            [In null_seen] NextHopInfo as next_hop_info: *const $crate::types::NextHopInfo,
        );
        extern $convention fn RtmGetNextHopPointer as get_next_hop_pointer(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NextHopHandle as next_hop_handle: $crate::types::NextHopHandle,
            [Out] NextHopPointer as next_hop_pointer: *mut *mut $crate::types::NextHopInfo,
        );
        extern $convention fn RtmLockNextHop as lock_next_hop(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NextHopHandle as next_hop_handle: $crate::types::NextHopHandle,
            [In] Exclusive as exclusive: i32,
            [In] LockNextHop as lock_next_hop: i32,
            [Out optional] NextHopPointer as next_hop_pointer: *mut *mut $crate::types::NextHopInfo,
        );
        // Enumerations.
        extern $convention fn RtmCreateDestEnum as create_dest_enum(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [In] EnumFlags as enum_flags: $crate::types::EnumFlags,
            [In null_seen] NetAddress as net_address: *const $crate::types::NetAddress,
            [In] ProtocolId as protocol_id: u32,
            [Out] RtmEnumHandle as rtm_enum_handle: *mut $crate::types::EnumHandle,
        );
        extern $convention fn RtmGetEnumDests as get_enum_dests(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EnumHandle as enum_handle: $crate::types::EnumHandle,
            [InOut] NumDests as num_dests: *mut u32,
            [Out] DestInfos as dest_infos: *mut $crate::types::DestInfo,
        );
        extern $convention fn RtmReleaseDests as release_dests(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NumDests as num_dests: u32,
            [In] DestInfos as dest_infos: *const $crate::types::DestInfo,
        );
        extern $convention fn RtmCreateRouteEnum as create_route_enum(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In optional] DestHandle as dest_handle: $crate::types::DestHandle,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [In] EnumFlags as enum_flags: $crate::types::EnumFlags,
            [In optional] StartDest as start_dest: *const $crate::types::NetAddress,
            [In] MatchingFlags as matching_flags: $crate::types::MatchFlags,
            [In optional] CriteriaRoute as criteria_route: *const $crate::types::RouteInfo,
            [In optional] CriteriaInterface as criteria_interface: u32,
            [Out] RtmEnumHandle as rtm_enum_handle: *mut $crate::types::EnumHandle,
        );
        extern $convention fn RtmGetEnumRoutes as get_enum_routes(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EnumHandle as enum_handle: $crate::types::EnumHandle,
            [InOut] NumRoutes as num_routes: *mut u32,
            [Out] RouteHandles as route_handles: *mut $crate::types::RouteHandle,
        );
        extern $convention fn RtmReleaseRoutes as release_routes(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NumRoutes as num_routes: u32,
            [In] RouteHandles as route_handles: *const $crate::types::RouteHandle,
        );
        extern $convention fn RtmCreateNextHopEnum as create_next_hop_enum(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EnumFlags as enum_flags: $crate::types::EnumFlags,
            [In null_seen] NetAddress as net_address: *const $crate::types::NetAddress,
            [Out] RtmEnumHandle as rtm_enum_handle: *mut $crate::types::EnumHandle,
        );
        extern $convention fn RtmGetEnumNextHops as get_enum_next_hops(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EnumHandle as enum_handle: $crate::types::EnumHandle,
            [InOut] NumNextHops as num_next_hops: *mut u32,
            [Out] NextHopHandles as next_hop_handles: *mut $crate::types::NextHopHandle,
        );
        extern $convention fn RtmReleaseNextHops as release_next_hops(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NumNextHops as num_next_hops: u32,
            [In] NextHopHandles as next_hop_handles: *const $crate::types::NextHopHandle,
        );
        extern $convention fn RtmDeleteEnumHandle as delete_enum_handle(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EnumHandle as enum_handle: $crate::types::EnumHandle,
        );
        // Change notification.
        extern $convention fn RtmRegisterForChangeNotification as register_for_change_notification(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] TargetViews as target_views: $crate::types::ViewSet,
            [In] NotifyFlags as notify_flags: $crate::types::NotifyFlags,
            [In null_seen] NotifyContext as notify_context: *mut ::core::ffi::c_void,
            [Out] NotifyHandle as notify_handle: *mut $crate::types::NotifyHandle,
        );
        extern $convention fn RtmGetChangedDests as get_changed_dests(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [InOut] NumDests as num_dests: *mut u32,
            [Out] ChangedDests as changed_dests: *mut $crate::types::DestInfo,
        );
        extern $convention fn RtmReleaseChangedDests as release_changed_dests(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [In] NumDests as num_dests: u32,
            [In] ChangedDests as changed_dests: *const $crate::types::DestInfo,
        );
        extern $convention fn RtmIgnoreChangedDests as ignore_changed_dests(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [In] NumDests as num_dests: u32,
            [In] ChangedDests as changed_dests: *const $crate::types::DestHandle,
        );
        extern $convention fn RtmGetChangeStatus as get_change_status(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [Out] ChangeStatus as change_status: *mut i32,
        );
        extern $convention fn RtmMarkDestForChangeNotification as mark_dest_for_change_notification(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [In] MarkDest as mark_dest: i32,
        );
        extern $convention fn RtmIsMarkedForChangeNotification as is_marked_for_change_notification(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
            [In] DestHandle as dest_handle: $crate::types::DestHandle,
            [Out] DestMarked as dest_marked: *mut i32,
        );
        extern $convention fn RtmDeregisterFromChangeNotification
            as deregister_from_change_notification(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NotifyHandle as notify_handle: $crate::types::NotifyHandle,
        );
        // Route lists.
        extern $convention fn RtmCreateRouteList as create_route_list(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [Out] RouteListHandle as route_list_handle: *mut $crate::types::RouteListHandle,
        );
        extern $convention fn RtmInsertInRouteList as insert_in_route_list(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In optional] RouteListHandle as route_list_handle: $crate::types::RouteListHandle,
            [In] NumRoutes as num_routes: u32,
            [In] RouteHandles as route_handles: *const $crate::types::RouteHandle,
        );
        extern $convention fn RtmCreateRouteListEnum as create_route_list_enum(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteListHandle as route_list_handle: $crate::types::RouteListHandle,
            [Out] RtmEnumHandle as rtm_enum_handle: *mut $crate::types::EnumHandle,
        );
        extern $convention fn RtmGetListEnumRoutes as get_list_enum_routes(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] EnumHandle as enum_handle: $crate::types::EnumHandle,
            [InOut] NumRoutes as num_routes: *mut u32,
            [Out] RouteHandles as route_handles: *mut $crate::types::RouteHandle,
        );
        extern $convention fn RtmDeleteRouteList as delete_route_list(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] RouteListHandle as route_list_handle: $crate::types::RouteListHandle,
        );
        // References.
        extern $convention fn RtmReferenceHandles as reference_handles(
            [In] RtmRegHandle as rtm_reg_handle: $crate::types::EntityHandle,
            [In] NumHandles as num_handles: u32,
            [In] RtmHandles as rtm_handles: *const $crate::types::Handle,
        );
    } };
}

/// Calls a macro with the four hooks that an implementation may export for tests.
///
/// The entries have the form of [`rtm_functions!`]. The hooks are no part of RTMv2.
#[macro_export]
macro_rules! rtm_test_hooks {
    ($callback:ident, $convention:literal) => {
        $callback! {
            extern $convention fn RtmTestAdvanceClock as advance_clock(
                [In] milliseconds as milliseconds: u32,
            );
            extern $convention fn RtmTestSettle as settle();
            extern $convention fn RtmTestReset as reset();
            extern $convention fn RtmTestConfigure as configure(
                [In] name as name: *const ::core::ffi::c_char,
                [In] value as value: u64,
            );
        }
    };
}
