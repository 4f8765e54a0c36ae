//! Opaque pointers: memory that is the clients' own.

use std::ffi::c_void;
use std::ptr::null_mut;

use rtm_abi::types::{DestHandle, EntityHandle, RegnProfile, RouteHandle};
use rtm_reference::exports::{
    RtmDeleteRouteToDest, RtmGetOpaqueInformationPointer, RtmGetRouteInfo, RtmRegisterEntity,
};

use crate::shared::{
    FOREVER, add_next_hop, add_route, alone, deregister, identity, net, next_hop, register,
    route_info,
};

/// Registers a client of protocol 8 with an opaque slot.
fn register_with_slot(protocol_instance: u32) -> EntityHandle {
    let mut profile = RegnProfile::default();
    let mut handle = EntityHandle::NULL;
    let info = identity(protocol_instance);
    // SAFETY: every pointer is NULL or leads to a structure of its type.
    let status =
        unsafe { RtmRegisterEntity(&info, std::ptr::null(), None, 1, &mut profile, &mut handle) };
    assert_eq!(status, 0);
    handle
}

/// The destination of a route; the caller keeps the references of the structure.
fn dest_of(client: EntityHandle, route: RouteHandle) -> DestHandle {
    let mut info = route_info(rtm_abi::types::NextHopHandle::NULL, 0);
    // SAFETY: the route has one next hop, for which the structure has room.
    assert_eq!(unsafe { RtmGetRouteInfo(client, route, &mut info, null_mut()) }, 0);
    info.dest_handle
}

fn cell(client: EntityHandle, dest: DestHandle) -> *mut *mut c_void {
    let mut pointer = null_mut();
    // SAFETY: the pointer leads to a pointer.
    assert_eq!(unsafe { RtmGetOpaqueInformationPointer(client, dest, &mut pointer) }, 0);
    pointer.cast()
}

#[test]
fn a_cell_has_one_address_and_keeps_what_is_stored() {
    let _alone = alone();
    let client = register_with_slot(1);
    let hop = add_next_hop(client, &next_hop(1));
    let route = |n: u8| add_route(client, &net([10, n, 0, 0], 16), &route_info(hop, 1), FOREVER);
    let dest = dest_of(client, route(0));
    let at = cell(client, dest);
    let mut data = 7_u32;
    // SAFETY: the cell is there as long as the destination.
    unsafe {
        assert!((*at).is_null());
        *at = (&raw mut data).cast();
    }
    for n in 1..100 {
        assert_ne!(cell(client, dest_of(client, route(n))), at);
    }
    assert_eq!(cell(client, dest), at);
    // SAFETY: as above.
    assert_eq!(unsafe { *at }, (&raw mut data).cast());
}

#[test]
fn memory_of_dead_cells_is_used_up_to_a_limit() {
    let _alone = alone();
    let owner = register(1, None);
    let hop = add_next_hop(owner, &next_hop(1));
    let kept = add_route(owner, &net([11, 0, 0, 0], 8), &route_info(hop, 1), FOREVER);
    let (first, prefix) = (register_with_slot(2), net([10, 0, 0, 0], 8));
    let at = cell(first, dest_of(first, kept));
    // SAFETY: the cell is there as long as the destination.
    unsafe { *at = 0x77 as *mut c_void };
    for _ in 0..200 {
        let client = register_with_slot(3);
        let route = add_route(owner, &prefix, &route_info(hop, 1), FOREVER);
        let word = cell(client, dest_of(client, route));
        // SAFETY: as above; whoever comes later finds nothing of this.
        unsafe {
            assert!((*word).is_null());
            *word = 0x99 as *mut c_void;
            assert_eq!(RtmDeleteRouteToDest(owner, route, &mut 0), 0);
        }
        assert_eq!(deregister(client), 0);
    }
    // SAFETY: as above.
    assert_eq!(unsafe { *at }, 0x77 as *mut c_void);
}
