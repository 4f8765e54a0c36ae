//! The kinds of argument that functions of the interface take, and their values.
//!
//! With them a call can be built, printed and sent without a line of code of its own: the table
//! in [`super::call`] says which kinds a function takes.

use super::handle::{Handle, HandleKind};
use super::structures::{DestInfos, EntityInfo, NetAddress, NextHopInfo, RouteInfo};

/// One parameter of a function.
#[derive(Debug)]
pub struct Parameter {
    /// Its C name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgKind,
    /// The kind of handle that it takes or gives, where it is about handles of one kind.
    pub of: Option<HandleKind>,
}

/// Input of an exported method.
#[doc(alias = "RTM_ENTITY_METHOD_INPUT")]
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MethodInput {
    /// Methods that are to run, one bit each.
    pub method_type: u32,
    /// Bytes for them.
    pub data: Vec<u8>,
}

/// The type of an argument of a kind.
macro_rules! arg_type {
    (Handle) => { Handle };
    (Handles) => { Option<Vec<Handle>> };
    (Slot) => { Option<Handle> };
    (Word) => { u32 };
    (Count) => { Option<u32> };
    (Address) => { Option<NetAddress> };
    (Ipv6) => { [u8; 16] };
    (Entity) => { Option<EntityInfo> };
    (Methods) => { Option<Vec<bool>> };
    (NextHop) => { Option<NextHopInfo> };
    (Route) => { Option<RouteInfo> };
    (RouteSlot) => { Option<RouteInfo> };
    (Dests) => { Option<DestInfos> };
    (Input) => { Option<MethodInput> };
    (Context) => { u64 };
    ($flag:ident) => { bool };
}

pub(super) use arg_type;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($type:ty)),* $(,)?) => {
        /// What a parameter takes.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum ArgKind { $($(#[$doc])* $kind),* }

        /// The value of one argument.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum ArgValue { $($(#[$doc])* $kind($type)),* }

        impl ArgValue {
            /// What kind of argument it is.
            pub fn kind(&self) -> ArgKind {
                match self { $(ArgValue::$kind(_) => ArgKind::$kind),* }
            }
        }

        /// One argument, where it stands.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum ArgRef<'a> { $($(#[$doc])* $kind(&'a $type)),* }

        /// Where one argument stands.
        #[derive(PartialEq, Eq, Debug)]
        pub enum ArgPlace<'a> { $($(#[$doc])* $kind(&'a mut $type)),* }

        impl ArgPlace<'_> {
            /// Replaces what stands there.
            ///
            /// # Panics
            /// When the value is of another kind.
            pub fn put(self, value: ArgValue) {
                match (self, value) {
                    $((ArgPlace::$kind(place), ArgValue::$kind(value)) => *place = value,)*
                    (place, other) => panic!("{place:?} cannot hold {other:?}"),
                }
            }
        }

        /// One function a kind that takes the value out; used by the generated builders.
        pub(super) mod take {
            use super::*;
            $(
                #[expect(non_snake_case, reason = "named after the kind by the macro")]
                #[inline]
                pub fn $kind(value: ArgValue) -> $type {
                    match value {
                        ArgValue::$kind(value) => value,
                        other => panic!(concat!(stringify!($kind), " wanted, got {:?}"), other),
                    }
                }
            )*
        }
    };
}

kinds! {
    /// A handle by value.
    Handle(Handle),
    /// An array of handles to read; `None` is a NULL pointer.
    Handles(Option<Vec<Handle>>),
    /// A pointer to a handle that is read and may be written; `None` is a NULL pointer.
    Slot(Option<Handle>),
    /// A pointer to a handle that is written; false is a NULL pointer.
    OutHandle(bool),
    /// An array of handles to write, as long as the count says; false is a NULL pointer.
    OutHandles(bool),
    /// A structure or an array of structures to write; false is a NULL pointer.
    Out(bool),
    /// A pointer to a number that is written; false is a NULL pointer.
    OutWord(bool),
    /// A pointer that is written with a direct pointer; false is a NULL pointer.
    OutPointer(bool),
    /// A number by value.
    Word(u32),
    /// A pointer to a number that is read and written; `None` is a NULL pointer.
    Count(Option<u32>),
    /// An address to read.
    Address(Option<NetAddress>),
    /// Sixteen bytes by value.
    Ipv6([u8; 16]),
    /// Who a client is, to read.
    Entity(Option<EntityInfo>),
    /// Exported methods, one element an entry, true where it is not NULL; `None` is NULL.
    Methods(Option<Vec<bool>>),
    /// Whether an event callback is given.
    Callback(bool),
    /// A next hop to read.
    NextHop(Option<NextHopInfo>),
    /// A route to read.
    Route(Option<RouteInfo>),
    /// A route to read and to write.
    RouteSlot(Option<RouteInfo>),
    /// Destinations to read, one behind the other.
    Dests(Option<DestInfos>),
    /// Input of a method.
    Input(Option<MethodInput>),
    /// A pointer-sized value that is passed on.
    Context(u64),
}

/// One function a kind: the value that the caller left in an output, if it gave a pointer.
#[expect(non_snake_case, reason = "named after the kinds, for the macro of the calls")]
pub(super) mod output {
    use super::*;

    macro_rules! none {
        ($($kind:ident($type:ty))*) => {$(
            #[inline]
            pub fn $kind(_: &$type) -> Option<u64> {
                None
            }
        )*};
    }

    none! {
        Handle(Handle) Handles(Option<Vec<Handle>>) Word(u32) Address(Option<NetAddress>)
        Ipv6([u8; 16]) Entity(Option<EntityInfo>) Methods(Option<Vec<bool>>) Callback(bool)
        NextHop(Option<NextHopInfo>) Route(Option<RouteInfo>) Dests(Option<DestInfos>)
        Input(Option<MethodInput>) Context(u64) RouteSlot(Option<RouteInfo>)
    }

    macro_rules! given {
        ($($kind:ident)*) => {$(
            #[inline]
            pub fn $kind(given: &bool) -> Option<u64> {
                given.then_some(0)
            }
        )*};
    }

    given! { OutHandle OutHandles Out OutWord OutPointer }

    #[inline]
    pub fn Slot(slot: &Option<Handle>) -> Option<u64> {
        slot.map(|handle| handle.0)
    }

    #[inline]
    pub fn Count(count: &Option<u32>) -> Option<u64> {
        count.map(u64::from)
    }
}
