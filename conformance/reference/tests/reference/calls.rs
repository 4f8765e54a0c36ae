//! How arguments are read and outputs written.

use std::ptr::{null, null_mut};

use rtm_abi::layout::size_of_dest_info;
use rtm_abi::types::{DestInfo, EnumHandle, NextHopHandle, RouteHandle, RouteInfo};
use rtm_reference::exports::{
    RtmCreateDestEnum, RtmCreateRouteEnum, RtmGetEnumDests, RtmGetEnumRoutes,
    RtmGetExactMatchRoute, RtmGetRouteInfo, RtmReleaseDests, RtmReleaseRouteInfo,
};

use crate::shared::{
    FOREVER, add_next_hop, add_route, alone, identity, net, next_hop, register, route_info,
    take_reading, try_register,
};

const POISON: u8 = 0xA5;

#[test]
fn a_failed_call_leaves_outputs_as_they_were() {
    let _alone = alone();
    register(1, None);
    let mut handle = EnumHandle(0x77 as *mut _);
    // SAFETY: each pointer is NULL or leads to a value of its type.
    let status = unsafe {
        RtmCreateDestEnum(rtm_abi::types::EntityHandle::NULL, 1, 0, null(), 0, &mut handle)
    };
    assert_eq!((status, handle), (6, EnumHandle(0x77 as *mut _)));
    let (status, second, profile) = try_register(&identity(1), None);
    assert_eq!((status, second.is_null(), profile.number_of_views), (183, true, 0));
}

#[test]
fn destinations_stand_as_far_apart_as_their_views_need() {
    for (views, elements) in [(0, 0), (1, 1), (3, 2)] {
        let _alone = alone();
        let client = register(1, None);
        let hop = add_next_hop(client, &next_hop(1));
        let routes: Vec<RouteHandle> = (1..=3)
            .map(|n| add_route(client, &net([n, 0, 0, 0], 8), &route_info(hop, 1), FOREVER))
            .collect();
        let size = size_of_dest_info(elements);
        let mut buffer = vec![POISON; 4 * size];
        let mut list = EnumHandle::NULL;
        let mut count = 4;
        let dests = buffer.as_mut_ptr().cast::<DestInfo>();
        // SAFETY: each pointer is NULL or leads to a value of its type; the buffer has room for
        // four structures with the views asked for.
        unsafe {
            assert_eq!(RtmCreateDestEnum(client, views, 0, null(), 0, &mut list), 0);
            assert_eq!(RtmGetEnumDests(client, list, &mut count, dests), 259);
            assert_eq!(count, 3);
            for (index, route) in routes.iter().enumerate() {
                let at = dests.byte_add(index * size);
                let address = (*at).dest_address;
                assert_eq!(address, net([index as u8 + 1, 0, 0, 0], 8));
                assert_eq!((*at).number_of_views, elements as u32);
                if 0 < elements {
                    assert_eq!((*at).view_info[0].route, *route);
                }
            }
            assert_eq!(RtmReleaseDests(client, count, dests), 0);
            assert_eq!(RtmReleaseDests(client, count, dests), 6, "nothing is held any more");
        }
        assert!(buffer[3 * size..].iter().all(|byte| *byte == POISON), "the tail was written");
    }
}

#[test]
fn a_tail_is_zeroed_where_a_reading_asks_for_it() {
    let _alone = alone();
    assert_eq!(take_reading("RtmGetEnumRoutes.tail-untouched=zeroed"), 0);
    let client = register(1, None);
    let hop = add_next_hop(client, &next_hop(1));
    let route = add_route(client, &net([1, 0, 0, 0], 8), &route_info(hop, 1), FOREVER);
    let mut list = EnumHandle::NULL;
    let mut handles = [RouteHandle(0x77 as *mut _); 4];
    let mut count = 3;
    // SAFETY: each pointer is NULL or leads to a value of its type; the array is longer than the
    // count says.
    unsafe {
        let none = rtm_abi::types::DestHandle::NULL;
        let status = RtmCreateRouteEnum(client, none, 1, 0, null(), 0, null(), 0, &mut list);
        assert_eq!(status, 0);
        assert_eq!(RtmGetEnumRoutes(client, list, &mut count, handles.as_mut_ptr()), 259);
    }
    let zeroed = RouteHandle::NULL;
    assert_eq!((count, handles), (1, [route, zeroed, zeroed, RouteHandle(0x77 as *mut _)]));
}

#[test]
fn a_route_takes_what_its_next_hops_need() {
    let _alone = alone();
    let client = register(1, None);
    let hops = [1, 2, 3].map(|n| add_next_hop(client, &next_hop(n)));
    let size = rtm_abi::layout::size_of_route_info(3);
    let mut buffer = vec![0_u64; size / 8 + 1];
    let info = buffer.as_mut_ptr().cast::<RouteInfo>();
    let first = rtm_abi::layout::ROUTE_NEXT_HOPS_OFFSET;
    // SAFETY: the buffer has room for three next hops, and all zeros are a value.
    let route = unsafe {
        *info = route_info(hops[0], 1);
        (*info).next_hops_list.num_next_hops = 3;
        info.byte_add(first).cast::<[NextHopHandle; 3]>().write(hops);
        add_route(client, &net([1, 0, 0, 0], 8), &*info, FOREVER)
    };
    buffer.fill(u64::MAX);
    let info = buffer.as_mut_ptr().cast::<RouteInfo>();
    // SAFETY: the buffer has room for the three next hops of the route.
    unsafe {
        assert_eq!(RtmGetRouteInfo(client, route, info, null_mut()), 0);
        assert_eq!((*info).next_hops_list.num_next_hops, 3);
        assert_eq!(info.byte_add(first).cast::<[NextHopHandle; 3]>().read(), hops);
        assert_eq!(buffer[size / 8], u64::MAX, "more was written than the route needs");
        assert_eq!(RtmReleaseRouteInfo(client, buffer.as_ptr().cast()), 0);
    }
}

#[test]
fn next_hops_are_criteria_only_when_the_flags_say_so() {
    let _alone = alone();
    let client = register(1, None);
    let hop = add_next_hop(client, &next_hop(1));
    let address = net([1, 0, 0, 0], 8);
    let route = add_route(client, &address, &route_info(hop, 1), FOREVER);
    let mut found = RouteHandle::NULL;
    for (flags, hops, status) in [(0, u16::MAX, 0), (8, 1, 0), (8, 0, 1168)] {
        let mut criteria = route_info(hop, 9);
        criteria.next_hops_list.num_next_hops = hops;
        // SAFETY: each pointer leads to a value of its type; the structure has room for the one
        // next hop of the route, and more are announced only where they are not looked at.
        let got = unsafe {
            RtmGetExactMatchRoute(client, &address, flags, &mut criteria, 0, 1, &mut found)
        };
        assert_eq!(got, status, "flags {flags}, {hops} next hops");
        if status == 0 {
            assert_eq!((found, criteria.pref_info.metric), (route, 1));
        }
    }
}
