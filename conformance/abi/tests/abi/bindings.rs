//! Layouts and constants against those of windows-sys.

use std::collections::BTreeSet;
use std::mem::{align_of, offset_of, size_of};

use rtm_abi::constants::{self, CONSTANTS};
use rtm_abi::types::{self, STRUCTURES};
use windows_sys::Win32::Foundation;
use windows_sys::Win32::NetworkManagement::Rras;
use windows_sys::Win32::Networking::WinSock;
use windows_sys::Win32::System::Threading;

macro_rules! check_layouts {
    ($checked:ident; $(
        $ours:ident = $module:ident::$theirs:ident { $( $c_member:ident $member:ident, )* }
    )*) => {
        $(
            let name: &str = stringify!($theirs);
            assert_eq!(size_of::<types::$ours>(), size_of::<$module::$theirs>(), "{name}");
            assert_eq!(align_of::<types::$ours>(), align_of::<$module::$theirs>(), "{name}");
            $(
                assert_eq!(
                    offset_of!(types::$ours, $member),
                    offset_of!($module::$theirs, $c_member),
                    "{name}.{}",
                    stringify!($c_member),
                );
                $checked.insert((stringify!($ours), stringify!($member)));
            )*
        )*
    };
}

#[test]
fn layouts_agree() {
    let mut checked: BTreeSet<(&str, &str)> = BTreeSet::new();
    check_layouts! { checked;
        RegnProfile = Rras::RTM_REGN_PROFILE {
            MaxNextHopsInRoute max_next_hops_in_route,
            MaxHandlesInEnum max_handles_in_enum,
            ViewsSupported views_supported,
            NumberOfViews number_of_views,
        }
        NetAddress = Rras::RTM_NET_ADDRESS {
            AddressFamily address_family,
            NumBits num_bits,
            AddrBits addr_bits,
        }
        PrefInfo = Rras::RTM_PREF_INFO {
            Metric metric,
            Preference preference,
        }
        NextHopList = Rras::RTM_NEXTHOP_LIST {
            NumNextHops num_next_hops,
            NextHops next_hops,
        }
        DestViewInfo = Rras::RTM_DEST_INFO_0 {
            ViewId view_id,
            NumRoutes num_routes,
            Route route,
            Owner owner,
            DestFlags dest_flags,
            HoldRoute hold_route,
        }
        DestInfo = Rras::RTM_DEST_INFO {
            DestHandle dest_handle,
            DestAddress dest_address,
            LastChanged last_changed,
            BelongsToViews belongs_to_views,
            NumberOfViews number_of_views,
            ViewInfo view_info,
        }
        RouteInfo = Rras::RTM_ROUTE_INFO {
            DestHandle dest_handle,
            RouteOwner route_owner,
            Neighbour neighbour,
            State state,
            Flags1 flags1,
            Flags flags,
            PrefInfo pref_info,
            BelongsToViews belongs_to_views,
            EntitySpecificInfo entity_specific_info,
            NextHopsList next_hops_list,
        }
        NextHopInfo = Rras::RTM_NEXTHOP_INFO {
            NextHopAddress next_hop_address,
            NextHopOwner next_hop_owner,
            InterfaceIndex interface_index,
            State state,
            Flags flags,
            EntitySpecificInfo entity_specific_info,
            RemoteNextHop remote_next_hop,
        }
        EntityInfo = Rras::RTM_ENTITY_INFO {
            RtmInstanceId rtm_instance_id,
            AddressFamily address_family,
            EntityId entity_id,
        }
        EntityMethodInput = Rras::RTM_ENTITY_METHOD_INPUT {
            MethodType method_type,
            InputSize input_size,
            InputData input_data,
        }
        EntityMethodOutput = Rras::RTM_ENTITY_METHOD_OUTPUT {
            MethodType method_type,
            MethodStatus method_status,
            OutputSize output_size,
            OutputData output_data,
        }
        EntityExportMethods = Rras::RTM_ENTITY_EXPORT_METHODS {
            NumMethods num_methods,
            Methods methods,
        }
        FileTime = Foundation::FILETIME {
            dwLowDateTime low,
            dwHighDateTime high,
        }
        In6Addr = WinSock::IN6_ADDR {
            u bytes,
        }
    }
    // The alignment is that of the union; the pair within it has no members of eight bytes.
    assert_eq!(size_of::<types::EntityId>(), size_of::<Rras::RTM_ENTITY_ID>());
    assert_eq!(align_of::<types::EntityId>(), align_of::<Rras::RTM_ENTITY_ID>());
    assert_eq!(
        offset_of!(types::EntityId, entity_instance_id),
        offset_of!(Rras::RTM_ENTITY_ID_0_0, EntityInstanceId)
    );
    for structure in STRUCTURES {
        for member in structure.members {
            assert!(
                checked.contains(&(structure.rust_name, member.rust_name)),
                "{}.{} is not compared",
                structure.c_name,
                member.c_name
            );
        }
    }
}

macro_rules! values {
    ($( $module:ident { $( $name:ident )* } )*) => {
        [$($(
            (stringify!($name), constants::$name as u64, $module::$name as u64),
        )*)*]
    };
}

/// Constants that windows-sys does not have.
const ABSENT: &[&str] = &[
    "RTM_BEST_PROTOCOL",
    "RTM_THIS_PROTOCOL",
    "RTM_ROUTE_FLAGS_FORWARDING",
    "RTM_ROUTE_FLAGS_ANY_UNICAST",
    "RTM_ROUTE_FLAGS_ANY_MCAST",
    "RTM_ROUTE_FLAGS_NET_BCAST",
    "RTM_ROUTE_FLAGS_SUBNET_BCAST",
    "RTM_ROUTE_FLAGS_ANY_BCAST",
];

#[test]
fn constants_agree() {
    let values = values! {
        Rras {
            RTM_MAX_ADDRESS_SIZE RTM_MAX_VIEWS RTM_VIEW_ID_UCAST RTM_VIEW_ID_MCAST
            RTM_VIEW_MASK_SIZE RTM_VIEW_MASK_NONE RTM_VIEW_MASK_ANY RTM_VIEW_MASK_UCAST
            RTM_VIEW_MASK_MCAST RTM_VIEW_MASK_ALL IPV6_ADDRESS_LEN_IN_BYTES RTM_ENTITY_REGISTERED
            RTM_ENTITY_DEREGISTERED RTM_ROUTE_EXPIRED RTM_CHANGE_NOTIFICATION
            RTM_DEST_FLAG_NATURAL_NET RTM_DEST_FLAG_FWD_ENGIN_ADD RTM_DEST_FLAG_DONT_FORWARD
            RTM_ROUTE_STATE_CREATED RTM_ROUTE_STATE_DELETING RTM_ROUTE_STATE_DELETED
            RTM_ROUTE_FLAGS_MARTIAN RTM_ROUTE_FLAGS_BLACKHOLE RTM_ROUTE_FLAGS_DISCARD
            RTM_ROUTE_FLAGS_INACTIVE RTM_ROUTE_FLAGS_LOCAL RTM_ROUTE_FLAGS_REMOTE
            RTM_ROUTE_FLAGS_MYSELF RTM_ROUTE_FLAGS_LOOPBACK RTM_ROUTE_FLAGS_MCAST
            RTM_ROUTE_FLAGS_LOCAL_MCAST RTM_ROUTE_FLAGS_LIMITED_BC RTM_ROUTE_FLAGS_ZEROS_NETBC
            RTM_ROUTE_FLAGS_ZEROS_SUBNETBC RTM_ROUTE_FLAGS_ONES_NETBC
            RTM_ROUTE_FLAGS_ONES_SUBNETBC RTM_NEXTHOP_STATE_CREATED RTM_NEXTHOP_STATE_DELETED
            RTM_NEXTHOP_FLAGS_REMOTE RTM_NEXTHOP_FLAGS_DOWN RTM_ROUTE_CHANGE_FIRST
            RTM_ROUTE_CHANGE_NEW RTM_ROUTE_CHANGE_BEST RTM_NEXTHOP_CHANGE_NEW RTM_MATCH_NONE
            RTM_MATCH_OWNER RTM_MATCH_NEIGHBOUR RTM_MATCH_PREF RTM_MATCH_NEXTHOP
            RTM_MATCH_INTERFACE RTM_MATCH_FULL RTM_ENUM_START RTM_ENUM_NEXT RTM_ENUM_RANGE
            RTM_ENUM_ALL_DESTS RTM_ENUM_OWN_DESTS RTM_ENUM_ALL_ROUTES RTM_ENUM_OWN_ROUTES
            RTM_NUM_CHANGE_TYPES RTM_CHANGE_TYPE_ALL RTM_CHANGE_TYPE_BEST
            RTM_CHANGE_TYPE_FORWARDING RTM_NOTIFY_ONLY_MARKED_DESTS RTM_RESUME_METHODS
            RTM_BLOCK_METHODS METHOD_TYPE_ALL_METHODS METHOD_RIP2_NEIGHBOUR_ADDR
            METHOD_RIP2_OUTBOUND_INTF METHOD_RIP2_ROUTE_TAG METHOD_RIP2_ROUTE_TIMESTAMP
            METHOD_BGP4_AS_PATH METHOD_BGP4_PEER_ID METHOD_BGP4_PA_ORIGIN METHOD_BGP4_NEXTHOP_ATTR
        }
        Foundation {
            NO_ERROR ERROR_SUCCESS ERROR_FILE_NOT_FOUND ERROR_ACCESS_DENIED ERROR_INVALID_HANDLE
            ERROR_NOT_ENOUGH_MEMORY ERROR_INVALID_DATA ERROR_NOT_SUPPORTED ERROR_INVALID_PARAMETER
            ERROR_INSUFFICIENT_BUFFER ERROR_ALREADY_EXISTS ERROR_NO_MORE_ITEMS ERROR_NOT_FOUND
            ERROR_NO_SYSTEM_RESOURCES ERROR_BAD_CONFIGURATION FALSE TRUE
        }
        Threading {
            INFINITE
        }
        WinSock {
            AF_INET AF_IPX AF_INET6 PROTO_IP_OTHER PROTO_IP_LOCAL PROTO_IP_NETMGMT PROTO_IP_ICMP
            PROTO_IP_EGP PROTO_IP_GGP PROTO_IP_HELLO PROTO_IP_RIP PROTO_IP_IS_IS PROTO_IP_ES_IS
            PROTO_IP_CISCO PROTO_IP_BBN PROTO_IP_OSPF PROTO_IP_BGP PROTO_IP_NT_AUTOSTATIC
            PROTO_IP_NT_STATIC PROTO_IP_NT_STATIC_NON_DOD
        }
    };
    let mut compared: BTreeSet<&str> = ABSENT.iter().copied().collect();
    for (name, ours, theirs) in values {
        assert_eq!(ours, theirs, "{name}");
        assert!(compared.insert(name), "{name} is compared twice");
    }
    let known: BTreeSet<&str> = CONSTANTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(compared, known);
    assert_eq!(known.len(), CONSTANTS.len(), "a constant is defined twice");
}

#[test]
fn groups_are_made_of_their_flags() {
    use rtm_abi::constants::*;

    let broadcast: u16 = RTM_ROUTE_FLAGS_NET_BCAST | RTM_ROUTE_FLAGS_SUBNET_BCAST;
    let pairs: [(u16, u16); 6] = [
        (
            RTM_ROUTE_FLAGS_FORWARDING,
            RTM_ROUTE_FLAGS_MARTIAN
                | RTM_ROUTE_FLAGS_BLACKHOLE
                | RTM_ROUTE_FLAGS_DISCARD
                | RTM_ROUTE_FLAGS_INACTIVE,
        ),
        (
            RTM_ROUTE_FLAGS_ANY_UNICAST,
            RTM_ROUTE_FLAGS_LOCAL | RTM_ROUTE_FLAGS_REMOTE | RTM_ROUTE_FLAGS_MYSELF,
        ),
        (RTM_ROUTE_FLAGS_ANY_MCAST, RTM_ROUTE_FLAGS_MCAST | RTM_ROUTE_FLAGS_LOCAL_MCAST),
        (RTM_ROUTE_FLAGS_NET_BCAST, RTM_ROUTE_FLAGS_ZEROS_NETBC | RTM_ROUTE_FLAGS_ONES_NETBC),
        (
            RTM_ROUTE_FLAGS_SUBNET_BCAST,
            RTM_ROUTE_FLAGS_ZEROS_SUBNETBC | RTM_ROUTE_FLAGS_ONES_SUBNETBC,
        ),
        (RTM_ROUTE_FLAGS_ANY_BCAST, RTM_ROUTE_FLAGS_LIMITED_BC | broadcast),
    ];
    for (group, flags) in pairs {
        assert_eq!(group, flags, "{group:#06x}");
    }
}
