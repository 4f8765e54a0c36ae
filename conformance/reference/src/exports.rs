//! The exported functions: those of the interface that the model answers.
//!
//! Names and types come from [`rtm_abi::rtm_functions!`], so they cannot drift from the header.
//! Each function hands its arguments over as they are; what they mean is in the table of calls.
//!
//! A function that the model learns to answer is exported by taking its line out of `if_answered`.

use rtm_abi::functions::FUNCTION_NAMES;
use rtm_abi::table::FunctionTable;
use rtm_sim::vocabulary::call::Function;

use crate::argument::Raw;
use crate::process;

/// Expands to the tokens behind a name, unless the name stands in a line of its own here.
macro_rules! if_answered {
    (RtmLockDestination $tokens:tt) => {};
    (RtmGetOpaqueInformationPointer $tokens:tt) => {};
    (RtmGetEntityMethods $tokens:tt) => {};
    (RtmInvokeMethod $tokens:tt) => {};
    (RtmBlockMethods $tokens:tt) => {};
    (RtmHoldDestination $tokens:tt) => {};
    (RtmGetRoutePointer $tokens:tt) => {};
    (RtmLockRoute $tokens:tt) => {};
    (RtmUpdateAndUnlockRoute $tokens:tt) => {};
    (RtmRegisterForChangeNotification $tokens:tt) => {};
    (RtmGetChangedDests $tokens:tt) => {};
    (RtmReleaseChangedDests $tokens:tt) => {};
    (RtmIgnoreChangedDests $tokens:tt) => {};
    (RtmGetChangeStatus $tokens:tt) => {};
    (RtmMarkDestForChangeNotification $tokens:tt) => {};
    (RtmIsMarkedForChangeNotification $tokens:tt) => {};
    (RtmDeregisterFromChangeNotification $tokens:tt) => {};
    (RtmCreateRouteList $tokens:tt) => {};
    (RtmInsertInRouteList $tokens:tt) => {};
    (RtmCreateRouteListEnum $tokens:tt) => {};
    (RtmGetListEnumRoutes $tokens:tt) => {};
    (RtmDeleteRouteList $tokens:tt) => {};
    ($c_name:ident { $($tokens:tt)* }) => { $($tokens)* };
}

macro_rules! export {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        $(
            if_answered! { $c_name {
                #[doc = concat!("`", stringify!($c_name), "`.")]
                ///
                /// # Safety
                /// Each pointer is NULL or leads to what the page of the function says.
                #[unsafe(no_mangle)]
                pub unsafe extern $convention fn $c_name($( $parameter: $type ),*) -> u32 {
                    const FUNCTION: Function = Function::ALL[place(stringify!($c_name))];
                    // SAFETY: the caller vouches for the pointers.
                    unsafe { process::call(FUNCTION, &[$( Raw::from($parameter) ),*]) }
                }
            } }
        )*

        /// What is exported, as a table; everything else is `None`.
        pub fn function_table() -> FunctionTable {
            let mut table = FunctionTable::load(|_| std::ptr::null());
            $( if_answered! { $c_name { table.$name = Some($c_name); } } )*
            table
        }
    };
}

#[cfg(windows)]
rtm_abi::rtm_functions!(export, "system");
#[cfg(not(windows))]
rtm_abi::rtm_functions!(export, "C");

/// The place of a name in the list of all functions, which is the same here and in the model.
const fn place(name: &str) -> usize {
    let mut place = 0;
    while !is_same(FUNCTION_NAMES[place], name) {
        place += 1;
    }
    place
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_stand_in_one_order_in_the_header_and_in_the_model() {
        let model: Vec<&str> = Function::ALL.iter().map(|function| function.name()).collect();
        assert_eq!(model, FUNCTION_NAMES);
    }

    #[test]
    fn what_the_model_answers_is_exported_and_nothing_else() {
        let unanswered = Function::ALL.iter().filter(|f| !rtm_sim::model::is_modelled(**f));
        let unanswered: Vec<&str> = unanswered.map(|function| function.name()).collect();
        assert_eq!(function_table().missing(), unanswered);
    }
}
