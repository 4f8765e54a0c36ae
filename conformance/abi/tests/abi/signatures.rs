//! Every function's signature against the declaration in windows-sys.
//!
//! The two sets of types differ in name, so signatures are compared as text: numbers by width and
//! sign, the handle kinds as `handle`, pointers without const, structures by their C name. That
//! the structures themselves agree is the matter of `bindings`.

use std::ffi::c_void;

use rtm_abi::types as ours;
use windows_sys::Win32::NetworkManagement::Rras as theirs;
use windows_sys::Win32::Networking::WinSock::IN6_ADDR;

/// A type as text.
trait Shape {
    fn shape() -> String;
}

impl<T: Shape> Shape for *const T {
    fn shape() -> String {
        format!("*{}", T::shape())
    }
}

impl<T: Shape> Shape for *mut T {
    fn shape() -> String {
        format!("*{}", T::shape())
    }
}

impl<T: Shape> Shape for Option<T> {
    fn shape() -> String {
        T::shape()
    }
}

macro_rules! shapes {
    ($( $text:literal: $( $type:ty ),*; )*) => {
        $($(
            impl Shape for $type {
                fn shape() -> String {
                    $text.to_owned()
                }
            }
        )*)*
    };
}

shapes! {
    "()": ();
    "u8": u8;
    "u32": u32;
    "i32": i32;
    "void": c_void;
    "*void": ours::Handle;
    "handle": isize, ours::EntityHandle, ours::DestHandle, ours::RouteHandle, ours::NextHopHandle,
        ours::EnumHandle, ours::RouteListHandle, ours::NotifyHandle;
    "IN6_ADDR": IN6_ADDR, ours::In6Addr;
    "RTM_REGN_PROFILE": theirs::RTM_REGN_PROFILE, ours::RegnProfile;
    "RTM_NET_ADDRESS": theirs::RTM_NET_ADDRESS, ours::NetAddress;
    "RTM_DEST_INFO": theirs::RTM_DEST_INFO, ours::DestInfo;
    "RTM_ROUTE_INFO": theirs::RTM_ROUTE_INFO, ours::RouteInfo;
    "RTM_NEXTHOP_INFO": theirs::RTM_NEXTHOP_INFO, ours::NextHopInfo;
    "RTM_ENTITY_INFO": theirs::RTM_ENTITY_INFO, ours::EntityInfo;
    "RTM_ENTITY_METHOD_INPUT": theirs::RTM_ENTITY_METHOD_INPUT, ours::EntityMethodInput;
    "RTM_ENTITY_METHOD_OUTPUT": theirs::RTM_ENTITY_METHOD_OUTPUT, ours::EntityMethodOutput;
    "RTM_ENTITY_EXPORT_METHODS": theirs::RTM_ENTITY_EXPORT_METHODS, ours::EntityExportMethods;
}

macro_rules! function_shapes {
    ($( ($( $parameter:ident )*) )*) => {
        $(
            function_shapes!(@ "C" $( $parameter )*);
            function_shapes!(@ "system" $( $parameter )*);
        )*
    };
    (@ $convention:literal $( $parameter:ident )*) => {
        impl<$( $parameter: Shape, )* Result: Shape> Shape
            for unsafe extern $convention fn($( $parameter ),*) -> Result
        {
            fn shape() -> String {
                let parameters: &[String] = &[$( $parameter::shape() ),*];
                format!("fn({}) -> {}", parameters.join(", "), Result::shape())
            }
        }
    };
}

function_shapes! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I)
}

fn shape_of<T: Shape>(_: T) -> String {
    T::shape()
}

/// A type to be inferred, one a parameter.
macro_rules! inferred {
    ($parameter:ident) => {
        _
    };
}

macro_rules! signature_pairs {
    ($(
        extern $convention:literal fn $c_name:ident as $name:ident(
            $( $mark:tt $c_parameter:ident as $parameter:ident: $type:ty, )*
        );
    )*) => {
        [$(
            (
                stringify!($c_name),
                <unsafe extern $convention fn($( $type ),*) -> u32 as Shape>::shape(),
                shape_of(
                    theirs::$c_name
                        as unsafe extern "system" fn($( inferred!($parameter) ),*) -> u32,
                ),
            ),
        )*]
    };
}

#[test]
fn signatures_agree() {
    let pairs: [(&str, String, String); 59] = rtm_abi::rtm_functions!(signature_pairs, "system");
    for (name, ours, theirs) in &pairs {
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn callbacks_agree() {
    assert_eq!(ours::EventCallback::shape(), theirs::RTM_EVENT_CALLBACK::shape());
    assert_eq!(ours::EntityExportMethod::shape(), theirs::RTM_ENTITY_EXPORT_METHOD::shape());
}

#[test]
fn declarations_reach_the_exports() {
    // SAFETY: the function is the one that `exports` defines, which ignores its arguments.
    let place: u32 = unsafe { theirs::RtmDeregisterEntity(0) };
    assert_eq!(rtm_abi::functions::FUNCTION_NAMES[place as usize], "RtmDeregisterEntity");
}
