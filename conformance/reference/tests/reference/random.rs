//! Arguments that make no sense: whatever is thrown at the functions, nothing crashes and every
//! rule of the model holds.
//!
//! Handles are NULL, made up, or any that was given out; pointers are NULL or lead to memory of
//! the right size with arbitrary values; counts stay within that memory, since a library cannot
//! know better. Memory that a call filled is handed to later calls as it is, so releases often
//! meet what they should.

mod wild;

use std::ffi::c_void;

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use rtm_abi::functions::FUNCTION_NAMES;
use rtm_abi::types::{EntityHandle, EntityMethodInput, EntityMethodOutput, EventType};
use rtm_reference::RTM_REFERENCE_PANIC;
use rtm_reference::exports::function_table;
use rtm_reference::hooks::{RtmTestAdvanceClock, RtmTestSettle};

use crate::shared::{self, add_next_hop, add_route, net, next_hop, route_info};
use wild::{SOURCE, Wild};

macro_rules! one_call {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        /// Calls the function at a place of the list, if it is exported.
        fn one_call(place: usize) -> u32 {
            let table = function_table();
            let mut at = 0;
            $(
                if at == place {
                    let Some(function) = table.$name else { return 0 };
                    let arguments = SOURCE.with_borrow_mut(|source| {
                        let _ = &source;
                        ($( <$type as Wild>::wild(source, stringify!($c_parameter)), )*)
                    });
                    let ($( $parameter, )*) = arguments;
                    // SAFETY: pointers are NULL or lead to memory that is large enough for what
                    // the function reads and writes.
                    return unsafe { function($( $parameter ),*) };
                }
                at += 1;
            )*
            let _ = at;
            0
        }
    };
}

rtm_abi::rtm_functions!(one_call, "C");

/// Makes a call that makes no sense, and answers with one of the two answers that matter.
unsafe extern "C" fn on_event(
    _client: EntityHandle,
    _event: EventType,
    first: *mut c_void,
    _second: *mut c_void,
) -> u32 {
    let (place, answer, nests) = SOURCE.with_borrow_mut(|source| {
        source.pool.push(first as u64);
        let nests = source.nested != 0 && source.below(2) == 0;
        source.nested = source.nested.saturating_sub(1);
        (source.below(59) as usize, [0, 50][source.below(2) as usize], nests)
    });
    if nests {
        one_call(place);
        if place % 16 == 0 {
            RtmTestAdvanceClock(20);
        }
    }
    answer
}

/// Makes a call that makes no sense, and says that it wrote more or less than it did.
unsafe extern "C" fn on_method(
    caller: EntityHandle,
    _callee: EntityHandle,
    input: *mut EntityMethodInput,
    output: *mut EntityMethodOutput,
) {
    assert!(!input.is_null() && !output.is_null());
    let (place, size, nests) = SOURCE.with_borrow_mut(|source| {
        source.pool.push(caller.0 as u64);
        let nests = source.nested != 0 && source.below(2) == 0;
        source.nested = source.nested.saturating_sub(1);
        (source.below(59) as usize, source.below(24) as u32, nests)
    });
    if nests {
        one_call(place);
    }
    // SAFETY: the library passes the element of the method, which has room for a header.
    unsafe { (&raw mut (*output).output_size).write_unaligned(size) };
}

/// Clients with a few routes, so that calls find something.
fn furnish(clients: u32) {
    for protocol_instance in 10..10 + clients {
        let client = shared::register(protocol_instance, Some(on_event));
        let hops = [1, 2].map(|last| add_next_hop(client, &next_hop(last)));
        let routes = [1, 2].map(|n| {
            add_route(client, &net([n, 0, 0, 0], 8), &route_info(hops[0], u32::from(n)), 50)
        });
        SOURCE.with_borrow_mut(|source| {
            source.clients.push(client.0 as u64);
            source.pool.push(client.0 as u64);
            source.pool.extend(hops.map(|hop| hop.0 as u64));
            source.pool.extend(routes.map(|route| route.0 as u64));
        });
    }
}

/// Which exported function is called next. Clients come and go rarely, or little would happen in
/// between.
fn chosen() -> usize {
    let table = function_table();
    let missing = table.missing();
    SOURCE.with_borrow_mut(|source| {
        loop {
            let place = source.below(59) as usize;
            let name = FUNCTION_NAMES[place];
            let skipped = match name {
                "RtmRegisterEntity" => source.alone || source.below(8) != 0,
                "RtmDeregisterEntity" => source.alone || source.below(32) != 0,
                _ => missing.contains(&name),
            };
            if !skipped {
                return place;
            }
        }
    })
}

/// Makes calls that come of these numbers: two clients that take no locks, or one that does and
/// writes to its routes in place.
fn make_calls(numbers: Vec<u64>, alone: bool) {
    let _alone = shared::alone();
    let calls = 100 + numbers.len();
    SOURCE.with_borrow_mut(|source| source.reset(numbers, alone));
    furnish(if alone { 1 } else { 2 });
    for _ in 0..calls {
        let place = chosen();
        let status = one_call(place);
        let name = FUNCTION_NAMES[place];
        assert_ne!(status, RTM_REFERENCE_PANIC, "{name} panicked");
        SOURCE.with_borrow_mut(|source| {
            source.remember();
            let route = source.direct_pointer();
            if ["RtmLockRoute", "RtmGetRoutePointer"].contains(&name) && !route.is_null() {
                source.write_route(route);
            }
        });
        assert_eq!(rtm_reference::broken_invariants(), Vec::<String>::new(), "after {name}");
        if place == 0 {
            assert_eq!(RtmTestAdvanceClock(30), 0);
            assert_eq!(RtmTestSettle(), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_crashes_and_every_rule_holds(numbers in vec(any::<u64>(), 1..400)) {
        make_calls(numbers, false);
    }

    #[test]
    fn nothing_crashes_under_locks(numbers in vec(any::<u64>(), 1..400)) {
        make_calls(numbers, true);
    }
}
