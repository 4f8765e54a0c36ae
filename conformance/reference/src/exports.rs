//! The exported functions: all of the interface.
//!
//! Each is an entry in the one table here. Its types are those of the header, its fields those of
//! the call; how an argument becomes a field follows from the two types, see the module `argument`.
//! The compiler compares each entry with the header, through [`function_table`], and with the call.
//!
//! Not here: Windows, where the interface has its own library.

use std::ffi::c_void;

use rtm_abi::table::FunctionTable;
use rtm_abi::types::{
    DestHandle, DestInfo, EntityExportMethod, EntityExportMethods, EntityHandle, EntityInfo,
    EntityMethodInput, EntityMethodOutput, EnumHandle, EventCallback, Handle, In6Addr, NetAddress,
    NextHopHandle, NextHopInfo, NotifyHandle, RegnProfile, RouteHandle, RouteInfo, RouteListHandle,
};
use rtm_sim::engine::Operation;
use rtm_sim::vocabulary::call::{self, Function};

use crate::argument::{Load, Raw};
use crate::{guard, process};

macro_rules! exports {
    ($( $c_name:ident $name:ident $call:ident { $( $field:ident: $type:ty, )* } )*) => {
        $(
            #[doc = concat!("`", stringify!($c_name), "`.")]
            ///
            /// # Safety
            /// Each pointer is NULL or leads to what the page of the function says.
            #[unsafe(no_mangle)]
            pub unsafe extern "C" fn $c_name($( $field: $type ),*) -> u32 {
                guard::catch(stringify!($c_name), || {
                    let raw = [$( Raw::from($field) ),*];
                    let mut before: Option<u32> = None;
                    $(
                        let number = Raw::from($field).number();
                        // SAFETY: the caller vouches for the pointers.
                        let $field = unsafe { $field.load(before) };
                        before = number;
                    )*
                    let _ = before;
                    let operation = Operation::Call(call::$call { $( $field ),* }.into());
                    // SAFETY: the caller vouches for the pointers.
                    unsafe { process::call(Function::$call, &operation, &raw) }
                })
            }
        )*

        /// What is exported, as a table.
        pub fn function_table() -> FunctionTable {
            let mut table = FunctionTable::load(|_| std::ptr::null());
            $( table.$name = Some($c_name); )*
            table
        }
    };
}

exports! {
    RtmConvertNetAddressToIpv6AddressAndLength
        convert_net_address_to_ipv6_address_and_length
        ConvertNetAddressToIpv6AddressAndLength {
        net_address: *const NetAddress, address: *mut In6Addr, length: *mut u32, address_size: u32,
    }
    RtmConvertIpv6AddressAndLengthToNetAddress
        convert_ipv6_address_and_length_to_net_address
        ConvertIpv6AddressAndLengthToNetAddress {
        net_address: *mut NetAddress, address: In6Addr, length: u32, address_size: u32,
    }
    RtmRegisterEntity register_entity RegisterEntity {
        entity_info: *const EntityInfo, export_methods: *const EntityExportMethods,
        event_callback: EventCallback, reserve_opaque_pointer: i32, profile: *mut RegnProfile,
        registration: *mut EntityHandle,
    }
    RtmDeregisterEntity deregister_entity DeregisterEntity { registration: EntityHandle, }
    RtmGetRegisteredEntities get_registered_entities GetRegisteredEntities {
        registration: EntityHandle, num_entities: *mut u32, entity_handles: *mut EntityHandle,
        entity_infos: *mut EntityInfo,
    }
    RtmReleaseEntities release_entities ReleaseEntities {
        registration: EntityHandle, num_entities: u32, entity_handles: *const EntityHandle,
    }
    RtmGetOpaqueInformationPointer
        get_opaque_information_pointer
        GetOpaqueInformationPointer {
        registration: EntityHandle, dest: DestHandle, opaque_info_pointer: *mut *mut c_void,
    }
    RtmGetEntityMethods get_entity_methods GetEntityMethods {
        registration: EntityHandle, entity: EntityHandle, num_methods: *mut u32,
        methods: *mut EntityExportMethod,
    }
    RtmInvokeMethod invoke_method InvokeMethod {
        registration: EntityHandle, entity: EntityHandle, input: *const EntityMethodInput,
        output_size: *mut u32, output: *mut EntityMethodOutput,
    }
    RtmBlockMethods block_methods BlockMethods {
        registration: EntityHandle, target: Handle, target_type: u8, blocking_flag: u32,
    }
    RtmGetEntityInfo get_entity_info GetEntityInfo {
        registration: EntityHandle, entity: EntityHandle, entity_info: *mut EntityInfo,
    }
    RtmGetDestInfo get_dest_info GetDestInfo {
        registration: EntityHandle, dest: DestHandle, protocol: u32, target_views: u32,
        dest_info: *mut DestInfo,
    }
    RtmGetRouteInfo get_route_info GetRouteInfo {
        registration: EntityHandle, route: RouteHandle, route_info: *mut RouteInfo,
        dest_address: *mut NetAddress,
    }
    RtmGetNextHopInfo get_next_hop_info GetNextHopInfo {
        registration: EntityHandle, next_hop: NextHopHandle, next_hop_info: *mut NextHopInfo,
    }
    RtmReleaseEntityInfo release_entity_info ReleaseEntityInfo {
        registration: EntityHandle, entity_info: *const EntityInfo,
    }
    RtmReleaseDestInfo release_dest_info ReleaseDestInfo {
        registration: EntityHandle, dest_info: *const DestInfo,
    }
    RtmReleaseRouteInfo release_route_info ReleaseRouteInfo {
        registration: EntityHandle, route_info: *const RouteInfo,
    }
    RtmReleaseNextHopInfo release_next_hop_info ReleaseNextHopInfo {
        registration: EntityHandle, next_hop_info: *const NextHopInfo,
    }
    RtmAddRouteToDest add_route_to_dest AddRouteToDest {
        registration: EntityHandle, route: *mut RouteHandle, dest_address: *const NetAddress,
        route_info: *const RouteInfo, time_to_live: u32, route_list: RouteListHandle,
        notify_type: u32, notify: NotifyHandle, change_flags: *mut u32,
    }
    RtmDeleteRouteToDest delete_route_to_dest DeleteRouteToDest {
        registration: EntityHandle, route: RouteHandle, change_flags: *mut u32,
    }
    RtmHoldDestination hold_destination HoldDestination {
        registration: EntityHandle, dest: DestHandle, target_views: u32, hold_time: u32,
    }
    RtmLockDestination lock_destination LockDestination {
        registration: EntityHandle, dest: DestHandle, exclusive: i32, lock_dest: i32,
    }
    RtmGetRoutePointer get_route_pointer GetRoutePointer {
        registration: EntityHandle, route: RouteHandle, route_pointer: *mut *mut RouteInfo,
    }
    RtmLockRoute lock_route LockRoute {
        registration: EntityHandle, route: RouteHandle, exclusive: i32, lock_route: i32,
        route_pointer: *mut *mut RouteInfo,
    }
    RtmUpdateAndUnlockRoute update_and_unlock_route UpdateAndUnlockRoute {
        registration: EntityHandle, route: RouteHandle, time_to_live: u32,
        route_list: RouteListHandle, notify_type: u32, notify: NotifyHandle,
        change_flags: *mut u32,
    }
    RtmGetExactMatchDestination get_exact_match_destination GetExactMatchDestination {
        registration: EntityHandle, dest_address: *const NetAddress, protocol: u32,
        target_views: u32, dest_info: *mut DestInfo,
    }
    RtmGetMostSpecificDestination get_most_specific_destination GetMostSpecificDestination {
        registration: EntityHandle, dest_address: *const NetAddress, protocol: u32,
        target_views: u32, dest_info: *mut DestInfo,
    }
    RtmGetLessSpecificDestination get_less_specific_destination GetLessSpecificDestination {
        registration: EntityHandle, dest: DestHandle, protocol: u32, target_views: u32,
        dest_info: *mut DestInfo,
    }
    RtmGetExactMatchRoute get_exact_match_route GetExactMatchRoute {
        registration: EntityHandle, dest_address: *const NetAddress, matching_flags: u32,
        route_info: *mut RouteInfo, interface: u32, target_views: u32, route: *mut RouteHandle,
    }
    RtmIsBestRoute is_best_route IsBestRoute {
        registration: EntityHandle, route: RouteHandle, best_in_views: *mut u32,
    }
    RtmAddNextHop add_next_hop AddNextHop {
        registration: EntityHandle, next_hop_info: *const NextHopInfo,
        next_hop: *mut NextHopHandle, change_flags: *mut u32,
    }
    RtmFindNextHop find_next_hop FindNextHop {
        registration: EntityHandle, next_hop_info: *const NextHopInfo,
        next_hop: *mut NextHopHandle, next_hop_pointer: *mut *mut NextHopInfo,
    }
    RtmDeleteNextHop delete_next_hop DeleteNextHop {
        registration: EntityHandle, next_hop: NextHopHandle, next_hop_info: *const NextHopInfo,
    }
    RtmGetNextHopPointer get_next_hop_pointer GetNextHopPointer {
        registration: EntityHandle, next_hop: NextHopHandle,
        next_hop_pointer: *mut *mut NextHopInfo,
    }
    RtmLockNextHop lock_next_hop LockNextHop {
        registration: EntityHandle, next_hop: NextHopHandle, exclusive: i32, lock_next_hop: i32,
        next_hop_pointer: *mut *mut NextHopInfo,
    }
    RtmCreateDestEnum create_dest_enum CreateDestEnum {
        registration: EntityHandle, target_views: u32, enum_flags: u32,
        net_address: *const NetAddress, protocol: u32, enumeration: *mut EnumHandle,
    }
    RtmGetEnumDests get_enum_dests GetEnumDests {
        registration: EntityHandle, enumeration: EnumHandle, num_dests: *mut u32,
        dest_infos: *mut DestInfo,
    }
    RtmReleaseDests release_dests ReleaseDests {
        registration: EntityHandle, num_dests: u32, dest_infos: *const DestInfo,
    }
    RtmCreateRouteEnum create_route_enum CreateRouteEnum {
        registration: EntityHandle, dest: DestHandle, target_views: u32, enum_flags: u32,
        start_dest: *const NetAddress, matching_flags: u32, criteria_route: *const RouteInfo,
        criteria_interface: u32, enumeration: *mut EnumHandle,
    }
    RtmGetEnumRoutes get_enum_routes GetEnumRoutes {
        registration: EntityHandle, enumeration: EnumHandle, num_routes: *mut u32,
        route_handles: *mut RouteHandle,
    }
    RtmReleaseRoutes release_routes ReleaseRoutes {
        registration: EntityHandle, num_routes: u32, route_handles: *const RouteHandle,
    }
    RtmCreateNextHopEnum create_next_hop_enum CreateNextHopEnum {
        registration: EntityHandle, enum_flags: u32, net_address: *const NetAddress,
        enumeration: *mut EnumHandle,
    }
    RtmGetEnumNextHops get_enum_next_hops GetEnumNextHops {
        registration: EntityHandle, enumeration: EnumHandle, num_next_hops: *mut u32,
        next_hop_handles: *mut NextHopHandle,
    }
    RtmReleaseNextHops release_next_hops ReleaseNextHops {
        registration: EntityHandle, num_next_hops: u32, next_hop_handles: *const NextHopHandle,
    }
    RtmDeleteEnumHandle delete_enum_handle DeleteEnumHandle {
        registration: EntityHandle, enumeration: EnumHandle,
    }
    RtmCreateRouteList create_route_list CreateRouteList {
        registration: EntityHandle, route_list: *mut RouteListHandle,
    }
    RtmInsertInRouteList insert_in_route_list InsertInRouteList {
        registration: EntityHandle, route_list: RouteListHandle, num_routes: u32,
        route_handles: *const RouteHandle,
    }
    RtmCreateRouteListEnum create_route_list_enum CreateRouteListEnum {
        registration: EntityHandle, route_list: RouteListHandle, enumeration: *mut EnumHandle,
    }
    RtmGetListEnumRoutes get_list_enum_routes GetListEnumRoutes {
        registration: EntityHandle, enumeration: EnumHandle, num_routes: *mut u32,
        route_handles: *mut RouteHandle,
    }
    RtmDeleteRouteList delete_route_list DeleteRouteList {
        registration: EntityHandle, route_list: RouteListHandle,
    }
    RtmRegisterForChangeNotification
        register_for_change_notification
        RegisterForChangeNotification {
        registration: EntityHandle, target_views: u32, notify_flags: u32,
        notify_context: *mut c_void, notify: *mut NotifyHandle,
    }
    RtmGetChangedDests get_changed_dests GetChangedDests {
        registration: EntityHandle, notify: NotifyHandle, num_dests: *mut u32,
        changed_dests: *mut DestInfo,
    }
    RtmReleaseChangedDests release_changed_dests ReleaseChangedDests {
        registration: EntityHandle, notify: NotifyHandle, num_dests: u32,
        changed_dests: *const DestInfo,
    }
    RtmIgnoreChangedDests ignore_changed_dests IgnoreChangedDests {
        registration: EntityHandle, notify: NotifyHandle, num_dests: u32,
        changed_dests: *const DestHandle,
    }
    RtmGetChangeStatus get_change_status GetChangeStatus {
        registration: EntityHandle, notify: NotifyHandle, dest: DestHandle,
        change_status: *mut i32,
    }
    RtmMarkDestForChangeNotification
        mark_dest_for_change_notification
        MarkDestForChangeNotification {
        registration: EntityHandle, notify: NotifyHandle, dest: DestHandle, mark_dest: i32,
    }
    RtmIsMarkedForChangeNotification
        is_marked_for_change_notification
        IsMarkedForChangeNotification {
        registration: EntityHandle, notify: NotifyHandle, dest: DestHandle,
        dest_marked: *mut i32,
    }
    RtmDeregisterFromChangeNotification
        deregister_from_change_notification
        DeregisterFromChangeNotification {
        registration: EntityHandle, notify: NotifyHandle,
    }
    RtmReferenceHandles reference_handles ReferenceHandles {
        registration: EntityHandle, num_handles: u32, handles: *const Handle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_exported() {
        assert_eq!(function_table().missing(), [""; 0]);
    }
}
