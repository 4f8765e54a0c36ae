//! Callbacks: what they are given, and what they may do.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use rtm_abi::types::{EntityHandle, EntityInfo, EventType, NextHopHandle, RouteHandle, RouteInfo};
use rtm_reference::exports::{
    RtmDeleteNextHop, RtmDeleteRouteToDest, RtmGetRegisteredEntities, RtmGetRouteInfo,
    RtmLockRoute, RtmReleaseRoutes,
};
use rtm_reference::hooks::{RtmTestAdvanceClock, RtmTestReset, RtmTestSettle};

use crate::shared::{
    FOREVER, add_next_hop, add_route, alone, deregister, identity, net, next_hop, register,
    route_info, take_reading, try_register,
};

const NOT_SUPPORTED: u32 = 50;
const FAILED: u32 = 1 << 30;

/// What the callback of a test does; it is given the event and both contexts.
type Body = fn(EntityHandle, EventType, *mut c_void, *mut c_void) -> u32;

static BODY: Mutex<Option<Body>> = Mutex::new(None);
/// Callbacks so far, or a number beyond all counts after a check in one has failed.
static CALLS: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn on_event(
    client: EntityHandle,
    event: EventType,
    first: *mut c_void,
    second: *mut c_void,
) -> u32 {
    CALLS.fetch_add(1, Ordering::SeqCst);
    let body = *BODY.lock().expect("no body panics under the lock");
    // A check that fails must not unwind into the library; the test looks at the count.
    let run = || body.map_or(0, |body| body(client, event, first, second));
    std::panic::catch_unwind(run).unwrap_or_else(|_| {
        CALLS.store(FAILED, Ordering::SeqCst);
        0
    })
}

fn set(body: Body) {
    *BODY.lock().expect("no body panics under the lock") = Some(body);
    CALLS.store(0, Ordering::SeqCst);
}

fn calls() -> u32 {
    CALLS.load(Ordering::SeqCst)
}

fn clients_listed(client: EntityHandle) -> u32 {
    let mut count = 0;
    let null = std::ptr::null_mut;
    // SAFETY: NULL arrays are allowed.
    unsafe { RtmGetRegisteredEntities(client, &mut count, null(), null().cast()) };
    count
}

#[test]
fn an_entity_event_says_who_it_is_about() {
    let _alone = alone();
    set(|_, event, first, second| {
        // SAFETY: entity events come with a pointer to an RTM_ENTITY_INFO.
        let info = unsafe { &*second.cast::<EntityInfo>() };
        assert!(!first.is_null());
        assert_eq!(*info, identity(2));
        assert!(matches!(event, 0 | 1));
        0
    });
    let first = register(1, Some(on_event));
    assert_eq!(calls(), 0, "nobody is told of itself");
    let second = register(2, Some(on_event));
    assert_eq!(calls(), 1);
    assert_eq!(deregister(second), 0);
    assert_eq!(calls(), 2);
    assert_eq!(deregister(first), 0);
    assert_eq!(calls(), 2);
}

#[test]
fn some_calls_are_refused_inside_an_entity_event_on_its_thread_only() {
    let _alone = alone();
    set(|client, _, _, _| {
        assert_eq!(deregister(client), 87);
        assert_eq!(try_register(&identity(8), None).0, 87);
        let wanted = if calls() == 1 { 0 } else { 183 };
        let elsewhere = std::thread::spawn(|| try_register(&identity(9), None).0);
        assert_eq!(elsewhere.join().expect("the thread ends"), wanted);
        0
    });
    let first = register(1, Some(on_event));
    register(2, None);
    // The client that another thread registered meanwhile was reported afterwards.
    assert_eq!(calls(), 2);
    assert_eq!(clients_listed(first), 3);
}

/// The route whose destination a test locks.
static ROUTE: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

fn lock(client: EntityHandle, locks: bool) -> u32 {
    let route = RouteHandle(ROUTE.load(Ordering::SeqCst));
    // SAFETY: no pointer is asked for.
    unsafe { RtmLockRoute(client, route, 1, locks.into(), std::ptr::null_mut()) }
}

#[test]
fn a_callback_gives_back_the_locks_of_its_client_and_leaves_it_its_own() {
    let _alone = alone();
    // Unlocks when somebody comes, locks when somebody goes.
    set(|client, event, _, _| {
        assert_eq!(lock(client, event == 1), 0);
        0
    });
    let first = register(1, Some(on_event));
    let hop = add_next_hop(first, &next_hop(1));
    let info = route_info(hop, 1);
    let route = add_route(first, &net([10, 0, 0, 0], 8), &info, FOREVER);
    ROUTE.store(route.0, Ordering::SeqCst);
    assert_eq!(lock(first, true), 0);
    let second = register(2, None);
    assert_eq!(calls(), 1);
    assert_eq!(lock(first, false), 87, "the callback has given it back");
    assert_eq!(deregister(second), 0);
    assert_eq!(calls(), 2);
    assert_eq!(lock(first, true), 87, "the callback has taken it");
    assert_eq!(lock(first, false), 0);
}

#[test]
fn a_client_is_called_back_before_its_registration_has_returned() {
    let _alone = alone();
    assert_eq!(take_reading("RtmRegisterEntity.registered-event-not-self=self-too"), 0);
    set(|client, _, first, _| {
        assert_eq!(client.0, first);
        0
    });
    register(1, Some(on_event));
    assert_eq!(calls(), 1);
}

/// A client with one route that lives for a second.
fn route_that_expires() -> (EntityHandle, NextHopHandle, RouteHandle) {
    let client = register(1, Some(on_event));
    let hop = add_next_hop(client, &next_hop(1));
    let route = add_route(client, &net([1, 0, 0, 0], 8), &route_info(hop, 7), 1000);
    (client, hop, route)
}

fn state_of(client: EntityHandle, route: RouteHandle) -> (u32, u8) {
    let mut info = route_info(NextHopHandle::NULL, 0);
    // SAFETY: the structure has room for the one next hop of the route.
    let status = unsafe { RtmGetRouteInfo(client, route, &mut info, std::ptr::null_mut()) };
    (status, info.state)
}

#[test]
fn an_expired_route_is_shown_and_its_owner_decides() {
    let _alone = alone();
    set(|client, event, first, second| {
        // SAFETY: this event comes with a pointer to an RTM_ROUTE_INFO.
        let info = unsafe { &*second.cast::<RouteInfo>() };
        assert_eq!((event, info.route_owner, info.pref_info.metric), (2, client, 7));
        assert_eq!(info.next_hops_list.num_next_hops, 1);
        assert_eq!(state_of(client, RouteHandle(first)), (0, 0));
        NOT_SUPPORTED
    });
    let (client, _, route) = route_that_expires();
    assert_eq!(RtmTestAdvanceClock(999), 0);
    assert_eq!(calls(), 0);
    assert_eq!(RtmTestAdvanceClock(1), 0);
    assert_eq!(calls(), 1);
    assert_eq!(state_of(client, route), (0, 2));
}

#[test]
fn a_callback_may_change_the_table() {
    let _alone = alone();
    set(|client, _, first, second| {
        let route = RouteHandle(first);
        // SAFETY: this event comes with a pointer to an RTM_ROUTE_INFO.
        let hop = unsafe { (*second.cast::<RouteInfo>()).next_hops_list.next_hops[0] };
        let mut flags = 0;
        // SAFETY: each pointer leads to a value of its type.
        assert_eq!(unsafe { RtmDeleteRouteToDest(client, route, &mut flags) }, 0);
        add_route(client, &net([2, 0, 0, 0], 8), &route_info(hop, 8), FOREVER);
        0
    });
    let (client, _, route) = route_that_expires();
    assert_eq!(RtmTestAdvanceClock(1000), 0);
    assert_eq!(calls(), 1);
    assert_eq!(state_of(client, route), (0, 2));
    // SAFETY: the array is as long as its count says.
    assert_eq!(unsafe { RtmReleaseRoutes(client, 1, &route) }, 0);
}

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn time_may_pass_inside_a_callback() {
    let _alone = alone();
    set(|client, _, first, _| {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        if depth == 0 {
            assert_eq!(RtmTestReset(), 170);
            assert_eq!(RtmTestSettle(), 0);
            assert_eq!(RtmTestAdvanceClock(5000), 0);
            assert_eq!(calls(), 2, "the second route expired inside");
        }
        let route = RouteHandle(first);
        assert_eq!(state_of(client, route), (0, 0));
        DEPTH.set(depth);
        NOT_SUPPORTED
    });
    let (client, hop, first) = route_that_expires();
    let second = add_route(client, &net([2, 0, 0, 0], 8), &route_info(hop, 8), 2000);
    assert_eq!(RtmTestAdvanceClock(1000), 0);
    assert_eq!(calls(), 2);
    assert_eq!([first, second].map(|route| state_of(client, route)), [(0, 2), (0, 2)]);
}

#[test]
fn a_settle_elsewhere_waits_for_the_callback() {
    static ORDER: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let note = |what| ORDER.lock().expect("nothing panics").push(what);
    let _alone = alone();
    set(|_, _, _, _| {
        let note = |what| ORDER.lock().expect("nothing panics").push(what);
        let waiter = std::thread::spawn(move || {
            assert_eq!(RtmTestSettle(), 0);
            ORDER.lock().expect("nothing panics").push("settled");
        });
        // Long enough for a settle that does not wait.
        std::thread::sleep(std::time::Duration::from_millis(50));
        note("callback ends");
        *WAITER.lock().expect("nothing panics") = Some(waiter);
        0
    });
    register(1, Some(on_event));
    register(2, None);
    let waiter = WAITER.lock().expect("nothing panics").take().expect("the callback ran");
    waiter.join().expect("the waiter ends");
    note("end");
    assert_eq!(*ORDER.lock().expect("nothing panics"), ["callback ends", "settled", "end"]);
}

static WAITER: Mutex<Option<std::thread::JoinHandle<()>>> = Mutex::new(None);

#[test]
fn events_can_wait_for_a_settle() {
    let _alone = alone();
    assert_eq!(take_reading("RtmRegisterEntity.registered-event-timing=when-settled"), 0);
    set(|_, _, _, _| 0);
    register(1, Some(on_event));
    register(2, None);
    assert_eq!(calls(), 0);
    assert_eq!(RtmTestSettle(), 0);
    assert_eq!(calls(), 1);
}

/// The client, as a number, and the route that the callback below makes.
static MADE: Mutex<Option<(usize, usize)>> = Mutex::new(None);

#[test]
fn an_answer_that_comes_after_the_client_has_left() {
    let _alone = alone();
    set(|client, _, first, second| {
        let mut flags = 0;
        // SAFETY: this event comes with a route and its RTM_ROUTE_INFO; a NULL structure is
        // allowed where a handle is given.
        unsafe {
            let hop = (*second.cast::<RouteInfo>()).next_hops_list.next_hops[0];
            assert_eq!(RtmDeleteRouteToDest(client, RouteHandle(first), &mut flags), 0);
            assert_eq!(RtmDeleteNextHop(client, hop, std::ptr::null()), 0);
        }
        assert_eq!(deregister(client), 0);
        let again = register(1, None);
        let hop = add_next_hop(again, &next_hop(1));
        let route = add_route(again, &net([1, 0, 0, 0], 8), &route_info(hop, 1), FOREVER);
        *MADE.lock().expect("nothing panics") = Some((again.0 as usize, route.0 as usize));
        NOT_SUPPORTED
    });
    route_that_expires();
    assert_eq!(RtmTestAdvanceClock(1000), 0);
    assert_eq!(calls(), 1);
    let made = MADE.lock().expect("nothing panics").take();
    let (client, route) = made.expect("the callback ran to its end");
    let (client, route) = (EntityHandle(client as *mut _), RouteHandle(route as *mut _));
    // The answer is about the route that expired, not about the one that has its place now.
    assert_eq!(state_of(client, route), (0, 0));
}
