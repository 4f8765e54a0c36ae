//! Many threads on one table: nothing is lost, nothing is left, nobody waits for ever.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

use rtm_abi::types::{
    DestInfo, EntityHandle, EntityInfo, EnumHandle, EventType, NextHopHandle, RouteHandle,
};
use rtm_reference::exports::{
    RtmCreateDestEnum, RtmDeleteEnumHandle, RtmDeleteNextHop, RtmDeleteRouteToDest,
    RtmGetEntityInfo, RtmGetEnumDests, RtmGetMostSpecificDestination, RtmReleaseDestInfo,
    RtmReleaseDests,
};
use rtm_reference::hooks::RtmTestAdvanceClock;

use crate::shared::{
    FOREVER, add_next_hop, add_route, alone, deregister, net, next_hop, register, route_info,
};

const THREADS: u32 = 4;
const ROUNDS: u8 = 60;
const NO_MORE_ITEMS: u32 = 259;
const NOT_SUPPORTED: u32 = 50;

static EXPIRED: AtomicU32 = AtomicU32::new(0);
static TOLD: AtomicU32 = AtomicU32::new(0);

/// Asks about the client that it is told of, and has expired routes deleted.
unsafe extern "C" fn on_event(
    client: EntityHandle,
    event: EventType,
    first: *mut c_void,
    _second: *mut c_void,
) -> u32 {
    if event == 2 {
        EXPIRED.fetch_add(1, Ordering::Relaxed);
        return NOT_SUPPORTED;
    }
    TOLD.fetch_add(1, Ordering::Relaxed);
    let mut info = EntityInfo::default();
    // The other client may be gone again, but the library must say so.
    // SAFETY: the pointer leads to a structure of its type.
    let status = unsafe { RtmGetEntityInfo(client, EntityHandle(first), &mut info) };
    assert!(matches!(status, 0 | 6), "{status}");
    0
}

/// Counts the destinations that an enumeration gives, whatever others change meanwhile.
fn enumerate(client: EntityHandle) -> u32 {
    let mut list = EnumHandle::NULL;
    let mut total = 0;
    // SAFETY: the array has room for as many structures with one view as the count says.
    unsafe {
        assert_eq!(RtmCreateDestEnum(client, 1, 0, std::ptr::null(), 0, &mut list), 0);
        let mut dests: [DestInfo; 5] = std::mem::zeroed();
        loop {
            let mut count = 5;
            let status = RtmGetEnumDests(client, list, &mut count, dests.as_mut_ptr());
            assert!(matches!(status, 0 | NO_MORE_ITEMS), "{status}");
            assert_eq!(RtmReleaseDests(client, count, dests.as_ptr()), 0);
            total += count;
            if status == NO_MORE_ITEMS {
                break;
            }
        }
        assert_eq!(RtmDeleteEnumHandle(client, list), 0);
    }
    total
}

/// What one thread does in one round, with a client of its own.
fn round(thread: u32, round: u8) {
    let client = register(100 + thread, round.is_multiple_of(2).then_some(on_event));
    let hop = add_next_hop(client, &next_hop(thread as u8));
    let shared = net([9, 0, 0, 0], 8);
    let own = net([10 + thread as u8, round, 0, 0], 16);
    let routes: [RouteHandle; 2] =
        [shared, own].map(|address| add_route(client, &address, &route_info(hop, 1), FOREVER));
    add_route(client, &net([200, thread as u8, round, 0], 24), &route_info(hop, 1), 10);
    assert!(2 <= enumerate(client));
    // SAFETY: each pointer leads to a value of its type; one view needs one element.
    unsafe {
        let mut dest: DestInfo = std::mem::zeroed();
        let host = net([10 + thread as u8, round, 1, 1], 32);
        assert_eq!(RtmGetMostSpecificDestination(client, &host, 0, 1, &mut dest), 0);
        assert_eq!(dest.view_info[0].route, routes[1]);
        assert_eq!(RtmReleaseDestInfo(client, &dest), 0);
    }
    if round.is_multiple_of(4) {
        assert_eq!(RtmTestAdvanceClock(10), 0);
    }
    leave(client, hop, &routes);
}

fn leave(client: EntityHandle, hop: NextHopHandle, routes: &[RouteHandle]) {
    for route in routes {
        let mut flags = 0;
        // SAFETY: the pointer leads to a number.
        assert_eq!(unsafe { RtmDeleteRouteToDest(client, *route, &mut flags) }, 0);
    }
    // SAFETY: a NULL structure is allowed where a handle is given.
    assert_eq!(unsafe { RtmDeleteNextHop(client, hop, std::ptr::null()) }, 0);
    assert_eq!(deregister(client), 0);
}

#[test]
fn threads_with_clients_of_their_own_balance() {
    let _alone = alone();
    TOLD.store(0, Ordering::Relaxed);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || (0..ROUNDS).for_each(|n| round(thread, n)));
        }
    });
    assert_eq!(RtmTestAdvanceClock(1000), 0);
    assert_eq!(rtm_reference::broken_invariants(), Vec::<String>::new());
    let last = register(1, None);
    assert_eq!(deregister(last), 0);
}

/// A callback on every event that registers and leaves nothing, with two threads that cause
/// events for each other: each delivers some of its own and finds some delivered by the other.
#[test]
fn every_event_is_delivered_once() {
    let _alone = alone();
    TOLD.store(0, Ordering::Relaxed);
    let listener = register(1, Some(on_event));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..u32::from(ROUNDS) {
                    let client = register(10 + thread, None);
                    assert_eq!(deregister(client), 0);
                }
            });
        }
    });
    // What was queued while another thread delivered has been delivered by that one.
    assert_eq!(TOLD.load(Ordering::Relaxed), 2 * THREADS * u32::from(ROUNDS));
    assert_eq!(deregister(listener), 0);
}
