//! Limits and readings that tests set.

use std::ptr::null;

use rtm_reference::hooks::{RtmTestConfigure, RtmTestReset, RtmTestTakeReading};

use crate::shared::{
    LIMITS, alone, configure, deregister, identity, register, take_reading, try_register,
};

fn limit() -> u32 {
    let (status, handle, profile) = try_register(&identity(1), None);
    assert_eq!(status, 0);
    assert_eq!(deregister(handle), 0);
    profile.max_handles_in_enum
}

#[test]
fn a_limit_holds_at_once_or_after_a_reset() {
    let _alone = alone();
    assert_eq!(limit(), 10);
    assert_eq!(configure("max-handles-in-enum", 3), 0);
    assert_eq!(limit(), 3);
    let client = register(7, None);
    assert_eq!(configure("max-handles-in-enum", 5), 0);
    assert_eq!(limit(), 3);
    assert_eq!(RtmTestReset(), 0);
    assert_eq!(limit(), 5);
    assert_eq!(deregister(client), 6, "a reset ends registrations");
}

#[test]
fn limits_out_of_range_and_unknown_names_are_refused() {
    let _alone = alone();
    for (name, value) in [
        ("max-handles-in-enum", 0),
        ("max-handles-in-enum", 1 << 16),
        ("max-next-hops-in-route", 0),
        ("views-supported", 4),
        ("instances", 0),
        ("entities", 1 << 16),
        ("max-handles", 1),
        ("", 1),
    ] {
        assert_eq!(configure(name, value), 87, "{name} {value}");
    }
    // SAFETY: a NULL name is refused.
    assert_eq!(unsafe { RtmTestConfigure(null(), 1) }, 87);
    assert_eq!(limit(), 10);
}

#[test]
fn the_header_names_what_can_be_set() {
    let _alone = alone();
    let header = rtm_abi::header::header();
    let (_, names) = header.split_once("names that the reference knows:\n").expect("the list");
    let (names, _) = names.split_once("*/").expect("its end");
    let names: Vec<&str> =
        names.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(names, LIMITS.map(|(name, _)| name));
    for (name, value) in LIMITS {
        assert_eq!(configure(name, value), 0, "{name}");
    }
}

#[test]
fn instances_and_clients_can_be_limited() {
    let _alone = alone();
    let mut second = identity(1);
    second.rtm_instance_id = 1;
    assert_eq!(try_register(&second, None).0, 2);
    assert_eq!(configure("instances", 2), 0);
    assert_eq!(configure("entities", 1), 0);
    assert_eq!(try_register(&second, None).0, 0);
    assert_eq!(try_register(&identity(1), None).0, 0);
    assert_eq!(try_register(&identity(2), None).0, 1450);
    assert_eq!(configure("instances", 1), 0);
}

#[test]
fn a_reading_is_taken_until_it_is_taken_back() {
    let _alone = alone();
    assert_eq!(take_reading("RtmRegisterEntity.already-registered=accepted"), 0);
    register(1, None);
    assert_eq!(try_register(&identity(1), None).0, 0);
    // The fault breaks a rule of the model, which is looked at when a test ends.
    assert_eq!(RtmTestReset(), 0);
    // SAFETY: NULL goes back to the readings of the environment.
    assert_eq!(unsafe { RtmTestTakeReading(null()) }, 0);
    register(1, None);
    assert_eq!(try_register(&identity(1), None).0, 183);
    assert_eq!(take_reading("RtmRegisterEntity.already-registered=nonsense"), 87);
    assert_eq!(take_reading("nothing"), 87);
}
