//! What a caller gave: C arguments, and the `Call` that they make.
//!
//! Invariants: a pointer is followed only if it is not NULL; of an array exactly as many elements
//! are read as the count beside it says, of a route exactly as many next hops as it says.
//!
//! Not here: what is written back; see [`crate::outputs`].

use std::ffi::c_void;
use std::mem::offset_of;

use rtm_abi::constants::RTM_MAX_VIEWS;
use rtm_abi::layout::{
    BASIC_DEST_INFO_SIZE, DEST_VIEW_INFO_SIZE, METHOD_INPUT_DATA_OFFSET, size_of_dest_info,
};
use rtm_abi::types::{self as c, EventCallback};
use rtm_sim::engine::Operation;
use rtm_sim::vocabulary::argument::{ArgValue, MethodInput};
use rtm_sim::vocabulary::constants::MatchFlags;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::structures::{
    DestInfo, DestInfos, DestViewInfo, EntityInfo, NetAddress, NextHopInfo, RouteInfo,
};

use crate::memory::{Shape, address_from_c};

/// Entries of a method array that are looked at; a longer one is refused whatever it holds.
pub(crate) const METHODS_MAX: u32 = 32;

/// A C argument, as far as more than the call needs to know of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw {
    /// A number.
    Word(u32),
    /// A handle.
    Handle(Handle),
    /// A function to call back.
    Callback(EventCallback),
    /// Bytes or a value that is passed on.
    Plain,
    /// A pointer, and what it leads to.
    Pointer(*mut u8, Shape),
}

impl From<u8> for Raw {
    fn from(number: u8) -> Raw {
        Raw::Word(u32::from(number))
    }
}

impl From<u32> for Raw {
    fn from(number: u32) -> Raw {
        Raw::Word(number)
    }
}

impl From<i32> for Raw {
    fn from(number: i32) -> Raw {
        Raw::Word(number as u32)
    }
}

impl From<c::In6Addr> for Raw {
    fn from(_: c::In6Addr) -> Raw {
        Raw::Plain
    }
}

impl From<EventCallback> for Raw {
    fn from(callback: EventCallback) -> Raw {
        Raw::Callback(callback)
    }
}

impl From<*mut c_void> for Raw {
    fn from(_: *mut c_void) -> Raw {
        Raw::Plain
    }
}

/// Reading a C argument as a field of a `Call`: which reading is meant follows from the types of
/// both.
pub(crate) trait Load<T> {
    /// The value; `before` is the argument before this one, if that is a number: the count of an
    /// array, the flags that say which criteria of a route are looked at.
    ///
    /// # Safety
    /// A pointer is NULL or leads to what the function reads there.
    unsafe fn load(self, before: Option<u32>) -> T;
}

macro_rules! load {
    ($($type:ty => $target:ty: |$argument:ident, $before:ident| $value:expr;)*) => {$(
        impl Load<$target> for $type {
            #[inline]
            unsafe fn load(self, $before: Option<u32>) -> $target {
                let $argument = self;
                $value
            }
        }
    )*};
}

load! {
    u32 => u32: |number, _before| number;
    // Any value but 0 is TRUE, and the model looks no closer.
    i32 => u32: |number, _before| number as u32;
    u8 => u32: |number, _before| u32::from(number);
    c::In6Addr => [u8; 16]: |address, _before| address.bytes;
    EventCallback => bool: |callback, _before| callback.is_some();
    *mut c_void => u64: |context, _before| context as u64;
}

/// Reads what a pointer leads to; `None` for NULL.
macro_rules! load_pointer {
    ($($type:ty => $target:ty: |$at:ident, $before:ident| $value:expr;)*) => {$(
        impl Load<Option<$target>> for $type {
            #[inline]
            unsafe fn load(self, $before: Option<u32>) -> Option<$target> {
                if self.is_null() {
                    return None;
                }
                let $at = self.cast::<u8>();
                // SAFETY: the pointer is not NULL, and the caller vouches for the rest.
                Some(unsafe { $value })
            }
        }
    )*};
}

load_pointer! {
    *mut u32 => u32: |at, _before| at.cast::<u32>().read_unaligned();
    *const c::NetAddress => NetAddress: |at, _before| {
        address_from_c(at.cast::<c::NetAddress>().read_unaligned())
    };
    *const c::EntityInfo => EntityInfo: |at, _before| entity(at);
    *const c::EntityExportMethods => Vec<bool>: |at, _before| methods(at);
    *const c::EntityMethodInput => MethodInput: |at, _before| input(at);
    *const c::NextHopInfo => NextHopInfo: |at, _before| next_hop(at);
    *const c::RouteInfo => RouteInfo: |at, before| route(at, before);
    *mut c::RouteInfo => RouteInfo: |at, before| route(at, before);
    *const c::DestInfo => DestInfos: |at, before| dests(at, before.unwrap_or(1));
}

macro_rules! handles {
    ($($kind:ident)*) => {$(
        impl From<c::$kind> for Raw {
            fn from(handle: c::$kind) -> Raw {
                Raw::Handle(Handle(handle.0 as u64))
            }
        }

        impl From<*const c::$kind> for Raw {
            fn from(pointer: *const c::$kind) -> Raw {
                Raw::Pointer(pointer.cast_mut().cast(), Shape::Handle)
            }
        }

        impl From<*mut c::$kind> for Raw {
            fn from(pointer: *mut c::$kind) -> Raw {
                Raw::Pointer(pointer.cast(), Shape::Handle)
            }
        }

        load! {
            c::$kind => Handle: |handle, _before| Handle(handle.0 as u64);
            *mut c::$kind => bool: |pointer, _before| !pointer.is_null();
        }

        load_pointer! {
            *const c::$kind => Vec<Handle>: |at, before| handles(at, before);
            *mut c::$kind => Handle: |at, _before| handle_at(at, 0);
        }
    )*};
}

handles! {
    Handle EntityHandle DestHandle RouteHandle NextHopHandle EnumHandle RouteListHandle NotifyHandle
}

macro_rules! pointers {
    ($($type:ty => $shape:ident)*) => {$(
        impl From<*const $type> for Raw {
            fn from(pointer: *const $type) -> Raw {
                Raw::Pointer(pointer.cast_mut().cast(), Shape::$shape)
            }
        }

        impl From<*mut $type> for Raw {
            fn from(pointer: *mut $type) -> Raw {
                Raw::Pointer(pointer.cast(), Shape::$shape)
            }
        }

        load! { *mut $type => bool: |pointer, _before| !pointer.is_null(); }
    )*};
}

pointers! {
    u32 => Word
    i32 => Word
    c::In6Addr => Ipv6
    c::NetAddress => Address
    c::RegnProfile => Profile
    c::EntityInfo => Entity
    c::NextHopInfo => NextHop
    c::RouteInfo => Route
    c::DestInfo => Dest
    c::EntityExportMethods => Methods
    c::EntityExportMethod => EntryPoint
    c::EntityMethodInput => Input
    c::EntityMethodOutput => Output
    *mut c::NextHopInfo => Pointer
    *mut c::RouteInfo => Pointer
    *mut c_void => Pointer
}

impl Raw {
    /// The pointer, if it is one and not NULL.
    pub(crate) fn pointer(self) -> Option<*mut u8> {
        match self {
            Raw::Pointer(pointer, _) if !pointer.is_null() => Some(pointer),
            _ => None,
        }
    }

    /// Whether this is the argument that a call holds as `value`, as far as that can be told.
    fn agrees(self, value: &ArgValue) -> bool {
        match (self, value) {
            (Raw::Word(number), ArgValue::Word(held)) => number == *held,
            (Raw::Handle(handle), ArgValue::Handle(held)) => handle == *held,
            (Raw::Word(_) | Raw::Handle(_), _) | (_, ArgValue::Word(_) | ArgValue::Handle(_)) => {
                false
            }
            _ => true,
        }
    }

    /// The handle, if it is one.
    pub(crate) fn handle(self) -> Handle {
        match self {
            Raw::Handle(handle) => handle,
            _ => Handle::NULL,
        }
    }

    /// The number, if it is one.
    pub(crate) fn number(self) -> Option<u32> {
        match self {
            Raw::Word(number) => Some(number),
            _ => None,
        }
    }
}

/// Whether an operation is a call that holds its arguments in the order in which they came.
pub(crate) fn in_order(operation: &Operation, raw: &[Raw]) -> bool {
    let Operation::Call(call) = operation else { return false };
    let arguments = call.arguments();
    arguments.len() == raw.len() && raw.iter().zip(&arguments).all(|(raw, held)| raw.agrees(held))
}

/// # Safety
/// `at` leads to more than `index` handles.
unsafe fn handle_at(at: *const u8, index: usize) -> Handle {
    // SAFETY: the caller vouches for the array.
    Handle(unsafe { at.cast::<usize>().add(index).read_unaligned() } as u64)
}

/// # Safety
/// `at` leads to `count` handles.
unsafe fn handles<H: FromIterator<Handle>>(at: *const u8, count: Option<u32>) -> H {
    // SAFETY: the caller vouches for the array.
    (0..count.unwrap_or(0) as usize).map(|index| unsafe { handle_at(at, index) }).collect()
}

/// # Safety
/// `at` leads to an `RTM_ENTITY_INFO`.
unsafe fn entity(at: *const u8) -> EntityInfo {
    // SAFETY: the caller vouches for the structure.
    let info = unsafe { at.cast::<c::EntityInfo>().read_unaligned() };
    EntityInfo {
        instance: info.rtm_instance_id,
        family: info.address_family,
        protocol: info.entity_id.entity_protocol_id,
        protocol_instance: info.entity_id.entity_instance_id,
    }
}

/// # Safety
/// `at` leads to an `RTM_ENTITY_EXPORT_METHODS` with as many entries as it says.
unsafe fn methods(at: *const u8) -> Vec<bool> {
    const METHODS: usize = offset_of!(c::EntityExportMethods, methods);
    // SAFETY: the caller vouches for the structure. An entry is read as the number that its
    // pointer is, so that no value is wrong.
    unsafe {
        let count = at.cast::<u32>().read_unaligned();
        if METHODS_MAX < count {
            return vec![false; METHODS_MAX as usize + 1];
        }
        let entries = at.add(METHODS).cast::<usize>();
        (0..count as usize).map(|index| entries.add(index).read_unaligned() != 0).collect()
    }
}

/// # Safety
/// `at` leads to an `RTM_ENTITY_METHOD_INPUT` with as much data as it says.
unsafe fn input(at: *const u8) -> MethodInput {
    // SAFETY: the caller vouches for the structure; what stands before the data is two numbers.
    unsafe {
        let method_type = at.cast::<u32>().read_unaligned();
        let size = at.cast::<u32>().add(1).read_unaligned() as usize;
        let data = at.add(METHOD_INPUT_DATA_OFFSET);
        MethodInput { method_type, data: (0..size).map(|index| data.add(index).read()).collect() }
    }
}

/// # Safety
/// `at` leads to an `RTM_NEXTHOP_INFO`.
unsafe fn next_hop(at: *const u8) -> NextHopInfo {
    // SAFETY: the caller vouches for the structure.
    let info = unsafe { at.cast::<c::NextHopInfo>().read_unaligned() };
    NextHopInfo {
        address: address_from_c(info.next_hop_address),
        owner: Handle(info.next_hop_owner.0 as u64),
        interface: info.interface_index,
        state: info.state,
        flags: info.flags,
        entity_specific_info: info.entity_specific_info as u64,
        remote_next_hop: Handle(info.remote_next_hop.0 as u64),
    }
}

/// A route. Where criteria do not ask for its next hops, a caller need not have set their number,
/// and they are not looked at.
///
/// # Safety
/// `at` leads to an `RTM_ROUTE_INFO` with as many next hops as it says.
unsafe fn route(at: *const u8, criteria: Option<u32>) -> RouteInfo {
    const FIRST: usize = rtm_abi::layout::ROUTE_NEXT_HOPS_OFFSET;
    // SAFETY: the caller vouches for the structure. The declared one has a place for one next
    // hop, which a route without next hops need not have, so only what stands before is read.
    unsafe {
        let mut fixed = std::mem::MaybeUninit::<c::RouteInfo>::zeroed();
        std::ptr::copy_nonoverlapping(at, fixed.as_mut_ptr().cast::<u8>(), FIRST);
        let info = fixed.assume_init();
        let wanted = criteria.is_none_or(|flags| MatchFlags(flags).has(MatchFlags::NEXTHOP));
        let count = if wanted { info.next_hops_list.num_next_hops } else { 0 };
        RouteInfo {
            dest: Handle(info.dest_handle.0 as u64),
            owner: Handle(info.route_owner.0 as u64),
            neighbour: Handle(info.neighbour.0 as u64),
            state: info.state,
            flags1: info.flags1,
            flags: info.flags,
            metric: info.pref_info.metric,
            preference: info.pref_info.preference,
            views: info.belongs_to_views,
            entity_specific_info: info.entity_specific_info as u64,
            next_hops: handles(at.add(FIRST), Some(u32::from(count))),
        }
    }
}

/// # Safety
/// `at` leads to `count` structures, one behind the other, each as long as its `NumberOfViews`
/// makes it.
#[inline]
unsafe fn dests(at: *const u8, count: u32) -> DestInfos {
    let mut at = at;
    let mut found = DestInfos::new();
    for _ in 0..count {
        // SAFETY: the caller vouches for the structures; the length of each leads to the next.
        unsafe {
            found.push(dest(at));
            at = at.add(size_of_dest_info(views(at)));
        }
    }
    found
}

/// The number of view elements of a structure. No table has more views than `RTM_MAX_VIEWS`; a
/// larger number is not one that was written here.
///
/// # Safety
/// `at` leads to an `RTM_DEST_INFO`.
#[inline]
unsafe fn views(at: *const u8) -> usize {
    const NUMBER: usize = offset_of!(c::DestInfo, number_of_views);
    // SAFETY: the caller vouches for the structure.
    unsafe { at.add(NUMBER).cast::<u32>().read_unaligned() }.min(RTM_MAX_VIEWS) as usize
}

/// # Safety
/// `at` leads to an `RTM_DEST_INFO` as long as its `NumberOfViews` makes it.
#[inline]
unsafe fn dest(at: *const u8) -> DestInfo {
    type T = c::DestInfo;
    // SAFETY: the caller vouches for the structure. One without views ends before the declared
    // view element, so its members are read one by one.
    unsafe {
        let element = |index: usize| {
            let at = at.add(BASIC_DEST_INFO_SIZE + index * DEST_VIEW_INFO_SIZE);
            let view = at.cast::<c::DestViewInfo>().read_unaligned();
            DestViewInfo {
                view: view.view_id as u32,
                num_routes: view.num_routes,
                route: Handle(view.route.0 as u64),
                owner: Handle(view.owner.0 as u64),
                flags: view.dest_flags,
                hold_route: Handle(view.hold_route.0 as u64),
            }
        };
        let address = at.add(offset_of!(T, dest_address)).cast::<c::NetAddress>();
        let changed = at.add(offset_of!(T, last_changed)).cast::<c::FileTime>();
        let belongs = at.add(offset_of!(T, belongs_to_views)).cast::<u32>();
        DestInfo {
            dest: handle_at(at.add(offset_of!(T, dest_handle)), 0),
            address: address_from_c(address.read_unaligned()),
            last_changed: changed.read_unaligned().ticks(),
            belongs_to_views: belongs.read_unaligned(),
            views: (0..views(at)).map(element).collect(),
        }
    }
}
