//! Direct pointers: stable memory that shows what the model holds.

use std::ptr::null_mut;

use rtm_abi::types::{EntityHandle, NextHopHandle, NextHopInfo};
use rtm_reference::exports::{
    RtmDeleteNextHop, RtmGetNextHopInfo, RtmGetNextHopPointer, RtmLockNextHop, RtmReferenceHandles,
    RtmReleaseNextHops,
};

use crate::shared::{add_next_hop, alone, deregister, next_hop, register, zeroed_next_hop};

fn pointer(client: EntityHandle, hop: NextHopHandle) -> *mut NextHopInfo {
    let mut pointer = null_mut();
    // SAFETY: the pointer leads to a pointer.
    assert_eq!(unsafe { RtmGetNextHopPointer(client, hop, &mut pointer) }, 0);
    pointer
}

fn lock(client: EntityHandle, hop: NextHopHandle, locks: bool, exclusive: bool) -> u32 {
    // SAFETY: a NULL pointer is allowed.
    unsafe { RtmLockNextHop(client, hop, exclusive.into(), locks.into(), null_mut()) }
}

fn info(client: EntityHandle, hop: NextHopHandle) -> NextHopInfo {
    let mut info = zeroed_next_hop();
    // SAFETY: the pointer leads to a structure of its type.
    assert_eq!(unsafe { RtmGetNextHopInfo(client, hop, &mut info) }, 0);
    info
}

#[test]
fn one_object_has_one_address_for_its_life() {
    let _alone = alone();
    let client = register(1, None);
    let first = add_next_hop(client, &next_hop(1));
    let at = pointer(client, first);
    for last in 2..100 {
        let other = add_next_hop(client, &next_hop(last));
        assert_ne!(pointer(client, other), at);
    }
    assert_eq!(pointer(client, first), at);
    // SAFETY: the next hop lives, and its memory with it.
    assert_eq!(unsafe { (*at).next_hop_address }, next_hop(1).next_hop_address);
}

#[test]
fn memory_of_dead_objects_is_used_up_to_a_limit() {
    let _alone = alone();
    let client = register(1, None);
    let kept = add_next_hop(client, &next_hop(1));
    let at = pointer(client, kept);
    for _ in 0..1000 {
        let hop = add_next_hop(client, &next_hop(2));
        pointer(client, hop);
        // SAFETY: a NULL structure is allowed where a handle is given.
        assert_eq!(unsafe { RtmDeleteNextHop(client, hop, std::ptr::null()) }, 0);
    }
    assert_eq!(pointer(client, kept), at);
}

#[test]
fn edits_under_the_lock_are_seen_at_once_and_kept() {
    let _alone = alone();
    let client = register(1, None);
    let hop = add_next_hop(client, &next_hop(1));
    let at = pointer(client, hop);
    assert_eq!(lock(client, hop, true, true), 0);
    // SAFETY: the next hop is locked, so its owner may write to it.
    unsafe { (*at).flags = 2 };
    assert_eq!(info(client, hop).flags, 2);
    // SAFETY: as above.
    unsafe { (*at).entity_specific_info = 0x55 as *mut _ };
    assert_eq!(lock(client, hop, false, false), 87, "unlocked in the other mode");
    assert_eq!(lock(client, hop, false, true), 0);
    let seen = info(client, hop);
    assert_eq!((seen.flags, seen.entity_specific_info), (2, 0x55 as *mut _));
}

#[test]
fn what_is_written_without_the_lock_or_to_other_members_is_undone() {
    let _alone = alone();
    let client = register(1, None);
    let hop = add_next_hop(client, &next_hop(1));
    let at = pointer(client, hop);
    // SAFETY: the memory is that of a living next hop.
    unsafe { (*at).flags = 2 };
    assert_eq!(info(client, hop).flags, 0);
    assert_eq!(lock(client, hop, true, true), 0);
    // SAFETY: as above.
    unsafe {
        assert_eq!((*at).flags, 0);
        (*at).interface_index = 99;
        (*at).next_hop_owner = EntityHandle::NULL;
    }
    assert_eq!(lock(client, hop, false, true), 0);
    // SAFETY: as above.
    unsafe { assert_eq!(((*at).interface_index, (*at).next_hop_owner), (1, client)) };
    assert_eq!(info(client, hop).interface_index, 1);
}

#[test]
fn a_deleted_next_hop_says_so() {
    let _alone = alone();
    let client = register(1, None);
    let hop = add_next_hop(client, &next_hop(1));
    let at = pointer(client, hop);
    let generic = hop.generic();
    // SAFETY: the arrays are as long as their counts say; a NULL structure is allowed.
    unsafe {
        assert_eq!(RtmReferenceHandles(client, 1, &generic), 0);
        assert_eq!(RtmDeleteNextHop(client, hop, std::ptr::null()), 0);
        assert_eq!((*at).state, 1);
        assert_eq!(RtmReleaseNextHops(client, 1, &hop), 0);
    }
}

#[test]
fn whoever_leaves_gives_the_lock_up() {
    let _alone = alone();
    let client = register(1, None);
    let hop = add_next_hop(client, &next_hop(1));
    pointer(client, hop);
    assert_eq!(lock(client, hop, true, true), 0);
    assert_eq!(deregister(client), 0);
    let again = register(1, None);
    let hop = add_next_hop(again, &next_hop(1));
    assert_eq!(lock(again, hop, true, true), 0);
}
