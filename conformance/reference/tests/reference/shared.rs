//! What the tests have in common: the process to themselves, and short forms of a few calls.

use std::ffi::CString;
use std::ptr::{null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rtm_abi::constants::AF_INET;
use rtm_abi::types::{
    EntityHandle, EntityId, EntityInfo, EventCallback, NetAddress, NextHopHandle, NextHopInfo,
    NextHopList, PrefInfo, RegnProfile, RouteHandle, RouteInfo,
};
use rtm_reference::exports::{
    RtmAddNextHop, RtmAddRouteToDest, RtmDeregisterEntity, RtmRegisterEntity,
};
use rtm_reference::hooks::{RtmTestConfigure, RtmTestReset, RtmTestTakeReading};

/// A lifetime that never ends.
pub(crate) const FOREVER: u32 = u32::MAX;

static ALONE: Mutex<()> = Mutex::new(());

/// What can be set, and how it stands when nobody has set it.
pub(crate) const LIMITS: [(&str, u64); 9] = [
    ("max-next-hops-in-route", 4),
    ("max-handles-in-enum", 10),
    ("views-supported", 3),
    ("opaque-slots", 4),
    ("entities", u16::MAX as u64),
    ("notifications", 16),
    ("default-preference", 127),
    ("instances", 1),
    ("families", 3),
];

/// Keeps other tests out until it is dropped. The model is in its first state.
pub(crate) struct Alone {
    _held: MutexGuard<'static, ()>,
}

/// Waits for the process, and resets it.
pub(crate) fn alone() -> Alone {
    let held = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(RtmTestReset(), 0);
    Alone { _held: held }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(rtm_reference::broken_invariants(), Vec::<String>::new());
        }
        // SAFETY: NULL goes back to the readings of the environment.
        unsafe { RtmTestTakeReading(null()) };
        for (name, value) in LIMITS {
            configure(name, value);
        }
        RtmTestReset();
    }
}

/// Sets a limit; gives the status.
pub(crate) fn configure(name: &str, value: u64) -> u32 {
    let name = CString::new(name).expect("no NUL in a name");
    // SAFETY: the name ends with NUL.
    unsafe { RtmTestConfigure(name.as_ptr(), value) }
}

/// Takes a reading; gives the status.
pub(crate) fn take_reading(reading: &str) -> u32 {
    let reading = CString::new(reading).expect("no NUL in a reading");
    // SAFETY: the reading ends with NUL.
    unsafe { RtmTestTakeReading(reading.as_ptr()) }
}

/// An IPv4 client of protocol 8.
pub(crate) fn identity(protocol_instance: u32) -> EntityInfo {
    EntityInfo {
        rtm_instance_id: 0,
        address_family: AF_INET,
        entity_id: EntityId { entity_protocol_id: 8, entity_instance_id: protocol_instance },
    }
}

/// Registers; gives the status, the handle and the profile.
pub(crate) fn try_register(
    info: &EntityInfo,
    callback: EventCallback,
) -> (u32, EntityHandle, RegnProfile) {
    let mut profile = RegnProfile::default();
    let mut handle = EntityHandle::NULL;
    // SAFETY: every pointer is NULL or leads to a structure of its type.
    let status = unsafe { RtmRegisterEntity(info, null(), callback, 0, &mut profile, &mut handle) };
    (status, handle, profile)
}

/// Registers a client of protocol 8.
pub(crate) fn register(protocol_instance: u32, callback: EventCallback) -> EntityHandle {
    let (status, handle, _) = try_register(&identity(protocol_instance), callback);
    assert_eq!(status, 0);
    handle
}

/// Deregisters; gives the status.
pub(crate) fn deregister(client: EntityHandle) -> u32 {
    // SAFETY: the function takes no pointer.
    unsafe { RtmDeregisterEntity(client) }
}

/// An IPv4 address with its length.
pub(crate) fn net([a, b, c, d]: [u8; 4], length: u16) -> NetAddress {
    let mut addr_bits = [0; 16];
    addr_bits[..4].copy_from_slice(&[a, b, c, d]);
    NetAddress { address_family: AF_INET, num_bits: length, addr_bits }
}

/// A next hop at 10.0.0.`last`.
pub(crate) fn next_hop(last: u8) -> NextHopInfo {
    NextHopInfo {
        next_hop_address: net([10, 0, 0, last], 32),
        interface_index: 1,
        ..zeroed_next_hop()
    }
}

/// A next hop with nothing set.
pub(crate) fn zeroed_next_hop() -> NextHopInfo {
    // SAFETY: all zeros are a value of every type of the interface.
    unsafe { std::mem::zeroed() }
}

/// Adds a next hop.
pub(crate) fn add_next_hop(client: EntityHandle, info: &NextHopInfo) -> NextHopHandle {
    let mut handle = NextHopHandle::NULL;
    let mut flags = 0;
    // SAFETY: every pointer leads to a value of its type.
    let status = unsafe { RtmAddNextHop(client, info, &mut handle, &mut flags) };
    assert_eq!(status, 0);
    handle
}

/// A route through one next hop, in the unicast view.
pub(crate) fn route_info(next_hop: NextHopHandle, metric: u32) -> RouteInfo {
    // SAFETY: all zeros are a value of every type of the interface.
    let zeroed: RouteInfo = unsafe { std::mem::zeroed() };
    RouteInfo {
        pref_info: PrefInfo { metric, preference: 0 },
        belongs_to_views: 1,
        next_hops_list: NextHopList { num_next_hops: 1, next_hops: [next_hop] },
        ..zeroed
    }
}

/// Adds a route; gives the status and the handle.
pub(crate) fn try_add_route(
    client: EntityHandle,
    address: &NetAddress,
    info: &RouteInfo,
    time_to_live: u32,
) -> (u32, RouteHandle) {
    let mut handle = RouteHandle::NULL;
    let mut flags = 0;
    // SAFETY: every pointer is NULL or leads to a value of its type; the route has one next hop.
    let status = unsafe {
        RtmAddRouteToDest(
            client,
            &mut handle,
            address,
            info,
            time_to_live,
            rtm_abi::types::RouteListHandle(null_mut()),
            0,
            rtm_abi::types::NotifyHandle(null_mut()),
            &mut flags,
        )
    };
    (status, handle)
}

/// Adds a route.
pub(crate) fn add_route(
    client: EntityHandle,
    address: &NetAddress,
    info: &RouteInfo,
    time_to_live: u32,
) -> RouteHandle {
    let (status, handle) = try_add_route(client, address, info, time_to_live);
    assert_eq!(status, 0);
    handle
}
