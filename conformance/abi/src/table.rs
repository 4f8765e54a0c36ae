//! Tables of function pointers, filled from a loaded library.
//!
//! A library need not be whole: a function that it does not export is `None`.
//!
//! Not here: opening libraries and looking symbols up, which the caller does.

use core::ffi::{CStr, c_void};

macro_rules! function_table {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        table! {
            /// The functions of an implementation.
            FunctionTable {
                $( $c_name $name: unsafe extern $convention fn($( $parameter: $type ),*) -> u32, )*
            }
        }
    };
}

macro_rules! test_hook_table {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        table! {
            /// The hooks for tests that an implementation may export.
            TestHooks {
                $( $c_name $name: unsafe extern $convention fn($( $parameter: $type ),*) -> u32, )*
            }
        }
    };
}

macro_rules! table {
    ($(#[$meta:meta])* $table:ident { $( $c_name:ident $name:ident: $type:ty, )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $table {
            $(
                #[doc = concat!("`", stringify!($c_name), "`")]
                pub $name: Option<$type>,
            )*
        }

        impl $table {
            /// Looks every name up; a null pointer means that it is missing.
            pub fn load(mut symbol: impl FnMut(&CStr) -> *const c_void) -> $table {
                $(
                    let name = terminated(concat!(stringify!($c_name), "\0"));
                    // SAFETY: an Option of a function pointer has the size of a pointer, null is
                    // None, and any other value may be held; calling it is unsafe in itself.
                    let $name: Option<$type> = unsafe {
                        core::mem::transmute::<*const c_void, Option<$type>>(symbol(name))
                    };
                )*
                $table { $( $name, )* }
            }

            /// The C names of what was not found.
            pub fn missing(&self) -> Vec<&'static str> {
                let mut names: Vec<&'static str> = Vec::new();
                $(
                    if self.$name.is_none() {
                        names.push(stringify!($c_name));
                    }
                )*
                names
            }
        }
    };
}

#[cfg(windows)]
crate::rtm_functions!(function_table, "system");
#[cfg(not(windows))]
crate::rtm_functions!(function_table, "C");

#[cfg(windows)]
crate::rtm_test_hooks!(test_hook_table, "system");
#[cfg(not(windows))]
crate::rtm_test_hooks!(test_hook_table, "C");

/// Checks the terminator that the macro wrote.
fn terminated(name: &'static str) -> &'static CStr {
    CStr::from_bytes_with_nul(name.as_bytes()).expect("a name ends with its only NUL")
}
