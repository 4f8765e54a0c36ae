//! Tables of loaded functions.

use rtm_abi::functions::{
    Direction, FUNCTION_NAMES, FUNCTIONS, Omission, TEST_HOOK_NAMES, TEST_HOOKS,
};
use rtm_abi::table::{FunctionTable, TestHooks};
use rtm_abi::types::{DestHandle, EntityHandle, EntityId, FileTime};

use crate::exports::symbol;

#[test]
fn each_field_holds_the_function_of_its_name() {
    let mut asked: Vec<String> = Vec::new();
    let table = FunctionTable::load(|name| {
        let name: &str = name.to_str().expect("names are ASCII");
        asked.push(name.to_owned());
        symbol(name)
    });
    assert_eq!(asked, FUNCTION_NAMES);
    assert_eq!(table.missing(), Vec::<&str>::new());

    macro_rules! check_fields {
        ($( extern $convention:literal fn $c_name:ident as $name:ident $parameters:tt; )*) => {
            $(
                let address = table.$name.map(|function| function as *const () as usize);
                assert_eq!(address, Some(symbol(stringify!($c_name)) as usize));
            )*
        };
    }
    rtm_abi::rtm_functions!(check_fields, "C");
}

#[test]
fn a_function_is_called_through_the_table() {
    let table = FunctionTable::load(|name| symbol(name.to_str().expect("names are ASCII")));
    let lock = table.lock_destination.expect("it is exported");
    // SAFETY: the function is the one of this program, which ignores its arguments.
    let place: u32 = unsafe { lock(EntityHandle::NULL, DestHandle::NULL, 0, 1) };
    assert_eq!(FUNCTION_NAMES[place as usize], "RtmLockDestination");
}

#[test]
fn what_is_not_exported_is_missing() {
    let table = FunctionTable::load(|name| match name.to_str() {
        Ok("RtmLockRoute") | Ok("RtmReferenceHandles") => std::ptr::null(),
        _ => symbol("RtmIsBestRoute"),
    });
    assert_eq!(table.missing(), ["RtmLockRoute", "RtmReferenceHandles"]);
    assert!(table.lock_route.is_none());
    assert!(table.lock_next_hop.is_some());
}

#[test]
fn hooks_are_optional() {
    let none = TestHooks::load(|_| std::ptr::null());
    assert_eq!(none.missing(), TEST_HOOK_NAMES);
    let all = TestHooks::load(|name| symbol(name.to_str().expect("names are ASCII")));
    assert_eq!(all.missing(), Vec::<&str>::new());
    let configure = all.configure.expect("it is exported");
    // SAFETY: the function is the one of this program, which ignores its arguments.
    let place: u32 = unsafe { configure(c"views".as_ptr(), 1) };
    assert_eq!(place as usize, FUNCTION_NAMES.len() + 3);
}

#[test]
fn rust_names_follow_from_c_names() {
    let hooks = TEST_HOOKS.iter().map(|hook| (hook, "RtmTest"));
    for (function, prefix) in FUNCTIONS.iter().map(|function| (function, "Rtm")).chain(hooks) {
        let rest: &str = function.c_name.strip_prefix(prefix).expect("the prefix is there");
        assert_eq!(snake_case(rest), function.rust_name);
        for parameter in function.parameters {
            assert_eq!(snake_case(parameter.c_name), parameter.rust_name);
        }
    }
    for structure in rtm_abi::types::STRUCTURES {
        for member in structure.members {
            assert_eq!(snake_case(member.c_name), member.rust_name, "{}", structure.c_name);
        }
    }
}

/// Puts `_` before each capital, except at the start, and makes it small.
fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[test]
fn names_and_marks_are_as_documented() {
    for (index, function) in FUNCTIONS.iter().enumerate() {
        assert_eq!(function.c_name, FUNCTION_NAMES[index]);
        let is_conversion: bool = function.c_name.starts_with("RtmConvert");
        assert_eq!(function.convention, if is_conversion { "C" } else { "system" });
    }
    let counts = [Omission::Optional, Omission::NullSeen].map(|omission| {
        let parameters = FUNCTIONS.iter().flat_map(|function| function.parameters);
        parameters.filter(|parameter| parameter.omission == omission).count()
    });
    assert_eq!(counts, [21, 9]);
    let add = FUNCTIONS.iter().find(|function| function.c_name == "RtmAddRouteToDest");
    let parameters = add.expect("it is in the list").parameters;
    assert_eq!(parameters[1].direction, Direction::InOut);
    assert_eq!(parameters[1].omission, Omission::Optional);
    assert_eq!(parameters[4].direction, Direction::In);
}

#[test]
fn only_what_is_written_is_mutable() {
    for parameter in FUNCTIONS.iter().flat_map(|function| function.parameters) {
        let type_name: String = parameter.type_name.replace(' ', "");
        // A context is passed on and never followed, so it is mutable like any C pointer.
        let is_context: bool = parameter.c_name == "NotifyContext";
        let is_mutable: bool = type_name.starts_with("*mut") && !is_context;
        assert_eq!(is_mutable, parameter.direction != Direction::In, "{parameter:?}");
    }
}

#[test]
fn pairs_read_as_one_number() {
    let id = EntityId { entity_protocol_id: 1, entity_instance_id: 2 };
    let number: u64 = if cfg!(target_endian = "little") { 0x2_0000_0001 } else { 0x1_0000_0002 };
    assert_eq!(id.entity_id(), number);
    assert_eq!(FileTime { low: 1, high: 2 }.ticks(), 0x2_0000_0001);
}
