//! The 59 functions: how each is called and what it shows.
//!
//! Each takes its arguments from the struct of the call, in the order of the prototype, and
//! reports the status and then its outputs in the order of the parameters.

pub mod registration;

pub mod opaque;

pub mod methods;

pub mod info;

pub mod routes;

pub mod hold;

pub mod inplace;

pub mod query;

pub mod nexthops;

pub mod enumeration;

pub mod notify;

pub mod lists;

pub mod handles;

use rtm_sim::vocabulary::call::Call;

use super::calling::Calling;

/// Calls a function of the library through its table.
macro_rules! invoke {
    ($calling:expr, $function:ident($($argument:expr),* $(,)?)) => {{
        let function = $calling.functions().$function;
        // SAFETY: pointers lead to memory that is lent for the call and laid out as the prototype
        // says, or are NULL where the scenario wants that. What the library does with them cannot
        // be known; it runs in a process of its own for that reason.
        $calling.invoke(function, |function| unsafe { function($($argument),*) });
    }};
}
use invoke;

/// Makes a call and reports it.
pub fn make(mut calling: Calling<'_>, call: &Call) {
    let c = &mut calling;
    macro_rules! by_function {
        ($($group:ident: $($name:ident $function:ident,)*;)*) => {
            match call {
                $($(Call::$name(call) => $group::$function(c, call),)*)*
            }
        };
    }
    by_function! {
        registration: RegisterEntity register_entity, DeregisterEntity deregister_entity,
            GetRegisteredEntities get_registered_entities, ReleaseEntities release_entities,;
        opaque: LockDestination lock_destination,
            GetOpaqueInformationPointer get_opaque_information_pointer,;
        methods: GetEntityMethods get_entity_methods, InvokeMethod invoke_method,
            BlockMethods block_methods,;
        info: ConvertNetAddressToIpv6AddressAndLength
                convert_net_address_to_ipv6_address_and_length,
            ConvertIpv6AddressAndLengthToNetAddress
                convert_ipv6_address_and_length_to_net_address,
            GetEntityInfo get_entity_info, GetDestInfo get_dest_info,
            GetRouteInfo get_route_info, GetNextHopInfo get_next_hop_info,
            ReleaseEntityInfo release_entity_info, ReleaseDestInfo release_dest_info,
            ReleaseRouteInfo release_route_info, ReleaseNextHopInfo release_next_hop_info,;
        routes: AddRouteToDest add_route_to_dest, DeleteRouteToDest delete_route_to_dest,;
        hold: HoldDestination hold_destination,;
        inplace: GetRoutePointer get_route_pointer, LockRoute lock_route,
            UpdateAndUnlockRoute update_and_unlock_route,;
        query: GetExactMatchDestination get_exact_match_destination,
            GetMostSpecificDestination get_most_specific_destination,
            GetLessSpecificDestination get_less_specific_destination,
            GetExactMatchRoute get_exact_match_route, IsBestRoute is_best_route,;
        nexthops: AddNextHop add_next_hop, FindNextHop find_next_hop,
            DeleteNextHop delete_next_hop, GetNextHopPointer get_next_hop_pointer,
            LockNextHop lock_next_hop,;
        enumeration: CreateDestEnum create_dest_enum, GetEnumDests get_enum_dests,
            ReleaseDests release_dests, CreateRouteEnum create_route_enum,
            GetEnumRoutes get_enum_routes, ReleaseRoutes release_routes,
            CreateNextHopEnum create_next_hop_enum, GetEnumNextHops get_enum_next_hops,
            ReleaseNextHops release_next_hops, DeleteEnumHandle delete_enum_handle,;
        notify: RegisterForChangeNotification register_for_change_notification,
            GetChangedDests get_changed_dests, ReleaseChangedDests release_changed_dests,
            IgnoreChangedDests ignore_changed_dests, GetChangeStatus get_change_status,
            MarkDestForChangeNotification mark_dest_for_change_notification,
            IsMarkedForChangeNotification is_marked_for_change_notification,
            DeregisterFromChangeNotification deregister_from_change_notification,;
        lists: CreateRouteList create_route_list, InsertInRouteList insert_in_route_list,
            CreateRouteListEnum create_route_list_enum,
            GetListEnumRoutes get_list_enum_routes, DeleteRouteList delete_route_list,;
        handles: ReferenceHandles reference_handles,;
    }
}
