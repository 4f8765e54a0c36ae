//! All functions exported from this program, each returning its place in the list.
//!
//! This is how another package generates its exports. It also gives the declarations of
//! windows-sys something to link with.

use std::ffi::c_void;

use rtm_abi::functions::{FUNCTION_NAMES, TEST_HOOK_NAMES};

/// The place of a name; the hooks come after the functions.
fn place(name: &str) -> u32 {
    let mut names = FUNCTION_NAMES.iter().chain(&TEST_HOOK_NAMES);
    let place = names.position(|known| *known == name).expect("the name is in the list");
    u32::try_from(place).expect("the list is short")
}

macro_rules! export {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        $(
            // SAFETY: no other function of this program has the name.
            #[unsafe(no_mangle)]
            extern $convention fn $c_name($( $parameter: $type ),*) -> u32 {
                $( let _ = $parameter; )*
                place(stringify!($c_name))
            }
        )*
    };
}

macro_rules! addresses {
    ($( extern $convention:literal fn $c_name:ident as $name:ident $parameters:tt; )*) => {
        &[$( (stringify!($c_name), $c_name as *const () as usize), )*]
    };
}

rtm_abi::rtm_functions!(export, "C");
rtm_abi::rtm_test_hooks!(export, "C");

/// Looks a function of this program up.
pub(crate) fn symbol(name: &str) -> *const c_void {
    let functions: &[(&str, usize)] = rtm_abi::rtm_functions!(addresses, "C");
    let hooks: &[(&str, usize)] = rtm_abi::rtm_test_hooks!(addresses, "C");
    match functions.iter().chain(hooks).find(|(known, _)| *known == name) {
        Some((_, address)) => *address as *const c_void,
        None => std::ptr::null(),
    }
}
